/*
 * Copyright (C) recs authors
 *
 * Lists of users as recs_personal_t has them.
 */

#include "table.h"

#include <stdlib.h>
#include <string.h>


typedef struct {
    const uint8_t  *identity;
    uint32_t        user;
} recs_personal_record_t;


static int recs_personal_compare(const void *one, const void *two);


void
recs_personal_fill(const recs_dataset_t *d, const recs_model_list_t *list,
    recs_personal_t *out)
{
    uint32_t                      k, u, n;
    uint64_t                      at, size;
    recs_personal_record_t       *records;
    const recs_format_related_t  *entries;

    records = recs_alloc(((size_t) list->rows + 1)
                         * sizeof(recs_personal_record_t));
    entries = list->entries;

    for (u = 0, n = 0; u < list->rows; u++) {
        if (list->offsets[u] != list->offsets[u + 1]
            && recs_dataset_keeps(d, recs_keys16_get(d->users, u)))
        {
            records[n].identity = recs_keys16_get(d->users, u);
            records[n++].user = u;
        }
    }

    qsort(records, n, sizeof(recs_personal_record_t), recs_personal_compare);

    out->count = n;
    out->identities = recs_alloc((size_t) n * RECS_IDENTITY_SIZE + 1);
    out->offsets = recs_calloc((size_t) n + 1, sizeof(uint64_t));
    out->entries = recs_alloc((list->offsets[list->rows] + 1)
                              * sizeof(recs_format_related_t));

    for (k = 0, at = 0; k < n; k++) {
        u = records[k].user;
        size = list->offsets[u + 1] - list->offsets[u];

        memcpy(out->identities + (size_t) k * RECS_IDENTITY_SIZE,
               records[k].identity, RECS_IDENTITY_SIZE);
        memcpy(out->entries + at, entries + list->offsets[u],
               size * sizeof(recs_format_related_t));

        at += size;
        out->offsets[k + 1] = at;
    }

    free(records);
}


static int
recs_personal_compare(const void *one, const void *two)
{
    const recs_personal_record_t  *a, *b;

    a = one;
    b = two;

    return memcmp(a->identity, b->identity, RECS_IDENTITY_SIZE);
}
