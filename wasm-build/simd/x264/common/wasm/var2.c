/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The variance of chroma differences: pixel_var2_* of common/pixel.c. */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

IN int var2(const pixel *fenc, const pixel *fdec, int ssd[2], int h, int shift)
{
    int variance = 0;
    for (int plane = 0; plane < 2; plane++) {
        const pixel *e = fenc + plane * (FENC_STRIDE / 2), *d = fdec + plane * (FDEC_STRIDE / 2);
        v128_t sum = wasm_i16x8_const_splat(0), squares = sum;
        for (int y = 0; y < h; y++, e += FENC_STRIDE, d += FDEC_STRIDE) {
            v128_t x = difference8(e, d);
            sum = wasm_i16x8_add(sum, x);
            squares = wasm_i32x4_add(squares, wasm_i32x4_dot_i16x8(x, x));
        }
        int s = sum_i32(wasm_i32x4_extadd_pairwise_i16x8(sum));
        ssd[plane] = sum_i32(squares);
        variance += ssd[plane] - (int)((int64_t)s * s >> shift);
    }
    return variance;
}
int x264_pixel_var2_8x8_wasm(pixel *fenc, pixel *fdec, int ssd[2]) { return var2(fenc, fdec, ssd, 8, 6); }
int x264_pixel_var2_8x16_wasm(pixel *fenc, pixel *fdec, int ssd[2]) { return var2(fenc, fdec, ssd, 16, 7); }
#endif
