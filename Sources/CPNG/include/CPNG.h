// libpng reports an error by calling a function that must not return, so the setjmp that catches it
// has to stand in C. Every function here returns normally, whatever the image holds.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// How reading ended.
typedef enum {
  CPNG_OK = 0,
  /// The image data ends before the last row.
  CPNG_TRUNCATED = 1,
  /// libpng refused; the message says why.
  CPNG_REFUSED = 2,
} cpng_status;

enum { CPNG_MESSAGE_SIZE = 128 };

/// Decodes a PNG of IHDR, PLTE, IDAT and IEND chunks to 8-bit RGB through libpng's low-level reader.
/// Checksums are not asked, gamma and background not applied, alpha is dropped, 16-bit gray is cut
/// off at 255. Data that ends early with a whole row leaves the other rows as they are, as in
/// Pillow.
///
/// - `width`, `height`: what the header says; libpng refuses larger ones.
/// - `pixels`: `height` rows of `3 * width` bytes, `stride` bytes apart.
cpng_status cpng_read_rgb(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height,
                          uint8_t *pixels, size_t stride, char message[CPNG_MESSAGE_SIZE]);

/// Encodes interleaved 8-bit RGB. With null `bytes`, only sets `count` to the memory it can need at
/// most; else writes and sets `count` to the bytes written. Returns 0, or 1 with `message` filled.
int cpng_write_rgb(const uint8_t *pixels, uint32_t width, uint32_t height, void *bytes,
                   size_t *count, char message[CPNG_MESSAGE_SIZE]);
