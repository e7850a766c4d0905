// SPDX-License-Identifier: BSD-2-Clause
// Inverse transforms; replaces inv_txfm_add_c of itx_tmpl.c. For 8-bit pixels, lanes have 16 bits and clip by saturation:
// a conforming stream has no intermediate value that needs more, which C computes in 32 bits.
#include "config.h"

#include "src/itx.h"
#include "src/itx_1d.h"
#include "src/scan.h"
#include "src/tables.h"
#include "src/wasm/simd.h"

#if BITDEPTH == 8
enum { LANES = 8 };
#define CLIP_DECL
#define CLIP_CALL
#define ADD(a, b) wasm_i16x8_add_sat(a, b)
#define SUB(a, b) wasm_i16x8_sub_sat(a, b)
#define NEG(a) wasm_i16x8_sub_sat(splat16(0), a)
// The factors are below 4096.
#define MUL(a, f) wasm_i16x8_q15mulr_sat(a, splat16((f) * 8))
#define MAD(a, f, b, g) mad(a, b, splat_pair(f, g))
IN v128_t mad(const v128_t a, const v128_t b, const v128_t factors)
{
    const v128_t round = splat32(2048);
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(add32(dot(low16(a, b), factors), round), 12),
                                   wasm_i32x4_shr(add32(dot(high16(a, b), factors), round), 12));
}
#else
enum { LANES = 4 };
#define CLIP_DECL , const v128_t min, const v128_t max
#define CLIP_CALL , min, max
#define CLIP(a) wasm_i32x4_max(wasm_i32x4_min(a, max), min)
#define ADD(a, b) CLIP(add32(a, b))
#define SUB(a, b) CLIP(wasm_i32x4_sub(a, b))
#define NEG(a) wasm_i32x4_neg(a)
#define MUL(a, f) round12(wasm_i32x4_mul(a, splat32(f)))
#define MAD(a, f, b, g) round12(add32(wasm_i32x4_mul(a, splat32(f)), wasm_i32x4_mul(b, splat32(g))))
IN v128_t round12(const v128_t a) { return wasm_i32x4_shr(add32(a, splat32(2048)), 12); }
#endif

#include "src/wasm/itx_1d.h"

IN void adst4(const v128_t *const src, v128_t *const out, const int out_s CLIP_DECL)
{
    const v128_t in0 = src[0], in1 = src[1], in2 = src[2], in3 = src[3];
#if BITDEPTH == 8
    // Sums of four products.
    const v128_t a = low16(in0, in1), b = high16(in0, in1), c = low16(in2, in3), d = high16(in2, in3);
    const v128_t round = splat32(2048);
#define SUM(f0, f1, f2, f3) wasm_i16x8_narrow_i32x4( \
        wasm_i32x4_shr(add32(add32(dot(a, splat_pair(f0, f1)), dot(c, splat_pair(f2, f3))), round), 12), \
        wasm_i32x4_shr(add32(add32(dot(b, splat_pair(f0, f1)), dot(d, splat_pair(f2, f3))), round), 12))
#else
    (void)min, (void)max;
#define SUM(f0, f1, f2, f3) round12( \
        add32(add32(wasm_i32x4_mul(in0, splat32(f0)), wasm_i32x4_mul(in1, splat32(f1))), \
              add32(wasm_i32x4_mul(in2, splat32(f2)), wasm_i32x4_mul(in3, splat32(f3)))))
#endif
    out[0 * out_s] = SUM(1321, 3344, 3803, 2482);
    out[1 * out_s] = SUM(2482, 3344, -1321, -3803);
    out[2 * out_s] = SUM(3344, 0, -3344, 3344);
    out[3 * out_s] = SUM(3803, -3344, 2482, -1321);
#undef SUM
}

typedef void (*Transform)(v128_t *c CLIP_DECL);

#define DCT(n) static NOINLINE void transform_dct##n(v128_t *const c CLIP_DECL) { dct##n(c, 1, 0 CLIP_CALL); }
#define ADST(n) \
static NOINLINE void transform_adst##n(v128_t *const c CLIP_DECL) { adst##n(c, c, 1 CLIP_CALL); } \
static NOINLINE void transform_flipadst##n(v128_t *const c CLIP_DECL) { adst##n(c, c + (n) - 1, -1 CLIP_CALL); }
DCT(4)
DCT(8)
DCT(16)
DCT(32)
static NOINLINE void transform_dct64(v128_t *const c CLIP_DECL) { dct64(c, 1 CLIP_CALL); }
ADST(4)
ADST(8)
ADST(16)

static const Transform transforms[N_TX_SIZES][N_TX_1D_TYPES] = {
    [TX_4X4] = { [DCT] = transform_dct4, [ADST] = transform_adst4, [FLIPADST] = transform_flipadst4 },
    [TX_8X8] = { [DCT] = transform_dct8, [ADST] = transform_adst8, [FLIPADST] = transform_flipadst8 },
    [TX_16X16] = { [DCT] = transform_dct16, [ADST] = transform_adst16, [FLIPADST] = transform_flipadst16 },
    [TX_32X32] = { [DCT] = transform_dct32 },
    [TX_64X64] = { [DCT] = transform_dct64 },
};

// Multiplies 32-bit lanes by the factor of an identity transform of 4 << size values.
IN v128_t scaled(const v128_t a, const int size)
{
    switch (size) {
    case TX_4X4: return add32(a, wasm_i32x4_shr(add32(wasm_i32x4_mul(a, splat32(1697)), splat32(2048)), 12));
    case TX_8X8: return wasm_i32x4_shl(a, 1);
    case TX_16X16:
        return add32(wasm_i32x4_shl(a, 1), wasm_i32x4_shr(add32(wasm_i32x4_mul(a, splat32(1697)), splat32(1024)), 11));
    default: return wasm_i32x4_shl(a, 2);
    }
}

// A transform of identity is not clipped before the shift.
IN void identity(v128_t *const c, const int n, const int size, const v128_t round, const int shift)
{
    for (int i = 0; i < n; i++) {
#if BITDEPTH == 8
        const v128_t low = scaled(wasm_i32x4_extend_low_i16x8(c[i]), size);
        const v128_t high = scaled(wasm_i32x4_extend_high_i16x8(c[i]), size);
        c[i] = wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(add32(low, round), shift),
                                       wasm_i32x4_shr(add32(high, round), shift));
#else
        c[i] = wasm_i32x4_shr(add32(scaled(c[i], size), round), shift);
#endif
    }
}

// The lanes of a row become a column.
#if BITDEPTH == 8
IN void transpose(v128_t r[8])
{
    v128_t a[8], b[8];
    for (int i = 0; i < 4; i++) a[2 * i] = low16(r[i], r[i + 4]), a[2 * i + 1] = high16(r[i], r[i + 4]);
    for (int i = 0; i < 4; i++) b[2 * i] = low16(a[i], a[i + 4]), b[2 * i + 1] = high16(a[i], a[i + 4]);
    for (int i = 0; i < 4; i++) r[2 * i] = low16(b[i], b[i + 4]), r[2 * i + 1] = high16(b[i], b[i + 4]);
}
#else
IN void transpose(v128_t r[4])
{
    const v128_t a = low32(r[0], r[2]), b = high32(r[0], r[2]), c = low32(r[1], r[3]), d = high32(r[1], r[3]);
    r[0] = low32(a, c), r[1] = high32(a, c), r[2] = low32(b, d), r[3] = high32(b, d);
}
#endif

// Adds residuals to up to LANES pixels of a row.
IN void add_residuals(pixel *const dst, const v128_t residuals, const int w HIGHBD_DECL_SUFFIX)
{
#if BITDEPTH == 8
    if (w == 4)
        store_px(dst, ADD(load_px4(dst), residuals), 4, residuals);
    else
        store_px(dst, ADD(load_px(dst), residuals), 8, residuals);
#else
    (void)w;
    v128_t a = add32(wasm_u32x4_load16x4(dst), residuals);
    a = wasm_i32x4_max(wasm_i32x4_min(a, splat32(bitdepth_max)), splat32(0));
    wasm_v128_store64_lane(dst, wasm_u16x8_narrow_i32x4(a, a), 0);
#endif
}

IN void inv_txfm_add(pixel *dst, const ptrdiff_t dst_stride, coef *const coeff, const int eob,
                     const /*enum RectTxfmSize*/ int tx, const int w, const int h, const int shift,
                     const enum TxfmType txtp HIGHBD_DECL_SUFFIX)
{
    const int lw = ctz(w) - 2, lh = ctz(h) - 2;
    const int is_rect2 = w * 2 == h || h * 2 == w;
    const int rnd = (1 << shift) >> 1;
    const ptrdiff_t stride = PXSTRIDE(dst_stride);

    if (eob < (txtp == DCT_DCT)) {
        int dc = coeff[0];
        coeff[0] = 0;
        if (is_rect2)
            dc = (dc * 181 + 128) >> 8;
        dc = (dc * 181 + 128) >> 8;
        dc = (dc + rnd) >> shift;
        dc = (dc * 181 + 128 + 2048) >> 12;
#if BITDEPTH == 8
        const v128_t residuals = splat16(dc);
#else
        const v128_t residuals = splat32(dc);
#endif
        for (int y = 0; y < h; y++, dst += stride)
            for (int x = 0; x < w; x += LANES)
                add_residuals(dst + x, residuals, w HIGHBD_TAIL_SUFFIX);
        return;
    }

    const uint8_t *const types = dav1d_tx1d_types[txtp];
    const int sh = imin(h, 32), sw = imin(w, 32);
    int last_row;
    if (types[1] == IDENTITY && types[0] != IDENTITY)
        last_row = imin(sh - 1, eob);
    else if (types[0] == IDENTITY && types[1] != IDENTITY)
        last_row = eob >> (lw + 2);
    else
        last_row = dav1d_last_nonzero_col_from_eob[tx][eob];

#if BITDEPTH == 8
    typedef int16_t value;
    const v128_t scale = splat16(181 * 128);
#else
    typedef int32_t value;
    const int row_min = (int)((unsigned)~bitdepth_max << 7), col_min = (int)((unsigned)~bitdepth_max << 5);
    v128_t min = splat32(row_min), max = splat32(~row_min);
    const v128_t next_min = splat32(col_min), next_max = splat32(~col_min);
#endif
    const v128_t round = splat32(rnd);
    value tmp[32 * 64] __attribute__((aligned(16)));
    v128_t c[64];
    // Lanes have rows: the coefficients of a column follow each other.
    int y = 0;
    for (; y <= last_row; y += LANES) {
        for (int x = 0; x < sw; x++) {
            const coef *const p = coeff + y + x * sh;
            c[x] = LANES == 8 && sh == 4 ? wasm_v128_load64_zero(p) : wasm_v128_load(p);
        }
        if (is_rect2) {
            for (int x = 0; x < sw; x++) {
#if BITDEPTH == 8
                c[x] = wasm_i16x8_q15mulr_sat(c[x], scale);
#else
                c[x] = wasm_i32x4_shr(add32(wasm_i32x4_mul(c[x], splat32(181)), splat32(128)), 8);
#endif
            }
        }
        if (types[0] == IDENTITY)
            identity(c, w, lw, round, shift);
        else {
            transforms[lw][types[0]](c CLIP_CALL);
            if (shift) {
                for (int x = 0; x < w; x++) {
#if BITDEPTH == 8
                    c[x] = wasm_i16x8_shr(ADD(c[x], splat16(rnd)), shift);
#else
                    c[x] = wasm_i32x4_shr(add32(c[x], round), shift);
#endif
                }
            }
        }
#if BITDEPTH == 16
        for (int x = 0; x < w; x++)
            c[x] = wasm_i32x4_max(wasm_i32x4_min(c[x], next_max), next_min);
#endif
        value *const out = tmp + y * w;
        if (LANES == 8 && w == 4) {
            v128_t r[8] = { c[0], c[1], c[2], c[3], c[0], c[1], c[2], c[3] };
            transpose(r);
            for (int i = 0; i < imin(sh, 8); i++)
                wasm_v128_store64_lane(out + i * 4, r[i], 0);
        } else {
            for (int x = 0; x < w; x += LANES) {
                transpose(c + x);
                for (int i = 0; i < imin(sh, LANES); i++)
                    wasm_v128_store(out + i * w + x, c[x + i]);
            }
        }
    }
    memset(coeff, 0, sizeof(*coeff) * sw * sh);

    const int rows = imin(y, sh);
#if BITDEPTH == 16
    min = next_min, max = next_max;
#endif
    for (int x = 0; x < w; x += LANES) {
        for (y = 0; y < rows; y++)
            c[y] = LANES == 8 && w == 4 ? wasm_v128_load64_zero(tmp + y * 4) : wasm_v128_load(tmp + y * w + x);
        for (; y < sh; y++)
            c[y] = splat32(0);
        if (types[1] == IDENTITY)
            identity(c, h, lh, splat32(8), 4);
        else {
            transforms[lh][types[1]](c CLIP_CALL);
            for (y = 0; y < h; y++) {
#if BITDEPTH == 8
                c[y] = wasm_i16x8_shr(ADD(c[y], splat16(8)), 4);
#else
                c[y] = wasm_i32x4_shr(add32(c[y], splat32(8)), 4);
#endif
            }
        }
        for (y = 0; y < h; y++)
            add_residuals(dst + x + y * stride, c[y], w HIGHBD_TAIL_SUFFIX);
    }
}

// A function for each size of up to 16x16, of which most blocks are; the others share one.
#define SIZE(pfx, w, h, shift) \
static NOINLINE void inv_txfm_add_##w##x##h(pixel *const dst, const ptrdiff_t stride, coef *const coeff, const int eob, \
                                            const enum TxfmType txtp HIGHBD_DECL_SUFFIX) \
{ \
    inv_txfm_add(dst, stride, coeff, eob, pfx##TX_##w##X##h, w, h, shift, txtp HIGHBD_TAIL_SUFFIX); \
}
#define LARGE(pfx, w, h, shift) \
IN void inv_txfm_add_##w##x##h(pixel *const dst, const ptrdiff_t stride, coef *const coeff, const int eob, \
                               const enum TxfmType txtp HIGHBD_DECL_SUFFIX) \
{ \
    inv_txfm_add_large(dst, stride, coeff, eob, pfx##TX_##w##X##h, w, h, shift, txtp HIGHBD_TAIL_SUFFIX); \
}
static NOINLINE void inv_txfm_add_large(pixel *const dst, const ptrdiff_t stride, coef *const coeff, const int eob,
                                        const int tx, const int w, const int h, const int shift,
                                        const enum TxfmType txtp HIGHBD_DECL_SUFFIX)
{
    inv_txfm_add(dst, stride, coeff, eob, tx, w, h, shift, txtp HIGHBD_TAIL_SUFFIX);
}

#define FN(type1, type2, type, pfx, w, h, shift) \
decl_itx_fn(BF(dav1d_inv_txfm_add_##type1##_##type2##_##w##x##h, wasm)); \
void BF(dav1d_inv_txfm_add_##type1##_##type2##_##w##x##h, wasm)(pixel *const dst, const ptrdiff_t stride, \
                                                                coef *const coeff, const int eob HIGHBD_DECL_SUFFIX) \
{ \
    inv_txfm_add_##w##x##h(dst, stride, coeff, eob, type HIGHBD_TAIL_SUFFIX); \
}
#define FN64(pfx, w, h, shift) FN(dct, dct, DCT_DCT, pfx, w, h, shift)
#define FN32(pfx, w, h, shift) FN64(pfx, w, h, shift) FN(identity, identity, IDTX, pfx, w, h, shift)
// The names have the type of rows first.
#define FN16(pfx, w, h, shift) \
FN32(pfx, w, h, shift) \
FN(adst,     dct,      ADST_DCT,          pfx, w, h, shift) \
FN(dct,      adst,     DCT_ADST,          pfx, w, h, shift) \
FN(adst,     adst,     ADST_ADST,         pfx, w, h, shift) \
FN(dct,      flipadst, DCT_FLIPADST,      pfx, w, h, shift) \
FN(flipadst, dct,      FLIPADST_DCT,      pfx, w, h, shift) \
FN(adst,     flipadst, ADST_FLIPADST,     pfx, w, h, shift) \
FN(flipadst, adst,     FLIPADST_ADST,     pfx, w, h, shift) \
FN(flipadst, flipadst, FLIPADST_FLIPADST, pfx, w, h, shift) \
FN(identity, dct,      H_DCT,             pfx, w, h, shift) \
FN(dct,      identity, V_DCT,             pfx, w, h, shift)
#define FN84(pfx, w, h, shift) \
FN16(pfx, w, h, shift) \
FN(identity, flipadst, H_FLIPADST, pfx, w, h, shift) \
FN(flipadst, identity, V_FLIPADST, pfx, w, h, shift) \
FN(identity, adst,     H_ADST,     pfx, w, h, shift) \
FN(adst,     identity, V_ADST,     pfx, w, h, shift)

SIZE( ,  4,  4, 0) FN84( ,  4,  4, 0)
SIZE(R,  4,  8, 0) FN84(R,  4,  8, 0)
SIZE(R,  4, 16, 1) FN84(R,  4, 16, 1)
SIZE(R,  8,  4, 0) FN84(R,  8,  4, 0)
SIZE( ,  8,  8, 1) FN84( ,  8,  8, 1)
SIZE(R,  8, 16, 1) FN84(R,  8, 16, 1)
LARGE(R,  8, 32, 2) FN32(R,  8, 32, 2)
SIZE(R, 16,  4, 1) FN84(R, 16,  4, 1)
SIZE(R, 16,  8, 1) FN84(R, 16,  8, 1)
SIZE( , 16, 16, 2) FN16( , 16, 16, 2)
LARGE(R, 16, 32, 1) FN32(R, 16, 32, 1)
LARGE(R, 16, 64, 2) FN64(R, 16, 64, 2)
LARGE(R, 32,  8, 2) FN32(R, 32,  8, 2)
LARGE(R, 32, 16, 1) FN32(R, 32, 16, 1)
LARGE( , 32, 32, 2) FN32( , 32, 32, 2)
LARGE(R, 32, 64, 1) FN64(R, 32, 64, 1)
LARGE(R, 64, 16, 2) FN64(R, 64, 16, 2)
LARGE(R, 64, 32, 1) FN64(R, 64, 32, 1)
LARGE( , 64, 64, 2) FN64( , 64, 64, 2)
