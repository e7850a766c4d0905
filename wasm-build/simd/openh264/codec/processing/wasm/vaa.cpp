// SPDX-License-Identifier: BSD-2-Clause
// Comparisons of a picture with the one before it: VAACalcSad*_c of vaacalcfuncs.cpp.
#include "processing_kernels.h"
#include "simd.h"
#include "vaacalculation.h"

WELSVP_NAMESPACE_BEGIN
namespace {

// The results of a picture; those that a function does not have are not read.
struct Results {
  int32_t* frame_sad, *sad, *sum, *square_sum, *squares, *sd;
  uint8_t* mad;
};

// The sums of 8 rows of a macroblock, with those of its left half in the first half of each vector.
struct Rows {
  v128_t sad, current, reference, most, square_sum, squares;
};

IN v128_t add_squares (v128_t sum, v128_t row) {
  const v128_t low = wasm_u16x8_extend_low_u8x16 (row), high = wasm_u16x8_extend_high_u8x16 (row);
  return wasm_i32x4_add (sum, wasm_i32x4_add (wasm_i32x4_dot_i16x8 (low, low), wasm_i32x4_dot_i16x8 (high, high)));
}
IN v128_t add_pairs (v128_t sum, v128_t row) {
  return wasm_i16x8_add (sum, wasm_u16x8_extadd_pairwise_u8x16 (row));
}

template<bool variance, bool squares, bool background>
IN Rows sum_rows (const uint8_t* cur, const uint8_t* ref, int stride) {
  const v128_t zero = splat16 (0);
  Rows r = {zero, zero, zero, zero, zero, zero};
#pragma clang loop unroll_count(2)
  for (int y = 0; y < 8; y++, cur += stride, ref += stride) {
    const v128_t c = wasm_v128_load (cur), p = wasm_v128_load (ref), d = difference8 (c, p);
    r.sad = add_pairs (r.sad, d);
    if (variance || background)
      r.current = add_pairs (r.current, c);
    if (variance)
      r.square_sum = add_squares (r.square_sum, c);
    if (squares)
      r.squares = add_squares (r.squares, d);
    if (background) {
      r.reference = add_pairs (r.reference, p);
      r.most = wasm_u8x16_max (r.most, d);
    }
  }
  return r;
}

// The sums of the four blocks of 8x8.
IN v128_t sum_blocks (v128_t top, v128_t bottom) {
  top = pairs (top), bottom = pairs (bottom);
  return wasm_i32x4_add (even32 (top, bottom), odd32 (top, bottom));
}
// The greatest values of the four blocks.
IN v128_t most_of_blocks (v128_t top, v128_t bottom) {
  v128_t m = wasm_u8x16_max (even32 (top, bottom), odd32 (top, bottom));
  m = wasm_u8x16_max (m, wasm_u32x4_shr (m, 16));
  m = wasm_u8x16_max (m, wasm_u32x4_shr (m, 8));
  return wasm_i8x16_shuffle (m, m, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
}

template<bool variance, bool squares, bool background>
IN void compare (const uint8_t* cur, const uint8_t* ref, int width, int height, int stride, Results out) {
  const int across = width >> 4, down = height >> 4, step = (stride << 4) - width;
  v128_t frame = wasm_i32x4_const_splat (0);
  for (int y = 0, i = 0; y < down; y++, cur += step, ref += step) {
    for (int x = 0; x < across; x++, i++, cur += 16, ref += 16) {
      const Rows top = sum_rows<variance, squares, background> (cur, ref, stride);
      const Rows bottom = sum_rows<variance, squares, background> (cur + 8 * stride, ref + 8 * stride, stride);
      const v128_t sad = sum_blocks (top.sad, bottom.sad);
      frame = wasm_i32x4_add (frame, sad);
      wasm_v128_store (out.sad + 4 * i, sad);
      const v128_t current = variance || background ? sum_blocks (top.current, bottom.current) : sad;
      if (variance) {
        out.sum[i] = sum32 (current);
        out.square_sum[i] = sum32 (wasm_i32x4_add (top.square_sum, bottom.square_sum));
      }
      if (squares)
        out.squares[i] = sum32 (wasm_i32x4_add (top.squares, bottom.squares));
      if (background) {
        wasm_v128_store (out.sd + 4 * i, wasm_i32x4_sub (current, sum_blocks (top.reference, bottom.reference)));
        wasm_v128_store32_lane (out.mad + 4 * i, most_of_blocks (top.most, bottom.most), 0);
      }
    }
  }
  *out.frame_sad = sum32 (frame);
}

void sad (const uint8_t* cur, const uint8_t* ref, int32_t width, int32_t height, int32_t stride, int32_t* frame_sad,
          int32_t* sad) {
  compare<false, false, false> (cur, ref, width, height, stride, {frame_sad, sad, 0, 0, 0, 0, 0});
}
void sad_var (const uint8_t* cur, const uint8_t* ref, int32_t width, int32_t height, int32_t stride, int32_t* frame_sad,
              int32_t* sad, int32_t* sum, int32_t* square_sum) {
  compare<true, false, false> (cur, ref, width, height, stride, {frame_sad, sad, sum, square_sum, 0, 0, 0});
}
void sad_ssd (const uint8_t* cur, const uint8_t* ref, int32_t width, int32_t height, int32_t stride, int32_t* frame_sad,
              int32_t* sad, int32_t* sum, int32_t* square_sum, int32_t* squares) {
  compare<true, true, false> (cur, ref, width, height, stride, {frame_sad, sad, sum, square_sum, squares, 0, 0});
}
void sad_bgd (const uint8_t* cur, const uint8_t* ref, int32_t width, int32_t height, int32_t stride, int32_t* frame_sad,
              int32_t* sad, int32_t* sd, uint8_t* mad) {
  compare<false, false, true> (cur, ref, width, height, stride, {frame_sad, sad, 0, 0, 0, sd, mad});
}
void sad_ssd_bgd (const uint8_t* cur, const uint8_t* ref, int32_t width, int32_t height, int32_t stride,
                  int32_t* frame_sad, int32_t* sad, int32_t* sum, int32_t* square_sum, int32_t* squares, int32_t* sd,
                  uint8_t* mad) {
  compare<true, true, true> (cur, ref, width, height, stride, {frame_sad, sad, sum, square_sum, squares, sd, mad});
}

}

void InitVaaFuncs_wasm (SVaaFuncs& sVaaFuncs) {
  sVaaFuncs.pfVAACalcSad = sad;
  sVaaFuncs.pfVAACalcSadBgd = sad_bgd;
  sVaaFuncs.pfVAACalcSadSsd = sad_ssd;
  sVaaFuncs.pfVAACalcSadSsdBgd = sad_ssd_bgd;
  sVaaFuncs.pfVAACalcSadVar = sad_var;
}
WELSVP_NAMESPACE_END
