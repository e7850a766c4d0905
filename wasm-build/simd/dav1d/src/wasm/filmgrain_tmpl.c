// SPDX-License-Identifier: BSD-2-Clause
// Adds film grain; replaces fgy_32x32xn_c and fguv_32x32xn_c of filmgrain_tmpl.c.
#include "config.h"

#include "src/filmgrain.h"
#include "src/wasm/simd.h"

// The generator of the offsets of blocks.
IN int next_offset(unsigned *const state)
{
    const unsigned r = *state, bit = (r ^ (r >> 1) ^ (r >> 3) ^ (r >> 12)) & 1;
    *state = (r >> 1) | (bit << 15);
    return (int)(*state >> 8 & 255);
}

IN v128_t load_grain(const entry *const p)
{
#if BITDEPTH == 8
    return wasm_i16x8_load8x8(p);
#else
    return wasm_v128_load(p);
#endif
}

// Returns the place in the table of grain for a block's first pixel. `bx`, `by`: one for the block to the left, above.
IN const entry *grain_at(const entry (*const lut)[GRAIN_WIDTH], const int offset, const int sx, const int sy, const int bx,
                         const int by)
{
    return &lut[3 + (2 >> sy) * (3 + (offset & 15)) + (FG_BLOCK_SIZE >> sy) * by]
               [3 + (2 >> sx) * (3 + (offset >> 4)) + (FG_BLOCK_SIZE >> sx) * bx];
}

// The values that all pixels of a call share.
typedef struct {
    const uint8_t *scaling;
    v128_t min_value, max_value, grain_min, grain_max;
    int scaling_shift;
} Common;

// Blends the grain of two blocks that overlap, with weights in pairs of lanes.
IN v128_t overlapped(const v128_t old, const v128_t grain, const v128_t low, const v128_t high, const Common *const c)
{
    const v128_t rnd = splat32(16);
    const v128_t sum = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(add32(dot(low16(old, grain), low), rnd), 5),
                                               wasm_i32x4_shr(add32(dot(high16(old, grain), high), rnd), 5));
    return wasm_i16x8_max(wasm_i16x8_min(sum, c->grain_max), c->grain_min);
}

// Returns the scaling of the first `n` values.
IN v128_t look_up(const uint8_t *const scaling, const v128_t values, const int n)
{
    v128_t a = splat16(0);
#define LANE(i) wasm_v128_load8_lane(scaling + wasm_u16x8_extract_lane(values, i), a, 2 * (i))
    if (n == 8) {
        a = LANE(0);
        a = LANE(1);
        a = LANE(2);
        a = LANE(3);
        a = LANE(4);
        a = LANE(5);
        a = LANE(6);
        a = LANE(7);
        return a;
    }
#undef LANE
    uint16_t in[8], out[8] = { 0 };
    wasm_v128_store(in, values);
    for (int i = 0; i < n; i++)
        out[i] = scaling[in[i]];
    return wasm_v128_load(out);
}

IN void add_grain(pixel *const dst, const v128_t src, const v128_t values, const v128_t grain, const int n,
                  const Common *const c)
{
    // A rounded product, as the shift is at most 11.
    const v128_t factor = wasm_i16x8_shl(look_up(c->scaling, values, n), 15 - c->scaling_shift);
    const v128_t sum = add16(src, wasm_i16x8_q15mulr_sat(grain, factor));
    const v128_t result = wasm_i16x8_max(wasm_i16x8_min(sum, c->max_value), c->min_value);
    if (n == 8) {
        store_px(dst, result, 8, c->max_value);
        return;
    }
    pixel end[8];
    store_px(end, result, 8, c->max_value);
    for (int i = 0; i < n; i++)
        dst[i] = end[i];
}

// The values of luma for eight pixels of chroma.
IN v128_t luma_of(const pixel *const luma, const int sx)
{
    if (!sx)
        return load_px(luma);
#if BITDEPTH == 8
    const v128_t sums = wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(luma));
#else
    const v128_t sums = wasm_u16x8_narrow_i32x4(wasm_u32x4_extadd_pairwise_u16x8(wasm_v128_load(luma)),
                                                wasm_u32x4_extadd_pairwise_u16x8(wasm_v128_load(luma + 8)));
#endif
    return wasm_u16x8_shr(add16(sums, splat16(1)), 1);
}

IN void add_grain_to_rows(pixel *const dst_row, const pixel *const src_row, const ptrdiff_t stride,
                          const Dav1dFilmGrainData *const data, const int pw, const uint8_t *const scaling,
                          const entry (*const grain_lut)[GRAIN_WIDTH], const int bh, const int row_num,
                          const pixel *const luma_row, const ptrdiff_t luma_stride, const int uv, const int is_id,
                          const int is_chroma, const int sx, const int sy HIGHBD_DECL_SUFFIX)
{
    // The weights of old and of new grain for the first two pixels of a block, or the first if it is subsampled.
    static const int weights[2][2][2] = { { { 27, 17 }, { 17, 27 } }, { { 23, 22 }, { 0, 32 } } };
    const int bitdepth_min_8 = bitdepth_from_max(bitdepth_max) - 8, grain_ctr = 128 << bitdepth_min_8;
    const int is_clipped = data->clip_to_restricted_range, has_rows = data->overlap_flag && row_num > 0;
    const Common c = {
        .scaling = scaling,
        .min_value = splat16(is_clipped ? 16 << bitdepth_min_8 : 0),
        .max_value = splat16(is_clipped ? (is_chroma && !is_id ? 240 : 235) << bitdepth_min_8 : BITDEPTH_MAX),
        .grain_min = splat16(-grain_ctr),
        .grain_max = splat16(grain_ctr - 1),
        .scaling_shift = data->scaling_shift,
    };
    const v128_t mults = is_chroma ? splat_pair(data->uv_luma_mult[uv], data->uv_mult[uv]) : splat32(0);
    const v128_t offset = splat32(is_chroma ? data->uv_offset[uv] * (1 << bitdepth_min_8) : 0);
    const v128_t pixel_max = splat16(BITDEPTH_MAX);
    // Only the first two lanes have another weight than that of new grain alone.
    const int (*const wx)[2] = weights[sx], (*const wy)[2] = weights[sy];
    const v128_t x_low = wasm_i16x8_make(wx[0][0], wx[0][1], wx[1][0], wx[1][1], 0, 32, 0, 32), x_high = splat_pair(0, 32);

    unsigned seed[2] = { 0 };
    for (int i = 0; i < 1 + has_rows; i++) {
        seed[i] = data->seed;
        seed[i] ^= (((row_num - i) * 37 + 178) & 0xFF) << 8;
        seed[i] ^= (((row_num - i) * 173 + 105) & 0xFF);
    }
    int offsets[2][2] = { { 0 } };
    for (int bx = 0; bx < pw; bx += FG_BLOCK_SIZE >> sx) {
        const int bw = imin(FG_BLOCK_SIZE >> sx, pw - bx), has_columns = data->overlap_flag && bx;
        for (int i = 0; i < 1 + has_rows; i++) {
            offsets[1][i] = offsets[0][i];
            offsets[0][i] = next_offset(&seed[i]);
        }
        const int y_start = has_rows ? imin(2 >> sy, bh) : 0;
        const entry *const here = grain_at(grain_lut, offsets[0][0], sx, sy, 0, 0);
        const entry *const left = grain_at(grain_lut, offsets[1][0], sx, sy, 1, 0);
        const entry *const above = grain_at(grain_lut, offsets[0][1], sx, sy, 0, 1);
        const entry *const corner = grain_at(grain_lut, offsets[1][1], sx, sy, 1, 1);
        for (int y = 0; y < bh; y++) {
            const pixel *const src = src_row + y * stride + bx;
            const pixel *const luma = is_chroma ? luma_row + (y << sy) * luma_stride + (bx << sx) : NULL;
            for (int x = 0; x < bw; x += 8) {
                const int place = y * GRAIN_WIDTH + x, is_edge = has_columns && !x;
                v128_t grain = load_grain(here + place);
                if (is_edge)
                    grain = overlapped(load_grain(left + place), grain, x_low, x_high, &c);
                if (y < y_start) {
                    v128_t top = load_grain(above + place);
                    if (is_edge)
                        top = overlapped(load_grain(corner + place), top, x_low, x_high, &c);
                    const v128_t w = splat_pair(wy[y][0], wy[y][1]);
                    grain = overlapped(top, grain, w, w, &c);
                }
                const v128_t px = load_px(src + x);
                v128_t values = px;
                if (is_chroma) {
                    values = luma_of(luma + (x << sx), sx);
                    if (!data->chroma_scaling_from_luma) {
                        const v128_t low = wasm_i32x4_shr(dot(low16(values, px), mults), 6);
                        const v128_t high = wasm_i32x4_shr(dot(high16(values, px), mults), 6);
                        values = wasm_i16x8_narrow_i32x4(add32(low, offset), add32(high, offset));
                        values = wasm_i16x8_max(wasm_i16x8_min(values, pixel_max), splat16(0));
                    }
                }
                add_grain(dst_row + y * stride + bx + x, px, values, grain, imin(8, bw - x), &c);
            }
        }
    }
}

decl_fgy_32x32xn_fn(BF(dav1d_fgy_32x32xn, wasm));
void BF(dav1d_fgy_32x32xn, wasm)(pixel *const dst_row, const pixel *const src_row, const ptrdiff_t stride,
                                 const Dav1dFilmGrainData *const data, const size_t pw, const uint8_t *const scaling,
                                 const entry (*const grain_lut)[GRAIN_WIDTH], const int bh, const int row_num
                                 HIGHBD_DECL_SUFFIX)
{
    add_grain_to_rows(dst_row, src_row, PXSTRIDE(stride), data, (int)pw, scaling, grain_lut, bh, row_num, NULL, 0, 0, 0,
                      0, 0, 0 HIGHBD_TAIL_SUFFIX);
}

#define CHROMA(name, sx, sy) \
decl_fguv_32x32xn_fn(BF(dav1d_fguv_32x32xn_##name, wasm)); \
void BF(dav1d_fguv_32x32xn_##name, wasm)(pixel *const dst_row, const pixel *const src_row, const ptrdiff_t stride, \
                                         const Dav1dFilmGrainData *const data, const size_t pw, \
                                         const uint8_t *const scaling, const entry (*const grain_lut)[GRAIN_WIDTH], \
                                         const int bh, const int row_num, const pixel *const luma_row, \
                                         const ptrdiff_t luma_stride, const int uv, const int is_id HIGHBD_DECL_SUFFIX) \
{ \
    add_grain_to_rows(dst_row, src_row, PXSTRIDE(stride), data, (int)pw, scaling, grain_lut, bh, row_num, luma_row, \
                      PXSTRIDE(luma_stride), uv, is_id, 1, sx, sy HIGHBD_TAIL_SUFFIX); \
}
CHROMA(420, 1, 1)
CHROMA(422, 1, 0)
CHROMA(444, 0, 0)
