/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The costs of a band in quantize_and_encode_band_cost_template of aaccoder.c, for a caller that does not encode it. The
 * sums are in the order of the C code. All sizes are multiples of 4. */
#ifndef AVCODEC_WASM_AACCODER_H
#define AVCODEC_WASM_AACCODER_H

#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavcodec/aacenc.h"
#include "libavcodec/aacenctab.h"
#include "libavcodec/aactab.h"
#include "aacenc_utils.h"

static av_always_inline float sum_of_squares(const float *in, int size)
{
    float sum = 0;
    for (int i = 0; i < size; i += 4) {
        const v128_t x = wasm_v128_load(in + i);
        sum = add_lanes(sum, wasm_f32x4_mul(x, x));
    }
    return sum;
}

/* The cost of a band with a code book without escape codes. */
static av_always_inline float cost_of_band(const float *in, const int *quants, int size, int cb, float IQ, float lambda,
                                           float uplim, int *bits, float *energy, int is_unsigned, int is_pair)
{
    const uint8_t *const lengths = ff_aac_spectral_bits[cb - 1];
    const float *const vectors = ff_aac_codebook_vectors[cb - 1];
    const int range = aac_cb_range[cb], off = is_unsigned ? 0 : aac_cb_maxval[cb];
    const v128_t iq = wasm_f32x4_splat(IQ);
    float cost = 0, qenergy = 0;
    int resbits = 0;

    for (int i = 0; i < size; i += 4) {
        const int a = (quants[i] + off) * range + quants[i + 1] + off;
        const int b = (quants[i + 2] + off) * range + quants[i + 3] + off;
        const int index = is_pair ? a : a * range * range + b;
        int curbits = lengths[index], signs = 0;
        v128_t x = wasm_v128_load(in + i), y;

        if (is_pair)
            y = wasm_v128_load64_lane(vectors + 2 * b, wasm_v128_load64_zero(vectors + 2 * a), 1);
        else
            y = wasm_v128_load(vectors + 4 * index);
        if (is_unsigned) {
            x = wasm_f32x4_abs(x);
            signs = wasm_i32x4_bitmask(wasm_f32x4_ne(y, wasm_f32x4_splat(0)));
        }
        y = wasm_f32x4_mul(y, iq);
        x = wasm_f32x4_sub(x, y);
        x = wasm_f32x4_mul(x, x);
        qenergy = add_lanes(qenergy, wasm_f32x4_mul(y, y));
        if (is_pair) {
            curbits += __builtin_popcount(signs & 3);
            cost += (wasm_f32x4_extract_lane(x, 0) + wasm_f32x4_extract_lane(x, 1)) * lambda + curbits;
            resbits += curbits;
            if (cost >= uplim)
                return uplim;
            curbits = lengths[b] + __builtin_popcount(signs >> 2);
            cost += (wasm_f32x4_extract_lane(x, 2) + wasm_f32x4_extract_lane(x, 3)) * lambda + curbits;
        } else {
            curbits += __builtin_popcount(signs);
            cost += add_lanes(0, x) * lambda + curbits;
        }
        resbits += curbits;
        if (cost >= uplim)
            return uplim;
    }
    if (bits)
        *bits = resbits;
    if (energy)
        *energy = qenergy;
    return cost;
}

#endif /* AVCODEC_WASM_AACCODER_H */
