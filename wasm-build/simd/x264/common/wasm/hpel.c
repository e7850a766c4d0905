/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Planes at half-pixel positions: hpel_filter of common/mc.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

/* Returns a - 5b + 20c: the taps are 1, -5, 20, 20, -5, 1, and each argument is the sum of two pixels. */
IN v128_t six(v128_t a, v128_t b, v128_t c)
{
    /* (4c - b) * 5 + a */
    v128_t d = wasm_i16x8_sub(wasm_i16x8_shl(c, 2), b);
    return wasm_i16x8_add(wasm_i16x8_add(wasm_i16x8_shl(d, 2), d), a);
}
IN v128_t vertical(const pixel *p, intptr_t s)
{
    return six(wasm_i16x8_add(wasm_u16x8_load8x8(p - 2 * s), wasm_u16x8_load8x8(p + 3 * s)),
               wasm_i16x8_add(wasm_u16x8_load8x8(p - s), wasm_u16x8_load8x8(p + 2 * s)),
               wasm_i16x8_add(wasm_u16x8_load8x8(p), wasm_u16x8_load8x8(p + s)));
}
IN v128_t horizontal(const pixel *p)
{
    return six(wasm_i16x8_add(wasm_u16x8_load8x8(p - 2), wasm_u16x8_load8x8(p + 3)), wasm_i16x8_add(wasm_u16x8_load8x8(p - 1), wasm_u16x8_load8x8(p + 2)),
               wasm_i16x8_add(wasm_u16x8_load8x8(p), wasm_u16x8_load8x8(p + 1)));
}
IN v128_t round5(v128_t a) { return wasm_i16x8_shr(wasm_i16x8_add(a, wasm_i16x8_const_splat(16)), 5); }
/*
 * Applies the same filter to its own results. Shifts early, as the x86 assembly does, so that 16 bits suffice. The
 * largest sum is 33150, and saturation does not change the pixel.
 */
IN v128_t central(const int16_t *v)
{
    v128_t a = wasm_i16x8_add(wasm_v128_load(v - 2), wasm_v128_load(v + 3));
    v128_t b = wasm_i16x8_add(wasm_v128_load(v - 1), wasm_v128_load(v + 2));
    v128_t c = wasm_i16x8_add(wasm_v128_load(v), wasm_v128_load(v + 1));
    v128_t r = wasm_i16x8_add_sat(wasm_i16x8_sub(wasm_i16x8_shr(wasm_i16x8_sub(a, b), 2), b), c);
    r = wasm_i16x8_add(wasm_i16x8_shr(r, 2), c);
    return wasm_i16x8_shr(wasm_i16x8_add(r, wasm_i16x8_const_splat(32)), 6);
}
void x264_hpel_filter_wasm(pixel *dsth, pixel *dstv, pixel *dstc, pixel *src, intptr_t s, int width, int height,
                           int16_t *buf)
{
    int16_t *v = buf + 8;
    for (int y = 0; y < height; y++, dsth += s, dstv += s, dstc += s, src += s) {
        wasm_v128_store(v - 8, vertical(src - 8, s));
        for (int x = 0; x < width; x += 16) {
            v128_t a = vertical(src + x, s), b = vertical(src + x + 8, s);
            wasm_v128_store(v + x, a);
            wasm_v128_store(v + x + 8, b);
            wasm_v128_store(dstv + x, wasm_u8x16_narrow_i16x8(round5(a), round5(b)));
            wasm_v128_store(dsth + x, wasm_u8x16_narrow_i16x8(round5(horizontal(src + x)),
                                                              round5(horizontal(src + x + 8))));
        }
        int rounded = (width + 15) & ~15;
        wasm_v128_store(v + rounded, vertical(src + rounded, s));
        for (int x = 0; x < width; x += 16)
            wasm_v128_store(dstc + x, wasm_u8x16_narrow_i16x8(central(v + x), central(v + x + 8)));
    }
}
#endif
