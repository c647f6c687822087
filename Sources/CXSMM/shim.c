#include "CXSMM.h"
typedef int CXSMM_placeholder;
