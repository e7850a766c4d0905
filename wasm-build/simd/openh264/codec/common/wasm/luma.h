// SPDX-License-Identifier: BSD-2-Clause
// The filters between the pixels of luma, on columns of 4 or 8 pixels.
#ifndef WELS_WASM_LUMA_H__
#define WELS_WASM_LUMA_H__

#include "simd.h"

// The taps 1, -5, 20, 20, -5, 1; their sums fit into 16 bits.
IN v128_t filter (v128_t a, v128_t b, v128_t c, v128_t d, v128_t e, v128_t f) {
  const v128_t inner = wasm_i16x8_sub (wasm_i16x8_shl (wasm_i16x8_add (c, d), 2), wasm_i16x8_add (b, e));
  return wasm_i16x8_add (wasm_i16x8_add (a, f), wasm_i16x8_mul (inner, wasm_i16x8_const_splat (5)));
}
IN v128_t rounded (v128_t sum) {
  return wasm_i16x8_shr (wasm_i16x8_add (sum, wasm_i16x8_const_splat (16)), 5);
}
template<int w> IN v128_t filter_across (const uint8_t* p) {
  return filter (load16<w> (p - 2), load16<w> (p - 1), load16<w> (p), load16<w> (p + 1), load16<w> (p + 2),
                 load16<w> (p + 3));
}

// Filters rows of sums, and returns pixels. The sum is ((a - b) / 4 - b + c) / 4 + c times 16, where rounding down
// twice is the same as once. The addition that may overflow saturates, which makes no difference after the clipping.
IN v128_t filter_sums (v128_t r0, v128_t r1, v128_t r2, v128_t r3, v128_t r4, v128_t r5) {
  const v128_t a = wasm_i16x8_add (r0, r5), b = wasm_i16x8_add (r1, r4), c = wasm_i16x8_add (r2, r3);
  v128_t sum = wasm_i16x8_shr (wasm_i16x8_sub (a, b), 2);
  sum = wasm_i16x8_shr (wasm_i16x8_add_sat (wasm_i16x8_sub (sum, b), c), 2);
  sum = wasm_i16x8_add (wasm_i16x8_add (sum, c), wasm_i16x8_const_splat (32));
  return to_pixels (wasm_i16x8_shr (sum, 6));
}

// Calls row for h rows of w pixels, with the six rows around it. The heights of halves are odd.
#define SLIDE(row_at, row) { \
    v128_t r0 = row_at (src - 2 * ss), r1 = row_at (src - ss), r2 = row_at (src), r3 = row_at (src + ss); \
    v128_t r4 = row_at (src + 2 * ss), r5, r6; \
    src += 3 * ss; \
    _Pragma ("clang loop unroll(disable)") \
    for (; h > 1; h -= 2, src += 2 * ss, dst += 2 * sd) { \
      r5 = row_at (src); \
      store<w> (dst, row (r0, r1, r2, r3, r4, r5)); \
      r6 = row_at (src + ss); \
      store<w> (dst + sd, row (r1, r2, r3, r4, r5, r6)); \
      r0 = r2, r1 = r3, r2 = r4, r3 = r5, r4 = r6; \
    } \
    if (h) \
      store<w> (dst, row (r0, r1, r2, r3, r4, row_at (src))); \
  }

IN v128_t row_down (v128_t a, v128_t b, v128_t c, v128_t d, v128_t e, v128_t f) {
  return to_pixels (rounded (filter (a, b, c, d, e, f)));
}

// Half pixels below, in the middle of four, and to the right of the pixels.
template<int w> IN void half_down (const uint8_t* src, int ss, uint8_t* dst, int sd, int h) {
  SLIDE (load16<w>, row_down)
}
template<int w> IN void half_middle (const uint8_t* src, int ss, uint8_t* dst, int sd, int h) {
  SLIDE (filter_across<w>, filter_sums)
}
#undef SLIDE
template<int w> IN void half_across (const uint8_t* src, int ss, uint8_t* dst, int sd, int h) {
#pragma clang loop unroll_count(2)
  for (; h > 0; h--, src += ss, dst += sd) {
    const v128_t low = rounded (filter_across<w == 4 ? 4 : 8> (src));
    if (w == 16)
      wasm_v128_store (dst, wasm_u8x16_narrow_i16x8 (low, rounded (filter_across<8> (src + 8))));
    else
      store<w> (dst, to_pixels (low));
  }
}

// Averages of pixels.
template<int w> IN void average (uint8_t* dst, int sd, const uint8_t* a, int sa, const uint8_t* b, int sb, int h) {
#pragma clang loop unroll_count(2)
  for (; h > 0; h -= 2, dst += 2 * sd, a += 2 * sa, b += 2 * sb) {
    const v128_t r0 = wasm_u8x16_avgr (load<w> (a), load<w> (b));
    const v128_t r1 = wasm_u8x16_avgr (load<w> (a + sa), load<w> (b + sb));
    store<w> (dst, r0);
    store<w> (dst + sd, r1);
  }
}

#endif
