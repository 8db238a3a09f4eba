/*
 * Copyright (C) recs authors
 *
 * A snapshot in memory for tests of core/answer: columns and lists of one
 * chunk each, without a file behind them (users and names need one).
 */

#ifndef _RECS_MEMORY_SHOP_H_INCLUDED_
#define _RECS_MEMORY_SHOP_H_INCLUDED_


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/answer/recs_strategy.h"
#include "core/recs_hash.h"


#define SHOP_SHIFT  20

#define shop_set(s, which, type, row, value)                                 \
    (((type *) (uintptr_t) (s)->columns[which].chunks[0])[row] = (value))


static inline void
shop_list(recs_snapshot_t *s, unsigned which, uint32_t row,
    const void *entries, uint32_t n)
{
    size_t                head, size, rows;
    uint8_t              *old, *p;
    uint32_t             *offsets, i;
    recs_format_chunk_t  *chunk;

    /* rows must be set in order; those behind are empty */

    size = recs_format_lists[which].size;
    rows = s->lists[which].rows;
    head = recs_format_entries(rows);
    old = (uint8_t *) (uintptr_t) s->lists[which].chunks[0];
    chunk = (recs_format_chunk_t *) old;

    p = calloc(1, head + (chunk->count + n) * size + 16);
    memcpy(p, old, head + chunk->count * size);
    chunk = (recs_format_chunk_t *) p;

    if (n) {
        memcpy(p + head + chunk->count * size, entries, n * size);
    }

    chunk->count += n;
    offsets = (uint32_t *) (chunk + 1);

    for (i = row + 1; i <= rows; i++) {
        offsets[i] = chunk->count;
    }

    free(old);
    s->lists[which].chunks[0] = p;
}


/* Empty columns and lists of a domain, of so many rows. */

static inline void
shop_domain(recs_snapshot_t *s, recs_domain_e domain, uint32_t rows)
{
    uint32_t              i;
    recs_array_t         *a;
    recs_format_chunk_t  *chunk;

    s->header.rows[domain] = rows;

    for (i = 0; i < RECS_COLUMN_MAX + RECS_LIST_MAX; i++) {
        a = (i < RECS_COLUMN_MAX) ? &s->columns[i]
                                  : &s->lists[i - RECS_COLUMN_MAX];

        if (((i < RECS_COLUMN_MAX) ? recs_format_columns[i].domain
             : recs_format_lists[i - RECS_COLUMN_MAX].domain) != domain)
        {
            continue;
        }

        if (a->chunks == NULL) {
            a->chunks = calloc(1, sizeof(uint8_t *));
        }

        free((void *) (uintptr_t) a->chunks[0]);

        a->rows = rows;
        a->shift = SHOP_SHIFT;
        a->mask = (1u << SHOP_SHIFT) - 1;
        a->count = 1;

        if (i < RECS_COLUMN_MAX) {
            a->size = recs_format_columns[i].size;
            a->chunks[0] = calloc(rows + 1, a->size);
            continue;
        }

        a->size = recs_format_lists[i - RECS_COLUMN_MAX].size;
        chunk = calloc(1, recs_format_entries(rows));
        chunk->entries = recs_format_entries(rows);
        chunk->entry_size = a->size;
        a->chunks[0] = (uint8_t *) chunk;
    }
}


static inline recs_snapshot_t *
shop_create(uint32_t items)
{
    char              text[64];
    uint32_t          i, slot;
    recs_snapshot_t  *s;

    s = calloc(1, sizeof(recs_snapshot_t));

    s->header.rows[RECS_DOMAIN_ITEMS] = items;
    s->header.rows[RECS_DOMAIN_SCOPES] = 1;
    s->header.rows[RECS_DOMAIN_WEEKS] = RECS_FORMAT_WEEKS;
    s->header.rows[RECS_DOMAIN_SLOTS] = 1024;
    s->header.weights[0] = .4f;
    s->header.weights[1] = .15f;
    s->header.weights[2] = .2f;
    s->header.weights[3] = .15f;
    s->header.weights[4] = .1f;

    s->header.serving.related = 1;
    s->header.serving.history_decay = 1;

    recs_snapshot_share(s->header.weights, s->share);

    for (i = 0; i < RECS_DOMAIN_MAX; i++) {
        shop_domain(s, i, s->header.rows[i]);
    }

    for (i = 0; i < items; i++) {
        snprintf(text, sizeof(text), "p%u", i);
        shop_set(s, RECS_COLUMN_KEY64, uint64_t, i,
                 recs_key64(text, strlen(text)));
        slot = (uint32_t) recs_key64(text, strlen(text)) & 1023;

        while (recs_column(s, RECS_COLUMN_SLOT, uint32_t, slot)) {
            slot = (slot + 1) & 1023;
        }

        shop_set(s, RECS_COLUMN_SLOT, uint32_t, slot, i + 1);
        shop_set(s, RECS_COLUMN_FLAGS, uint8_t, i, RECS_ITEM_SHOWN);
        shop_set(s, RECS_COLUMN_PRICE, int64_t, i, (i + 1) * RECS_MICRO);
        shop_set(s, RECS_COLUMN_LIST_PRICE, int64_t, i, RECS_NO_MONEY);
        shop_set(s, RECS_COLUMN_REFERENCE_PRICE, int64_t, i, RECS_NO_MONEY);
        shop_set(s, RECS_COLUMN_STOCK, int32_t, i, RECS_NO_STOCK);

        memset(text, 0, 4);
        text[0] = (char) snprintf(text + 4, sizeof(text) - 4, "\"p%u\"", i);
        text[2] = (char) snprintf(text + 4 + text[0],
                                  sizeof(text) - 4 - text[0],
                                  "\"title\":\"Product %u\"", i);
        shop_list(s, RECS_LIST_FRAGMENT_JSON, i, text,
                  4 + text[0] + text[2]);
    }

    return s;
}


static inline void
shop_destroy(recs_snapshot_t *s)
{
    unsigned  i;

    for (i = 0; i < RECS_COLUMN_MAX; i++) {
        free((void *) (uintptr_t) s->columns[i].chunks[0]);
        free(s->columns[i].chunks);
    }

    for (i = 0; i < RECS_LIST_MAX; i++) {
        free((void *) (uintptr_t) s->lists[i].chunks[0]);
        free(s->lists[i].chunks);
    }

    free(s);
}


#endif /* _RECS_MEMORY_SHOP_H_INCLUDED_ */
