/* SPDX-License-Identifier: IJG AND LGPL-2.1-or-later */
/* The forward DCT of JPEG for values of any size: see fdct_wide.c. */
#ifndef AVCODEC_WASM_FDCT_WIDE_H
#define AVCODEC_WASM_FDCT_WIDE_H

#include <stdint.h>

/* The constants, times 2^13. */
enum {
    C0_298 = 2446, C0_390 = 3196, C0_541 = 4433, C0_765 = 6270, C0_899 = 7373, C1_175 = 9633,
    C1_501 = 12299, C1_847 = 15137, C1_961 = 16069, C2_053 = 16819, C2_562 = 20995, C3_072 = 25172,
};

enum { CONST_BITS = 13, PASS1_BITS = 4 };

void ff_fdct_wide_simd128(int16_t *block);

#endif
