/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Gaussian blur: horiz_slice_c, do_vertical_columns and postscale_c of vf_gblur_init.h. */
#include <wasm_simd128.h>

#include "libavutil/attributes.h"
#include "libavutil/cpu.h"
#include "libavfilter/gblur.h"

#define IN static av_always_inline

IN void transpose(v128_t x[4])
{
    v128_t a = wasm_i32x4_shuffle(x[0], x[1], 0, 4, 1, 5), b = wasm_i32x4_shuffle(x[2], x[3], 0, 4, 1, 5);
    v128_t c = wasm_i32x4_shuffle(x[0], x[1], 2, 6, 3, 7), d = wasm_i32x4_shuffle(x[2], x[3], 2, 6, 3, 7);
    x[0] = wasm_i64x2_shuffle(a, b, 0, 2);
    x[1] = wasm_i64x2_shuffle(a, b, 1, 3);
    x[2] = wasm_i64x2_shuffle(c, d, 0, 2);
    x[3] = wasm_i64x2_shuffle(c, d, 1, 3);
}

IN v128_t step(v128_t x, v128_t nu, v128_t before) { return wasm_f32x4_add(x, wasm_f32x4_mul(nu, before)); }

/* Filters one row, both ways. */
static void filter_row(float *row, int width, int steps, float nu, float scale)
{
    for (int i = 0; i < steps; i++) {
        row[0] *= scale;
        for (int x = 1; x < width; x++)
            row[x] += nu * row[x - 1];
        row[width - 1] *= scale;
        for (int x = width - 1; x > 0; x--)
            row[x - 1] += nu * row[x];
    }
}

/* A pixel needs the one before it, so a vector has one pixel of each of four rows. */
static void horizontal(float *buffer, int width, int height, int steps, float nu, float scale, float *unused)
{
    const v128_t nus = wasm_f32x4_splat(nu);
    int y = 0;
    for (; width >= 8 && y + 4 <= height; y += 4) {
        float *rows[4];
        int last = width & ~3;
        for (int i = 0; i < 4; i++)
            rows[i] = buffer + (ptrdiff_t)(y + i) * width;
        for (int i = 0; i < steps; i++) {
            v128_t before, x[4];
            for (int j = 0; j < 4; j++)
                rows[j][0] *= scale;
            before = wasm_f32x4_const_splat(0);
            for (int at = 0; at < last; at += 4) {
                for (int j = 0; j < 4; j++)
                    x[j] = wasm_v128_load(rows[j] + at);
                transpose(x);
                /* Zero times a finite number plus x is x, but x may be negative zero. */
                x[0] = at ? step(x[0], nus, before) : x[0];
                x[1] = step(x[1], nus, x[0]);
                x[2] = step(x[2], nus, x[1]);
                before = x[3] = step(x[3], nus, x[2]);
                transpose(x);
                for (int j = 0; j < 4; j++)
                    wasm_v128_store(rows[j] + at, x[j]);
            }
            for (int j = 0; j < 4; j++) {
                for (int at = last; at < width; at++)
                    rows[j][at] += nu * rows[j][at - 1];
                rows[j][width - 1] *= scale;
                for (int at = width - 1; at >= last; at--)
                    rows[j][at - 1] += nu * rows[j][at];
            }
            /* The loop above has finished the pixel before `last`, if there is one at `last`. */
            for (int at = last - 4; at >= 0; at -= 4) {
                for (int j = 0; j < 4; j++)
                    x[j] = wasm_v128_load(rows[j] + at);
                transpose(x);
                if (at + 4 < last)
                    x[3] = step(x[3], nus, before);
                x[2] = step(x[2], nus, x[3]);
                x[1] = step(x[1], nus, x[2]);
                before = x[0] = step(x[0], nus, x[1]);
                transpose(x);
                for (int j = 0; j < 4; j++)
                    wasm_v128_store(rows[j] + at, x[j]);
            }
        }
    }
    for (; y < height; y++)
        filter_row(buffer + (ptrdiff_t)y * width, width, steps, nu, scale);
}

/* Filters `4 * count` columns, both ways. */
IN void columns(float *top, int width, int height, int steps, float nu, float scale, int count)
{
    const v128_t nus = wasm_f32x4_splat(nu), scales = wasm_f32x4_splat(scale);
    v128_t before[4];
    for (int i = 0; i < steps; i++) {
        float *p = top;
        for (int k = 0; k < count; k++) {
            before[k] = wasm_f32x4_mul(wasm_v128_load(p + 4 * k), scales);
            wasm_v128_store(p + 4 * k, before[k]);
        }
        for (int y = 1; y < height; y++) {
            p += width;
            for (int k = 0; k < count; k++) {
                before[k] = step(wasm_v128_load(p + 4 * k), nus, before[k]);
                wasm_v128_store(p + 4 * k, before[k]);
            }
        }
        for (int k = 0; k < count; k++) {
            before[k] = wasm_f32x4_mul(before[k], scales);
            wasm_v128_store(p + 4 * k, before[k]);
        }
        for (int y = 1; y < height; y++) {
            p -= width;
            for (int k = 0; k < count; k++) {
                before[k] = step(wasm_v128_load(p + 4 * k), nus, before[k]);
                wasm_v128_store(p + 4 * k, before[k]);
            }
        }
    }
}

static void vertical(float *buffer, int width, int height, int begin, int end, int steps, float nu, float scale)
{
    int x = begin;
    for (; x + 16 <= end; x += 16)
        columns(buffer + x, width, height, steps, nu, scale, 4);
    for (; x + 4 <= end; x += 4)
        columns(buffer + x, width, height, steps, nu, scale, 1);
    for (; x < end; x++) {
        for (int i = 0; i < steps; i++) {
            float *p = buffer + x, *last = p + (ptrdiff_t)(height - 1) * width;
            *p *= scale;
            for (; p < last; p += width)
                p[width] += nu * p[0];
            *p *= scale;
            for (; p > buffer + x; p -= width)
                p[-width] += nu * p[0];
        }
    }
}

static void postscale(float *buffer, int length, float scale, float min, float max)
{
    const v128_t scales = wasm_f32x4_splat(scale), lowest = wasm_f32x4_splat(min), highest = wasm_f32x4_splat(max);
    int i = 0;
    for (; i + 4 <= length; i += 4) {
        v128_t x = wasm_f32x4_mul(wasm_v128_load(buffer + i), scales);
        wasm_v128_store(buffer + i, wasm_f32x4_pmin(highest, wasm_f32x4_pmax(lowest, x)));
    }
    for (; i < length; i++)
        buffer[i] = av_clipf(buffer[i] * scale, min, max);
}

av_cold void ff_gblur_init_wasm(GBlurContext *s)
{
    if (!(av_get_cpu_flags() & AV_CPU_FLAG_SIMD128))
        return;
    s->horiz_slice = horizontal;
    s->verti_slice = vertical;
    s->postscale_slice = postscale;
}
