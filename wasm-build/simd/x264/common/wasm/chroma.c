/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Copies between interleaved chroma and the encoder's blocks: store_interleave_chroma, load_deinterleave_chroma_fenc and
 * load_deinterleave_chroma_fdec of common/mc.c.
 */
#include "common/common.h"
#if !HIGH_BIT_DEPTH
#include "kernels.h"
#include "simd.h"

void x264_load_deinterleave_chroma_fenc_wasm(pixel *dst, pixel *src, intptr_t stride, int height)
{
#pragma clang loop unroll_count(4)
    for (int y = 0; y < height; y++, dst += FENC_STRIDE, src += stride)
        wasm_v128_store(dst, deinterleave(wasm_v128_load(src)));
}

void x264_load_deinterleave_chroma_fdec_wasm(pixel *dst, pixel *src, intptr_t stride, int height)
{
#pragma clang loop unroll_count(4)
    for (int y = 0; y < height; y++, dst += FDEC_STRIDE, src += stride) {
        v128_t x = deinterleave(wasm_v128_load(src));
        store8(dst, x);
        wasm_v128_store64_lane(dst + FDEC_STRIDE / 2, x, 1);
    }
}

void x264_store_interleave_chroma_wasm(pixel *dst, intptr_t stride, pixel *u, pixel *v, int height)
{
#pragma clang loop unroll_count(4)
    for (int y = 0; y < height; y++, dst += stride, u += FDEC_STRIDE, v += FDEC_STRIDE) {
        v128_t a = wasm_v128_load64_zero(u), b = wasm_v128_load64_zero(v);
        wasm_v128_store(dst, wasm_i8x16_shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
    }
}
#endif
