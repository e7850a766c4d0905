// SPDX-License-Identifier: BSD-2-Clause
// The inverse transform: IdctResAddPred_c of decode_mb_aux.cpp.
#include "decoder_kernels.h"
#include "idct.h"

namespace WelsDec {
void IdctResAddPred_wasm (uint8_t* pPred, const int32_t kiStride, int16_t* pRs) {
  idct_add<4> (pPred, kiStride, pPred, kiStride, pRs);
}
}
