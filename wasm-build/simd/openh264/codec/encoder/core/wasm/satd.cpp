// SPDX-License-Identifier: BSD-2-Clause
// Sums of absolute transformed differences: WelsSampleSatd*_c of sample.cpp.
//
// The last step of the transform makes a + b and a - b of each pair. The sum of their magnitudes is twice the greater
// magnitude of a and b, and the C function halves the sum of a block, which is even.
#include "encoder_kernels.h"
#include "kernels.h"
#include "simd.h"

namespace {

// Adds the results of the horizontal transform of two rows, which may have two blocks side by side. The second element
// of each pair of 16 bits has no meaning.
IN v128_t add_across (v128_t sum, v128_t a, v128_t b) {
  const v128_t left = even32 (a, b), right = odd32 (a, b);
  const v128_t s = wasm_i16x8_abs (wasm_i16x8_add (left, right)), d = wasm_i16x8_abs (wasm_i16x8_sub (left, right));
  sum = wasm_i16x8_add (sum, wasm_i16x8_max (s, wasm_u32x4_shr (s, 16)));
  return wasm_i16x8_add (sum, wasm_i16x8_max (d, wasm_u32x4_shr (d, 16)));
}

IN v128_t difference16 (const uint8_t* a, const uint8_t* b) {
  return wasm_i16x8_sub (wasm_u16x8_load8x8 (a), wasm_u16x8_load8x8 (b));
}

// Two blocks side by side.
IN v128_t add_8x4 (v128_t sum, const uint8_t* a, int sa, const uint8_t* b, int sb) {
  const v128_t r0 = difference16 (a, b), r1 = difference16 (a + sa, b + sb);
  const v128_t r2 = difference16 (a + 2 * sa, b + 2 * sb), r3 = difference16 (a + 3 * sa, b + 3 * sb);
  const v128_t s0 = wasm_i16x8_add (r0, r2), s1 = wasm_i16x8_add (r1, r3);
  const v128_t d0 = wasm_i16x8_sub (r0, r2), d1 = wasm_i16x8_sub (r1, r3);
  sum = add_across (sum, wasm_i16x8_add (s0, s1), wasm_i16x8_sub (s0, s1));
  return add_across (sum, wasm_i16x8_add (d0, d1), wasm_i16x8_sub (d0, d1));
}

IN v128_t add_4x4 (v128_t sum, const uint8_t* a, int sa, const uint8_t* b, int sb) {
  const v128_t p = load_4x4 (a, sa), q = load_4x4 (b, sb);
  const v128_t r01 = wasm_i16x8_sub (wasm_u16x8_extend_low_u8x16 (p), wasm_u16x8_extend_low_u8x16 (q));
  const v128_t r23 = wasm_i16x8_sub (wasm_u16x8_extend_high_u8x16 (p), wasm_u16x8_extend_high_u8x16 (q));
  const v128_t s = wasm_i16x8_add (r01, r23), d = wasm_i16x8_sub (r01, r23);
  const v128_t even = low64 (s, d), odd = high64 (s, d);
  return add_across (sum, wasm_i16x8_add (even, odd), wasm_i16x8_sub (even, odd));
}

// The sums of a block of at most 128 pixels fit into 16 bits.
template<int w, int h> int32_t satd (uint8_t* a, int32_t sa, uint8_t* b, int32_t sb) {
  constexpr int part = w * h > 128 ? h / 2 : h;
  v128_t sums = wasm_i32x4_const_splat (0);
  for (int start = 0; start < h; start += part) {
    v128_t sum = splat16 (0);
#pragma clang loop unroll(disable)
    for (int y = 0; y < part; y += 4, a += 4 * sa, b += 4 * sb) {
      sum = w == 4 ? add_4x4 (sum, a, sa, b, sb) : add_8x4 (sum, a, sa, b, sb);
      if (w == 16)
        sum = add_8x4 (sum, a + 8, sa, b + 8, sb);
    }
    sums = wasm_i32x4_add (sums, wasm_i32x4_dot_i16x8 (sum, wasm_i32x4_const_splat (1)));
  }
  return sum32 (sums);
}

}

namespace WelsEnc {
void WelsInitSampleSadFunc_wasm (SWelsFuncPtrList* pFuncList) {
  SSampleDealingFunc& f = pFuncList->sSampleDealingFuncs;
#define SIZE(w, h) \
  f.pfSampleSad[BLOCK_##w##x##h] = WelsSampleSad##w##x##h##_wasm; \
  f.pfSample4Sad[BLOCK_##w##x##h] = WelsSampleSadFour##w##x##h##_wasm; \
  f.pfSampleSatd[BLOCK_##w##x##h] = satd<w, h>;
  FOR_BLOCK_SIZES (SIZE)
#undef SIZE
  WelsInitIntraSadFuncs_wasm (pFuncList);
}
}
