/*
 * Copyright (C) recs authors
 *
 * OpenBLAS offers no call for this; what it runs when it is loaded can be
 * run again, and reads the environment then.  The symbols are weak, for
 * another BLAS, or one made for one processor, does not have them.
 */

#include "blas.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>


extern void gotoblas_dynamic_init(void) __attribute__((weak));
extern void gotoblas_dynamic_quit(void) __attribute__((weak));


void
recs_blas_init(void)
{
    const char  *core;

    core = NULL;

#if (__x86_64__)

    __builtin_cpu_init();

    if (__builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq"))
    {
        core = "SkylakeX";

    } else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    {
        core = "Haswell";
    }

#endif

    if (core == NULL || gotoblas_dynamic_init == NULL
        || gotoblas_dynamic_quit == NULL
        || strcmp(openblas_get_corename(), "Prescott") != 0
        || setenv("OPENBLAS_CORETYPE", core, 0) != 0)
    {
        return;
    }

    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
}
