/* Kernels for WebAssembly, after celt/kiss_fft.c.
   They return the same bits as its C functions. Included by it. */
/*
  Redistribution and use in source and binary forms, with or without
   modification, are permitted provided that the following conditions are met:

    * Redistributions of source code must retain the above copyright notice,
       this list of conditions and the following disclaimer.
    * Redistributions in binary form must reproduce the above copyright notice,
       this list of conditions and the following disclaimer in the
       documentation and/or other materials provided with the distribution.

  THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
  AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
  IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE
  ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER OR CONTRIBUTORS BE
  LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR
  CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF
  SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
  INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN
  CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE)
  ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
  POSSIBILITY OF SUCH DAMAGE.
*/

#ifndef KISS_FFT_WASM_H
#define KISS_FFT_WASM_H

#include <wasm_simd128.h>

#define kf_bfly2 kf_bfly2_wasm
#define kf_bfly3 kf_bfly3_wasm
#define kf_bfly4 kf_bfly4_wasm
#define kf_bfly5 kf_bfly5_wasm

/* A vector has two complex numbers. */

#define NEGATE_R wasm_i32x4_const((int)0x80000000u, 0, (int)0x80000000u, 0)
#define NEGATE_I wasm_i32x4_const(0, (int)0x80000000u, 0, (int)0x80000000u)

static OPUS_INLINE v128_t kf_swap(v128_t a)
{
   return wasm_i32x4_shuffle(a, a, 1, 0, 3, 2);
}

/* Twiddles i and i+stride. */
static OPUS_INLINE v128_t kf_twiddles(const kiss_twiddle_cpx *tw, size_t stride)
{
   return wasm_v128_load64_lane(tw+stride, wasm_v128_load64_zero(tw), 1);
}

static OPUS_INLINE v128_t kf_mul(v128_t a, v128_t b)
{
   v128_t r = wasm_f32x4_mul(wasm_i32x4_shuffle(a, a, 0, 0, 2, 2), b);
   v128_t i = wasm_f32x4_mul(wasm_i32x4_shuffle(a, a, 1, 1, 3, 3), kf_swap(b));
   return wasm_f32x4_add(r, wasm_v128_xor(i, NEGATE_R));
}

static OPUS_INLINE void kf_bfly2_wasm(kiss_fft_cpx *Fout, int m, int N)
{
   int i;
   const v128_t tw = wasm_f32x4_splat(QCONST16(0.7071067812f, 15));
   /* m is 4 because the radix-2 is just after a radix-4. */
   celt_assert(m==4);
   (void)m;
   for (i=0;i<N;i++)
   {
      v128_t a0 = wasm_v128_load(Fout), a1 = wasm_v128_load(Fout+2);
      v128_t b0 = wasm_v128_load(Fout+4), b1 = wasm_v128_load(Fout+6);
      v128_t t, t0, t1;

      t = wasm_f32x4_add(b0, wasm_v128_xor(kf_swap(b0), NEGATE_I));
      t0 = wasm_i32x4_shuffle(b0, wasm_f32x4_mul(t, tw), 0, 1, 6, 7);
      t = wasm_v128_xor(wasm_f32x4_add(kf_swap(b1), wasm_v128_xor(b1, NEGATE_R)), NEGATE_I);
      t1 = wasm_i32x4_shuffle(wasm_v128_xor(kf_swap(b1), NEGATE_I), wasm_f32x4_mul(t, tw), 0, 1, 6, 7);

      wasm_v128_store(Fout, wasm_f32x4_add(a0, t0));
      wasm_v128_store(Fout+2, wasm_f32x4_add(a1, t1));
      wasm_v128_store(Fout+4, wasm_f32x4_sub(a0, t0));
      wasm_v128_store(Fout+6, wasm_f32x4_sub(a1, t1));
      Fout += 8;
   }
}

static OPUS_INLINE void kf_bfly4_wasm(kiss_fft_cpx *Fout, const size_t fstride, const kiss_fft_state *st, int m, int N, int mm)
{
   int i, j;
   kiss_fft_cpx *Fout_beg = Fout;

   if (m==1)
   {
      /* Degenerate case where all the twiddles are 1. */
      for (i=0;i<N;i++)
      {
         v128_t a = wasm_v128_load(Fout), b = wasm_v128_load(Fout+2);
         v128_t sum = wasm_f32x4_add(a, b), difference = wasm_f32x4_sub(a, b);
         a = wasm_i64x2_shuffle(sum, difference, 0, 2);
         b = wasm_v128_xor(wasm_i32x4_shuffle(sum, difference, 2, 3, 7, 6),
                           wasm_i32x4_const(0, 0, 0, (int)0x80000000u));
         wasm_v128_store(Fout, wasm_f32x4_add(a, b));
         wasm_v128_store(Fout+2, wasm_f32x4_sub(a, b));
         Fout += 4;
      }
      return;
   }
   for (i=0;i<N;i++)
   {
      const kiss_twiddle_cpx *tw1, *tw2, *tw3;
      tw1 = tw2 = tw3 = st->twiddles;
      Fout = Fout_beg + i*mm;
      /* m is guaranteed to be a multiple of 4. */
      for (j=0;j<m;j+=2)
      {
         v128_t a = wasm_v128_load(Fout);
         v128_t s0 = kf_mul(wasm_v128_load(Fout+m), kf_twiddles(tw1, fstride));
         v128_t s1 = kf_mul(wasm_v128_load(Fout+2*m), kf_twiddles(tw2, fstride*2));
         v128_t s2 = kf_mul(wasm_v128_load(Fout+3*m), kf_twiddles(tw3, fstride*3));
         v128_t s3 = wasm_f32x4_add(s0, s2);
         v128_t s4 = kf_swap(wasm_f32x4_sub(s0, s2));
         v128_t s5 = wasm_f32x4_sub(a, s1);
         a = wasm_f32x4_add(a, s1);
         wasm_v128_store(Fout+2*m, wasm_f32x4_sub(a, s3));
         wasm_v128_store(Fout, wasm_f32x4_add(a, s3));
         wasm_v128_store(Fout+m, wasm_f32x4_add(s5, wasm_v128_xor(s4, NEGATE_I)));
         wasm_v128_store(Fout+3*m, wasm_f32x4_add(s5, wasm_v128_xor(s4, NEGATE_R)));
         tw1 += fstride*2;
         tw2 += fstride*4;
         tw3 += fstride*6;
         Fout += 2;
      }
   }
}

static OPUS_INLINE void kf_bfly3_wasm(kiss_fft_cpx *Fout, const size_t fstride, const kiss_fft_state *st, int m, int N, int mm)
{
   int i, j;
   kiss_fft_cpx *Fout_beg = Fout;
   const v128_t epi3 = wasm_f32x4_splat(st->twiddles[fstride*m].i);

   for (i=0;i<N;i++)
   {
      const kiss_twiddle_cpx *tw1, *tw2;
      tw1 = tw2 = st->twiddles;
      Fout = Fout_beg + i*mm;
      for (j=0;j<m;j+=2)
      {
         v128_t a = wasm_v128_load(Fout);
         v128_t s1 = kf_mul(wasm_v128_load(Fout+m), kf_twiddles(tw1, fstride));
         v128_t s2 = kf_mul(wasm_v128_load(Fout+2*m), kf_twiddles(tw2, fstride*2));
         v128_t s3 = wasm_f32x4_add(s1, s2);
         v128_t s0 = kf_swap(wasm_f32x4_mul(wasm_f32x4_sub(s1, s2), epi3));
         v128_t b = wasm_f32x4_sub(a, wasm_f32x4_mul(s3, wasm_f32x4_const_splat(.5f)));
         wasm_v128_store(Fout, wasm_f32x4_add(a, s3));
         wasm_v128_store(Fout+2*m, wasm_f32x4_add(b, wasm_v128_xor(s0, NEGATE_I)));
         wasm_v128_store(Fout+m, wasm_f32x4_add(b, wasm_v128_xor(s0, NEGATE_R)));
         tw1 += fstride*2;
         tw2 += fstride*4;
         Fout += 2;
      }
   }
}

static OPUS_INLINE void kf_bfly5_wasm(kiss_fft_cpx *Fout, const size_t fstride, const kiss_fft_state *st, int m, int N, int mm)
{
   int i, u;
   kiss_fft_cpx *Fout_beg = Fout;
   const kiss_twiddle_cpx *tw = st->twiddles;
   const v128_t ya_r = wasm_f32x4_splat(tw[fstride*m].r), ya_i = wasm_f32x4_splat(tw[fstride*m].i);
   const v128_t yb_r = wasm_f32x4_splat(tw[fstride*2*m].r), yb_i = wasm_f32x4_splat(tw[fstride*2*m].i);

   for (i=0;i<N;i++)
   {
      Fout = Fout_beg + i*mm;
      for (u=0;u<m;u+=2)
      {
         v128_t s0 = wasm_v128_load(Fout);
         v128_t s1 = kf_mul(wasm_v128_load(Fout+m), kf_twiddles(tw+u*fstride, fstride));
         v128_t s2 = kf_mul(wasm_v128_load(Fout+2*m), kf_twiddles(tw+2*u*fstride, 2*fstride));
         v128_t s3 = kf_mul(wasm_v128_load(Fout+3*m), kf_twiddles(tw+3*u*fstride, 3*fstride));
         v128_t s4 = kf_mul(wasm_v128_load(Fout+4*m), kf_twiddles(tw+4*u*fstride, 4*fstride));
         v128_t s7 = wasm_f32x4_add(s1, s4), s10 = kf_swap(wasm_f32x4_sub(s1, s4));
         v128_t s8 = wasm_f32x4_add(s2, s3), s9 = kf_swap(wasm_f32x4_sub(s2, s3));
         v128_t s5, s6, s11, s12, a, b;

         wasm_v128_store(Fout, wasm_f32x4_add(s0, wasm_f32x4_add(s7, s8)));

         s5 = wasm_f32x4_add(s0, wasm_f32x4_add(wasm_f32x4_mul(s7, ya_r), wasm_f32x4_mul(s8, yb_r)));
         s6 = wasm_f32x4_add(wasm_f32x4_mul(s10, ya_i), wasm_f32x4_mul(s9, yb_i));
         s6 = wasm_v128_xor(s6, NEGATE_I);
         wasm_v128_store(Fout+m, wasm_f32x4_sub(s5, s6));
         wasm_v128_store(Fout+4*m, wasm_f32x4_add(s5, s6));

         s11 = wasm_f32x4_add(s0, wasm_f32x4_add(wasm_f32x4_mul(s7, yb_r), wasm_f32x4_mul(s8, ya_r)));
         a = wasm_f32x4_mul(s9, ya_i);
         b = wasm_f32x4_mul(s10, yb_i);
         /* Two subtractions: a zero has another sign than the negated one. */
         s12 = wasm_i32x4_shuffle(wasm_f32x4_sub(a, b), wasm_f32x4_sub(b, a), 0, 5, 2, 7);
         wasm_v128_store(Fout+2*m, wasm_f32x4_add(s11, s12));
         wasm_v128_store(Fout+3*m, wasm_f32x4_sub(s11, s12));
         Fout += 2;
      }
   }
}

#undef NEGATE_R
#undef NEGATE_I

#endif
