/*
 * Copyright (C) recs authors
 *
 * VIEW_BUY and CART_BUY: what was bought by those who looked at a product,
 * or had it in their cart (cross.h).  Empty where nothing is served from
 * them (view_buy_weight, cart_buy_weight), unless they are asked for by name.
 */

#include "cross.h"
#include "table.h"

#include "../../core/event/recs_event_type.h"

#include <stdlib.h>
#include <string.h>


static void recs_indicators(const recs_dataset_t *d, const recs_config_t *c,
    unsigned signals, recs_model_list_t *list);


int
recs_model_view_buy(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_indicators(d, c, c->serving.view_buy > 0
                          || (c->lists & (1u << RECS_LIST_VIEW_BUY))
                          ? RECS_SIGNAL_VIEW | RECS_SIGNAL_CLICK : 0, list);

    return RECS_OK;
}


int
recs_model_cart_buy(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_indicators(d, c, c->serving.cart_buy > 0
                          || (c->lists & (1u << RECS_LIST_CART_BUY))
                          ? RECS_SIGNAL_CART : 0, list);

    return RECS_OK;
}


static void
recs_indicators(const recs_dataset_t *d, const recs_config_t *c,
    unsigned signals, recs_model_list_t *list)
{
    recs_rows_t  buy, have;

    if (signals == 0) {
        list->rows = d->items;
        list->offsets = recs_calloc((size_t) d->items + 1, sizeof(uint64_t));
        list->entries = recs_alloc(1);
        return;
    }

    recs_cross_items(d, signals, &have);
    recs_cross_items(d, RECS_SIGNAL_PURCHASE, &buy);

    recs_cross_build(d, &have, d->items, &buy, recs_max(c->threads, 1), list);

    free(have.offsets);
    free(have.entries);
    free(buy.offsets);
    free(buy.entries);
}
