/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inverse transform of simple_idct_template.c for 8 bits: ff_simple_idct_int16_8bit and its forms put and add. The
 * coefficients come transposed (FF_IDCT_PERM_TRANSPOSE), so a vector has one coefficient of each row. */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavutil/macros.h"
#include "libavcodec/avcodec.h"
#include "libavcodec/idctdsp.h"
#include "libavcodec/wasm/transpose.h"

#define IN static av_always_inline

#define W1 22725
#define W2 21407
#define W3 19266
#define W4 16383
#define W5 12873
#define W6 8867
#define W7 4520

#define ROW_SHIFT 11
#define COLUMN_SHIFT 20

/* The sums of products of pairs. */
#define PRODUCTS(pair, first, second) \
    wasm_i32x4_dot_i16x8(pair, wasm_i16x8_const(first, second, first, second, first, second, first, second))

/* Transforms four lanes, whose coefficients are in pairs, to sums in 32 bits, which wrap as those in C do. */
IN void transform_half(v128_t sums[8], v128_t pair04, v128_t pair26, v128_t pair13, v128_t pair57, v128_t offset,
                       int is_low)
{
    v128_t a[4], b[4];
    v128_t sum = wasm_i32x4_add(PRODUCTS(pair04, W4, W4), offset);
    v128_t difference = is_low ? sum : wasm_i32x4_add(PRODUCTS(pair04, W4, -W4), offset);
    v128_t t = PRODUCTS(pair26, W2, W6), u = PRODUCTS(pair26, W6, -W2);
    a[0] = wasm_i32x4_add(sum, t);
    a[3] = wasm_i32x4_sub(sum, t);
    a[1] = wasm_i32x4_add(difference, u);
    a[2] = wasm_i32x4_sub(difference, u);
    b[0] = PRODUCTS(pair13, W1, W3);
    b[1] = PRODUCTS(pair13, W3, -W7);
    b[2] = PRODUCTS(pair13, W5, -W1);
    b[3] = PRODUCTS(pair13, W7, -W5);
    if (!is_low) {
        b[0] = wasm_i32x4_add(b[0], PRODUCTS(pair57, W5, W7));
        b[1] = wasm_i32x4_add(b[1], PRODUCTS(pair57, -W1, -W5));
        b[2] = wasm_i32x4_add(b[2], PRODUCTS(pair57, W7, W3));
        b[3] = wasm_i32x4_add(b[3], PRODUCTS(pair57, W3, -W1));
    }
    for (int i = 0; i < 4; i++) {
        sums[i] = wasm_i32x4_add(a[i], b[i]);
        sums[7 - i] = wasm_i32x4_sub(a[i], b[i]);
    }
}

/* Transforms eight lanes. Low blocks have only the first four coefficients. */
IN void transform_lanes(v128_t x[8], int shift, v128_t offset, int is_low)
{
    const v128_t zero = wasm_i16x8_const_splat(0);
    v128_t low[8], high[8];
#define HALF(sums, pairs)                                                                              \
    transform_half(sums, pairs(x[0], is_low ? zero : x[4]), pairs(x[2], is_low ? zero : x[6]),         \
                   pairs(x[1], x[3]), pairs(x[5], x[7]), offset, is_low)
    HALF(low, interleave_low);
    HALF(high, interleave_high);
    for (int i = 0; i < 8; i++) {
        /* The low 16 bits of what is shifted, as C stores them. */
        const int left = FFMAX(16 - shift, 0), right = FFMAX(16, shift);
        x[i] = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(wasm_i32x4_shl(low[i], left), right),
                                       wasm_i32x4_shr(wasm_i32x4_shl(high[i], left), right));
    }
}

IN v128_t high_coefficients(const v128_t x[8])
{
    return wasm_v128_or(wasm_v128_or(x[4], x[5]), wasm_v128_or(x[6], x[7]));
}

IN void transform(v128_t x[8], int shift, v128_t offset)
{
    if (wasm_v128_any_true(high_coefficients(x)))
        transform_lanes(x, shift, offset, 0);
    else
        transform_lanes(x, shift, offset, 1);
}

/* Stores the rows of the inverse transform in x. */
IN void inverse(v128_t x[8], const int16_t *block)
{
    load_block(x, block);
    v128_t others = wasm_v128_or(wasm_v128_or(x[1], x[2]), wasm_v128_or(x[3], high_coefficients(x)));
    v128_t dc = wasm_i16x8_shl(x[0], 3);

    if (!wasm_v128_any_true(wasm_v128_or(others, wasm_v128_and(x[0], wasm_i16x8_const(0, -1, -1, -1, -1, -1, -1, -1))))) {
        int pixel = (W4 * ((int16_t)wasm_i16x8_extract_lane(dc, 0) + (1 << (COLUMN_SHIFT - 1)) / W4)) >> COLUMN_SHIFT;
        for (int i = 0; i < 8; i++)
            x[i] = wasm_i16x8_splat(pixel);
        return;
    }

    v128_t x0 = x[0];
    transform(x, ROW_SHIFT, wasm_i32x4_const_splat(1 << (ROW_SHIFT - 1)));
    /* C multiplies a row without other coefficients by 8 instead, which differs outside of -1023 to 1024. */
    v128_t differs = wasm_v128_and(wasm_i16x8_eq(others, wasm_i16x8_const_splat(0)),
                                   wasm_u16x8_gt(wasm_i16x8_add(x0, wasm_i16x8_const_splat(1023)),
                                                 wasm_i16x8_const_splat(2047)));
    if (wasm_v128_any_true(differs))
        for (int i = 0; i < 8; i++)
            x[i] = wasm_v128_bitselect(dc, x[i], differs);

    transpose(x);
    transform(x, COLUMN_SHIFT, wasm_i32x4_const_splat((1 << (COLUMN_SHIFT - 1)) / W4 * W4));
}

static void idct(int16_t *block)
{
    v128_t x[8];
    inverse(x, block);
    store_block(block, x);
}

static void idct_put(uint8_t *dest, ptrdiff_t line_size, int16_t *block)
{
    v128_t x[8];
    inverse(x, block);
    for (int i = 0; i < 8; i++)
        wasm_v128_store64_lane(dest + i * line_size, wasm_u8x16_narrow_i16x8(x[i], x[i]), 0);
}

static void idct_add(uint8_t *dest, ptrdiff_t line_size, int16_t *block)
{
    v128_t x[8];
    inverse(x, block);
    for (int i = 0; i < 8; i++) {
        v128_t row = wasm_i16x8_add(wasm_u16x8_load8x8(dest + i * line_size), x[i]);
        wasm_v128_store64_lane(dest + i * line_size, wasm_u8x16_narrow_i16x8(row, row), 0);
    }
}

av_cold void ff_idctdsp_init_wasm(IDCTDSPContext *c, AVCodecContext *avctx, unsigned high_bit_depth)
{
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128) || high_bit_depth || avctx->lowres)
        return;
    /* An encoder for which the inverse is only a check would transpose its coefficients in vain. */
    if (avctx->codec_id == AV_CODEC_ID_MJPEG && av_codec_is_encoder(avctx->codec))
        return;
    if (avctx->idct_algo == FF_IDCT_AUTO || avctx->idct_algo == FF_IDCT_SIMPLEAUTO || avctx->idct_algo == FF_IDCT_SIMPLE) {
        c->idct = idct;
        c->idct_put = idct_put;
        c->idct_add = idct_add;
        c->perm_type = FF_IDCT_PERM_TRANSPOSE;
    }
}
