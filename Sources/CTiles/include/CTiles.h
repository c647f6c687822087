// Batch-reduce products of bfloat16 matrices on the tile unit of x86 processors (AMX-BF16).
//
// In C, because tile registers are named by constants in the instruction, which Swift cannot write.
#pragma once

#include <stdint.h>

/// The shape of a product: out (rows × columns) = Σ left (rows × depth) · right (depth × columns).
///
/// Left matrices are row-major. Right matrices lie in pairs of rows, [depth / 2][columns][2], which
/// is what the instruction reads. Depth and columns are multiples of 32. Strides are elements from
/// a row to the next; of the right matrices, columns.
struct tile_shape {
  int rows, columns, depth;
  int left_stride, right_stride, out_stride;
  int accumulate;
};

/// 1 where the processor has the unit and the system lets this process use it, which is asked for
/// here; else 0.
int tiles_are_available(void);

/// Computes a product over `count` pairs of matrices, in their order.
void tiles_multiply(const struct tile_shape *shape, const void *const *left,
                    const void *const *right, float *out, int64_t count);
