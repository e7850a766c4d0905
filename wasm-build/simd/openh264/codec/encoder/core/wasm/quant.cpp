// SPDX-License-Identifier: BSD-2-Clause
// Quantisation: WelsQuant*_c of encode_mb_aux.cpp.
#include "encoder_kernels.h"
#include "simd.h"

namespace {

// Quantises the magnitudes: the upper 16 bits of (ff + |coefficient|) * mf.
IN v128_t magnitudes (v128_t v, v128_t ff, v128_t mf) {
  v = wasm_i16x8_add (wasm_i16x8_abs (v), ff);
  return wasm_u16x8_narrow_i32x4 (wasm_u32x4_shr (wasm_u32x4_extmul_low_u16x8 (v, mf), 16),
                                  wasm_u32x4_shr (wasm_u32x4_extmul_high_u16x8 (v, mf), 16));
}
// Gives magnitudes the signs of v.
IN v128_t with_signs (v128_t magnitude, v128_t v) {
  const v128_t sign = wasm_i16x8_shr (v, 15);
  return wasm_i16x8_sub (wasm_v128_xor (magnitude, sign), sign);
}
IN v128_t quantize (int16_t* dct, v128_t ff, v128_t mf) {
  const v128_t v = wasm_v128_load (dct), magnitude = magnitudes (v, ff, mf);
  wasm_v128_store (dct, with_signs (magnitude, v));
  return magnitude;
}

template<int n> void quant (int16_t* dct, const int16_t* ff, const int16_t* mf) {
  const v128_t f = wasm_v128_load (ff), m = wasm_v128_load (mf);
#pragma clang loop unroll_count(2)
  for (int i = 0; i < n; i += 8)
    quantize (dct + i, f, m);
}
void quant_dc (int16_t* dct, int16_t ff, int16_t mf) {
  const v128_t f = splat16 (ff), m = splat16 (mf);
  quantize (dct, f, m);
  quantize (dct + 8, f, m);
}
void quant_four_max (int16_t* dct, const int16_t* ff, const int16_t* mf, int16_t* max) {
  const v128_t f = wasm_v128_load (ff), m = wasm_v128_load (mf);
#pragma clang loop unroll(disable)
  for (int block = 0; block < 4; block++, dct += 16) {
    const v128_t first = quantize (dct, f, m);
    v128_t most = wasm_i16x8_max (first, quantize (dct + 8, f, m));
    most = wasm_i16x8_max (most, high64 (most, most));
    most = wasm_i16x8_max (most, wasm_u64x2_shr (most, 32));
    most = wasm_i16x8_max (most, wasm_u32x4_shr (most, 16));
    max[block] = wasm_i16x8_extract_lane (most, 0);
  }
}

}

namespace WelsEnc {
void WelsInitQuantFuncs_wasm (SWelsFuncPtrList* pFuncList) {
  pFuncList->pfQuantization4x4 = quant<16>;
  pFuncList->pfQuantizationFour4x4 = quant<64>;
  pFuncList->pfQuantizationDc4x4 = quant_dc;
  pFuncList->pfQuantizationFour4x4Max = quant_four_max;
}
}
