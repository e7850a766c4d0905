// SPDX-License-Identifier: BSD-2-Clause
// Reconstruction: WelsDequant4x4_c, WelsDequantFour4x4_c, WelsIDctT4Rec_c, WelsIDctFourT4Rec_c and
// WelsIDctRecI16x16Dc_c of decode_mb_aux.cpp.
#include "encoder_kernels.h"
#include "idct.h"
#include "simd.h"

namespace {

template<int n> void dequantize (int16_t* res, const uint16_t* factors) {
  const v128_t f = wasm_v128_load (factors);
#pragma clang loop unroll_count(4)
  for (int i = 0; i < n; i += 8)
    wasm_v128_store (res + i, wasm_i16x8_mul (wasm_v128_load (res + i), f));
}

void idct (uint8_t* rec, int32_t stride, uint8_t* pred, int32_t pred_stride, int16_t* dct) {
  idct_add<4> (rec, stride, pred, pred_stride, dct);
}
void idct_four (uint8_t* rec, int32_t stride, uint8_t* pred, int32_t pred_stride, int16_t* dct) {
#pragma clang loop unroll(disable)
  for (int half = 0; half < 2; half++, rec += 4 * stride, pred += 4 * pred_stride, dct += 32)
    idct_add<8> (rec, stride, pred, pred_stride, dct);
}

// Adds the rounded DC value of each block of a macroblock.
void idct_dc (uint8_t* rec, int32_t stride, uint8_t* pred, int32_t pred_stride, int16_t* dc) {
#pragma clang loop unroll(disable)
  for (int block = 0; block < 16; block += 4) {
    v128_t v = wasm_i32x4_shr (wasm_i32x4_add (wasm_i32x4_load16x4 (dc + block), wasm_i32x4_const_splat (32)), 6);
    v = wasm_i16x8_narrow_i32x4 (v, v);
    v = low16 (v, v);
    const v128_t left = low32 (v, v), right = high32 (v, v);
    for (int y = 0; y < 4; y++, rec += stride, pred += pred_stride) {
      const v128_t p = wasm_v128_load (pred);
      wasm_v128_store (rec, wasm_u8x16_narrow_i16x8 (wasm_i16x8_add (wasm_u16x8_extend_low_u8x16 (p), left),
                                                     wasm_i16x8_add (wasm_u16x8_extend_high_u8x16 (p), right)));
    }
  }
}

}

namespace WelsEnc {
void WelsInitReconstructionFuncs_wasm (SWelsFuncPtrList* pFuncList) {
  pFuncList->pfDequantization4x4 = dequantize<16>;
  pFuncList->pfDequantizationFour4x4 = dequantize<64>;
  pFuncList->pfIDctT4 = idct;
  pFuncList->pfIDctFourT4 = idct_four;
  pFuncList->pfIDctI16x16Dc = idct_dc;
}
}
