/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../recs_hash.h"
#include "recs_hot.h"


#define RECS_HOT_SLOTS_MIN  16


/* Where the parts of a layer are in its memory, in bytes. */

typedef struct {
    size_t    changed;
    size_t    slots;
    size_t    items;             /* of the base, by row of the hot one */
    size_t    names;             /* recs_hot_name_t, by hash */
    size_t    scopes;            /* row of the hot one, by scope of the base */
    size_t    regions;           /* the same by region */
    size_t    maps[RECS_HOT_LISTS];        /* scopes or regions */
    size_t    offsets[RECS_HOT_LISTS];
    size_t    entries[RECS_HOT_LISTS];
    size_t    count[RECS_HOT_LISTS];
    size_t    size;
    uint32_t  rows[RECS_HOT_LISTS];        /* of the base */
    uint32_t  slot_mask;
    uint32_t  name_mask;
} recs_hot_plan_t;


typedef struct {
    uint64_t  key;
    uint32_t  row;               /* + 1, 0: empty */
    uint32_t  padding;
} recs_hot_name_t;


static void recs_hot_plan(recs_hot_plan_t *plan, const recs_snapshot_t *base,
    const recs_snapshot_t *hot);
static size_t recs_hot_entries(const recs_array_t *a);
static size_t recs_hot_take(recs_hot_plan_t *plan, size_t n, size_t size);
static uint32_t recs_hot_mask(uint32_t rows);
static void recs_hot_items(recs_hot_t *h, const recs_hot_plan_t *plan,
    uint8_t *memory, const recs_snapshot_t *base);
static void recs_hot_rows(const recs_hot_plan_t *plan, uint8_t *memory,
    uint32_t *rows, recs_list_e names, const recs_snapshot_t *base,
    const recs_snapshot_t *hot);
static uint64_t recs_hot_name(const recs_snapshot_t *s, recs_list_e names,
    uint32_t row);
static void recs_hot_list(recs_hot_t *h, const recs_hot_plan_t *plan,
    uint8_t *memory, unsigned n);


static const recs_list_e  recs_hot_lists[RECS_HOT_LISTS] = {
    RECS_LIST_TRENDING, RECS_LIST_PRICE_DROP, RECS_LIST_LOW_STOCK,
    RECS_LIST_REGION_TRENDING
};


size_t
recs_hot_size(const recs_snapshot_t *base, const recs_snapshot_t *hot)
{
    recs_hot_plan_t  plan;

    recs_hot_plan(&plan, base, hot);

    return plan.size;
}


recs_hot_t *
recs_hot_init(void *memory, const recs_snapshot_t *base,
    const recs_snapshot_t *hot, const char **err)
{
    uint8_t          *p;
    uint32_t          n, *scopes;
    recs_hot_t       *h;
    recs_hot_plan_t   plan;

    if (base->header.kind != RECS_KIND_BASE) {
        *err = "the snapshot is no base but a hot layer";
        return NULL;
    }

    if (hot->header.kind != RECS_KIND_HOT) {
        *err = "the snapshot is no hot layer";
        return NULL;
    }

    recs_hot_plan(&plan, base, hot);
    memset(memory, 0, plan.size);

    p = memory;
    h = memory;
    h->hot = hot;

    recs_hot_items(h, &plan, p, base);

    /* scope 0 is the shop, the categories are behind it */

    scopes = (uint32_t *) (p + plan.scopes);
    scopes[0] = 0;

    recs_hot_rows(&plan, p, scopes + 1, RECS_LIST_CATEGORY_PATH, base, hot);
    recs_hot_rows(&plan, p, (uint32_t *) (p + plan.regions),
                  RECS_LIST_REGION_NAME, base, hot);

    for (n = 1; n <= base->header.rows[RECS_DOMAIN_CATEGORIES]; n++) {
        scopes[n] += (scopes[n] != RECS_NONE);
    }

    for (n = 0; n < RECS_HOT_LISTS; n++) {
        if (plan.count[n]) {
            recs_hot_list(h, &plan, p, n);
        }
    }

    return h;
}


static void
recs_hot_plan(recs_hot_plan_t *plan, const recs_snapshot_t *base,
    const recs_snapshot_t *hot)
{
    uint32_t         n, names;
    recs_list_e      list;
    const uint32_t  *b, *h;

    b = base->header.rows;
    h = hot->header.rows;

    names = recs_max(h[RECS_DOMAIN_CATEGORIES], h[RECS_DOMAIN_REGIONS]);

    memset(plan, 0, sizeof(recs_hot_plan_t));

    plan->slot_mask = recs_hot_mask(h[RECS_DOMAIN_ITEMS]);
    plan->name_mask = recs_hot_mask(names);

    (void) recs_hot_take(plan, 1, sizeof(recs_hot_t));

    plan->changed = recs_hot_take(plan, b[RECS_DOMAIN_ITEMS] / 64 + 1,
                                  sizeof(uint64_t));
    plan->slots = recs_hot_take(plan, (size_t) plan->slot_mask + 1,
                                sizeof(recs_hot_slot_t));
    plan->items = recs_hot_take(plan, h[RECS_DOMAIN_ITEMS],
                                sizeof(uint32_t));
    plan->names = recs_hot_take(plan, (size_t) plan->name_mask + 1,
                                sizeof(recs_hot_name_t));
    plan->scopes = recs_hot_take(plan,
                                 (size_t) b[RECS_DOMAIN_CATEGORIES] + 1,
                                 sizeof(uint32_t));
    plan->regions = recs_hot_take(plan, b[RECS_DOMAIN_REGIONS],
                                  sizeof(uint32_t));

    for (n = 0; n < RECS_HOT_LISTS; n++) {
        list = recs_hot_lists[n];

        plan->count[n] = recs_hot_entries(&hot->lists[list]);
        plan->rows[n] = b[recs_format_lists[list].domain];
        plan->maps[n] = (list == RECS_LIST_REGION_TRENDING)
                        ? plan->regions : plan->scopes;

        if (plan->count[n]) {
            plan->offsets[n] = recs_hot_take(plan, (size_t) plan->rows[n] + 1,
                                             sizeof(uint32_t));
            plan->entries[n] = recs_hot_take(plan, plan->count[n],
                                             sizeof(recs_format_ranked_t));
        }
    }
}


static size_t
recs_hot_entries(const recs_array_t *a)
{
    size_t    n;
    uint32_t  i;

    n = 0;

    for (i = 0; i < a->count; i++) {
        n += ((const recs_format_chunk_t *) a->chunks[i])->count;
    }

    return recs_min(n, UINT32_MAX);
}


static size_t
recs_hot_take(recs_hot_plan_t *plan, size_t n, size_t size)
{
    size_t  at;

    at = plan->size;
    plan->size += (n * size + 15) & ~(size_t) 15;

    return at;
}


/* A table at most half full. */

static uint32_t
recs_hot_mask(uint32_t rows)
{
    uint32_t  slots;

    for (slots = RECS_HOT_SLOTS_MIN; slots / 2 < rows; slots *= 2) {
        /* void */
    }

    return slots - 1;
}


/* Of two rows with one key the first counts. */

static void
recs_hot_items(recs_hot_t *h, const recs_hot_plan_t *plan, uint8_t *memory,
    const recs_snapshot_t *base)
{
    uint32_t          i, slot, *items;
    uint64_t         *changed;
    recs_item_t       item;
    recs_hot_slot_t  *slots;

    changed = (uint64_t *) (memory + plan->changed);
    slots = (recs_hot_slot_t *) (memory + plan->slots);
    items = (uint32_t *) (memory + plan->items);

    for (i = 0; i < h->hot->header.rows[RECS_DOMAIN_ITEMS]; i++) {
        item = recs_snapshot_item(base, recs_column(h->hot, RECS_COLUMN_KEY64,
                                                    uint64_t, i));
        items[i] = item;

        if (item == RECS_NO_ITEM || (changed[item >> 6] >> (item & 63) & 1)) {
            continue;
        }

        changed[item >> 6] |= (uint64_t) 1 << (item & 63);

        for (slot = item * 2654435761u & plan->slot_mask; slots[slot].row;
             slot = (slot + 1) & plan->slot_mask)
        {
            /* void */
        }

        slots[slot].item = item;
        slots[slot].row = i + 1;
        h->items++;
    }

    h->changed = changed;
    h->slots = slots;
    h->mask = plan->slot_mask;
}


/* The row of the hot snapshot that has the same name, for each of the base. */

static void
recs_hot_rows(const recs_hot_plan_t *plan, uint8_t *memory, uint32_t *rows,
    recs_list_e names, const recs_snapshot_t *base,
    const recs_snapshot_t *hot)
{
    uint32_t          i, n, slot;
    uint64_t          key;
    recs_domain_e     domain;
    recs_hot_name_t  *table;

    domain = recs_format_lists[names].domain;
    table = (recs_hot_name_t *) (memory + plan->names);

    memset(table, 0, ((size_t) plan->name_mask + 1) * sizeof(*table));

    for (i = 0; i < hot->header.rows[domain]; i++) {
        key = recs_hot_name(hot, names, i);
        slot = (uint32_t) key & plan->name_mask;

        while (table[slot].row && table[slot].key != key) {
            slot = (slot + 1) & plan->name_mask;
        }

        if (table[slot].row == 0) {
            table[slot].key = key;
            table[slot].row = i + 1;
        }
    }

    n = base->header.rows[domain];

    for (i = 0; i < n; i++) {
        key = recs_hot_name(base, names, i);
        slot = (uint32_t) key & plan->name_mask;

        while (table[slot].row && table[slot].key != key) {
            slot = (slot + 1) & plan->name_mask;
        }

        rows[i] = table[slot].row ? table[slot].row - 1 : RECS_NONE;
    }
}


static uint64_t
recs_hot_name(const recs_snapshot_t *s, recs_list_e names, uint32_t row)
{
    uint32_t     n;
    const void  *name;

    name = recs_list(s, names, row, &n);

    return recs_key64(name ? name : "", n);
}


/*
 * What the base does not know is left out, the order stays.  A base that has
 * a name twice must not make more of the entries than there are.
 */

static void
recs_hot_list(recs_hot_t *h, const recs_hot_plan_t *plan, uint8_t *memory,
    unsigned n)
{
    uint32_t                     r, i, count, used, *offsets;
    recs_item_t                  item;
    recs_hot_list_t             *list;
    const uint32_t              *rows, *items;
    const recs_format_ranked_t  *row;

    items = (const uint32_t *) (memory + plan->items);
    rows = (const uint32_t *) (memory + plan->maps[n]);
    offsets = (uint32_t *) (memory + plan->offsets[n]);

    list = &h->lists[h->list_count++];
    list->list = recs_hot_lists[n];
    list->rows = plan->rows[n];
    list->offsets = offsets;
    list->entries = (recs_format_ranked_t *) (memory + plan->entries[n]);

    used = 0;

    for (r = 0; r < list->rows; r++) {
        row = recs_list(h->hot, list->list, rows[r], &count);

        for (i = 0; i < count && used < plan->count[n]; i++) {
            item = items[row[i].item];

            if (item != RECS_NO_ITEM) {
                list->entries[used] = row[i];
                list->entries[used++].item = item;
            }
        }

        offsets[r + 1] = used;
    }
}
