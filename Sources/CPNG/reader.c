#include "CPNG.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <png.h>
#include <zlib.h>

// Pillow hands zlib blocks of this size; damaged data fails at the same row only with the same ones.
enum { BLOCK_SIZE = 65536, CHUNK_OVERHEAD = 12, SIGNATURE_SIZE = 8 };

// One image on its way. It is not local to the function that calls setjmp, so that its members have
// their values after a longjmp.
typedef struct {
  png_structp png;
  png_infop info;
  const uint8_t *next;
  size_t left;
  uint32_t width, height;
  unsigned bits_per_pixel;
  int is_clipped_gray;
  // Rows of all passes that are not decoded yet, and what the decoded ones were inflated from.
  uint64_t rows_left;
  uint64_t bytes_used, bytes_in_all;
  char *message;
} reading;

static void on_error(png_structp png, png_const_charp text) {
  reading *image = png_get_error_ptr(png);
  snprintf(image->message, CPNG_MESSAGE_SIZE, "%s", text);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void take_bytes(png_structp png, png_bytep target, size_t count) {
  reading *image = png_get_io_ptr(png);
  if (count > image->left) png_error(png, "the file ends early");
  memcpy(target, image->next, count);
  image->next += count;
  image->left -= count;
}

static uint64_t row_size(const reading *image, uint64_t width) {
  return 1 + (width * image->bits_per_pixel + 7) / 8;
}

// Sees every decoded row, last of all transformations: counts it, and turns 16-bit gray to RGB as
// Pillow does, which keeps the 16 bits and then makes everything above 255 white.
static void after_row(png_structp png, png_row_infop row, png_bytep data) {
  reading *image = png_get_io_ptr(png);
  image->rows_left--;
  image->bytes_used += row_size(image, row->width);
  if (!image->is_clipped_gray) return;
  // From the end, because three bytes take the place of two.
  for (size_t i = row->width; i-- > 0;) {
    uint8_t level = data[2 * i] == 0 ? data[2 * i + 1] : 255;
    data[3 * i] = data[3 * i + 1] = data[3 * i + 2] = level;
  }
}

static void count_rows(reading *image, int passes) {
  for (int pass = 0; pass < passes; pass++) {
    uint64_t rows = passes == 1 ? image->height : PNG_PASS_ROWS((uint64_t)image->height, pass);
    uint64_t columns = passes == 1 ? image->width : PNG_PASS_COLS((uint64_t)image->width, pass);
    if (columns == 0) continue;
    image->rows_left += rows;
    image->bytes_in_all += rows * row_size(image, columns);
  }
}

static void choose_transformations(reading *image) {
  png_structp png = image->png;
  int depth = png_get_bit_depth(png, image->info);
  int color = png_get_color_type(png, image->info);
  image->bits_per_pixel = depth * png_get_channels(png, image->info);
  image->is_clipped_gray = depth == 16 && color == PNG_COLOR_TYPE_GRAY;
  png_set_read_user_transform_fn(png, after_row);
  if (image->is_clipped_gray) {
    png_set_user_transform_info(png, NULL, 8, 3);
    return;
  }
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (color == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  // The high bytes, as in Pillow.
  if (depth == 16) png_set_strip_16(png);
  if (color & PNG_COLOR_MASK_ALPHA) png_set_strip_alpha(png);
  if (!(color & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(png);
}

// 1 where libpng had nothing against the image.
static int read_rows(reading *image, uint8_t *pixels, size_t stride) {
  png_structp png = image->png;
  if (setjmp(png_jmpbuf(png))) return 0;
  png_set_read_fn(png, image, take_bytes);
  png_set_user_limits(png, image->width, image->height);
  png_set_chunk_malloc_max(png, 1 << 20);
  png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_QUIET_USE);
  png_set_benign_errors(png, 1);
  // Some writers announce a smaller window than they use.
  png_set_option(png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
  png_set_compression_buffer_size(png, BLOCK_SIZE);
  png_read_info(png, image->info);
  choose_transformations(image);
  int passes = png_set_interlace_handling(png);
  count_rows(image, passes);
  png_read_update_info(png, image->info);
  if (png_get_rowbytes(png, image->info) != (size_t)image->width * 3)
    png_error(png, "a row has an unexpected size");
  for (int pass = 0; pass < passes; pass++)
    for (uint32_t y = 0; y < image->height; y++) png_read_row(png, pixels + y * stride, NULL);
  return 1;
}

// Inflates the image data for its size alone, up to `limit` bytes. Returns zlib's last code.
static int measure(const uint8_t *bytes, size_t count, uint64_t limit, uint64_t *size) {
  uint8_t dropped[1 << 14];
  z_stream stream = {0};
  if (inflateInit(&stream) != Z_OK) return Z_MEM_ERROR;
  int code = Z_OK;
  size_t length;
  for (size_t at = SIGNATURE_SIZE; code == Z_OK && at + CHUNK_OVERHEAD <= count;
       at += length + CHUNK_OVERHEAD) {
    length = (size_t)bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3];
    if (length > count - at - CHUNK_OVERHEAD) break;
    if (memcmp(bytes + at + 4, "IDAT", 4) != 0 || length == 0) continue;
    for (size_t from = 0; from < length && code == Z_OK; from += BLOCK_SIZE) {
      uLong before = stream.total_out;
      stream.next_in = (Bytef *)(bytes + at + 8 + from);
      stream.avail_in = (uInt)(length - from < BLOCK_SIZE ? length - from : BLOCK_SIZE);
      do {
        stream.next_out = dropped;
        stream.avail_out = sizeof dropped;
        code = inflate(&stream, Z_NO_FLUSH);
      } while (code == Z_OK && stream.avail_out == 0 && stream.total_out <= limit);
      // Nothing more to do with these bytes; or an end that Pillow, which stops at the end of a row,
      // does not see before it asks for the next one.
      if (code == Z_BUF_ERROR || (code == Z_STREAM_END && stream.total_out == before)) code = Z_OK;
    }
    if (stream.total_out > limit) break;
  }
  *size = stream.total_out;
  inflateEnd(&stream);
  return code;
}

cpng_status cpng_read_rgb(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                          uint8_t *pixels, size_t stride, char message[CPNG_MESSAGE_SIZE]) {
  reading image = {.next = bytes, .left = count, .width = width, .height = height,
                   .message = message};
  snprintf(message, CPNG_MESSAGE_SIZE, "out of memory");
  image.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &image, on_error, on_warning);
  if (!image.png) return CPNG_REFUSED;
  image.info = png_create_info_struct(image.png);
  int is_whole = image.info && read_rows(&image, pixels, stride);
  png_destroy_read_struct(&image.png, &image.info, NULL);
  // With all rows there, an error is one of what follows them.
  if (is_whole || (image.bytes_in_all > 0 && image.rows_left == 0)) return CPNG_OK;

  uint64_t size = 0;
  int code = measure(bytes, count, image.bytes_in_all, &size);
  if (code == Z_STREAM_END && size > 0 && size == image.bytes_used) return CPNG_OK;
  int is_sound = code == Z_OK || code == Z_STREAM_END;
  return is_sound && image.bytes_in_all > 0 && size < image.bytes_in_all ? CPNG_TRUNCATED
                                                                         : CPNG_REFUSED;
}
