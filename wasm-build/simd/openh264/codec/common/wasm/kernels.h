// SPDX-License-Identifier: BSD-2-Clause
// Kernels that more than one part of the library calls, and the functions that register them.
#ifndef WELS_WASM_KERNELS_H__
#define WELS_WASM_KERNELS_H__

#include "mc.h"
#include "typedefs.h"

#define FOR_BLOCK_SIZES(SIZE) \
  SIZE (16, 16) SIZE (16, 8) SIZE (8, 16) SIZE (8, 8) SIZE (8, 4) SIZE (4, 8) SIZE (4, 4)

#define SIZE(w, h) \
  int32_t WelsSampleSad##w##x##h##_wasm (uint8_t* a, int32_t sa, uint8_t* b, int32_t sb); \
  void WelsSampleSadFour##w##x##h##_wasm (uint8_t* a, int32_t sa, uint8_t* b, int32_t sb, int32_t* sums);
FOR_BLOCK_SIZES (SIZE)
#undef SIZE

void WelsCopy16x16_wasm (uint8_t* pDst, int32_t iStrideD, uint8_t* pSrc, int32_t iStrideS);
void WelsCopy16x8_wasm (uint8_t* pDst, int32_t iStrideD, uint8_t* pSrc, int32_t iStrideS);
void WelsCopy8x16_wasm (uint8_t* pDst, int32_t iStrideD, uint8_t* pSrc, int32_t iStrideS);
void WelsCopy8x8_wasm (uint8_t* pDst, int32_t iStrideD, uint8_t* pSrc, int32_t iStrideS);

void InitMcFunc_wasm (SMcFunc* pFuncs);

#endif
