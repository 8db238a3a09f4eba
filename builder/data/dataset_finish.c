/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>

#include "dataset_private.h"


/* What only the filling needs; strings and attributes stay. */

static void
recs_dataset_release(recs_dataset_private_t *p)
{
    recs_catalog_destroy(p->catalog);
    recs_keys16_destroy(p->orders);
    free(p->raw);
    free(p->parent);
    free(p->order_flags);
    free(p->tags);
    free(p->named);
    free(p->former_user);

    if (p->formers) {
        recs_keys16_destroy(p->formers);
    }

    free(p->list_table);
    free(p->claims);
    free(p->paid[0]);
    free(p->paid[1]);
    free(p->catalogue_prices.prices);
    free(p->event_prices.prices);

    p->catalog = NULL;
    p->orders = NULL;
    p->raw = NULL;
    p->parent = NULL;
    p->order_flags = NULL;
    p->tags = NULL;
    p->named = NULL;
    p->formers = NULL;
    p->former_user = NULL;
    p->list_table = NULL;
    p->claims = NULL;
    p->paid[0] = p->paid[1] = NULL;
    p->catalogue_prices.prices = NULL;
    p->event_prices.prices = NULL;
}


/* Products first: the others set their members. */

static int
recs_dataset_tables(recs_dataset_t *d, const uint32_t *number,
    const float *popularity, recs_error_t *err)
{
    if (recs_dataset_items(d, number, popularity, err) != RECS_OK
        || recs_dataset_categories(d, number, err) != RECS_OK
        || recs_dataset_names(d, number, err) != RECS_OK
        || recs_dataset_tags(d, number, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    recs_dataset_tiers(d, number);
    recs_dataset_prices(d, number);
    recs_dataset_baskets(d);

    return RECS_OK;
}


int
recs_dataset_finish(recs_dataset_t *d, recs_error_t *err)
{
    int                      rc;
    float                   *popularity;
    uint32_t                *number;
    recs_dataset_private_t  *p;

    p = d->private;

    recs_dataset_formers(d);
    recs_dataset_sequences(d);
    recs_dataset_settle(d);
    recs_dataset_sort(d);
    recs_dataset_owners(d);
    recs_dataset_searches(d);
    recs_dataset_index(d);
    recs_dataset_trust(d);

    d->now_ms = p->config->now_ms ? p->config->now_ms : d->newest_ms;

    popularity = recs_dataset_popularity(d);
    number = recs_dataset_number(d, popularity);

    rc = recs_dataset_tables(d, number, popularity, err);

    free(popularity);
    free(number);

    recs_dataset_release(p);

    return rc;
}


void
recs_rows_free(recs_rows_t *rows)
{
    free(rows->offsets);
    free(rows->entries);
}


void
recs_dataset_destroy(recs_dataset_t *d)
{
    recs_dataset_private_t  *p;

    if (d == NULL) {
        return;
    }

    p = d->private;

    recs_dataset_release(p);
    recs_names_destroy(p->ids);
    recs_names_destroy(p->strings);
    recs_names_destroy(p->paths);
    recs_names_destroy(p->brands);
    recs_names_destroy(p->regions);
    recs_names_destroy(p->event_regions);
    recs_names_destroy(p->currencies);
    recs_names_destroy(p->tag_names);
    recs_names_destroy(p->tiers);
    free(p->attributes);
    free(p);

    recs_keys16_destroy(d->users);
    recs_keys16_destroy(d->sessions);
    recs_rows_free(&d->by_user);
    recs_rows_free(&d->by_session);
    recs_rows_free(&d->baskets);
    recs_rows_free(&d->item_tags);

    free(d->time);
    free(d->item);
    free(d->user);
    free(d->session);
    free(d->detail);
    free(d->type);
    free(d->duration);
    free(d->region);
    free(d->details);
    free(d->searches);
    free(d->owners);
    free(d->basket_time);
    free(d->products);
    free(d->popularity);
    free(d->item_baskets);
    free(d->prices);
    free(d->category_path);
    free(d->category_end);
    free(d->category_parent);
    free(d->brand_name);
    free(d->tag_name);
    free(d);
}
