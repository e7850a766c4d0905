/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The forward DCT and the quantization of a block: dct_quantize_c of mpegvideo_enc.c. */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/common.h"
#include "libavutil/cpu.h"
#include "libavcodec/mathops.h"
#include "libavcodec/mpegvideo.h"
#include "libavcodec/mpegvideodata.h"
#include "libavcodec/mpegvideoenc.h"
#include "libavcodec/wasm/fdct.h"
#include "libavcodec/wasm/quantize.h"
#include "libavcodec/wasm/transpose.h"

#define SHIFT 21 /* QMAT_SHIFT of mpegvideo_enc.c */
#define BIAS_SHIFT 8 /* its QUANT_BIAS_SHIFT */

/* The bias of the quantizer, in the forms that the kernels need. */
typedef struct Bias {
    v128_t wide;   /* 64 bits */
    v128_t narrow; /* 32 bits */
    v128_t least;  /* the least product for which the sum with the bias is not negative */
} Bias;

static av_always_inline Bias biases(int bias)
{
    return (Bias){wasm_i64x2_splat(bias), wasm_i32x4_splat(bias), wasm_i32x4_splat(FFMAX(-bias, 0))};
}

typedef enum Kind { POSITIVE_BIAS, ANY_BIAS, WIDE_PRODUCT } Kind;

/* Quantizes four coefficients without their signs. Each is the product plus the bias, of which a negative sum is zero. */
static av_always_inline v128_t quantize4(v128_t levels, const int *matrix, Bias bias, Kind kind)
{
    v128_t product = wasm_i32x4_mul(levels, wasm_v128_load(matrix));
    if (kind != POSITIVE_BIAS)
        product = wasm_u32x4_max(product, bias.least);
    return wasm_u32x4_shr(wasm_i32x4_add(product, bias.narrow), SHIFT);
}

/* The same with products of 64 bits. The lower 32 bits of a negative sum after the shift are negative, too. */
static av_always_inline v128_t quantize4_wide(v128_t levels, const int *matrix, Bias bias)
{
    v128_t factors = wasm_v128_load(matrix);
    v128_t low  = wasm_i64x2_add(wasm_u64x2_extmul_low_u32x4(levels, factors), bias.wide);
    v128_t high = wasm_i64x2_add(wasm_u64x2_extmul_high_u32x4(levels, factors), bias.wide);
    low  = wasm_u64x2_shr(low, SHIFT);
    high = wasm_u64x2_shr(high, SHIFT);
    return wasm_i32x4_max(wasm_i32x4_shuffle(low, high, 0, 2, 4, 6), wasm_i32x4_const_splat(0));
}

/* The position of each coefficient in the scan, from 1 on. */
static const uint8_t zigzag_positions[64] = {
     1,  2,  6,  7, 15, 16, 28, 29,  3,  5,  8, 14, 17, 27, 30, 43,
     4,  9, 13, 18, 26, 31, 42, 44, 10, 12, 19, 25, 32, 41, 45, 54,
    11, 20, 24, 33, 40, 46, 53, 55, 21, 23, 34, 39, 47, 52, 56, 61,
    22, 35, 38, 48, 51, 57, 60, 62, 36, 37, 49, 50, 58, 59, 63, 64,
};

/* The same for ff_alternate_vertical_scan. */
static const uint8_t vertical_positions[64] = {
     1,  5,  7, 21, 23, 37, 39, 53,  2,  6,  8, 22, 24, 38, 40, 54,
     3,  9, 20, 25, 35, 41, 51, 55,  4, 10, 19, 26, 36, 42, 52, 56,
    11, 18, 27, 31, 43, 47, 57, 61, 12, 17, 28, 32, 44, 48, 58, 62,
    13, 16, 29, 33, 45, 49, 59, 63, 14, 15, 30, 34, 46, 50, 60, 64,
};

/* Returns the positions of those of 16 coefficients that are not zero. */
static av_always_inline v128_t set_positions(v128_t first, v128_t second, const uint8_t *positions)
{
    v128_t is_zero = wasm_i8x16_eq(wasm_i8x16_narrow_i16x8(first, second), wasm_i8x16_const_splat(0));
    return wasm_v128_andnot(wasm_v128_load(positions), is_zero);
}

static av_always_inline int largest_u8(v128_t x)
{
    x = wasm_u8x16_max(x, wasm_i64x2_shuffle(x, x, 1, 0));
    x = wasm_u8x16_max(x, wasm_i32x4_shuffle(x, x, 1, 0, 3, 2));
    x = wasm_u8x16_max(x, wasm_u32x4_shr(x, 16));
    x = wasm_u8x16_max(x, wasm_u32x4_shr(x, 8));
    return wasm_u8x16_extract_lane(x, 0);
}

/* Quantizes eight coefficients, and adds the bits of their absolute values to `all`. */
static av_always_inline v128_t quantize8(v128_t x, const int *matrix, Bias bias, Kind kind, v128_t *all)
{
    v128_t sign = wasm_i16x8_shr(x, 15), absolute = wasm_i16x8_abs(x);
    v128_t low = wasm_u32x4_extend_low_u16x8(absolute), high = wasm_u32x4_extend_high_u16x8(absolute);
    if (kind == WIDE_PRODUCT) {
        low  = quantize4_wide(low, matrix, bias);
        high = quantize4_wide(high, matrix + 4, bias);
        *all = wasm_v128_or(*all, wasm_v128_or(low, high));
        /* The lower 16 bits, as C stores them. */
        x = wasm_i16x8_shuffle(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
    } else {
        x = wasm_i16x8_narrow_i32x4(quantize4(low, matrix, bias, kind), quantize4(high, matrix + 4, bias, kind));
        *all = wasm_v128_or(*all, x);
    }
    return wasm_i16x8_sub(wasm_v128_xor(x, sign), sign);
}

/* Quantizes a block. Stores the union of the bits of all absolute values, and returns the position of the last that is not
 * zero. */
static av_always_inline int quantize(int16_t *block, const int *matrix, Bias bias, const uint8_t *positions, Kind kind,
                                     int *max)
{
    v128_t set = wasm_i8x16_const_splat(0), all = wasm_i32x4_const_splat(0);
#pragma clang loop unroll(disable)
    for (int i = 0; i < 64; i += 16) {
        v128_t a = quantize8(wasm_v128_load(block + i), matrix + i, bias, kind, &all);
        v128_t b = quantize8(wasm_v128_load(block + i + 8), matrix + i + 8, bias, kind, &all);
        wasm_v128_store(block + i, a);
        wasm_v128_store(block + i + 8, b);
        set = wasm_u8x16_max(set, set_positions(a, b, positions + i));
    }
    if (kind != WIDE_PRODUCT)
        all = wasm_v128_or(wasm_u32x4_extend_low_u16x8(all), wasm_u32x4_extend_high_u16x8(all));
    all = wasm_v128_or(all, wasm_i64x2_shuffle(all, all, 1, 0));
    *max = wasm_i32x4_extract_lane(all, 0) | wasm_i32x4_extract_lane(all, 1);
    return largest_u8(set);
}

static av_noinline int quantize_wide(int16_t *block, const int *matrix, int bias, const uint8_t *positions, int *max)
{
    return quantize(block, matrix, biases(bias), positions, WIDE_PRODUCT, max);
}

/* Returns the position of the last coefficient that is not zero in the order of `scan`, which is of Windows Media. */
static av_noinline int last_in_scan(const int16_t *block, const uint8_t *scan)
{
    int last = 64;
    while (last > 0 && !block[scan[last - 1]])
        last--;
    return last;
}

static int dct_quantize(MPVEncContext *const s, int16_t *block, int n, int qscale, int *overflow)
{
    const int is_intra = s->c.mb_intra;
    const uint8_t *scan = is_intra ? s->c.intra_scantable.scantable : s->c.inter_scantable.scantable;
    const uint8_t *positions = scan == ff_zigzag_direct ? zigzag_positions : vertical_positions;
    const int *matrix;
    int bias, is_wide, last, max, dc = 0;
    v128_t x[8];

    forward_dct(x, block);
    if (s->dct_error_sum) {
        store_block(block, x);
        s->dct_count[is_intra]++;
        s->mpvencdsp.denoise_dct(block, s->dct_error_sum[is_intra], s->dct_offset[is_intra]);
        load_block(x, block);
    }

    if (is_intra) {
        /* With advanced intra coding, the mean is not quantized. */
        int q = s->c.h263_aic ? 8 : (n < 4 ? s->c.y_dc_scale : s->c.c_dc_scale) << 3;
        dc = (wasm_i16x8_extract_lane(x[0], 0) + (q >> 1)) / q;
        x[0] = wasm_i16x8_replace_lane(x[0], 0, 0);
        matrix  = n < 4 ? s->q_intra_matrix[qscale] : s->q_chroma_intra_matrix[qscale];
        is_wide = (n < 4 ? s->q_intra_matrix16 : s->q_chroma_intra_matrix16)[qscale][0][0];
        bias    = s->intra_quant_bias * (1 << (SHIFT - BIAS_SHIFT));
    } else {
        matrix  = s->q_inter_matrix[qscale];
        is_wide = s->q_inter_matrix16[qscale][0][0];
        bias    = s->inter_quant_bias * (1 << (SHIFT - BIAS_SHIFT));
    }

    store_block(block, x);
    if (is_wide)
        last = quantize_wide(block, matrix, bias, positions, &max);
    else if (bias < 0)
        last = quantize(block, matrix, biases(bias), positions, ANY_BIAS, &max);
    else
        last = quantize(block, matrix, biases(bias), positions, POSITIVE_BIAS, &max);
    if (scan != ff_zigzag_direct && scan != ff_alternate_vertical_scan)
        last = last_in_scan(block, scan);
    last--;
    *overflow = s->max_qcoeff < max;
    if (s->c.idsp.perm_type == FF_IDCT_PERM_TRANSPOSE) {
        load_block(x, block);
        transpose(x);
        store_block(block, x);
    }
    if (!is_intra)
        return last;
    block[0] = dc;
    return FFMAX(last, 0);
}

/* The coefficients of pixels, but their mean, are less than 1 << 13, and those of differences less than 1 << 14. The bias is
 * less than 1 << SHIFT. */
int ff_quantizes_wide_simd128(const int *matrix, int is_intra)
{
    for (int i = is_intra; i < 64; i++)
        if (matrix[i] > 1 << (is_intra ? 18 : 17))
            return 1;
    return 0;
}

av_cold void ff_dct_encode_init_wasm(MPVEncContext *s)
{
    int permutation = s->c.idsp.perm_type;
    if (av_get_cpu_flags() & AV_CPU_FLAG_SIMD128 && s->fdsp.fdct == ff_fdct_simd128 &&
        (permutation == FF_IDCT_PERM_NONE || permutation == FF_IDCT_PERM_TRANSPOSE))
        s->dct_quantize = dct_quantize;
}
