// SPDX-License-Identifier: BSD-2-Clause
// The inverse transform of blocks of 4x4 that the encoder and the decoder share.
#ifndef WELS_WASM_IDCT_H__
#define WELS_WASM_IDCT_H__

#include "simd.h"

// The sums of the vertical transform have 17 bits.
IN v128_t round_sums (v128_t low, v128_t high) {
  const v128_t round = wasm_i32x4_const_splat (32);
  return wasm_i16x8_narrow_i32x4 (wasm_i32x4_shr (wasm_i32x4_add (low, round), 6),
                                  wasm_i32x4_shr (wasm_i32x4_add (high, round), 6));
}

// Transforms a block of 4x4, or two that are side by side, and adds the prediction.
template<int w> IN void idct_add (uint8_t* rec, int stride, const uint8_t* pred, int pred_stride, const int16_t* dct) {
  v128_t r[4];
  const v128_t a01 = wasm_v128_load (dct), a23 = wasm_v128_load (dct + 8);
  const v128_t a02 = low16 (a01, a23), a13 = high16 (a01, a23);
  r[0] = low16 (a02, a13);
  r[2] = high16 (a02, a13);
  if (w == 8) {
    const v128_t b01 = wasm_v128_load (dct + 16), b23 = wasm_v128_load (dct + 24);
    const v128_t b02 = low16 (b01, b23), b13 = high16 (b01, b23);
    const v128_t c01 = low16 (b02, b13), c23 = high16 (b02, b13);
    r[1] = high64 (r[0], c01);
    r[0] = low64 (r[0], c01);
    r[3] = high64 (r[2], c23);
    r[2] = low64 (r[2], c23);
  } else {
    r[1] = high64 (r[0], r[0]);
    r[3] = high64 (r[2], r[2]);
  }
  const v128_t sum_u = wasm_i16x8_add (r[0], r[2]), del_u = wasm_i16x8_sub (r[0], r[2]);
  const v128_t sum_d = wasm_i16x8_add (r[1], wasm_i16x8_shr (r[3], 1));
  const v128_t del_d = wasm_i16x8_sub (wasm_i16x8_shr (r[1], 1), r[3]);
  r[0] = wasm_i16x8_add (sum_u, sum_d);
  r[1] = wasm_i16x8_add (del_u, del_d);
  r[2] = wasm_i16x8_sub (del_u, del_d);
  r[3] = wasm_i16x8_sub (sum_u, sum_d);
  transpose_4x4 (r);

  const v128_t r1 = wasm_i16x8_shr (r[1], 1), r3 = wasm_i16x8_shr (r[3], 1);
  v128_t low[4], high[4];
#define HALF(out, extend) { \
    const v128_t e0 = extend (r[0]), e1 = extend (r[1]), e2 = extend (r[2]), e3 = extend (r[3]); \
    const v128_t sum_l = wasm_i32x4_add (e0, e2), del_l = wasm_i32x4_sub (e0, e2); \
    const v128_t del_r = wasm_i32x4_sub (extend (r1), e3), sum_r = wasm_i32x4_add (e1, extend (r3)); \
    out[0] = wasm_i32x4_add (sum_l, sum_r); \
    out[1] = wasm_i32x4_add (del_l, del_r); \
    out[2] = wasm_i32x4_sub (del_l, del_r); \
    out[3] = wasm_i32x4_sub (sum_l, sum_r); \
  }
  HALF (low, wasm_i32x4_extend_low_i16x8)
  if (w == 8)
    HALF (high, wasm_i32x4_extend_high_i16x8)
#undef HALF
  for (int y = 0; y < 4; y++, rec += stride, pred += pred_stride) {
    const v128_t residual = round_sums (low[y], w == 8 ? high[y] : low[y]);
    store<w> (rec, to_pixels (wasm_i16x8_add (residual, load16<w> (pred))));
  }
}

#endif
