/*
 * Copyright (C) recs authors
 *
 * Cold start: rows against a likeness computed pair by pair.
 */

#include <math.h>

#include "../../builder/model/content.h"
#include "shop.h"


#define ITEMS   60


static recs_model_list_t  list;


/* Products with category, brand and colour by their number. */

static void
make(void)
{
    char      text[256], id[16];
    uint32_t  i;

    shop_open();
    shop_config.content_weight = .5;
    shop_config.content_max = 3;
    shop_config.content_days = 30;

    for (i = 0; i < ITEMS; i++) {
        snprintf(text, sizeof(text), "{\"productId\":\"p%u\",\"title\":"
                 "\"word%u\",\"category\":[\"a%u\",\"b%u\"],\"brand\":"
                 "\"brand%u\",\"attributes\":{\"colour\":\"c%u\"},"
                 "\"createdAt\":%lld}",
                 i, i % 11, i % 2, i % 4, i % 5, i % 3,
                 (long long) (SHOP_NOW - 10 * SHOP_DAY));
        shop_product(text);
    }

    for (i = 0; i < ITEMS / 2; i++) {
        snprintf(id, sizeof(id), "p%u", i);
        shop_do(RECS_EVENT_PRODUCT_VIEW, 5 - i * .01, "u", "s", id);
    }

    shop_finish();
}


static uint32_t
number(uint32_t item)
{
    return (uint32_t) strtoul((const char *) shop->products[item].id.data + 1,
                              NULL, 10);
}


/* Trait k of product n, as a number of its own. */

static uint32_t
trait(uint32_t n, uint32_t k)
{
    static const uint32_t  of[5] = { 11, 2, 4, 5, 3 };

    return 100 * k + n % of[k];
}


static double
idf(uint32_t t)
{
    uint32_t  n, having;

    for (n = 0, having = 0; n < ITEMS; n++) {
        having += (trait(n, t / 100) == t);
    }

    return log((double) ITEMS / having);
}


static double
likeness(uint32_t i, uint32_t j)
{
    double    both, one, two, w;
    uint32_t  k;

    both = one = two = 0;

    for (k = 0; k < 5; k++) {
        w = idf(trait(i, k));
        one += w * w;
        both += (trait(i, k) == trait(j, k)) ? w * w : 0;
        w = idf(trait(j, k));
        two += w * w;
    }

    return both / sqrt(one * two);
}


/* An operator with one entry in the rows of half of the warm products. */

static void
base(void)
{
    uint32_t                i;
    uint64_t                n;
    recs_format_related_t  *e;

    list.rows = shop->items;
    list.offsets = recs_calloc(shop->items + 1, sizeof(uint64_t));
    list.entries = e = recs_calloc(shop->items, sizeof(*e));

    for (i = 0, n = 0; i < shop->items; i++) {

        if (number(i) < ITEMS / 4) {
            e[n].item = (number(i) == 0) ? shop_number("p1")
                                         : shop_number("p0");
            e[n].weight = .25f;
            n++;
        }

        list.offsets[i + 1] = n;
    }
}


static uint32_t
row_is_good(uint32_t i)
{
    double                  top, best, weight;
    uint32_t                k, n, cold, warm, j, better;
    recs_format_related_t  *e;

    e = (recs_format_related_t *) list.entries + list.offsets[i];
    n = (uint32_t) (list.offsets[i + 1] - list.offsets[i]);
    warm = cold = 0;
    top = .25;

    for (k = 0; k < n; k++) {

        if (k && e[k].weight > e[k - 1].weight) {
            return 0;
        }

        if (number(e[k].item) < ITEMS / 2) {
            warm++;
            continue;
        }

        cold++;
        weight = .5 * top * likeness(number(i), number(e[k].item));

        if (fabs(e[k].weight - weight) > 1e-5 || e[k].item == i) {
            return 0;
        }
    }

    /* nothing that is left out is more like it than what is there */

    best = (cold == 3) ? e[n - 1].weight / (.5 * top) : .1;

    for (j = ITEMS / 2, better = 0; j < ITEMS; j++) {
        better += (j != number(i)
                   && likeness(number(i), j) > best + 1e-5);
    }

    return warm == (number(i) < ITEMS / 4) && cold <= 3
           && (cold == 3 ? better < 3 : better == cold);
}


static void
rows(unsigned threads)
{
    uint32_t  i, good;

    base();
    shop_config.threads = threads;
    recs_model_content(shop, &shop_config, &list);

    for (i = 0, good = 0; i < shop->items; i++) {
        good += row_is_good(i);
    }

    is_int(good, ITEMS, "every row, %u threads", threads);

    recs_model_free(&list);
}


static void
none(void)
{
    base();
    shop_config.content_weight = 0;
    recs_model_content(shop, &shop_config, &list);
    is_int(list.offsets[list.rows], ITEMS / 4, "nothing is added by weight 0");

    shop_config.content_weight = .5;
    shop_config.content_days = 9;
    recs_model_content(shop, &shop_config, &list);
    is_int(list.offsets[list.rows], ITEMS / 4, "nothing that is older");
    recs_model_free(&list);
}


int
main(void)
{
    make();
    rows(1);
    rows(3);
    none();
    shop_close();

    return done_testing();
}
