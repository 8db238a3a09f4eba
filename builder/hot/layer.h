/*
 * Copyright (C) recs authors
 *
 * Between the parts of a layer: what is chosen, and what is made of it.
 */

#ifndef _RECS_BUILDER_HOT_LAYER_H_INCLUDED_
#define _RECS_BUILDER_HOT_LAYER_H_INCLUDED_


#include <jansson.h>

#include "private.h"


/* What a list is made of: a product of the base, its value and evidence. */

typedef struct {
    uint32_t            item;
    float               value;
    float               votes;
    uint32_t            row;           /* region */
} recs_hot_entry_t;

typedef struct {
    recs_hot_entry_t   *entries;
    uint32_t            count;
    size_t              cap;
} recs_hot_entries_t;


typedef struct {
    recs_hot_state_t   *h;
    recs_dataset_t      d;
    uint32_t           *items;         /* of the base, ascending */
    uint32_t            count;
    size_t              cap;
    uint32_t           *scopes;        /* entries by scope of the base */
    uint8_t            *drops;         /* scopes whose price drops change */
    uint32_t           *categories;    /* number in the layer, by the base's */
    recs_hot_entries_t  trending;
    recs_hot_entries_t  regions;
    recs_hot_entries_t  drop;
    recs_hot_entries_t  low;
    json_t            **ids;
    recs_publish_hot_t  publish;
} recs_hot_layer_t;


/*
 * Counts a product of a category of the base in its scopes; 0 where each has
 * hot_max already.
 */

unsigned recs_hot_layer_deal(recs_hot_layer_t *l, uint32_t category);

/* layer_lists.c: a dataset of what is chosen, and the lists of it. */

void recs_hot_layer_dataset(recs_hot_layer_t *l);
void recs_hot_layer_lists(recs_hot_layer_t *l);


#endif /* _RECS_BUILDER_HOT_LAYER_H_INCLUDED_ */
