/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/answer/recs_strategy.h"
#include "../memory.h"
#include "values.h"


#define RECS_VALUES_ONE  1.001f      /* 1, and what rounding adds to it */


typedef struct {
    const recs_snapshot_t  *s;
    uint64_t                users;
    const char             *why;
} recs_values_ctx_t;


static const char *recs_values_counts(const recs_snapshot_t *s,
    const recs_manifest_t *m);
static const char *recs_values_items(const recs_snapshot_t *s,
    const recs_manifest_t *m);
static const char *recs_values_order(const recs_snapshot_t *s,
    recs_column_e which, uint32_t *seen);
static const char *recs_values_list(const recs_snapshot_t *s,
    recs_list_e which, uint32_t *seen, uint64_t *lists);
static const char *recs_values_entry(recs_list_e which, const void *entry);
static const char *recs_values_postings(const recs_snapshot_t *s,
    recs_list_e which);
static int recs_values_posts(const recs_snapshot_t *s, recs_list_e which,
    uint32_t row, recs_item_t item);
static const char *recs_values_sections(const recs_snapshot_t *s);
static int recs_values_visit(void *data, recs_str_t *key, recs_str_t *value);
static int recs_values_related(const recs_snapshot_t *s,
    const recs_str_t *value);


static const uint8_t  recs_values_posted[] = {
    RECS_LIST_CATEGORY_ITEMS, RECS_LIST_BRAND_ITEMS, RECS_LIST_TAG_ITEMS
};


int
recs_values(const recs_snapshot_t *s, const recs_manifest_t *m,
    const char **why)
{
    uint32_t  i, items, *seen;
    uint64_t  lists;

    items = s->header.rows[RECS_DOMAIN_ITEMS];
    lists = 0;
    *why = recs_values_counts(s, m);

    /* the stamp of a row that cannot be: 0 is the first */

    seen = recs_calloc((size_t) items + 1, sizeof(uint32_t));

    if (*why == NULL) {
        *why = recs_values_items(s, m);
    }

    for (i = RECS_COLUMN_ORDER_PRICE;
         i <= RECS_COLUMN_ORDER_RATING && *why == NULL; i++)
    {
        *why = recs_values_order(s, i, seen);
    }

    for (i = 0; i < RECS_LIST_MAX && *why == NULL; i++) {
        if (recs_values_model(i)) {
            *why = recs_values_list(s, i, seen, &lists);
        }
    }

    for (i = 0; i < sizeof(recs_values_posted) && *why == NULL; i++) {
        *why = recs_values_postings(s, recs_values_posted[i]);
    }

    if (*why == NULL && lists != m->lists) {
        *why = "the number of lists is not that of the manifest";
    }

    if (*why == NULL) {
        *why = recs_values_sections(s);
    }

    free(seen);

    return *why ? RECS_ERROR : RECS_OK;
}


static const char *
recs_values_counts(const recs_snapshot_t *s, const recs_manifest_t *m)
{
    if (s->header.id != m->id) {
        return "the id of the snapshot is not that of its name";
    }

    if (s->header.rows[RECS_DOMAIN_ITEMS] != m->items
        || s->header.events != m->events
        || s->header.now_ms != m->created_ms)
    {
        return "the counts or the clock are not those of the manifest";
    }

    return NULL;
}


static const char *
recs_values_items(const recs_snapshot_t *s, const recs_manifest_t *m)
{
    uint32_t    i;
    uint64_t    key64, listed;
    recs_str_t  id, members;

    listed = 0;

    for (i = 0; i < s->header.rows[RECS_DOMAIN_ITEMS]; i++) {
        key64 = recs_column(s, RECS_COLUMN_KEY64, uint64_t, i);

        if (recs_snapshot_item(s, key64) != i) {
            return "the key of a product does not lead to it";
        }

        recs_snapshot_fragment(s, i, &id, &members);

        if (id.len < 2 || id.data[0] != '"' || id.data[id.len - 1] != '"') {
            return "the id of a product is no JSON string";
        }

        if (recs_column(s, RECS_COLUMN_FLAGS, uint8_t, i) & RECS_ITEM_LISTED) {
            listed++;
        }
    }

    if (listed != m->listed) {
        return "the number of listed products is not that of the manifest";
    }

    return NULL;
}


static const char *
recs_values_order(const recs_snapshot_t *s, recs_column_e which,
    uint32_t *seen)
{
    uint32_t  i, item, items;

    items = s->header.rows[RECS_DOMAIN_ITEMS];
    memset(seen, 0, items * sizeof(uint32_t));

    for (i = 0; i < items; i++) {
        item = recs_column(s, which, uint32_t, i);

        if (seen[item]++) {
            return "an order has a product twice";
        }
    }

    return NULL;
}


static const char *
recs_values_list(const recs_snapshot_t *s, recs_list_e which, uint32_t *seen,
    uint64_t *lists)
{
    unsigned        self;
    uint32_t        i, row, rows, count, item;
    const char     *why;
    const uint8_t  *p;

    /* what is looked at next, or bought at last, may be the same once more */

    self = (recs_format_lists[which].domain == RECS_DOMAIN_ITEMS
            && which != RECS_LIST_NEXT && which != RECS_LIST_WALK
            && which != RECS_LIST_VIEW_BUY && which != RECS_LIST_CART_BUY);
    rows = s->lists[which].rows;
    memset(seen, 0,
           s->header.rows[RECS_DOMAIN_ITEMS] * sizeof(uint32_t));

    for (row = 0; row < rows; row++) {
        p = recs_list(s, which, row, &count);
        *lists += (count != 0);

        for (i = 0; i < count; i++) {
            memcpy(&item, p, sizeof(item));

            if (seen[item] == row + 1) {
                return "a list has a product twice";
            }

            if (self && item == row) {
                return "a product is in its own list";
            }

            why = recs_values_entry(which, p);
            if (why) {
                return why;
            }

            seen[item] = row + 1;
            p += recs_format_lists[which].size;
        }
    }

    return NULL;
}


static const char *
recs_values_entry(recs_list_e which, const void *entry)
{
    float                          score, rest;
    const recs_format_ranked_t    *ranked;
    const recs_format_upgrade_t   *upgrade;
    const recs_format_together_t  *together;

    switch (which) {

    case RECS_LIST_SIMILAR:
        return NULL;

    case RECS_LIST_TOGETHER:
        together = entry;
        score = together->score;
        rest = together->support + together->confidence + together->lift
               + together->bound;
        break;

    case RECS_LIST_RELATED:
    case RECS_LIST_NEXT:
    case RECS_LIST_VIEW_BUY:
    case RECS_LIST_CART_BUY:
    case RECS_LIST_WALK:
    case RECS_LIST_UP_SELL:
    case RECS_LIST_COMPLEMENTARY:
        return isfinite(((const recs_format_related_t *) entry)->weight)
               ? NULL : "a weight of a list is no number";

    case RECS_LIST_UPGRADE:
        upgrade = entry;
        return (upgrade->affinity >= 0 && upgrade->affinity <= 100
                && upgrade->confidence >= 0 && upgrade->confidence <= 1
                && upgrade->days >= 0)
               ? NULL : "an affinity, confidence or days are out of range";

    default:
        ranked = entry;
        score = ranked->score;
        rest = ranked->confidence + ranked->value;
        break;
    }

    /* not a number fails every comparison */

    if (!(score >= 0 && score <= RECS_VALUES_ONE) || !isfinite(rest)) {
        return "a list has a score that is no number of 0 to 1";
    }

    return NULL;
}


/* Popular first, and what the columns of the products say. */

static const char *
recs_values_postings(const recs_snapshot_t *s, recs_list_e which)
{
    uint32_t         i, row, count;
    const uint32_t  *items;

    for (row = 0; row < s->lists[which].rows; row++) {
        items = recs_list(s, which, row, &count);

        for (i = 0; i < count; i++) {
            if (i && items[i] <= items[i - 1]) {
                return "the products of a name are not popular first";
            }

            if (!recs_values_posts(s, which, row, items[i])) {
                return "a name has a product that does not have it";
            }
        }
    }

    return NULL;
}


static int
recs_values_posts(const recs_snapshot_t *s, recs_list_e which, uint32_t row,
    recs_item_t item)
{
    uint32_t         i, count, category;
    const uint32_t  *tags;

    if (which == RECS_LIST_BRAND_ITEMS) {
        return recs_column(s, RECS_COLUMN_BRAND, uint32_t, item) == row;
    }

    if (which == RECS_LIST_CATEGORY_ITEMS) {
        category = recs_column(s, RECS_COLUMN_CATEGORY, uint32_t, item);
        return category >= row
               && category < recs_column(s, RECS_COLUMN_CATEGORY_END,
                                         uint32_t, row);
    }

    tags = recs_list(s, RECS_LIST_ITEM_TAGS, item, &count);

    for (i = 0; i < count && tags[i] != row; i++) {
        /* void */
    }

    return i < count;
}


static const char *
recs_values_sections(const recs_snapshot_t *s)
{
    recs_values_ctx_t  ctx;

    ctx.s = s;
    ctx.users = 0;
    ctx.why = NULL;

    if (recs_snapshot_each(s, recs_values_visit, &ctx) != RECS_OK) {
        return ctx.why ? ctx.why : "the table cannot be read";
    }

    if (ctx.users != s->header.users) {
        return "the number of users is not that of the header";
    }

    return NULL;
}


static int
recs_values_visit(void *data, recs_str_t *key, recs_str_t *value)
{
    recs_values_ctx_t   *ctx = data;

    uint32_t             n;
    recs_format_user_t   user;
    recs_format_seen_t   seen[RECS_USER_ENTRIES];

    switch (key->data[0]) {

    case 'A':
    case 'H':
    case 'L':
    case 'M':
    case 'R':
    case 'W':
    case 'S':
        return RECS_OK;

    case 'B':
    case 'C':
    case 'T':
        memcpy(&n, value->data, recs_min(value->len, sizeof(n)));

        if (key->len == 9 && value->len == sizeof(n)
            && n < ctx->s->header.rows[recs_snapshot_named(key->data[0])])
        {
            return RECS_OK;
        }

        ctx->why = "a name leads nowhere";
        return RECS_ERROR;

    case 'U':
        ctx->users++;

        if (key->len == 17
            && recs_snapshot_user(ctx->s, key->data + 1, &user, seen)
               == RECS_OK)
        {
            return RECS_OK;
        }

        ctx->why = "the history of a user cannot be read";
        return RECS_ERROR;

    case 'F':
        if (key->len == 2 && key->data[1] < RECS_STRATEGY_MAX) {
            return RECS_OK;
        }

        ctx->why = "there is a forest of an unknown strategy";
        return RECS_ERROR;

    case 'P':
        if (key->len == 2 + 16
            && key->data[1] < RECS_PERSONAL_MAX
            && recs_values_related(ctx->s, value) == RECS_OK)
        {
            return RECS_OK;
        }

        ctx->why = "a list of a user cannot be read";
        return RECS_ERROR;

    case 'Q':
        if (key->len == 9 && recs_values_related(ctx->s, value) == RECS_OK) {
            return RECS_OK;
        }

        ctx->why = "the list of a search cannot be read";
        return RECS_ERROR;

    default:
        ctx->why = "there is a section of an unknown kind";
        return RECS_ERROR;
    }
}


static int
recs_values_related(const recs_snapshot_t *s, const recs_str_t *value)
{
    size_t                 i, n;
    recs_format_related_t  entry;

    n = value->len / sizeof(entry);

    if (value->len % sizeof(entry) || n == 0 || n > RECS_PERSONAL_ENTRIES) {
        return RECS_ERROR;
    }

    for (i = 0; i < n; i++) {
        memcpy(&entry, value->data + i * sizeof(entry), sizeof(entry));

        if (entry.item >= s->header.rows[RECS_DOMAIN_ITEMS]
            || !isfinite(entry.weight))
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}
