// SPDX-License-Identifier: BSD-2-Clause
// The loop of CSceneChangeDetectorVideo of SceneChangeDetection.h, with four blocks of 8x8 at a time.
#include "kernels.h"
#include "processing_kernels.h"
#include "simd.h"

namespace {

// The sums of absolute differences of two blocks that are side by side, as pairs of 32 bits.
IN v128_t two_blocks (const uint8_t* cur, int cur_stride, const uint8_t* ref, int ref_stride) {
  v128_t sum = splat16 (0);
#pragma clang loop unroll_count(4)
  for (int y = 0; y < 8; y++, cur += cur_stride, ref += ref_stride) {
    const v128_t difference = difference8 (wasm_v128_load (cur), wasm_v128_load (ref));
    sum = wasm_i16x8_add (sum, wasm_u16x8_extadd_pairwise_u8x16 (difference));
  }
  return pairs (sum);
}

}

WELSVP_NAMESPACE_BEGIN
int32_t CountMotionBlocks_wasm (uint8_t* cur, int32_t cur_stride, uint8_t* ref, int32_t ref_stride, int32_t width,
                                int32_t height, int32_t threshold) {
  v128_t counts = wasm_i32x4_const_splat (0);
  int32_t count = 0;
  for (int y = 0; y < height; y++, cur += 8 * cur_stride, ref += 8 * ref_stride) {
    int x = 0;
    for (; x + 4 <= width; x += 4) {
      const v128_t a = two_blocks (cur + 8 * x, cur_stride, ref + 8 * x, ref_stride);
      const v128_t b = two_blocks (cur + 8 * x + 16, cur_stride, ref + 8 * x + 16, ref_stride);
      const v128_t sads = wasm_i32x4_add (even32 (a, b), odd32 (a, b));
      counts = wasm_i32x4_sub (counts, wasm_i32x4_gt (sads, wasm_i32x4_splat (threshold)));
    }
    for (; x < width; x++)
      count += WelsSampleSad8x8_wasm (cur + 8 * x, cur_stride, ref + 8 * x, ref_stride) > threshold;
  }
  return count + sum32 (counts);
}
WELSVP_NAMESPACE_END
