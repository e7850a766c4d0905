/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AVFILTER_WASM_VF_UNSHARP_H
#define AVFILTER_WASM_VF_UNSHARP_H

#include <stdint.h>

/* The elements that a row of sums has after its end. */
#define UNSHARP_PADDING 16

/* Adds the row `blurred` of `width` pixels to the columns' sums `sc`, and writes `dst`, unless it is NULL, from the row `src`
 * and its blur. `sr` and each row of `sc` have `width` + 2 * `steps_x` + UNSHARP_PADDING elements. */
void ff_unsharp_row_simd128(uint8_t *dst, const uint8_t *src, const uint8_t *blurred, int width, int steps_x, int steps_y,
                            uint32_t *sr, uint32_t **sc, int amount, int halfscale, int scalebits);

#endif
