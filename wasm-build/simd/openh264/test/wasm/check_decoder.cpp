// SPDX-License-Identifier: BSD-2-Clause
// Checks the decoder's kernels.
#include "check.h"
#include "decoder_kernels.h"

namespace WelsDec {
void IdctResAddPred_c (uint8_t* pPred, const int32_t kiStride, int16_t* pRs);
}

void CheckDecoder() {
  Pictures out;
  alignas (16) int16_t coefficients[16];
  FillCoefficients (coefficients, 16);
  WelsDec::IdctResAddPred_c (out.expected.Block(), Picture::kStride, coefficients);
  WelsDec::IdctResAddPred_wasm (out.found.Block(), Picture::kStride, coefficients);
  out.Compare ("pIdctResAddPredFunc");
}
