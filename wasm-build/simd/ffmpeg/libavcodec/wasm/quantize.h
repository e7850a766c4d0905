/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef AVCODEC_WASM_QUANTIZE_H
#define AVCODEC_WASM_QUANTIZE_H

typedef struct MPVEncContext MPVEncContext;

void ff_dct_encode_init_wasm(MPVEncContext *s);

/* Returns whether quantization with the factors of `matrix` needs products of more than 32 bits. */
int ff_quantizes_wide_simd128(const int *matrix, int is_intra);

#endif
