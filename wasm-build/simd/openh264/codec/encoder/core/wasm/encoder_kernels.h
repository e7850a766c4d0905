// SPDX-License-Identifier: BSD-2-Clause
// The functions that register the encoder's kernels.
#ifndef WELS_WASM_ENCODER_KERNELS_H__
#define WELS_WASM_ENCODER_KERNELS_H__

#include "wels_func_ptr_def.h"

namespace WelsEnc {
void WelsInitSampleSadFunc_wasm (SWelsFuncPtrList* pFuncList);
void WelsInitIntraSadFuncs_wasm (SWelsFuncPtrList* pFuncList);
void WelsInitEncodingFuncs_wasm (SWelsFuncPtrList* pFuncList);
void WelsInitDctFuncs_wasm (SWelsFuncPtrList* pFuncList);
void WelsInitQuantFuncs_wasm (SWelsFuncPtrList* pFuncList);
void WelsInitScanFuncs_wasm (SWelsFuncPtrList* pFuncList);
void WelsInitReconstructionFuncs_wasm (SWelsFuncPtrList* pFuncList);
void WelsInitIntraPredFuncs_wasm (SWelsFuncPtrList* pFuncList);
void InitSetMemZero_wasm (SWelsFuncPtrList* pFuncList);
void InitCoeffFunc_wasm (SWelsFuncPtrList* pFuncList);
}

#endif
