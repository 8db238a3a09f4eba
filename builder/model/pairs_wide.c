/*
 * Copyright (C) recs authors
 */

#include "pairs_wide.h"

#if (__x86_64__)

#include <immintrin.h>


#define recs_pairs_target  __attribute__((target("avx512f")))


unsigned
recs_pairs_wide(void)
{
    return __builtin_cpu_supports("avx512f") != 0;
}


recs_pairs_target uint32_t
recs_pairs_wide_add(const uint32_t *items, const float *weights, uint64_t n,
    float own, float *sums, uint32_t *touched, uint32_t count)
{
    __m512     s, w;
    __m512i    j;
    uint64_t   k;
    __mmask16  fresh, mask;

    for (k = 0; k < n; k += 16) {
        mask = (__mmask16) (n - k < 16 ? (1u << (n - k)) - 1 : 0xffff);
        j = _mm512_maskz_loadu_epi32(mask, items + k);
        w = _mm512_maskz_loadu_ps(mask, weights + k);
        s = _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask, j, sums, 4);

        w = _mm512_mul_ps(w, _mm512_set1_ps(own));

        fresh = _mm512_mask_cmp_ps_mask(mask, s, _mm512_setzero_ps(),
                                        _CMP_EQ_OQ);
        fresh = _mm512_mask_cmp_ps_mask(fresh, w, _mm512_setzero_ps(),
                                        _CMP_NEQ_OQ);
        _mm512_mask_compressstoreu_epi32(touched + count, fresh, j);
        count += (uint32_t) __builtin_popcount(fresh);

        s = _mm512_add_ps(s, w);
        _mm512_mask_i32scatter_ps(sums, mask, j, s, 4);
    }

    return count;
}


recs_pairs_target uint32_t
recs_pairs_wide_take(uint32_t *touched, uint32_t n, uint32_t i, float *sums,
    float *packed)
{
    __m512     s;
    __m512i    j;
    uint32_t   k, count;
    __mmask16  mask;

    count = 0;

    for (k = 0; k < n; k += 16) {
        mask = (__mmask16) (n - k < 16 ? (1u << (n - k)) - 1 : 0xffff);
        j = _mm512_maskz_loadu_epi32(mask, touched + k);
        s = _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask, j, sums, 4);
        _mm512_mask_i32scatter_ps(sums, mask, j, _mm512_setzero_ps(), 4);

        mask = _mm512_mask_cmpneq_epi32_mask(mask, j,
                                             _mm512_set1_epi32((int) i));
        _mm512_mask_compressstoreu_epi32(touched + count, mask, j);
        _mm512_mask_compressstoreu_ps(packed + count, mask, s);
        count += (uint32_t) __builtin_popcount(mask);
    }

    return count;
}


recs_pairs_target void
recs_pairs_wide_ratio(const float *sum, const uint32_t *j, uint32_t n,
    float left, const float *right, float shrink, float *out)
{
    __m512     r;
    uint32_t   k;
    __mmask16  mask;

    for (k = 0; k < n; k += 16) {
        mask = (__mmask16) (n - k < 16 ? (1u << (n - k)) - 1 : 0xffff);
        r = _mm512_mask_i32gather_ps(_mm512_setzero_ps(), mask,
                                     _mm512_maskz_loadu_epi32(mask, j + k),
                                     right, 4);
        r = _mm512_fmadd_ps(r, _mm512_set1_ps(left), _mm512_set1_ps(shrink));
        r = _mm512_div_ps(_mm512_maskz_loadu_ps(mask, sum + k), r);
        _mm512_mask_storeu_ps(out + k, mask, r);
    }
}


recs_pairs_target uint32_t
recs_pairs_wide_next(const float *weights, uint32_t from, uint32_t n,
    float least)
{
    __m512     w;
    uint32_t   k;
    __mmask16  mask;

    for (k = from; k < n; k += 16) {
        mask = (__mmask16) (n - k < 16 ? (1u << (n - k)) - 1 : 0xffff);
        w = _mm512_abs_ps(_mm512_maskz_loadu_ps(mask, weights + k));
        mask = _mm512_mask_cmp_ps_mask(mask, w, _mm512_set1_ps(least),
                                       _CMP_GE_OQ);

        if (mask) {
            return k + (uint32_t) __builtin_ctz(mask);
        }
    }

    return n;
}

#else

unsigned
recs_pairs_wide(void)
{
    return 0;
}


uint32_t
recs_pairs_wide_add(const uint32_t *items, const float *weights, uint64_t n,
    float own, float *sums, uint32_t *touched, uint32_t count)
{
    return count;
}


uint32_t
recs_pairs_wide_take(uint32_t *touched, uint32_t n, uint32_t i, float *sums,
    float *packed)
{
    return 0;
}


void
recs_pairs_wide_ratio(const float *sum, const uint32_t *j, uint32_t n,
    float left, const float *right, float shrink, float *out)
{
}


uint32_t
recs_pairs_wide_next(const float *weights, uint32_t from, uint32_t n,
    float least)
{
    return from;
}

#endif
