/*
 * Copyright (C) recs authors
 *
 * A hot layer by the same parts as a base.
 */

#include <string.h>

#include "assemble.h"


static int recs_assemble_hot_lists(recs_writer_t *w,
    const recs_publish_hot_t *hot, recs_assembly_t *a, recs_error_t *err);


const recs_list_e  recs_publish_hot_lists[RECS_PUBLISH_HOT] = {
    RECS_LIST_TRENDING, RECS_LIST_REGION_TRENDING, RECS_LIST_PRICE_DROP,
    RECS_LIST_LOW_STOCK
};


int
recs_assemble_hot(recs_writer_t *w, const recs_publish_hot_t *hot,
    const recs_config_t *config, recs_assembly_t *a, recs_error_t *err)
{
    memset(a, 0, sizeof(recs_assembly_t));

    recs_assemble_header(&a->header, hot->d, config);

    a->header.kind = RECS_KIND_HOT;
    a->header.base = hot->base;
    a->header.events = hot->events;

    if (recs_assemble_columns(w, hot->d, a, err) != RECS_OK
        || recs_assemble_orders(w, hot->d, err) != RECS_OK
        || recs_assemble_names(w, hot->d, err) != RECS_OK
        || recs_assemble_fragments(w, hot->d, err) != RECS_OK
        || recs_assemble_hot_lists(w, hot, a, err) != RECS_OK
        || recs_assemble_cells(w, hot->report, err) != RECS_OK
        || recs_writer_rest(w, &a->header, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_assemble_meta(w, hot->d, config, NULL, a, err);
}


static int
recs_assemble_hot_lists(recs_writer_t *w, const recs_publish_hot_t *hot,
    recs_assembly_t *a, recs_error_t *err)
{
    unsigned                  n;
    uint32_t                  r, rows;
    recs_list_e               which;
    const recs_model_list_t  *list;

    for (n = 0; n < RECS_PUBLISH_HOT; n++) {
        which = recs_publish_hot_lists[n];
        list = &hot->lists[n];

        for (r = 0, rows = 0; r < list->rows; r++) {
            rows += (list->offsets[r] != list->offsets[r + 1]);
        }

        a->lists += rows;
        a->models[which].rows = rows;
        a->models[which].entries = list->offsets[list->rows];

        if (recs_writer_list(w, which, list, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}
