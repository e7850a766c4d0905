// SPDX-License-Identifier: BSD-2-Clause
// Deblocking filters, and the functions that register them in the tables of the encoder and the decoder.
#ifndef WELS_WASM_DEBLOCKING_KERNELS_H__
#define WELS_WASM_DEBLOCKING_KERNELS_H__

#include "typedefs.h"

void DeblockLumaLt4V_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc);
void DeblockLumaLt4H_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc);
void DeblockLumaEq4V_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta);
void DeblockLumaEq4H_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta);
void DeblockChromaLt4V_wasm (uint8_t* cb, uint8_t* cr, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc);
void DeblockChromaLt4H_wasm (uint8_t* cb, uint8_t* cr, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc);
void DeblockChromaEq4V_wasm (uint8_t* cb, uint8_t* cr, int32_t stride, int32_t alpha, int32_t beta);
void DeblockChromaEq4H_wasm (uint8_t* cb, uint8_t* cr, int32_t stride, int32_t alpha, int32_t beta);
void DeblockChromaLt4V2_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc);
void DeblockChromaLt4H2_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta, int8_t* tc);
void DeblockChromaEq4V2_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta);
void DeblockChromaEq4H2_wasm (uint8_t* p, int32_t stride, int32_t alpha, int32_t beta);

// The tables of the encoder and the decoder have the same names for these.
template<typename Table> void DeblockingInit_wasm (Table* pFunc) {
  pFunc->pfLumaDeblockingLT4Ver = DeblockLumaLt4V_wasm;
  pFunc->pfLumaDeblockingEQ4Ver = DeblockLumaEq4V_wasm;
  pFunc->pfLumaDeblockingLT4Hor = DeblockLumaLt4H_wasm;
  pFunc->pfLumaDeblockingEQ4Hor = DeblockLumaEq4H_wasm;
  pFunc->pfChromaDeblockingLT4Ver = DeblockChromaLt4V_wasm;
  pFunc->pfChromaDeblockingEQ4Ver = DeblockChromaEq4V_wasm;
  pFunc->pfChromaDeblockingLT4Hor = DeblockChromaLt4H_wasm;
  pFunc->pfChromaDeblockingEQ4Hor = DeblockChromaEq4H_wasm;
}

#endif
