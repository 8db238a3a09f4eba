/*
 * Copyright (C) recs authors
 *
 * SOCIAL_PROOF: what the people of a segment buy.  An item j that n_j of the
 * n people of a segment have bought, and N_j of all N,
 *
 *   (n_j / n) x min(4, (n_j / n) / (N_j / N))^.5 x fresh_j,
 *
 * where n_j >= 3, the share drawn towards that of all by 20 people; fresh_j
 * is the mean of 2^(-days / 30) over all purchases of j.  The evidence is n_j.
 *
 * People are sorted by their category, categories are in preorder: those of
 * a subtree are one after the other.
 *
 * Memory: what people touched and bought, 4 bytes each, 12 of a person, 8 an
 * item and thread, 16 of an entry, 12 an item.
 */

#include "cross.h"
#include "demand.h"
#include "rows.h"

#include "../../core/event/recs_event_type.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define RECS_SEGMENTS_LEAST  3
#define RECS_SEGMENTS_SHIFT  20.0      /* people, of the shares of all */
#define RECS_SEGMENTS_LIFT   4.0
#define RECS_SEGMENTS_HALF   10        /* people for confidence 1/2 */
#define RECS_SEGMENTS_BLOCK  4
#define RECS_SEGMENTS_FRESH  (30.0 * RECS_DAY)


typedef struct {
    uint32_t  *counts;                 /* by item */
    uint32_t  *touched;
    recs_top_t top;
} recs_segments_thread_t;

typedef struct {
    const recs_dataset_t    *d;
    const recs_config_t     *c;
    recs_rows_t              buy;      /* of people, their items */
    uint32_t                 people;
    uint32_t                *scope;    /* of a person: its category + 1 */
    uint8_t                 *kind;
    recs_rows_t              by_scope; /* of scopes, their people */
    uint32_t                *buyers;   /* by item */
    double                  *fresh;
    uint32_t                 all;      /* people who have touched anything */
    recs_slots_t             slots;
    recs_segments_thread_t  *threads;
} recs_segments_ctx_t;


static void recs_segments_favourites(recs_segments_ctx_t *s);
static uint32_t recs_segments_favourite(const recs_segments_ctx_t *s,
    const recs_rows_t *touched, uint32_t person, uint32_t *counts);
static void recs_segments_fresh(recs_segments_ctx_t *s);
static void recs_segments_kinds(recs_segments_ctx_t *s);
static void recs_segments_basket(const recs_segments_ctx_t *s,
    uint32_t *baskets, uint32_t *last, const uint8_t *buying, uint32_t row,
    uint64_t *previous);
static uint32_t recs_segments_size(const recs_segments_ctx_t *s,
    uint32_t segment);
static void recs_segments_rows(recs_segments_ctx_t *s, recs_segments_t *out);
static void recs_segments_block(void *ctx, unsigned thread, uint32_t from,
    uint32_t to);
static void recs_segments_row(recs_segments_ctx_t *s,
    recs_segments_thread_t *t, uint32_t segment, uint32_t n);
static void recs_segments_assign(const recs_segments_ctx_t *s,
    recs_segments_t *out);
static void recs_segments_names(const recs_segments_ctx_t *s,
    recs_segments_t *out);


int
recs_model_segments(const recs_dataset_t *d, const recs_config_t *c,
    recs_segments_t *out, recs_error_t *err)
{
    uint32_t             p;
    uint64_t             e;
    recs_segments_ctx_t  s;

    memset(out, 0, sizeof(recs_segments_t));
    memset(&s, 0, sizeof(recs_segments_ctx_t));

    s.d = d;
    s.c = c;
    s.people = recs_cross_people(d);

    recs_cross_items(d, RECS_SIGNAL_PURCHASE, &s.buy);
    recs_segments_favourites(&s);
    recs_segments_kinds(&s);
    recs_segments_fresh(&s);

    s.buyers = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));

    for (p = 0; p < s.people; p++) {
        for (e = s.buy.offsets[p]; e < s.buy.offsets[p + 1]; e++) {
            s.buyers[s.buy.entries[e]]++;
        }
    }

    recs_segments_rows(&s, out);
    recs_segments_assign(&s, out);
    recs_segments_names(&s, out);

    free(s.buy.offsets);
    free(s.buy.entries);
    free(s.scope);
    free(s.kind);
    free(s.by_scope.offsets);
    free(s.by_scope.entries);
    free(s.buyers);
    free(s.fresh);

    return RECS_OK;
}


/* Of equal categories the first; who touched no category is of the shop. */

static void
recs_segments_favourites(recs_segments_ctx_t *s)
{
    uint32_t     p, *counts;
    recs_rows_t  scopes, touched;

    recs_cross_items(s->d, RECS_SIGNALS_INTEREST, &touched);

    counts = recs_calloc((size_t) s->d->categories + 1, sizeof(uint32_t));
    s->scope = recs_alloc((size_t) s->people * sizeof(uint32_t) + 1);

    scopes.rows = s->people;
    scopes.offsets = recs_calloc((size_t) s->people + 1, sizeof(uint64_t));
    scopes.entries = recs_alloc((size_t) s->people * sizeof(uint32_t) + 1);

    for (p = 0; p < s->people; p++) {
        scopes.offsets[p + 1] = scopes.offsets[p];
        s->scope[p] = RECS_NONE;

        if (touched.offsets[p] != touched.offsets[p + 1]) {
            s->scope[p] = recs_segments_favourite(s, &touched, p, counts);
            scopes.entries[scopes.offsets[p + 1]++] = s->scope[p];
            s->all++;
        }
    }

    recs_rows_turn(&scopes, s->d->categories + 1, &s->by_scope);

    free(scopes.offsets);
    free(scopes.entries);
    free(touched.offsets);
    free(touched.entries);
    free(counts);
}


static uint32_t
recs_segments_favourite(const recs_segments_ctx_t *s,
    const recs_rows_t *touched, uint32_t person, uint32_t *counts)
{
    uint32_t  best, c;
    uint64_t  e;

    best = RECS_NONE;

    for (e = touched->offsets[person]; e < touched->offsets[person + 1]; e++)
    {
        c = s->d->products[touched->entries[e]].category;

        if (c < s->d->categories) {
            counts[c]++;
        }
    }

    for (e = touched->offsets[person]; e < touched->offsets[person + 1]; e++)
    {
        c = s->d->products[touched->entries[e]].category;

        if (c < s->d->categories
            && (best == RECS_NONE || counts[c] > counts[best]
                || (best > c && counts[c] == counts[best])))
        {
            best = c;
        }
    }

    for (e = touched->offsets[person]; e < touched->offsets[person + 1]; e++)
    {
        c = s->d->products[touched->entries[e]].category;

        if (c < s->d->categories) {
            counts[c] = 0;
        }
    }

    return best + 1;
}


/* Orders, or without them the days on which something was bought. */

static void
recs_segments_kinds(recs_segments_ctx_t *s)
{
    uint8_t                buying[256];
    uint32_t               i, now, p, *baskets, *last;
    uint64_t              *previous;
    recs_signals_t         signals;

    recs_signals_init(&signals);

    for (i = 0; i < 256; i++) {
        buying[i] = (signals.signal[i] & RECS_SIGNAL_PURCHASE) != 0;
    }

    baskets = recs_calloc((size_t) s->people + 1, sizeof(uint32_t));
    last = recs_calloc((size_t) s->people + 1, sizeof(uint32_t));
    previous = recs_calloc((size_t) s->people + 1, sizeof(uint64_t));

    for (i = 0; i < s->d->events; i++) {
        recs_segments_basket(s, baskets, last, buying, i, previous);
    }

    s->kind = recs_calloc((size_t) s->people + 1, 1);
    now = recs_demand_now(s->d);

    for (p = 0; p < s->people; p++) {

        if (baskets[p] >= (uint32_t) s->c->segment_orders
            && now - recs_min(now, last[p])
               <= s->c->segment_days * RECS_DAY)
        {
            s->kind[p] = RECS_SEGMENT_LOYAL;

        } else if (baskets[p]) {
            s->kind[p] = RECS_SEGMENT_BUYERS;
        }
    }

    free(baskets);
    free(last);
    free(previous);
}


static void
recs_segments_basket(const recs_segments_ctx_t *s, uint32_t *baskets,
    uint32_t *last, const uint8_t *buying, uint32_t row, uint64_t *previous)
{
    uint32_t               order, person;
    uint64_t               basket;
    const recs_dataset_t  *d;

    d = s->d;
    person = recs_cross_person(d, d->user[row], d->session[row]);

    if (!buying[d->type[row]] || person == RECS_NONE) {
        return;
    }

    order = (d->detail[row] == RECS_NONE) ? RECS_NONE
                                          : d->details[d->detail[row]].order;

    /* never 0, which is none yet */

    basket = (order == RECS_NONE)
             ? 1 + (uint64_t) (d->time[row] / RECS_DAY)
             : (uint64_t) 1 << 32 | order;

    baskets[person] += previous[person] != basket;
    previous[person] = basket;
    last[person] = d->time[row];
}


/* How new the purchases of an item are. */

static void
recs_segments_fresh(recs_segments_ctx_t *s)
{
    uint32_t               i, item, now, *counts;
    recs_signals_t         signals;
    const recs_dataset_t  *d;

    d = s->d;
    now = recs_demand_now(d);
    counts = recs_calloc((size_t) d->items + 1, sizeof(uint32_t));
    s->fresh = recs_calloc((size_t) d->items + 1, sizeof(double));

    recs_signals_init(&signals);

    for (i = 0; i < d->events; i++) {
        item = d->item[i];

        if (item < d->items
            && (signals.signal[d->type[i]] & RECS_SIGNAL_PURCHASE))
        {
            counts[item]++;
            s->fresh[item] += recs_decay(now, d->time[i],
                                         RECS_SEGMENTS_FRESH);
        }
    }

    for (i = 0; i < d->items; i++) {
        s->fresh[i] /= recs_max(counts[i], 1u);
    }

    free(counts);
}


/* The people of a segment: of its scope and all below it, of its kind. */

static uint32_t
recs_segments_size(const recs_segments_ctx_t *s, uint32_t segment)
{
    uint32_t  end, kind, n, scope;
    uint64_t  a;

    scope = segment / RECS_SEGMENT_KINDS;
    kind = segment % RECS_SEGMENT_KINDS;
    end = scope ? s->d->category_end[scope - 1] + 1 : s->d->categories + 1;

    if (kind == RECS_SEGMENT_ALL) {
        return (uint32_t) (s->by_scope.offsets[end]
                           - s->by_scope.offsets[scope]);
    }

    n = 0;

    for (a = s->by_scope.offsets[scope]; a < s->by_scope.offsets[end]; a++) {
        n += s->kind[s->by_scope.entries[a]] == kind;
    }

    return n;
}


static void
recs_segments_rows(recs_segments_ctx_t *s, recs_segments_t *out)
{
    size_t    items;
    uint32_t  max, rows;
    unsigned  n, threads;

    items = (size_t) s->d->items + 1;
    rows = (s->d->categories + 1) * RECS_SEGMENT_KINDS;
    threads = recs_max((unsigned) s->c->threads, 1u);
    max = (uint32_t) s->c->list_max;

    s->threads = recs_calloc(threads, sizeof(recs_segments_thread_t));

    for (n = 0; n < threads; n++) {
        s->threads[n].counts = recs_calloc(items, sizeof(uint32_t));
        s->threads[n].touched = recs_alloc(items * sizeof(uint32_t));
        recs_top_init(&s->threads[n].top, max);
    }

    recs_slots_init(&s->slots, rows, max, sizeof(recs_format_ranked_t));
    recs_parallel(threads, rows, RECS_SEGMENTS_BLOCK, recs_segments_block, s);
    recs_slots_finish(&s->slots, &out->list);

    for (n = 0; n < threads; n++) {
        free(s->threads[n].counts);
        free(s->threads[n].touched);
        recs_top_free(&s->threads[n].top);
    }

    free(s->threads);
}


static void
recs_segments_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t              n, segment;
    recs_segments_ctx_t  *s;

    s = ctx;

    for (segment = from; segment < to; segment++) {
        n = recs_segments_size(s, segment);

        if (n >= (uint32_t) s->c->segment_people) {
            recs_segments_row(s, &s->threads[thread], segment, n);
        }
    }
}


static void
recs_segments_row(recs_segments_ctx_t *s, recs_segments_thread_t *t,
    uint32_t segment, uint32_t n)
{
    double                 share, usual, value;
    uint32_t               count, end, j, k, kind, person, scope;
    uint64_t               a, e;
    recs_format_ranked_t  *out;

    scope = segment / RECS_SEGMENT_KINDS;
    kind = segment % RECS_SEGMENT_KINDS;
    end = scope ? s->d->category_end[scope - 1] + 1 : s->d->categories + 1;
    count = 0;

    for (a = s->by_scope.offsets[scope]; a < s->by_scope.offsets[end]; a++) {
        person = s->by_scope.entries[a];

        if (kind != RECS_SEGMENT_ALL && s->kind[person] != kind) {
            continue;
        }

        for (e = s->buy.offsets[person]; e < s->buy.offsets[person + 1]; e++)
        {
            j = s->buy.entries[e];

            if (t->counts[j]++ == 0) {
                t->touched[count++] = j;
            }
        }
    }

    t->top.n = 0;

    for (k = 0; k < count; k++) {
        j = t->touched[k];
        usual = (double) s->buyers[j] / s->all;
        share = (t->counts[j] + RECS_SEGMENTS_SHIFT * usual)
                / (n + RECS_SEGMENTS_SHIFT);
        value = share * sqrt(recs_min(RECS_SEGMENTS_LIFT, share / usual))
                * s->fresh[j];

        if (t->counts[j] >= RECS_SEGMENTS_LEAST && s->d->products[j].listed) {
            recs_top_push(&t->top, (float) value, j, t->counts[j]);
        }

        t->counts[j] = 0;
    }

    recs_top_sort(&t->top);
    out = recs_slots_row(&s->slots, segment);
    s->slots.counts[segment] = t->top.n;

    for (k = 0; k < t->top.n; k++) {
        out[k].item = t->top.entries[k].item;
        out[k].value = t->top.entries[k].value;
        out[k].score = out[k].value / t->top.entries[0].value;
        out[k].confidence = (float) t->top.entries[k].data
                            / (t->top.entries[k].data + RECS_SEGMENTS_HALF);
    }
}


/* The smallest segment of a user that has a row. */

static void
recs_segments_assign(const recs_segments_ctx_t *s, recs_segments_t *out)
{
    uint32_t         scope, segment, user;
    const uint64_t  *offsets;

    offsets = out->list.offsets;
    out->of = recs_alloc((size_t) s->d->by_user.rows * sizeof(uint32_t) + 1);

    for (user = 0; user < s->d->by_user.rows; user++) {
        out->of[user] = RECS_NONE;

        for (scope = s->scope[user]; scope != RECS_NONE; ) {
            segment = scope * RECS_SEGMENT_KINDS + s->kind[user];

            if (offsets[segment] == offsets[segment + 1]) {
                segment = scope * RECS_SEGMENT_KINDS;
            }

            if (offsets[segment] != offsets[segment + 1]) {
                out->of[user] = segment;
                break;
            }

            scope = scope ? s->d->category_parent[scope - 1] + 1 : RECS_NONE;
        }
    }
}


/* "loyal:Home/Kitchen"; of the whole shop "loyal". */

static void
recs_segments_names(const recs_segments_ctx_t *s, recs_segments_t *out)
{
    char        *text;
    size_t       cap, len, n;
    uint32_t     row, scope;
    recs_str_t   path;

    static const char *const  kinds[RECS_SEGMENT_KINDS] = {
        "all", "buyers", "loyal"
    };

    text = NULL;
    cap = len = 0;
    out->names.rows = out->list.rows;
    out->names.offsets = recs_calloc((size_t) out->list.rows + 1,
                                     sizeof(uint64_t));

    for (row = 0; row < out->list.rows; row++) {

        if (out->list.offsets[row] != out->list.offsets[row + 1]) {
            scope = row / RECS_SEGMENT_KINDS;
            path = (recs_str_t) recs_null_string;

            if (scope) {
                path = s->d->category_path[scope - 1];
            }

            recs_grow(&text, &cap, len + path.len + 16, 1);
            n = (size_t) snprintf(text + len, 16, "%s%s",
                                  kinds[row % RECS_SEGMENT_KINDS],
                                  scope ? ":" : "");
            len += n;

            if (path.len) {
                memcpy(text + len, path.data, path.len);
                len += path.len;
            }
        }

        out->names.offsets[row + 1] = len;
    }

    out->names.entries = text ? text : recs_alloc(1);
}
