// SPDX-License-Identifier: GPL-2.0-or-later
// Statistics of sample adaptive offset: saoCuStats* of encoder/sao.cpp.
#include "kernels.h"
#include "sao.h"
#include "simd.h"

using namespace X265_NS;

namespace {

// The signs of differences of pixels.
IN v128_t signs(const pixel *a, const pixel *b)
{
    v128_t d = wasm_i16x8_sub(load8(a), load8(b));
    return wasm_i16x8_max(wasm_i16x8_min(d, splat16(1)), splat16(-1));
}
IN v128_t load_signs(const int8_t *p) { return wasm_i16x8_load8x8(p); }
IN void store_signs(int8_t *p, v128_t a) { wasm_v128_store64_lane(p, wasm_i8x16_narrow_i16x8(a, a), 0); }

// The sums and counts of each edge type. Both are negative.
struct Edges {
    v128_t sums[5], counts[5];

    Edges()
    {
        for (int i = 0; i < 5; i++) sums[i] = counts[i] = splat16(0);
    }
    // Adds eight pixels, or the first n if n is less than eight.
    inline __attribute__((always_inline)) void add(v128_t edge, const int16_t *diff, int n)
    {
        const v128_t d = wasm_v128_load(diff), index = wasm_i16x8_const(0, 1, 2, 3, 4, 5, 6, 7);
        // This makes the types of the others invalid.
        if (n < 8)
            edge = wasm_v128_xor(edge, wasm_i16x8_shl(wasm_i16x8_ge(index, splat16(n)), 4));
        for (int i = 0; i < 5; i++) {
            v128_t is = wasm_i16x8_eq(edge, splat16(i - 2));
            sums[i] = wasm_i32x4_add(sums[i], wasm_i32x4_dot_i16x8(d, is));
            counts[i] = wasm_i16x8_add(counts[i], is);
        }
    }
    void add_to(int32_t *stats, int32_t *count) const
    {
        for (int i = 0; i < 5; i++) {
            stats[SAO::s_eoTable[i]] -= sum32(sums[i]);
            count[SAO::s_eoTable[i]] -= sum32(wasm_i32x4_extadd_pairwise_i16x8(counts[i]));
        }
    }
};

void stats_e0(const int16_t *diff, const pixel *rec, intptr_t stride, int w, int h, int32_t *stats, int32_t *count)
{
    Edges edges;
    for (int y = 0; y < h; y++, diff += MAX_CU_SIZE, rec += stride)
        for (int x = 0; x < w; x += 8)
            edges.add(wasm_i16x8_add(signs(rec + x, rec + x + 1), signs(rec + x, rec + x - 1)), diff + x, w - x);
    edges.add_to(stats, count);
}

// The statistics of the edges between a pixel, the one `below` it, and the one on the other side, whose signs are in
// `up`. The signs for the next row go to `next`, which is shifted by as many pixels as `below`.
IN void row(Edges &edges, const int16_t *diff, const pixel *rec, const pixel *below, const int8_t *up, int8_t *next,
            int w)
{
    for (int x = 0; x < w; x += 8) {
        v128_t down = signs(rec + x, below + x), above = load_signs(up + x);
        store_signs(next + x, wasm_i16x8_neg(down));
        edges.add(wasm_i16x8_add(down, above), diff + x, w - x);
    }
}
void stats_e1(const int16_t *diff, const pixel *rec, intptr_t stride, int8_t *up, int w, int h, int32_t *stats,
              int32_t *count)
{
    Edges edges;
    for (int y = 0; y < h; y++, diff += MAX_CU_SIZE, rec += stride) row(edges, diff, rec, rec + stride, up, up, w);
    edges.add_to(stats, count);
}
void stats_e2(const int16_t *diff, const pixel *rec, intptr_t stride, int8_t *up, int8_t *next, int w, int h,
              int32_t *stats, int32_t *count)
{
    Edges edges;
    for (int y = 0; y < h; y++, diff += MAX_CU_SIZE, rec += stride) {
        next[0] = x265_signOf(rec[stride] - rec[-1]);
        row(edges, diff, rec, rec + stride + 1, up, next + 1, w);
        std::swap(up, next);
    }
    edges.add_to(stats, count);
}
void stats_e3(const int16_t *diff, const pixel *rec, intptr_t stride, int8_t *up, int w, int h, int32_t *stats,
              int32_t *count)
{
    Edges edges;
    for (int y = 0; y < h; y++, diff += MAX_CU_SIZE, rec += stride) {
        row(edges, diff, rec, rec + stride - 1, up, up - 1, w);
        up[w - 1] = x265_signOf(rec[w - 1 + stride] - rec[w]);
    }
    edges.add_to(stats, count);
}

// Neighbours are often in the same band: two tables keep their sums apart. A sum has its count in the upper half.
void stats_bo(const int16_t *diff, const pixel *rec, intptr_t stride, int w, int h, int32_t *stats, int32_t *count)
{
    int64_t bands[2][SAO::MAX_NUM_SAO_CLASS] = {};
    const int64_t one = (int64_t)1 << 32;
    for (int y = 0; y < h; y++, diff += MAX_CU_SIZE, rec += stride) {
        int x = 0;
        for (; x + 2 <= w; x += 2) {
            bands[0][rec[x] >> (X265_DEPTH - SAO::SAO_BO_BITS)] += one + diff[x];
            bands[1][rec[x + 1] >> (X265_DEPTH - SAO::SAO_BO_BITS)] += one + diff[x + 1];
        }
        if (x < w) bands[0][rec[x] >> (X265_DEPTH - SAO::SAO_BO_BITS)] += one + diff[x];
    }
    for (int i = 0; i < SAO::MAX_NUM_SAO_CLASS; i++) {
        int64_t band = bands[0][i] + bands[1][i];
        stats[i] += (int32_t)band;
        count[i] += (int32_t)((band - (int32_t)band) >> 32);
    }
}

}

namespace X265_NS {
void setupSaoPrimitives_wasm(EncoderPrimitives &p)
{
    p.saoCuStatsBO = stats_bo;
    p.saoCuStatsE0 = stats_e0;
    p.saoCuStatsE1 = stats_e1;
    p.saoCuStatsE2 = stats_e2;
    p.saoCuStatsE3 = stats_e3;
}
}
