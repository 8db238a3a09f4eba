/*
 * Copyright (C) recs authors
 *
 * One immutable snapshot, mapped.  Everything that these functions return
 * points into the map and is valid until recs_snapshot_close(); the caller
 * counts its references.  Readers need no lock and allocate nothing.
 */

#ifndef _RECS_SNAPSHOT_H_INCLUDED_
#define _RECS_SNAPSHOT_H_INCLUDED_


#include "recs_cells.h"
#include "recs_forest.h"
#include "recs_rule.h"


typedef struct recs_snapshot_s  recs_snapshot_t;


typedef struct {
    const uint8_t  **chunks;
    uint32_t         count;      /* chunks */
    uint32_t         rows;       /* of the domain */
    uint32_t         mask;
    uint32_t         size;       /* of an entry of a list, or a value, bytes */
    uint8_t          shift;
} recs_array_t;


struct recs_snapshot_s {
    recs_format_header_t   header;
    recs_array_t           columns[RECS_COLUMN_MAX];
    recs_array_t           lists[RECS_LIST_MAX];
    float                  share[1 << RECS_FORMAT_FACTORS];
                                       /* of the weights, by "observed" */
    const recs_forest_t   *forests[RECS_FORESTS];
                                       /* by strategy, NULL: none */
    const recs_rules_t    *rules;      /* NULL: none */
    const uint64_t        *users;      /* the filter, NULL: none */
    uint64_t               users_mask; /* words of it - 1 */
    recs_cells_t           cells;      /* of 'S', checked */
    uint64_t               bytes;      /* size of the file */
    void                  *private;    /* LMDB */
};


/*
 * Opens the snapshot behind descriptor "fd", which the caller has checked
 * (recs_manifest.h) and may close afterwards.  LMDB opens /proc/self/fd/N,
 * so that what is mapped is what was hashed.  Checks header, sizes, chunks
 * and the offsets of every list row, so that no later access can leave the
 * map.  On error returns RECS_ERROR with *err; nothing is left open.
 */

int recs_snapshot_open(recs_snapshot_t **snapshot, int fd, const char **err);

void recs_snapshot_close(recs_snapshot_t *snapshot);


/* Fills the table that "share" is, from five weights. */

void recs_snapshot_share(const float *weights, float *share);


/* The value of row "row" of a column; the row must be below its rows. */

#define recs_column(s, which, type, row)                                     \
    (((const type *) (const void *) (s)->columns[which].chunks[              \
                                (row) >> (s)->columns[which].shift])         \
     [(row) & (s)->columns[which].mask])


/*
 * The entries of a list row; *count is 0 and the result NULL where the row
 * is empty or out of range.
 */

static inline const void *
recs_list(const recs_snapshot_t *s, recs_list_e list, uint32_t row,
    uint32_t *count)
{
    uint32_t             rows;
    const uint8_t       *p;
    const uint32_t      *offset;
    const recs_array_t  *a;

    a = &s->lists[list];
    *count = 0;

    if (row >= a->rows) {
        return NULL;
    }

    p = a->chunks[row >> a->shift];
    offset = (const uint32_t *) (p + sizeof(recs_format_chunk_t))
             + (row & a->mask);

    if (offset[0] == offset[1]) {
        return NULL;
    }

    *count = offset[1] - offset[0];
    rows = recs_min(a->rows - (row & ~a->mask), a->mask + 1);

    return p + recs_format_entries(rows) + (size_t) offset[0] * a->size;
}


/*
 * Ask the memory for what recs_list() looks at to find a row, for the value of
 * a row of a column, which must be below its rows: to be called for many rows
 * before the first of them is read, since each is a cache line of its own,
 * and a large snapshot is not in the caches.
 */

static inline void
recs_list_prefetch(const recs_snapshot_t *s, recs_list_e list, uint32_t row)
{
    const uint8_t       *p;
    const recs_array_t  *a;

    a = &s->lists[list];

    if (row < a->rows) {
        p = a->chunks[row >> a->shift];
        __builtin_prefetch(p + sizeof(recs_format_chunk_t)
                           + (row & a->mask) * sizeof(uint32_t));
    }
}

#define recs_column_prefetch(s, which, type, row)                            \
    __builtin_prefetch(&recs_column(s, which, type, row))


/* The item of a product key, RECS_NO_ITEM where there is none. */

recs_item_t recs_snapshot_item(const recs_snapshot_t *s, uint64_t key64);

/* recs_column_prefetch() of what recs_snapshot_item() looks at first. */

static inline void
recs_snapshot_item_prefetch(const recs_snapshot_t *s, uint64_t key64)
{
    recs_column_prefetch(s, RECS_COLUMN_SLOT, uint32_t,
                         (uint32_t) key64
                         & (s->columns[RECS_COLUMN_SLOT].rows - 1));
}

/*
 * The number behind the key of a category ('C'), a brand ('B') or a tag ('T',
 * recs_key64_tag()), RECS_NONE.
 */

#define recs_snapshot_named(section)                                         \
    ((section) == 'C' ? RECS_DOMAIN_CATEGORIES                               \
     : (section) == 'B' ? RECS_DOMAIN_BRANDS : RECS_DOMAIN_TAGS)

uint32_t recs_snapshot_name(const recs_snapshot_t *s, uint8_t section,
    uint64_t key64);

/*
 * Copies the record of an identity into *user and at most
 * RECS_USER_ENTRIES entries into "seen".  RECS_DECLINED: there is none.
 */

int recs_snapshot_user(const recs_snapshot_t *s, const uint8_t *identity,
    recs_format_user_t *user, recs_format_seen_t *seen);

/*
 * Copies at most "max" entries of a value of section 'P' or 'Q' and returns
 * how many: 0 where there is none or it is not whole.
 */

uint32_t recs_snapshot_related(const recs_snapshot_t *s, const uint8_t *key,
    size_t len, recs_format_related_t *entries, uint32_t max);

/* The metadata, a msgpack map (recs_meta.h reads it). */

recs_str_t recs_snapshot_meta(const recs_snapshot_t *s);

/*
 * The product id as a JSON string, and the members of "product" as JSON text
 * without braces.
 */

static inline void
recs_snapshot_fragment(const recs_snapshot_t *s, recs_item_t item,
    recs_str_t *id, recs_str_t *product)
{
    uint32_t        count;
    const uint8_t  *p;

    p = recs_list(s, RECS_LIST_FRAGMENT_JSON, item, &count);

    if (p == NULL) {
        id->len = product->len = 0;
        id->data = product->data = NULL;
        return;
    }

    id->len = p[0] + (p[1] << 8);
    id->data = p + sizeof(recs_format_fragment_t);

    product->data = id->data + id->len;
    product->len = count - sizeof(recs_format_fragment_t) - id->len;
}


/* Of those members the ones that do not change while the snapshot is used. */

static inline void
recs_snapshot_static(const recs_snapshot_t *s, recs_item_t item,
    recs_str_t *fixed)
{
    uint32_t        count;
    const uint8_t  *p;

    p = recs_list(s, RECS_LIST_FRAGMENT_JSON, item, &count);

    fixed->len = p ? p[2] + (p[3] << 8) : 0;
    fixed->data = p ? p + sizeof(recs_format_fragment_t)
                      + p[0] + (p[1] << 8) : NULL;
}


/*
 * Calls "visit" for each key and value in key order, for inspect and verify;
 * stops at the first result that is not RECS_OK and returns it.
 */

typedef int (*recs_snapshot_visit_pt)(void *ctx, recs_str_t *key,
    recs_str_t *value);

int recs_snapshot_each(const recs_snapshot_t *s, recs_snapshot_visit_pt visit,
    void *ctx);


#endif /* _RECS_SNAPSHOT_H_INCLUDED_ */
