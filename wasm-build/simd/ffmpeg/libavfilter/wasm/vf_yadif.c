/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Deinterlacing: filter_line_c and filter_line_c_16bit of vf_yadif.c, the latter for up to 13 bits. */
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavfilter/yadif.h"

#define IN static av_always_inline

/* Loads eight pixels; `pixel` is their size in bytes. */
IN v128_t pixels(const uint8_t *p, int pixel)
{
    return pixel == 1 ? wasm_u16x8_load8x8(p) : wasm_v128_load(p);
}

IN v128_t distance(v128_t a, v128_t b) { return wasm_i16x8_sub(wasm_i16x8_max(a, b), wasm_i16x8_min(a, b)); }
IN v128_t half(v128_t a, v128_t b) { return wasm_u16x8_shr(wasm_i16x8_add(a, b), 1); }
IN v128_t max3(v128_t a, v128_t b, v128_t c) { return wasm_i16x8_max(wasm_i16x8_max(a, b), c); }
IN v128_t min3(v128_t a, v128_t b, v128_t c) { return wasm_i16x8_min(wasm_i16x8_min(a, b), c); }

/*
 * Compares the rows above and below along a direction, `j` pixels from the vertical. Where `allowed` and closer than
 * `score`, takes their mean as the prediction. Returns these lanes.
 */
IN v128_t check(const uint8_t *above, const uint8_t *below, int j, int pixel, v128_t allowed, v128_t *score,
                v128_t *prediction)
{
    v128_t a = pixels(above + j * pixel, pixel), b = pixels(below - j * pixel, pixel);
    v128_t sum = distance(pixels(above + (j - 1) * pixel, pixel), pixels(below - (j + 1) * pixel, pixel));
    sum = wasm_i16x8_add(sum, distance(a, b));
    sum = wasm_i16x8_add(sum, distance(pixels(above + (j + 1) * pixel, pixel), pixels(below - (j - 1) * pixel, pixel)));
    v128_t closer = wasm_v128_and(allowed, wasm_i16x8_lt(sum, *score));
    *score = wasm_v128_bitselect(sum, *score, closer);
    *prediction = wasm_v128_bitselect(half(a, b), *prediction, closer);
    return closer;
}

/* Eight pixels at a time. Reads up to twelve pixels behind the last one. */
IN void filter_line(uint8_t *dst, const uint8_t *prev, const uint8_t *cur, const uint8_t *next, int w, int prefs,
                    int mrefs, int parity, int mode, int pixel)
{
    const uint8_t *prev2 = parity ? prev : cur, *next2 = parity ? cur : next;
    const v128_t all = wasm_i16x8_const_splat(-1);

    for (int x = 0; x < w * pixel; x += 8 * pixel) {
        const uint8_t *above = cur + x + mrefs, *below = cur + x + prefs;
        v128_t c = pixels(above, pixel), e = pixels(below, pixel);
        v128_t before = pixels(prev2 + x, pixel), after = pixels(next2 + x, pixel);
        v128_t d = half(before, after);
        v128_t diff = max3(wasm_u16x8_shr(distance(before, after), 1),
                           half(distance(pixels(prev + x + mrefs, pixel), c), distance(pixels(prev + x + prefs, pixel), e)),
                           half(distance(pixels(next + x + mrefs, pixel), c), distance(pixels(next + x + prefs, pixel), e)));
        v128_t prediction = half(c, e);
        v128_t score = distance(pixels(above - pixel, pixel), pixels(below - pixel, pixel));
        score = wasm_i16x8_add(score, distance(c, e));
        score = wasm_i16x8_add(score, distance(pixels(above + pixel, pixel), pixels(below + pixel, pixel)));
        score = wasm_i16x8_add(score, all);

        v128_t closer = check(above, below, -1, pixel, all, &score, &prediction);
        check(above, below, -2, pixel, closer, &score, &prediction);
        closer = check(above, below, 1, pixel, all, &score, &prediction);
        check(above, below, 2, pixel, closer, &score, &prediction);

        if (!(mode & 2)) {
            v128_t b = half(pixels(prev2 + x + 2 * mrefs, pixel), pixels(next2 + x + 2 * mrefs, pixel));
            v128_t f = half(pixels(prev2 + x + 2 * prefs, pixel), pixels(next2 + x + 2 * prefs, pixel));
            v128_t de = wasm_i16x8_sub(d, e), dc = wasm_i16x8_sub(d, c);
            v128_t bc = wasm_i16x8_sub(b, c), fe = wasm_i16x8_sub(f, e);
            v128_t highest = max3(de, dc, wasm_i16x8_min(bc, fe));
            v128_t lowest = min3(de, dc, wasm_i16x8_max(bc, fe));
            diff = max3(diff, lowest, wasm_i16x8_neg(highest));
        }

        prediction = wasm_i16x8_max(prediction, wasm_i16x8_sub(d, diff));
        prediction = wasm_i16x8_min(prediction, wasm_i16x8_add(d, diff));
        if (pixel == 1)
            prediction = wasm_u8x16_narrow_i16x8(prediction, prediction);
        if (x + 8 * pixel > w * pixel)
            memcpy(dst + x, &prediction, w * pixel - x);
        else if (pixel == 1)
            wasm_v128_store64_lane(dst + x, prediction, 0);
        else
            wasm_v128_store(dst + x, prediction);
    }
}

static void filter_line_8(void *dst, void *prev, void *cur, void *next, int w, int prefs, int mrefs, int parity,
                          int mode)
{
    filter_line(dst, prev, cur, next, w, prefs, mrefs, parity, mode, 1);
}

static void filter_line_16(void *dst, void *prev, void *cur, void *next, int w, int prefs, int mrefs, int parity,
                           int mode)
{
    filter_line(dst, prev, cur, next, w, prefs, mrefs, parity, mode, 2);
}

av_cold void ff_yadif_init_wasm(YADIFContext *s)
{
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128))
        return;
    if (s->csp->comp[0].depth <= 8)
        s->filter_line = filter_line_8;
    else if (s->csp->comp[0].depth <= 13)
        s->filter_line = filter_line_16;
}
