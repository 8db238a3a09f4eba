/*
 * Copyright (C) recs authors
 *
 * What answers showed and what of it was clicked.  The products of an answer
 * are told once; each time it is served only its id is.  Answers are held in
 * a table by id and a ring of products: what is overwritten is an answer
 * nobody has been served for long, and its later exposures do not count.
 */

#include <string.h>

#include "../../core/recs_hash.h"
#include "private.h"


#define RECS_HOT_PRIOR    50.0     /* exposures that the rate counts for */
#define RECS_HOT_RATE     0.02     /* before anything is known */
#define RECS_HOT_LISTS    20       /* exposures worth being told of */


static const recs_hot_answer_t *recs_hot_answered(const recs_hot_state_t *h,
    const recs_event_t *e);
static unsigned recs_hot_listed(const recs_hot_state_t *h,
    const recs_hot_answer_t *a, uint32_t record);
static double recs_hot_shown_weight(const recs_hot_state_t *h,
    const recs_event_t *e);


void
recs_hot_answer(recs_hot_state_t *h, const recs_event_t *e)
{
    uint32_t            i;
    uint64_t            id;
    recs_hot_answer_t  *a;

    id = recs_key64(e->recommendation.data, e->recommendation.len);
    a = &h->answers[id & (RECS_HOT_ANSWERS - 1)];

    a->id = id;
    a->from = h->head;
    a->count = e->key_count;

    for (i = 0; i < e->key_count; i++) {
        h->ring[h->head++ & (RECS_HOT_RING - 1)] = recs_hot_record(h,
                                                                e->keys[i]);
    }
}


void
recs_hot_exposure(recs_hot_state_t *h, const recs_event_t *e)
{
    double                    weight;
    uint32_t                  i, n;
    const recs_hot_answer_t  *a;

    a = recs_hot_answered(h, e);

    if (a == NULL || e->device == RECS_DEVICE_BOT) {
        return;
    }

    weight = recs_hot_shown_weight(h, e);

    for (i = 0; i < a->count; i++) {
        n = h->ring[(a->from + i) & (RECS_HOT_RING - 1)];
        h->records[n].shown += weight;
        h->all_shown += weight;

        if (!(h->records[n].in & RECS_HOT_IN_SHOWN)) {
            h->records[n].in |= RECS_HOT_IN_SHOWN;
            recs_hot_push(&h->shown, n);
        }
    }

    h->stats.shown += a->count;
}


/* The answer of an event, NULL where it is not known (any more). */

static const recs_hot_answer_t *
recs_hot_answered(const recs_hot_state_t *h, const recs_event_t *e)
{
    uint64_t                  id;
    const recs_hot_answer_t  *a;

    id = recs_key64(e->recommendation.data, e->recommendation.len);
    a = &h->answers[id & (RECS_HOT_ANSWERS - 1)];

    return (a->id == id && a->from + RECS_HOT_RING >= h->head) ? a : NULL;
}


/*
 * What was never shown cannot be clicked: such a click is made up.  Nobody's
 * may be one of thousands, and a few of them for each product would be more
 * than its share where little is shown: none of them counts, so that rates
 * are lower where many are nobody, but compare as before.
 */

void
recs_hot_click(recs_hot_state_t *h, const recs_event_t *e)
{
    double                    weight;
    uint32_t                  i, n;
    uint64_t                  key64, who;
    const recs_hot_answer_t  *a;

    a = recs_hot_answered(h, e);

    if (a == NULL) {
        h->stats.unshown++;
        return;
    }

    who = recs_hot_who(e);

    if (who == 0 && h->config->trust) {
        h->stats.held++;
        return;
    }

    weight = recs_hot_shown_weight(h, e);

    for (i = 0; i < e->item_count; i++) {

        if (e->items[i].product.len == 0) {
            continue;
        }

        key64 = recs_key64(e->items[i].product.data,
                           e->items[i].product.len);

        /* one person clicks a product once a day */

        if (!recs_hot_new_vote(h, e, who, recs_hot_clicked(key64))) {
            h->stats.twice++;
            continue;
        }

        n = recs_hot_record(h, key64);

        if (!recs_hot_listed(h, a, n)) {
            h->stats.unshown++;
            continue;
        }

        h->records[n].clicked += weight;
        h->all_clicked += weight;
        h->stats.clicked++;
    }
}


static unsigned
recs_hot_listed(const recs_hot_state_t *h, const recs_hot_answer_t *a,
    uint32_t record)
{
    uint32_t  i;

    for (i = 0; i < a->count; i++) {
        if (h->ring[(a->from + i) & (RECS_HOT_RING - 1)] == record) {
            return 1;
        }
    }

    return 0;
}


static double
recs_hot_shown_weight(const recs_hot_state_t *h, const recs_event_t *e)
{
    return recs_hot_weight(h, recs_min(e->time_ms, h->now_ms) / 1000.0,
                           RECS_HOT_SOLD_DAYS * RECS_HOT_DAY);
}


/* The mean of a Beta posterior whose prior is the rate of the shop. */

float
recs_hot_ctr(const recs_hot_state_t *h, uint32_t record)
{
    double                    clicked, rate, scale, shown;
    const recs_hot_record_t  *r;

    r = &h->records[record];
    scale = recs_hot_now(h, RECS_HOT_SOLD_DAYS * RECS_HOT_DAY);

    shown = r->shown * scale;
    clicked = r->clicked * scale;

    if (shown <= 0) {
        return -1;
    }

    rate = (h->all_clicked * scale + RECS_HOT_RATE * RECS_HOT_PRIOR)
           / (h->all_shown * scale + RECS_HOT_PRIOR);
    rate = recs_min(rate, 1);

    return (float) recs_min((clicked + RECS_HOT_PRIOR * rate)
                            / (shown + RECS_HOT_PRIOR), 1);
}
