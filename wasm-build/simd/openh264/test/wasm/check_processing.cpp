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
  const int stride = Picture::kStride;
#define CALL(function, results, ...) { \
    Results& r = results; \
    function (a.pixels, b.pixels, w, h, stride, &r.frame_sad, r.sad, ##__VA_ARGS__); \
  }
#define CHECK(name, ...) { \
    CALL (name##_c, expected, ##__VA_ARGS__) \
    CALL (ours.pf##name, found, ##__VA_ARGS__) \
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
#undef CALL

  const int across = RandomBetween (1, 8), down = RandomBetween (1, 8), threshold = RandomBetween (0, 9000);
  int32_t count = 0;
  for (int y = 0; y < down; y++) {
    for (int x = 0; x < across; x++) {
      const int offset = 8 * y * stride + 8 * x;
      count += WelsSampleSad8x8_c (a.pixels + offset, stride, b.pixels + offset, stride) > threshold;
    }
  }
  const int32_t ours_count =
    CountMotionBlocks_wasm (a.pixels, stride, b.pixels, stride, across, down, threshold);
  Compare ("CSceneChangeDetectorVideo", &count, &ours_count, sizeof (count));
}
