/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions of aacenc_utils.h. The sums are in the order of the C code. All sizes are multiples of 4. */
#ifndef AVCODEC_WASM_AACENC_UTILS_H
#define AVCODEC_WASM_AACENC_UTILS_H

#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/ffmath.h"
#include "libavcodec/aacenctab.h"
#include "libavcodec/aactab.h"

static av_always_inline float add_lanes(float sum, v128_t x)
{
    sum += wasm_f32x4_extract_lane(x, 0);
    sum += wasm_f32x4_extract_lane(x, 1);
    sum += wasm_f32x4_extract_lane(x, 2);
    sum += wasm_f32x4_extract_lane(x, 3);
    return sum;
}

static av_always_inline float max_of_lanes(v128_t x)
{
    x = wasm_f32x4_pmax(x, wasm_i32x4_shuffle(x, x, 2, 3, 2, 3));
    x = wasm_f32x4_pmax(x, wasm_i32x4_shuffle(x, x, 1, 1, 1, 1));
    return wasm_f32x4_extract_lane(x, 0);
}

static inline float find_max_val(int group_len, int swb_size, const float *scaled)
{
    v128_t max = wasm_f32x4_splat(0);
    for (int w2 = 0; w2 < group_len; w2++)
        for (int i = 0; i < swb_size; i += 4)
            max = wasm_f32x4_pmax(max, wasm_v128_load(scaled + w2 * 128 + i));
    return max_of_lanes(max);
}

/* The factor of find_min_book. */
static av_always_inline const float *factor_of(int sf)
{
    return &ff_aac_pow34sf_tab[POW_SF2_ZERO - sf + SCALE_ONE_POS - SCALE_DIV_512];
}

/* The last code book is that of all larger values. A choice between two scalars is a branch, one between vectors is not. */
static av_always_inline v128_t quantize_maxval(v128_t maxval, v128_t factor)
{
    const v128_t x = wasm_f32x4_add(wasm_f32x4_mul(maxval, factor), wasm_f32x4_splat(C_QUANT));
    return wasm_f32x4_pmin(x, wasm_f32x4_splat(FF_ARRAY_ELEMS(aac_maxval_cb) - 1));
}

static av_always_inline int find_min_book(float maxval, int sf)
{
    const v128_t x = quantize_maxval(wasm_f32x4_splat(maxval), wasm_v128_load32_zero(factor_of(sf)));
    return aac_maxval_cb[(int)wasm_f32x4_extract_lane(x, 0)];
}

/* find_min_book of several bands. */
static av_always_inline void find_min_books(int *books, const float *maxvals, const int *sf_idx, int bands)
{
    const v128_t table = wasm_u8x16_make(0, 1, 3, 5, 5, 7, 7, 7, 9, 9, 9, 9, 9, 11, 11, 11); // aac_maxval_cb
    int g = 0;

    for (; g + 4 <= bands; g += 4) {
        v128_t factor = wasm_v128_load32_zero(factor_of(sf_idx[g])), x;
        factor = wasm_v128_load32_lane(factor_of(sf_idx[g + 1]), factor, 1);
        factor = wasm_v128_load32_lane(factor_of(sf_idx[g + 2]), factor, 2);
        factor = wasm_v128_load32_lane(factor_of(sf_idx[g + 3]), factor, 3);
        x = wasm_i32x4_trunc_sat_f32x4(quantize_maxval(wasm_v128_load(maxvals + g), factor));
        // The upper bytes of each number are 0, as is the first code book.
        wasm_v128_store(books + g, wasm_i8x16_swizzle(table, x));
    }
    for (; g < bands; g++)
        books[g] = find_min_book(maxvals[g], sf_idx[g]);
}

static inline float find_form_factor(int group_len, int swb_size, float thresh, const float *scaled, float nzslope)
{
    const float iswb_size = 1.0f / swb_size;
    const float iswb_sizem1 = 1.0f / (swb_size - 1);
    const v128_t ethresh = wasm_f32x4_splat(thresh);
    float form = 0.0f, weight = 0.0f;

    for (int w2 = 0; w2 < group_len; w2++) {
        float e = 0.0f, e2 = 0.0f, var = 0.0f, maxval, nzl = 0;
        v128_t max = wasm_f32x4_splat(0);

        for (int i = 0; i < swb_size; i += 4) {
            const v128_t x = wasm_f32x4_abs(wasm_v128_load(scaled + w2 * 128 + i)), square = wasm_f32x4_mul(x, x);
            const v128_t is_large = wasm_f32x4_ge(square, ethresh), ratio = wasm_f32x4_div(square, ethresh);
            v128_t term;

            max = wasm_f32x4_pmax(max, x);
            e   = add_lanes(e, x);
            e2  = add_lanes(e2, square);
            /* Values below the threshold add to a band's power as well, so they count in part. */
            if (nzslope == 2.f) {
                term = wasm_f32x4_mul(ratio, ratio);
            } else {
                term = ratio;
#define POWER(i)                                                                                                       \
                if (!wasm_i32x4_extract_lane(is_large, i))                                                             \
                    term = wasm_f32x4_replace_lane(term, i, ff_fast_powf(wasm_f32x4_extract_lane(ratio, i), nzslope));
                POWER(0)
                POWER(1)
                POWER(2)
                POWER(3)
#undef POWER
            }
            nzl = add_lanes(nzl, wasm_v128_bitselect(wasm_f32x4_splat(1), term, is_large));
        }
        if (e2 > thresh) {
            const v128_t mean = wasm_f32x4_splat(e *= iswb_size);
            float frm;

            /** compute variance */
            for (int i = 0; i < swb_size; i += 4) {
                const v128_t x = wasm_f32x4_abs(wasm_v128_load(scaled + w2 * 128 + i));
                const v128_t d = wasm_f32x4_sub(x, mean);
                var = add_lanes(var, wasm_f32x4_mul(d, d));
            }
            var = sqrtf(var * iswb_sizem1);

            maxval = max_of_lanes(max);
            e2 *= iswb_size;
            frm = e / FFMIN(e + 4 * var, maxval);
            form += e2 * sqrtf(frm) / FFMAX(0.5f, nzl);
            weight += e2;
        }
    }
    if (weight > 0) {
        return form / weight;
    } else {
        return 1.0f;
    }
}

#endif /* AVCODEC_WASM_AACENC_UTILS_H */
