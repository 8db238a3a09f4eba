/*
 * Copyright (C) recs authors
 *
 * What people did with one item, without what one of them did too often:
 * votes (an identity has one a day) and units (of an order, damped).
 */

#ifndef _RECS_BUILDER_DEMAND_H_INCLUDED_
#define _RECS_BUILDER_DEMAND_H_INCLUDED_


#include "model.h"


#define RECS_DAY       86400u

/* Signals by which somebody shows interest, and by which money moves. */

#define RECS_SIGNALS_INTEREST                                                \
    (RECS_SIGNAL_VIEW | RECS_SIGNAL_CLICK | RECS_SIGNAL_CART                 \
     | RECS_SIGNAL_WISH | RECS_SIGNAL_PURCHASE)

#define RECS_SIGNALS_MONEY  (RECS_SIGNAL_PURCHASE | RECS_SIGNAL_REFUND)


/* recs_event_types[] by code. */

typedef struct {
    uint16_t  signal[256];
    float     weight[256];       /* without a rating */
    float     star[256];         /* of a star above three, 0: not rated */
} recs_signals_t;

void recs_signals_init(recs_signals_t *s);


/*
 * The rows of events that have one of the signals, by item, oldest first.
 * Costs 4 bytes an event and 8 an item; free() both members.
 */

void recs_demand_rows(const recs_dataset_t *d, unsigned signals,
    recs_rows_t *rows);

/* The same from one region; RECS_NONE: from all. */

void recs_demand_region(const recs_dataset_t *d, unsigned signals,
    uint32_t region, recs_rows_t *rows);


/* A vote, or the units of an order. */

typedef struct {
    uint64_t  key;               /* identity and day, or the order */
    uint32_t  time;
    float     units;
    uint32_t  event;             /* the first one */
} recs_demand_t;

/*
 * Of the events of one item, at most n results into out, oldest first:
 * votes: one for each identity (user, else session, else the event itself)
 * and day, units 1, the time of its first event;
 * units: one for each order, by its sum of pieces q, 1 + log2 q (less than
 * one piece: q), negative where more went back than was bought.
 */

uint32_t recs_demand_votes(const recs_dataset_t *d, const uint32_t *events,
    uint32_t n, recs_demand_t *out);
uint32_t recs_demand_units(const recs_dataset_t *d, const recs_signals_t *s,
    const uint32_t *events, uint32_t n, recs_demand_t *out);

/*
 * Whether a person, users first and then sessions, knows one product only: a
 * byte each, to be freed.  One who is nobody is always alone.  Who comes for
 * one product may have been sent, so that what ranks by little evidence takes
 * as much from them, for what others do, as all products have: "usual" is
 * that ratio, and of so many others the result is how many count: all of them
 * where nine of ten are alone in the whole shop.
 */

uint8_t *recs_demand_singles(const recs_dataset_t *d);
unsigned recs_demand_alone(const recs_dataset_t *d, const uint8_t *singles,
    uint32_t event);
uint32_t recs_demand_usual(double usual, uint32_t others);

/* The longest row. */

uint32_t recs_demand_longest(const recs_rows_t *rows);

/* The clock of the models: now, and the time of the first event. */

uint32_t recs_demand_now(const recs_dataset_t *d);
uint32_t recs_demand_first(const recs_dataset_t *d);


#endif /* _RECS_BUILDER_DEMAND_H_INCLUDED_ */
