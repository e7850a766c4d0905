// SPDX-License-Identifier: BSD-2-Clause
// The Wiener filter; replaces wiener_c of looprestoration_tmpl.c, whose order of rows it has.
#include "config.h"

#include "src/looprestoration.h"
#include "src/wasm/simd.h"

// A row has up to 384 pixels, and vectors may end after it.
enum { STRIDE = 400 };

// Filters a row. The results have 15 bits.
static NOINLINE void filter_h(int16_t *const dst, const pixel (*const left)[4], const pixel *const src,
                              const int16_t fh[8], const int w, const enum LrEdgeFlags edges HIGHBD_DECL_SUFFIX)
{
    const int bitdepth = bitdepth_from_max(bitdepth_max), sh = 3 + (bitdepth == 12) * 2;
    // The pixels, with three more on each side.
    int16_t buffer[8 + STRIDE + 8] __attribute__((aligned(16))), *const row = buffer + 8;
    for (int x = 0; x < w; x += 8)
        wasm_v128_store(row + x, load_px(src + x));
    for (int i = 0; i < 3; i++) {
        row[i - 3] = !(edges & LR_HAVE_LEFT) ? src[0] : left ? left[0][1 + i] : src[i - 3];
        row[w + i] = edges & LR_HAVE_RIGHT ? src[w + i] : src[w - 1];
    }
    const v128_t f[4] = { splat_pair(fh[0], fh[1]), splat_pair(fh[2], fh[3] + (BITDEPTH == 8 ? 128 : 0)),
                          splat_pair(fh[4], fh[5]), splat_pair(fh[6], 0) };
    const v128_t rnd = splat32((1 << (bitdepth + 6)) + (1 << (sh - 1))), max = splat16((1 << (bitdepth + 8 - sh)) - 1);
    for (int x = 0; x < w; x += 8) {
        // The dot products of pixels from an even position are sums for even pixels.
        v128_t even = rnd, odd = rnd;
        for (int k = 0; k < 4; k++) {
            even = add32(even, dot(wasm_v128_load(row + x - 3 + 2 * k), f[k]));
            odd = add32(odd, dot(wasm_v128_load(row + x - 2 + 2 * k), f[k]));
        }
        const v128_t sums = wasm_u16x8_narrow_i32x4(wasm_i32x4_shr(even, sh), wasm_i32x4_shr(odd, sh));
        const v128_t clipped = wasm_u16x8_min(sums, max);
        wasm_v128_store(dst + x, wasm_i16x8_shuffle(clipped, clipped, 0, 4, 1, 5, 2, 6, 3, 7));
    }
}

// Filters seven rows to one of pixels, and stores the last row in `next` if that is not null.
IN void filter_rows(pixel *const p, int16_t *const *const rows, const int16_t *const last, int16_t *const next,
                    const int16_t fv[8], const int w HIGHBD_DECL_SUFFIX)
{
    const int bitdepth = bitdepth_from_max(bitdepth_max), sh = 11 - (bitdepth == 12) * 2;
    const v128_t f[4] = { splat_pair(fv[0], fv[1]), splat_pair(fv[2], fv[3]), splat_pair(fv[4], fv[5]),
                          splat_pair(fv[6], 0) };
    const v128_t rnd = splat32((1 << (sh - 1)) - (1 << (bitdepth + sh - 1)));
    const v128_t pixel_max = splat16(BITDEPTH_MAX), zero = splat16(0);
    for (int x = 0; x < w; x += 8) {
        v128_t low = rnd, high = rnd;
        for (int k = 0; k < 3; k++) {
            const v128_t a = wasm_v128_load(rows[2 * k] + x), b = wasm_v128_load(rows[2 * k + 1] + x);
            low = add32(low, dot(low16(a, b), f[k]));
            high = add32(high, dot(high16(a, b), f[k]));
        }
        const v128_t a = wasm_v128_load(last + x);
        low = wasm_i32x4_shr(add32(low, dot(low16(a, zero), f[3])), sh);
        high = wasm_i32x4_shr(add32(high, dot(high16(a, zero), f[3])), sh);
        // A row of the window may be the one that is stored here: it was read above.
        if (next)
            wasm_v128_store(next + x, a);
        const v128_t value = wasm_i16x8_narrow_i32x4(low, high);
        if (x + 8 <= w)
            store_px(p + x, value, 8, pixel_max);
        else {
            pixel end[8];
            store_px(end, value, 8, pixel_max);
            for (int i = 0; x + i < w; i++)
                p[x + i] = end[i];
        }
    }
}

// Filters the last rows: the seventh is the sixth.
static NOINLINE void filter_v(pixel *const p, int16_t **const ptrs, const int16_t fv[8], const int w HIGHBD_DECL_SUFFIX)
{
    filter_rows(p, ptrs, ptrs[5], NULL, fv, w HIGHBD_TAIL_SUFFIX);
    for (int i = 0; i < 5; i++)
        ptrs[i] = ptrs[i + 1];
}

static NOINLINE void filter_hv(pixel *const p, int16_t **const ptrs, const pixel (*const left)[4], const pixel *const src,
                               const int16_t filter[2][8], const int w, const enum LrEdgeFlags edges HIGHBD_DECL_SUFFIX)
{
    int16_t row[STRIDE] __attribute__((aligned(16)));
    filter_h(row, left, src, filter[0], w, edges HIGHBD_TAIL_SUFFIX);
    filter_rows(p, ptrs, row, ptrs[6], filter[1], w HIGHBD_TAIL_SUFFIX);
    for (int i = 0; i < 6; i++)
        ptrs[i] = ptrs[i + 1];
    // The window's first row is not read again after the next row.
    ptrs[6] = ptrs[0];
}

decl_lr_filter_fn(BF(dav1d_wiener_filter, wasm));
void BF(dav1d_wiener_filter, wasm)(pixel *p, const ptrdiff_t stride, const pixel (*left)[4], const pixel *lpf, const int w,
                                   int h, const LooprestorationParams *const params, const enum LrEdgeFlags edges
                                   HIGHBD_DECL_SUFFIX)
{
    int16_t hor[6 * STRIDE] __attribute__((aligned(16)));
    int16_t *ptrs[7], *rows[6];
    for (int i = 0; i < 6; i++)
        rows[i] = &hor[i * STRIDE];
    const int16_t (*const filter)[8] = params->filter;
    const int16_t *fh = params->filter[0];
    const int16_t *fv = params->filter[1];
    const pixel *lpf_bottom = lpf + 6*PXSTRIDE(stride);

    const pixel *src = p;
    if (edges & LR_HAVE_TOP) {
        ptrs[0] = rows[0];
        ptrs[1] = rows[0];
        ptrs[2] = rows[1];
        ptrs[3] = rows[2];
        ptrs[4] = rows[2];
        ptrs[5] = rows[2];

        filter_h(rows[0], NULL, lpf, fh, w, edges HIGHBD_TAIL_SUFFIX);
        lpf += PXSTRIDE(stride);
        filter_h(rows[1], NULL, lpf, fh, w, edges HIGHBD_TAIL_SUFFIX);

        filter_h(rows[2], left, src, fh, w, edges HIGHBD_TAIL_SUFFIX);
        left++;
        src += PXSTRIDE(stride);

        if (--h <= 0)
            goto v1;

        ptrs[4] = ptrs[5] = rows[3];
        filter_h(rows[3], left, src, fh, w, edges HIGHBD_TAIL_SUFFIX);
        left++;
        src += PXSTRIDE(stride);

        if (--h <= 0)
            goto v2;

        ptrs[5] = rows[4];
        filter_h(rows[4], left, src, fh, w, edges HIGHBD_TAIL_SUFFIX);
        left++;
        src += PXSTRIDE(stride);

        if (--h <= 0)
            goto v3;
    } else {
        ptrs[0] = rows[0];
        ptrs[1] = rows[0];
        ptrs[2] = rows[0];
        ptrs[3] = rows[0];
        ptrs[4] = rows[0];
        ptrs[5] = rows[0];

        filter_h(rows[0], left, src, fh, w, edges HIGHBD_TAIL_SUFFIX);
        left++;
        src += PXSTRIDE(stride);

        if (--h <= 0)
            goto v1;

        ptrs[4] = ptrs[5] = rows[1];
        filter_h(rows[1], left, src, fh, w, edges HIGHBD_TAIL_SUFFIX);
        left++;
        src += PXSTRIDE(stride);

        if (--h <= 0)
            goto v2;

        ptrs[5] = rows[2];
        filter_h(rows[2], left, src, fh, w, edges HIGHBD_TAIL_SUFFIX);
        left++;
        src += PXSTRIDE(stride);

        if (--h <= 0)
            goto v3;

        ptrs[6] = rows[3];
        filter_hv(p, ptrs, left, src, filter, w, edges
                         HIGHBD_TAIL_SUFFIX);
        left++;
        src += PXSTRIDE(stride);
        p += PXSTRIDE(stride);

        if (--h <= 0)
            goto v3;

        ptrs[6] = rows[4];
        filter_hv(p, ptrs, left, src, filter, w, edges
                         HIGHBD_TAIL_SUFFIX);
        left++;
        src += PXSTRIDE(stride);
        p += PXSTRIDE(stride);

        if (--h <= 0)
            goto v3;
    }

    ptrs[6] = ptrs[5] + STRIDE;
    do {
        filter_hv(p, ptrs, left, src, filter, w, edges
                         HIGHBD_TAIL_SUFFIX);
        left++;
        src += PXSTRIDE(stride);
        p += PXSTRIDE(stride);
    } while (--h > 0);

    if (!(edges & LR_HAVE_BOTTOM))
        goto v3;

    filter_hv(p, ptrs, NULL, lpf_bottom, filter, w, edges
                     HIGHBD_TAIL_SUFFIX);
    lpf_bottom += PXSTRIDE(stride);
    p += PXSTRIDE(stride);

    filter_hv(p, ptrs, NULL, lpf_bottom, filter, w, edges
                     HIGHBD_TAIL_SUFFIX);
    p += PXSTRIDE(stride);
v1:
    filter_v(p, ptrs, fv, w HIGHBD_TAIL_SUFFIX);

    return;

v3:
    filter_v(p, ptrs, fv, w HIGHBD_TAIL_SUFFIX);
    p += PXSTRIDE(stride);
v2:
    filter_v(p, ptrs, fv, w HIGHBD_TAIL_SUFFIX);
    p += PXSTRIDE(stride);
    goto v1;
}
