/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Blocks of reference pixels that extend beyond the edges of the picture: emulated_edge_mc of videodsp_template.c. In C,
 * each row is a call of memcpy, which leaves the module, and two loops over single pixels.
 */
#include <stddef.h>
#include <stdint.h>
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavutil/macros.h"
#include "libavcodec/videodsp.h"

#define IN static av_always_inline

/* Copies n bytes. The last step overlaps the one before it. */
IN void copy(uint8_t *dst, const uint8_t *src, int n)
{
    if (n >= 16) {
        for (int i = 0; i < n - 16; i += 16)
            wasm_v128_store(dst + i, wasm_v128_load(src + i));
        wasm_v128_store(dst + n - 16, wasm_v128_load(src + n - 16));
    } else if (n >= 8) {
        v128_t first = wasm_v128_load64_zero(src);
        wasm_v128_store64_lane(dst + n - 8, wasm_v128_load64_zero(src + n - 8), 0);
        wasm_v128_store64_lane(dst, first, 0);
    } else {
        for (int i = 0; i < n; i++)
            dst[i] = src[i];
    }
}

/* Stores the first n bytes of repeated pixels. */
IN void fill(uint8_t *dst, v128_t pixels, int n)
{
    if (n >= 16) {
        for (int i = 0; i < n - 16; i += 16)
            wasm_v128_store(dst + i, pixels);
        wasm_v128_store(dst + n - 16, pixels);
        return;
    }
    if (n & 8) {
        wasm_v128_store64_lane(dst, pixels, 0);
        dst += 8;
    }
    if (n & 4) {
        wasm_v128_store32_lane(dst, pixels, 0);
        dst += 4;
    }
    if (n & 2) {
        wasm_v128_store16_lane(dst, pixels, 0);
        dst += 2;
    }
    if (n & 1)
        wasm_v128_store8_lane(dst, pixels, 0);
}

IN v128_t load_repeated(const uint8_t *p, int size)
{
    return size == 1 ? wasm_v128_load8_splat(p) : wasm_v128_load16_splat(p);
}

/* Copies a block of pixels of `size` bytes, of which those beyond the picture of w x h repeat the nearest one in it. */
IN void emulate(uint8_t *buf, const uint8_t *src, ptrdiff_t buf_linesize, ptrdiff_t src_linesize, int block_w,
                int block_h, int src_x, int src_y, int w, int h, int size)
{
    int start_y, start_x, end_y, end_x, left, inside, right;

    if (!w || !h)
        return;

    if (src_y >= h) {
        src += (h - 1 - src_y) * src_linesize;
        src_y = h - 1;
    } else if (src_y <= -block_h) {
        src += (1 - block_h - src_y) * src_linesize;
        src_y = 1 - block_h;
    }
    if (src_x >= w) {
        src -= (1 + src_x - w) * size;
        src_x = w - 1;
    } else if (src_x <= -block_w) {
        src += (1 - block_w - src_x) * size;
        src_x = 1 - block_w;
    }

    start_y = FFMAX(0, -src_y);
    start_x = FFMAX(0, -src_x);
    end_y = FFMIN(block_h, h - src_y);
    end_x = FFMIN(block_w, w - src_x);
    left = start_x * size;
    inside = (end_x - start_x) * size;
    right = (block_w - end_x) * size;
    src += start_y * src_linesize + left;

    for (int y = 0; y < block_h; y++, buf += buf_linesize) {
        copy(buf + left, src, inside);
        if (left)
            fill(buf, load_repeated(src, size), left);
        if (right)
            fill(buf + left + inside, load_repeated(src + inside - size, size), right);
        if (y >= start_y && y < end_y - 1)
            src += src_linesize;
    }
}

static void emulated_edge_mc_8(uint8_t *buf, const uint8_t *src, ptrdiff_t buf_linesize, ptrdiff_t src_linesize,
                               int block_w, int block_h, int src_x, int src_y, int w, int h)
{
    emulate(buf, src, buf_linesize, src_linesize, block_w, block_h, src_x, src_y, w, h, 1);
}

static void emulated_edge_mc_16(uint8_t *buf, const uint8_t *src, ptrdiff_t buf_linesize, ptrdiff_t src_linesize,
                                int block_w, int block_h, int src_x, int src_y, int w, int h)
{
    emulate(buf, src, buf_linesize, src_linesize, block_w, block_h, src_x, src_y, w, h, 2);
}

av_cold void ff_videodsp_init_wasm(VideoDSPContext *ctx, int bpc)
{
    if (av_get_cpu_flags() & AV_CPU_FLAG_SIMD128)
        ctx->emulated_edge_mc = bpc <= 8 ? emulated_edge_mc_8 : emulated_edge_mc_16;
}
