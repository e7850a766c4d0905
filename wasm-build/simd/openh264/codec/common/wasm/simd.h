// SPDX-License-Identifier: BSD-2-Clause
// Vectors of pixels and of 16-bit values, for all kernels.
#ifndef WELS_WASM_SIMD_H__
#define WELS_WASM_SIMD_H__

#include <stdint.h>
#include <wasm_simd128.h>

#define IN static inline __attribute__ ((always_inline))

IN v128_t splat8 (int value) { return wasm_i8x16_splat ((int8_t) value); }
IN v128_t splat16 (int value) { return wasm_i16x8_splat ((int16_t) value); }

// Loads and stores rows of 2, 4, 8 or 16 pixels, and accesses no others.
template<int w> IN v128_t load (const uint8_t* p) {
  if (w == 2) return wasm_v128_load16_lane (p, wasm_i32x4_const_splat (0), 0);
  return w == 4 ? wasm_v128_load32_zero (p) : w == 8 ? wasm_v128_load64_zero (p) : wasm_v128_load (p);
}
template<int w> IN void store (uint8_t* p, v128_t row) {
  if (w == 2) wasm_v128_store16_lane (p, row, 0);
  else if (w == 4) wasm_v128_store32_lane (p, row, 0);
  else if (w == 8) wasm_v128_store64_lane (p, row, 0);
  else wasm_v128_store (p, row);
}
// Loads 2, 4 or 8 pixels as 16-bit values.
template<int w> IN v128_t load16 (const uint8_t* p) {
  return w == 8 ? wasm_u16x8_load8x8 (p) : wasm_u16x8_extend_low_u8x16 (load<w> (p));
}
// Four rows of 4 pixels.
IN v128_t load_4x4 (const uint8_t* p, int stride) {
  v128_t rows = wasm_v128_load32_lane (p + stride, wasm_v128_load32_zero (p), 1);
  rows = wasm_v128_load32_lane (p + 2 * stride, rows, 2);
  return wasm_v128_load32_lane (p + 3 * stride, rows, 3);
}

IN v128_t to_pixels (v128_t row) { return wasm_u8x16_narrow_i16x8 (row, row); }

IN v128_t difference8 (v128_t a, v128_t b) {
  return wasm_v128_or (wasm_u8x16_sub_sat (a, b), wasm_u8x16_sub_sat (b, a));
}

// Interleaves the elements of the first or second halves of two vectors.
IN v128_t low8 (v128_t a, v128_t b) {
  return wasm_i8x16_shuffle (a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
IN v128_t high8 (v128_t a, v128_t b) {
  return wasm_i8x16_shuffle (a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
IN v128_t low16 (v128_t a, v128_t b) { return wasm_i16x8_shuffle (a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
IN v128_t high16 (v128_t a, v128_t b) { return wasm_i16x8_shuffle (a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
IN v128_t low32 (v128_t a, v128_t b) { return wasm_i32x4_shuffle (a, b, 0, 4, 1, 5); }
IN v128_t high32 (v128_t a, v128_t b) { return wasm_i32x4_shuffle (a, b, 2, 6, 3, 7); }
IN v128_t low64 (v128_t a, v128_t b) { return wasm_i64x2_shuffle (a, b, 0, 2); }
IN v128_t high64 (v128_t a, v128_t b) { return wasm_i64x2_shuffle (a, b, 1, 3); }

// The elements of 32 bits at even or odd positions.
IN v128_t even32 (v128_t a, v128_t b) { return wasm_i32x4_shuffle (a, b, 0, 2, 4, 6); }
IN v128_t odd32 (v128_t a, v128_t b) { return wasm_i32x4_shuffle (a, b, 1, 3, 5, 7); }

// Sums of pairs of 16-bit values, which are not above 32767.
IN v128_t pairs (v128_t sums) { return wasm_i32x4_dot_i16x8 (sums, wasm_i16x8_const_splat (1)); }

IN int32_t sum32 (v128_t v) {
  v = wasm_i32x4_add (v, wasm_i32x4_shuffle (v, v, 2, 3, 0, 1));
  return wasm_i32x4_extract_lane (v, 0) + wasm_i32x4_extract_lane (v, 1);
}

// Transposes two blocks of 4x4, whose rows are side by side.
IN void transpose_4x4 (v128_t r[4]) {
  v128_t a0 = low16 (r[0], r[1]), a1 = low16 (r[2], r[3]), b0 = high16 (r[0], r[1]), b1 = high16 (r[2], r[3]);
  v128_t a01 = low32 (a0, a1), a23 = high32 (a0, a1), b01 = low32 (b0, b1), b23 = high32 (b0, b1);
  r[0] = low64 (a01, b01);
  r[1] = high64 (a01, b01);
  r[2] = low64 (a23, b23);
  r[3] = high64 (a23, b23);
}

#endif
