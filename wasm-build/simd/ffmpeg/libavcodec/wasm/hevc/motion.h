/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stores the motion of a prediction unit of HEVC: the loop in hls_prediction_unit of libavcodec/hevc/hevcdec.c. */
#ifndef AVCODEC_WASM_HEVC_MOTION_H
#define AVCODEC_WASM_HEVC_MOTION_H

#include <stddef.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavcodec/hevc/hevcdec.h"

static av_always_inline void ff_hevc_store_motion(MvField *to, ptrdiff_t stride, int width, int height,
                                                  const MvField *motion)
{
    const v128_t m = wasm_v128_load32_lane((const int32_t *)motion + 2, wasm_v128_load64_zero(motion), 2);
    /* Four motions of 12 bytes are three vectors. */
    const v128_t a = wasm_i32x4_shuffle(m, m, 0, 1, 2, 0);
    const v128_t b = wasm_i32x4_shuffle(m, m, 1, 2, 0, 1);
    const v128_t c = wasm_i32x4_shuffle(m, m, 2, 0, 1, 2);
    _Static_assert(sizeof(MvField) == 12, "a motion is three words");

    for (; height > 0; height--, to += stride) {
        v128_t *row = (v128_t *)to;
        int x = 0;
        for (; x + 4 <= width; x += 4, row += 3) {
            wasm_v128_store(row, a);
            wasm_v128_store(row + 1, b);
            wasm_v128_store(row + 2, c);
        }
        for (; x < width; x++)
            to[x] = *motion;
    }
}

#endif
