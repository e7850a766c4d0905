// SPDX-License-Identifier: BSD-2-Clause
// The deblocking filter; replaces the functions of loopfilter_tmpl.c with the same names and the suffix `_c`. A call filters
// two units of four pixels along an edge if both are filtered; each has its own width and limits.
#include "config.h"

#include "src/loopfilter.h"
#include "src/wasm/simd.h"

// The values of each unit, in all of its lanes.
typedef struct {
    v128_t e, i, h;
    // Lanes of which more than four, and more than eight pixels are filtered.
    v128_t is_wide, is_widest;
} Limits;

IN v128_t distance(const v128_t a, const v128_t b) { return wasm_i16x8_abs(sub16(a, b)); }
IN v128_t both(const v128_t a, const v128_t b) { return wasm_v128_and(a, b); }
IN v128_t larger(const v128_t a, const v128_t b) { return wasm_i16x8_max(a, b); }
IN v128_t choose(const v128_t mask, const v128_t a, const v128_t b) { return wasm_v128_bitselect(a, b, mask); }
IN v128_t clip(const v128_t a, const v128_t min, const v128_t max) { return wasm_i16x8_max(wasm_i16x8_min(a, max), min); }
IN v128_t twice(const v128_t a) { return add16(a, a); }

// Filters the pixels p[0], p[1]... before an edge and q[0], q[1]... after it. `width`: 4, 6, 8, or 16. Returns whether it
// changed one. Sums of sixteen pixels are unsigned.
IN int filter(v128_t p[8], v128_t q[8], const Limits *const limits, const int width HIGHBD_DECL_SUFFIX)
{
    const int bitdepth_min_8 = bitdepth_from_max(bitdepth_max) - 8;
    const v128_t flat = splat16(1 << bitdepth_min_8);
    const v128_t p0 = p[0], p1 = p[1], p2 = p[2], p3 = p[3], q0 = q[0], q1 = q[1], q2 = q[2], q3 = q[3];
    const v128_t steps = larger(distance(p1, p0), distance(q1, q0));
    const v128_t edge = add16(twice(distance(p0, q0)), wasm_i16x8_shr(distance(p1, q1), 1));
    v128_t wide_steps = steps;
    if (width > 4)
        wide_steps = larger(wide_steps, larger(distance(p2, p1), distance(q2, q1)));
    if (width > 6)
        wide_steps = larger(wide_steps, larger(distance(p3, p2), distance(q3, q2)));
    if (width > 4)
        wide_steps = choose(limits->is_wide, wide_steps, steps);
    const v128_t is_filtered = both(wasm_i16x8_le(wide_steps, limits->i), wasm_i16x8_le(edge, limits->e));
    if (!wasm_v128_any_true(is_filtered))
        return 0;

    v128_t is_flat = splat16(0), is_flattest = splat16(0);
    if (width > 4) {
        v128_t range = larger(larger(distance(p2, p0), distance(q2, q0)), steps);
        if (width > 6)
            range = larger(range, larger(distance(p3, p0), distance(q3, q0)));
        is_flat = both(both(wasm_i16x8_le(range, flat), limits->is_wide), is_filtered);
    }
    if (width == 16) {
        const v128_t outer_p = larger(larger(distance(p[6], p0), distance(p[5], p0)), distance(p[4], p0));
        const v128_t outer_q = larger(larger(distance(q[6], q0), distance(q[5], q0)), distance(q[4], q0));
        is_flattest = both(both(wasm_i16x8_le(larger(outer_p, outer_q), flat), limits->is_widest), is_flat);
    }

    const v128_t is_narrow = wasm_v128_andnot(is_filtered, is_flat);
    if (width == 4 || wasm_v128_any_true(is_narrow)) {
        const v128_t min = splat16(-(128 << bitdepth_min_8)), max = splat16((128 << bitdepth_min_8) - 1);
        const v128_t black = splat16(0), white = splat16(BITDEPTH_MAX);
        const v128_t is_uneven = wasm_i16x8_gt(steps, limits->h);
        const v128_t outer = both(clip(sub16(p1, q1), min, max), is_uneven);
        const v128_t inner = sub16(q0, p0);
        const v128_t f = clip(add16(add16(twice(inner), inner), outer), min, max);
        const v128_t f1 = wasm_i16x8_shr(wasm_i16x8_min(add16(f, splat16(4)), max), 3);
        const v128_t f2 = wasm_i16x8_shr(wasm_i16x8_min(add16(f, splat16(3)), max), 3);
        const v128_t g = wasm_v128_andnot(wasm_i16x8_shr(add16(f1, splat16(1)), 1), is_uneven);
        p[0] = choose(is_narrow, clip(add16(p0, f2), black, white), p0);
        q[0] = choose(is_narrow, clip(sub16(q0, f1), black, white), q0);
        p[1] = choose(is_narrow, clip(add16(p1, g), black, white), p1);
        q[1] = choose(is_narrow, clip(sub16(q1, g), black, white), q1);
    }
    if (width == 4 || !wasm_v128_any_true(is_flat))
        return 1;

#define SET(pixel, sum, shift, mask) pixel = choose(mask, wasm_u16x8_shr(sum, shift), pixel)
    if (width == 6) {
        const v128_t middle = add16(add16(p0, q0), splat16(4));
        // p2 + 2 * (p2 + p1 + p0) + q0 + 4
        v128_t sum = add16(add16(add16(p2, twice(add16(p2, p1))), p0), middle);
        SET(p[1], sum, 3, is_flat);
        sum = add16(sum, sub16(add16(q0, q1), twice(p2)));
        SET(p[0], sum, 3, is_flat);
        sum = add16(sum, sub16(add16(q1, q2), add16(p2, p1)));
        SET(q[0], sum, 3, is_flat);
        sum = add16(sum, sub16(twice(q2), add16(p1, p0)));
        SET(q[1], sum, 3, is_flat);
        return 1;
    }
    if (width == 8 || wasm_v128_any_true(wasm_v128_andnot(is_flat, is_flattest))) {
        // 3 * p3 + 2 * p2 + p1 + p0 + q0 + 4
        v128_t sum = add16(add16(add16(twice(add16(p3, p2)), add16(p3, p1)), add16(p0, q0)), splat16(4));
        SET(p[2], sum, 3, is_flat);
        sum = add16(sum, sub16(add16(p1, q1), add16(p3, p2)));
        SET(p[1], sum, 3, is_flat);
        sum = add16(sum, sub16(add16(p0, q2), add16(p3, p1)));
        SET(p[0], sum, 3, is_flat);
        sum = add16(sum, sub16(add16(q0, q3), add16(p3, p0)));
        SET(q[0], sum, 3, is_flat);
        sum = add16(sum, sub16(add16(q1, q3), add16(p2, q0)));
        SET(q[1], sum, 3, is_flat);
        sum = add16(sum, sub16(add16(q2, q3), add16(p1, q1)));
        SET(q[2], sum, 3, is_flat);
    }
    if (width == 16 && wasm_v128_any_true(is_flattest)) {
        const v128_t p4 = p[4], p5 = p[5], p6 = p[6], q4 = q[4], q5 = q[5], q6 = q[6];
        // 7 * p6 + 2 * (p5 + p4) + p3 + p2 + p1 + p0 + q0 + 8
        v128_t sum = add16(add16(sub16(wasm_i16x8_shl(p6, 3), p6), twice(add16(p5, p4))),
                           add16(add16(add16(p3, p2), add16(p1, p0)), add16(q0, splat16(8))));
        SET(p[5], sum, 4, is_flattest);
        sum = add16(sum, sub16(add16(p3, q1), twice(p6)));
        SET(p[4], sum, 4, is_flattest);
        sum = add16(sum, sub16(add16(p2, q2), add16(p6, p5)));
        SET(p[3], sum, 4, is_flattest);
        sum = add16(sum, sub16(add16(p1, q3), add16(p6, p4)));
        SET(p[2], sum, 4, is_flattest);
        sum = add16(sum, sub16(add16(p0, q4), add16(p6, p3)));
        SET(p[1], sum, 4, is_flattest);
        sum = add16(sum, sub16(add16(q0, q5), add16(p6, p2)));
        SET(p[0], sum, 4, is_flattest);
        sum = add16(sum, sub16(add16(q1, q6), add16(p6, p1)));
        SET(q[0], sum, 4, is_flattest);
        sum = add16(sum, sub16(add16(q2, q6), add16(p5, p0)));
        SET(q[1], sum, 4, is_flattest);
        sum = add16(sum, sub16(add16(q3, q6), add16(p4, q0)));
        SET(q[2], sum, 4, is_flattest);
        sum = add16(sum, sub16(add16(q4, q6), add16(p3, q1)));
        SET(q[3], sum, 4, is_flattest);
        sum = add16(sum, sub16(add16(q5, q6), add16(p2, q2)));
        SET(q[4], sum, 4, is_flattest);
        sum = add16(sum, sub16(twice(q6), add16(p1, q3)));
        SET(q[5], sum, 4, is_flattest);
    }
#undef SET
    return 1;
}

IN void transpose8(v128_t r[8])
{
    v128_t a[8], b[8];
    for (int i = 0; i < 4; i++) a[2 * i] = low16(r[i], r[i + 4]), a[2 * i + 1] = high16(r[i], r[i + 4]);
    for (int i = 0; i < 4; i++) b[2 * i] = low16(a[i], a[i + 4]), b[2 * i + 1] = high16(a[i], a[i + 4]);
    for (int i = 0; i < 4; i++) r[2 * i] = low16(b[i], b[i + 4]), r[2 * i + 1] = high16(b[i], b[i + 4]);
}

IN void store8(pixel *const p, const v128_t a)
{
#if BITDEPTH == 8
    wasm_v128_store64_lane(p, wasm_u8x16_narrow_i16x8(a, a), 0);
#else
    wasm_v128_store(p, a);
#endif
}

// Filters across a row edge, along which are `n` pixels.
static NOINLINE void filter_row_edge(pixel *const dst, const ptrdiff_t stride, const Limits *const limits, const int width,
                                     const int n HIGHBD_DECL_SUFFIX)
{
    v128_t p[8], q[8];
#define RUN(width, read, written) do { \
        for (int i = 0; i < 8; i++) \
            p[i] = q[i] = splat16(0); \
        for (int i = 0; i < (read); i++) { \
            p[i] = n == 8 ? load_px(dst - (i + 1) * stride) : load_px4(dst - (i + 1) * stride); \
            q[i] = n == 8 ? load_px(dst + i * stride) : load_px4(dst + i * stride); \
        } \
        if (filter(p, q, limits, width HIGHBD_TAIL_SUFFIX)) { \
            for (int i = 0; i < (written); i++) { \
                store_px(dst - (i + 1) * stride, p[i], n, splat16(BITDEPTH_MAX)); \
                store_px(dst + i * stride, q[i], n, splat16(BITDEPTH_MAX)); \
            } \
        } \
    } while (0)
    switch (width) {
    case 4: RUN(4, 2, 2); break;
    case 6: RUN(6, 3, 2); break;
    case 8: RUN(8, 4, 3); break;
    default: RUN(16, 7, 6);
    }
#undef RUN
}

// Filters across a column edge, along which are `n` pixels.
static NOINLINE void filter_column_edge(pixel *const dst, const ptrdiff_t stride, const Limits *const limits,
                                        const int width, const int n HIGHBD_DECL_SUFFIX)
{
    v128_t p[8], q[8];
    if (width == 16) {
        v128_t left[8], right[8];
        for (int y = 0; y < 8; y++) {
            const pixel *const row = dst + (y < n ? y : 0) * stride;
            left[y] = load_px(row - 8);
            right[y] = load_px(row);
        }
        transpose8(left);
        transpose8(right);
        for (int i = 0; i < 8; i++)
            p[i] = left[7 - i], q[i] = right[i];
        if (!filter(p, q, limits, 16 HIGHBD_TAIL_SUFFIX))
            return;
        for (int i = 0; i < 8; i++)
            left[7 - i] = p[i], right[i] = q[i];
        transpose8(left);
        transpose8(right);
        for (int y = 0; y < n; y++) {
            store8(dst - 8 + y * stride, left[y]);
            store8(dst + y * stride, right[y]);
        }
        return;
    }
    v128_t r[8];
    for (int y = 0; y < 8; y++)
        r[y] = load_px(dst + (y < n ? y : 0) * stride - 4);
    transpose8(r);
    for (int i = 0; i < 4; i++)
        p[i] = r[3 - i], q[i] = r[4 + i];
    const int is_changed = width == 4 ? filter(p, q, limits, 4 HIGHBD_TAIL_SUFFIX) :
                           width == 6 ? filter(p, q, limits, 6 HIGHBD_TAIL_SUFFIX) :
                                        filter(p, q, limits, 8 HIGHBD_TAIL_SUFFIX);
    if (!is_changed)
        return;
    for (int i = 0; i < 4; i++)
        r[3 - i] = p[i], r[4 + i] = q[i];
    transpose8(r);
    for (int y = 0; y < n; y++)
        store8(dst + y * stride - 4, r[y]);
}

// The first unit's value in four lanes, then that of the second.
IN v128_t pair(const int a, const int b) { return low64(splat16(a), splat16(b)); }

// Filters the units of an edge. `l` has the levels of the units after the edge, `before` is the way to those before it.
IN void filter_edge(pixel *const dst, const ptrdiff_t dst_stride, const uint32_t *const masks, const uint8_t (*const l)[4],
                    const ptrdiff_t step, const ptrdiff_t before, const Av1FilterLUT *const lut, const int is_luma,
                    const int is_row HIGHBD_DECL_SUFFIX)
{
    const ptrdiff_t stride = PXSTRIDE(dst_stride);
    const int bitdepth_min_8 = bitdepth_from_max(bitdepth_max) - 8;
    uint32_t all = masks[0] | masks[1] | (is_luma ? masks[2] : 0);
    while (all) {
        const int unit = ctz(all);
        const uint8_t (*const level)[4] = l + unit * step;
        int levels[2] = { level[0][0] ? level[0][0] : level[-before][0], 0 };
        all &= all - 1;
        if (!levels[0])
            continue;
        if (unit < 31 && all >> (unit + 1) & 1) {
            const uint8_t (*const next)[4] = level + step;
            levels[1] = next[0][0] ? next[0][0] : next[-before][0];
            all &= all - 1;
        }
        const int n = levels[1] ? 8 : 4;
        int classes[2];
        for (int i = 0; i < 2; i++) {
            const uint32_t wide = masks[1] >> unit >> i & 1, widest = is_luma ? masks[2] >> unit >> i & 1 : 0;
            classes[i] = !levels[i] ? 0 : widest ? 2 : (int)wide;
        }
        const int a = levels[0], b = levels[1] ? levels[1] : a;
        const Limits limits = {
            .e = pair(lut->e[a] << bitdepth_min_8, lut->e[b] << bitdepth_min_8),
            .i = pair(lut->i[a] << bitdepth_min_8, lut->i[b] << bitdepth_min_8),
            .h = pair((a >> 4) << bitdepth_min_8, (b >> 4) << bitdepth_min_8),
            .is_wide = pair(-(classes[0] >= 1), -(classes[1] >= 1)),
            .is_widest = pair(-(classes[0] == 2), -(classes[1] == 2)),
        };
        const int class = imax(classes[0], classes[1]);
        const int width = is_luma ? 4 << class : 4 + 2 * class;
        if (is_row)
            filter_row_edge(dst + 4 * unit, stride, &limits, width, n HIGHBD_TAIL_SUFFIX);
        else
            filter_column_edge(dst + 4 * unit * stride, stride, &limits, width, n HIGHBD_TAIL_SUFFIX);
    }
}

#define LOOP_FILTER(name, is_luma, is_row) \
decl_loopfilter_sb_fn(BF(dav1d_lpf_##name, wasm)); \
void BF(dav1d_lpf_##name, wasm)(pixel *const dst, const ptrdiff_t stride, const uint32_t *const mask, \
                                const uint8_t (*const lvl)[4], const ptrdiff_t lvl_stride, \
                                const Av1FilterLUT *const lut, const int size HIGHBD_DECL_SUFFIX) \
{ \
    filter_edge(dst, stride, mask, lvl, is_row ? 1 : lvl_stride, is_row ? lvl_stride : 1, lut, is_luma, is_row \
                HIGHBD_TAIL_SUFFIX); \
}
LOOP_FILTER(h_sb_y, 1, 0)
LOOP_FILTER(v_sb_y, 1, 1)
LOOP_FILTER(h_sb_uv, 0, 0)
LOOP_FILTER(v_sb_uv, 0, 1)
