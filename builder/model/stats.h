/*
 * Copyright (C) recs authors
 *
 * The little statistics that models need.  All of them are defined for
 * every finite input and never return NaN or infinity.
 */

#ifndef _RECS_BUILDER_STATS_H_INCLUDED_
#define _RECS_BUILDER_STATS_H_INCLUDED_


#include "../../core/recs_types.h"


/* P(a, x), the regularised lower incomplete gamma function; a > 0. */

double recs_gamma_p(double a, double x);

/* The x with P(a, x) = p: the p-quantile of Gamma(a, 1); 0 < p < 1. */

double recs_gamma_quantile(double p, double a);

/* The median of x[0 .. n); reorders x.  0 where n is 0. */

double recs_median(double *x, size_t n);

/* 1.4826 times the median absolute deviation; overwrites x. */

double recs_mad(double *x, size_t n);


#endif /* _RECS_BUILDER_STATS_H_INCLUDED_ */
