#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "CJPEG.h"

#include <jerror.h>
#include <jpeglib.h>

// More scans than any real progressive file has; each costs a pass over all coefficients, so a
// small hostile file could otherwise keep a core busy for hours.
enum { MAXIMUM_SCANS = 500, ROWS_PER_CALL = 16 };

struct cjpeg_decoder {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_source_mgr source;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  const uint8_t *end;
  uint8_t *scratch;
  size_t scratch_size;
  char message[JMSG_LENGTH_MAX];
};

static cjpeg_decoder *owner(j_common_ptr info) { return (cjpeg_decoder *)info->client_data; }

static void on_error(j_common_ptr info) {
  cjpeg_decoder *decoder = owner(info);
  info->err->format_message(info, decoder->message);
  longjmp(decoder->escape, 1);
}

static void on_message(j_common_ptr info) { (void)info; }

// The source holds the whole file, so running dry means a truncated one. Suspending, instead of
// feeding a made-up end marker as libjpeg's own memory source does, is what tells the two apart.
static boolean fill_input(j_decompress_ptr info) {
  (void)info;
  return FALSE;
}

static void skip_input(j_decompress_ptr info, long count) {
  struct jpeg_source_mgr *source = info->src;
  if (count <= 0) return;
  size_t skipped = (size_t)count < source->bytes_in_buffer ? (size_t)count : source->bytes_in_buffer;
  source->next_input_byte += skipped;
  source->bytes_in_buffer -= skipped;
  // A segment that reaches past the end: nothing after it can be read.
  if (skipped < (size_t)count) source->bytes_in_buffer = 0;
}

static void no_source_action(j_decompress_ptr info) { (void)info; }

static void check_scans(j_common_ptr info) {
  if (info->is_decompressor && ((j_decompress_ptr)info)->input_scan_number > MAXIMUM_SCANS) {
    cjpeg_decoder *decoder = owner(info);
    snprintf(decoder->message, sizeof decoder->message, "more than %d scans", MAXIMUM_SCANS);
    longjmp(decoder->escape, 1);
  }
}

// Makes the libjpeg object anew. Aborting and reusing it would be a little cheaper, but it keeps the
// quantization and Huffman tables, and a damaged file that lost its own would silently be decoded
// with those of the image before it.
static void renew(cjpeg_decoder *decoder) {
  jpeg_destroy_decompress(&decoder->info);
  jpeg_create_decompress(&decoder->info);
  decoder->info.src = &decoder->source;
  decoder->info.progress = &decoder->progress;
}

cjpeg_decoder *cjpeg_decoder_create(void) {
  cjpeg_decoder *decoder = calloc(1, sizeof *decoder);
  if (!decoder) return NULL;
  decoder->info.err = jpeg_std_error(&decoder->errors);
  decoder->errors.error_exit = on_error;
  decoder->errors.output_message = on_message;
  decoder->info.client_data = decoder;
  decoder->source.init_source = no_source_action;
  decoder->source.fill_input_buffer = fill_input;
  decoder->source.skip_input_data = skip_input;
  decoder->source.resync_to_restart = jpeg_resync_to_restart;
  decoder->source.term_source = no_source_action;
  decoder->progress.progress_monitor = check_scans;
  if (setjmp(decoder->escape)) {
    jpeg_destroy_decompress(&decoder->info);
    free(decoder);
    return NULL;
  }
  renew(decoder);
  return decoder;
}

void cjpeg_decoder_destroy(cjpeg_decoder *decoder) {
  if (!decoder) return;
  jpeg_destroy_decompress(&decoder->info);
  free(decoder->scratch);
  free(decoder);
}

cjpeg_status cjpeg_decoder_begin(cjpeg_decoder *decoder, const uint8_t *bytes, size_t count,
                                 size_t readable, cjpeg_header *header) {
  j_decompress_ptr info = &decoder->info;
  if (setjmp(decoder->escape))
    return decoder->errors.msg_code == JERR_IMAGE_TOO_BIG ? CJPEG_TOO_LARGE : CJPEG_REFUSED;
  renew(decoder);

  decoder->source.next_input_byte = bytes;
  decoder->source.bytes_in_buffer = readable;
  decoder->end = bytes + count;
  int found;
  // A stream may carry tables alone before the image.
  while ((found = jpeg_read_header(info, FALSE)) == JPEG_HEADER_TABLES_ONLY) {
  }
  if (found == JPEG_SUSPENDED) return CJPEG_TRUNCATED;

  header->width = info->image_width;
  header->height = info->image_height;
  header->file_channels = info->num_components;
  header->row_channels = info->num_components == 4 ? 4 : 3;
  info->out_color_space = info->num_components == 4 ? JCS_CMYK : JCS_RGB;
  return CJPEG_OK;
}

cjpeg_status cjpeg_decoder_read(cjpeg_decoder *decoder, uint8_t *pixels, size_t stride) {
  j_decompress_ptr info = &decoder->info;
  if (setjmp(decoder->escape)) return CJPEG_REFUSED;
  if (!jpeg_start_decompress(info)) return CJPEG_TRUNCATED;

  JSAMPROW rows[ROWS_PER_CALL];
  while (info->output_scanline < info->output_height) {
    JDIMENSION wanted = info->output_height - info->output_scanline;
    if (wanted > ROWS_PER_CALL) wanted = ROWS_PER_CALL;
    for (JDIMENSION i = 0; i < wanted; i++)
      rows[i] = pixels + (size_t)(info->output_scanline + i) * stride;
    if (jpeg_read_scanlines(info, rows, wanted) == 0) return CJPEG_TRUNCATED;
  }
  // All rows are there, so bytes missing after them do no harm; an error there is still an error.
  jpeg_finish_decompress(info);
  return CJPEG_OK;
}

cjpeg_status cjpeg_decoder_discard(cjpeg_decoder *decoder) {
  size_t stride = (size_t)decoder->info.image_width * 4;
  size_t size = stride * decoder->info.image_height;
  if (size > decoder->scratch_size) {
    uint8_t *scratch = realloc(decoder->scratch, size);
    if (!scratch) return CJPEG_REFUSED;
    decoder->scratch = scratch;
    decoder->scratch_size = size;
  }
  return cjpeg_decoder_read(decoder, decoder->scratch, stride);
}

int cjpeg_decoder_overran(const cjpeg_decoder *decoder) {
  return decoder->source.next_input_byte > decoder->end;
}

const char *cjpeg_decoder_message(const cjpeg_decoder *decoder) { return decoder->message; }
