#include <cpuid.h>
#include <immintrin.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CTiles.h"

// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, chapter 18: a tile has up
// to 16 rows of 64 bytes; palette 1 has eight of them.
enum { TILE_ROWS = 16, TILE_BYTES = 64, BLOCK = 32 };

// What LDTILECFG reads.
struct tile_config {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} __attribute__((packed, aligned(64)));

int tiles_are_available(void) {
  unsigned a, b, c, d;
  // Leaf 7: EDX bit 22 is AMX-BF16, bit 24 AMX-TILE.
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  if (!(d >> 22 & 1) || !(d >> 24 & 1)) return 0;
  // Linux hands out the 8 KiB of tile state on request (arch_prctl(2), ARCH_REQ_XCOMP_PERM); it
  // refuses where a thread's signal stack is too small for them.
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

// Tiles 0 to 3 are sums, 4 and 5 rows of left, 6 and 7 columns of right. `rows` of left, 1 to 32,
// are those of tiles 4 and 5 together.
__attribute__((target("amx-tile"))) static void configure(int rows) {
  struct tile_config config;
  memset(&config, 0, sizeof config);
  const int upper = rows < TILE_ROWS ? rows : TILE_ROWS;
  const int lower = rows > TILE_ROWS ? rows - TILE_ROWS : TILE_ROWS;
  const uint8_t heights[8] = {upper, upper, lower, lower, upper, lower, TILE_ROWS, TILE_ROWS};
  config.palette = 1;
  for (int i = 0; i < 8; i++) {
    config.row_bytes[i] = TILE_BYTES;
    config.rows[i] = heights[i];
  }
  _tile_loadconfig(&config);
}

// A block of more than 16 rows, by 32 columns.
__attribute__((target("amx-tile,amx-bf16"))) static void
two_rows_of_tiles(const struct tile_shape *s, const void *const *left, const void *const *right,
                  float *out, int row, int column, int64_t count) {
  float *upper = out + (size_t)row * s->out_stride + column;
  float *lower = upper + (size_t)TILE_ROWS * s->out_stride;
  const size_t out_bytes = (size_t)s->out_stride * sizeof(float);
  const size_t left_bytes = (size_t)s->left_stride * 2, right_bytes = (size_t)s->right_stride * 4;
  if (s->accumulate) {
    _tile_loadd(0, upper, out_bytes);
    _tile_loadd(1, upper + 16, out_bytes);
    _tile_loadd(2, lower, out_bytes);
    _tile_loadd(3, lower + 16, out_bytes);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (int64_t i = 0; i < count; i++) {
    const char *a = (const char *)left[i] + (size_t)row * left_bytes;
    const char *b = (const char *)right[i] + (size_t)column * 4;
    for (int k = 0; k < s->depth; k += BLOCK) {
      _tile_loadd(4, a, left_bytes);
      _tile_loadd(5, a + TILE_ROWS * left_bytes, left_bytes);
      _tile_loadd(6, b, right_bytes);
      _tile_loadd(7, b + TILE_BYTES, right_bytes);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
      a += TILE_BYTES;
      b += (BLOCK / 2) * right_bytes;
    }
  }
  _tile_stored(0, upper, out_bytes);
  _tile_stored(1, upper + 16, out_bytes);
  _tile_stored(2, lower, out_bytes);
  _tile_stored(3, lower + 16, out_bytes);
}

// A block of at most 16 rows, by 32 columns.
__attribute__((target("amx-tile,amx-bf16"))) static void
one_row_of_tiles(const struct tile_shape *s, const void *const *left, const void *const *right,
                 float *out, int row, int column, int64_t count) {
  float *target = out + (size_t)row * s->out_stride + column;
  const size_t out_bytes = (size_t)s->out_stride * sizeof(float);
  const size_t left_bytes = (size_t)s->left_stride * 2, right_bytes = (size_t)s->right_stride * 4;
  if (s->accumulate) {
    _tile_loadd(0, target, out_bytes);
    _tile_loadd(1, target + 16, out_bytes);
  } else {
    _tile_zero(0);
    _tile_zero(1);
  }
  for (int64_t i = 0; i < count; i++) {
    const char *a = (const char *)left[i] + (size_t)row * left_bytes;
    const char *b = (const char *)right[i] + (size_t)column * 4;
    for (int k = 0; k < s->depth; k += BLOCK) {
      _tile_loadd(4, a, left_bytes);
      _tile_loadd(6, b, right_bytes);
      _tile_loadd(7, b + TILE_BYTES, right_bytes);
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
      a += TILE_BYTES;
      b += (BLOCK / 2) * right_bytes;
    }
  }
  _tile_stored(0, target, out_bytes);
  _tile_stored(1, target + 16, out_bytes);
}

__attribute__((target("amx-tile"))) void tiles_multiply(const struct tile_shape *shape,
                                                        const void *const *left,
                                                        const void *const *right, float *out,
                                                        int64_t count) {
  const int whole = shape->rows / BLOCK * BLOCK, rest = shape->rows - whole;
  // The tiles' shapes are set and given back in every call: it costs no time that was measured, and
  // leaves nothing behind in a thread.
  if (whole > 0) {
    configure(BLOCK);
    for (int column = 0; column < shape->columns; column += BLOCK)
      for (int row = 0; row < whole; row += BLOCK)
        two_rows_of_tiles(shape, left, right, out, row, column, count);
  }
  if (rest > 0) {
    configure(rest);
    for (int column = 0; column < shape->columns; column += BLOCK) {
      if (rest > TILE_ROWS)
        two_rows_of_tiles(shape, left, right, out, whole, column, count);
      else
        one_row_of_tiles(shape, left, right, out, whole, column, count);
    }
  }
  _tile_release();
}
