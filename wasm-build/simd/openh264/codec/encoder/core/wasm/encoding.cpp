// SPDX-License-Identifier: BSD-2-Clause
// Registers the kernels that take the place of functions of encode_mb_aux.cpp.
#include "encoder_kernels.h"
#include "kernels.h"

namespace WelsEnc {
void WelsInitEncodingFuncs_wasm (SWelsFuncPtrList* pFuncList) {
  pFuncList->pfCopy16x16Aligned = WelsCopy16x16_wasm;
  pFuncList->pfCopy16x16NotAligned = WelsCopy16x16_wasm;
  pFuncList->pfCopy16x8NotAligned = WelsCopy16x8_wasm;
  pFuncList->pfCopy8x16Aligned = WelsCopy8x16_wasm;
  pFuncList->pfCopy8x8Aligned = WelsCopy8x8_wasm;
  WelsInitDctFuncs_wasm (pFuncList);
  WelsInitQuantFuncs_wasm (pFuncList);
  WelsInitScanFuncs_wasm (pFuncList);
}
}
