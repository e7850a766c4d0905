// SPDX-License-Identifier: BSD-2-Clause
// Sums of absolute differences: WelsSampleSad*_c and WelsSampleSadFour*_c of sad_common.cpp.
#include "kernels.h"
#include "simd.h"

namespace {

// A row of 16 pixels, a row of 8 as 16-bit values, or four rows of 4. Two rows of 8 in a vector would need more
// instructions than the values of 16 bits.
template<int w> IN v128_t pixels (const uint8_t* p, int stride) {
  return w == 4 ? load_4x4 (p, stride) : w == 8 ? wasm_u16x8_load8x8 (p) : wasm_v128_load (p);
}
template<int w> IN v128_t add_difference (v128_t sum, v128_t a, v128_t b) {
  if (w == 8)
    return wasm_i16x8_add (sum, wasm_i16x8_abs (wasm_i16x8_sub (a, b)));
  return wasm_i16x8_add (sum, wasm_u16x8_extadd_pairwise_u8x16 (difference8 (a, b)));
}

template<int w, int h> int32_t sad (uint8_t* a, int32_t sa, uint8_t* b, int32_t sb) {
  constexpr int rows = w == 4 ? 4 : 1;
  v128_t sum = splat16 (0);
#pragma clang loop unroll_count(4)
  for (int y = 0; y < h; y += rows, a += rows * sa, b += rows * sb)
    sum = add_difference<w> (sum, pixels<w> (a, sa), pixels<w> (b, sb));
  return sum32 (pairs (sum));
}

// The sums for the blocks above, below, to the left and to the right of b.
template<int w, int h> void sad_four (uint8_t* a, int32_t sa, uint8_t* b, int32_t sb, int32_t* sums) {
  constexpr int rows = w == 4 ? 4 : 1;
  v128_t up = splat16 (0), down = up, left = up, right = up;
#pragma clang loop unroll_count(2)
  for (int y = 0; y < h; y += rows, a += rows * sa, b += rows * sb) {
    const v128_t p = pixels<w> (a, sa);
    up = add_difference<w> (up, p, pixels<w> (b - sb, sb));
    down = add_difference<w> (down, p, pixels<w> (b + sb, sb));
    left = add_difference<w> (left, p, pixels<w> (b - 1, sb));
    right = add_difference<w> (right, p, pixels<w> (b + 1, sb));
  }
  up = pairs (up), down = pairs (down), left = pairs (left), right = pairs (right);
  up = wasm_i32x4_add (even32 (up, down), odd32 (up, down));
  left = wasm_i32x4_add (even32 (left, right), odd32 (left, right));
  wasm_v128_store (sums, wasm_i32x4_add (even32 (up, left), odd32 (up, left)));
}

}

#define SIZE(w, h) \
  int32_t WelsSampleSad##w##x##h##_wasm (uint8_t* a, int32_t sa, uint8_t* b, int32_t sb) { \
    return sad<w, h> (a, sa, b, sb); \
  } \
  void WelsSampleSadFour##w##x##h##_wasm (uint8_t* a, int32_t sa, uint8_t* b, int32_t sb, int32_t* sums) { \
    sad_four<w, h> (a, sa, b, sb, sums); \
  }
FOR_BLOCK_SIZES (SIZE)
