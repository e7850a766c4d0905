/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums of squares: pixel_ssd_*, pixel_var_* and pixel_var2_* of common/pixel.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

IN v128_t add_squares(v128_t sum, v128_t x) { return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(x, x)); }
/* Adds the squares of sixteen values of 8 bits. */
IN v128_t add_squares16(v128_t sum, v128_t x)
{
    sum = add_squares(sum, wasm_u16x8_extend_low_u8x16(x));
    return add_squares(sum, wasm_u16x8_extend_high_u8x16(x));
}

IN int ssd(const pixel *a, intptr_t sa, const pixel *b, intptr_t sb, int w, int h)
{
    v128_t sum = wasm_i32x4_const_splat(0);
#pragma clang loop unroll_count(4)
    for (int y = 0; y < h; y++, a += sa, b += sb) {
        if (w == 16) {
            v128_t x = wasm_v128_load(a), z = wasm_v128_load(b);
            sum = add_squares16(sum, absolute_difference(x, z));
        } else {
            sum = add_squares(sum, difference8(a, b));
        }
    }
    return sum_i32(sum);
}
#define SSD(w, h)                                                                              \
    int x264_pixel_ssd_##w##x##h##_wasm(pixel *a, intptr_t sa, pixel *b, intptr_t sb)          \
    {                                                                                          \
        return ssd(a, sa, b, sb, w, h);                                                        \
    }
SSD(16, 16) SSD(16, 8) SSD(8, 16) SSD(8, 8)

/* Returns the sum of squares in the upper half, and the sum in the lower. */
IN uint64_t var(const pixel *p, intptr_t stride, int w, int h)
{
    v128_t sum = wasm_i16x8_const_splat(0), squares = sum;
#pragma clang loop unroll_count(4)
    for (int y = 0; y < h; y++, p += stride) {
        if (w == 16) {
            v128_t x = wasm_v128_load(p);
            sum = wasm_i16x8_add(sum, wasm_u16x8_extadd_pairwise_u8x16(x));
            squares = add_squares16(squares, x);
        } else {
            v128_t x = wasm_u16x8_load8x8(p);
            sum = wasm_i16x8_add(sum, x);
            squares = add_squares(squares, x);
        }
    }
    return (uint64_t)(uint32_t)sum_i32(squares) << 32 | (uint32_t)sum_i16(sum);
}
uint64_t x264_pixel_var_16x16_wasm(pixel *p, intptr_t stride) { return var(p, stride, 16, 16); }
uint64_t x264_pixel_var_8x16_wasm(pixel *p, intptr_t stride) { return var(p, stride, 8, 16); }
uint64_t x264_pixel_var_8x8_wasm(pixel *p, intptr_t stride) { return var(p, stride, 8, 8); }

IN int var2(const pixel *fenc, const pixel *fdec, int ssd[2], int h, int shift)
{
    int variance = 0;
    for (int plane = 0; plane < 2; plane++) {
        const pixel *e = fenc + plane * (FENC_STRIDE / 2), *d = fdec + plane * (FDEC_STRIDE / 2);
        v128_t sum = wasm_i16x8_const_splat(0), squares = sum;
        for (int y = 0; y < h; y++, e += FENC_STRIDE, d += FDEC_STRIDE) {
            v128_t x = difference8(e, d);
            sum = wasm_i16x8_add(sum, x);
            squares = add_squares(squares, x);
        }
        int s = sum_i16(sum);
        ssd[plane] = sum_i32(squares);
        variance += ssd[plane] - (int)((int64_t)s * s >> shift);
    }
    return variance;
}
int x264_pixel_var2_8x8_wasm(pixel *fenc, pixel *fdec, int ssd[2]) { return var2(fenc, fdec, ssd, 8, 6); }
int x264_pixel_var2_8x16_wasm(pixel *fenc, pixel *fdec, int ssd[2]) { return var2(fenc, fdec, ssd, 16, 7); }
#endif
