/*
 * Copyright (C) recs authors
 *
 * Datasets made by hand for tests of builder/model: what dataset.c makes of
 * events, without events.  Items are numbered by the test; lines are added
 * oldest first.
 */

#ifndef _RECS_MODEL_DATA_H_INCLUDED_
#define _RECS_MODEL_DATA_H_INCLUDED_


#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "builder/model/model.h"
#include "core/event/recs_event_type.h"


#define DATA_DAY     86400u
#define DATA_START   (1600000000u / DATA_DAY * DATA_DAY)
#define DATA_NONE    RECS_NONE


typedef struct {
    recs_dataset_t  d;
    uint32_t        users;
    uint32_t        sessions;
    size_t          caps[8];
} data_t;


static inline data_t *
data_create(uint32_t items, uint32_t categories)
{
    data_t    *t;
    uint32_t   i;

    t = calloc(1, sizeof(data_t));
    t->d.items = items;
    t->d.products = calloc(items + 1, sizeof(recs_product_t));
    t->d.popularity = calloc(items + 1, sizeof(float));
    t->d.item_baskets = calloc(items + 1, sizeof(uint32_t));
    t->d.prices = calloc(1000, sizeof(recs_price_t));
    t->d.categories = categories;
    t->d.category_end = calloc(categories + 1, sizeof(uint32_t));
    t->d.category_parent = calloc(categories + 1, sizeof(uint32_t));

    for (i = 0; i < categories; i++) {
        t->d.category_end[i] = i + 1;
        t->d.category_parent[i] = RECS_NONE;
    }

    for (i = 0; i < items; i++) {
        t->d.products[i].price = RECS_NO_MONEY;
        t->d.products[i].list_price = RECS_NO_MONEY;
        t->d.products[i].reference_price = RECS_NO_MONEY;
        t->d.products[i].cost = RECS_NO_MONEY;
        t->d.products[i].stock = RECS_NO_STOCK;
        t->d.products[i].category = RECS_NONE;
        t->d.products[i].brand = RECS_NONE;
        t->d.products[i].listed = 1;
    }

    return t;
}


/* Category c is a child of "parent"; called in preorder. */

static inline void
data_category(data_t *t, uint32_t c, uint32_t parent)
{
    t->d.category_parent[c] = parent;

    for ( /* void */ ; parent != RECS_NONE;
         parent = t->d.category_parent[parent])
    {
        t->d.category_end[parent] = c + 1;
    }
}


static inline uint32_t
data_line(data_t *t, uint32_t time, unsigned type, uint32_t item,
    uint32_t user, uint32_t session)
{
    size_t           n;
    recs_dataset_t  *d;

    d = &t->d;
    n = d->events;

    recs_grow(&d->time, &t->caps[0], n + 1, sizeof(uint32_t));
    recs_grow(&d->item, &t->caps[1], n + 1, sizeof(uint32_t));
    recs_grow(&d->user, &t->caps[2], n + 1, sizeof(uint32_t));
    recs_grow(&d->session, &t->caps[3], n + 1, sizeof(uint32_t));
    recs_grow(&d->detail, &t->caps[4], n + 1, sizeof(uint32_t));
    recs_grow(&d->type, &t->caps[5], n + 1, sizeof(uint8_t));

    d->time[n] = time;
    d->item[n] = item;
    d->user[n] = user;
    d->session[n] = session;
    d->detail[n] = RECS_NONE;
    d->type[n] = type;

    t->users = user == RECS_NONE ? t->users : recs_max(t->users, user + 1);
    t->sessions = session == RECS_NONE ? t->sessions
                                       : recs_max(t->sessions, session + 1);

    return d->events++;
}


/* A line with what money, orders and ratings say; price in whole units. */

static inline void
data_detail(data_t *t, uint32_t line, uint32_t order, double price,
    double quantity, int32_t rating)
{
    recs_detail_t   *e;
    recs_dataset_t  *d;

    d = &t->d;
    recs_grow(&d->details, &t->caps[6], d->detail_count + 1,
              sizeof(recs_detail_t));

    e = &d->details[d->detail_count];
    e->order = order;
    e->rating = rating;
    e->price = price < 0 ? RECS_NO_MONEY : (int64_t) (price * RECS_MICRO);
    e->quantity = (int64_t) (quantity * RECS_MICRO);

    d->detail[line] = d->detail_count++;
}


static inline void
data_buy(data_t *t, uint32_t time, uint32_t item, uint32_t user,
    uint32_t order, double quantity)
{
    uint32_t  line;

    line = data_line(t, time,
                     quantity < 0 ? RECS_EVENT_REFUND : RECS_EVENT_PURCHASE,
                     item, user, order);
    data_detail(t, line, order, -1, quantity, 0);
}


static inline void
data_index(recs_rows_t *rows, const uint32_t *keys, uint32_t n,
    uint32_t count)
{
    uint32_t  i, k;

    rows->rows = count;
    rows->offsets = calloc(count + 2, sizeof(uint64_t));
    rows->entries = calloc(n + 1, sizeof(uint32_t));

    for (i = 0; i < n; i++) {
        if (keys[i] != RECS_NONE) {
            rows->offsets[keys[i] + 1]++;
        }
    }

    for (k = 0; k < count; k++) {
        rows->offsets[k + 1] += rows->offsets[k];
    }

    /* filled from behind, ends become starts */

    for (i = n; i-- > 0; /* void */ ) {
        if (keys[i] != RECS_NONE) {
            rows->entries[--rows->offsets[keys[i] + 1]] = i;
        }
    }

    for (k = 0; k < count; k++) {
        rows->offsets[k] = rows->offsets[k + 1];
    }

    for (i = 0, rows->offsets[count] = 0; i < n; i++) {
        rows->offsets[count] += keys[i] != RECS_NONE;
    }
}


/* Baskets are orders (sessions are numbered like them), of at most 64. */

static inline void
data_baskets(data_t *t)
{
    uint32_t         b, e, i, k, n, *last;
    uint64_t         at;
    recs_rows_t     *rows;
    recs_dataset_t  *d;

    d = &t->d;
    rows = &d->baskets;
    rows->offsets = calloc(t->sessions + 2, sizeof(uint64_t));
    rows->entries = calloc(d->events + 1, sizeof(uint32_t));
    last = calloc(d->items + 1, sizeof(uint32_t));
    at = 0;

    for (b = 0; b < t->sessions; b++) {
        n = 0;

        for (i = d->by_session.offsets[b]; i < d->by_session.offsets[b + 1];
             i++)
        {
            e = d->by_session.entries[i];

            if (d->type[e] != RECS_EVENT_PURCHASE
                || last[d->item[e]] == b + 1)
            {
                continue;
            }

            last[d->item[e]] = b + 1;

            for (k = at + n; k > at && rows->entries[k - 1] > d->item[e];
                 k--)
            {
                rows->entries[k] = rows->entries[k - 1];
            }

            rows->entries[k] = d->item[e];
            d->item_baskets[d->item[e]]++;
            n++;
        }

        if (n) {
            at += n;
            rows->offsets[++rows->rows] = at;
        }
    }

    free(last);
}


static inline recs_dataset_t *
data_finish(data_t *t)
{
    uint32_t         i;
    recs_dataset_t  *d;

    d = &t->d;

    data_index(&d->by_user, d->user, d->events, t->users);
    data_index(&d->by_session, d->session, d->events, t->sessions);
    data_baskets(t);

    for (i = 0; i < d->events; i++) {
        d->popularity[d->item[i]]++;
        d->newest_ms = (int64_t) d->time[i] * 1000;
    }

    d->now_ms = d->newest_ms;

    return d;
}


static inline void
data_destroy(data_t *t)
{
    free(t->d.time);
    free(t->d.item);
    free(t->d.user);
    free(t->d.session);
    free(t->d.detail);
    free(t->d.type);
    free(t->d.details);
    free(t->d.by_user.offsets);
    free(t->d.by_user.entries);
    free(t->d.by_session.offsets);
    free(t->d.by_session.entries);
    free(t->d.baskets.offsets);
    free(t->d.baskets.entries);
    free(t->d.products);
    free(t->d.popularity);
    free(t->d.item_baskets);
    free(t->d.prices);
    free(t->d.category_end);
    free(t->d.category_parent);
    free(t);
}


static inline recs_model_list_t
data_model(const data_t *t, const recs_config_t *c, const char *name)
{
    recs_error_t         err;
    const recs_model_t  *m;
    recs_model_list_t    list = { 0, NULL, NULL };

    for (m = recs_models; m->name; m++) {
        if (strcmp(m->name, name) == 0) {
            (void) m->build(&t->d, c, &list, &err);
        }
    }

    return list;
}


static inline uint32_t
data_count(const recs_model_list_t *list, uint32_t row)
{
    return list->offsets[row + 1] - list->offsets[row];
}


static inline const recs_format_ranked_t *
data_ranked(const recs_model_list_t *list, uint32_t row, uint32_t n)
{
    return (recs_format_ranked_t *) list->entries + list->offsets[row] + n;
}


/* Place of an item in a ranked row, -1 for none. */

static inline int
data_place(const recs_model_list_t *list, uint32_t row, uint32_t item)
{
    uint32_t  k;

    for (k = 0; k < data_count(list, row); k++) {
        if (data_ranked(list, row, k)->item == item) {
            return k;
        }
    }

    return -1;
}


#define is_near(got, want, eps, ...)                                         \
    do {                                                                     \
        double  data_a = (got), data_b = (want);                             \
        if (!ok(fabs(data_a - data_b) <= (eps), __VA_ARGS__)) {              \
            printf("# got %.9g, expected %.9g\n", data_a, data_b);           \
        }                                                                    \
    } while (0)


#endif /* _RECS_MODEL_DATA_H_INCLUDED_ */
