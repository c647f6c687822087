#include "CXSMM.h"

#include <libxsmm.h>

xsmm_kernel xsmm_find(int m, int n, int k, int lda, int ldb, int ldc, int transpose_b,
                      int accumulate) {
  const float alpha = 1, beta = accumulate ? 1 : 0;
  const int flags = transpose_b ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  return (xsmm_kernel)libxsmm_smmdispatch_reducebatch_addr(m, n, k, &lda, &ldb, &ldc, &alpha, &beta,
                                                           &flags, NULL);
}

void xsmm_run(xsmm_kernel kernel, const void **a, const void **b, float *c,
              unsigned long long count) {
  ((libxsmm_smmfunction_reducebatch_addr)kernel)((const float **)a, (const float **)b, c, &count);
}

xsmm_kernel xsmm_find_bfloat16(int m, int n, int k, int lda, int ldb, int ldc, int accumulate) {
  // Below, libxsmm hands out kernels that emulate the instruction.
  libxsmm_init();
  if (!__builtin_cpu_supports("avx512bf16") ||
      libxsmm_get_target_archid() < LIBXSMM_X86_AVX512_CPX)
    return NULL;
  const float alpha = 1, beta = accumulate ? 1 : 0;
  const int flags = LIBXSMM_GEMM_FLAG_VNNI_A;
  return (xsmm_kernel)libxsmm_bsmmdispatch_reducebatch_addr(m, n, k, &lda, &ldb, &ldc, &alpha,
                                                            &beta, &flags, NULL);
}

void xsmm_run_bfloat16(xsmm_kernel kernel, const void **a, const void **b, float *c,
                       unsigned long long count) {
  ((libxsmm_bsmmfunction_reducebatch_addr)kernel)((const libxsmm_bfloat16 **)a,
                                                  (const libxsmm_bfloat16 **)b, c, &count);
}

const char *xsmm_instruction_set(void) {
  libxsmm_init();
  return libxsmm_get_target_arch();
}
