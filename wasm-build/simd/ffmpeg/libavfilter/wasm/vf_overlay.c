/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the overlay: the loop over pixels of blend_plane_8_8bits of vf_overlay.c, for a main input without alpha. */
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavfilter/vf_overlay.h"

#define IN static av_always_inline

/* Returns FAST_DIV255(main * (255 - alpha) + over * alpha) of eight numbers below 256. */
IN v128_t blend(v128_t main, v128_t over, v128_t alpha)
{
    v128_t rest = wasm_v128_xor(alpha, wasm_i16x8_const_splat(255));
    v128_t sum = wasm_i16x8_add(wasm_i16x8_mul(main, rest), wasm_i16x8_mul(over, alpha));
    sum = wasm_i16x8_add(sum, wasm_i16x8_const_splat(128));
    /* x * 257 >> 16, which needs 32 bits, is this. */
    return wasm_u16x8_shr(wasm_i16x8_add(sum, wasm_u16x8_shr(sum, 8)), 8);
}

IN void blend16(uint8_t *d, const uint8_t *s, v128_t alpha_low, v128_t alpha_high)
{
    v128_t main = wasm_v128_load(d), over = wasm_v128_load(s);
    v128_t low = blend(wasm_u16x8_extend_low_u8x16(main), wasm_u16x8_extend_low_u8x16(over), alpha_low);
    v128_t high = blend(wasm_u16x8_extend_high_u8x16(main), wasm_u16x8_extend_high_u8x16(over), alpha_high);
    wasm_v128_store(d, wasm_u8x16_narrow_i16x8(low, high));
}

/* Planes with the resolution of the alpha plane. Returns the number of finished pixels, as all rows do. */
static int row_44(uint8_t *d, uint8_t *da, uint8_t *s, uint8_t *a, int w, ptrdiff_t stride)
{
    int x = 0;
    for (; x + 16 <= w; x += 16) {
        v128_t alpha = wasm_v128_load(a + x);
        blend16(d + x, s + x, wasm_u16x8_extend_low_u8x16(alpha), wasm_u16x8_extend_high_u8x16(alpha));
    }
    return x;
}

/* Returns the alpha of eight pixels with half of the horizontal resolution. */
IN v128_t alpha_22(const uint8_t *a)
{
    v128_t both = wasm_v128_load(a), left = wasm_v128_and(both, wasm_i16x8_const_splat(255));
    v128_t mean = wasm_u16x8_shr(wasm_u16x8_extadd_pairwise_u8x16(both), 1);
    return wasm_u16x8_shr(wasm_i16x8_add(left, mean), 1);
}

static int row_22(uint8_t *d, uint8_t *da, uint8_t *s, uint8_t *a, int w, ptrdiff_t stride)
{
    int x = 0;
    /* The last pixel may have no right neighbour in the alpha plane. */
    for (; x + 16 < w; x += 16)
        blend16(d + x, s + x, alpha_22(a + 2 * x), alpha_22(a + 2 * x + 16));
    return x;
}

/* Returns the alpha of eight pixels with half of both resolutions. */
IN v128_t alpha_20(const uint8_t *a, ptrdiff_t stride)
{
    v128_t upper = wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(a));
    return wasm_u16x8_shr(wasm_i16x8_add(upper, wasm_u16x8_extadd_pairwise_u8x16(wasm_v128_load(a + stride))), 2);
}

static int row_20(uint8_t *d, uint8_t *da, uint8_t *s, uint8_t *a, int w, ptrdiff_t stride)
{
    int x = 0;
    for (; x + 16 < w; x += 16)
        blend16(d + x, s + x, alpha_20(a + 2 * x, stride), alpha_20(a + 2 * x + 16, stride));
    return x;
}

av_cold void ff_overlay_init_wasm(AVFilterContext *ctx)
{
    OverlayContext *s = ctx->priv;
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128) || s->main_has_alpha ||
        ctx->inputs[1]->alpha_mode == AVALPHA_MODE_PREMULTIPLIED)
        return;
    switch (s->format) {
    case OVERLAY_FORMAT_YUV444:
    case OVERLAY_FORMAT_GBRP:
        s->blend_row[0] = s->blend_row[1] = s->blend_row[2] = row_44;
        break;
    case OVERLAY_FORMAT_YUV420:
        /* NV12 has its chroma in one plane. */
        if (s->main_desc->comp[1].step != 1)
            break;
        s->blend_row[0] = row_44;
        s->blend_row[1] = s->blend_row[2] = row_20;
        break;
    case OVERLAY_FORMAT_YUV422:
        s->blend_row[0] = row_44;
        s->blend_row[1] = s->blend_row[2] = row_22;
        break;
    default:
        break;
    }
}
