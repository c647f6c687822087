#include "CXSMM.h"

#include <libxsmm.h>

xsmm_kernel xsmm_find(int m, int n, int k, int lda, int ldb, int ldc, int transpose_b,
                      int accumulate) {
  const float alpha = 1, beta = accumulate ? 1 : 0;
  const int flags = transpose_b ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
  return (xsmm_kernel)libxsmm_smmdispatch_reducebatch_addr(m, n, k, &lda, &ldb, &ldc, &alpha, &beta,
                                                           &flags, NULL);
}

void xsmm_run(xsmm_kernel kernel, const float **a, const float **b, float *c,
              unsigned long long count) {
  ((libxsmm_smmfunction_reducebatch_addr)kernel)(a, b, c, &count);
}

const char *xsmm_instruction_set(void) {
  libxsmm_init();
  return libxsmm_get_target_arch();
}
