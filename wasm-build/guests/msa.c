/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Compares each function of msa.h with a scalar model of the MSA instruction, on random and extreme operands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../libraries/simd-headers/msa.h"

typedef long long i64;
typedef unsigned long long u64;

static int failures, checks;
static u64 state = 88172645463325252ull;
static u64 next_random(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return state; }

/* Fills with random bytes, mixed with those near overflows. */
static void fill_random(void *p)
{
    static const unsigned char extremes[] = {0x00, 0x01, 0x7f, 0x80, 0x81, 0xfe, 0xff};
    unsigned char *bytes = p;
    int mode = next_random() % 4;
    for (int i = 0; i < 16; i++) {
        u64 r = next_random();
        bytes[i] = mode == 0 || (mode == 1 && r % 3) ? (r >> 8) : extremes[(r >> 8) % sizeof extremes];
    }
    if (mode == 3) /* wide elements at their extremes */
        for (int i = 0; i < 16; i += 4)
            if (next_random() & 1) memcpy(bytes + i, &(int){next_random() & 1 ? 0x80008000 : 0x7fff7fff}, 4);
}

static void report(const char *name, const void *got, const void *expected)
{
    checks++;
    if (!memcmp(got, expected, 16)) return;
    if (failures++ > 20) return;
    printf("%s:\n  got ", name);
    for (int i = 0; i < 16; i++) printf(" %02x", ((const unsigned char *)got)[i]);
    printf("\n  expected");
    for (int i = 0; i < 16; i++) printf(" %02x", ((const unsigned char *)expected)[i]);
    printf("\n");
}

#define LANES(V) ((int)(16 / sizeof((V){0}[0])))
#define BITS(V) ((int)(8 * sizeof((V){0}[0])))
#define SMAX(V) ((i64)(~0ull >> (65 - BITS(V))))
#define SMIN(V) (-SMAX(V) - 1)
#define UMAX(V) ((i64)(~0ull >> (64 - BITS(V))))
static i64 clamp(i64 x, i64 low, i64 high) { return x < low ? low : x > high ? high : x; }
static i64 absolute(i64 x) { return x < 0 ? -x : x; }
static i64 rounded(i64 x, int n) { return n ? (x >> n) + (x >> (n - 1) & 1) : x; }
static u64 roundedu(u64 x, int n) { return n ? (x >> n) + (x >> (n - 1) & 1) : x; }

static __attribute__((noinline)) void hide(void *p) { __asm__ volatile("" : : "r"(p) : "memory"); }

/* Compares `call` on random a, b and c with `model`, in which i is the lane. */
#define CHECK(name, R, A, B, C, call, model)                    \
    do {                                                        \
        A a; B b; C c; R r, expected;                               \
        fill_random(&a); fill_random(&b); fill_random(&c);      \
        hide(&a); hide(&b); hide(&c);                           \
        r = (R)(call);                                          \
        for (int i = 0; i < LANES(R); i++) expected[i] = (model);   \
        report(name, &r, &expected);                                \
    } while (0)

#define LANE2(fn, R, A, B, model) CHECK(#fn, R, A, B, B, fn(a, b), model)
#define IMM(fn, R, A, n, model) CHECK(#fn " " #n, R, A, A, A, fn(a, n), model)
#define SCALAR(name, T, A, call, model)                         \
    do {                                                        \
        A a; fill_random(&a); hide(&a);                         \
        T got = (call), expected = (model);                         \
        char x[16] = {0}, y[16] = {0};                          \
        memcpy(x, &got, sizeof got); memcpy(y, &expected, sizeof expected); \
        report(name, x, y);                                     \
    } while (0)
/* Returns the element `index` of b followed by a. */
#define OF2(V, index) ((index) < LANES(V) ? b[(index) % LANES(V)] : a[(index) % LANES(V)])
#define EACH3(M, ...) M(0, __VA_ARGS__); M(1, __VA_ARGS__); M(3, __VA_ARGS__)
#define EACH8(M) M(0); M(1); M(2); M(3); M(4); M(5); M(6); M(7)
#define EACH16(M) EACH8(M); M(8); M(9); M(10); M(11); M(12); M(13); M(14); M(15)

#define OOO(a_index, b_index) ((i64)a[2 * i + 1] * b[2 * i + 1] + (i64)a[2 * i] * b[2 * i])
#define BOO ((i64)b[2 * i + 1] * c[2 * i + 1] + (i64)b[2 * i] * c[2 * i])

static void once(void)
{
    long long x = (long long)next_random();
    CHECK("fill_b", v16i8, v16i8, v16i8, v16i8, __msa_fill_b((int)x), (signed char)x);
    CHECK("fill_h", v8i16, v16i8, v16i8, v16i8, __msa_fill_h((int)x), (short)x);
    CHECK("fill_w", v4i32, v16i8, v16i8, v16i8, __msa_fill_w((int)x), (int)x);
    CHECK("fill_d", v2i64, v16i8, v16i8, v16i8, __msa_fill_d(x), x);
    CHECK("ldi_b", v16i8, v16i8, v16i8, v16i8, __msa_ldi_b(-5), -5);
    CHECK("ldi_h", v8i16, v16i8, v16i8, v16i8, __msa_ldi_h(-5), -5);
    CHECK("ldi_w", v4i32, v16i8, v16i8, v16i8, __msa_ldi_w(-5), -5);
#define S(n) IMM(__msa_splati_b, v16i8, v16i8, n, a[n])
    EACH16(S);
#undef S
#define S(n) IMM(__msa_splati_h, v8i16, v8i16, n, a[n])
    EACH8(S);
#undef S
#define S(n, _) IMM(__msa_splati_w, v4i32, v4i32, n, a[n])
    EACH3(S, 0);
#undef S
    IMM(__msa_splati_d, v2i64, v2i64, 0, a[0]); IMM(__msa_splati_d, v2i64, v2i64, 1, a[1]);

#define S(n) SCALAR("copy_s_h", int, v8i16, __msa_copy_s_h(a, n), a[n]); \
    SCALAR("copy_u_h", unsigned, v8i16, __msa_copy_u_h(a, n), (unsigned short)a[n]); \
    CHECK("insert_h", v8i16, v8i16, v8i16, v8i16, __msa_insert_h(a, n, (int)x), i == n ? (short)x : a[i]); \
    CHECK("insve_h", v8i16, v8i16, v8i16, v8i16, __msa_insve_h(a, n, b), i == n ? b[0] : a[i]); \
    CHECK("insert_b", v16i8, v16i8, v16i8, v16i8, __msa_insert_b(a, n, (int)x), i == n ? (signed char)x : a[i]); \
    CHECK("insve_b", v16i8, v16i8, v16i8, v16i8, __msa_insve_b(a, n, b), i == n ? b[0] : a[i]); \
    SCALAR("copy_s_b", int, v16i8, __msa_copy_s_b(a, n), a[n]); \
    SCALAR("copy_u_b", unsigned, v16i8, __msa_copy_u_b(a, n), (unsigned char)a[n])
    EACH8(S);
#undef S
#define S(n, _) SCALAR("copy_s_w", int, v4i32, __msa_copy_s_w(a, n), a[n]); \
    SCALAR("copy_u_w", unsigned, v4i32, __msa_copy_u_w(a, n), (unsigned)a[n]); \
    CHECK("insert_w", v4i32, v4i32, v4i32, v4i32, __msa_insert_w(a, n, (int)x), i == n ? (int)x : a[i]); \
    CHECK("insve_w", v4i32, v4i32, v4i32, v4i32, __msa_insve_w(a, n, b), i == n ? b[0] : a[i])
    EACH3(S, 0);
#undef S
#define S(n) SCALAR("copy_s_d", i64, v2i64, __msa_copy_s_d(a, n), a[n]); \
    SCALAR("copy_u_d", u64, v2i64, __msa_copy_u_d(a, n), (u64)a[n]); \
    CHECK("insert_d", v2i64, v2i64, v2i64, v2i64, __msa_insert_d(a, n, x), i == n ? x : a[i]); \
    CHECK("insve_d", v2i64, v2i64, v2i64, v2i64, __msa_insve_d(a, n, b), i == n ? b[0] : a[i])
    S(0); S(1);
#undef S

    LANE2(__msa_and_v, v16u8, v16u8, v16u8, a[i] & b[i]);
    LANE2(__msa_or_v, v16u8, v16u8, v16u8, a[i] | b[i]);
    LANE2(__msa_nor_v, v16u8, v16u8, v16u8, ~(a[i] | b[i]));
    LANE2(__msa_xor_v, v16u8, v16u8, v16u8, a[i] ^ b[i]);
    IMM(__msa_andi_b, v16u8, v16u8, 200, a[i] & 200);
    IMM(__msa_ori_b, v16u8, v16u8, 200, a[i] | 200);
    IMM(__msa_nori_b, v16u8, v16u8, 200, ~(a[i] | 200));
    IMM(__msa_xori_b, v16u8, v16u8, 128, a[i] ^ 128);
    CHECK("bmnz_v", v16u8, v16u8, v16u8, v16u8, __msa_bmnz_v(a, b, c), (b[i] & c[i]) | (a[i] & ~c[i]));
    CHECK("bmz_v", v16u8, v16u8, v16u8, v16u8, __msa_bmz_v(a, b, c), (b[i] & ~c[i]) | (a[i] & c[i]));
    CHECK("bsel_v", v16u8, v16u8, v16u8, v16u8, __msa_bsel_v(a, b, c), (b[i] & ~a[i]) | (c[i] & a[i]));
    SCALAR("test_bz_v", int, v16u8, __msa_test_bz_v(a), 0);
    SCALAR("test_bnz_v", int, v16u8, __msa_test_bnz_v(a), 1);
    SCALAR("test_bz_v 0", int, v16u8, __msa_test_bz_v(a ^ a), 1);
    SCALAR("test_bz_v one", int, v2i64, __msa_test_bz_v((v16u8)(v2i64){0, a[0] | 1}), 0);
    CHECK("nloc_h", v8i16, v8i16, v8i16, v8i16, __msa_nloc_h(a | (b & c)), ({
              int n = 0; while (n < 16 && ((a[i] | (b[i] & c[i])) >> (15 - n) & 1)) n++; n; }));
    CHECK("nloc_d", v2i64, v2i64, v2i64, v2i64, __msa_nloc_d(a | (b & c)), ({
              int n = 0; while (n < 64 && ((a[i] | (b[i] & c[i])) >> (63 - n) & 1)) n++; n; }));
    CHECK("nloc_d all", v2i64, v2i64, v2i64, v2i64, __msa_nloc_d(a | ~a), 64);

    LANE2(__msa_ceq_b, v16i8, v16i8, v16i8, -(a[i] == b[i]));
    LANE2(__msa_ceq_h, v8i16, v8i16, v8i16, -(a[i] == b[i]));
    LANE2(__msa_ceq_w, v4i32, v4i32, v4i32, -(a[i] == b[i]));
    IMM(__msa_ceqi_b, v16i8, v16i8, -1, -(a[i] == -1));
    IMM(__msa_ceqi_h, v8i16, v8i16, -1, -(a[i] == -1));
    IMM(__msa_ceqi_w, v4i32, v4i32, -1, -(a[i] == -1));
    IMM(__msa_ceqi_d, v2i64, v2i64, -1, -(a[i] == -1));
    LANE2(__msa_clt_s_b, v16i8, v16i8, v16i8, -(a[i] < b[i]));
    LANE2(__msa_clt_s_h, v8i16, v8i16, v8i16, -(a[i] < b[i]));
    LANE2(__msa_clt_u_b, v16i8, v16u8, v16u8, -(a[i] < b[i]));
    LANE2(__msa_clt_u_h, v8i16, v8u16, v8u16, -(a[i] < b[i]));
    IMM(__msa_clti_s_b, v16i8, v16i8, -3, -(a[i] < -3));
    IMM(__msa_clti_s_h, v8i16, v8i16, 3, -(a[i] < 3));
    IMM(__msa_clti_u_h, v8i16, v8u16, 9, -(a[i] < 9));
    LANE2(__msa_cle_s_b, v16i8, v16i8, v16i8, -(a[i] <= b[i]));
    LANE2(__msa_cle_s_h, v8i16, v8i16, v8i16, -(a[i] <= b[i]));
    LANE2(__msa_cle_u_b, v16i8, v16u8, v16u8, -(a[i] <= b[i]));
    LANE2(__msa_cle_u_h, v8i16, v8u16, v8u16, -(a[i] <= b[i]));
    IMM(__msa_clei_s_h, v8i16, v8i16, -1, -(a[i] <= -1));
    IMM(__msa_clei_s_d, v2i64, v2i64, -1, -(a[i] <= -1));

    LANE2(__msa_max_s_h, v8i16, v8i16, v8i16, a[i] > b[i] ? a[i] : b[i]);
    LANE2(__msa_max_s_w, v4i32, v4i32, v4i32, a[i] > b[i] ? a[i] : b[i]);
    LANE2(__msa_max_u_b, v16u8, v16u8, v16u8, a[i] > b[i] ? a[i] : b[i]);
    IMM(__msa_maxi_s_h, v8i16, v8i16, 4, a[i] > 4 ? a[i] : 4);
    IMM(__msa_maxi_s_w, v4i32, v4i32, 4, a[i] > 4 ? a[i] : 4);
    LANE2(__msa_min_s_h, v8i16, v8i16, v8i16, a[i] < b[i] ? a[i] : b[i]);
    LANE2(__msa_min_s_w, v4i32, v4i32, v4i32, a[i] < b[i] ? a[i] : b[i]);
    LANE2(__msa_min_u_b, v16u8, v16u8, v16u8, a[i] < b[i] ? a[i] : b[i]);
    LANE2(__msa_min_u_h, v8u16, v8u16, v8u16, a[i] < b[i] ? a[i] : b[i]);
    LANE2(__msa_add_a_h, v8i16, v8i16, v8i16, absolute(a[i]) + absolute(b[i]));
    LANE2(__msa_add_a_w, v4i32, v4i32, v4i32, absolute(a[i]) + absolute(b[i]));
    LANE2(__msa_asub_u_b, v16u8, v16u8, v16u8, absolute((i64)a[i] - b[i]));
    LANE2(__msa_asub_s_h, v8i16, v8i16, v8i16, absolute((i64)a[i] - b[i]));
    LANE2(__msa_adds_s_b, v16i8, v16i8, v16i8, clamp((i64)a[i] + b[i], -128, 127));
    LANE2(__msa_adds_s_h, v8i16, v8i16, v8i16, clamp((i64)a[i] + b[i], -32768, 32767));
    LANE2(__msa_adds_u_b, v16u8, v16u8, v16u8, clamp((i64)a[i] + b[i], 0, 255));
    LANE2(__msa_subs_s_b, v16i8, v16i8, v16i8, clamp((i64)a[i] - b[i], -128, 127));
    LANE2(__msa_subs_s_h, v8i16, v8i16, v8i16, clamp((i64)a[i] - b[i], -32768, 32767));
    LANE2(__msa_subs_u_b, v16u8, v16u8, v16u8, clamp((i64)a[i] - b[i], 0, 255));
    LANE2(__msa_subs_u_h, v8u16, v8u16, v8u16, clamp((i64)a[i] - b[i], 0, 65535));
    LANE2(__msa_subsus_u_b, v16u8, v16u8, v16i8, clamp((i64)a[i] - b[i], 0, 255));
#define S(n) IMM(__msa_sat_s_h, v8i16, v8i16, n, clamp(a[i], -(1 << n), (1 << n) - 1)); \
    IMM(__msa_sat_u_h, v8u16, v8u16, n, clamp(a[i], 0, (2 << n) - 1)); \
    IMM(__msa_sat_s_w, v4i32, v4i32, n, clamp(a[i], -(1 << n), (1 << n) - 1)); \
    IMM(__msa_sat_u_w, v4u32, v4u32, n, clamp(a[i], 0, (2 << n) - 1))
    EACH16(S);
#undef S
    IMM(__msa_sat_s_w, v4i32, v4i32, 31, a[i]); IMM(__msa_sat_u_w, v4u32, v4u32, 31, a[i]);

    LANE2(__msa_aver_u_b, v16u8, v16u8, v16u8, (a[i] + b[i] + 1) >> 1);
    LANE2(__msa_aver_u_h, v8u16, v8u16, v8u16, (a[i] + b[i] + 1) >> 1);
    LANE2(__msa_aver_s_b, v16i8, v16i8, v16i8, (a[i] + b[i] + 1) >> 1);
    LANE2(__msa_aver_s_h, v8i16, v8i16, v8i16, (a[i] + b[i] + 1) >> 1);
    LANE2(__msa_aver_s_w, v4i32, v4i32, v4i32, ((i64)a[i] + b[i] + 1) >> 1);
    LANE2(__msa_ave_u_b, v16u8, v16u8, v16u8, (a[i] + b[i]) >> 1);
    LANE2(__msa_ave_s_h, v8i16, v8i16, v8i16, (a[i] + b[i]) >> 1);

    LANE2(__msa_srl_h, v8i16, v8i16, v8i16, (unsigned short)a[i] >> (b[i] & 15));
    LANE2(__msa_srar_h, v8i16, v8i16, v8i16, rounded(a[i], b[i] & 15));
    LANE2(__msa_srar_w, v4i32, v4i32, v4i32, rounded(a[i], b[i] & 31));
    LANE2(__msa_srlr_h, v8i16, v8i16, v8i16, roundedu((unsigned short)a[i], b[i] & 15));
    for (int n = 0; n < 16; n++) {
        CHECK("srar_h splat", v8i16, v8i16, v8i16, v8i16, __msa_srar_h(a, __msa_fill_h(n)), rounded(a[i], n));
        CHECK("srl_h splat", v8i16, v8i16, v8i16, v8i16, __msa_srl_h(a, __msa_fill_h(n)), (unsigned short)a[i] >> n);
    }
#define S(n) IMM(__msa_srli_b, v16i8, v16i8, n, (unsigned char)a[i] >> n); \
    IMM(__msa_srari_b, v16i8, v16i8, n, rounded(a[i], n))
    EACH8(S);
#undef S
#define S(n) IMM(__msa_srari_h, v8i16, v8i16, n, rounded(a[i], n)); \
    IMM(__msa_srari_w, v4i32, v4i32, n, rounded(a[i], n)); \
    IMM(__msa_srari_d, v2i64, v2i64, n, rounded(a[i], n))
    EACH16(S); S(14);
#undef S
    IMM(__msa_srari_w, v4i32, v4i32, 31, rounded(a[i], 31)); IMM(__msa_srari_d, v2i64, v2i64, 63, rounded(a[i], 63));

#define S(fn, R, A) LANE2(fn, R, A, A, (i64)a[2 * i + 1] + b[2 * i]); \
    CHECK(#fn " same", R, A, A, A, fn(a, a), (i64)a[2 * i + 1] + a[2 * i])
    S(__msa_hadd_u_h, v8u16, v16u8); S(__msa_hadd_u_w, v4u32, v8u16); S(__msa_hadd_u_d, v2u64, v4u32);
    S(__msa_hadd_s_h, v8i16, v16i8); S(__msa_hadd_s_w, v4i32, v8i16); S(__msa_hadd_s_d, v2i64, v4i32);
#undef S
    LANE2(__msa_hsub_u_h, v8i16, v16u8, v16u8, a[2 * i + 1] - b[2 * i]);
    LANE2(__msa_dotp_s_h, v8i16, v16i8, v16i8, OOO(a, b));
    LANE2(__msa_dotp_u_h, v8u16, v16u8, v16u8, OOO(a, b));
    LANE2(__msa_dotp_s_w, v4i32, v8i16, v8i16, OOO(a, b));
    LANE2(__msa_dotp_u_w, v4u32, v8u16, v8u16, OOO(a, b));
    CHECK("dpadd_s_h", v8i16, v8i16, v16i8, v16i8, __msa_dpadd_s_h(a, b, c), a[i] + BOO);
    CHECK("dpadd_u_h", v8u16, v8u16, v16u8, v16u8, __msa_dpadd_u_h(a, b, c), a[i] + BOO);
    CHECK("dpadd_s_w", v4i32, v4i32, v8i16, v8i16, __msa_dpadd_s_w(a, b, c), a[i] + BOO);
    CHECK("dpadd_u_w", v4u32, v4u32, v8u16, v8u16, __msa_dpadd_u_w(a, b, c), a[i] + BOO);

#define S(s, V) LANE2(__msa_ilvr_##s, V, V, V, (i & 1 ? a : b)[i / 2]); \
    LANE2(__msa_ilvl_##s, V, V, V, (i & 1 ? a : b)[LANES(V) / 2 + i / 2]); \
    LANE2(__msa_ilvev_##s, V, V, V, (i & 1 ? a : b)[i & ~1]); \
    LANE2(__msa_ilvod_##s, V, V, V, (i & 1 ? a : b)[i | 1]); \
    LANE2(__msa_pckev_##s, V, V, V, OF2(V, 2 * i)); \
    LANE2(__msa_pckod_##s, V, V, V, OF2(V, 2 * i + 1))
    S(b, v16i8); S(h, v8i16); S(w, v4i32); S(d, v2i64);
#undef S
#define S(n) IMM(__msa_shf_b, v16i8, v16i8, (n * 17), a[(i & ~3) | (n * 17 >> 2 * (i & 3) & 3)]); \
    IMM(__msa_shf_h, v8i16, v8i16, (n * 17), a[(i & ~3) | (n * 17 >> 2 * (i & 3) & 3)]); \
    IMM(__msa_shf_w, v4i32, v4i32, (n * 17), a[(i & ~3) | (n * 17 >> 2 * (i & 3) & 3)]); \
    CHECK("sldi_b", v16i8, v16i8, v16i8, v16i8, __msa_sldi_b(a, b, n), OF2(v16i8, n + i)); \
    CHECK("sld_b", v16i8, v16i8, v16i8, v16i8, __msa_sld_b(a, b, n), OF2(v16i8, n + i))
    EACH16(S);
#undef S
    IMM(__msa_shf_b, v16i8, v16i8, 177, a[(i & ~3) | (177 >> 2 * (i & 3) & 3)]);
    IMM(__msa_shf_h, v8i16, v8i16, 27, a[(i & ~3) | (27 >> 2 * (i & 3) & 3)]);
    int n = (int)(x & 15);
    CHECK("sld_b n", v16i8, v16i8, v16i8, v16i8, __msa_sld_b(a, b, n), OF2(v16i8, n + i));
    /* c is the control, since OF2 reads a and b. */
#define S(s, V) CHECK("vshf_" #s, V, V, V, V, __msa_vshf_##s(c, a, b), \
                      c[i] & 0xc0 ? 0 : OF2(V, (c[i] & 0x3f) % (2 * LANES(V)))); \
    CHECK("vshf_" #s " few", V, V, V, V, __msa_vshf_##s(c & 31, a, b), \
                      OF2(V, (c[i] & 31) % (2 * LANES(V)))); \
    CHECK("vshf_" #s " same", V, V, V, V, __msa_vshf_##s(c, a, a), \
          c[i] & 0xc0 ? 0 : a[(c[i] & 0x3f) % LANES(V)])
    S(b, v16i8); S(h, v8i16); S(w, v4i32);
#undef S
}

int main(void)
{
    for (int i = 0; i < 2000; i++) once();
    printf("%d checks, %d failures\n", checks, failures);
    return failures != 0;
}
