/*
 * Copyright (C) recs authors
 *
 * The ladder: which step a product is on.  A name's step is its place in the
 * option "tiers"; without one, a number is its own step, and names are in
 * order of the median price of what has them, the cheapest lowest.
 */

#include <stdlib.h>
#include <strings.h>

#include "dataset_private.h"


#define RECS_TIER_MAX  255


typedef struct {
    uint32_t  name;
    int64_t   price;             /* median, NO_MONEY: none is known */
} recs_tier_t;


static unsigned recs_tier_configured(const char *tiers,
    const recs_str_t *name);
static unsigned recs_tier_number(const recs_str_t *name);
static void recs_tier_by_price(const recs_dataset_t *d,
    const uint32_t *number, uint8_t *steps);
static int64_t recs_tier_median(const recs_dataset_t *d,
    const uint32_t *number, uint32_t name, int64_t *prices);
static int recs_tier_compare_prices(const void *one, const void *two);
static int recs_tier_compare(const void *one, const void *two);


void
recs_dataset_tiers(recs_dataset_t *d, const uint32_t *number)
{
    uint8_t                 *steps;
    uint32_t                 i, n, unknown;
    recs_str_t               name;
    const char              *tiers;
    recs_dataset_private_t  *p;

    p = d->private;
    tiers = p->config->tiers;
    tiers = (tiers && *tiers) ? tiers : NULL;
    n = recs_names_count(p->tiers);
    steps = recs_calloc((size_t) n + 1, 1);
    unknown = 0;

    for (i = 0; i < n; i++) {
        name = recs_names_get(p->tiers, i);

        if (tiers) {
            steps[i] = (uint8_t) recs_tier_configured(tiers, &name);
        }

        if (steps[i] == 0) {
            steps[i] = (uint8_t) recs_tier_number(&name);
        }

        unknown += steps[i] == 0;
    }

    if (unknown && tiers) {
        recs_message(RECS_MSG_WARN, "tiers", "%u names of tiers in the "
                     "catalogue are not in tiers = \"%s\": their products "
                     "are no step of the ladder; add them", unknown, tiers);

    } else if (unknown) {
        recs_tier_by_price(d, number, steps);
    }

    for (i = 0; i < p->raw_count; i++) {
        if (number[i] != RECS_NO_ITEM && p->raw[i].tier != RECS_NONE) {
            d->products[number[i]].tier = steps[p->raw[i].tier];
        }
    }

    free(steps);
}


/* The place among names between commas, from 1; 0: it is not there. */

static unsigned
recs_tier_configured(const char *tiers, const recs_str_t *name)
{
    size_t       len;
    unsigned     n;
    const char  *end;

    for (n = 1; n <= RECS_TIER_MAX; n++) {

        while (*tiers == ' ') {
            tiers++;
        }

        for (end = tiers; *end && *end != ','; end++) {
            /* void */
        }

        for (len = end - tiers; len && tiers[len - 1] == ' '; len--) {
            /* void */
        }

        if (len == name->len && strncasecmp(tiers, (const char *) name->data,
                                            len) == 0)
        {
            return n;
        }

        if (*end == '\0') {
            break;
        }

        tiers = end + 1;
    }

    return 0;
}


static unsigned
recs_tier_number(const recs_str_t *name)
{
    size_t    i;
    unsigned  n;

    for (i = 0, n = 0; i < name->len; i++) {

        if (name->data[i] < '0' || name->data[i] > '9') {
            return 0;
        }

        n = n * 10 + (name->data[i] - '0');

        if (n > RECS_TIER_MAX) {
            return 0;
        }
    }

    return n;
}


static void
recs_tier_by_price(const recs_dataset_t *d, const uint32_t *number,
    uint8_t *steps)
{
    int64_t                       *prices;
    uint32_t                       i, n;
    recs_tier_t                   *tiers;
    const recs_dataset_private_t  *p;

    p = d->private;
    n = recs_names_count(p->tiers);
    tiers = recs_alloc(n * sizeof(recs_tier_t));
    prices = recs_alloc((p->raw_count + 1) * sizeof(int64_t));

    for (i = 0; i < n; i++) {
        tiers[i].name = i;
        tiers[i].price = recs_tier_median(d, number, i, prices);
    }

    qsort(tiers, n, sizeof(recs_tier_t), recs_tier_compare);

    for (i = 0; i < n; i++) {
        steps[tiers[i].name] = (tiers[i].price == RECS_NO_MONEY)
                               ? 0 : (uint8_t) recs_min(i + 1, RECS_TIER_MAX);
    }

    free(tiers);
    free(prices);
}


static int64_t
recs_tier_median(const recs_dataset_t *d, const uint32_t *number,
    uint32_t name, int64_t *prices)
{
    uint32_t                       i, n;
    const recs_dataset_private_t  *p;

    p = d->private;

    for (i = 0, n = 0; i < p->raw_count; i++) {
        if (number[i] != RECS_NO_ITEM && p->raw[i].tier == name
            && d->products[number[i]].price != RECS_NO_MONEY)
        {
            prices[n++] = d->products[number[i]].price;
        }
    }

    if (n == 0) {
        return RECS_NO_MONEY;
    }

    qsort(prices, n, sizeof(int64_t), recs_tier_compare_prices);

    return prices[n / 2];
}


static int
recs_tier_compare_prices(const void *one, const void *two)
{
    const int64_t  *a, *b;

    a = one;
    b = two;

    return (*a > *b) - (*a < *b);
}


/* What has no price is last; names are numbered in order of arrival. */

static int
recs_tier_compare(const void *one, const void *two)
{
    const recs_tier_t  *a, *b;

    a = one;
    b = two;

    if (a->price == b->price) {
        return (a->name > b->name) - (a->name < b->name);
    }

    if (a->price == RECS_NO_MONEY || b->price == RECS_NO_MONEY) {
        return a->price == RECS_NO_MONEY ? 1 : -1;
    }

    return a->price < b->price ? -1 : 1;
}
