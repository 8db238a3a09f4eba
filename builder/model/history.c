/*
 * Copyright (C) recs authors
 *
 * The histories: for each user, and each session of the last 30 days, the
 * latest distinct products.  Two passes over the records in order of their
 * identities, one to count and one to fill, so that nothing is allocated
 * that is not kept and threads do not matter to the result.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_event_type.h"
#include "model.h"


#define RECS_HISTORY_DAYS     30
#define RECS_HISTORY_DWELL    1800     /* a longer pause is an absence */
#define RECS_HISTORY_BLOCK    1024
#define RECS_HISTORY_AHEAD    8        /* records whose rows are asked for */
#define RECS_HISTORY_ENTRIES  64       /* rows asked for of one record */


typedef struct {
    uint8_t   identity[RECS_IDENTITY_SIZE];
    uint32_t  number;
    uint32_t  session;                 /* is one */
} recs_history_record_t;


/* Of one thread. */

typedef struct {
    uint32_t            *slot;         /* of an item: its entry + 1, or 0 */
    uint32_t             items[RECS_USER_ENTRIES];
    uint32_t             count;
} recs_history_chosen_t;


typedef struct {
    const recs_dataset_t   *dataset;
    recs_histories_t       *histories;
    recs_history_record_t  *records;
    recs_history_chosen_t  *chosen;    /* by thread */
    uint16_t                signal[256];
    uint8_t                 interest[256];
    uint32_t                now;
    double                  scale;
    double                  valuable;  /* micro */
    unsigned                filling;
} recs_history_t;


static int
recs_history_compare(const void *a, const void *b)
{
    return memcmp(a, b, RECS_IDENTITY_SIZE);
}


/*
 * Signals of what somebody did to a product, not of what was shown.  What was
 * only given back is no interest.
 */

static void
recs_history_signals(recs_history_t *c)
{
    uint16_t                  signal;
    const recs_event_type_t  *t;

    memset(c->signal, 0, sizeof(c->signal));
    memset(c->interest, 0, sizeof(c->interest));

    for (t = recs_event_types; t->name; t++) {
        signal = t->signal & ~RECS_SIGNAL_EXPOSURE;

        c->signal[t->code] = signal;
        c->interest[t->code] = (signal & ~RECS_SIGNAL_REFUND)
                               || (t->signal == 0 && t->weight > 0);
    }
}


static const uint32_t *
recs_history_rows(const recs_dataset_t *d, const recs_history_record_t *r,
    uint64_t *n)
{
    const recs_rows_t  *rows;

    rows = r->session ? &d->by_session : &d->by_user;
    *n = rows->offsets[r->number + 1] - rows->offsets[r->number];

    return rows->entries + rows->offsets[r->number];
}


static void
recs_history_add(recs_history_t *c, const recs_keys16_t *keys, uint32_t n,
    uint32_t session)
{
    recs_history_record_t  *r;

    r = &c->records[c->histories->count++];

    memcpy(r->identity, recs_keys16_get(keys, n), RECS_IDENTITY_SIZE);
    r->number = n;
    r->session = session;
}


/* Whether there is another history that a session's visitor may read. */

static unsigned
recs_history_owned(const recs_dataset_t *d, uint32_t session)
{
    uint32_t  user;

    user = d->owners[session].user;

    return user != RECS_NONE
           && d->by_user.offsets[user] != d->by_user.offsets[user + 1];
}


/* The newest event of a session that is worth a record, 0: none. */

static uint32_t
recs_history_last(const recs_dataset_t *d, uint32_t session)
{
    uint32_t         last;
    const uint64_t  *offsets;

    offsets = d->by_session.offsets;
    last = 0;

    if (offsets[session] != offsets[session + 1]) {
        last = d->time[d->by_session.entries[offsets[session + 1] - 1]];
    }

    if (recs_history_owned(d, session)) {
        last = recs_max(last, d->owners[session].time);
    }

    return last;
}


static void
recs_history_records(recs_history_t *c)
{
    uint32_t               i, last, since;
    const recs_dataset_t  *d;

    d = c->dataset;
    since = c->now - recs_min(c->now, RECS_HISTORY_DAYS * 86400);

    c->records = recs_alloc(((size_t) d->by_user.rows + d->by_session.rows)
                            * sizeof(recs_history_record_t));

    for (i = 0; i < d->by_user.rows; i++) {
        if (d->by_user.offsets[i] != d->by_user.offsets[i + 1]
            && recs_dataset_keeps(d, recs_keys16_get(d->users, i)))
        {
            recs_history_add(c, d->users, i, 0);
        }
    }

    for (i = 0; i < d->by_session.rows; i++) {
        last = recs_history_last(d, i);

        if (last && last >= since
            && recs_dataset_keeps(d, recs_keys16_get(d->sessions, i)))
        {
            recs_history_add(c, d->sessions, i, 1);
        }
    }

    qsort(c->records, c->histories->count, sizeof(recs_history_record_t),
          recs_history_compare);
}


/* Rows of a record are far apart in memory: they are asked for early. */

static void
recs_history_prefetch(const recs_dataset_t *d, const recs_history_record_t *r)
{
    uint64_t         n;
    uint32_t         row;
    const uint32_t  *rows;

    rows = recs_history_rows(d, r, &n);
    n = recs_min(n, RECS_HISTORY_ENTRIES);

    while (n--) {
        row = rows[n];

        __builtin_prefetch(&d->item[row]);
        __builtin_prefetch(&d->type[row]);
        __builtin_prefetch(&d->time[row]);
        __builtin_prefetch(&d->detail[row]);
        __builtin_prefetch(&d->session[row]);
    }
}


/* The latest distinct products, from the newest row back. */

static void
recs_history_choose(const recs_history_t *c, recs_history_chosen_t *chosen,
    const uint32_t *rows, uint64_t n)
{
    uint32_t               item, row;
    const recs_dataset_t  *d;

    d = c->dataset;
    chosen->count = 0;

    while (n-- && chosen->count < RECS_USER_ENTRIES) {
        row = rows[n];

        if (!c->interest[d->type[row]]) {
            continue;
        }

        item = d->item[row];

        if (item != RECS_NO_ITEM && chosen->slot[item] == 0) {
            chosen->items[chosen->count++] = item;
            chosen->slot[item] = chosen->count;
        }
    }
}


static void
recs_history_forget(recs_history_chosen_t *chosen)
{
    uint32_t  i;

    for (i = 0; i < chosen->count; i++) {
        chosen->slot[chosen->items[i]] = 0;
    }
}


/* What is in the cart or the wish list is what was last done about it. */

static uint16_t
recs_history_flags(uint16_t flags, uint16_t signal)
{
    if (signal & RECS_SIGNAL_VIEW) {
        flags |= RECS_SEEN_VIEWED;
    }

    if (signal & RECS_SIGNAL_CART) {
        flags |= RECS_SEEN_CART;
    }

    if (signal & RECS_SIGNAL_UNCART) {
        flags &= ~RECS_SEEN_CART;
    }

    if (signal & RECS_SIGNAL_WISH) {
        flags |= RECS_SEEN_WISHED;
    }

    if (signal & RECS_SIGNAL_UNWISH) {
        flags &= ~RECS_SEEN_WISHED;
    }

    if (signal & RECS_SIGNAL_PURCHASE) {
        flags |= RECS_SEEN_PURCHASED;
        flags &= ~RECS_SEEN_CART;
    }

    if (signal & RECS_SIGNAL_DISMISS) {
        flags |= RECS_SEEN_DISMISSED;
    }

    return flags;
}


/*
 * The seconds that an event tells, or else those until the visitor's next
 * one in the same session.
 */

static uint32_t
recs_history_duration(const recs_dataset_t *d, const uint32_t *rows,
    uint64_t n, uint64_t i)
{
    uint32_t  next, pause, row;

    row = rows[i];

    if (d->duration && d->duration[row]) {
        return d->duration[row];
    }

    if (i + 1 == n || d->session[row] == RECS_NONE) {
        return 0;
    }

    next = rows[i + 1];
    pause = d->time[next] - d->time[row];

    return (d->session[next] == d->session[row]
            && pause <= RECS_HISTORY_DWELL)
           ? pause : 0;
}


static void
recs_history_touch(const recs_history_t *c, recs_format_seen_t *seen,
    uint32_t row)
{
    double                 weight;
    uint16_t               signal;
    uint32_t               time;
    const recs_dataset_t  *d;

    d = c->dataset;
    time = d->time[row];
    signal = c->signal[d->type[row]];
    weight = recs_dataset_weight(d, row);

    if (time < c->now) {
        weight *= exp2(-(double) (c->now - time) * c->scale);
    }

    seen->weight += (float) weight;

    if (!c->interest[d->type[row]]) {
        return;
    }

    if (signal & RECS_SIGNAL_VIEW) {

        if (seen->views == 0) {
            seen->first = time;
        }

        seen->views += (seen->views < UINT16_MAX);
    }

    if (seen->first == 0) {
        seen->first = time;
    }

    seen->last = time;
    seen->flags = recs_history_flags(seen->flags, signal);
}


static void
recs_history_entries(const recs_history_t *c,
    const recs_history_chosen_t *chosen, const uint32_t *rows, uint64_t n,
    recs_format_seen_t *seen)
{
    uint32_t               k, slot;
    uint64_t               i;
    recs_format_seen_t    *s;
    const recs_dataset_t  *d;

    d = c->dataset;
    memset(seen, 0, chosen->count * sizeof(recs_format_seen_t));

    for (k = 0; k < chosen->count; k++) {
        seen[k].item = chosen->items[k];
    }

    for (i = 0; i < n; i++) {

        if (d->item[rows[i]] == RECS_NO_ITEM) {
            continue;
        }

        slot = chosen->slot[d->item[rows[i]]];

        if (slot == 0) {
            continue;
        }

        s = &seen[slot - 1];
        recs_history_touch(c, s, rows[i]);

        if (c->signal[d->type[rows[i]]] & RECS_SIGNAL_VIEW) {
            s->duration += recs_history_duration(d, rows, n, i);
        }
    }

    for (k = 0; k < chosen->count; k++) {
        seen[k].weight = (float) recs_dataset_feedback(seen[k].weight);
    }
}


/* Net of what went back, whose quantity is negative. */

static double
recs_history_spent(const recs_history_t *c, const uint32_t *rows, uint64_t n)
{
    double                spent;
    uint64_t              i;
    const recs_detail_t  *detail;

    spent = 0;

    for (i = 0; i < n; i++) {

        if (c->dataset->detail[rows[i]] == RECS_NONE
            || !(c->signal[c->dataset->type[rows[i]]]
                 & (RECS_SIGNAL_PURCHASE|RECS_SIGNAL_REFUND)))
        {
            continue;
        }

        detail = &c->dataset->details[c->dataset->detail[rows[i]]];

        if (detail->price != RECS_NO_MONEY) {
            spent += (double) detail->price * ((double) detail->quantity
                                               / RECS_MICRO);
        }
    }

    return spent;
}


/* The last one that an event says, RECS_NONE where none does. */

static uint32_t
recs_history_region(const recs_dataset_t *d, const uint32_t *rows, uint64_t n)
{
    while (d->region && n--) {
        if (d->region[rows[n]]) {
            return d->region[rows[n]] - 1;
        }
    }

    return RECS_NONE;
}


static void
recs_history_fill(const recs_history_t *c,
    const recs_history_chosen_t *chosen, const uint32_t *rows, uint64_t n,
    uint32_t record)
{
    uint32_t                      user;
    recs_histories_t             *h;
    recs_format_user_t           *head;
    const recs_dataset_t         *d;
    const recs_history_record_t  *r;

    d = c->dataset;
    h = c->histories;
    r = &c->records[record];
    head = &h->heads[record];

    memset(head, 0, sizeof(recs_format_user_t));
    memcpy(h->identities + (size_t) record * RECS_IDENTITY_SIZE, r->identity,
           RECS_IDENTITY_SIZE);

    head->count = chosen->count;
    head->segment = RECS_NONE;
    head->region = RECS_NONE;

    if (r->session) {
        head->flags = RECS_USER_SESSION;
        head->last_ms = (int64_t) recs_history_last(d, r->number) * 1000;
        user = d->owners[r->number].user;

        if (user != RECS_NONE
            && recs_dataset_keeps(d, recs_keys16_get(d->users, user)))
        {
            memcpy(head->user, recs_keys16_get(d->users, user),
                   RECS_IDENTITY_SIZE);
        }

    } else {
        head->last_ms = (int64_t) d->time[rows[n - 1]] * 1000;
        head->region = recs_history_region(d, rows, n);

        if (c->valuable > 0
            && recs_history_spent(c, rows, n) >= c->valuable)
        {
            head->flags |= RECS_USER_VALUABLE;
        }
    }

    recs_history_entries(c, chosen, rows, n, h->seen + h->offsets[record]);
}


static void
recs_history_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t                i;
    uint64_t                n;
    recs_history_t         *c;
    const uint32_t         *rows;
    recs_history_chosen_t  *chosen;

    c = ctx;
    chosen = &c->chosen[thread];

    for (i = from; i < to; i++) {

        if (i + RECS_HISTORY_AHEAD < c->histories->count) {
            recs_history_prefetch(c->dataset,
                                  &c->records[i + RECS_HISTORY_AHEAD]);
        }

        rows = recs_history_rows(c->dataset, &c->records[i], &n);
        recs_history_choose(c, chosen, rows, n);

        if (c->filling) {
            recs_history_fill(c, chosen, rows, n, i);

        } else {
            c->histories->offsets[i] = chosen->count;
        }

        recs_history_forget(chosen);
    }
}


/*
 * Drops the records that have nothing, counts become offsets.  A session in
 * which somebody only logged in leads to that user's history.
 */

static void
recs_history_layout(recs_history_t *c)
{
    uint32_t           count, i, kept;
    uint64_t           sum;
    recs_histories_t  *h;

    h = c->histories;

    for (i = 0, kept = 0, sum = 0; i < h->count; i++) {
        count = (uint32_t) h->offsets[i];

        if (count == 0
            && !(c->records[i].session
                 && recs_history_owned(c->dataset, c->records[i].number)))
        {
            continue;
        }

        c->records[kept] = c->records[i];
        h->offsets[kept++] = sum;
        sum += count;
    }

    h->offsets[kept] = sum;
    h->count = kept;
    h->identities = recs_alloc((size_t) kept * RECS_IDENTITY_SIZE);
    h->heads = recs_alloc((size_t) kept * sizeof(recs_format_user_t));
    h->seen = recs_alloc((size_t) sum * sizeof(recs_format_seen_t));
}


static void
recs_history_run(recs_history_t *c, unsigned threads)
{
    unsigned  i;
    uint32_t  items;

    items = c->dataset->items;
    c->chosen = recs_calloc(threads, sizeof(recs_history_chosen_t));

    for (i = 0; i < threads; i++) {
        c->chosen[i].slot = recs_calloc(items, sizeof(uint32_t));
    }

    c->filling = 0;
    recs_parallel(threads, c->histories->count, RECS_HISTORY_BLOCK,
                  recs_history_block, c);

    recs_history_layout(c);

    c->filling = 1;
    recs_parallel(threads, c->histories->count, RECS_HISTORY_BLOCK,
                  recs_history_block, c);

    for (i = 0; i < threads; i++) {
        free(c->chosen[i].slot);
    }

    free(c->chosen);
}


int
recs_model_histories(const recs_dataset_t *d, const recs_config_t *config,
    recs_histories_t *h, recs_error_t *err)
{
    recs_history_t  c;

    memset(h, 0, sizeof(recs_histories_t));

    c.dataset = d;
    c.histories = h;
    c.now = (uint32_t) recs_max(0, recs_min(d->now_ms / 1000,
                                            UINT32_MAX - 1));
    c.scale = (config->half_life_days > 0)
              ? 1 / (config->half_life_days * 86400) : 0;

    c.valuable = config->high_value * RECS_MICRO;

    recs_history_signals(&c);
    recs_history_records(&c);

    h->offsets = recs_calloc((size_t) h->count + 1, sizeof(uint64_t));

    recs_history_run(&c, (unsigned) recs_max(1, config->threads));

    free(c.records);

    return RECS_OK;
}


void
recs_histories_free(recs_histories_t *h)
{
    free(h->identities);
    free(h->heads);
    free(h->offsets);
    free(h->seen);

    memset(h, 0, sizeof(recs_histories_t));
}
