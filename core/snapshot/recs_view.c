/*
 * Copyright (C) recs authors
 */

#include "../recs_hash.h"
#include "recs_view.h"


uint64_t
recs_view_id(uint64_t base, uint64_t hot)
{
    uint64_t  ids[2] = { base, hot };

    return hot ? recs_key64(ids, sizeof(ids)) : base;
}


const recs_format_ranked_t *
recs_view_ranked(const recs_view_t *v, recs_list_e list, uint32_t row,
    uint32_t *count)
{
    uint32_t                i;
    const recs_hot_list_t  *hot;

    for (i = 0; v->hot && i < v->hot->list_count; i++) {
        hot = &v->hot->lists[i];

        if (hot->list == list && row < hot->rows
            && hot->offsets[row] != hot->offsets[row + 1])
        {
            *count = hot->offsets[row + 1] - hot->offsets[row];
            return hot->entries + hot->offsets[row];
        }
    }

    return recs_list(v->base, list, row, count);
}
