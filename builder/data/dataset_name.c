/*
 * Copyright (C) recs authors
 *
 * Brands, regions and currencies of what is listed, numbered by their names.
 */

#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>

#include "dataset_private.h"


typedef struct {
    const recs_names_t  *names;
    uint32_t            *number;       /* by number of arrival */
    uint32_t            *sorted;
    uint32_t             count;        /* used */
} recs_sorted_names_t;


static int
recs_sorted_compare(const void *a, const void *b, void *data)
{
    recs_str_t           s, t;
    const recs_names_t  *names;

    names = data;
    s = recs_names_get(names, *(const uint32_t *) a);
    t = recs_names_get(names, *(const uint32_t *) b);

    return recs_dataset_compare(&s, &t);
}


static void
recs_sorted_create(recs_sorted_names_t *s, const recs_names_t *names)
{
    uint32_t  n;

    n = recs_names_count(names);

    s->names = names;
    s->count = 0;
    s->number = recs_calloc(n, sizeof(uint32_t));
    s->sorted = recs_alloc((size_t) n * sizeof(uint32_t));
}


static void
recs_sorted_use(recs_sorted_names_t *s, uint32_t n)
{
    if (!s->number[n]) {
        s->number[n] = 1;
        s->sorted[s->count++] = n;
    }
}


static void
recs_sorted_finish(recs_sorted_names_t *s)
{
    uint32_t  i;

    qsort_r(s->sorted, s->count, sizeof(uint32_t), recs_sorted_compare,
            (void *) (uintptr_t) s->names);

    for (i = 0; i < s->count; i++) {
        s->number[s->sorted[i]] = i;
    }
}


static void
recs_sorted_destroy(recs_sorted_names_t *s)
{
    free(s->number);
    free(s->sorted);
}


static int
recs_sorted_many(const recs_sorted_names_t *s, const char *what,
    uint32_t most, recs_error_t *err)
{
    int         len;
    char        text[256];
    size_t      used;
    uint32_t    i;
    recs_str_t  name;

    used = 0;
    text[0] = '\0';

    for (i = 0; i < s->count && used < sizeof(text) - 1; i++) {
        name = recs_names_get(s->names, s->sorted[i]);
        len = snprintf(text + used, sizeof(text) - used, "%s%.*s",
                       i ? ", " : "", (int) recs_min(name.len, 64),
                       name.data);
        used += (size_t) len;
    }

    return recs_error(err, "%u %s, at most %u are possible: %s%s; "
                      "correct them in the catalogue", s->count, what, most,
                      text, (used < sizeof(text) - 1) ? "" : "...");
}


static int
recs_dataset_brands(recs_dataset_t *d, const uint32_t *number,
    recs_error_t *err)
{
    uint32_t                       i;
    recs_sorted_names_t            s;
    const recs_dataset_private_t  *p;

    p = d->private;
    recs_sorted_create(&s, p->brands);

    for (i = 0; i < p->raw_count; i++) {
        if (number[i] != RECS_NO_ITEM && p->raw[i].brand != RECS_NONE) {
            recs_sorted_use(&s, p->raw[i].brand);
        }
    }

    recs_sorted_finish(&s);

    d->brands = s.count;
    d->brand_name = recs_calloc(s.count, sizeof(recs_str_t));

    for (i = 0; i < s.count; i++) {
        d->brand_name[i] = recs_names_get(s.names, s.sorted[i]);
    }

    for (i = 0; i < p->raw_count; i++) {
        if (number[i] != RECS_NO_ITEM && p->raw[i].brand != RECS_NONE) {
            d->products[number[i]].brand = s.number[p->raw[i].brand];
        }
    }

    recs_sorted_destroy(&s);

    return recs_dataset_unique("brands", d->brand_name, sizeof(recs_str_t),
                               d->brands, err);
}


/*
 * Products without a currency get the nameless one, which is first where
 * there is one.
 */

static int
recs_dataset_currencies(recs_dataset_t *d, const uint32_t *number,
    recs_error_t *err)
{
    int                      rc;
    uint32_t                 i, none;
    recs_str_t               name;
    recs_sorted_names_t      s;
    recs_dataset_private_t  *p;

    p = d->private;
    rc = RECS_OK;

    none = recs_names_add(p->currencies, "", 0);
    recs_sorted_create(&s, p->currencies);

    for (i = 0; i < p->raw_count; i++) {

        if (p->raw[i].currency == RECS_NONE) {
            p->raw[i].currency = none;
        }

        if (number[i] != RECS_NO_ITEM) {
            recs_sorted_use(&s, p->raw[i].currency);
        }
    }

    recs_sorted_finish(&s);

    if (s.count > RECS_FORMAT_CURRENCIES) {
        rc = recs_sorted_many(&s, "currencies", RECS_FORMAT_CURRENCIES, err);
        recs_sorted_destroy(&s);
        return rc;
    }

    for (i = 0; i < s.count; i++) {
        name = recs_names_get(s.names, s.sorted[i]);
        memcpy(d->currencies[i], name.data, recs_min(name.len, 3));
    }

    for (i = 0; i < p->raw_count; i++) {
        if (number[i] != RECS_NO_ITEM) {
            d->products[number[i]].currency =
                (uint8_t) s.number[p->raw[i].currency];
        }
    }

    recs_sorted_destroy(&s);

    return rc;
}


static uint64_t
recs_dataset_region_bits(const recs_sorted_names_t *s, uint64_t bits)
{
    unsigned  i;
    uint64_t  sorted;

    for (i = 0, sorted = 0; i < s->count; i++) {
        if (bits & ((uint64_t) 1 << i)) {
            sorted |= (uint64_t) 1 << s->number[i];
        }
    }

    return sorted;
}


/* Regions of events, the most frequent first, as far as there is room. */

static void
recs_dataset_region_events(recs_dataset_t *d)
{
    uint32_t                 e, i, best, n;
    uint64_t                 counts[RECS_DATASET_REGIONS + 1] = { 0 };
    recs_str_t               name;
    recs_dataset_private_t  *p;

    p = d->private;
    n = recs_names_count(p->event_regions);

    for (e = 0; n && e < d->events; e++) {
        counts[d->region[e]]++;
    }

    while (recs_names_count(p->regions) < RECS_FORMAT_REGIONS) {

        for (i = 1, best = 0, counts[0] = 0; i <= n; i++) {
            best = (counts[i] > counts[best]) ? i : best;
        }

        if (counts[best] == 0) {
            return;
        }

        name = recs_names_get(p->event_regions, best - 1);
        (void) recs_names_add(p->regions, name.data, name.len);
        counts[best] = 0;
    }
}


static void
recs_dataset_region_rows(recs_dataset_t *d, const recs_sorted_names_t *s)
{
    uint8_t                  numbers[RECS_DATASET_REGIONS + 1] = { 0 };
    uint32_t                 e, i, n;
    recs_str_t               name;
    recs_dataset_private_t  *p;

    p = d->private;

    if (d->region == NULL) {
        return;
    }

    for (i = 0; i < recs_names_count(p->event_regions); i++) {
        name = recs_names_get(p->event_regions, i);
        n = recs_names_find(p->regions, name.data, name.len);
        numbers[i + 1] = (n == RECS_NONE) ? 0 : (uint8_t) (s->number[n] + 1);
    }

    for (e = 0; e < d->events; e++) {
        d->region[e] = numbers[d->region[e]];
    }
}


static int
recs_dataset_region_names(recs_dataset_t *d, const uint32_t *number,
    recs_error_t *err)
{
    int                            rc;
    uint32_t                       i, n;
    recs_sorted_names_t            s;
    const recs_dataset_private_t  *p;

    p = d->private;
    recs_dataset_region_events(d);

    n = recs_names_count(p->regions);
    recs_sorted_create(&s, p->regions);

    for (i = 0; i < n; i++) {
        recs_sorted_use(&s, i);
    }

    recs_sorted_finish(&s);

    if (n > RECS_FORMAT_REGIONS) {
        rc = recs_sorted_many(&s, "regions", RECS_FORMAT_REGIONS, err);
        recs_sorted_destroy(&s);
        return rc;
    }

    d->regions = n;

    for (i = 0; i < n; i++) {
        d->region_name[i] = recs_names_get(s.names, s.sorted[i]);
    }

    for (i = 0; i < p->raw_count; i++) {
        if (number[i] != RECS_NO_ITEM) {
            d->products[number[i]].regions =
                recs_dataset_region_bits(&s, p->raw[i].regions);
        }
    }

    recs_dataset_region_rows(d, &s);
    recs_sorted_destroy(&s);

    return RECS_OK;
}


int
recs_dataset_names(recs_dataset_t *d, const uint32_t *number,
    recs_error_t *err)
{
    if (recs_dataset_brands(d, number, err) != RECS_OK
        || recs_dataset_currencies(d, number, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_dataset_region_names(d, number, err);
}
