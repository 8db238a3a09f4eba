/*
 * Copyright (C) recs authors
 */

#include "gate.h"


static int recs_gate_share(const char *what, uint64_t next, uint64_t before,
    double most, const char *option, int force, recs_error_t *err);


int
recs_gate_empty(uint64_t items, uint64_t listed, recs_error_t *err)
{
    if (items == 0) {
        return recs_error(err, "refused: there is no product to publish; "
                          "are the events and the catalogue those of this "
                          "shop?");
    }

    if (listed == 0) {
        return recs_error(err, "refused: none of %llu products is listed; "
                          "is the catalogue that of this shop?",
                          (unsigned long long) items);
    }

    return RECS_OK;
}


int
recs_gate_drop(const recs_manifest_t *next, const recs_manifest_t *before,
    const recs_config_t *config, recs_error_t *err)
{
    if (before == NULL) {
        return RECS_OK;
    }

    if (recs_gate_share("products", next->items, before->items,
                        config->max_items_drop, "max_items_drop",
                        config->force, err) != RECS_OK
        || recs_gate_share("listed products", next->listed, before->listed,
                           config->max_items_drop, "max_items_drop",
                           config->force, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_gate_share("lists", next->lists, before->lists,
                           config->max_lists_drop, "max_lists_drop",
                           config->force, err);
}


static int
recs_gate_share(const char *what, uint64_t next, uint64_t before, double most,
    const char *option, int force, recs_error_t *err)
{
    double  share;

    if (next >= before) {
        return RECS_OK;
    }

    share = (double) (before - next) / (double) before;

    if (share <= most) {
        return RECS_OK;
    }

    if (force) {
        recs_message(RECS_MSG_WARN, "publish", "%llu %s instead of %llu, "
                     "published by force", (unsigned long long) next, what,
                     (unsigned long long) before);
        return RECS_OK;
    }

    return recs_error(err, "refused: %llu %s instead of %llu, %.0f %% less "
                      "where %s allows %.0f %%; --force publishes it",
                      (unsigned long long) next, what,
                      (unsigned long long) before, share * 100, option,
                      most * 100);
}
