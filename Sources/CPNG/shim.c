#include "CPNG.h"

#include <stdlib.h>
#include <string.h>

z_stream *cpng_inflate_create(void) {
  z_stream *stream = calloc(1, sizeof *stream);
  if (stream && inflateInit(stream) != Z_OK) {
    free(stream);
    stream = NULL;
  }
  return stream;
}

void cpng_inflate_destroy(z_stream *stream) {
  if (!stream) return;
  inflateEnd(stream);
  free(stream);
}

int cpng_write_rgb(const uint8_t *pixels, uint32_t width, uint32_t height, void *bytes,
                   size_t *count, char message[64]) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = PNG_FORMAT_RGB;
  if (!bytes) {
    *count = PNG_IMAGE_PNG_SIZE_MAX(image);
    return 0;
  }
  png_alloc_size_t size = *count;
  if (!png_image_write_to_memory(&image, bytes, &size, 0, pixels, 0, NULL)) {
    memcpy(message, image.message, sizeof image.message);
    return 1;
  }
  *count = size;
  return 0;
}
