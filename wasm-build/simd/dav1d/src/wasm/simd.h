// SPDX-License-Identifier: BSD-2-Clause
// Loads and stores of pixels as 16-bit lanes, and shuffles.
#ifndef DAV1D_SRC_WASM_SIMD_H
#define DAV1D_SRC_WASM_SIMD_H

#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

#include "common/attributes.h"
#include "common/bitdepth.h"
#include "common/intops.h"

#define IN static ALWAYS_INLINE

IN v128_t splat16(const int x) { return wasm_i16x8_splat((int16_t)x); }
IN v128_t splat32(const int x) { return wasm_i32x4_splat(x); }
// Two 16-bit factors in each lane of 32 bits, for `wasm_i32x4_dot_i16x8`.
IN v128_t splat_pair(const int a, const int b) { return splat32((int)((unsigned)(a & 0xffff) | (unsigned)b << 16)); }

IN v128_t low8(const v128_t a, const v128_t b)
{
    return wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
IN v128_t high8(const v128_t a, const v128_t b)
{
    return wasm_i8x16_shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
IN v128_t low16(const v128_t a, const v128_t b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
IN v128_t high16(const v128_t a, const v128_t b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
IN v128_t low32(const v128_t a, const v128_t b) { return wasm_i32x4_shuffle(a, b, 0, 4, 1, 5); }
IN v128_t high32(const v128_t a, const v128_t b) { return wasm_i32x4_shuffle(a, b, 2, 6, 3, 7); }
IN v128_t low64(const v128_t a, const v128_t b) { return wasm_i64x2_shuffle(a, b, 0, 2); }
IN v128_t high64(const v128_t a, const v128_t b) { return wasm_i64x2_shuffle(a, b, 1, 3); }

IN v128_t add16(const v128_t a, const v128_t b) { return wasm_i16x8_add(a, b); }
IN v128_t sub16(const v128_t a, const v128_t b) { return wasm_i16x8_sub(a, b); }
IN v128_t mul16(const v128_t a, const v128_t b) { return wasm_i16x8_mul(a, b); }
IN v128_t add32(const v128_t a, const v128_t b) { return wasm_i32x4_add(a, b); }
IN v128_t dot(const v128_t a, const v128_t b) { return wasm_i32x4_dot_i16x8(a, b); }

#ifdef BITDEPTH
// Eight pixels as 16-bit lanes; the loads of fewer pixels leave the other lanes zero.
#if BITDEPTH == 8
IN v128_t load_px(const pixel *const p) { return wasm_u16x8_load8x8(p); }
IN v128_t load_px4(const pixel *const p) { return wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(p)); }
#else
IN v128_t load_px(const pixel *const p) { return wasm_v128_load(p); }
IN v128_t load_px4(const pixel *const p) { return wasm_v128_load64_zero(p); }
#endif

// Stores the first `w` (2, 4, or at least 8) of eight signed lanes, clipped to a pixel's range. `max` has the highest
// pixel in each lane; 8-bit pixels do not need it.
IN void store_px(pixel *const p, v128_t a, const int w, const v128_t max)
{
#if BITDEPTH == 8
    (void)max;
    a = wasm_u8x16_narrow_i16x8(a, a);
    if (w >= 8) wasm_v128_store64_lane(p, a, 0);
    else if (w == 4) wasm_v128_store32_lane(p, a, 0);
    else wasm_v128_store16_lane(p, a, 0);
#else
    a = wasm_i16x8_max(wasm_i16x8_min(a, max), splat16(0));
    if (w >= 8) wasm_v128_store(p, a);
    else if (w == 4) wasm_v128_store64_lane(p, a, 0);
    else wasm_v128_store32_lane(p, a, 0);
#endif
}
#endif

#endif
