/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Conversion of YUV to packed RGB with up to 8 bits for a colour: yuv2rgb_X_c_template, yuv2rgb_2_c_template and
 * yuv2rgb_1_c_template of libswscale/output.c, yuv2rgb_c_{24_rgb,24_bgr,32}, yuv2rgb_c_{16,15,8}_ordered_dither,
 * yuv422p_{rgb24,bgr24,rgb32}_c and yuv422p_bgr{16,15,8} of libswscale/yuv2rgb.c. The results are equal to those of C.
 *
 * The C functions read tables. A colour table has the value clip((index * cy + base) >> 16), where the index is luma
 * plus a start that depends on chroma: (chroma * increment >> 16) - (increment >> 9). Both are computed here. A factor
 * of more than 16 bits has two parts: one for the number shifted to the left, and one for the number itself. A format
 * with fewer bits dithers the index, and stores the high bits of the value, or the number of its level.
 */
#include <stdint.h>
#include <stdlib.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libswscale/swscale_internal.h"
#include "dither.h"
#include "rgb.h"

typedef struct Factors {
    v128_t cy, v_r, v_g, u_g, u_b, base_r, base_g, base_b;
} Factors;

/* The starts in the three tables, for eight chroma samples. */
typedef struct Begins {
    v128_t r, g, b;
} Begins;

/* Returns both parts of a factor, for pairs of a number shifted left by `bits` and the number itself. */
IN v128_t factor(int x, int bits)
{
    return wasm_i32x4_splat((int)((uint16_t)(x >> bits) | (uint32_t)(x & ((1 << bits) - 1)) << 16));
}

/* Returns whether all indices fit 14 bits, and their products 32. The tables are used if they do not. */
IN int usable(const SwsInternal *c)
{
    for (int i = 1; i < 5; i++)
        if (c->wasm_rgb[i] <= -(1 << 19) || c->wasm_rgb[i] >= 1 << 19)
            return 0;
    return c->wasm_rgb[0] > 0 && c->wasm_rgb[0] < 1 << 17 && abs(c->wasm_rgb[5]) < 1 << 28;
}

IN Factors factors(const SwsInternal *c, enum AVPixelFormat format)
{
    int cy = c->wasm_rgb[0], v_r = c->wasm_rgb[1], v_g = c->wasm_rgb[2], u_g = c->wasm_rgb[3], u_b = c->wasm_rgb[4];
    int base = c->wasm_rgb[5];
    /* How much later than the others a table for one byte starts in ff_yuv2rgb_c_init_tables. */
    int late = pixel_bytes(format) == 1 ? 16 * cy : 0, late_b = pixel_bytes(format) == 1 ? 37 * cy : 0;
    return (Factors){
        factor(cy, 2), factor(v_r, 7), factor(v_g, 7), factor(u_g, 7), factor(u_b, 7),
        wasm_i32x4_splat(base - late - (v_r >> 9) * cy),
        wasm_i32x4_splat(base - late - ((u_g >> 9) + (v_g >> 9)) * cy),
        wasm_i32x4_splat(base - late_b - (u_b >> 9) * cy),
    };
}

IN v128_t begin(v128_t pairs_low, v128_t pairs_high, v128_t by)
{
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_dot_i16x8(pairs_low, by), 16),
                                   wasm_i32x4_shr(wasm_i32x4_dot_i16x8(pairs_high, by), 16));
}

/* Returns the starts for chroma samples from 0 to 255. */
IN Begins begins(const Factors *f, v128_t u, v128_t v)
{
    v128_t u7 = wasm_i16x8_shl(u, 7), v7 = wasm_i16x8_shl(v, 7);
    v128_t u_low = low(u7, u), u_high = high(u7, u), v_low = low(v7, v), v_high = high(v7, v);
    return (Begins){
        begin(v_low, v_high, f->v_r),
        wasm_i16x8_add(begin(u_low, u_high, f->u_g), begin(v_low, v_high, f->v_g)),
        begin(u_low, u_high, f->u_b),
    };
}

IN v128_t values(v128_t index, v128_t cy, v128_t base)
{
    v128_t four = wasm_i16x8_shl(index, 2);
    v128_t a = wasm_i32x4_add(wasm_i32x4_dot_i16x8(low(four, index), cy), base);
    v128_t b = wasm_i32x4_add(wasm_i32x4_dot_i16x8(high(four, index), cy), base);
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(a, 16), wasm_i32x4_shr(b, 16));
}

/* Returns one colour of sixteen pixels. */
IN v128_t colour(v128_t y0, v128_t y1, v128_t start, v128_t cy, v128_t base)
{
    return wasm_u8x16_narrow_i16x8(values(wasm_i16x8_add(y0, low(start, start)), cy, base),
                                   values(wasm_i16x8_add(y1, high(start, start)), cy, base));
}

IN void pixels16(uint8_t *dst, v128_t y0, v128_t y1, const Begins *at, const Factors *f, const Dither *d,
                 enum AVPixelFormat format)
{
    v128_t r = colour(wasm_i16x8_add(y0, d->r), wasm_i16x8_add(y1, d->r), at->r, f->cy, f->base_r);
    v128_t g = colour(wasm_i16x8_add(y0, d->g), wasm_i16x8_add(y1, d->g), at->g, f->cy, f->base_g);
    v128_t b = colour(wasm_i16x8_add(y0, d->b), wasm_i16x8_add(y1, d->b), at->b, f->cy, f->base_b);
    switch (format) {
    case AV_PIX_FMT_RGB8: store_bytes(dst, r, g, b, 1); break;
    case AV_PIX_FMT_BGR8: store_bytes(dst, r, g, b, 0); break;
    case AV_PIX_FMT_RGB565: store_words(dst, r, g, b, 6); break;
    case AV_PIX_FMT_BGR565: store_words(dst, b, g, r, 6); break;
    case AV_PIX_FMT_RGB555: store_words(dst, r, g, b, 5); break;
    case AV_PIX_FMT_BGR555: store_words(dst, b, g, r, 5); break;
    default: store_pixels16(dst, r, g, b, wasm_i8x16_const_splat(-1), format); break;
    }
}

/* Converts the pixels `i` and `i + 1` with the tables, and with the dithers `k` and `k + 1`. */
IN void pixels2(const SwsInternal *c, uint8_t *dst, int i, int k, int y1, int y2, int u, int v, const Dither *d,
                enum AVPixelFormat format)
{
    const uint8_t *r = c->table_rV[v + YUVRGB_TABLE_HEADROOM];
    const uint8_t *g = c->table_gU[u + YUVRGB_TABLE_HEADROOM] + c->table_gV[v + YUVRGB_TABLE_HEADROOM];
    const uint8_t *b = c->table_bU[u + YUVRGB_TABLE_HEADROOM];
    dst += pixel_bytes(format) * i;
    if (pixel_bytes(format) == 3) {
        int red = format == AV_PIX_FMT_RGB24 ? 0 : 2;
        dst[red] = r[y1];
        dst[1] = g[y1];
        dst[2 - red] = b[y1];
        dst[3 + red] = r[y2];
        dst[4] = g[y2];
        dst[5 - red] = b[y2];
    } else if (pixel_bytes(format) == 4) {
        const uint32_t *r32 = (const uint32_t *)r, *g32 = (const uint32_t *)g, *b32 = (const uint32_t *)b;
        ((uint32_t *)dst)[0] = r32[y1] + g32[y1] + b32[y1];
        ((uint32_t *)dst)[1] = r32[y2] + g32[y2] + b32[y2];
    } else {
        int16_t rs[8], gs[8], bs[8];
        wasm_v128_store(rs, d->r);
        wasm_v128_store(gs, d->g);
        wasm_v128_store(bs, d->b);
        if (pixel_bytes(format) == 2) {
            const uint16_t *r16 = (const uint16_t *)r, *g16 = (const uint16_t *)g, *b16 = (const uint16_t *)b;
            ((uint16_t *)dst)[0] = r16[y1 + rs[k]] + g16[y1 + gs[k]] + b16[y1 + bs[k]];
            ((uint16_t *)dst)[1] = r16[y2 + rs[k + 1]] + g16[y2 + gs[k + 1]] + b16[y2 + bs[k + 1]];
        } else {
            dst[0] = r[y1 + rs[k]] + g[y1 + gs[k]] + b[y1 + bs[k]];
            dst[1] = r[y2 + rs[k + 1]] + g[y2 + gs[k + 1]] + b[y2 + bs[k + 1]];
        }
    }
}

/* Returns eight vertically filtered samples. */
IN v128_t vertical(const Lines *lines, int at, int start)
{
    return samples8(vertical_sums(lines, at, start));
}

IN int vertical1(const Lines *lines, int at, int start)
{
    int sum = start;
    for (int j = 0; j < lines->size; j++)
        sum += lines->src[j][at] * (unsigned)lines->filter[j];
    return sum >> 19;
}

/* Converts a line. Sums begin at `start`, which rounds them. */
IN void packed(const SwsInternal *c, Lines lum, Lines us, Lines vs, uint8_t *dst, int width, int start, int y,
               enum AVPixelFormat format)
{
    Dither d = dither(format, y);
    int i = 0;
    if (usable(c)) {
        Factors f = factors(c, format);
        for (; i + 16 <= width; i += 16) {
            Begins at = begins(&f, clip(vertical(&us, i / 2, start)), clip(vertical(&vs, i / 2, start)));
            pixels16(dst + pixel_bytes(format) * i, vertical(&lum, i, start), vertical(&lum, i + 8, start), &at, &f, &d,
                     format);
        }
    }
    for (; i < width; i += 2)
        pixels2(c, dst, i, i & 7, vertical1(&lum, i, start), vertical1(&lum, i + 1, start),
                vertical1(&us, i / 2, start), vertical1(&vs, i / 2, start), &d, format);
}

/* Converts without scaling, two lines at a time. Each line has its own chroma if `own_chroma` is set (4:2:2). */
IN int unscaled(SwsInternal *c, const uint8_t *const src[], const int src_stride[], int slice_y, int slice_h,
                uint8_t *const dst[], const int dst_stride[], int own_chroma, enum AVPixelFormat format)
{
    /* Like C, leaves the last column of an odd width as it is. */
    int width = c->opts.dst_w & ~1, vectors = usable(c);
    Factors f = vectors ? factors(c, format) : (Factors){0};
    for (int y = 0; y < slice_h; y += 2) {
        const uint8_t *u = src[1] + (y >> !own_chroma) * src_stride[1];
        const uint8_t *v = src[2] + (y >> !own_chroma) * src_stride[2];
        const uint8_t *lines[2] = {src[0] + y * src_stride[0], src[0] + (y + 1) * src_stride[0]};
        uint8_t *to[2] = {dst[0] + (y + slice_y) * dst_stride[0], dst[0] + (y + slice_y + 1) * dst_stride[0]};
        const Dither dithers[2] = {dither(format, y + slice_y), dither(format, y + slice_y + 1)};
        int i = 0;
        if (vectors) {
            for (; i + 16 <= width; i += 16) {
                Begins at = begins(&f, wasm_u16x8_load8x8(u + i / 2), wasm_u16x8_load8x8(v + i / 2));
                for (int line = 0; line < 2; line++) {
                    if (line == 1 && own_chroma)
                        at = begins(&f, wasm_u16x8_load8x8(u + src_stride[1] + i / 2),
                                    wasm_u16x8_load8x8(v + src_stride[2] + i / 2));
                    pixels16(to[line] + pixel_bytes(format) * i, wasm_u16x8_load8x8(lines[line] + i),
                             wasm_u16x8_load8x8(lines[line] + i + 8), &at, &f, &dithers[line], format);
                }
            }
        }
        for (; i < width; i += 2)
            for (int line = 0; line < 2; line++) {
                int own = line == 1 && own_chroma;
                /* The last pair of a width that is not a multiple of four has the first dithers. */
                int k = (width & 2) && i == width - 2 ? 0 : i & 7;
                pixels2(c, to[line], i, k, lines[line][i], lines[line][i + 1], u[own * src_stride[1] + i / 2],
                        v[own * src_stride[2] + i / 2], &dithers[line], format);
            }
    }
    return slice_h;
}

#define FORMAT(name, format)                                                                                          \
    static void name##_x(SwsInternal *c, const int16_t *lum_filter, const int16_t **lum, int lum_size,                \
                         const int16_t *chr_filter, const int16_t **us, const int16_t **vs, int chr_size,             \
                         const int16_t **alpha, uint8_t *dst, int width, int y)                                       \
    {                                                                                                                 \
        packed(c, (Lines){lum, lum_filter, lum_size}, (Lines){us, chr_filter, chr_size},                              \
               (Lines){vs, chr_filter, chr_size}, dst, width, HALF, y, format);                                       \
    }                                                                                                                 \
    static void name##_2(SwsInternal *c, const int16_t *lum[2], const int16_t *us[2], const int16_t *vs[2],           \
                         const int16_t *alpha[2], uint8_t *dst, int width, int y_alpha, int uv_alpha, int y)          \
    {                                                                                                                 \
        const int16_t by[2] = {ONE - y_alpha, y_alpha}, by_uv[2] = {ONE - uv_alpha, uv_alpha};                        \
        packed(c, (Lines){lum, by, 2}, (Lines){us, by_uv, 2}, (Lines){vs, by_uv, 2}, dst, width, 0, y, format);       \
    }                                                                                                                 \
    static void name##_1(SwsInternal *c, const int16_t *lum, const int16_t *us[2], const int16_t *vs[2],              \
                         const int16_t *alpha, uint8_t *dst, int width, int uv_alpha, int y)                          \
    {                                                                                                                 \
        const int16_t by[1] = {ONE}, by_uv[2] = {ONE - uv_alpha, uv_alpha};                                           \
        int size = uv_alpha ? 2 : 1;                                                                                  \
        packed(c, (Lines){&lum, by, 1}, (Lines){us, by_uv, size}, (Lines){vs, by_uv, size}, dst, width, HALF, y,      \
               format);                                                                                               \
    }                                                                                                                 \
    static int name##_420(SwsInternal *c, const uint8_t *const src[], const int src_stride[], int slice_y,            \
                          int slice_h, uint8_t *const dst[], const int dst_stride[])                                  \
    {                                                                                                                 \
        return unscaled(c, src, src_stride, slice_y, slice_h, dst, dst_stride, 0, format);                            \
    }                                                                                                                 \
    static int name##_422(SwsInternal *c, const uint8_t *const src[], const int src_stride[], int slice_y,            \
                          int slice_h, uint8_t *const dst[], const int dst_stride[])                                  \
    {                                                                                                                 \
        return unscaled(c, src, src_stride, slice_y, slice_h, dst, dst_stride, 1, format);                            \
    }

#define EACH_FORMAT(DO)             \
    DO(rgb24, AV_PIX_FMT_RGB24)     \
    DO(bgr24, AV_PIX_FMT_BGR24)     \
    DO(rgba, AV_PIX_FMT_RGBA)       \
    DO(bgra, AV_PIX_FMT_BGRA)       \
    DO(argb, AV_PIX_FMT_ARGB)       \
    DO(abgr, AV_PIX_FMT_ABGR)       \
    DO(rgb565, AV_PIX_FMT_RGB565)   \
    DO(bgr565, AV_PIX_FMT_BGR565)   \
    DO(rgb555, AV_PIX_FMT_RGB555)   \
    DO(bgr555, AV_PIX_FMT_BGR555)   \
    DO(rgb8, AV_PIX_FMT_RGB8)       \
    DO(bgr8, AV_PIX_FMT_BGR8)

EACH_FORMAT(FORMAT)

av_cold void ff_sws_init_rgb_wasm(SwsInternal *c)
{
    if (c->opts.flags & SWS_FULL_CHR_H_INT) {
        ff_sws_init_rgb_full_wasm(c);
        return;
    }
    /* C copies the alpha of the source, or omits it. These functions store opaque alpha. */
    if (isALPHA(c->opts.src_format) && isALPHA(c->opts.dst_format))
        return;
#define SET_SCALED(name, format)       \
    case format:                       \
        c->yuv2packedX = name##_x;     \
        c->yuv2packed2 = name##_2;     \
        c->yuv2packed1 = name##_1;     \
        break;
    switch (c->opts.dst_format) {
    EACH_FORMAT(SET_SCALED)
    default: break;
    }
}

av_cold SwsFunc ff_yuv2rgb_init_wasm(SwsInternal *c)
{
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128))
        return NULL;
#define RETURN_UNSCALED(name, format)                                              \
    case format:                                                                   \
        return c->opts.src_format == AV_PIX_FMT_YUV420P   ? name##_420             \
               : c->opts.src_format == AV_PIX_FMT_YUV422P ? name##_422             \
                                                          : NULL;
    switch (c->opts.dst_format) {
    EACH_FORMAT(RETURN_UNSCALED)
    default: return NULL;
    }
}
