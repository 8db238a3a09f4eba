/*
 * Copyright (C) recs authors
 *
 * A small shop for the tests of linear models: who saw what, as events and
 * as a matrix to reckon with.  ITEMS, USERS and LATE (which is not listed)
 * are the test's.
 */

#ifndef _RECS_PLAIN_H_INCLUDED_
#define _RECS_PLAIN_H_INCLUDED_


#include "model_data.h"
#include "tap.h"


static data_t         *shop;
static recs_config_t   config;
static double          x[USERS][ITEMS];      /* yes or no */
static double          row[USERS], column[ITEMS];


/* Whether user u saw item i; "draw" is below 256. */

typedef int (*plain_seen_pt)(uint32_t u, uint32_t i, uint32_t draw);


static inline void
plain_setup(plain_seen_pt seen)
{
    uint32_t  i, u, seed;

    recs_config_init(&config);
    config.related_max = ITEMS;
    shop = data_create(ITEMS, 0);
    shop->d.products[LATE].listed = 0;
    seed = 7;

    for (u = 0; u < USERS; u++) {
        for (i = 0; i < ITEMS; i++) {
            seed = seed * 1664525 + 1013904223;

            if (seen(u, i, seed >> 24)) {
                x[u][i] = 1;
                row[u]++;
                column[i]++;
                data_line(shop, DATA_START + u, RECS_EVENT_PRODUCT_VIEW, i,
                          u, DATA_NONE);
            }
        }
    }

    data_finish(shop);
}


static inline void
plain_build(const char *name, recs_model_list_t *list)
{
    recs_error_t         err;
    const recs_model_t  *model;

    model = recs_model_find(RECS_LIST_RELATED, name);
    ok(model && model->build(&shop->d, &config, list, &err) == RECS_OK,
       "built by %ld threads", config.threads);
}


static inline void
plain_threads(const char *name)
{
    recs_model_list_t  one, many;

    config.related_max = 8;
    config.threads = 1;
    plain_build(name, &one);

    for (config.threads = 2; config.threads <= 3; config.threads++) {
        plain_build(name, &many);

        ok(memcmp(one.offsets, many.offsets, (ITEMS + 1) * 8) == 0
           && memcmp(one.entries, many.entries, one.offsets[ITEMS]
                     * sizeof(recs_format_related_t)) == 0, "the same bytes");

        recs_model_free(&many);
    }

    recs_model_free(&one);
}


static inline void
plain_nobody(const char *name)
{
    data_t              *empty;
    recs_error_t         err;
    recs_model_list_t    list;
    const recs_model_t  *model;

    empty = data_create(3, 0);
    data_finish(empty);
    model = recs_model_find(RECS_LIST_RELATED, name);

    ok(model->build(&empty->d, &config, &list, &err) == RECS_OK
       && list.rows == 3 && list.offsets[3] == 0, "no events, empty rows");

    recs_model_free(&list);
    data_destroy(empty);
}


#endif /* _RECS_PLAIN_H_INCLUDED_ */
