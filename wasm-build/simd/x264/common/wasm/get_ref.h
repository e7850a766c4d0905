/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The short path of get_ref, for encoder/me.c: the pixels of a plane need no call. */
#ifndef X264_WASM_GET_REF_H
#define X264_WASM_GET_REF_H

#include "kernels.h"

static ALWAYS_INLINE pixel *x264_get_ref_inline(pixel *dst, intptr_t *sd, pixel *src[4], intptr_t s, int mvx, int mvy,
                                                int w, int h, const x264_weight_t *weight)
{
    if ((mvx | mvy) & 1 || weight->weightfn)
        return x264_get_ref_wasm(dst, sd, src, s, mvx, mvy, w, h, weight);
    *sd = s;
    return src[(mvy & 2) | (mvx & 2) >> 1] + (mvy >> 2) * s + (mvx >> 2);
}

#endif
