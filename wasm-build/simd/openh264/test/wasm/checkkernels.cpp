// SPDX-License-Identifier: BSD-2-Clause
// Compares each kernel with its C function on random inputs. The argument is a seed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

namespace {
uint32_t state;
int failures, comparisons;
}

uint32_t Random() {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}
int RandomBetween (int first, int last) {
  return first + (int) (Random() % (uint32_t) (last - first + 1));
}

void FillPixels (uint8_t* p, int count) {
  const int kind = RandomBetween (0, 3), base = RandomBetween (0, 255), range = 1 << RandomBetween (0, 5);
  for (int i = 0; i < count; i++) {
    const uint32_t value = Random() >> 8;
    const int near = base + (int) (value % range) - range / 2;
    p[i] = kind == 0 ? value : kind == 1 ? 255 * (value & 1) : near < 0 ? 0 : near > 255 ? 255 : near;
  }
}
void FillCoefficients (int16_t* p, int count) {
  const int kind = RandomBetween (0, 3), bits = RandomBetween (0, 15);
  for (int i = 0; i < count; i++) {
    const int32_t value = (int32_t) Random() >> 16;
    p[i] = kind == 0 ? (value & 1 ? 32767 : -32768) : kind == 1 && value & 3 ? 0 : value >> bits;
  }
}

void Compare (const char* name, const void* expected, const void* found, size_t size) {
  comparisons++;
  if (memcmp (expected, found, size) == 0)
    return;
  if (failures++ < 20)
    printf ("%s differs from C\n", name);
}

int main (int argc, char** argv) {
  state = (argc > 1 ? atoi (argv[1]) : 0) * 2654435761u + 1;
  for (int round = 0; round < 200; round++) {
    CheckCommon();
    CheckEncoder();
    CheckDecoder();
    CheckProcessing();
  }
  printf ("%d of %d comparisons failed\n", failures, comparisons);
  return failures != 0;
}
