// SPDX-License-Identifier: BSD-2-Clause
// Kernels of the encoder, and the functions that register them.
#ifndef WELS_WASM_ENCODER_KERNELS_H__
#define WELS_WASM_ENCODER_KERNELS_H__

#include "wels_func_ptr_def.h"

namespace WelsEnc {
void WelsDctT4_wasm (int16_t* pDct, uint8_t* a, int32_t sa, uint8_t* b, int32_t sb);
void WelsDctFourT4_wasm (int16_t* pDct, uint8_t* a, int32_t sa, uint8_t* b, int32_t sb);

void WelsInitSampleSadFunc_wasm (SWelsFuncPtrList* pFuncList);
void WelsInitEncodingFuncs_wasm (SWelsFuncPtrList* pFuncList);
void WelsInitReconstructionFuncs_wasm (SWelsFuncPtrList* pFuncList);
void WelsInitIntraPredFuncs_wasm (SWelsFuncPtrList* pFuncList);
}

#endif
