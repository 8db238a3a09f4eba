/*
 * Copyright (C) recs authors
 *
 * What went through: a sink that drops repeated messages, counts, and hands
 * on; and the facts that a command prints at its end.
 */

#ifndef _RECS_BUILDER_SUMMARY_H_INCLUDED_
#define _RECS_BUILDER_SUMMARY_H_INCLUDED_


#include "../memory.h"
#include "../source/source.h"


#define RECS_TALLY_CURRENCIES  16
#define RECS_SUMMARY_FACTS     32


/* Money is exact: price and quantity, both in millionths, are multiplied. */

typedef struct {
    char           name[4];
    __int128       revenue;
} recs_tally_money_t;

typedef struct {
    recs_sink_pt         sink;
    void                *ctx;
    recs_keys16_t       *messages;   /* NULL: repeated ones pass */
    uint64_t             seed;
    uint64_t             events;
    uint64_t             products;
    uint64_t             users;
    uint64_t             refunds;    /* lines */
    uint64_t             anonymous;  /* lines without a user */
    __int128             revenue;    /* micro * micro, net of refunds */
    unsigned             money_count;
    recs_tally_money_t   money[RECS_TALLY_CURRENCIES];
} recs_tally_t;


void recs_tally_init(recs_tally_t *t, recs_sink_pt sink, void *ctx,
    unsigned unique);
void recs_tally_free(recs_tally_t *t);

/* A recs_sink_pt whose ctx is the tally. */

int recs_tally_add(void *tally, const recs_event_t *e, recs_error_t *err);

/* The revenue as micro, rounded half away from zero. */

int64_t recs_tally_micro(__int128 revenue);


typedef enum {
    RECS_FACT_COUNT = 0,
    RECS_FACT_MICRO,
    RECS_FACT_SECONDS,           /* ms */
    RECS_FACT_ID
} recs_fact_e;

typedef struct {
    char           name[24];     /* key of key=value and of JSON */
    const char    *label;        /* on a terminal */
    recs_fact_e    kind;
    int64_t        value;
} recs_fact_t;

typedef struct {
    unsigned       count;
    recs_fact_t    facts[RECS_SUMMARY_FACTS];
} recs_summary_t;


void recs_summary_add(recs_summary_t *s, const char *name, const char *label,
    recs_fact_e kind, int64_t value);

/* Revenue in all, and by currency where there are several. */

void recs_summary_money(recs_summary_t *s, const recs_tally_t *t,
    int64_t revenue);

/*
 * To standard output: one line a fact, for people on a terminal and as
 * key=value elsewhere; or all of them as one JSON object.
 */

void recs_summary_print(const recs_summary_t *s, unsigned json);


/* Milliseconds of a clock that only goes on. */

int64_t recs_summary_clock(void);

/* Milliseconds of processor that this process has taken. */

int64_t recs_summary_cpu(void);


#endif /* _RECS_BUILDER_SUMMARY_H_INCLUDED_ */
