/*
 * Copyright (C) recs authors
 */

#include "../../core/recs_types.h"
#include "rise.h"
#include "stats.h"

#include <math.h>


#define RECS_RISE_PRIOR  4.0
#define RECS_RISE_TIERS  3
#define RECS_DROP_POWER  0.7


static const double  recs_rise_quantiles[RECS_RISE_TIERS] = {
    0.05, 0.25, 0.5
};


double
recs_rise_value(double x, double mu)
{
    int     tier;
    double  v;

    /* the median is below the mean: nothing rises, and quantiles are dear */

    if (x <= mu) {
        return 0;
    }

    for (tier = 0; tier < RECS_RISE_TIERS; tier++) {
        v = log2(recs_gamma_quantile(recs_rise_quantiles[tier],
                                     RECS_RISE_PRIOR + x)
                 / (RECS_RISE_PRIOR + mu)) * sqrt(log1p(x));

        if (v > 0) {
            return tier ? RECS_RISE_TIERS - 1 - tier + v / (1 + v)
                        : RECS_RISE_CERTAIN + v;
        }
    }

    return 0;
}


double
recs_rise_expected(double slow, double since, double window)
{
    since = recs_max(0.0, recs_min(since, window));

    since = (slow * since + RECS_RISE_SINCE * window)
            / (slow + RECS_RISE_SINCE);

    return slow * window / since;
}


double
recs_drop_value(double share, double demand)
{
    return pow(share, RECS_DROP_POWER) * (1e-3 + log1p(demand));
}


double
recs_low_stock_days(int32_t stock, double sold, double half_life,
    double history)
{
    double  days;

    if (stock == RECS_NO_STOCK || stock <= 0 || sold <= 0 || history <= 0) {
        return HUGE_VAL;
    }

    /* the mass of one unit a day since then */

    days = half_life / M_LN2 * -expm1(-history * M_LN2 / half_life);

    return stock * days / sold;
}
