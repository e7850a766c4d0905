/* Kernels for WebAssembly, after celt/pitch.c.
   They return the same bits as its C functions. */
/*
   Redistribution and use in source and binary forms, with or without
   modification, are permitted provided that the following conditions
   are met:

   - Redistributions of source code must retain the above copyright
   notice, this list of conditions and the following disclaimer.

   - Redistributions in binary form must reproduce the above copyright
   notice, this list of conditions and the following disclaimer in the
   documentation and/or other materials provided with the distribution.

   THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS
   ``AS IS'' AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT
   LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR
   A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT OWNER
   OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL,
   EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO,
   PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR
   PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF
   LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING
   NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS
   SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.
*/

#ifndef PITCH_WASM_H
#define PITCH_WASM_H

#include <wasm_simd128.h>

#include "arch.h"

#define OVERRIDE_PITCH_XCORR
#define celt_pitch_xcorr(x, y, xcorr, len, max_pitch, arch) \
    ((void)(arch), celt_pitch_xcorr_wasm(x, y, xcorr, len, max_pitch))

#define OVERRIDE_COMB_FILTER_CONST
#define comb_filter_const(y, x, T, N, g10, g11, g12, arch) \
    ((void)(arch), comb_filter_const_wasm(y, x, T, N, g10, g11, g12))

/* celt_pitch_xcorr_c: each sum has the order of the samples. Sixteen lags at a time hide the latency of the additions. */
static OPUS_INLINE void celt_pitch_xcorr_wasm(const opus_val16 *x, const opus_val16 *y, opus_val32 *xcorr, int len,
      int max_pitch)
{
   int i, j;
   for (i=0;i<max_pitch-15;i+=16)
   {
      v128_t sum0, sum1, sum2, sum3;
      sum0 = sum1 = sum2 = sum3 = wasm_f32x4_const_splat(0);
      for (j=0;j<len;j++)
      {
         v128_t xj = wasm_v128_load32_splat(x+j);
         const opus_val16 *yj = y+i+j;
         sum0 = wasm_f32x4_add(sum0, wasm_f32x4_mul(xj, wasm_v128_load(yj)));
         sum1 = wasm_f32x4_add(sum1, wasm_f32x4_mul(xj, wasm_v128_load(yj+4)));
         sum2 = wasm_f32x4_add(sum2, wasm_f32x4_mul(xj, wasm_v128_load(yj+8)));
         sum3 = wasm_f32x4_add(sum3, wasm_f32x4_mul(xj, wasm_v128_load(yj+12)));
      }
      wasm_v128_store(xcorr+i, sum0);
      wasm_v128_store(xcorr+i+4, sum1);
      wasm_v128_store(xcorr+i+8, sum2);
      wasm_v128_store(xcorr+i+12, sum3);
   }
   for (;i<max_pitch-3;i+=4)
   {
      v128_t sum = wasm_f32x4_const_splat(0);
      for (j=0;j<len;j++)
         sum = wasm_f32x4_add(sum, wasm_f32x4_mul(wasm_v128_load32_splat(x+j), wasm_v128_load(y+i+j)));
      wasm_v128_store(xcorr+i, sum);
   }
   for (;i<max_pitch;i++)
   {
      opus_val32 sum = 0;
      for (j=0;j<len;j++)
         sum = MAC16_16(sum, x[j], y[i+j]);
      xcorr[i] = sum;
   }
}

/* comb_filter_const_c. y may be x: then T+2 > 4 keeps the inputs of four outputs apart from them. */
static OPUS_INLINE void comb_filter_const_wasm(opus_val32 *y, opus_val32 *x, int T, int N,
      opus_val16 g10, opus_val16 g11, opus_val16 g12)
{
   int i;
   v128_t g10v = wasm_f32x4_splat(g10), g11v = wasm_f32x4_splat(g11), g12v = wasm_f32x4_splat(g12);
   for (i=0;i<N-3;i+=4)
   {
      const opus_val32 *xp = &x[i-T-2];
      v128_t yi = wasm_v128_load(x+i);
      yi = wasm_f32x4_add(yi, wasm_f32x4_mul(g10v, wasm_v128_load(xp+2)));
      yi = wasm_f32x4_add(yi, wasm_f32x4_mul(g11v, wasm_f32x4_add(wasm_v128_load(xp+3), wasm_v128_load(xp+1))));
      yi = wasm_f32x4_add(yi, wasm_f32x4_mul(g12v, wasm_f32x4_add(wasm_v128_load(xp+4), wasm_v128_load(xp))));
      wasm_v128_store(y+i, yi);
   }
   for (;i<N;i++)
      y[i] = x[i] + g10*x[i-T] + g11*(x[i-T+1] + x[i-T-1]) + g12*(x[i-T+2] + x[i-T-2]);
}

#endif
