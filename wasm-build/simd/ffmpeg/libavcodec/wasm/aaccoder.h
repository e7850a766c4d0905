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
static av_always_inline float cost_of_band(const float *in, const float *scaled, int size, int cb, float Q34, float IQ,
                                           float rounding, float lambda, float uplim, int *bits, float *energy,
                                           int is_unsigned, int is_pair)
{
    const uint8_t *const lengths = ff_aac_spectral_bits[cb - 1];
    const float *const vectors = ff_aac_codebook_vectors[cb - 1];
    const int range = aac_cb_range[cb], off = is_unsigned ? 0 : aac_cb_maxval[cb];
    // The weights of the values in an index, and the index of zeros.
    const v128_t weights = is_pair ? wasm_i16x8_make(range, 1, range, 1, 0, 0, 0, 0) :
                           wasm_i16x8_make(range * range * range, range * range, range, 1, 0, 0, 0, 0);
    const int zero = is_pair ? off * (range + 1) : off * (range + 1) * (range * range + 1);
    const v128_t iq = wasm_f32x4_splat(IQ), factor = wasm_f32x4_splat(Q34), round = wasm_f32x4_splat(rounding);
    const v128_t max = wasm_f32x4_splat(aac_cb_maxval[cb]);
    float cost = 0, qenergy = 0;
    int resbits = 0;

    for (int i = 0; i < size; i += 4) {
        v128_t x = wasm_v128_load(in + i), y, n;
        int a, b, curbits, signs = 0;

        // As in quant_bands.
        n = wasm_f32x4_add(wasm_f32x4_mul(wasm_v128_load(scaled + i), factor), round);
        n = wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_pmin(n, max));
        if (!is_unsigned) {
            const v128_t negative = wasm_f32x4_lt(x, wasm_f32x4_splat(0));
            n = wasm_i32x4_sub(wasm_v128_xor(n, negative), negative);
        }
        n = wasm_i32x4_dot_i16x8(wasm_i16x8_narrow_i32x4(n, n), weights);
        a = zero + wasm_i32x4_extract_lane(n, 0);
        b = wasm_i32x4_extract_lane(n, 1);
        if (is_pair) {
            b += zero;
            y = wasm_v128_load64_lane(vectors + 2 * b, wasm_v128_load64_zero(vectors + 2 * a), 1);
        } else {
            a += b;
            y = wasm_v128_load(vectors + 4 * a);
        }
        curbits = lengths[a];
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
