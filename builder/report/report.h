/*
 * Copyright (C) recs authors
 *
 * What became of recommendations, followed event by event: served, seen,
 * clicked, put into a cart, bought, given back.  The outcome is a function of
 * the set of events, not of their order: late ones change what they should,
 * and a second run over the same log gives the same cells, bit by bit.
 *
 * Definitions (docs/analytics.md has them for people):
 *
 *   touch        a click on a recommended item (RECOMMENDATION_CLICK, or any
 *                event of signal click with a recommendationId), or, of less
 *                weight, an item served or seen
 *   person       an outcome and a touch are of one person where they have the
 *                same verified user or the same session
 *   outcome      a line of a cart, order or refund; it is attributed to the
 *                clicks on the same product by the same person that came
 *                before it within "report_click_days" (7), or to those with
 *                the recommendationId that the event names
 *   view-through an order line without such a click, whose product was seen
 *                (served, where pages report nothing) by the person within
 *                "report_view_hours" (24): to the last one, counted apart
 *   model        "attribution": last (default), first, linear, decay (half as
 *                much a day earlier), position (40 % first, 40 % last, the
 *                rest between); shares add up to RECS_CELL_SHARE exactly
 *   click        counted once per person, product and recommendationId within
 *                30 s (double clicks, COUNTER 5); which are told in the
 *                quality report
 *   bot          a client that says so; a person who looks at things in as
 *                many seconds of a minute, or a day, as "trust_minute" and
 *                "trust_day" say: nothing of that day is counted but "bots"
 *
 * The dimensions of a cell are those of the touch; the hour is that of the
 * event that is counted.  A recommendation whose list is not known has
 * strategy RECS_CELL_UNKNOWN.
 *
 * Memory: about 100 bytes a touch within the windows, 200 a cell.
 */

#ifndef _RECS_BUILDER_REPORT_H_INCLUDED_
#define _RECS_BUILDER_REPORT_H_INCLUDED_


#include <jansson.h>

#include "../../core/event/recs_event.h"
#include "../../core/snapshot/recs_cell.h"
#include "../config.h"


typedef struct recs_report_s  recs_report_t;


typedef enum {
    RECS_ATTRIBUTION_LAST = 0,
    RECS_ATTRIBUTION_FIRST,
    RECS_ATTRIBUTION_LINEAR,
    RECS_ATTRIBUTION_DECAY,
    RECS_ATTRIBUTION_POSITION
} recs_attribution_e;


/* "config" lives as long as the report. */

recs_report_t *recs_report_create(const recs_config_t *config);
void recs_report_destroy(recs_report_t *r);

/*
 * An event of the log, a recs_sink_pt with the report as ctx, in any order,
 * each once; those of other shops do not matter.  Never fails.
 */

int recs_report_add(void *ctx, const recs_event_t *e, recs_error_t *err);

/*
 * The same for who reads a log from its beginning: the clock goes on day by
 * day with the arrival of what workers have sent, so that no more is held
 * than the windows need.
 */

int recs_report_replay(void *ctx, const recs_event_t *e, recs_error_t *err);

/*
 * Forgets touches that nothing can be attributed to any more, folds hours
 * that are older than "report_hours" into days.  now_ms never goes back.
 */

void recs_report_clock(recs_report_t *r, int64_t now_ms);

/*
 * All cells in the order of recs_cell_compare(), or, with "since" (a number
 * of recs_report_turn()), those of the hours and days that have changed
 * since.  Names by number.  Owned by the report, valid until the next add.
 */

typedef struct {
    const recs_cell_t       *cells;
    size_t                   count;
    const recs_str_t        *names;
    uint32_t                 name_count;
    recs_cell_meta_t         meta;         /* without "lost" and "gaps"; made
                                              by the clock, without one when
                                              the latest event was */
} recs_report_view_t;

void recs_report_view(recs_report_t *r, uint64_t since,
    recs_report_view_t *view);

/* A number that grows with each change. */

uint64_t recs_report_turn(const recs_report_t *r);

/*
 * All that add() has made of events, cells, touches and names, as bytes that
 * the caller frees; and back, into a report that nothing was added to.  With
 * them the files of the event log that it was made of may go (log_retain.h).
 * The same events give the same bytes.  RECS_ERROR: damaged, or made under
 * another attribution or window; the message says which.
 */

void *recs_report_save(recs_report_t *r, size_t *len);
int recs_report_load(recs_report_t *r, const void *data, size_t len,
    recs_error_t *err);

/* Forgets who a person was: touches stay, as nobody's. */

void recs_report_forget(recs_report_t *r, const recs_identity_t *identity);

/* The same, by names that its events get, too; figures stay. */

typedef struct {
    recs_identity_t  from;
    recs_identity_t  to;
    unsigned         shared;     /* only with a user who is not */
} recs_report_alias_t;

void recs_report_become(recs_report_t *r, const recs_report_alias_t *aliases,
    size_t count);


/*
 * The table of reports: one row each.  recs_report_make() writes one as JSON,
 * which is served at /analytics/reports/NAME; the caller has it afterwards.
 */

typedef struct {
    const char  *name;
    const char  *text;
} recs_report_definition_t;

typedef struct {
    const char  *name;               /* "data-quality" */
    const char  *title;
    json_t    *(*make)(recs_report_t *r);
    const recs_report_definition_t  *definitions;    /* of its numbers */
} recs_report_row_t;

extern const recs_report_row_t  recs_reports[];    /* name NULL ends */

/* With what its numbers mean. */

json_t *recs_report_make(recs_report_t *r, const recs_report_row_t *row);


#endif /* _RECS_BUILDER_REPORT_H_INCLUDED_ */
