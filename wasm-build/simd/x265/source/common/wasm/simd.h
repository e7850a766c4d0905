// SPDX-License-Identifier: GPL-2.0-or-later
// Loads and stores of pixels, and sums of lanes. A row of eight pixels is in 16-bit lanes at every bit depth.
#ifndef X265_WASM_SIMD_H
#define X265_WASM_SIMD_H

#include "common.h"
#include <wasm_simd128.h>

#define IN static inline __attribute__((always_inline))

namespace {

IN v128_t splat16(int x) { return wasm_i16x8_splat((int16_t)x); }
IN v128_t splat32(int x) { return wasm_i32x4_splat(x); }

IN v128_t low16(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
IN v128_t high16(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
IN v128_t low32(v128_t a, v128_t b) { return wasm_i32x4_shuffle(a, b, 0, 4, 1, 5); }
IN v128_t high32(v128_t a, v128_t b) { return wasm_i32x4_shuffle(a, b, 2, 6, 3, 7); }
IN v128_t low64(v128_t a, v128_t b) { return wasm_i64x2_shuffle(a, b, 0, 2); }
IN v128_t high64(v128_t a, v128_t b) { return wasm_i64x2_shuffle(a, b, 1, 3); }

IN v128_t load8(const int16_t *p) { return wasm_v128_load(p); }
IN v128_t load4(const int16_t *p) { return wasm_v128_load64_zero(p); }
IN void store8(int16_t *p, v128_t a) { wasm_v128_store(p, a); }
IN void store4(int16_t *p, v128_t a) { wasm_v128_store64_lane(p, a, 0); }

#if HIGH_BIT_DEPTH
IN v128_t load8(const pixel *p) { return wasm_v128_load(p); }
IN v128_t load4(const pixel *p) { return wasm_v128_load64_zero(p); }
IN v128_t clip(v128_t a)
{
    return wasm_i16x8_max(wasm_i16x8_min(a, splat16((1 << X265_DEPTH) - 1)), splat16(0));
}
// Stores lanes that are pixels.
IN void store8(pixel *p, v128_t a) { wasm_v128_store(p, a); }
IN void store4(pixel *p, v128_t a) { wasm_v128_store64_lane(p, a, 0); }
IN void store8_clipped(pixel *p, v128_t a) { store8(p, clip(a)); }
IN void store4_clipped(pixel *p, v128_t a) { store4(p, clip(a)); }
#else
IN v128_t load8(const pixel *p) { return wasm_u16x8_load8x8(p); }
IN v128_t load4(const pixel *p) { return wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(p)); }
IN void store8(pixel *p, v128_t a) { wasm_v128_store64_lane(p, wasm_u8x16_narrow_i16x8(a, a), 0); }
IN void store4(pixel *p, v128_t a) { wasm_v128_store32_lane(p, wasm_u8x16_narrow_i16x8(a, a), 0); }
IN void store8_clipped(pixel *p, v128_t a) { store8(p, a); }
IN void store4_clipped(pixel *p, v128_t a) { store4(p, a); }
#endif
IN void store8_clipped(int16_t *p, v128_t a) { store8(p, a); }
IN void store4_clipped(int16_t *p, v128_t a) { store4(p, a); }

// Loads and stores N lanes, 4 or 8.
template<int N, class T> IN v128_t load(const T *p) { return N == 8 ? load8(p) : load4(p); }
template<int N, class T> IN void store(T *p, v128_t a) { if (N == 8) store8(p, a); else store4(p, a); }
template<int N, class T> IN void store_clipped(T *p, v128_t a)
{
    if (N == 8) store8_clipped(p, a); else store4_clipped(p, a);
}

IN int sum32(v128_t s)
{
    s = wasm_i32x4_add(s, wasm_i32x4_shuffle(s, s, 2, 3, 0, 1));
    return wasm_i32x4_extract_lane(s, 0) + wasm_i32x4_extract_lane(s, 1);
}
// Returns the sum of eight unsigned lanes.
IN int sum16(v128_t a) { return sum32(wasm_u32x4_extadd_pairwise_u16x8(a)); }

// Returns the lane sums of four vectors.
IN v128_t sums32(v128_t a, v128_t b, v128_t c, v128_t d)
{
    v128_t ab = wasm_i32x4_add(low32(a, b), high32(a, b)), cd = wasm_i32x4_add(low32(c, d), high32(c, d));
    return wasm_i32x4_add(low64(ab, cd), high64(ab, cd));
}

IN void transpose8x8(v128_t r[8])
{
    v128_t a[8], b[8];
    for (int i = 0; i < 4; i++) a[2 * i] = low16(r[i], r[i + 4]), a[2 * i + 1] = high16(r[i], r[i + 4]);
    for (int i = 0; i < 4; i++) b[2 * i] = low16(a[i], a[i + 4]), b[2 * i + 1] = high16(a[i], a[i + 4]);
    for (int i = 0; i < 4; i++) r[2 * i] = low16(b[i], b[i + 4]), r[2 * i + 1] = high16(b[i], b[i + 4]);
}

}

// Calls F(width, height) for each size of a luma block.
#define FOR_LUMA_SIZES(F)                                                                                \
    F(4, 4) F(8, 8) F(16, 16) F(32, 32) F(64, 64) F(8, 4) F(4, 8) F(16, 8) F(8, 16) F(32, 16) F(16, 32)  \
    F(64, 32) F(32, 64) F(16, 12) F(12, 16) F(16, 4) F(4, 16) F(32, 24) F(24, 32) F(32, 8) F(8, 32)      \
    F(64, 48) F(48, 64) F(64, 16) F(16, 64)

// Likewise for chroma, without the widths 2 and 6, which remain C.
#define FOR_CHROMA_420_SIZES(F)                                                                          \
    F(4, 4) F(8, 8) F(16, 16) F(32, 32) F(4, 2) F(8, 4) F(4, 8) F(16, 8) F(8, 16) F(32, 16) F(16, 32)    \
    F(8, 6) F(8, 2) F(16, 12) F(12, 16) F(16, 4) F(4, 16) F(32, 24) F(24, 32) F(32, 8) F(8, 32)
#define FOR_CHROMA_422_SIZES(F)                                                                          \
    F(4, 8) F(8, 16) F(16, 32) F(32, 64) F(4, 4) F(8, 8) F(4, 16) F(16, 16) F(8, 32) F(32, 32) F(16, 64) \
    F(8, 12) F(8, 4) F(16, 24) F(12, 32) F(16, 8) F(4, 32) F(32, 48) F(24, 64) F(32, 16) F(8, 64)

#endif
