// SPDX-License-Identifier: BSD-2-Clause
// The order and count of coefficients: WelsScan4x4*_c, WelsGetNoneZeroCount_c and WelsCalculateSingleCtr4x4_c of
// encode_mb_aux.cpp, and CavlcParamCal_c of set_mb_syn_cavlc.cpp.
#include "encoder_kernels.h"
#include "simd.h"

namespace {

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

// Lists the levels from the last to the first, and the zeros before each. Chroma's DC has only four coefficients.
int32_t levels_and_runs (int16_t* level, uint8_t* runs, int16_t* levels, int32_t* total, int32_t last) {
  uint32_t left;
  if (last > 3) {
    left = significant (level) & ((2u << last) - 1);
  } else {
    left = ~wasm_i16x8_bitmask (wasm_i16x8_eq (wasm_v128_load64_zero (level), splat16 (0))) & ((2u << last) - 1);
  }
  const int32_t count = __builtin_popcount (left);
  *total = count;
  if (!left)
    return 0;
  int index = 31 - __builtin_clz (left);
  const int32_t zeros = index + 1 - count;
  for (int i = 0; i < count; i++) {
    left ^= 1u << index;
    const int next = left ? 31 - __builtin_clz (left) : -1;
    levels[i] = level[index];
    runs[i] = index - next - 1;
    index = next;
  }
  return zeros;
}

}

namespace WelsEnc {
void WelsInitScanFuncs_wasm (SWelsFuncPtrList* pFuncList) {
  pFuncList->pfScan4x4 = scan;
  pFuncList->pfScan4x4Ac = scan_ac;
  pFuncList->pfGetNoneZeroCount = count;
  pFuncList->pfCalculateSingleCtr4x4 = single_ctr;
}
void InitCoeffFunc_wasm (SWelsFuncPtrList* pFuncList) {
  pFuncList->pfCavlcParamCal = levels_and_runs;
}
}
