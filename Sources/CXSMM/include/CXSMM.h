// libxsmm's batch-reduce kernels: JIT-compiled multiplications of small matrices.
//
// A shim, because the kernels' type is a pointer to a function with variable arguments, which Swift
// cannot call, and because libxsmm.h pulls in more of C than Swift's importer should see.
#pragma once

/// A compiled kernel, or NULL. Kernels live as long as the process.
typedef void (*xsmm_kernel)(void);

/// Compiles, or finds, the kernel that adds up A_i * B_i over a batch (column-major, as in BLAS):
/// A is m*k, B is k*n or, where transpose_b is set, n*k, C is m*n. With accumulate, C is added to;
/// without, it is overwritten. NULL where the processor or the shape is not supported.
xsmm_kernel xsmm_find(int m, int n, int k, int lda, int ldb, int ldc, int transpose_b,
                      int accumulate);

/// Runs a kernel over `count` addresses. libxsmm overwrites both arrays of addresses.
void xsmm_run(xsmm_kernel kernel, const void **a, const void **b, float *c,
              unsigned long long count);

/// The same of operands in bfloat16, where k is even and A lies in pairs, [k / 2][m][2]. NULL where
/// the processor has no instruction for it (AVX512-BF16).
xsmm_kernel xsmm_find_bfloat16(int m, int n, int k, int lda, int ldb, int ldc, int accumulate);

/// Runs such a kernel.
void xsmm_run_bfloat16(xsmm_kernel kernel, const void **a, const void **b, float *c,
                       unsigned long long count);

/// The instruction set that kernels are compiled for: "hsw" is AVX2, "skx" and up AVX-512.
const char *xsmm_instruction_set(void);
