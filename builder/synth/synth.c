/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "synth.h"


#define RECS_SYNTH_HOUR  ((int64_t) 3600 * 1000)


/* Visitors of an hour: few at night, many on Sundays and before Christmas. */

static double
recs_synth_traffic(int64_t ms)
{
    double    day, week, year;
    unsigned  weeks;
    int64_t   days;

    days = ms / (24 * RECS_SYNTH_HOUR);
    weeks = recs_synth_week(ms);

    day = (double) (ms % (24 * RECS_SYNTH_HOUR)) / RECS_SYNTH_HOUR;
    day = 1.05 + sin((day - 11) / 24 * 2 * M_PI);

    /* the first of January 1970 was a Thursday */

    week = ((days + 4) % 7 == 0) ? 1.3 : ((days + 4) % 7 == 6) ? 0.85 : 1;
    year = (weeks >= 46 && weeks <= 50) ? 1.6 : (weeks < 4) ? 1.15 : 1;

    return day * week * year;
}


static int
recs_synth_hour(recs_synth_visits_t *v, recs_synth_file_t *f, int64_t ms,
    uint64_t target, recs_error_t *err)
{
    recs_synth_later_t   later;
    const recs_synth_t  *s;

    s = v->shop;

    while (recs_synth_queue_due(v->queue, ms + RECS_SYNTH_HOUR, &later)) {
        recs_synth_follow(v, &later);
    }

    while (v->queue->queued < target) {
        recs_synth_visit(v, ms + recs_random_below(&v->random,
                                                   RECS_SYNTH_HOUR));
    }

    recs_progress("synth", v->queue->written, s->events);

    return recs_synth_queue_flush(v->queue, f, ms + RECS_SYNTH_HOUR,
                                  s->events, err);
}


/*
 * Events are dealt out to the hours by their traffic.  The last hour is left
 * to the visits that began before it.
 */

static int
recs_synth_hours(recs_synth_t *s, recs_synth_visits_t *v,
    recs_synth_file_t *f, recs_error_t *err)
{
    double    all, sum;
    int64_t   end, ms;
    unsigned  week;

    end = s->now_ms - RECS_SYNTH_HOUR;
    week = 53;

    for (ms = s->start_ms, all = 0; ms < end; ms += RECS_SYNTH_HOUR) {
        all += recs_synth_traffic(ms);
    }

    for (ms = s->start_ms, sum = 0; ms < end; ms += RECS_SYNTH_HOUR) {

        if (recs_synth_week(ms) != week) {
            week = recs_synth_week(ms);
            recs_synth_season(s, ms);
        }

        sum += recs_synth_traffic(ms);

        if (recs_synth_hour(v, f, ms,
                            (uint64_t) ceil((double) s->events * sum / all),
                            err)
            != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    recs_progress_end();

    return recs_synth_queue_flush(v->queue, f, INT64_MAX, s->events, err);
}


static int
recs_synth_events(recs_synth_t *s, recs_error_t *err)
{
    int                  rc;
    recs_synth_file_t    f;
    recs_synth_queue_t   q;
    recs_synth_visits_t  v;

    if (recs_synth_open(&f, s->out, "events.jsonl", err) != RECS_OK) {
        return RECS_ERROR;
    }

    memset(&q, 0, sizeof(recs_synth_queue_t));
    memset(&v, 0, sizeof(recs_synth_visits_t));

    v.shop = s;
    v.queue = &q;
    v.random.state = recs_random_mix(s->seed);

    rc = recs_synth_hours(s, &v, &f, err);

    recs_synth_queue_free(&q);

    return (recs_synth_close(&f, err) == RECS_OK) ? rc : RECS_ERROR;
}


int
recs_synth_write(recs_synth_t *s, recs_error_t *err)
{
    int  rc;

    recs_synth_stock(s);

    rc = recs_synth_catalog(s, err);

    if (rc == RECS_OK) {
        rc = recs_synth_users(s, err);
    }

    if (rc == RECS_OK) {
        rc = recs_synth_events(s, err);
    }

    free(s->products);

    return rc;
}
