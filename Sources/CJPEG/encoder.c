#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include "CJPEG.h"

#include <jpeglib.h>

struct cjpeg_encoder {
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr errors;
  struct jpeg_destination_mgr destination;
  jmp_buf escape;
  uint8_t *output;
  size_t capacity;
  char message[JMSG_LENGTH_MAX];
};

static void on_error(j_common_ptr info) {
  cjpeg_encoder *encoder = (cjpeg_encoder *)info->client_data;
  info->err->format_message(info, encoder->message);
  longjmp(encoder->escape, 1);
}

static void on_message(j_common_ptr info) { (void)info; }

static void begin_output(j_compress_ptr info) {
  cjpeg_encoder *encoder = (cjpeg_encoder *)info->client_data;
  info->dest->next_output_byte = encoder->output;
  info->dest->free_in_buffer = encoder->capacity;
}

static boolean grow_output(j_compress_ptr info) {
  cjpeg_encoder *encoder = (cjpeg_encoder *)info->client_data;
  // libjpeg calls this with the buffer full, whatever next_output_byte says.
  size_t used = encoder->capacity;
  uint8_t *output = realloc(encoder->output, used * 2);
  if (!output) {
    snprintf(encoder->message, sizeof encoder->message, "out of memory");
    longjmp(encoder->escape, 1);
  }
  encoder->output = output;
  encoder->capacity = used * 2;
  info->dest->next_output_byte = output + used;
  info->dest->free_in_buffer = used;
  return TRUE;
}

static void end_output(j_compress_ptr info) { (void)info; }

cjpeg_encoder *cjpeg_encoder_create(void) {
  cjpeg_encoder *encoder = calloc(1, sizeof *encoder);
  if (!encoder) return NULL;
  encoder->capacity = 1 << 16;
  encoder->output = malloc(encoder->capacity);
  encoder->info.err = jpeg_std_error(&encoder->errors);
  encoder->errors.error_exit = on_error;
  encoder->errors.output_message = on_message;
  encoder->info.client_data = encoder;
  if (!encoder->output || setjmp(encoder->escape)) {
    jpeg_destroy_compress(&encoder->info);
    free(encoder->output);
    free(encoder);
    return NULL;
  }
  jpeg_create_compress(&encoder->info);
  encoder->destination.init_destination = begin_output;
  encoder->destination.empty_output_buffer = grow_output;
  encoder->destination.term_destination = end_output;
  encoder->info.dest = &encoder->destination;
  return encoder;
}

void cjpeg_encoder_destroy(cjpeg_encoder *encoder) {
  if (!encoder) return;
  jpeg_destroy_compress(&encoder->info);
  free(encoder->output);
  free(encoder);
}

cjpeg_status cjpeg_encoder_encode(cjpeg_encoder *encoder, const uint8_t *pixels, uint32_t width,
                                  uint32_t height, size_t stride, int quality, int subsample,
                                  const uint8_t **bytes, size_t *count) {
  j_compress_ptr info = &encoder->info;
  jpeg_abort_compress(info);
  if (setjmp(encoder->escape)) return CJPEG_REFUSED;

  info->image_width = width;
  info->image_height = height;
  info->input_components = 3;
  info->in_color_space = JCS_RGB;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, quality, TRUE);
  // The defaults are 4:2:0: the first component sampled twice as often both ways.
  if (!subsample) info->comp_info[0].h_samp_factor = info->comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(info, TRUE);
  while (info->next_scanline < height) {
    // libjpeg does not write through this pointer.
    JSAMPROW row = (JSAMPROW)(pixels + (size_t)info->next_scanline * stride);
    jpeg_write_scanlines(info, &row, 1);
  }
  jpeg_finish_compress(info);
  *bytes = encoder->output;
  *count = encoder->capacity - info->dest->free_in_buffer;
  return CJPEG_OK;
}

const char *cjpeg_encoder_message(const cjpeg_encoder *encoder) { return encoder->message; }
