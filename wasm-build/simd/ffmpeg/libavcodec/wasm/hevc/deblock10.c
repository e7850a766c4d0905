/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * HEVC's deblocking of luma for 10 bits: hevc_h_loop_filter_luma and hevc_v_loop_filter_luma of
 * libavcodec/hevc/dsp_template.c, and loop_filter_luma_strong and _weak of libavcodec/h26x/h2656_deblock_template.c.
 *
 * A vector has a pixel of each of the eight lines across the edge, in 16 bits. The lines are two groups of four; the
 * first and the last line of a group decide how it is filtered.
 */
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/intreadwrite.h"
#include "libavcodec/hevc/dsp.h"
#include "libavcodec/wasm/transpose.h"
#include "deblock10.h"

#define IN static av_always_inline

IN v128_t add(v128_t a, v128_t b) { return wasm_i16x8_add(a, b); }
IN v128_t sub(v128_t a, v128_t b) { return wasm_i16x8_sub(a, b); }
IN v128_t twice(v128_t a) { return wasm_i16x8_add(a, a); }
IN v128_t distance(v128_t a, v128_t b) { return wasm_i16x8_abs(wasm_i16x8_sub(a, b)); }
IN v128_t less(v128_t a, v128_t b) { return wasm_i16x8_gt(b, a); }
IN v128_t select(v128_t mask, v128_t a, v128_t b) { return wasm_v128_bitselect(a, b, mask); }
IN v128_t first_lines(v128_t a) { return wasm_i16x8_shuffle(a, a, 0, 0, 0, 0, 4, 4, 4, 4); }
IN v128_t last_lines(v128_t a) { return wasm_i16x8_shuffle(a, a, 3, 3, 3, 3, 7, 7, 7, 7); }
IN v128_t groups(int a, int b) { return wasm_i16x8_make(a, a, a, a, b, b, b, b); }

IN v128_t clip(v128_t a, v128_t limit)
{
    return wasm_i16x8_max(wasm_i16x8_min(a, limit), wasm_i16x8_neg(limit));
}

IN v128_t clip_pixels(v128_t a)
{
    return wasm_i16x8_min(wasm_i16x8_max(a, wasm_i16x8_const_splat(0)), wasm_i16x8_const_splat(1023));
}

/* Filters lines, of which p[0] and q[0] are next to the edge. Returns whether pixels changed. */
IN int filter(v128_t p[4], v128_t q[4], int beta_of_8, const int32_t *tcs, const uint8_t *no_p,
                  const uint8_t *no_q)
{
    const int beta = beta_of_8 << 2;
    const v128_t p0 = p[0], p1 = p[1], p2 = p[2], p3 = p[3], q0 = q[0], q1 = q[1], q2 = q[2], q3 = q[3];
    const v128_t tc = groups(tcs[0] << 2, tcs[1] << 2);
    const v128_t tc25 = wasm_i16x8_shr(add(add(wasm_i16x8_shl(tc, 2), tc), wasm_i16x8_const_splat(1)), 1);
    const v128_t dp = distance(add(p2, p0), twice(p1)), dq = distance(add(q2, q0), twice(q1));
    const v128_t d = add(dp, dq);
    const v128_t used = less(add(first_lines(d), last_lines(d)), wasm_i16x8_splat(beta));
    v128_t strong, change_p, change_q, new_p0 = p0, new_p1 = p1, new_p2 = p2, new_q0 = q0, new_q1 = q1, new_q2 = q2;

    if (!wasm_v128_any_true(used))
        return 0;

    strong = wasm_v128_and(less(add(distance(p3, p0), distance(q3, q0)), wasm_i16x8_splat(beta >> 3)),
                           wasm_v128_and(less(distance(p0, q0), tc25), less(twice(d), wasm_i16x8_splat(beta >> 2))));
    strong = wasm_v128_and(wasm_v128_and(first_lines(strong), last_lines(strong)), used);

    if (!wasm_i16x8_all_true(strong)) {
        const v128_t side = wasm_i16x8_splat((beta + (beta >> 1)) >> 3), half = wasm_i16x8_shr(tc, 1);
        const v128_t ten = add(wasm_i16x8_shl(tc, 3), twice(tc));
        v128_t delta = sub(q0, p0), inner = sub(delta, sub(q1, p1)), weak, weak_p, weak_q;
        /* 9 (q0 - p0) - 3 (q1 - p1) */
        delta = add(wasm_i16x8_mul(delta, wasm_i16x8_const_splat(6)), add(twice(inner), inner));
        delta = wasm_i16x8_shr(add(delta, wasm_i16x8_const_splat(8)), 4);
        weak = wasm_v128_and(used, less(wasm_i16x8_abs(delta), ten));
        weak_p = wasm_v128_and(weak, less(add(first_lines(dp), last_lines(dp)), side));
        weak_q = wasm_v128_and(weak, less(add(first_lines(dq), last_lines(dq)), side));
        delta = wasm_v128_and(clip(delta, tc), weak);
        new_p0 = clip_pixels(add(p0, delta));
        new_q0 = clip_pixels(sub(q0, delta));
        change_p = wasm_i16x8_shr(add(sub(wasm_u16x8_avgr(p2, p0), p1), delta), 1);
        change_q = wasm_i16x8_shr(sub(sub(wasm_u16x8_avgr(q2, q0), q1), delta), 1);
        new_p1 = clip_pixels(add(p1, wasm_v128_and(clip(change_p, half), weak_p)));
        new_q1 = clip_pixels(add(q1, wasm_v128_and(clip(change_q, half), weak_q)));
    }
    if (wasm_v128_any_true(strong)) {
        const v128_t tc2 = twice(tc), two = wasm_i16x8_const_splat(2), four = wasm_i16x8_const_splat(4);
        const v128_t middle = add(p0, q0), p = add(add(middle, p1), p2), q = add(add(middle, q1), q2);
        v128_t x;
        x = wasm_i16x8_shr(add(add(add(p, middle), add(p1, q1)), four), 3);
        new_p0 = select(strong, add(p0, clip(sub(x, p0), tc2)), new_p0);
        x = wasm_i16x8_shr(add(add(add(q, middle), add(p1, q1)), four), 3);
        new_q0 = select(strong, add(q0, clip(sub(x, q0), tc2)), new_q0);
        x = wasm_i16x8_shr(add(p, two), 2);
        new_p1 = select(strong, add(p1, clip(sub(x, p1), tc2)), new_p1);
        x = wasm_i16x8_shr(add(q, two), 2);
        new_q1 = select(strong, add(q1, clip(sub(x, q1), tc2)), new_q1);
        x = wasm_i16x8_shr(add(add(p, twice(add(p3, p2))), four), 3);
        new_p2 = select(strong, add(p2, clip(sub(x, p2), tc2)), new_p2);
        x = wasm_i16x8_shr(add(add(q, twice(add(q3, q2))), four), 3);
        new_q2 = select(strong, add(q2, clip(sub(x, q2), tc2)), new_q2);
    }
    if (AV_RN16(no_p) | AV_RN16(no_q)) {
        change_p = groups(no_p[0] ? 0 : -1, no_p[1] ? 0 : -1);
        change_q = groups(no_q[0] ? 0 : -1, no_q[1] ? 0 : -1);
        new_p0 = select(change_p, new_p0, p0);
        new_p1 = select(change_p, new_p1, p1);
        new_p2 = select(change_p, new_p2, p2);
        new_q0 = select(change_q, new_q0, q0);
        new_q1 = select(change_q, new_q1, q1);
        new_q2 = select(change_q, new_q2, q2);
    }
    p[0] = new_p0;
    p[1] = new_p1;
    p[2] = new_p2;
    q[0] = new_q0;
    q[1] = new_q1;
    q[2] = new_q2;
    return 1;
}

/* Filters across a horizontal edge, which is above `pix`. */
static void filter_h(uint8_t *pix, ptrdiff_t stride, int beta, const int32_t *tc, const uint8_t *no_p,
                     const uint8_t *no_q)
{
    v128_t p[4], q[4];
    for (int i = 0; i < 4; i++) {
        p[i] = wasm_v128_load(pix - (i + 1) * stride);
        q[i] = wasm_v128_load(pix + i * stride);
    }
    if (!filter(p, q, beta, tc, no_p, no_q))
        return;
    for (int i = 0; i < 3; i++) {
        wasm_v128_store(pix - (i + 1) * stride, p[i]);
        wasm_v128_store(pix + i * stride, q[i]);
    }
}

/* Filters across a vertical edge, which is left of `pix`. */
static void filter_v(uint8_t *pix, ptrdiff_t stride, int beta, const int32_t *tc, const uint8_t *no_p,
                     const uint8_t *no_q)
{
    v128_t r[8], p[4], q[4];
    pix -= 8;
    for (int i = 0; i < 8; i++)
        r[i] = wasm_v128_load(pix + i * stride);
    transpose(r);
    for (int i = 0; i < 4; i++) {
        p[i] = r[3 - i];
        q[i] = r[4 + i];
    }
    if (!filter(p, q, beta, tc, no_p, no_q))
        return;
    for (int i = 0; i < 4; i++) {
        r[3 - i] = p[i];
        r[4 + i] = q[i];
    }
    transpose(r);
    for (int i = 0; i < 8; i++)
        wasm_v128_store(pix + i * stride, r[i]);
}

av_cold void ff_hevc_deblock_init_10_wasm(HEVCDSPContext *c)
{
    c->hevc_h_loop_filter_luma = filter_h;
    c->hevc_v_loop_filter_luma = filter_v;
}
