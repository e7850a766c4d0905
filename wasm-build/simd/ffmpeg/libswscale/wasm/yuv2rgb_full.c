/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Conversion of YUV with chroma for each pixel to packed RGB: yuv2rgb_full_X_c_template, yuv2rgb_full_2_c_template and
 * yuv2rgb_full_1_c_template of libswscale/output.c, for formats with 8 bits for a colour, and for those with one byte for
 * a pixel if the error is diffused (SWS_DITHER_ED). The results are equal to those of C.
 *
 * One function does the work of all three: two lines and one line are filters of two coefficients and of one, with other
 * rounding.
 */
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>

#include "config.h"
#include "libavutil/attributes.h"
#include "libavutil/common.h"
#include "libswscale/swscale_internal.h"
#include "rgb.h"

/* Returns eight samples with 17 bits, of which 9 are a fraction. */
IN Sums samples(const Lines *lines, int at, int start)
{
    Sums sums = vertical_sums(lines, at, start);
    return (Sums){wasm_i32x4_shr(sums.low, 10), wasm_i32x4_shr(sums.high, 10)};
}

/* Returns eight samples of alpha. Those with bit 8 set are clipped, and the others lose their high bits. */
IN v128_t alpha8(const Lines *lines, int at)
{
    v128_t x = samples8(vertical_sums(lines, at, HALF));
    v128_t bit = wasm_i16x8_shr(wasm_i16x8_shl(x, 7), 15);
    return wasm_v128_bitselect(clip(x), wasm_v128_and(x, wasm_i16x8_const_splat(255)), bit);
}

/* Eight samples of each colour. */
typedef struct Colours {
    v128_t r, g, b;
} Colours;

/* Returns eight samples of 8 bits, which are not clipped. */
IN v128_t eight(v128_t first, v128_t last)
{
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(first, 22), wasm_i32x4_shr(last, 22));
}

IN Colours colours8(const SwsInternal *c, const Lines *lum, const Lines *u_lines, const Lines *v_lines, int at, int rounding)
{
    v128_t offset = wasm_i32x4_splat(c->yuv2rgb_y_offset), half = wasm_i32x4_const_splat(1 << 21);
    v128_t by_y = wasm_i32x4_splat(c->yuv2rgb_y_coeff), v_r = wasm_i32x4_splat(c->yuv2rgb_v2r_coeff);
    v128_t v_g = wasm_i32x4_splat(c->yuv2rgb_v2g_coeff), u_g = wasm_i32x4_splat(c->yuv2rgb_u2g_coeff);
    v128_t u_b = wasm_i32x4_splat(c->yuv2rgb_u2b_coeff);
    Sums y = samples(lum, at, rounding);
    Sums u = samples(u_lines, at, rounding - (128 << 19)), v = samples(v_lines, at, rounding - (128 << 19));
    y.low  = wasm_i32x4_add(wasm_i32x4_mul(wasm_i32x4_sub(y.low, offset), by_y), half);
    y.high = wasm_i32x4_add(wasm_i32x4_mul(wasm_i32x4_sub(y.high, offset), by_y), half);
    v128_t g_low  = wasm_i32x4_add(wasm_i32x4_mul(v.low, v_g), wasm_i32x4_mul(u.low, u_g));
    v128_t g_high = wasm_i32x4_add(wasm_i32x4_mul(v.high, v_g), wasm_i32x4_mul(u.high, u_g));
    return (Colours){
        eight(wasm_i32x4_add(y.low, wasm_i32x4_mul(v.low, v_r)), wasm_i32x4_add(y.high, wasm_i32x4_mul(v.high, v_r))),
        eight(wasm_i32x4_add(y.low, g_low), wasm_i32x4_add(y.high, g_high)),
        eight(wasm_i32x4_add(y.low, wasm_i32x4_mul(u.low, u_b)), wasm_i32x4_add(y.high, wasm_i32x4_mul(u.high, u_b))),
    };
}

/* Returns the level of a sample in a colour with few bits. The error goes to the next sample and to the next line. */
IN int level(int sample, int *line, int *error, int bits)
{
    const int step = bits == 3 ? 36 : bits == 2 ? 85 : 255;
    sample += (7 * *error + line[0] + 5 * line[1] + 3 * line[2]) >> 4;
    line[0] = *error;
    int number = av_clip(sample >> (8 - bits), 0, (1 << bits) - 1);
    *error = sample - number * step;
    return number;
}

/* Stores up to sixteen pixels with the bits of red, green and blue in one byte. */
IN void diffuse(SwsInternal *c, v128_t r, v128_t g, v128_t b, uint8_t *dst, int at, int count, int errors[3],
                int r_bits, int g_bits, int b_bits, int red_first)
{
    uint8_t rs[16], gs[16], bs[16];
    wasm_v128_store(rs, r);
    wasm_v128_store(gs, g);
    wasm_v128_store(bs, b);
    for (int i = 0; i < count; i++) {
        int red   = level(rs[i], c->dither_error[0] + at + i, &errors[0], r_bits);
        int green = level(gs[i], c->dither_error[1] + at + i, &errors[1], g_bits);
        int blue  = level(bs[i], c->dither_error[2] + at + i, &errors[2], b_bits);
        dst[at + i] = red_first ? red << (g_bits + b_bits) | green << b_bits | blue
                                : blue << (g_bits + r_bits) | green << r_bits | red;
    }
}

/* Stores a line in the format of the destination. A switch for each sixteen pixels costs less than a function for each
 * format. */
static av_noinline void full(SwsInternal *c, Lines lum, Lines us, Lines vs, Lines alpha, uint8_t *dst, int width,
                             int rounding)
{
    enum AVPixelFormat format = c->opts.dst_format;
    int bytes = pixel_bytes(format), has_alpha = CONFIG_SWSCALE_ALPHA && c->needAlpha && isALPHA(format);
    int errors[3] = {0};
    /* The last vectors may end behind the picture: ff_init_filters allocates 66 bytes more for a line. */
    for (int i = 0; i < width; i += 16) {
        int count = FFMIN(16, width - i);
        Colours lower = colours8(c, &lum, &us, &vs, i, rounding), upper = colours8(c, &lum, &us, &vs, i + 8, rounding);
        v128_t r = wasm_u8x16_narrow_i16x8(lower.r, upper.r), g = wasm_u8x16_narrow_i16x8(lower.g, upper.g);
        v128_t b = wasm_u8x16_narrow_i16x8(lower.b, upper.b), a = wasm_i8x16_const_splat(-1);
        uint8_t last[16 * 4], *to = count == 16 ? dst + bytes * i : last;
        switch (format) {
        case AV_PIX_FMT_RGB8: diffuse(c, r, g, b, dst, i, count, errors, 3, 3, 2, 1); continue;
        case AV_PIX_FMT_BGR8: diffuse(c, r, g, b, dst, i, count, errors, 3, 3, 2, 0); continue;
        case AV_PIX_FMT_RGB4_BYTE: diffuse(c, r, g, b, dst, i, count, errors, 1, 2, 1, 1); continue;
        case AV_PIX_FMT_BGR4_BYTE: diffuse(c, r, g, b, dst, i, count, errors, 1, 2, 1, 0); continue;
        default: break;
        }
        if (has_alpha)
            a = wasm_u8x16_narrow_i16x8(alpha8(&alpha, i), alpha8(&alpha, i + 8));
        store_pixels16(to, r, g, b, a, format);
        if (count < 16)
            memcpy(dst + bytes * i, last, bytes * count);
    }
    for (int k = 0; k < 3; k++)
        c->dither_error[k][width] = errors[k];
}

static void full_x_wasm(SwsInternal *c, const int16_t *lum_filter, const int16_t **lum, int lum_size,
                        const int16_t *chr_filter, const int16_t **us, const int16_t **vs, int chr_size,
                        const int16_t **alpha, uint8_t *dst, int width, int y)
{
    full(c, (Lines){lum, lum_filter, lum_size}, (Lines){us, chr_filter, chr_size}, (Lines){vs, chr_filter, chr_size},
         (Lines){alpha, lum_filter, lum_size}, dst, width, 1 << 9);
}

static void full_2_wasm(SwsInternal *c, const int16_t *lum[2], const int16_t *us[2], const int16_t *vs[2],
                        const int16_t *alpha[2], uint8_t *dst, int width, int y_alpha, int uv_alpha, int y)
{
    const int16_t by[2] = {ONE - y_alpha, y_alpha}, by_uv[2] = {ONE - uv_alpha, uv_alpha};
    full(c, (Lines){lum, by, 2}, (Lines){us, by_uv, 2}, (Lines){vs, by_uv, 2}, (Lines){alpha, by, 2}, dst, width, 0);
}

static void full_1_wasm(SwsInternal *c, const int16_t *lum, const int16_t *us[2], const int16_t *vs[2],
                        const int16_t *alpha, uint8_t *dst, int width, int uv_alpha, int y)
{
    const int16_t by[1] = {ONE}, by_uv[2] = {ONE - uv_alpha, uv_alpha};
    int size = uv_alpha ? 2 : 1;
    full(c, (Lines){&lum, by, 1}, (Lines){us, by_uv, size}, (Lines){vs, by_uv, size}, (Lines){&alpha, by, 1}, dst, width,
         0);
}

av_cold void ff_sws_init_rgb_full_wasm(SwsInternal *c)
{
    switch (c->opts.dst_format) {
    case AV_PIX_FMT_RGB8:
    case AV_PIX_FMT_BGR8:
    case AV_PIX_FMT_RGB4_BYTE:
    case AV_PIX_FMT_BGR4_BYTE:
        if (c->opts.dither != SWS_DITHER_AUTO && c->opts.dither != SWS_DITHER_ED)
            return;
        av_fallthrough;
    case AV_PIX_FMT_RGB24:
    case AV_PIX_FMT_BGR24:
    case AV_PIX_FMT_RGBA:
    case AV_PIX_FMT_BGRA:
    case AV_PIX_FMT_ARGB:
    case AV_PIX_FMT_ABGR:
        c->yuv2packedX = full_x_wasm;
        c->yuv2packed2 = full_2_wasm;
        c->yuv2packed1 = full_1_wasm;
        break;
    default:
        break;
    }
}
