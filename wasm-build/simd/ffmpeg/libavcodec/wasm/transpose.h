/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocks of eight rows of eight 16-bit numbers. */
#ifndef AVCODEC_WASM_TRANSPOSE_H
#define AVCODEC_WASM_TRANSPOSE_H

#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"

/* Alternates the low halves of two vectors. */
static av_always_inline v128_t interleave_low(v128_t a, v128_t b)
{
    return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

static av_always_inline v128_t interleave_high(v128_t a, v128_t b)
{
    return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

static av_always_inline void load_block(v128_t x[8], const int16_t *block)
{
    for (int i = 0; i < 8; i++)
        x[i] = wasm_v128_load(block + 8 * i);
}

static av_always_inline void store_block(int16_t *block, const v128_t x[8])
{
    for (int i = 0; i < 8; i++)
        wasm_v128_store(block + 8 * i, x[i]);
}

static av_always_inline void transpose(v128_t x[8])
{
    for (int round = 0; round < 3; round++) {
        v128_t y[8];
        for (int i = 0; i < 4; i++) {
            y[2 * i]     = interleave_low(x[i], x[i + 4]);
            y[2 * i + 1] = interleave_high(x[i], x[i + 4]);
        }
        for (int i = 0; i < 8; i++)
            x[i] = y[i];
    }
}

#endif
