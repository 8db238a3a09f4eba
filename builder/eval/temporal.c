/*
 * Copyright (C) recs authors
 *
 * temporal: any event log, cut at one moment for everybody.  What came up to
 * the cut is learnt from, what came after it is asked; nothing of the second
 * part is in the first: neither a counter nor a price, nor a product that
 * only came later.  A session or an order that the cut goes through ends
 * there, its rest is not asked.
 *
 * The log is read twice: once as a dataset, which knows times, baskets and
 * refunds, and whose rows after the cut make the cases (temporal_cases.c);
 * then up to the cut for the sink.
 */

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "../../core/recs_hash.h"
#include "split.h"
#include "temporal.h"


/* Members of a catalogue row that a later day may have written. */

static const char *const  recs_temporal_volatile[] = {
    "price", "listPrice", "list_price", "stock", "rating", "ratingCount",
    "rating_count", NULL
};


typedef struct {
    const recs_eval_input_t  *in;
    const recs_temporal_t    *t;
    uint64_t                 *known;     /* key64 of items, ascending */
    uint32_t                  count;
} recs_temporal_sink_t;


static int recs_temporal_read(const recs_eval_input_t *in,
    recs_sink_pt sink, void *ctx, recs_error_t *err);
static void recs_temporal_cut(recs_temporal_t *t);
static uint32_t recs_temporal_moment(const recs_dataset_t *d, double days,
    uint32_t from);
static void recs_temporal_known(recs_temporal_t *t);
static int recs_temporal_learn(recs_temporal_t *t, recs_error_t *err);
static int recs_temporal_sink(void *ctx, const recs_event_t *e,
    recs_error_t *err);
static int recs_temporal_product(recs_temporal_sink_t *s,
    const recs_event_t *e, recs_error_t *err);
static char *recs_temporal_document(const recs_str_t *text);
static uint64_t recs_temporal_hash(const recs_dataset_t *d);
static void recs_temporal_tell(const recs_temporal_t *t);
static int recs_compare_keys(const void *one, const void *two);


int
recs_split_temporal(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err)
{
    int               rc;
    recs_config_t     config;
    recs_temporal_t   t;

    memset(&t, 0, sizeof(recs_temporal_t));
    recs_config_init(&config);

    t.in = in;
    t.cases = cases;
    t.d = recs_dataset_create(&config);

    rc = recs_temporal_read(in, recs_dataset_add, t.d, err);

    if (rc == RECS_OK) {
        rc = recs_dataset_finish(t.d, err);
    }

    if (rc == RECS_OK) {
        recs_temporal_cut(&t);
        recs_temporal_known(&t);
        recs_temporal_cases(&t);
        recs_temporal_tell(&t);

        cases->hash = recs_temporal_hash(t.d);
        rc = recs_temporal_learn(&t, err);
    }

    recs_dataset_destroy(t.d);
    free(t.known);

    return rc;
}


static int
recs_temporal_read(const recs_eval_input_t *in, recs_sink_pt sink, void *ctx,
    recs_error_t *err)
{
    int             rc;
    unsigned        i;
    recs_error_t    bad;
    recs_source_t   source;

    memset(&source, 0, sizeof(recs_source_t));

    source.keys = in->keys;
    source.sink = sink;
    source.ctx = ctx;
    source.shop.data = (const uint8_t *) "";

    /* the catalogue comes first, as in a build */

    for (i = 1, rc = RECS_OK; in->paths[i] && rc == RECS_OK; i++) {
        rc = recs_source_read(&source, in->paths[i], RECS_FILE_CATALOG, err);
    }

    if (rc == RECS_OK) {
        rc = recs_source_read(&source, in->paths[0], RECS_FILE_EVENTS, err);
    }

    if (recs_source_end(&source, 0.05, &bad) != RECS_OK && rc == RECS_OK) {
        *err = bad;
        rc = RECS_ERROR;
    }

    return rc;
}


static void
recs_temporal_cut(recs_temporal_t *t)
{
    const recs_dataset_t  *d;

    d = t->d;
    t->end = d->events ? d->time[d->events - 1] : 0;
    t->cut = recs_temporal_moment(d, t->in->test_days, t->end);

    if (t->in->part == RECS_PART_VALIDATION) {
        t->end = t->cut;
        t->cut = recs_temporal_moment(d, t->in->validation_days, t->end);
    }
}


/*
 * So many days before "from"; without a number a tenth of all events before
 * those up to "from".
 */

static uint32_t
recs_temporal_moment(const recs_dataset_t *d, double days, uint32_t from)
{
    uint64_t  n, tenth;

    if (days > 0) {
        return from - (uint32_t) recs_min(days * 86400.0, (double) from);
    }

    for (n = d->events; n > 0 && d->time[n - 1] > from; n--) {
        /* void */
    }

    tenth = d->events / 10 + 1;

    return n > tenth ? d->time[n - tenth - 1] : 0;
}


/* An item is known by an event, or by the day it was made. */

static void
recs_temporal_known(recs_temporal_t *t)
{
    uint32_t               i;
    const recs_dataset_t  *d;

    d = t->d;
    t->known = recs_calloc((size_t) d->items + 1, 1);

    for (i = 0; i < d->events && d->time[i] <= t->cut; i++) {
        if (d->item[i] != RECS_NO_ITEM) {
            t->known[d->item[i]] = 1;
        }
    }

    for (i = 0; i < d->items; i++) {
        if (d->products[i].created_ms > 0
            && d->products[i].created_ms / 1000 <= (int64_t) t->cut)
        {
            t->known[i] = 1;
        }
    }
}


static int
recs_temporal_learn(recs_temporal_t *t, recs_error_t *err)
{
    int                    rc;
    uint32_t               i;
    recs_temporal_sink_t   s;

    s.in = t->in;
    s.t = t;
    s.count = 0;
    s.known = recs_alloc((size_t) t->d->items * sizeof(uint64_t) + 1);

    for (i = 0; i < t->d->items; i++) {
        if (t->known[i]) {
            s.known[s.count++] = t->d->products[i].key64;
        }
    }

    qsort(s.known, s.count, sizeof(uint64_t), recs_compare_keys);

    rc = recs_temporal_read(t->in, recs_temporal_sink, &s, err);

    free(s.known);

    return rc;
}


static int
recs_temporal_sink(void *ctx, const recs_event_t *e, recs_error_t *err)
{
    int64_t                seconds;
    recs_temporal_sink_t  *s;

    s = ctx;

    if (e->class == RECS_CLASS_PRODUCT) {
        return recs_temporal_product(s, e, err);
    }

    seconds = recs_max(e->time_ms, 0) / 1000;

    return seconds <= (int64_t) s->t->cut ? s->in->sink(s->in->ctx, e, err)
                                          : RECS_OK;
}


static int
recs_temporal_product(recs_temporal_sink_t *s, const recs_event_t *e,
    recs_error_t *err)
{
    int            rc;
    char          *text;
    uint64_t       key;
    recs_event_t   copy;

    if (e->item_count == 0) {
        return RECS_OK;
    }

    key = recs_key64(e->items[0].product.data, e->items[0].product.len);

    if (!bsearch(&key, s->known, s->count, sizeof(uint64_t),
                 recs_compare_keys))
    {
        return RECS_OK;
    }

    text = recs_temporal_document(&e->document);

    if (text == NULL) {
        return s->in->sink(s->in->ctx, e, err);
    }

    copy = *e;
    copy.document.data = (const uint8_t *) text;
    copy.document.len = strlen(text);

    rc = s->in->sink(s->in->ctx, &copy, err);

    free(text);

    return rc;
}


static char *
recs_temporal_document(const recs_str_t *text)
{
    char               *out;
    json_t             *row;
    const char *const  *name;

    row = json_loadb((const char *) text->data, text->len, 0, NULL);

    if (row == NULL) {
        return NULL;
    }

    for (name = recs_temporal_volatile; *name; name++) {
        (void) json_object_del(row, *name);
    }

    out = json_dumps(row, JSON_COMPACT);
    json_decref(row);

    return out;
}


/* Who did what with which product when. */

static uint64_t
recs_temporal_hash(const recs_dataset_t *d)
{
    uint32_t  i;
    uint64_t  hash, row[4];

    for (i = 0, hash = 0; i < d->events; i++) {
        row[0] = d->time[i];
        row[1] = d->item[i] == RECS_NO_ITEM
                 ? 0 : d->products[d->item[i]].key64;
        row[2] = d->type[i];
        row[3] = ((uint64_t) d->user[i] << 32) | d->session[i];

        hash = XXH3_64bits_withSeed(row, sizeof(row), hash);
    }

    return hash;
}


static void
recs_temporal_tell(const recs_temporal_t *t)
{
    uint32_t  i, items, known;

    for (i = 0, items = 0, known = 0; i < t->d->items; i++) {
        items++;
        known += t->known[i];
    }

    recs_message(RECS_MSG_NOTICE, "temporal", "cut at %u\titems=%u known=%u "
                 "cases=%u cold_users=%u cold_right=%llu right=%llu "
                 "trimmed=%u", t->cut, items, known, t->cases->count,
                 t->cold_users, (unsigned long long) t->cold,
                 (unsigned long long) t->right, t->trimmed);
}


static int
recs_compare_keys(const void *one, const void *two)
{
    uint64_t  a, b;

    a = *(const uint64_t *) one;
    b = *(const uint64_t *) two;

    return (a > b) - (a < b);
}
