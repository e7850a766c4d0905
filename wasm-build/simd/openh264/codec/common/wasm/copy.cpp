// SPDX-License-Identifier: BSD-2-Clause
// Copies of blocks: WelsCopy*_c of copy_mb.cpp.
#include "kernels.h"
#include "simd.h"

namespace {

template<int w, int h> IN void copy (uint8_t* dst, int sd, const uint8_t* src, int ss) {
#pragma clang loop unroll(disable)
  for (int y = 0; y < h; y += 4, dst += 4 * sd, src += 4 * ss) {
    const v128_t r0 = load<w> (src), r1 = load<w> (src + ss), r2 = load<w> (src + 2 * ss), r3 = load<w> (src + 3 * ss);
    store<w> (dst, r0);
    store<w> (dst + sd, r1);
    store<w> (dst + 2 * sd, r2);
    store<w> (dst + 3 * sd, r3);
  }
}

}

#define SIZE(w, h) \
  void WelsCopy##w##x##h##_wasm (uint8_t* pDst, int32_t iStrideD, uint8_t* pSrc, int32_t iStrideS) { \
    copy<w, h> (pDst, iStrideD, pSrc, iStrideS); \
  }
SIZE (16, 16)
SIZE (16, 8)
SIZE (8, 16)
SIZE (8, 8)
