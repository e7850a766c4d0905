// SPDX-License-Identifier: BSD-2-Clause
// The constrained directional enhancement filter; replaces the functions of cdef_tmpl.c with the same names and the suffix
// `_c`.
#include "config.h"

#include "src/cdef.h"
#include "src/tables.h"
#include "src/wasm/simd.h"

// Rows of the block and two pixels around it, in 16-bit lanes. The pixels of a row begin at an aligned address.
enum { STRIDE = 16, LEFT = 8 };

// Pixels outside of the picture: very large if they are unsigned, very small if they are signed.
#define OUTSIDE wasm_i16x8_const_splat(INT16_MIN)

IN v128_t load_row(const pixel *const p) { return load_px(p); }

// Stores a row from the column -2 to `w + 1`. The lanes after it are not used.
IN void pad_row(int16_t *const row, const pixel *const p, const int w, const enum CdefEdgeFlags edges,
                const pixel *const left)
{
    wasm_v128_store(row, load_row(p));
    if (!(edges & CDEF_HAVE_RIGHT))
        wasm_v128_store32_lane(row + w, OUTSIDE, 0);
    else if (w == 8) {
        row[8] = p[8];
        row[9] = p[9];
    }
    if (!(edges & CDEF_HAVE_LEFT))
        wasm_v128_store32_lane(row - 2, OUTSIDE, 0);
    else {
        row[-2] = left[0];
        row[-1] = left[1];
    }
}

IN void fill_row(int16_t *const row)
{
    wasm_v128_store32_lane(row - 2, OUTSIDE, 0);
    wasm_v128_store(row, OUTSIDE);
    wasm_v128_store32_lane(row + 8, OUTSIDE, 0);
}

// Two rows of four pixels, or a row of eight.
IN v128_t load_tmp(const int16_t *const p, const int w)
{
    if (w == 8)
        return wasm_v128_load(p);
    return wasm_v128_load64_lane(p + STRIDE, wasm_v128_load64_zero(p), 1);
}

// Returns `factor` times the constrained difference.
IN v128_t constrained(const v128_t p, const v128_t px, const v128_t strength, const int shift, const v128_t factor)
{
    const v128_t difference = sub16(p, px);
    const v128_t size = wasm_i16x8_abs(difference);
    const v128_t limit = wasm_u16x8_sub_sat(strength, wasm_u16x8_shr(size, shift));
    // A negative limit of C is zero here. The size of the difference to a pixel outside is above 2^14, whose limit is zero
    // unless the shift is large, in which case the minimum is the limit in both.
    const v128_t magnitude = wasm_u16x8_min(size, limit);
    const v128_t sign = wasm_i16x8_shr(difference, 15);
    return mul16(sub16(wasm_v128_xor(magnitude, sign), sign), factor);
}

IN void filter_block(pixel *dst, ptrdiff_t stride, const pixel (*left)[2], const pixel *top, const pixel *bottom,
                     const int pri_strength, const int sec_strength, const int dir, const int damping, const int w,
                     const int h, const enum CdefEdgeFlags edges, const int has_pri, const int has_sec
                     HIGHBD_DECL_SUFFIX)
{
    int16_t buffer[STRIDE * 12 + 16] __attribute__((aligned(16)));
    int16_t *const tmp = buffer + 2 * STRIDE + LEFT;
    stride = PXSTRIDE(stride);
    for (int y = -2; y < 0; y++, top += stride) {
        if (edges & CDEF_HAVE_TOP)
            pad_row(tmp + y * STRIDE, top, w, edges, top - 2);
        else
            fill_row(tmp + y * STRIDE);
    }
    for (int y = 0; y < h; y++)
        pad_row(tmp + y * STRIDE, dst + y * stride, w, edges, left[y]);
    for (int y = h; y < h + 2; y++, bottom += stride) {
        if (edges & CDEF_HAVE_BOTTOM)
            pad_row(tmp + y * STRIDE, bottom, w, edges, bottom - 2);
        else
            fill_row(tmp + y * STRIDE);
    }

    const int8_t (*const directions)[2] = &dav1d_cdef_directions[dir];
    const int bitdepth_min_8 = bitdepth_from_max(bitdepth_max) - 8;
    const int pri_tap = 4 - ((pri_strength >> bitdepth_min_8) & 1);
    const int pri_shift = has_pri ? imax(0, damping - ulog2(pri_strength)) : 0;
    const int sec_shift = has_sec ? damping - ulog2(sec_strength) : 0;
    const v128_t pri = splat16(pri_strength), sec = splat16(sec_strength);
    const v128_t pri_taps[2] = { splat16(pri_tap), splat16((pri_tap & 3) | 2) };
    const v128_t sec_taps[2] = { splat16(2), splat16(1) };
    // The table's rows have 12 columns; ours have 16.
    int offsets[3][2];
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 2; k++) {
            const int offset = directions[2 * i][k];
            const int y = (offset + 2 * 12 + 2) / 12 - 2;
            offsets[i][k] = offset + y * (STRIDE - 12);
        }
    }
    for (int y = 0; y < h; y += 8 / w) {
        const int16_t *const p = tmp + y * STRIDE;
        const v128_t px = load_tmp(p, w);
        v128_t sum = splat16(0), min = px, max = px;
#define TAP(offset, strength, shift, factor) do { \
            const v128_t value = load_tmp(p + (offset), w); \
            sum = add16(sum, constrained(value, px, strength, shift, factor)); \
            if (has_pri && has_sec) { \
                min = wasm_u16x8_min(min, value); \
                max = wasm_i16x8_max(max, value); \
            } \
        } while (0)
        for (int k = 0; k < 2; k++) {
            if (has_pri) {
                TAP(offsets[1][k], pri, pri_shift, pri_taps[k]);
                TAP(-offsets[1][k], pri, pri_shift, pri_taps[k]);
            }
            if (has_sec) {
                TAP(offsets[2][k], sec, sec_shift, sec_taps[k]);
                TAP(-offsets[2][k], sec, sec_shift, sec_taps[k]);
                TAP(offsets[0][k], sec, sec_shift, sec_taps[k]);
                TAP(-offsets[0][k], sec, sec_shift, sec_taps[k]);
            }
        }
#undef TAP
        sum = add16(sum, wasm_i16x8_shr(sum, 15));
        v128_t result = add16(px, wasm_i16x8_shr(add16(sum, splat16(8)), 4));
        if (has_pri && has_sec)
            result = wasm_i16x8_max(wasm_i16x8_min(result, max), min);
#if BITDEPTH == 8
        const v128_t bytes = wasm_u8x16_narrow_i16x8(result, result);
        if (w == 8)
            wasm_v128_store64_lane(dst, bytes, 0);
        else {
            wasm_v128_store32_lane(dst, bytes, 0);
            wasm_v128_store32_lane(dst + stride, bytes, 1);
        }
#else
        if (w == 8)
            wasm_v128_store(dst, result);
        else {
            wasm_v128_store64_lane(dst, result, 0);
            wasm_v128_store64_lane(dst + stride, result, 1);
        }
#endif
        dst += stride * (8 / w);
    }
}

#define CDEF(w, h) \
decl_cdef_fn(BF(dav1d_cdef_filter_##w##x##h, wasm)); \
void BF(dav1d_cdef_filter_##w##x##h, wasm)(pixel *const dst, const ptrdiff_t stride, const pixel (*const left)[2], \
                                           const pixel *const top, const pixel *const bottom, const int pri_strength, \
                                           const int sec_strength, const int dir, const int damping, \
                                           const enum CdefEdgeFlags edges HIGHBD_DECL_SUFFIX) \
{ \
    if (!sec_strength) \
        filter_block(dst, stride, left, top, bottom, pri_strength, sec_strength, dir, damping, w, h, edges, 1, 0 \
                     HIGHBD_TAIL_SUFFIX); \
    else if (!pri_strength) \
        filter_block(dst, stride, left, top, bottom, pri_strength, sec_strength, dir, damping, w, h, edges, 0, 1 \
                     HIGHBD_TAIL_SUFFIX); \
    else \
        filter_block(dst, stride, left, top, bottom, pri_strength, sec_strength, dir, damping, w, h, edges, 1, 1 \
                     HIGHBD_TAIL_SUFFIX); \
}
CDEF(4, 4)
CDEF(4, 8)
CDEF(8, 8)

// ---- the direction of a block ----

// Moves the lanes of a vector up by `n`; zeros take their place. `n` is constant.
#define UP(a, n) wasm_i8x16_shuffle(splat16(0), a, 16 - 2 * (n), 17 - 2 * (n), 18 - 2 * (n), 19 - 2 * (n), \
    20 - 2 * (n), 21 - 2 * (n), 22 - 2 * (n), 23 - 2 * (n), 24 - 2 * (n), 25 - 2 * (n), 26 - 2 * (n), 27 - 2 * (n), \
    28 - 2 * (n), 29 - 2 * (n), 30 - 2 * (n), 31 - 2 * (n))
// Returns the lanes that this moves out of the vector, followed by zeros.
#define OUT(a, n) UP2(a, splat16(0), 8 - (n))
#define UP2(a, b, n) wasm_i8x16_shuffle(a, b, 2 * (n), 1 + 2 * (n), 2 + 2 * (n), 3 + 2 * (n), 4 + 2 * (n), 5 + 2 * (n), \
    6 + 2 * (n), 7 + 2 * (n), 8 + 2 * (n), 9 + 2 * (n), 10 + 2 * (n), 11 + 2 * (n), 12 + 2 * (n), 13 + 2 * (n), \
    14 + 2 * (n), 15 + 2 * (n))

IN v128_t reversed(const v128_t a) { return wasm_i16x8_shuffle(a, a, 7, 6, 5, 4, 3, 2, 1, 0); }

// The sums along lines of one slope: the lanes of `a`, then those of `b`.
typedef struct { v128_t a, b; } Sums;

// Row y contributes its lanes from lane y on: sum[y + x] += row[y][x].
IN Sums diagonal(const v128_t r[8])
{
    Sums s;
    s.a = add16(add16(add16(r[0], UP(r[1], 1)), add16(UP(r[2], 2), UP(r[3], 3))),
                add16(add16(UP(r[4], 4), UP(r[5], 5)), add16(UP(r[6], 6), UP(r[7], 7))));
    s.b = add16(add16(add16(OUT(r[1], 1), OUT(r[2], 2)), add16(OUT(r[3], 3), OUT(r[4], 4))),
                add16(add16(OUT(r[5], 5), OUT(r[6], 6)), OUT(r[7], 7)));
    return s;
}

// sum[(y >> 1) + x] += row[y][x].
IN Sums steep(const v128_t r[8])
{
    const v128_t p0 = add16(r[0], r[1]), p1 = add16(r[2], r[3]), p2 = add16(r[4], r[5]), p3 = add16(r[6], r[7]);
    Sums s;
    s.a = add16(add16(p0, UP(p1, 1)), add16(UP(p2, 2), UP(p3, 3)));
    s.b = add16(add16(OUT(p1, 1), OUT(p2, 2)), OUT(p3, 3));
    return s;
}

IN v128_t squares(const v128_t a) { return dot(a, a); }

IN unsigned sum32(v128_t a)
{
    a = add32(a, wasm_i32x4_shuffle(a, a, 2, 3, 0, 1));
    a = add32(a, wasm_i32x4_shuffle(a, a, 1, 0, 3, 2));
    return (unsigned)wasm_i32x4_extract_lane(a, 0);
}

// The sums of the squares of lines, each divided by the number of its pixels (times 840). The two lines of n pixels
// are the lanes n - 1 of `a` and 7 - n of `b`.
IN unsigned cost_diagonal(const Sums s)
{
    const v128_t b = wasm_i16x8_shuffle(s.b, s.b, 6, 5, 4, 3, 2, 1, 0, 7);
    const v128_t low = low16(s.a, b), high = high16(s.a, b);
    return sum32(add32(wasm_i32x4_mul(squares(low), wasm_i32x4_make(840, 420, 280, 210)),
                       wasm_i32x4_mul(squares(high), wasm_i32x4_make(168, 140, 120, 105))));
}

// There are eleven lines, of 2, 4, 6, five times 8, 6, 4, and 2 pixels.
IN unsigned cost_steep(const Sums s)
{
    const v128_t b = wasm_i16x8_shuffle(s.b, splat16(0), 2, 1, 0, 8, 8, 8, 8, 8);
    const v128_t low = low16(s.a, b), high = high16(s.a, b);
    return sum32(add32(wasm_i32x4_mul(squares(low), wasm_i32x4_make(420, 210, 140, 105)),
                       wasm_i32x4_mul(squares(high), splat32(105))));
}

IN void transpose8(v128_t r[8])
{
    v128_t a[8], b[8];
    for (int i = 0; i < 4; i++) a[2 * i] = low16(r[i], r[i + 4]), a[2 * i + 1] = high16(r[i], r[i + 4]);
    for (int i = 0; i < 4; i++) b[2 * i] = low16(a[i], a[i + 4]), b[2 * i + 1] = high16(a[i], a[i + 4]);
    for (int i = 0; i < 4; i++) r[2 * i] = low16(b[i], b[i + 4]), r[2 * i + 1] = high16(b[i], b[i + 4]);
}

decl_cdef_dir_fn(BF(dav1d_cdef_dir, wasm));
int BF(dav1d_cdef_dir, wasm)(const pixel *img, const ptrdiff_t stride, unsigned *const var HIGHBD_DECL_SUFFIX)
{
    const v128_t mean = splat16(128);
    v128_t r[8], mirrored[8], column_sums = splat16(0), row_sums = splat16(0);
    for (int y = 0; y < 8; y++, img += PXSTRIDE(stride)) {
        v128_t px = load_px(img);
#if BITDEPTH == 16
        px = wasm_u16x8_shr(px, bitdepth_from_max(bitdepth_max) - 8);
#endif
        r[y] = sub16(px, mean);
        mirrored[y] = reversed(r[y]);
        column_sums = add16(column_sums, r[y]);
    }
    unsigned cost[8];
    cost[6] = sum32(squares(column_sums)) * 105;
    cost[0] = cost_diagonal(diagonal(r));
    cost[4] = cost_diagonal(diagonal(mirrored));
    cost[5] = cost_steep(steep(mirrored));
    cost[7] = cost_steep(steep(r));
    transpose8(r);
    for (int x = 0; x < 8; x++) {
        row_sums = add16(row_sums, r[x]);
        mirrored[x] = reversed(r[x]);
    }
    cost[2] = sum32(squares(row_sums)) * 105;
    cost[1] = cost_steep(steep(r));
    cost[3] = cost_steep(steep(mirrored));

    int best = 0;
    for (int n = 1; n < 8; n++)
        if (cost[n] > cost[best])
            best = n;
    *var = (cost[best] - cost[best ^ 4]) >> 10;
    return best;
}
