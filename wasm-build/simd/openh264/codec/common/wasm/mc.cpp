// SPDX-License-Identifier: BSD-2-Clause
// Motion compensation: McLuma_c, McChroma_c, McHorVer20_c, McHorVer02_c, McHorVer22_c and PixelAvg_c of mc.cpp.
#include "kernels.h"
#include "luma.h"

namespace {

// Filters blocks of 4, 8 or 16 pixels, or of one more for the encoder's search. The last pixels of those are filtered
// twice, so that no others are written.
#define WIDTHS(name, filter, columns) \
  void name (const uint8_t* src, int32_t ss, uint8_t* dst, int32_t sd, int32_t w, int32_t h) { \
    int32_t x = 0; \
    columns \
    for (; x + 8 <= w; x += 8) \
      filter<8> (src + x, ss, dst + x, sd, h); \
    if (x == w) \
      return; \
    if (w > 8) { \
      filter<8> (src + w - 8, ss, dst + w - 8, sd, h); \
      return; \
    } \
    filter<4> (src, ss, dst, sd, h); \
    if (w > 4) \
      filter<4> (src + w - 4, ss, dst + w - 4, sd, h); \
  }
#define PAIRS_OF_COLUMNS \
  for (; x + 16 <= w; x += 16) \
    half_across<16> (src + x, ss, dst + x, sd, h);
WIDTHS (luma_across, half_across, PAIRS_OF_COLUMNS)
WIDTHS (luma_down, half_down, )
WIDTHS (luma_middle, half_middle, )
#undef WIDTHS
#undef PAIRS_OF_COLUMNS

void sample_average (uint8_t* dst, int32_t sd, const uint8_t* a, int32_t sa, const uint8_t* b, int32_t sb, int32_t w,
                     int32_t h) {
  if (w == 16)
    average<16> (dst, sd, a, sa, b, sb, h);
  else if (w == 8)
    average<8> (dst, sd, a, sa, b, sb, h);
  else
    average<4> (dst, sd, a, sa, b, sb, h);
}

template<int w> IN void copy_rows (const uint8_t* src, int ss, uint8_t* dst, int sd, int h) {
#pragma clang loop unroll(disable)
  for (; h > 0; h -= 2, src += 2 * ss, dst += 2 * sd) {
    const v128_t r0 = load<w> (src), r1 = load<w> (src + ss);
    store<w> (dst, r0);
    store<w> (dst + sd, r1);
  }
}
void copy (const uint8_t* src, int32_t ss, uint8_t* dst, int32_t sd, int32_t w, int32_t h) {
  if (w == 16)
    copy_rows<16> (src, ss, dst, sd, h);
  else if (w == 8)
    copy_rows<8> (src, ss, dst, sd, h);
  else if (w == 4)
    copy_rows<4> (src, ss, dst, sd, h);
  else
    copy_rows<2> (src, ss, dst, sd, h);
}

// A quarter is the average of the two nearest whole or half pixels.
void luma (const uint8_t* src, int32_t ss, uint8_t* dst, int32_t sd, int16_t mv_x, int16_t mv_y, int32_t w, int32_t h) {
  const int x = mv_x & 3, y = mv_y & 3;
  if (x == 0 && y == 0) {
    copy (src, ss, dst, sd, w, h);
    return;
  }
  uint8_t first[256], second[256];
  const uint8_t* right = src + (x == 3);
  const uint8_t* below = src + (y == 3) * ss;
  if (y == 0) {
    luma_across (src, ss, dst, sd, w, h);
    if (x != 2)
      sample_average (dst, sd, dst, sd, right, ss, w, h);
  } else if (x == 0) {
    luma_down (src, ss, dst, sd, w, h);
    if (y != 2)
      sample_average (dst, sd, dst, sd, below, ss, w, h);
  } else if (x == 2 && y == 2) {
    luma_middle (src, ss, dst, sd, w, h);
  } else {
    if (x == 2 || y == 2)
      luma_middle (src, ss, first, 16, w, h);
    else
      luma_across (below, ss, first, 16, w, h);
    if (x == 2)
      luma_across (below, ss, second, 16, w, h);
    else
      luma_down (right, ss, second, 16, w, h);
    sample_average (dst, sd, first, 16, second, 16, w, h);
  }
}

// Weighs the four nearest pixels by eighths: a pair in the horizontal direction, then two pairs.
template<int w> IN v128_t between (const uint8_t* p, v128_t x) {
  const v128_t left = load16<w> (p);
  return wasm_i16x8_add (wasm_i16x8_shl (left, 3), wasm_i16x8_mul (wasm_i16x8_sub (load16<w> (p + 1), left), x));
}
IN v128_t between_rows (v128_t above, v128_t below, v128_t y) {
  const v128_t sum = wasm_i16x8_add (wasm_i16x8_shl (above, 3), wasm_i16x8_mul (wasm_i16x8_sub (below, above), y));
  return to_pixels (wasm_u16x8_shr (wasm_i16x8_add (sum, wasm_i16x8_const_splat (32)), 6));
}
template<int w> IN void eighths (const uint8_t* src, int ss, uint8_t* dst, int sd, int x, int y, int h) {
  const v128_t vx = splat16 (x), vy = splat16 (y);
  v128_t r0 = between<w> (src, vx);
#pragma clang loop unroll(disable)
  for (; h > 0; h -= 2, dst += 2 * sd) {
    const v128_t r1 = between<w> (src += ss, vx), r2 = between<w> (src += ss, vx);
    store<w> (dst, between_rows (r0, r1, vy));
    store<w> (dst + sd, between_rows (r1, r2, vy));
    r0 = r2;
  }
}
void chroma (const uint8_t* src, int32_t ss, uint8_t* dst, int32_t sd, int16_t mv_x, int16_t mv_y, int32_t w,
             int32_t h) {
  const int x = mv_x & 7, y = mv_y & 7;
  if (x == 0 && y == 0)
    copy (src, ss, dst, sd, w, h);
  else if (w == 8)
    eighths<8> (src, ss, dst, sd, x, y, h);
  else if (w == 4)
    eighths<4> (src, ss, dst, sd, x, y, h);
  else
    eighths<2> (src, ss, dst, sd, x, y, h);
}

}

void InitMcFunc_wasm (SMcFunc* pFuncs) {
  pFuncs->pfLumaHalfpelHor = luma_across;
  pFuncs->pfLumaHalfpelVer = luma_down;
  pFuncs->pfLumaHalfpelCen = luma_middle;
  pFuncs->pfSampleAveraging = sample_average;
  pFuncs->pMcLumaFunc = luma;
  pFuncs->pMcChromaFunc = chroma;
}
