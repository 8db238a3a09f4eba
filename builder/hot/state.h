/*
 * Copyright (C) recs authors
 *
 * What has changed since the base was built, followed event by event: votes
 * of products in the shop and in regions, what was sold, offers that were
 * updated, what was shown and clicked.  It is what a hot layer
 * (core/snapshot/recs_hot.h) is made of, and it is in memory only: after a
 * start it is made again from the tail of the event log.
 *
 * Memory: about 200 bytes a product that something happened to, 64 a product
 * and region, 5 a product of the base, 16 a remembered vote, 32 a remembered
 * person.
 */

#ifndef _RECS_BUILDER_HOT_STATE_H_INCLUDED_
#define _RECS_BUILDER_HOT_STATE_H_INCLUDED_


#include "../../core/event/recs_event.h"
#include "../config.h"
#include "../report/report.h"


/* What is older says next to nothing: the tail of the log to begin with. */

#define RECS_HOT_TAIL_MS  (INT64_C(31) * 86400000)


typedef struct recs_hot_state_s  recs_hot_state_t;


typedef struct {
    uint64_t  events;            /* activities looked at */
    uint64_t  votes;
    uint64_t  twice;             /* votes not counted a second time */
    uint64_t  held;              /* of people of one product, too many, and
                                    clicks of nobody */
    uint64_t  updates;           /* rows of products */
    uint64_t  shown;             /* products in answers served */
    uint64_t  clicked;
    uint64_t  unshown;           /* clicks on what was not shown */
    uint64_t  signals;           /* lines of the file in force */
    uint64_t  layers;            /* published */
    uint32_t  items;             /* of the last one */
    int64_t   published_ms;      /* 0: none yet */
    int64_t   took_ms;
    int64_t   cpu_ms;            /* of the processor */
    uint64_t  base;              /* id, 0 none */
} recs_hot_stats_t;


/* "config" lives as long as the state. */

recs_hot_state_t *recs_hot_state_create(const recs_config_t *config,
    int64_t now_ms);
void recs_hot_state_destroy(recs_hot_state_t *h);

/*
 * Goes on under another configuration.  RECS_DECLINED: what it has counted is
 * not what that asks for, a new state has to be made.
 */

int recs_hot_state_config(recs_hot_state_t *h, const recs_config_t *config);

const recs_hot_stats_t *recs_hot_state_stats(const recs_hot_state_t *h);

/* The wall clock; never goes back. */

void recs_hot_state_clock(recs_hot_state_t *h, int64_t now_ms);

/*
 * From now on events arrive as they are added; before, when they say that
 * they were received: those of a log's tail.
 */

void recs_hot_state_live(recs_hot_state_t *h);

/*
 * An event of the log, a recs_sink_pt with the state as ctx: those of other
 * shops do not matter.  Never fails.
 */

int recs_hot_state_add(void *ctx, const recs_event_t *e, recs_error_t *err);

/*
 * The report whose changes layers have, too, and what is missing in the log;
 * it is somebody else's and gets its events from there.
 */

void recs_hot_state_report(recs_hot_state_t *h, recs_report_t *report);
void recs_hot_state_missing(recs_hot_state_t *h, uint64_t lost,
    uint64_t gaps);

/* A build begins: its base will know what the report says now. */

void recs_hot_state_building(recs_hot_state_t *h);

/*
 * Looks which base is current in config->out and takes it as the reference.
 * "trusted": it has just been built from the log that this state follows, so
 * its hash is not looked at, and it knows what came before its clock; of any
 * other it is what came before its file was written.  RECS_DECLINED: it is
 * the one before, or there is none.
 */

int recs_hot_state_base(recs_hot_state_t *h, unsigned trusted,
    recs_error_t *err);

/*
 * Reads config->hot_signals where it has changed: JSON lines with
 * "productId", "weight" (votes to be added) and perhaps "until" (time,
 * default: as long as the line is there).  A bad line is left out and told.
 */

int recs_hot_state_signals(recs_hot_state_t *h, recs_error_t *err);

/*
 * Publishes a layer into config->hot.  RECS_DECLINED: nothing has changed
 * since the last one, or there is no base yet.  The same is published anew
 * after RECS_HOT_ANEW_MS: who reads layers drops them when they are old.
 */

#define RECS_HOT_ANEW_MS  60000

int recs_hot_state_publish(recs_hot_state_t *h, recs_error_t *err);


#endif /* _RECS_BUILDER_HOT_STATE_H_INCLUDED_ */
