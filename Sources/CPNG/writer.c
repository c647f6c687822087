#include "CPNG.h"

#include <string.h>

#include <png.h>

int cpng_write_rgb(const uint8_t *pixels, uint32_t width, uint32_t height, void *bytes,
                   size_t *count, char message[CPNG_MESSAGE_SIZE]) {
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
