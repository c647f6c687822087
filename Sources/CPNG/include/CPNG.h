// Makes zlib (which libpng brings) and the error-returning part of libpng importable. The functions
// of libpng that may longjmp are not used.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <png.h>
#include <zlib.h>

/// A z_stream ready for `inflate`, or null when memory is short. zlib offers this step only as a
/// macro over the version and size of the structure.
z_stream *cpng_inflate_create(void);
void cpng_inflate_destroy(z_stream *stream);

/// Encodes interleaved 8-bit RGB. With null `bytes`, only sets `count` to the memory it can need at
/// most; else writes and sets `count` to the bytes written. Returns 0, or 1 with `message` filled.
int cpng_write_rgb(const uint8_t *pixels, uint32_t width, uint32_t height, void *bytes,
                   size_t *count, char message[64]);
