// SPDX-License-Identifier: BSD-2-Clause
// The best of three intra predictions by their sums of absolute differences: WelsSampleSadIntra16x16Combined3_c and
// WelsSampleSadIntra8x8Combined3_c of sample.cpp. The predictions are not stored: the caller makes the best one.
#include "encoder_kernels.h"
#include "simd.h"

namespace {

// The first mode of the least cost.
IN int32_t choose (int32_t* best, const int32_t costs[3], const int modes[3]) {
  int32_t cost = costs[0];
  *best = modes[0];
  for (int i = 1; i < 3; i++) {
    if (costs[i] < cost) {
      cost = costs[i];
      *best = modes[i];
    }
  }
  return cost;
}

IN v128_t add_difference8 (v128_t sum, v128_t a, v128_t b) {
  return wasm_i16x8_add (sum, wasm_u16x8_extadd_pairwise_u8x16 (difference8 (a, b)));
}
int32_t luma (uint8_t* dec, int32_t dec_stride, uint8_t* enc, int32_t enc_stride, int32_t* best, int32_t lambda,
              uint8_t*) {
  const v128_t top = wasm_v128_load (dec - dec_stride);
  const uint8_t* left = dec - 1;
  int mean = sum32 (pairs (wasm_u16x8_extadd_pairwise_u8x16 (top))) + 16;
#pragma clang loop unroll_count(8)
  for (int y = 0; y < 16; y++)
    mean += left[y * dec_stride];
  const v128_t dc = splat8 (mean >> 5);
  v128_t v = splat16 (0), h = v, d = v;
#pragma clang loop unroll_count(4)
  for (int y = 0; y < 16; y++, enc += enc_stride, left += dec_stride) {
    const v128_t row = wasm_v128_load (enc);
    v = add_difference8 (v, row, top);
    h = add_difference8 (h, row, wasm_v128_load8_splat (left));
    d = add_difference8 (d, row, dc);
  }
  const int32_t costs[] = {sum32 (pairs (v)), sum32 (pairs (h)) + 2 * lambda, sum32 (pairs (d)) + 2 * lambda};
  static const int modes[] = {I16_PRED_V, I16_PRED_H, I16_PRED_DC};
  return choose (best, costs, modes);
}

// The sums of the vertical, the horizontal and the DC prediction.
struct Sums {
  v128_t v, h, d;
};
IN v128_t add_difference16 (v128_t sum, v128_t a, v128_t b) {
  return wasm_i16x8_add (sum, wasm_i16x8_abs (wasm_i16x8_sub (a, b)));
}
IN void add_rows (Sums& sums, const uint8_t* enc, int enc_stride, const uint8_t* left, int stride, v128_t top,
                  v128_t dc) {
#pragma clang loop unroll(full)
  for (int y = 0; y < 4; y++) {
    const v128_t row = wasm_u16x8_load8x8 (enc + y * enc_stride);
    sums.v = add_difference16 (sums.v, row, top);
    sums.h = add_difference16 (sums.h, row, splat16 (left[y * stride]));
    sums.d = add_difference16 (sums.d, row, dc);
  }
}
// The same value in the first four places, and another in the others.
IN v128_t halves (int first, int second) {
  return low64 (splat16 (first), splat16 (second));
}
IN void add_plane (Sums& sums, const uint8_t* dec, int dec_stride, const uint8_t* enc, int enc_stride) {
  const v128_t top = wasm_u16x8_load8x8 (dec - dec_stride);
  const v128_t top_pairs = pairs (top);
  const uint8_t* left = dec - 1, *below = left + 4 * dec_stride;
  const int t0 = wasm_i32x4_extract_lane (top_pairs, 0) + wasm_i32x4_extract_lane (top_pairs, 1);
  const int t1 = wasm_i32x4_extract_lane (top_pairs, 2) + wasm_i32x4_extract_lane (top_pairs, 3);
  const int l0 = left[0] + left[dec_stride] + left[2 * dec_stride] + left[3 * dec_stride];
  const int l1 = below[0] + below[dec_stride] + below[2 * dec_stride] + below[3 * dec_stride];
  add_rows (sums, enc, enc_stride, left, dec_stride, top, halves ((t0 + l0 + 4) >> 3, (t1 + 2) >> 2));
  add_rows (sums, enc + 4 * enc_stride, enc_stride, below, dec_stride, top, halves ((l1 + 2) >> 2, (t1 + l1 + 4) >> 3));
}
int32_t chroma (uint8_t* dec_cb, int32_t dec_stride, uint8_t* enc_cb, int32_t enc_stride, int32_t* best, int32_t lambda,
                uint8_t*, uint8_t* dec_cr, uint8_t* enc_cr) {
  const v128_t zero = splat16 (0);
  Sums sums = {zero, zero, zero};
  add_plane (sums, dec_cb, dec_stride, enc_cb, enc_stride);
  add_plane (sums, dec_cr, dec_stride, enc_cr, enc_stride);
  const int32_t costs[] = {
    sum32 (pairs (sums.v)) + 2 * lambda, sum32 (pairs (sums.h)) + 2 * lambda, sum32 (pairs (sums.d))
  };
  static const int modes[] = {C_PRED_V, C_PRED_H, C_PRED_DC};
  return choose (best, costs, modes);
}

}

namespace WelsEnc {
void WelsInitIntraSadFuncs_wasm (SWelsFuncPtrList* pFuncList) {
  pFuncList->sSampleDealingFuncs.pfIntra16x16Combined3Sad = luma;
  pFuncList->sSampleDealingFuncs.pfIntra8x8Combined3Sad = chroma;
}
}
