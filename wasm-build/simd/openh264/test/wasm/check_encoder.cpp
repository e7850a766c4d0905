// SPDX-License-Identifier: BSD-2-Clause
// Checks the kernels of the encoder's function table.
#include "check.h"
#include "cpu_core.h"
#include "decode_mb_aux.h"
#include "encode_mb_aux.h"
#include "encoder_kernels.h"
#include "get_intra_predictor.h"
#include "sample.h"
#include "set_mb_syn_cavlc.h"

using namespace WelsEnc;

namespace {

enum { kStride = Picture::kStride };
SWelsFuncPtrList c, ours;

// Calls a function on a copy of coefficients each, and compares them.
#define IN_PLACE(name, count, ...) { \
    alignas (16) int16_t expected[count], found[count]; \
    FillCoefficients (expected, count); \
    memcpy (found, expected, sizeof (found)); \
    c.name (expected, __VA_ARGS__); \
    ours.name (found, __VA_ARGS__); \
    Compare (#name, expected, found, sizeof (found)); \
  }

void CheckSums() {
  Picture a, b;
  const SSampleDealingFunc& f = c.sSampleDealingFuncs, & g = ours.sSampleDealingFuncs;
  for (int size = 0; size < BLOCK_SIZE_ALL; size++) {
    if (!f.pfSampleSad[size])
      continue;
    int32_t expected[6], found[6];
    expected[0] = f.pfSampleSad[size] (a.Block(), kStride, b.Block (1), kStride);
    expected[1] = f.pfSampleSatd[size] (a.Block(), kStride, b.Block (1), kStride);
    f.pfSample4Sad[size] (a.Block(), kStride, b.Block (1), kStride, expected + 2);
    found[0] = g.pfSampleSad[size] (a.Block(), kStride, b.Block (1), kStride);
    found[1] = g.pfSampleSatd[size] (a.Block(), kStride, b.Block (1), kStride);
    g.pfSample4Sad[size] (a.Block(), kStride, b.Block (1), kStride, found + 2);
    Compare ("pfSampleSad", expected, found, sizeof (*found));
    Compare ("pfSampleSatd", expected + 1, found + 1, sizeof (*found));
    Compare ("pfSample4Sad", expected + 2, found + 2, 4 * sizeof (*found));
  }
}

void CheckTransforms() {
  Picture a, b;
  alignas (16) int16_t expected[64] = {0}, found[64] = {0};
#define FORWARD(name) \
  c.name (expected, a.Block(), kStride, b.Block (1), kStride); \
  ours.name (found, a.Block(), kStride, b.Block (1), kStride); \
  Compare (#name, expected, found, sizeof (found));
  FORWARD (pfDctT4)
  FORWARD (pfDctFourT4)
#undef FORWARD
#define INVERSE(name) { \
    Pictures out; \
    FillCoefficients (expected, 64); \
    c.name (out.expected.Block(), kStride, a.Block(), kStride, expected); \
    ours.name (out.found.Block(), kStride, a.Block(), kStride, expected); \
    out.Compare (#name); \
  }
  INVERSE (pfIDctT4)
  INVERSE (pfIDctFourT4)
  INVERSE (pfIDctI16x16Dc)
#undef INVERSE
}

void CheckQuantisation() {
  const int16_t* ff = g_kiQuantInterFF[RandomBetween (0, 57)], *mf = g_kiQuantMF[RandomBetween (0, 51)];
  IN_PLACE (pfQuantization4x4, 16, ff, mf)
  IN_PLACE (pfQuantizationFour4x4, 64, ff, mf)
  IN_PLACE (pfQuantizationDc4x4, 16, ff[0] * 2, mf[0] / 2)
  alignas (16) int16_t expected[64 + 4], found[64 + 4];
  FillCoefficients (expected, 64);
  memcpy (found, expected, sizeof (found));
  c.pfQuantizationFour4x4Max (expected, ff, mf, expected + 64);
  ours.pfQuantizationFour4x4Max (found, ff, mf, found + 64);
  Compare ("pfQuantizationFour4x4Max", expected, found, sizeof (found));
  alignas (16) uint16_t factors[8];
  for (uint16_t& factor : factors)
    factor = Random();
  IN_PLACE (pfDequantization4x4, 16, factors)
  IN_PLACE (pfDequantizationFour4x4, 64, factors)
}

void CheckCoefficients() {
  alignas (16) int16_t dct[16];
  FillCoefficients (dct, 16);
  IN_PLACE (pfScan4x4, 16, dct)
  IN_PLACE (pfScan4x4Ac, 16, dct)
  const int32_t expected[] = {c.pfGetNoneZeroCount (dct), c.pfCalculateSingleCtr4x4 (dct)};
  const int32_t found[] = {ours.pfGetNoneZeroCount (dct), ours.pfCalculateSingleCtr4x4 (dct)};
  Compare ("pfGetNoneZeroCount", expected, found, sizeof (*found));
  Compare ("pfCalculateSingleCtr4x4", expected + 1, found + 1, sizeof (*found));

  const int32_t ends[] = {3, 14, 15};
  for (int32_t last : ends) {
    struct Runs {
      int16_t levels[16];
      uint8_t runs[16];
      int32_t count, zeros;
    } a = Runs(), b = Runs();
    a.zeros = c.pfCavlcParamCal (dct, a.runs, a.levels, &a.count, last);
    b.zeros = ours.pfCavlcParamCal (dct, b.runs, b.levels, &b.count, last);
    Compare ("pfCavlcParamCal", &a, &b, sizeof (a));
  }
}

void CheckZeros() {
  Pictures out;
  const int size8 = 8 * RandomBetween (0, 100), size64 = 64 * RandomBetween (0, 12);
  memset (out.expected.Block(), 0, size8);
  ours.pfSetMemZeroSize8 (out.found.Block(), size8);
  out.Compare ("pfSetMemZeroSize8");
  Pictures more;
  memset (more.expected.Block(), 0, size64);
  ours.pfSetMemZeroSize64 (more.found.Block(), size64);
  more.Compare ("pfSetMemZeroSize64");
}

void CheckPredictions() {
  Picture a;
  for (int mode = 0; mode < I16_PRED_DC_A; mode++) {
    Pictures out;
    c.pfGetLumaI16x16Pred[mode] (out.expected.pixels, a.Block(), kStride);
    ours.pfGetLumaI16x16Pred[mode] (out.found.pixels, a.Block(), kStride);
    out.Compare ("pfGetLumaI16x16Pred");
  }
  for (int mode = 0; mode < C_PRED_A; mode++) {
    Pictures out;
    c.pfGetChromaPred[mode] (out.expected.pixels, a.Block(), kStride);
    ours.pfGetChromaPred[mode] (out.found.pixels, a.Block(), kStride);
    out.Compare ("pfGetChromaPred");
  }
}

void CheckIntraSums() {
  Picture a, b, c, d;
  uint8_t temporary[256];
  const int32_t lambda = RandomBetween (0, 100);
  int32_t expected[2], found[2];
  const SSampleDealingFunc& f = ours.sSampleDealingFuncs;
  expected[0] = WelsSampleSadIntra16x16Combined3_c (a.Block(), kStride, b.Block(), kStride, expected + 1, lambda,
                temporary);
  found[0] = f.pfIntra16x16Combined3Sad (a.Block(), kStride, b.Block(), kStride, found + 1, lambda, temporary);
  Compare ("pfIntra16x16Combined3Sad", expected, found, sizeof (found));
  expected[0] = WelsSampleSadIntra8x8Combined3_c (a.Block(), kStride, b.Block(), kStride, expected + 1, lambda,
                temporary, c.Block(), d.Block());
  found[0] = f.pfIntra8x8Combined3Sad (a.Block(), kStride, b.Block(), kStride, found + 1, lambda, temporary, c.Block(),
                                       d.Block());
  Compare ("pfIntra8x8Combined3Sad", expected, found, sizeof (found));
}

void Register (SWelsFuncPtrList* list, uint32_t flags) {
  memset (list, 0, sizeof (*list));
  WelsInitSampleSadFunc (list, flags);
  WelsInitEncodingFuncs (list, flags);
  WelsInitReconstructionFuncs (list, flags);
  WelsInitIntraPredFuncs (list, flags);
  InitCoeffFunc (list, flags, 0);
}

}

void CheckEncoder() {
  Register (&c, 0);
  Register (&ours, WELS_CPU_SIMD128);
  InitSetMemZero_wasm (&ours);
  CheckSums();
  CheckTransforms();
  CheckQuantisation();
  CheckCoefficients();
  CheckZeros();
  CheckPredictions();
  CheckIntraSums();
}
