// SPDX-License-Identifier: BSD-2-Clause
// Checks the comparisons of a picture with the one before it.
#include "check.h"
#include "processing_kernels.h"
#include "sad_common.h"

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

  const int across = RandomBetween (1, 8), down = RandomBetween (1, 8), threshold = RandomBetween (0, 9000);
  int32_t count = 0;
  for (int y = 0; y < down; y++) {
    for (int x = 0; x < across; x++) {
      const int offset = 8 * y * Picture::kStride + 8 * x;
      count += WelsSampleSad8x8_c (a.pixels + offset, Picture::kStride, b.pixels + offset, Picture::kStride) > threshold;
    }
  }
  const int32_t ours_count =
    CountMotionBlocks_wasm (a.pixels, Picture::kStride, b.pixels, Picture::kStride, across, down, threshold);
  Compare ("CSceneChangeDetectorVideo", &count, &ours_count, sizeof (count));
}
