// SPDX-License-Identifier: BSD-2-Clause
// Quantisation, and the order and count of coefficients: WelsQuant*_c, WelsScan4x4*_c, WelsGetNoneZeroCount_c and
// WelsCalculateSingleCtr4x4_c of encode_mb_aux.cpp.
#include "encoder_kernels.h"
#include "kernels.h"
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

void scan (int16_t* level, int16_t* dct) {
  const v128_t a = wasm_v128_load (dct), b = wasm_v128_load (dct + 8);
  wasm_v128_store (level, wasm_i16x8_shuffle (a, b, 0, 1, 4, 8, 5, 2, 3, 6));
  wasm_v128_store (level + 8, wasm_i16x8_shuffle (a, b, 9, 12, 13, 10, 7, 11, 14, 15));
}
void scan_ac (int16_t* level, int16_t* dct) {
  const v128_t a = wasm_v128_load (dct), b = wasm_v128_load (dct + 8);
  wasm_v128_store (level, wasm_i16x8_shuffle (a, b, 1, 4, 8, 5, 2, 3, 6, 9));
  const v128_t rest = wasm_i16x8_shuffle (a, b, 12, 13, 10, 7, 11, 14, 15, 15);
  wasm_v128_store (level + 8, wasm_i16x8_replace_lane (rest, 7, 0));
}

// A bit for each coefficient that is not zero.
IN uint32_t significant (const int16_t* level) {
  const v128_t v = wasm_i8x16_narrow_i16x8 (wasm_v128_load (level), wasm_v128_load (level + 8));
  return 0xffff & ~wasm_i8x16_bitmask (wasm_i8x16_eq (v, splat8 (0)));
}
int32_t count (int16_t* level) {
  return __builtin_popcount (significant (level));
}
int32_t single_ctr (int16_t* level) {
  static const uint8_t costs[16] = {3, 2, 2, 1, 1, 1};
  uint32_t left = significant (level);
  int32_t sum = 0;
  while (left) {
    const int index = 31 - __builtin_clz (left);
    left ^= 1u << index;
    sum += costs[left ? index - 32 + __builtin_clz (left) : index];
  }
  return sum;
}

}

namespace WelsEnc {
void WelsInitEncodingFuncs_wasm (SWelsFuncPtrList* pFuncList) {
  pFuncList->pfCopy16x16Aligned = WelsCopy16x16_wasm;
  pFuncList->pfCopy16x16NotAligned = WelsCopy16x16_wasm;
  pFuncList->pfCopy16x8NotAligned = WelsCopy16x8_wasm;
  pFuncList->pfCopy8x16Aligned = WelsCopy8x16_wasm;
  pFuncList->pfCopy8x8Aligned = WelsCopy8x8_wasm;
  pFuncList->pfDctT4 = WelsDctT4_wasm;
  pFuncList->pfDctFourT4 = WelsDctFourT4_wasm;
  pFuncList->pfQuantization4x4 = quant<16>;
  pFuncList->pfQuantizationFour4x4 = quant<64>;
  pFuncList->pfQuantizationDc4x4 = quant_dc;
  pFuncList->pfQuantizationFour4x4Max = quant_four_max;
  pFuncList->pfScan4x4 = scan;
  pFuncList->pfScan4x4Ac = scan_ac;
  pFuncList->pfGetNoneZeroCount = count;
  pFuncList->pfCalculateSingleCtr4x4 = single_ctr;
}
}
