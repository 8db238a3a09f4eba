/*
 * Copyright (C) recs authors
 *
 * The incomplete gamma function by its series and its continued fraction
 * (Press et al., Numerical Recipes, 6.2); the quantile starts from Wilson
 * and Hilferty (1931) and is polished by Newton steps inside a bracket.
 */

#include "stats.h"

#include <math.h>
#include <stdlib.h>


#define RECS_GAMMA_STEPS    1000
#define RECS_GAMMA_EPSILON  1e-14
#define RECS_GAMMA_NORMAL   1e4     /* from here on Wilson and Hilferty do */


static double recs_gamma_series(double a, double x);
static double recs_gamma_fraction(double a, double x);
static int recs_compare_doubles(const void *one, const void *two);


double
recs_gamma_p(double a, double x)
{
    double  p;

    if (x <= 0 || a <= 0) {
        return 0;
    }

    if (a > RECS_GAMMA_NORMAL) {
        p = (cbrt(x / a) - 1 + 1 / (9 * a)) * 3 * sqrt(a);
        p = erfc(-p * M_SQRT1_2) / 2;

    } else if (x < a + 1) {
        p = recs_gamma_series(a, x);

    } else {
        p = 1 - recs_gamma_fraction(a, x);
    }

    return recs_max(0.0, recs_min(1.0, p));
}


static double
recs_gamma_series(double a, double x)
{
    int     i;
    double  sum, term;

    term = 1 / a;
    sum = term;

    for (i = 1; i < RECS_GAMMA_STEPS; i++) {
        term *= x / (a + i);
        sum += term;

        if (term < sum * RECS_GAMMA_EPSILON) {
            break;
        }
    }

    return sum * exp(a * log(x) - x - lgamma(a));
}


/* Lentz's method */

static double
recs_gamma_fraction(double a, double x)
{
    int     i;
    double  an, b, c, d, h, step;

    b = x + 1 - a;
    c = 1e300;
    d = 1 / b;
    h = d;

    for (i = 1; i < RECS_GAMMA_STEPS; i++) {
        an = -i * (i - a);
        b += 2;

        d = an * d + b;
        d = 1 / (fabs(d) < 1e-300 ? 1e-300 : d);

        c = b + an / c;
        c = fabs(c) < 1e-300 ? 1e-300 : c;

        step = c * d;
        h *= step;

        if (fabs(step - 1) < RECS_GAMMA_EPSILON) {
            break;
        }
    }

    return h * exp(a * log(x) - x - lgamma(a));
}


double
recs_gamma_quantile(double p, double a)
{
    int     i;
    double  x, low, high, error, density, next, z, t;

    if (p <= 0 || a <= 0) {
        return 0;
    }

    p = recs_min(p, 1 - 1e-12);

    /* a normal quantile (Hastings 1955) for Wilson and Hilferty's cube */

    t = sqrt(-2 * log(p < 0.5 ? p : 1 - p));
    z = t - (2.515517 + t * (0.802853 + t * 0.010328))
            / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    z = p < 0.5 ? -z : z;

    t = 1 - 1 / (9 * a) + z / (3 * sqrt(a));
    x = t > 0 ? a * t * t * t : a * 1e-3;

    low = 0;
    high = a + 50 * sqrt(a) + 100;

    for (i = 0; i < 200; i++) {
        error = recs_gamma_p(a, x) - p;

        if (error > 0) {
            high = x;

        } else {
            low = x;
        }

        density = exp((a - 1) * log(x) - x - lgamma(a));
        next = density > 0 ? x - error / density : low;

        if (!(next > low && next < high)) {
            next = (low + high) / 2;
        }

        if (fabs(next - x) <= 1e-12 * x) {
            break;
        }

        x = next;
    }

    return x;
}


double
recs_median(double *x, size_t n)
{
    if (n == 0) {
        return 0;
    }

    qsort(x, n, sizeof(double), recs_compare_doubles);

    return n % 2 ? x[n / 2] : (x[n / 2 - 1] + x[n / 2]) / 2;
}


double
recs_mad(double *x, size_t n)
{
    size_t  i;
    double  middle;

    middle = recs_median(x, n);

    for (i = 0; i < n; i++) {
        x[i] = fabs(x[i] - middle);
    }

    return 1.4826 * recs_median(x, n);
}


static int
recs_compare_doubles(const void *one, const void *two)
{
    double  a, b;

    a = *(const double *) one;
    b = *(const double *) two;

    return (a > b) - (a < b);
}
