// SPDX-License-Identifier: BSD-2-Clause
// Checks motion compensation, deblocking filters and copies.
#include "check.h"
#include "copy_mb.h"
#include "cpu_core.h"
#include "deblocking_common.h"
#include "deblocking_kernels.h"
#include "kernels.h"
#include "mc.h"

namespace {

enum { kStride = Picture::kStride };
const int kSides[] = {4, 5, 8, 9, 16, 17};

void CheckMotionCompensation() {
  SMcFunc c, ours;
  WelsCommon::InitMcFunc (&c, 0);
  WelsCommon::InitMcFunc (&ours, WELS_CPU_SIMD128);
  Picture a, b;
  Pictures out;
  const int x = Random() & 7, y = Random() & 7;
  for (int w : kSides) {
    for (int h : kSides) {
#define HALF(name) \
  c.name (a.Block(), kStride, out.expected.Block(), kStride, w, h); \
  ours.name (a.Block(), kStride, out.found.Block(), kStride, w, h); \
  out.Compare (#name);
      HALF (pfLumaHalfpelHor)
      HALF (pfLumaHalfpelVer)
      HALF (pfLumaHalfpelCen)
#undef HALF
      if (w % 4 || h % 4)
        continue;
      c.pfSampleAveraging (out.expected.Block(), kStride, a.Block(), kStride, b.Block (1), kStride, w, h);
      ours.pfSampleAveraging (out.found.Block(), kStride, a.Block(), kStride, b.Block (1), kStride, w, h);
      out.Compare ("pfSampleAveraging");
      c.pMcLumaFunc (a.Block(), kStride, out.expected.Block(), kStride, x, y, w, h);
      ours.pMcLumaFunc (a.Block(), kStride, out.found.Block(), kStride, x, y, w, h);
      out.Compare ("pMcLumaFunc");
      c.pMcChromaFunc (a.Block(), kStride, out.expected.Block(), kStride, x, y, w / 2, h / 2);
      ours.pMcChromaFunc (a.Block(), kStride, out.found.Block(), kStride, x, y, w / 2, h / 2);
      out.Compare ("pMcChromaFunc");
    }
  }
}

void CheckDeblocking() {
  Pictures y, cb, cr;
  const int alpha = RandomBetween (0, 255), beta = RandomBetween (0, 18);
  int8_t tc[4];
  for (int8_t& limit : tc)
    limit = RandomBetween (-1, 26);
#define LUMA(name, ...) \
  name##_c (y.expected.Block(), kStride, alpha, beta, ##__VA_ARGS__); \
  name##_wasm (y.found.Block(), kStride, alpha, beta, ##__VA_ARGS__); \
  y.Compare (#name);
  LUMA (DeblockLumaLt4V, tc)
  LUMA (DeblockLumaLt4H, tc)
  LUMA (DeblockLumaEq4V)
  LUMA (DeblockLumaEq4H)
  LUMA (DeblockChromaLt4V2, tc)
  LUMA (DeblockChromaLt4H2, tc)
  LUMA (DeblockChromaEq4V2)
  LUMA (DeblockChromaEq4H2)
#undef LUMA
#define CHROMA(name, ...) \
  name##_c (cb.expected.Block(), cr.expected.Block(), kStride, alpha, beta, ##__VA_ARGS__); \
  name##_wasm (cb.found.Block(), cr.found.Block(), kStride, alpha, beta, ##__VA_ARGS__); \
  cb.Compare (#name); \
  cr.Compare (#name);
  CHROMA (DeblockChromaLt4V, tc)
  CHROMA (DeblockChromaLt4H, tc)
  CHROMA (DeblockChromaEq4V)
  CHROMA (DeblockChromaEq4H)
#undef CHROMA
}

void CheckCopies() {
  Picture a;
#define SIZE(w, h) { \
    Pictures out; \
    WelsCopy##w##x##h##_c (out.expected.Block(), kStride, a.Block (1), kStride); \
    WelsCopy##w##x##h##_wasm (out.found.Block(), kStride, a.Block (1), kStride); \
    out.Compare ("WelsCopy" #w "x" #h); \
  }
  SIZE (16, 16)
  SIZE (16, 8)
  SIZE (8, 16)
  SIZE (8, 8)
#undef SIZE
}

}

void CheckCommon() {
  CheckMotionCompensation();
  CheckDeblocking();
  CheckCopies();
}
