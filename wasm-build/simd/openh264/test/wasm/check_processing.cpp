// SPDX-License-Identifier: BSD-2-Clause
// Checks the comparisons of a picture with the one before it.
#include "check.h"
#include "processing_kernels.h"

using namespace WelsVP;

namespace {

struct Results {
  int32_t frame_sad, sad[64], sum[16], square_sum[16], squares[16], sd[64];
  uint8_t mad[64];
};

}

void CheckProcessing() {
  SVaaFuncs ours;
  InitVaaFuncs_wasm (ours);
  Picture a, b;
  const int w = 16 * RandomBetween (1, 4), h = 16 * RandomBetween (1, 4);
  Results expected = Results(), found = Results();
#define CHECK(name, ...) { \
    { Results& r = expected; name##_c (a.pixels, b.pixels, w, h, Picture::kStride, &r.frame_sad, r.sad, ##__VA_ARGS__); } \
    { Results& r = found; ours.pf##name (a.pixels, b.pixels, w, h, Picture::kStride, &r.frame_sad, r.sad, ##__VA_ARGS__); } \
    Compare (#name, &expected, &found, sizeof (found)); \
    memset (&expected, 1, sizeof (expected)); \
    memset (&found, 1, sizeof (found)); \
  }
  CHECK (VAACalcSad)
  CHECK (VAACalcSadVar, r.sum, r.square_sum)
  CHECK (VAACalcSadSsd, r.sum, r.square_sum, r.squares)
  CHECK (VAACalcSadBgd, r.sd, r.mad)
  CHECK (VAACalcSadSsdBgd, r.sum, r.square_sum, r.squares, r.sd, r.mad)
#undef CHECK
}
