/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernels in the function tables of common/{pixel,mc,dct,quant}.c. Each file names the C functions that it replaces. */
#ifndef X264_WASM_KERNELS_H
#define X264_WASM_KERNELS_H

#define X264_WASM_SIZES(name, args) \
    int x264_pixel_##name##_16x16_wasm args; int x264_pixel_##name##_16x8_wasm args; \
    int x264_pixel_##name##_8x16_wasm args; int x264_pixel_##name##_8x8_wasm args; \
    int x264_pixel_##name##_8x4_wasm args; int x264_pixel_##name##_4x16_wasm args; \
    int x264_pixel_##name##_4x8_wasm args; int x264_pixel_##name##_4x4_wasm args;
#define X264_WASM_SIZES_X(name, args) \
    void x264_pixel_##name##_16x16_wasm args; void x264_pixel_##name##_16x8_wasm args; \
    void x264_pixel_##name##_8x16_wasm args; void x264_pixel_##name##_8x8_wasm args; \
    void x264_pixel_##name##_8x4_wasm args; void x264_pixel_##name##_4x8_wasm args; \
    void x264_pixel_##name##_4x4_wasm args;
X264_WASM_SIZES(sad, (pixel *, intptr_t, pixel *, intptr_t))
X264_WASM_SIZES(satd, (pixel *, intptr_t, pixel *, intptr_t))
X264_WASM_SIZES_X(sad_x3, (pixel *, pixel *, pixel *, pixel *, intptr_t, int[3]))
X264_WASM_SIZES_X(sad_x4, (pixel *, pixel *, pixel *, pixel *, pixel *, intptr_t, int[4]))
int x264_pixel_ssd_16x16_wasm(pixel *, intptr_t, pixel *, intptr_t);
int x264_pixel_ssd_16x8_wasm(pixel *, intptr_t, pixel *, intptr_t);
int x264_pixel_ssd_8x16_wasm(pixel *, intptr_t, pixel *, intptr_t);
int x264_pixel_ssd_8x8_wasm(pixel *, intptr_t, pixel *, intptr_t);
int x264_pixel_sa8d_16x16_wasm(pixel *, intptr_t, pixel *, intptr_t);
int x264_pixel_sa8d_8x8_wasm(pixel *, intptr_t, pixel *, intptr_t);
uint64_t x264_pixel_hadamard_ac_16x16_wasm(pixel *, intptr_t);
uint64_t x264_pixel_hadamard_ac_16x8_wasm(pixel *, intptr_t);
uint64_t x264_pixel_hadamard_ac_8x16_wasm(pixel *, intptr_t);
uint64_t x264_pixel_hadamard_ac_8x8_wasm(pixel *, intptr_t);
uint64_t x264_pixel_var_16x16_wasm(pixel *, intptr_t);
uint64_t x264_pixel_var_8x16_wasm(pixel *, intptr_t);
uint64_t x264_pixel_var_8x8_wasm(pixel *, intptr_t);
int x264_pixel_var2_8x8_wasm(pixel *, pixel *, int[2]);
int x264_pixel_var2_8x16_wasm(pixel *, pixel *, int[2]);
void x264_intra_satd_x3_16x16_wasm(pixel *, pixel *, int[3]);
void x264_intra_satd_x3_8x8c_wasm(pixel *, pixel *, int[3]);
void x264_intra_satd_x3_4x4_wasm(pixel *, pixel *, int[3]);
void x264_intra_sa8d_x3_8x8_wasm(pixel *, pixel[36], int[3]);
void x264_intra_sad_x3_16x16_wasm(pixel *, pixel *, int[3]);
void x264_intra_sad_x3_8x8c_wasm(pixel *, pixel *, int[3]);
void x264_load_deinterleave_chroma_fenc_wasm(pixel *, pixel *, intptr_t, int);
void x264_load_deinterleave_chroma_fdec_wasm(pixel *, pixel *, intptr_t, int);
void x264_store_interleave_chroma_wasm(pixel *, intptr_t, pixel *, pixel *, int);
void x264_mc_luma_wasm(pixel *, intptr_t, pixel *[4], intptr_t, int, int, int, int, const x264_weight_t *);
pixel *x264_get_ref_wasm(pixel *, intptr_t *, pixel *[4], intptr_t, int, int, int, int, const x264_weight_t *);
void x264_mc_chroma_wasm(pixel *, pixel *, intptr_t, pixel *, intptr_t, int, int, int, int);
#define X264_WASM_AVG(w, h) \
    void x264_pixel_avg_##w##x##h##_wasm(pixel *, intptr_t, pixel *, intptr_t, pixel *, intptr_t, int);
X264_WASM_AVG(16, 16) X264_WASM_AVG(16, 8) X264_WASM_AVG(8, 16) X264_WASM_AVG(8, 8)
extern weight_fn_t x264_mc_weight_wasm[6];
void x264_hpel_filter_wasm(pixel *, pixel *, pixel *, pixel *, intptr_t, int, int, int16_t *);
int x264_quant_4x4_wasm(dctcoef[16], udctcoef[16], udctcoef[16]);
int x264_quant_4x4x4_wasm(dctcoef[4][16], udctcoef[16], udctcoef[16]);
int x264_quant_8x8_wasm(dctcoef[64], udctcoef[64], udctcoef[64]);
int x264_quant_2x2_dc_wasm(dctcoef[4], int, int);
int x264_decimate_score15_wasm(dctcoef *);
int x264_decimate_score16_wasm(dctcoef *);
int x264_decimate_score64_wasm(dctcoef *);
#define X264_WASM_LAST(n) int x264_coeff_last##n##_wasm(dctcoef *);
#define X264_WASM_LEVEL_RUN(n) int x264_coeff_level_run##n##_wasm(dctcoef *, x264_run_level_t *);
X264_WASM_LAST(4) X264_WASM_LAST(8) X264_WASM_LAST(15) X264_WASM_LAST(16) X264_WASM_LAST(64)
X264_WASM_LEVEL_RUN(4) X264_WASM_LEVEL_RUN(8) X264_WASM_LEVEL_RUN(15) X264_WASM_LEVEL_RUN(16)
void x264_sub4x4_dct_wasm(dctcoef[16], pixel *, pixel *);
void x264_sub8x8_dct_wasm(dctcoef[4][16], pixel *, pixel *);
void x264_sub16x16_dct_wasm(dctcoef[16][16], pixel *, pixel *);
void x264_sub8x8_dct_dc_wasm(dctcoef[4], pixel *, pixel *);
void x264_add4x4_idct_wasm(pixel *, dctcoef[16]);
void x264_add8x8_idct_wasm(pixel *, dctcoef[4][16]);
void x264_add16x16_idct_wasm(pixel *, dctcoef[16][16]);
void x264_sub8x8_dct8_wasm(dctcoef[64], pixel *, pixel *);
void x264_sub16x16_dct8_wasm(dctcoef[4][64], pixel *, pixel *);

#endif
