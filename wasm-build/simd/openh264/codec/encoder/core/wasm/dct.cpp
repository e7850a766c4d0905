// SPDX-License-Identifier: BSD-2-Clause
// The forward transform: WelsDctT4_c and WelsDctFourT4_c of encode_mb_aux.cpp.
#include "encoder_kernels.h"
#include "simd.h"

namespace {

IN void transform (v128_t r[4]) {
  const v128_t s0 = wasm_i16x8_add (r[0], r[3]), s3 = wasm_i16x8_sub (r[0], r[3]);
  const v128_t s1 = wasm_i16x8_add (r[1], r[2]), s2 = wasm_i16x8_sub (r[1], r[2]);
  r[0] = wasm_i16x8_add (s0, s1);
  r[1] = wasm_i16x8_add (wasm_i16x8_add (s3, s3), s2);
  r[2] = wasm_i16x8_sub (s0, s1);
  r[3] = wasm_i16x8_sub (s3, wasm_i16x8_add (s2, s2));
}

template<int w> IN v128_t difference16 (const uint8_t* a, const uint8_t* b) {
  return wasm_i16x8_sub (load16<w> (a), load16<w> (b));
}

// Transforms a block of 4x4, or two that are side by side.
template<int w> IN void dct (int16_t* out, const uint8_t* a, int sa, const uint8_t* b, int sb) {
  v128_t r[4] = {
    difference16<w> (a, b), difference16<w> (a + sa, b + sb),
    difference16<w> (a + 2 * sa, b + 2 * sb), difference16<w> (a + 3 * sa, b + 3 * sb)
  };
  transform (r);
  transpose_4x4 (r);
  transform (r);
  v128_t a0 = low16 (r[0], r[1]), a1 = low16 (r[2], r[3]);
  wasm_v128_store (out, low32 (a0, a1));
  wasm_v128_store (out + 8, high32 (a0, a1));
  if (w == 8) {
    a0 = high16 (r[0], r[1]), a1 = high16 (r[2], r[3]);
    wasm_v128_store (out + 16, low32 (a0, a1));
    wasm_v128_store (out + 24, high32 (a0, a1));
  }
}

void dct_block (int16_t* out, uint8_t* a, int32_t sa, uint8_t* b, int32_t sb) {
  dct<4> (out, a, sa, b, sb);
}
void dct_four (int16_t* out, uint8_t* a, int32_t sa, uint8_t* b, int32_t sb) {
#pragma clang loop unroll(disable)
  for (int half = 0; half < 2; half++, out += 32, a += 4 * sa, b += 4 * sb)
    dct<8> (out, a, sa, b, sb);
}

}

namespace WelsEnc {
void WelsInitDctFuncs_wasm (SWelsFuncPtrList* pFuncList) {
  pFuncList->pfDctT4 = dct_block;
  pFuncList->pfDctFourT4 = dct_four;
}
}
