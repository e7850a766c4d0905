// SPDX-License-Identifier: BSD-2-Clause
// Random inputs, and the comparison of results.
#ifndef WELS_WASM_CHECK_H__
#define WELS_WASM_CHECK_H__

#include <stddef.h>
#include <stdint.h>
#include <string.h>

uint32_t Random();
int RandomBetween (int first, int last);
// Pixels of any values, of the extreme ones, or that are similar.
void FillPixels (uint8_t* p, int count);
// Values of any size, or the extreme ones, or with many zeros.
void FillCoefficients (int16_t* p, int count);
void Compare (const char* name, const void* expected, const void* found, size_t size);

void CheckCommon();
void CheckEncoder();
void CheckDecoder();
void CheckProcessing();

// A picture, whose middle has a block with enough pixels on all sides.
struct Picture {
  enum { kStride = 64, kSize = kStride * 64 };
  uint8_t pixels[kSize];
  Picture() { FillPixels (pixels, kSize); }
  uint8_t* Block (int offset = 0) { return pixels + 24 * kStride + 24 + offset; }
};

// The same picture for the C function and for ours.
struct Pictures {
  Picture expected, found;
  Pictures() { found = expected; }
  void Compare (const char* name) { ::Compare (name, expected.pixels, found.pixels, Picture::kSize); }
};

#endif
