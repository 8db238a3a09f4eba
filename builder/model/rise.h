/*
 * Copyright (C) recs authors
 *
 * How much something rises, for trends that are counted anew with each build
 * and for those that are followed event by event (algorithms.md 1.4).
 */

#ifndef _RECS_BUILDER_RISE_H_INCLUDED_
#define _RECS_BUILDER_RISE_H_INCLUDED_


#include <stdint.h>


/* Slow votes that say as much of when it began as the first one's time. */

#define RECS_RISE_SINCE     10.0

/* Fresh votes for confidence 1/2. */

#define RECS_RISE_EVIDENCE  10

/* A value from here on rises for certain. */

#define RECS_RISE_CERTAIN   2.0


/*
 * The ranking value of x fresh votes where mu are expected: log2 of a
 * quantile of Gamma(4 + x) / (4 + mu), times sqrt(ln(1 + x)).  What rises at
 * the quantile of 5 % (EB05, DuMouchel 1999) begins at 2, at 25 % at 1, at
 * the median at 0, the less certain ones squeezed below 1; else 0.
 */

double recs_rise_value(double x, double mu);

/*
 * The slow votes as if it had been there for the whole window, of which it
 * was there for "since", in the same unit.  Of few votes the first one says
 * little about when that was.
 */

double recs_rise_expected(double slow, double since, double window);

/*
 * PRICE_DROP: the value of a drop by a share of the price of what has this
 * demand (decayed feedback).
 */

double recs_drop_value(double share, double demand);

/*
 * LOW_STOCK: days until a stock is gone at the rate at which "sold" units
 * were, which decay with a half-life in days; "history": days since the
 * first event of all, as a young shop has not sold for long.  HUGE_VAL: never.
 */

#define RECS_LOW_STOCK_SOLD    7.0     /* the half-life */
#define RECS_LOW_STOCK_ORDERS  2       /* fewer say nothing */

double recs_low_stock_days(int32_t stock, double sold, double half_life,
    double history);


#endif /* _RECS_BUILDER_RISE_H_INCLUDED_ */
