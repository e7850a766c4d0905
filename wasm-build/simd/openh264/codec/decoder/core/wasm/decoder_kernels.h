// SPDX-License-Identifier: BSD-2-Clause
// The decoder's kernels.
#ifndef WELS_WASM_DECODER_KERNELS_H__
#define WELS_WASM_DECODER_KERNELS_H__

#include "typedefs.h"

namespace WelsDec {
void IdctResAddPred_wasm (uint8_t* pPred, const int32_t kiStride, int16_t* pRs);
}

#endif
