/*
 * Copyright (C) recs authors
 *
 * Expected values: closed forms, and Simpson's rule where there is none.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/stats.h"


static void
test_gamma(void)
{
    double  x;

    for (x = 0.25; x < 30; x *= 2) {
        is_near(recs_gamma_p(1, x), 1 - exp(-x), 1e-12, "P(1, %g)", x);
        is_near(recs_gamma_p(0.5, x), erf(sqrt(x)), 1e-12, "P(.5, %g)", x);
    }

    is_near(recs_gamma_p(5, 5), 0.5595067149347891, 1e-10, "P(5, 5)");
    is_near(recs_gamma_p(4, 2), 0.1428765395014521, 1e-10, "P(4, 2)");
    is_near(recs_gamma_p(14, 20), 0.933872359040843, 1e-10, "P(14, 20)");
    ok(recs_gamma_p(3, 0) == 0, "nothing is below zero");
    ok(recs_gamma_p(3, 1e9) == 1, "everything is below a lot");
}


static void
test_quantile(void)
{
    int            i, k;
    double         x;
    static double  p[] = { 0.001, 0.05, 0.25, 0.5, 0.95, 0.999 };
    static double  a[] = { 0.1, 0.5, 1, 4, 14.5, 400, 1e5, 1e7 };

    is_near(recs_gamma_quantile(0.05, 14), 8.463937522, 1e-6, "Q(.05, 14)");
    is_near(recs_gamma_quantile(0.05, 4), 1.366318397, 1e-6, "Q(.05, 4)");
    is_near(recs_gamma_quantile(0.5, 4), 3.672060749, 1e-6, "Q(.5, 4)");
    is_near(recs_gamma_quantile(0.5, 1), M_LN2, 1e-9, "Q(.5, 1) is ln 2");

    for (i = 0; i < 6; i++) {
        for (k = 0; k < 8; k++) {
            x = recs_gamma_quantile(p[i], a[k]);
            is_near(recs_gamma_p(a[k], x), p[i], 1e-6, "P(%g, Q(%g))", a[k],
                    p[i]);
        }
    }

    ok(recs_gamma_quantile(0, 4) == 0, "no quantile of 0");
    ok(isfinite(recs_gamma_quantile(1, 4)), "the quantile of 1 is finite");
}


static void
test_bounds(void)
{
    is_near(recs_wilson_lower(80, 100, 1.96), 0.711169038, 1e-9, "80 of 100");
    is_near(recs_wilson_lower(1, 1, 1.96), 0.206543291, 1e-9, "1 of 1");
    ok(recs_wilson_lower(0, 10, 1.96) == 0, "0 of 10");
    ok(recs_wilson_lower(5, 0, 1.96) == 0, "5 of nothing");
    ok(recs_wilson_lower(5, 4, 1.96) <= 1, "more than all");

    is_near(recs_llr(20, 5, 5, 70), 50.70740373, 1e-8, "a strong pair");
    is_near(recs_llr(3, 7, 5, 85), 4.915940381, 1e-8, "a weak pair");
    ok(recs_llr(5, 5, 5, 5) == 0, "no surplus");
    ok(recs_llr(1, 9, 9, 1) == 0, "a deficit");
    ok(recs_llr(0, 0, 0, 0) == 0, "an empty table");
}


static void
test_rest(void)
{
    double  odd[] = { 5, 1, 4 }, even[] = { 4, 1, 3, 2 };
    double  spread[] = { 1, 2, 3, 4, 100 };

    is_near(recs_median(odd, 3), 4, 0, "median of three");
    is_near(recs_median(even, 4), 2.5, 0, "median of four");
    is_near(recs_median(odd, 0), 0, 0, "median of none");
    is_near(recs_mad(spread, 5), 1.4826, 1e-12, "MAD does not see 100");

    is_near(recs_decay(1000, 900, 100), 0.5, 1e-12, "one half-life");
    is_near(recs_decay(1000, 700, 100), 0.125, 1e-12, "three half-lives");
    is_near(recs_decay(1000, 2000, 100), 1, 0, "the future is now");
    is_near(recs_decay(1000, 900, 0), 0, 0, "no half-life, no past");
}


int
main(void)
{
    test_gamma();
    test_quantile();
    test_bounds();
    test_rest();

    return done_testing();
}
