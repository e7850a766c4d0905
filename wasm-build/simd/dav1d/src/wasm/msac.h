// SPDX-License-Identifier: BSD-2-Clause
// The decoder of symbols calls these functions directly.
#ifndef DAV1D_SRC_WASM_MSAC_H
#define DAV1D_SRC_WASM_MSAC_H

unsigned dav1d_msac_decode_symbol_adapt4_wasm(MsacContext *s, uint16_t *cdf, size_t n_symbols);
unsigned dav1d_msac_decode_symbol_adapt8_wasm(MsacContext *s, uint16_t *cdf, size_t n_symbols);
unsigned dav1d_msac_decode_symbol_adapt16_wasm(MsacContext *s, uint16_t *cdf, size_t n_symbols);
unsigned dav1d_msac_decode_bool_adapt_wasm(MsacContext *s, uint16_t *cdf);
unsigned dav1d_msac_decode_bool_equi_wasm(MsacContext *s);
unsigned dav1d_msac_decode_bool_wasm(MsacContext *s, unsigned f);
unsigned dav1d_msac_decode_hi_tok_wasm(MsacContext *s, uint16_t *cdf);

#define dav1d_msac_decode_symbol_adapt4  dav1d_msac_decode_symbol_adapt4_wasm
#define dav1d_msac_decode_symbol_adapt8  dav1d_msac_decode_symbol_adapt8_wasm
#define dav1d_msac_decode_symbol_adapt16 dav1d_msac_decode_symbol_adapt16_wasm
#define dav1d_msac_decode_bool_adapt     dav1d_msac_decode_bool_adapt_wasm
#define dav1d_msac_decode_bool_equi      dav1d_msac_decode_bool_equi_wasm
#define dav1d_msac_decode_bool           dav1d_msac_decode_bool_wasm
#define dav1d_msac_decode_hi_tok         dav1d_msac_decode_hi_tok_wasm

#endif
