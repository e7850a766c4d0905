// SPDX-License-Identifier: BSD-2-Clause
// Motion compensation; replaces the functions of mc_tmpl.c with the same names and the suffix `_c`.
#include "config.h"

#include "src/mc.h"
#include "src/tables.h"
#include "src/wasm/simd.h"

#if BITDEPTH == 8
#define INTERMEDIATE_BITS 4
#define PREP_BIAS 0
#else
#define INTERMEDIATE_BITS (14 - bitdepth_from_max(bitdepth_max))
#define PREP_BIAS 8192
#endif

enum { MID_STRIDE = 128 };

// The result of a filter: an intermediate value of 16 bits, a pixel, or a value of `prep`.
enum Result { MID, PUT, PREP };

#define MAX_PIXEL splat16(BITDEPTH_MAX)

// Stores up to eight results, of which 16-bit lanes have the values before they are clipped.
IN void store_result(void *const p, const v128_t a, const int w, const v128_t max, const enum Result result)
{
    if (result == PUT)
        store_px(p, a, w, max);
    else if (result == MID || w >= 8)
        wasm_v128_store(p, a);
    else
        wasm_v128_store64_lane(p, a, 0);
}

IN v128_t round32(const v128_t a, const v128_t rnd, const int sh) { return wasm_i32x4_shr(add32(a, rnd), sh); }

// ---- horizontal filters ----

#if BITDEPTH == 8
IN v128_t filter_row(const pixel *const src, const v128_t f[8], const int taps)
{
    v128_t sum = mul16(load_px(src - 2), f[1]);
    for (int k = 2; k < 7; k++)
        sum = add16(sum, mul16(load_px(src - 3 + k), f[k]));
    if (taps == 8)
        sum = add16(sum, add16(mul16(load_px(src - 3), f[0]), mul16(load_px(src + 4), f[7])));
    return sum;
}
IN void set_h_filter(v128_t f[8], const int8_t *const fh)
{
    for (int k = 0; k < 8; k++)
        f[k] = splat16(fh[k]);
}
#else
// The dot products of pixels from an even position are sums for even pixels, those from an odd position for odd pixels.
IN v128_t filter_row(const pixel *const src, const v128_t f[4], const v128_t rnd, const int sh)
{
    v128_t even = dot(wasm_v128_load(src - 3), f[0]);
    v128_t odd = dot(wasm_v128_load(src - 2), f[0]);
    for (int k = 1; k < 4; k++) {
        even = add32(even, dot(wasm_v128_load(src - 3 + 2 * k), f[k]));
        odd = add32(odd, dot(wasm_v128_load(src - 2 + 2 * k), f[k]));
    }
    even = round32(even, rnd, sh);
    odd = round32(odd, rnd, sh);
    // The sums have 17 bits with their sign; a bias for `prep` makes them 16-bit values, of which only these bits count.
    return wasm_i16x8_shuffle(even, odd, 0, 8, 2, 10, 4, 12, 6, 14);
}
IN void set_h_filter(v128_t f[4], const int8_t *const fh)
{
    for (int k = 0; k < 4; k++)
        f[k] = splat_pair(fh[2 * k], fh[2 * k + 1]);
}
#endif

IN void filter_h(void *dst, const ptrdiff_t dst_stride, const pixel *src, const ptrdiff_t src_stride, const int w, int h,
                 const int8_t *const fh, const int rnd, const int sh, const int taps, const enum Result result
                 HIGHBD_DECL_SUFFIX)
{
    const ptrdiff_t step = result == PUT ? sizeof(pixel) : sizeof(int16_t);
    v128_t f[8];
    set_h_filter(f, fh);
#if BITDEPTH == 8
    const v128_t round = splat16(rnd), max = round;
#else
    const v128_t round = splat32(rnd), max = MAX_PIXEL;
    (void)taps;
#endif
    do {
        int x = 0;
        do {
#if BITDEPTH == 8
            v128_t a = wasm_i16x8_shr(add16(filter_row(src + x, f, taps), round), sh);
#else
            v128_t a = filter_row(src + x, f, round, sh);
            if (result == PREP)
                a = sub16(a, splat16(PREP_BIAS));
#endif
            store_result((char *)dst + x * step, a, w, max, result);
        } while ((x += 8) < w);
        dst = (char *)dst + dst_stride;
        src += src_stride;
    } while (--h);
}

// ---- vertical filters ----

// Two rows of eight values, as pairs of values of one column.
typedef struct { v128_t low, high; } Rows;

IN Rows rows(const int16_t *const p, const ptrdiff_t stride)
{
    const v128_t a = wasm_v128_load(p), b = wasm_v128_load(p + stride);
    return (Rows){ low16(a, b), high16(a, b) };
}

// The factors for pairs of rows, for an even and for an odd row.
typedef struct { v128_t even[4], odd[5]; } VerticalFilter;

IN void set_v_filter(VerticalFilter *const f, const int8_t *const fv, const int taps)
{
    const int8_t *const g = taps == 8 ? fv : fv + 1;
    for (int k = 0; k < taps / 2; k++) {
        f->even[k] = splat_pair(g[2 * k], g[2 * k + 1]);
        f->odd[k] = splat_pair(k ? g[2 * k - 1] : 0, g[2 * k]);
    }
    f->odd[taps / 2] = splat_pair(g[taps - 1], 0);
}

// Filters rows of 16-bit values. The height is even. `dst_stride` is in bytes.
IN void filter_v16(void *const dst, const ptrdiff_t dst_stride, const int16_t *src, const ptrdiff_t stride, const int w,
                   const int h, const int8_t *const fv, const int rnd, const int sh, const int taps,
                   const enum Result result HIGHBD_DECL_SUFFIX)
{
    const int n = taps / 2;
    const ptrdiff_t step = result == PUT ? sizeof(pixel) : sizeof(int16_t);
    const v128_t round = splat32(rnd), max = MAX_PIXEL;
    VerticalFilter f;
    set_v_filter(&f, fv, taps);
    src -= stride * (n - 1);
    for (int x = 0; x < w; x += 8) {
        const int16_t *p = src + x;
        char *out = (char *)dst + x * step;
        Rows r[5];
        for (int k = 0; k < n; k++, p += 2 * stride)
            r[k] = rows(p, stride);
        for (int y = 0; y < h; y += 2, p += 2 * stride) {
            const v128_t a = wasm_v128_load(p);
            // The last pair of rows reads one row that has the factor zero; it may lie outside of the picture.
            const v128_t b = y + 2 < h ? wasm_v128_load(p + stride) : a;
            r[n] = (Rows){ low16(a, b), high16(a, b) };
            for (int i = 0; i < 2; i++, out += dst_stride) {
                const v128_t *const g = i ? f.odd : f.even;
                v128_t low = dot(r[0].low, g[0]), high = dot(r[0].high, g[0]);
                for (int k = 1; k < n + i; k++) {
                    low = add32(low, dot(r[k].low, g[k]));
                    high = add32(high, dot(r[k].high, g[k]));
                }
                low = round32(low, round, sh);
                high = round32(high, round, sh);
                v128_t value;
                if (result == PREP) {
                    const v128_t bias = splat32(PREP_BIAS);
                    value = wasm_i16x8_narrow_i32x4(wasm_i32x4_sub(low, bias), wasm_i32x4_sub(high, bias));
                } else
                    value = wasm_i16x8_narrow_i32x4(low, high);
                store_result(out, value, w, max, result);
            }
            for (int k = 0; k < n; k++)
                r[k] = r[k + 1];
        }
    }
}

#if BITDEPTH == 8
IN void filter_v8(void *const dst, const ptrdiff_t dst_stride, const pixel *src, const ptrdiff_t stride, const int w,
                  const int h, const int8_t *const fv, const int rnd, const int sh, const int taps,
                  const enum Result result)
{
    const int first = taps == 8 ? 0 : 1;
    const ptrdiff_t step = result == PUT ? sizeof(pixel) : sizeof(int16_t);
    const v128_t round = splat16(rnd);
    v128_t f[8];
    for (int k = 0; k < 8; k++)
        f[k] = splat16(fv[k]);
    src += stride * (first - 3);
    for (int x = 0; x < w; x += 8) {
        const pixel *p = src + x;
        char *out = (char *)dst + x * step;
        v128_t r[9];
        for (int k = 0; k < taps - 1; k++, p += stride)
            r[k] = load_px(p);
        for (int y = 0; y < h; y += 2) {
            for (int i = 0; i < 2; i++, p += stride, out += dst_stride) {
                r[taps - 1 + i] = load_px(p);
                v128_t sum = round;
                for (int k = 0; k < taps; k++)
                    sum = add16(sum, mul16(r[k + i], f[first + k]));
                store_result(out, wasm_i16x8_shr(sum, sh), w, round, result);
            }
            for (int k = 0; k < taps - 1; k++)
                r[k] = r[k + 2];
        }
    }
}
#define filter_v(...) filter_v8(__VA_ARGS__)
#else
#define filter_v(dst, dst_stride, src, ...) filter_v16(dst, dst_stride, (const int16_t *)(src), __VA_ARGS__)
#endif

// ---- blocks without a filter ----

IN void copy(pixel *dst, const ptrdiff_t dst_stride, const pixel *src, const ptrdiff_t src_stride, const int w, int h)
{
    const int bytes = w * (int)sizeof(pixel);
    do {
        switch (bytes) {
        case 2: memcpy(dst, src, 2); break;
        case 4: memcpy(dst, src, 4); break;
        case 8: memcpy(dst, src, 8); break;
        default:
            for (int x = 0; x < bytes; x += 16)
                wasm_v128_store((char *)dst + x, wasm_v128_load((const char *)src + x));
        }
        dst += dst_stride;
        src += src_stride;
    } while (--h);
}

IN void widen(int16_t *tmp, const pixel *src, const ptrdiff_t src_stride, const int w, int h HIGHBD_DECL_SUFFIX)
{
    const v128_t bias = splat16(PREP_BIAS);
    do {
        int x = 0;
        do {
            const v128_t a = sub16(wasm_i16x8_shl(load_px(src + x), INTERMEDIATE_BITS), bias);
            store_result(tmp + x, a, w, bias, PREP);
        } while ((x += 8) < w);
        tmp += w;
        src += src_stride;
    } while (--h);
}

// ---- 8 taps ----

// The outer factors of all but the sharp filters are zero.
#define IF_SIX_TAPS(f, call6, call8) do { if (!((f)[0] | (f)[7])) { call6; } else { call8; } } while (0)

static NOINLINE void
put_8tap(pixel *const dst, const ptrdiff_t dst_stride, const pixel *const src, ptrdiff_t src_stride,
         const int w, const int h, const int mx, const int my, const int type_h, const int type_v HIGHBD_DECL_SUFFIX)
{
    const int8_t *const fh = mx ? dav1d_mc_subpel_filters[w > 4 ? type_h : 3 + (type_h & 1)][mx - 1] : NULL;
    const int8_t *const fv = my ? dav1d_mc_subpel_filters[h > 4 ? type_v : 3 + (type_v & 1)][my - 1] : NULL;
    const int bits = INTERMEDIATE_BITS;
    src_stride = PXSTRIDE(src_stride);
    if (fh && fv) {
        int16_t mid[MID_STRIDE * 135 + 8];
        const int stride = imax(w, 8);
#define H(t) filter_h(mid, stride * 2, src - 3 * src_stride, src_stride, w, h + 7, fh, (1 << (6 - bits)) >> 1, 6 - bits, \
                      t, MID HIGHBD_TAIL_SUFFIX)
#define V(t) filter_v16(dst, dst_stride, mid + 3 * stride, stride, w, h, fv, 1 << (5 + bits), 6 + bits, t, PUT \
                        HIGHBD_TAIL_SUFFIX)
        IF_SIX_TAPS(fh, H(6), H(8));
        IF_SIX_TAPS(fv, V(6), V(8));
#undef H
#undef V
    } else if (fh) {
        const int rnd = 32 + ((1 << (6 - bits)) >> 1);
#define H(t) filter_h(dst, dst_stride, src, src_stride, w, h, fh, rnd, 6, t, PUT HIGHBD_TAIL_SUFFIX)
        IF_SIX_TAPS(fh, H(6), H(8));
#undef H
    } else if (fv) {
#define V(t) filter_v(dst, dst_stride, src, src_stride, w, h, fv, 32, 6, t, PUT HIGHBD_TAIL_SUFFIX)
        IF_SIX_TAPS(fv, V(6), V(8));
#undef V
    } else
        copy(dst, PXSTRIDE(dst_stride), src, src_stride, w, h);
}

static NOINLINE void
prep_8tap(int16_t *const tmp, const pixel *const src, ptrdiff_t src_stride, const int w, const int h,
          const int mx, const int my, const int type_h, const int type_v HIGHBD_DECL_SUFFIX)
{
    const int8_t *const fh = mx ? dav1d_mc_subpel_filters[w > 4 ? type_h : 3 + (type_h & 1)][mx - 1] : NULL;
    const int8_t *const fv = my ? dav1d_mc_subpel_filters[h > 4 ? type_v : 3 + (type_v & 1)][my - 1] : NULL;
    const int bits = INTERMEDIATE_BITS;
    src_stride = PXSTRIDE(src_stride);
    if (fh && fv) {
        int16_t mid[MID_STRIDE * 135 + 8];
        const int stride = imax(w, 8);
#define H(t) filter_h(mid, stride * 2, src - 3 * src_stride, src_stride, w, h + 7, fh, (1 << (6 - bits)) >> 1, 6 - bits, \
                      t, MID HIGHBD_TAIL_SUFFIX)
#define V(t) filter_v16(tmp, w * 2, mid + 3 * stride, stride, w, h, fv, 32, 6, t, PREP HIGHBD_TAIL_SUFFIX)
        IF_SIX_TAPS(fh, H(6), H(8));
        IF_SIX_TAPS(fv, V(6), V(8));
#undef H
#undef V
    } else if (fh) {
#define H(t) filter_h(tmp, w * 2, src, src_stride, w, h, fh, (1 << (6 - bits)) >> 1, 6 - bits, t, PREP HIGHBD_TAIL_SUFFIX)
        IF_SIX_TAPS(fh, H(6), H(8));
#undef H
    } else if (fv) {
#define V(t) filter_v(tmp, w * 2, src, src_stride, w, h, fv, (1 << (6 - bits)) >> 1, 6 - bits, t, PREP HIGHBD_TAIL_SUFFIX)
        IF_SIX_TAPS(fv, V(6), V(8));
#undef V
    } else
        widen(tmp, src, src_stride, w, h HIGHBD_TAIL_SUFFIX);
}

#define EIGHT_TAPS(name, type_h, type_v) \
decl_mc_fn(BF(dav1d_put_8tap_##name, wasm)); \
void BF(dav1d_put_8tap_##name, wasm)(pixel *const dst, const ptrdiff_t dst_stride, const pixel *const src, \
                                     const ptrdiff_t src_stride, const int w, const int h, const int mx, const int my \
                                     HIGHBD_DECL_SUFFIX) \
{ \
    put_8tap(dst, dst_stride, src, src_stride, w, h, mx, my, DAV1D_FILTER_8TAP_##type_h, DAV1D_FILTER_8TAP_##type_v \
             HIGHBD_TAIL_SUFFIX); \
} \
decl_mct_fn(BF(dav1d_prep_8tap_##name, wasm)); \
void BF(dav1d_prep_8tap_##name, wasm)(int16_t *const tmp, const pixel *const src, const ptrdiff_t src_stride, \
                                      const int w, const int h, const int mx, const int my HIGHBD_DECL_SUFFIX) \
{ \
    prep_8tap(tmp, src, src_stride, w, h, mx, my, DAV1D_FILTER_8TAP_##type_h, DAV1D_FILTER_8TAP_##type_v \
              HIGHBD_TAIL_SUFFIX); \
}

EIGHT_TAPS(regular,        REGULAR, REGULAR)
EIGHT_TAPS(regular_sharp,  REGULAR, SHARP)
EIGHT_TAPS(regular_smooth, REGULAR, SMOOTH)
EIGHT_TAPS(smooth,         SMOOTH,  SMOOTH)
EIGHT_TAPS(smooth_regular, SMOOTH,  REGULAR)
EIGHT_TAPS(smooth_sharp,   SMOOTH,  SHARP)
EIGHT_TAPS(sharp,          SHARP,   SHARP)
EIGHT_TAPS(sharp_regular,  SHARP,   REGULAR)
EIGHT_TAPS(sharp_smooth,   SHARP,   SMOOTH)

// ---- two taps ----

// Stores `a * (16 - m) + b * m` for rows or columns that are `step` apart, rounded and shifted. For 16 bits, the sums
// of pixels are unsigned, and those of intermediate values need 32 bits.
IN v128_t bilinear(const v128_t a, const v128_t b, const v128_t factors, const v128_t rnd, const int sh, const int bias)
{
    v128_t low = round32(dot(low16(a, b), factors), rnd, sh), high = round32(dot(high16(a, b), factors), rnd, sh);
    if (bias) {
        low = wasm_i32x4_sub(low, splat32(bias));
        high = wasm_i32x4_sub(high, splat32(bias));
    }
    return wasm_i16x8_narrow_i32x4(low, high);
}

IN void bilinear_px(void *dst, const ptrdiff_t dst_stride, const pixel *src, const ptrdiff_t src_stride,
                    const ptrdiff_t step, const int w, int h, const int m, const int rnd, const int sh,
                    const int rnd2, const int sh2, const enum Result result HIGHBD_DECL_SUFFIX)
{
    const v128_t max = MAX_PIXEL;
    const ptrdiff_t size = result == PUT ? sizeof(pixel) : sizeof(int16_t);
#if BITDEPTH == 8
    const v128_t fa = splat16(16 - m), fb = splat16(m), round = splat16(rnd);
#else
    const v128_t factors = splat_pair(16 - m, m), round = splat32(rnd);
#endif
    const v128_t round2 = splat16(rnd2);
    do {
        int x = 0;
        do {
            const v128_t a = load_px(src + x), b = load_px(src + x + step);
#if BITDEPTH == 8
            v128_t value = wasm_i16x8_shr(add16(add16(mul16(a, fa), mul16(b, fb)), round), sh);
#else
            v128_t value = bilinear(a, b, factors, round, sh, result == PREP ? PREP_BIAS : 0);
#endif
            if (sh2)
                value = wasm_i16x8_shr(add16(value, round2), sh2);
            store_result((char *)dst + x * size, value, w, max, result);
        } while ((x += 8) < w);
        dst = (char *)dst + dst_stride;
        src += src_stride;
    } while (--h);
}

IN void bilinear_v16(void *dst, const ptrdiff_t dst_stride, const int16_t *src, const int stride, const int w, int h,
                     const int m, const int rnd, const int sh, const enum Result result HIGHBD_DECL_SUFFIX)
{
    const v128_t max = MAX_PIXEL, factors = splat_pair(16 - m, m), round = splat32(rnd);
    const ptrdiff_t size = result == PUT ? sizeof(pixel) : sizeof(int16_t);
    do {
        int x = 0;
        do {
            const v128_t a = wasm_v128_load(src + x), b = wasm_v128_load(src + x + stride);
            const v128_t value = bilinear(a, b, factors, round, sh, result == PREP ? PREP_BIAS : 0);
            store_result((char *)dst + x * size, value, w, max, result);
        } while ((x += 8) < w);
        dst = (char *)dst + dst_stride;
        src += stride;
    } while (--h);
}

decl_mc_fn(BF(dav1d_put_bilin, wasm));
void BF(dav1d_put_bilin, wasm)(pixel *const dst, const ptrdiff_t dst_stride, const pixel *const src, ptrdiff_t src_stride,
                               const int w, const int h, const int mx, const int my HIGHBD_DECL_SUFFIX)
{
    const int bits = INTERMEDIATE_BITS, sh = 4 - bits;
    src_stride = PXSTRIDE(src_stride);
    if (mx && my) {
        int16_t mid[MID_STRIDE * 129 + 8];
        const int stride = imax(w, 8);
        bilinear_px(mid, stride * 2, src, src_stride, 1, w, h + 1, mx, (1 << sh) >> 1, sh, 0, 0, MID HIGHBD_TAIL_SUFFIX);
        bilinear_v16(dst, dst_stride, mid, stride, w, h, my, 1 << (3 + bits), 4 + bits, PUT HIGHBD_TAIL_SUFFIX);
    } else if (mx) {
        bilinear_px(dst, dst_stride, src, src_stride, 1, w, h, mx, (1 << sh) >> 1, sh, (1 << bits) >> 1, bits, PUT
                    HIGHBD_TAIL_SUFFIX);
    } else if (my) {
        bilinear_px(dst, dst_stride, src, src_stride, src_stride, w, h, my, 8, 4, 0, 0, PUT HIGHBD_TAIL_SUFFIX);
    } else
        copy(dst, PXSTRIDE(dst_stride), src, src_stride, w, h);
}

decl_mct_fn(BF(dav1d_prep_bilin, wasm));
void BF(dav1d_prep_bilin, wasm)(int16_t *const tmp, const pixel *const src, ptrdiff_t src_stride, const int w, const int h,
                                const int mx, const int my HIGHBD_DECL_SUFFIX)
{
    const int bits = INTERMEDIATE_BITS, sh = 4 - bits, rnd = (1 << sh) >> 1;
    src_stride = PXSTRIDE(src_stride);
    if (mx && my) {
        int16_t mid[MID_STRIDE * 129 + 8];
        const int stride = imax(w, 8);
        bilinear_px(mid, stride * 2, src, src_stride, 1, w, h + 1, mx, rnd, sh, 0, 0, MID HIGHBD_TAIL_SUFFIX);
        bilinear_v16(tmp, w * 2, mid, stride, w, h, my, 8, 4, PREP HIGHBD_TAIL_SUFFIX);
    } else if (mx || my) {
        bilinear_px(tmp, w * 2, src, src_stride, mx ? 1 : src_stride, w, h, mx ? mx : my, rnd, sh, 0, 0, PREP
                    HIGHBD_TAIL_SUFFIX);
    } else
        widen(tmp, src, src_stride, w, h HIGHBD_TAIL_SUFFIX);
}

// ---- means of two predictions ----

IN v128_t load_tmp(const int16_t *const p, const int w) { return w >= 8 ? wasm_v128_load(p) : wasm_v128_load64_zero(p); }

decl_avg_fn(BF(dav1d_avg, wasm));
void BF(dav1d_avg, wasm)(pixel *dst, const ptrdiff_t dst_stride, const int16_t *tmp1, const int16_t *tmp2, const int w,
                         int h HIGHBD_DECL_SUFFIX)
{
    const int bits = INTERMEDIATE_BITS;
    const v128_t rnd = splat16((1 << bits) + PREP_BIAS * 2), max = MAX_PIXEL;
    do {
        int x = 0;
        do {
            // Sums that do not fit in 16 bits are clipped to the same pixels.
            const v128_t sum = wasm_i16x8_add_sat(load_tmp(tmp1 + x, w), load_tmp(tmp2 + x, w));
            store_px(dst + x, wasm_i16x8_shr(wasm_i16x8_add_sat(sum, rnd), bits + 1), w, max);
        } while ((x += 8) < w);
        tmp1 += w;
        tmp2 += w;
        dst += PXSTRIDE(dst_stride);
    } while (--h);
}

// Returns `(a * f + b * (n - f) + rnd) >> sh`, for factors that are interleaved.
IN v128_t weighted(const v128_t a, const v128_t b, const v128_t f_low, const v128_t f_high, const v128_t rnd, const int sh)
{
    return wasm_i16x8_narrow_i32x4(round32(dot(low16(a, b), f_low), rnd, sh), round32(dot(high16(a, b), f_high), rnd, sh));
}

decl_w_avg_fn(BF(dav1d_w_avg, wasm));
void BF(dav1d_w_avg, wasm)(pixel *dst, const ptrdiff_t dst_stride, const int16_t *tmp1, const int16_t *tmp2, const int w,
                           int h, const int weight HIGHBD_DECL_SUFFIX)
{
    const int bits = INTERMEDIATE_BITS;
    const v128_t rnd = splat32((8 << bits) + PREP_BIAS * 16), max = MAX_PIXEL, f = splat_pair(weight, 16 - weight);
    do {
        int x = 0;
        do {
            store_px(dst + x, weighted(load_tmp(tmp1 + x, w), load_tmp(tmp2 + x, w), f, f, rnd, bits + 4), w, max);
        } while ((x += 8) < w);
        tmp1 += w;
        tmp2 += w;
        dst += PXSTRIDE(dst_stride);
    } while (--h);
}

IN v128_t load_mask(const uint8_t *const p, const int w)
{
    return w >= 8 ? wasm_u16x8_load8x8(p) : wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(p));
}

IN v128_t masked(const v128_t a, const v128_t b, const v128_t m, const v128_t rnd, const int sh)
{
    const v128_t n = sub16(splat16(64), m);
    return weighted(a, b, low16(m, n), high16(m, n), rnd, sh);
}

decl_mask_fn(BF(dav1d_mask, wasm));
void BF(dav1d_mask, wasm)(pixel *dst, const ptrdiff_t dst_stride, const int16_t *tmp1, const int16_t *tmp2, const int w,
                          int h, const uint8_t *mask HIGHBD_DECL_SUFFIX)
{
    const int bits = INTERMEDIATE_BITS;
    const v128_t rnd = splat32((32 << bits) + PREP_BIAS * 64), max = MAX_PIXEL;
    do {
        int x = 0;
        do {
            const v128_t a = load_tmp(tmp1 + x, w), b = load_tmp(tmp2 + x, w);
            store_px(dst + x, masked(a, b, load_mask(mask + x, w), rnd, bits + 6), w, max);
        } while ((x += 8) < w);
        tmp1 += w;
        tmp2 += w;
        mask += w;
        dst += PXSTRIDE(dst_stride);
    } while (--h);
}

IN v128_t sums_of_pairs(const v128_t a, const v128_t b)
{
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_extadd_pairwise_i16x8(a), wasm_i32x4_extadd_pairwise_i16x8(b));
}

IN void w_mask(pixel *dst, const ptrdiff_t dst_stride, const int16_t *tmp1, const int16_t *tmp2, const int w, int h,
               uint8_t *mask, const int sign, const int ss_hor, const int ss_ver HIGHBD_DECL_SUFFIX)
{
    const int bits = INTERMEDIATE_BITS, mask_sh = bitdepth_from_max(bitdepth_max) + bits - 4;
    const v128_t rnd = splat32((32 << bits) + PREP_BIAS * 64), max = MAX_PIXEL;
    const v128_t mask_rnd = splat16(1 << (mask_sh - 5));
    do {
        int x = 0;
        do {
            v128_t m[2] = { 0 };
            for (int i = 0; i < 2 && x + 8 * i < w; i++) {
                const v128_t a = load_tmp(tmp1 + x + 8 * i, w), b = load_tmp(tmp2 + x + 8 * i, w);
                // A difference that does not fit in 16 bits has the mask 64, as the largest one that does.
                const v128_t difference = wasm_i16x8_abs(wasm_i16x8_sub_sat(a, b));
                m[i] = wasm_u16x8_shr(add16(difference, mask_rnd), mask_sh);
                m[i] = wasm_i16x8_min(add16(m[i], splat16(38)), splat16(64));
                store_px(dst + x + 8 * i, masked(a, b, m[i], rnd, bits + 6), w, max);
            }
            if (!ss_hor) {
                const v128_t bytes = wasm_u8x16_narrow_i16x8(m[0], m[1]);
                if (w >= 16) wasm_v128_store(mask + x, bytes);
                else if (w == 8) wasm_v128_store64_lane(mask, bytes, 0);
                else wasm_v128_store32_lane(mask, bytes, 0);
                continue;
            }
            v128_t sum = sums_of_pairs(m[0], m[1]);
            uint8_t *const out = mask + (x >> 1);
            if (h & ss_ver) {
                v128_t above;
                if (w >= 16) above = wasm_u16x8_load8x8(out);
                else if (w == 8) above = wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(out));
                else above = wasm_u16x8_extend_low_u8x16(wasm_v128_load16_lane(out, splat16(0), 0));
                sum = wasm_u16x8_shr(add16(add16(sum, above), splat16(2 - sign)), 2);
            } else if (!ss_ver)
                sum = wasm_u16x8_shr(add16(sum, splat16(1 - sign)), 1);
            sum = wasm_u8x16_narrow_i16x8(sum, sum);
            if (w >= 16) wasm_v128_store64_lane(out, sum, 0);
            else if (w == 8) wasm_v128_store32_lane(out, sum, 0);
            else wasm_v128_store16_lane(out, sum, 0);
        } while ((x += 16) < w);
        tmp1 += w;
        tmp2 += w;
        dst += PXSTRIDE(dst_stride);
        if (!ss_ver || (h & 1))
            mask += w >> ss_hor;
    } while (--h);
}

#define W_MASK(name, ss_hor, ss_ver) \
decl_w_mask_fn(BF(dav1d_w_mask_##name, wasm)); \
void BF(dav1d_w_mask_##name, wasm)(pixel *const dst, const ptrdiff_t dst_stride, const int16_t *const tmp1, \
                                   const int16_t *const tmp2, const int w, const int h, uint8_t *const mask, \
                                   const int sign HIGHBD_DECL_SUFFIX) \
{ \
    w_mask(dst, dst_stride, tmp1, tmp2, w, h, mask, sign, ss_hor, ss_ver HIGHBD_TAIL_SUFFIX); \
}
W_MASK(444, 0, 0)
W_MASK(422, 1, 0)
W_MASK(420, 1, 1)

// ---- blends of pixels ----

IN v128_t blend_px(const v128_t a, const v128_t b, const v128_t m)
{
#if BITDEPTH == 8
    const v128_t n = sub16(splat16(64), m);
    return wasm_u16x8_shr(add16(add16(mul16(a, n), mul16(b, m)), splat16(32)), 6);
#else
    return masked(b, a, m, splat32(32), 6);
#endif
}

IN v128_t load_px_2(const pixel *const p)
{
#if BITDEPTH == 8
    return wasm_u16x8_extend_low_u8x16(wasm_v128_load16_lane(p, splat16(0), 0));
#else
    return wasm_v128_load32_zero(p);
#endif
}

// Blends `n` pixels: 2, or a multiple of 4.
IN void blend_row(pixel *const dst, const pixel *const tmp, const int n, const uint8_t *const mask, const v128_t *const m)
{
    const v128_t max = splat16(32767);
    int x = 0;
    for (; x + 8 <= n; x += 8)
        store_px(dst + x, blend_px(load_px(dst + x), load_px(tmp + x), m ? *m : load_mask(mask + x, 8)), 8, max);
    if (n & 4) {
        store_px(dst + x, blend_px(load_px4(dst + x), load_px4(tmp + x), m ? *m : load_mask(mask + x, 4)), 4, max);
        x += 4;
    }
    if (n & 2)
        store_px(dst + x, blend_px(load_px_2(dst + x), load_px_2(tmp + x), m ? *m : load_mask(mask + x, 4)), 2, max);
}

decl_blend_fn(BF(dav1d_blend, wasm));
void BF(dav1d_blend, wasm)(pixel *dst, const ptrdiff_t dst_stride, const pixel *tmp, const int w, int h,
                           const uint8_t *mask)
{
    do {
        blend_row(dst, tmp, w, mask, NULL);
        dst += PXSTRIDE(dst_stride);
        tmp += w;
        mask += w;
    } while (--h);
}

decl_blend_dir_fn(BF(dav1d_blend_v, wasm));
void BF(dav1d_blend_v, wasm)(pixel *dst, const ptrdiff_t dst_stride, const pixel *tmp, const int w, int h)
{
    const uint8_t *const mask = &dav1d_obmc_masks[w];
    const int n = (w * 3) >> 2;
    do {
        if (n == 1)
            dst[0] = ((dst[0] * (64 - mask[0]) + tmp[0] * mask[0]) + 32) >> 6;
        else {
            blend_row(dst, tmp, n & ~1, mask, NULL);
            if (n & 1)
                dst[n - 1] = ((dst[n - 1] * (64 - mask[n - 1]) + tmp[n - 1] * mask[n - 1]) + 32) >> 6;
        }
        dst += PXSTRIDE(dst_stride);
        tmp += w;
    } while (--h);
}

decl_blend_dir_fn(BF(dav1d_blend_h, wasm));
void BF(dav1d_blend_h, wasm)(pixel *dst, const ptrdiff_t dst_stride, const pixel *tmp, const int w, int h)
{
    const uint8_t *mask = &dav1d_obmc_masks[h];
    h = (h * 3) >> 2;
    do {
        const v128_t m = splat16(*mask++);
        blend_row(dst, tmp, w, NULL, &m);
        dst += PXSTRIDE(dst_stride);
        tmp += w;
    } while (--h);
}

// ---- affine warps ----

// Returns the filter of a position, as eight 16-bit factors.
IN v128_t warp_filter(const int position)
{
    return wasm_i16x8_load8x8(dav1d_mc_warp_filter[64 + ((position + 512) >> 10)]);
}

// Returns the lane sums of four vectors.
IN v128_t sums(const v128_t a, const v128_t b, const v128_t c, const v128_t d)
{
    const v128_t ab = add32(low32(a, b), high32(a, b)), cd = add32(low32(c, d), high32(c, d));
    return add32(low64(ab, cd), high64(ab, cd));
}

// Each pixel of a row has its own filter.
IN void warp_h(v128_t rows[15], const pixel *src, const ptrdiff_t stride, const int16_t *const abcd, int mx, const int sh)
{
    const v128_t rnd = splat32((1 << sh) >> 1);
    src -= 3 * stride + 3;
    for (int y = 0; y < 15; y++, mx += abcd[1], src += stride) {
        v128_t p[8];
        for (int x = 0; x < 8; x++)
            p[x] = dot(load_px(src + x), warp_filter(mx + x * abcd[0]));
        rows[y] = wasm_i16x8_narrow_i32x4(round32(sums(p[0], p[1], p[2], p[3]), rnd, sh),
                                          round32(sums(p[4], p[5], p[6], p[7]), rnd, sh));
    }
}

IN void transpose8(v128_t r[8])
{
    v128_t a[8], b[8];
    for (int i = 0; i < 4; i++) a[2 * i] = low16(r[i], r[i + 4]), a[2 * i + 1] = high16(r[i], r[i + 4]);
    for (int i = 0; i < 4; i++) b[2 * i] = low16(a[i], a[i + 4]), b[2 * i + 1] = high16(a[i], a[i + 4]);
    for (int i = 0; i < 4; i++) r[2 * i] = low16(b[i], b[i + 4]), r[2 * i + 1] = high16(b[i], b[i + 4]);
}

IN void warp(void *dst, const ptrdiff_t dst_stride, const pixel *const src, const ptrdiff_t src_stride,
             const int16_t *const abcd, const int mx, int my, const int sh, const enum Result result HIGHBD_DECL_SUFFIX)
{
    const v128_t rnd = splat32((1 << sh) >> 1), max = MAX_PIXEL;
    v128_t rows[15];
    warp_h(rows, src, PXSTRIDE(src_stride), abcd, mx, 7 - INTERMEDIATE_BITS);
    for (int y = 0; y < 8; y++, my += abcd[3], dst = (char *)dst + dst_stride) {
        v128_t f[8];
        for (int x = 0; x < 8; x++)
            f[x] = warp_filter(my + x * abcd[2]);
        transpose8(f);
        v128_t low = rnd, high = rnd;
        for (int k = 0; k < 8; k += 2) {
            low = add32(low, dot(low16(rows[y + k], rows[y + k + 1]), low16(f[k], f[k + 1])));
            high = add32(high, dot(high16(rows[y + k], rows[y + k + 1]), high16(f[k], f[k + 1])));
        }
        low = wasm_i32x4_shr(low, sh);
        high = wasm_i32x4_shr(high, sh);
        if (result == PREP) {
            low = wasm_i32x4_sub(low, splat32(PREP_BIAS));
            high = wasm_i32x4_sub(high, splat32(PREP_BIAS));
        }
        store_result(dst, wasm_i16x8_narrow_i32x4(low, high), 8, max, result);
    }
}

decl_warp8x8_fn(BF(dav1d_warp_affine_8x8, wasm));
void BF(dav1d_warp_affine_8x8, wasm)(pixel *const dst, const ptrdiff_t dst_stride, const pixel *const src,
                                     const ptrdiff_t src_stride, const int16_t *const abcd, const int mx, const int my
                                     HIGHBD_DECL_SUFFIX)
{
    warp(dst, dst_stride, src, src_stride, abcd, mx, my, 7 + INTERMEDIATE_BITS, PUT HIGHBD_TAIL_SUFFIX);
}

decl_warp8x8t_fn(BF(dav1d_warp_affine_8x8t, wasm));
void BF(dav1d_warp_affine_8x8t, wasm)(int16_t *const tmp, const ptrdiff_t tmp_stride, const pixel *const src,
                                      const ptrdiff_t src_stride, const int16_t *const abcd, const int mx, const int my
                                      HIGHBD_DECL_SUFFIX)
{
    warp(tmp, tmp_stride * 2, src, src_stride, abcd, mx, my, 7, PREP HIGHBD_TAIL_SUFFIX);
}
