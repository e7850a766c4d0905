/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sets a block of coefficients of HEVC to zero, in place of memset, which is a call out of the module. */
#ifndef AVCODEC_WASM_HEVC_CLEAR_H
#define AVCODEC_WASM_HEVC_CLEAR_H

#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"

/* `count` is a multiple of 16. */
static av_always_inline void ff_hevc_clear_block(int16_t *block, int count)
{
    v128_t zero = wasm_i16x8_const_splat(0);
    /* Without this, clang replaces the loop by a call of memset. */
    __asm__("" : "+r"(zero));
    for (int i = 0; i < count; i += 16) {
        wasm_v128_store(block + i, zero);
        wasm_v128_store(block + i + 8, zero);
    }
}

#endif
