/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AVCODEC_WASM_QUANTIZE_H
#define AVCODEC_WASM_QUANTIZE_H

#include <stdint.h>

/* Quantizes the 64 coefficients of `block`, but the first if `first` is 1. Stores the union of their bits without signs in
 * `max`, and returns the index in `scan` of the last that is not zero, or `first` - 1. */
int ff_quantize_simd128(int16_t *block, const int *matrix, int bias, const uint8_t *scan, int first, int *max);

#endif
