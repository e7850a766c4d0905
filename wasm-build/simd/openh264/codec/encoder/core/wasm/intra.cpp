// SPDX-License-Identifier: BSD-2-Clause
// Intra prediction: WelsI16x16LumaPredV_c and WelsI16x16LumaPredH_c of intra_pred_common.cpp, and
// WelsI16x16LumaPredDc_c, WelsI16x16LumaPredPlane_c and WelsIChromaPredPlane_c of get_intra_predictor.cpp.
#include "encoder_kernels.h"
#include "simd.h"

namespace {

IN void fill (uint8_t* pred, v128_t row) {
#pragma clang loop unroll_count(8)
  for (int y = 0; y < 16; y++)
    wasm_v128_store (pred + 16 * y, row);
}

void luma_v (uint8_t* pred, uint8_t* ref, const int32_t stride) {
  fill (pred, wasm_v128_load (ref - stride));
}
void luma_h (uint8_t* pred, uint8_t* ref, const int32_t stride) {
#pragma clang loop unroll_count(4)
  for (int y = 0; y < 16; y++)
    wasm_v128_store (pred + 16 * y, wasm_v128_load8_splat (ref + y * stride - 1));
}
void luma_dc (uint8_t* pred, uint8_t* ref, const int32_t stride) {
  int sum = sum32 (pairs (wasm_u16x8_extadd_pairwise_u8x16 (wasm_v128_load (ref - stride))));
#pragma clang loop unroll_count(8)
  for (int y = 0; y < 16; y++)
    sum += ref[y * stride - 1];
  fill (pred, splat8 ((sum + 16) >> 5));
}

IN v128_t eight (int first, int step) {
  return wasm_i16x8_add (splat16 (first), wasm_i16x8_mul (splat16 (step), wasm_i16x8_const (0, 1, 2, 3, 4, 5, 6, 7)));
}

// The values of a plane, times 32, fit into 16 bits.
void luma_plane (uint8_t* pred, uint8_t* ref, const int32_t stride) {
  const uint8_t* top = ref - stride;
  const uint8_t* left = ref - 1;
  int top_sum = 0, left_sum = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    top_sum += (i + 1) * (top[8 + i] - top[6 - i]);
    left_sum += (i + 1) * (left[(8 + i) * stride] - left[(6 - i) * stride]);
  }
  const int right = (5 * top_sum + 32) >> 6, down = (5 * left_sum + 32) >> 6;
  const int corner = (left[15 * stride] + top[15]) * 16 - 7 * (right + down) + 16;
  v128_t a = eight (corner, right), b = wasm_i16x8_add (a, splat16 (8 * right));
  const v128_t step = splat16 (down);
#pragma clang loop unroll_count(4)
  for (int y = 0; y < 16; y++, pred += 16) {
    wasm_v128_store (pred, wasm_u8x16_narrow_i16x8 (wasm_i16x8_shr (a, 5), wasm_i16x8_shr (b, 5)));
    a = wasm_i16x8_add (a, step);
    b = wasm_i16x8_add (b, step);
  }
}
void chroma_plane (uint8_t* pred, uint8_t* ref, const int32_t stride) {
  const uint8_t* top = ref - stride;
  const uint8_t* left = ref - 1;
  int top_sum = 0, left_sum = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++) {
    top_sum += (i + 1) * (top[4 + i] - top[2 - i]);
    left_sum += (i + 1) * (left[(4 + i) * stride] - left[(2 - i) * stride]);
  }
  const int right = (17 * top_sum + 16) >> 5, down = (17 * left_sum + 16) >> 5;
  v128_t a = eight ((left[7 * stride] + top[7]) * 16 - 3 * (right + down) + 16, right);
  const v128_t step = splat16 (down);
#pragma clang loop unroll_count(4)
  for (int y = 0; y < 8; y++, pred += 8) {
    wasm_v128_store64_lane (pred, to_pixels (wasm_i16x8_shr (a, 5)), 0);
    a = wasm_i16x8_add (a, step);
  }
}

}

namespace WelsEnc {
void WelsInitIntraPredFuncs_wasm (SWelsFuncPtrList* pFuncList) {
  pFuncList->pfGetLumaI16x16Pred[I16_PRED_V] = luma_v;
  pFuncList->pfGetLumaI16x16Pred[I16_PRED_H] = luma_h;
  pFuncList->pfGetLumaI16x16Pred[I16_PRED_DC] = luma_dc;
  pFuncList->pfGetLumaI16x16Pred[I16_PRED_P] = luma_plane;
  pFuncList->pfGetChromaPred[C_PRED_P] = chroma_plane;
}
}
