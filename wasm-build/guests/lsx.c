/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Compares each intrinsic of lsxintrin.h with a scalar model of it, on random and extreme operands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../libraries/simd-headers/lsxintrin.h"

typedef union {
    __m128i v;
    int8_t b[16];
    uint8_t bu[16];
    int16_t h[8];
    uint16_t hu[8];
    int32_t w[4];
    uint32_t wu[4];
    int64_t d[2];
    uint64_t du[2];
} any;

static unsigned long checks, failures;
static uint64_t state = 88172645463325252u;

static uint64_t any64(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Fills half of the vectors with extreme numbers, in elements of each width. */
static any any_vector(void)
{
    static const int64_t extremes[] = {0, 1, -1, 127, 128, -128, 255, 256, 32767, 32768, -32768, -32767, 65535,
                                       2147483647, -2147483647 - 1, 0x7fffffffffffffff, 0x00ff00ff00ff00ff};
    any r;
    r.du[0] = any64();
    r.du[1] = any64();
    int kind = (int)(any64() % 8);
    if (kind >= 4)
        for (int i = 0; i < 16; i++) {
            int64_t x = extremes[any64() % (sizeof extremes / sizeof *extremes)];
            if (kind == 4)
                r.b[i] = (int8_t)x;
            else if (kind == 5)
                r.h[i % 8] = (int16_t)x;
            else if (kind == 6)
                r.w[i % 4] = (int32_t)x;
            else
                r.d[i % 2] = x;
        }
    return r;
}

static void check(const char *name, int n, any a, any b, any c, any got, any expected)
{
    checks++;
    if (!memcmp(&got, &expected, sizeof got))
        return;
    if (failures++ < 20)
        printf("%s n=%d\n a %016llx%016llx\n b %016llx%016llx\n c %016llx%016llx\n got  %016llx%016llx\n expected %016llx%016llx\n",
               name, n, (long long)a.du[1], (long long)a.du[0], (long long)b.du[1], (long long)b.du[0],
               (long long)c.du[1], (long long)c.du[0], (long long)got.du[1], (long long)got.du[0],
               (long long)expected.du[1], (long long)expected.du[0]);
}

static int64_t clip(int64_t x, int64_t low, int64_t high) { return x < low ? low : x > high ? high : x; }
/* Shifts by n bits and rounds. 64 bits hold signed and unsigned elements alike. */
static int64_t rounded(int64_t x, int n) { return n ? (x + ((int64_t)1 << (n - 1))) >> n : x; }
static int64_t absolute(int64_t x) { return x < 0 ? -x : x; }

#define LOOP(count) for (int i = 0; i < (count); i++)
/* `model` sets w from a, b, c and n. */
#define T1(name, model) do { any a = any_vector(), b = {0}, c = {0}, g, w = {0}; g.v = name(a.v); model; check(#name, 0, a, b, c, g, w); } while (0)
#define T2(name, model) do { any a = any_vector(), b = any_vector(), c = {0}, g, w = {0}; g.v = name(a.v, b.v); model; check(#name, 0, a, b, c, g, w); } while (0)
#define T3(name, model) do { any a = any_vector(), b = any_vector(), c = any_vector(), g, w = {0}; g.v = name(a.v, b.v, c.v); model; check(#name, 0, a, b, c, g, w); } while (0)
#define TI1(name, n_, model) do { const int n = (n_); any a = any_vector(), b = {0}, c = {0}, g, w = {0}; g.v = name(a.v, n_); model; check(#name, n, a, b, c, g, w); } while (0)
#define TI2(name, n_, model) do { const int n = (n_); any a = any_vector(), b = any_vector(), c = {0}, g, w = {0}; g.v = name(a.v, b.v, n_); model; check(#name, n, a, b, c, g, w); } while (0)
#define EACH(M, ...) M(0, __VA_ARGS__) M(1, __VA_ARGS__) M(2, __VA_ARGS__) M(3, __VA_ARGS__) M(4, __VA_ARGS__) M(5, __VA_ARGS__) M(6, __VA_ARGS__) M(7, __VA_ARGS__)
#define EACH16(M, ...) EACH(M, __VA_ARGS__) M(8, __VA_ARGS__) M(9, __VA_ARGS__) M(10, __VA_ARGS__) M(11, __VA_ARGS__) M(12, __VA_ARGS__) M(13, __VA_ARGS__) M(14, __VA_ARGS__) M(15, __VA_ARGS__)
#define EACH32(M, ...) EACH16(M, __VA_ARGS__) M(16, __VA_ARGS__) M(17, __VA_ARGS__) M(18, __VA_ARGS__) M(19, __VA_ARGS__) M(20, __VA_ARGS__) M(21, __VA_ARGS__) M(22, __VA_ARGS__) M(23, __VA_ARGS__) M(24, __VA_ARGS__) M(25, __VA_ARGS__) M(26, __VA_ARGS__) M(27, __VA_ARGS__) M(28, __VA_ARGS__) M(29, __VA_ARGS__) M(30, __VA_ARGS__) M(31, __VA_ARGS__)
#define C1(n, name, model) TI1(name, n, model);
#define C2(n, name, model) TI2(name, n, model);

static any splat(const void *element, int size)
{
    any r;
    LOOP(16) r.bu[i] = ((const uint8_t *)element)[i % size];
    return r;
}

static void memory(void)
{
    uint8_t from[64], to[64], expected[64];
    any zero = {0}, a = any_vector(), g, w;
    int at = (int)(any64() % 32);
    LOOP(64) from[i] = (uint8_t)any64();
    memcpy(&w, from + at + 7, 16);
    g.v = __lsx_vld(from + at, 7); check("vld", at, zero, zero, zero, g, w);
    g.v = __lsx_vldx(from + at, 7); check("vldx", at, zero, zero, zero, g, w);
    g.v = __lsx_vldrepl_b(from + at, 7); w = splat(from + at + 7, 1); check("vldrepl_b", at, zero, zero, zero, g, w);
    g.v = __lsx_vldrepl_h(from + at, 6); w = splat(from + at + 6, 2); check("vldrepl_h", at, zero, zero, zero, g, w);
    g.v = __lsx_vldrepl_w(from + at, 4); w = splat(from + at + 4, 4); check("vldrepl_w", at, zero, zero, zero, g, w);
    g.v = __lsx_vldrepl_d(from + at, 8); w = splat(from + at + 8, 8); check("vldrepl_d", at, zero, zero, zero, g, w);
#define STORES(statement, size, source)                                                     \
    do {                                                                                    \
        memcpy(to, from, 64); memcpy(expected, from, 64);                                       \
        statement; memcpy(expected + at + 5, source, size);                                     \
        checks++;                                                                           \
        if (memcmp(to, expected, 64) && failures++ < 20) printf("%s\n", #statement);            \
    } while (0)
    STORES(__lsx_vst(a.v, to + at, 5), 16, a.b);
    STORES(__lsx_vstx(a.v, to + at, 5), 16, a.b);
    STORES(__lsx_vstelm_b(a.v, to + at, 5, 13), 1, a.b + 13);
    STORES(__lsx_vstelm_h(a.v, to + at, 5, 6), 2, a.h + 6);
    STORES(__lsx_vstelm_w(a.v, to + at, 5, 3), 4, a.w + 3);
    STORES(__lsx_vstelm_w(a.v, to + at, 5, 0), 4, a.w);
    STORES(__lsx_vstelm_d(a.v, to + at, 5, 1), 8, a.d + 1);
    STORES(__lsx_vstelm_d(a.v, to + at, 5, 0), 8, a.d);
    int64_t x = (int64_t)any64();
    g.v = __lsx_vreplgr2vr_b((int)x); w = splat(&x, 1); check("vreplgr2vr_b", 0, zero, zero, zero, g, w);
    g.v = __lsx_vreplgr2vr_h((int)x); w = splat(&x, 2); check("vreplgr2vr_h", 0, zero, zero, zero, g, w);
    g.v = __lsx_vreplgr2vr_w((int)x); w = splat(&x, 4); check("vreplgr2vr_w", 0, zero, zero, zero, g, w);
    g.v = __lsx_vreplgr2vr_d(x); w = splat(&x, 8); check("vreplgr2vr_d", 0, zero, zero, zero, g, w);
    LOOP(4) { g.v = w.v = zero.v; g.w[0] = __lsx_vpickve2gr_w(a.v, i); w.w[0] = a.w[i]; check("vpickve2gr_w", i, a, zero, zero, g, w); }
    LOOP(4096) {
        int ten = i & 1023;
        int64_t value = ten & 512 ? ten - 1024 : ten;
        g.v = __lsx_vldi(i);
        w = splat(&value, 1 << (i >> 10));
        check("vldi", i, zero, zero, zero, g, w);
    }
    checks += 2;
    failures += __lsx_bz_v(zero.v) != 1;
    any one = {0};
    one.b[any64() % 16] = 1 << any64() % 8;
    failures += __lsx_bz_v(one.v) != 0;
}

static void arithmetic(void)
{
    T2(__lsx_vor_v, LOOP(16) w.b[i] = a.b[i] | b.b[i]);
    T2(__lsx_vnor_v, LOOP(16) w.b[i] = (int8_t)~(a.b[i] | b.b[i]));
    T2(__lsx_vxor_v, LOOP(16) w.b[i] = a.b[i] ^ b.b[i]);
    TI1(__lsx_vxori_b, 0x80, LOOP(16) w.bu[i] = a.bu[i] ^ n);
    TI1(__lsx_vxori_b, 0xa5, LOOP(16) w.bu[i] = a.bu[i] ^ n);
    T3(__lsx_vbitsel_v, LOOP(16) w.b[i] = (int8_t)((~c.b[i] & a.b[i]) | (c.b[i] & b.b[i])));
    T2(__lsx_vadd_b, LOOP(16) w.b[i] = (int8_t)(a.b[i] + b.b[i]));
    T2(__lsx_vadd_h, LOOP(8) w.h[i] = (int16_t)(a.h[i] + b.h[i]));
    T2(__lsx_vadd_w, LOOP(4) w.wu[i] = a.wu[i] + b.wu[i]);
    T2(__lsx_vadd_d, LOOP(2) w.du[i] = a.du[i] + b.du[i]);
    T2(__lsx_vsub_b, LOOP(16) w.b[i] = (int8_t)(a.b[i] - b.b[i]));
    T2(__lsx_vsub_h, LOOP(8) w.h[i] = (int16_t)(a.h[i] - b.h[i]));
    T2(__lsx_vsub_w, LOOP(4) w.wu[i] = a.wu[i] - b.wu[i]);
    T2(__lsx_vsub_d, LOOP(2) w.du[i] = a.du[i] - b.du[i]);
    TI1(__lsx_vaddi_bu, 2, LOOP(16) w.bu[i] = (uint8_t)(a.bu[i] + n));
    TI1(__lsx_vaddi_bu, 31, LOOP(16) w.bu[i] = (uint8_t)(a.bu[i] + n));
    TI1(__lsx_vaddi_hu, 4, LOOP(8) w.hu[i] = (uint16_t)(a.hu[i] + n));
    TI1(__lsx_vaddi_hu, 31, LOOP(8) w.hu[i] = (uint16_t)(a.hu[i] + n));
    T1(__lsx_vneg_h, LOOP(8) w.h[i] = (int16_t)-a.h[i]);
    T2(__lsx_vadda_h, LOOP(8) w.h[i] = (int16_t)(absolute(a.h[i]) + absolute(b.h[i])));
    T2(__lsx_vabsd_bu, LOOP(16) w.bu[i] = (uint8_t)absolute(a.bu[i] - b.bu[i]));
    T2(__lsx_vsadd_b, LOOP(16) w.b[i] = (int8_t)clip(a.b[i] + b.b[i], -128, 127));
    T2(__lsx_vsadd_bu, LOOP(16) w.bu[i] = (uint8_t)clip(a.bu[i] + b.bu[i], 0, 255));
    T2(__lsx_vsadd_h, LOOP(8) w.h[i] = (int16_t)clip(a.h[i] + b.h[i], -32768, 32767));
    T2(__lsx_vssub_b, LOOP(16) w.b[i] = (int8_t)clip(a.b[i] - b.b[i], -128, 127));
    T2(__lsx_vssub_hu, LOOP(8) w.hu[i] = (uint16_t)clip(a.hu[i] - b.hu[i], 0, 65535));
    T2(__lsx_vavgr_bu, LOOP(16) w.bu[i] = (uint8_t)((a.bu[i] + b.bu[i] + 1) >> 1));
    T2(__lsx_vavgr_hu, LOOP(8) w.hu[i] = (uint16_t)((a.hu[i] + b.hu[i] + 1) >> 1));
    T2(__lsx_vmax_bu, LOOP(16) w.bu[i] = a.bu[i] > b.bu[i] ? a.bu[i] : b.bu[i]);
    T2(__lsx_vmax_h, LOOP(8) w.h[i] = a.h[i] > b.h[i] ? a.h[i] : b.h[i]);
    T2(__lsx_vmin_h, LOOP(8) w.h[i] = a.h[i] < b.h[i] ? a.h[i] : b.h[i]);
    TI1(__lsx_vmaxi_h, 0, LOOP(8) w.h[i] = a.h[i] > n ? a.h[i] : n);
    TI1(__lsx_vmaxi_h, -16, LOOP(8) w.h[i] = a.h[i] > n ? a.h[i] : n);
    TI1(__lsx_vmaxi_w, 0, LOOP(4) w.w[i] = a.w[i] > n ? a.w[i] : n);
    T2(__lsx_vseq_b, LOOP(16) w.b[i] = -(a.b[i] == b.b[i]));
    T2(__lsx_vslt_bu, LOOP(16) w.b[i] = -(a.bu[i] < b.bu[i]));
    T2(__lsx_vsle_bu, LOOP(16) w.b[i] = -(a.bu[i] <= b.bu[i]));
    T2(__lsx_vsle_hu, LOOP(8) w.h[i] = -(a.hu[i] <= b.hu[i]));
    TI1(__lsx_vslti_b, 0, LOOP(16) w.b[i] = -(a.b[i] < n));
    TI1(__lsx_vslti_b, -3, LOOP(16) w.b[i] = -(a.b[i] < n));
    TI1(__lsx_vseqi_w, 0, LOOP(4) w.w[i] = -(a.w[i] == n));
    TI1(__lsx_vseqi_w, -1, LOOP(4) w.w[i] = -(a.w[i] == n));
    TI1(__lsx_vseqi_d, 0, LOOP(2) w.d[i] = -(a.d[i] == n));
    TI1(__lsx_vseqi_d, -1, LOOP(2) w.d[i] = -(a.d[i] == n));
    TI1(__lsx_vslei_d, 0, LOOP(2) w.d[i] = -(a.d[i] <= n));
    EACH16(C1, __lsx_vsat_h, LOOP(8) w.h[i] = (int16_t)clip(a.h[i], -(1 << n), (1 << n) - 1))
    EACH32(C1, __lsx_vsat_w, LOOP(4) w.w[i] = (int32_t)clip(a.w[i], -((int64_t)1 << n), ((int64_t)1 << n) - 1))
    EACH16(C1, __lsx_vsat_hu, LOOP(8) w.hu[i] = (uint16_t)clip(a.hu[i], 0, (2 << n) - 1))
    EACH32(C1, __lsx_vsat_wu, LOOP(4) w.wu[i] = (uint32_t)clip(a.wu[i], 0, ((int64_t)2 << n) - 1))
}

static void widths(void)
{
    T2(__lsx_vaddwev_h_bu, LOOP(8) w.h[i] = a.bu[2 * i] + b.bu[2 * i]);
    T2(__lsx_vaddwod_h_bu, LOOP(8) w.h[i] = a.bu[2 * i + 1] + b.bu[2 * i + 1]);
    T2(__lsx_vaddwev_w_h, LOOP(4) w.w[i] = a.h[2 * i] + b.h[2 * i]);
    T2(__lsx_vaddwod_w_h, LOOP(4) w.w[i] = a.h[2 * i + 1] + b.h[2 * i + 1]);
    T2(__lsx_vmulwev_h_b, LOOP(8) w.h[i] = (int16_t)(a.b[2 * i] * b.b[2 * i]));
    T2(__lsx_vmulwev_h_bu, LOOP(8) w.h[i] = (int16_t)(a.bu[2 * i] * b.bu[2 * i]));
    T2(__lsx_vmulwev_h_bu_b, LOOP(8) w.h[i] = (int16_t)(a.bu[2 * i] * b.b[2 * i]));
    T3(__lsx_vmaddwev_h_b, LOOP(8) w.h[i] = (int16_t)(a.h[i] + b.b[2 * i] * c.b[2 * i]));
    T3(__lsx_vmaddwod_h_b, LOOP(8) w.h[i] = (int16_t)(a.h[i] + b.b[2 * i + 1] * c.b[2 * i + 1]));
    T3(__lsx_vmaddwev_h_bu, LOOP(8) w.h[i] = (int16_t)(a.h[i] + b.bu[2 * i] * c.bu[2 * i]));
    T3(__lsx_vmaddwod_h_bu, LOOP(8) w.h[i] = (int16_t)(a.h[i] + b.bu[2 * i + 1] * c.bu[2 * i + 1]));
    T3(__lsx_vmaddwev_h_bu_b, LOOP(8) w.h[i] = (int16_t)(a.h[i] + b.bu[2 * i] * c.b[2 * i]));
    T3(__lsx_vmaddwod_h_bu_b, LOOP(8) w.h[i] = (int16_t)(a.h[i] + b.bu[2 * i + 1] * c.b[2 * i + 1]));
    T2(__lsx_vmulwev_w_h, LOOP(4) w.w[i] = a.h[2 * i] * b.h[2 * i]);
    T2(__lsx_vmulwod_w_h, LOOP(4) w.w[i] = a.h[2 * i + 1] * b.h[2 * i + 1]);
    T3(__lsx_vmaddwev_w_h, LOOP(4) w.wu[i] = a.wu[i] + (uint32_t)(b.h[2 * i] * c.h[2 * i]));
    T3(__lsx_vmaddwod_w_h, LOOP(4) w.wu[i] = a.wu[i] + (uint32_t)(b.h[2 * i + 1] * c.h[2 * i + 1]));
    T2(__lsx_vdp2_w_h, LOOP(4) w.wu[i] = (uint32_t)(a.h[2 * i] * b.h[2 * i]) + (uint32_t)(a.h[2 * i + 1] * b.h[2 * i + 1]));
    T3(__lsx_vdp2add_w_h, LOOP(4) w.wu[i] = a.wu[i] + (uint32_t)(b.h[2 * i] * c.h[2 * i]) + (uint32_t)(b.h[2 * i + 1] * c.h[2 * i + 1]));
    T2(__lsx_vmul_h, LOOP(8) w.h[i] = (int16_t)(a.h[i] * b.h[i]));
    T2(__lsx_vmul_w, LOOP(4) w.wu[i] = a.wu[i] * b.wu[i]);
    T3(__lsx_vmadd_w, LOOP(4) w.wu[i] = a.wu[i] + b.wu[i] * c.wu[i]);
    T2(__lsx_vmuh_h, LOOP(8) w.h[i] = (int16_t)((a.h[i] * b.h[i]) >> 16));
    T2(__lsx_vhaddw_hu_bu, LOOP(8) w.hu[i] = a.bu[2 * i + 1] + b.bu[2 * i]);
    T2(__lsx_vhaddw_wu_hu, LOOP(4) w.wu[i] = (uint32_t)a.hu[2 * i + 1] + b.hu[2 * i]);
    T2(__lsx_vhaddw_du_wu, LOOP(2) w.du[i] = (uint64_t)a.wu[2 * i + 1] + b.wu[2 * i]);
    T2(__lsx_vhaddw_qu_du, w.du[0] = a.du[1] + b.du[0]; w.du[1] = w.du[0] < a.du[1]);
    /* Both operands are the same, which macros recognise by their text. */
    {
        any a = any_vector(), g, w = {0};
        __m128i x = a.v;
        g.v = __lsx_vhaddw_hu_bu(x, x); LOOP(8) w.hu[i] = a.bu[2 * i + 1] + a.bu[2 * i]; check("vhaddw_hu_bu same", 0, a, a, a, g, w);
        g.v = __lsx_vhaddw_wu_hu(x, x); LOOP(4) w.wu[i] = (uint32_t)a.hu[2 * i + 1] + a.hu[2 * i]; check("vhaddw_wu_hu same", 0, a, a, a, g, w);
    }
    EACH(C1, __lsx_vsllwil_h_b, LOOP(8) w.h[i] = (int16_t)(a.b[i] * (1 << n)))
    EACH(C1, __lsx_vsllwil_hu_bu, LOOP(8) w.hu[i] = (uint16_t)(a.bu[i] << n))
    EACH16(C1, __lsx_vsllwil_w_h, LOOP(4) w.w[i] = a.h[i] * (1 << n))
    T1(__lsx_vexth_w_h, LOOP(4) w.w[i] = a.h[i + 4]);
}

static void shifts(void)
{
    EACH16(C1, __lsx_vslli_h, LOOP(8) w.hu[i] = (uint16_t)(a.hu[i] << n))
    EACH32(C1, __lsx_vslli_w, LOOP(4) w.wu[i] = a.wu[i] << n)
    EACH(C1, __lsx_vsrai_b, LOOP(16) w.b[i] = a.b[i] >> n)
    EACH16(C1, __lsx_vsrai_h, LOOP(8) w.h[i] = a.h[i] >> n)
    EACH32(C1, __lsx_vsrai_w, LOOP(4) w.w[i] = a.w[i] >> n)
    EACH(C1, __lsx_vsrli_b, LOOP(16) w.bu[i] = a.bu[i] >> n)
    EACH32(C1, __lsx_vsrli_w, LOOP(4) w.wu[i] = a.wu[i] >> n)
    EACH(C1, __lsx_vsrari_b, LOOP(16) w.b[i] = (int8_t)rounded(a.b[i], n))
    EACH16(C1, __lsx_vsrari_h, LOOP(8) w.h[i] = (int16_t)rounded(a.h[i], n))
    EACH32(C1, __lsx_vsrari_w, LOOP(4) w.w[i] = (int32_t)rounded(a.w[i], n))
    T2(__lsx_vsrar_w, LOOP(4) w.w[i] = (int32_t)rounded(a.w[i], b.w[i] & 31));
    T2(__lsx_vssrarn_h_w, LOOP(4) w.h[i] = (int16_t)clip(rounded(a.w[i], b.w[i] & 31), -32768, 32767));
    /* Shifts all elements by the same number. */
    for (int n = -32; n < 64; n++) {
        any a = any_vector(), b, c = {0}, g, w = {0};
        LOOP(4) b.w[i] = n;
        g.v = __lsx_vsrar_w(a.v, b.v); LOOP(4) w.w[i] = (int32_t)rounded(a.w[i], n & 31); check("vsrar_w same", n, a, b, c, g, w);
        g.v = __lsx_vssrarn_h_w(a.v, b.v); w = c; LOOP(4) w.h[i] = (int16_t)clip(rounded(a.w[i], n & 31), -32768, 32767);
        check("vssrarn_h_w same", n, a, b, c, g, w);
    }
    EACH16(C2, __lsx_vssrarni_b_h, LOOP(16) w.b[i] = (int8_t)clip(rounded(i < 8 ? b.h[i] : a.h[i - 8], n), -128, 127))
    EACH16(C2, __lsx_vssrarni_bu_h, LOOP(16) w.bu[i] = (uint8_t)clip(rounded(i < 8 ? b.h[i] : a.h[i - 8], n), 0, 255))
    EACH16(C2, __lsx_vssrlrni_bu_h, LOOP(16) w.bu[i] = (uint8_t)clip(rounded(i < 8 ? b.hu[i] : a.hu[i - 8], n), 0, 255))
    EACH32(C2, __lsx_vssrarni_h_w, LOOP(8) w.h[i] = (int16_t)clip(rounded(i < 4 ? b.w[i] : a.w[i - 4], n), -32768, 32767))
    EACH32(C2, __lsx_vsrani_h_w, LOOP(8) w.h[i] = (int16_t)((i < 4 ? b.w[i] : a.w[i - 4]) >> n))
}

static void places(void)
{
    T2(__lsx_vilvl_b, LOOP(8) { w.b[2 * i] = b.b[i]; w.b[2 * i + 1] = a.b[i]; });
    T2(__lsx_vilvl_h, LOOP(4) { w.h[2 * i] = b.h[i]; w.h[2 * i + 1] = a.h[i]; });
    T2(__lsx_vilvl_w, LOOP(2) { w.w[2 * i] = b.w[i]; w.w[2 * i + 1] = a.w[i]; });
    T2(__lsx_vilvl_d, w.d[0] = b.d[0]; w.d[1] = a.d[0]);
    T2(__lsx_vilvh_b, LOOP(8) { w.b[2 * i] = b.b[i + 8]; w.b[2 * i + 1] = a.b[i + 8]; });
    T2(__lsx_vilvh_h, LOOP(4) { w.h[2 * i] = b.h[i + 4]; w.h[2 * i + 1] = a.h[i + 4]; });
    T2(__lsx_vilvh_w, LOOP(2) { w.w[2 * i] = b.w[i + 2]; w.w[2 * i + 1] = a.w[i + 2]; });
    T2(__lsx_vilvh_d, w.d[0] = b.d[1]; w.d[1] = a.d[1]);
    T2(__lsx_vpackev_b, LOOP(8) { w.b[2 * i] = b.b[2 * i]; w.b[2 * i + 1] = a.b[2 * i]; });
    T2(__lsx_vpackev_h, LOOP(4) { w.h[2 * i] = b.h[2 * i]; w.h[2 * i + 1] = a.h[2 * i]; });
    T2(__lsx_vpackev_w, LOOP(2) { w.w[2 * i] = b.w[2 * i]; w.w[2 * i + 1] = a.w[2 * i]; });
    T2(__lsx_vpackev_d, w.d[0] = b.d[0]; w.d[1] = a.d[0]);
    T2(__lsx_vpackod_b, LOOP(8) { w.b[2 * i] = b.b[2 * i + 1]; w.b[2 * i + 1] = a.b[2 * i + 1]; });
    T2(__lsx_vpackod_h, LOOP(4) { w.h[2 * i] = b.h[2 * i + 1]; w.h[2 * i + 1] = a.h[2 * i + 1]; });
    T2(__lsx_vpackod_w, LOOP(2) { w.w[2 * i] = b.w[2 * i + 1]; w.w[2 * i + 1] = a.w[2 * i + 1]; });
    T2(__lsx_vpackod_d, w.d[0] = b.d[1]; w.d[1] = a.d[1]);
    T2(__lsx_vpickev_b, LOOP(8) { w.b[i] = b.b[2 * i]; w.b[i + 8] = a.b[2 * i]; });
    T2(__lsx_vpickev_h, LOOP(4) { w.h[i] = b.h[2 * i]; w.h[i + 4] = a.h[2 * i]; });
    T2(__lsx_vpickev_d, w.d[0] = b.d[0]; w.d[1] = a.d[0]);
    T2(__lsx_vpickod_d, w.d[0] = b.d[1]; w.d[1] = a.d[1]);
    EACH16(C1, __lsx_vreplvei_b, LOOP(16) w.b[i] = a.b[n])
    EACH(C1, __lsx_vreplvei_h, LOOP(8) w.h[i] = a.h[n])
    TI1(__lsx_vreplvei_w, 0, LOOP(4) w.w[i] = a.w[n]);
    TI1(__lsx_vreplvei_w, 3, LOOP(4) w.w[i] = a.w[n]);
    TI1(__lsx_vreplvei_d, 0, LOOP(2) w.d[i] = a.d[n]);
    TI1(__lsx_vreplvei_d, 1, LOOP(2) w.d[i] = a.d[n]);
    EACH16(C1, __lsx_vbsrl_v, LOOP(16) w.b[i] = i + n < 16 ? a.b[i + n] : 0)
    TI1(__lsx_vshuf4i_b, 0xe4, LOOP(16) w.b[i] = a.b[(i & ~3) + (n >> 2 * (i & 3) & 3)]);
    TI1(__lsx_vshuf4i_b, 0x1b, LOOP(16) w.b[i] = a.b[(i & ~3) + (n >> 2 * (i & 3) & 3)]);
    TI1(__lsx_vshuf4i_b, 0xc6, LOOP(16) w.b[i] = a.b[(i & ~3) + (n >> 2 * (i & 3) & 3)]);
    any a = any_vector(), b = any_vector(), c = any_vector(), g, w;
    __m128i x = a.v;
    LOOP(16) c.bu[i] &= 31;
    g.v = __lsx_vshuf_b(a.v, b.v, c.v);
    LOOP(16) w.b[i] = c.b[i] < 16 ? b.b[c.b[i]] : a.b[c.b[i] - 16];
    check("vshuf_b", 0, a, b, c, g, w);
    g.v = __lsx_vshuf_b(x, x, c.v);
    LOOP(16) w.b[i] = a.b[c.b[i] & 15];
    check("vshuf_b same", 0, a, a, c, g, w);
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 2000;
    for (int i = 0; i < rounds; i++) {
        if (i % 100 == 0)
            memory();
        arithmetic();
        widths();
        shifts();
        places();
    }
    printf("%lu checks, %lu failures\n", checks, failures);
    return failures != 0;
}
