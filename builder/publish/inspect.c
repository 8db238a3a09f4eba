/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../core/answer/recs_strategy.h"
#include "../../core/recs_hash.h"
#include "../../core/snapshot/recs_meta.h"
#include "open.h"
#include "publish.h"
#include "show.h"
#include "values.h"


typedef struct {
    const char   *prefix;
    int         (*show)(recs_show_t *show, const char *value,
                        recs_error_t *err);
} recs_inspect_key_t;


static int recs_inspect_summary(recs_show_t *show, recs_error_t *err);
static void recs_inspect_header(recs_show_t *show);
static int recs_inspect_meta(recs_show_t *show, recs_error_t *err);
static int recs_inspect_arrays(recs_show_t *show, recs_error_t *err);
static int recs_inspect_forests(recs_show_t *show, recs_error_t *err);
static int recs_inspect_rules(recs_show_t *show, recs_error_t *err);
static int recs_inspect_product(recs_show_t *show, const char *value,
    recs_error_t *err);
static void recs_inspect_tags(recs_show_t *show, recs_item_t item);
static int recs_inspect_category(recs_show_t *show, const char *value,
    recs_error_t *err);
static int recs_inspect_brand(recs_show_t *show, const char *value,
    recs_error_t *err);
static int recs_inspect_tag(recs_show_t *show, const char *value,
    recs_error_t *err);
static int recs_inspect_list(recs_show_t *show, const char *value,
    recs_error_t *err);
static int recs_inspect_row(recs_show_t *show, recs_list_e which,
    const char *value, uint32_t *row, recs_error_t *err);
static int recs_inspect_named(recs_show_t *show, recs_list_e names,
    const char *value, uint32_t *row, recs_error_t *err);
static int recs_inspect_user(recs_show_t *show, const char *value,
    recs_error_t *err);
static int recs_inspect_seen(recs_show_t *show, const recs_format_seen_t *seen,
    recs_error_t *err);
static int recs_inspect_session(recs_show_t *show, const char *value,
    recs_error_t *err);
static int recs_inspect_search(recs_show_t *show, const char *value,
    recs_error_t *err);
static int recs_inspect_report(recs_show_t *show, const char *value,
    recs_error_t *err);
static int recs_inspect_related(recs_show_t *show, const char *name,
    const uint8_t *key, size_t len, recs_error_t *err);
static int recs_inspect_identity(const char *hex, uint8_t *identity);


static const recs_inspect_key_t  recs_inspect_keys[] = {
    { "product:", recs_inspect_product },
    { "category:", recs_inspect_category },
    { "brand:", recs_inspect_brand },
    { "tag:", recs_inspect_tag },
    { "list:", recs_inspect_list },
    { "user:", recs_inspect_user },
    { "session:", recs_inspect_session },
    { "search:", recs_inspect_search },
    { "report:", recs_show_report_text },
    { "report", recs_inspect_report },
    { NULL, NULL }
};


int
recs_inspect(const char *path, const char *key, recs_error_t *err)
{
    int                        rc;
    recs_show_t                show;
    recs_snapshot_t           *s;
    const recs_inspect_key_t  *k;

    if (recs_open_snapshot(path, 0, &s, err) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_show_init(&show, s);

    if (key == NULL) {
        rc = recs_inspect_summary(&show, err);
        goto done;
    }

    for (k = recs_inspect_keys; k->prefix; k++) {
        if (strncmp(key, k->prefix, strlen(k->prefix)) == 0) {
            rc = k->show(&show, key + strlen(k->prefix), err);
            goto done;
        }
    }

    rc = recs_error(err, "\"%s\": a key is product:ID, category:PATH, "
                    "brand:NAME, tag:NAME, list:NAME[:ROW], "
                    "user:HEX, session:N, search:TEXT or report[:NAME]", key);

done:

    recs_show_done(&show);
    recs_snapshot_close(s);

    return rc;
}


static int
recs_inspect_summary(recs_show_t *show, recs_error_t *err)
{
    recs_inspect_header(show);

    if (recs_show_line(show, err) != RECS_OK
        || recs_inspect_meta(show, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (recs_inspect_arrays(show, err) != RECS_OK) {
        return RECS_ERROR;
    }

    if (recs_inspect_forests(show, err) != RECS_OK) {
        return RECS_ERROR;
    }

    if (show->s->cells.meta.made_ms
        && recs_show_report_head(show, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_inspect_rules(show, err);
}


static void
recs_inspect_header(recs_show_t *show)
{
    unsigned                     i;
    const uint8_t               *currency;
    const recs_format_header_t  *h;

    static const char *const  domains[RECS_DOMAIN_MAX] = {
        "items", "categories", "brands", "scopes", "weeks", "slots",
        "regions", "sessions", "tags", "segments"
    };

    h = &show->s->header;

    recs_show_hex(show, "snapshot", h->id);
    recs_show_u64(show, "format", h->version);
    recs_show_u64(show, "bytes", show->s->bytes);
    recs_show_i64(show, "now", h->now_ms);
    recs_show_i64(show, "newest", h->newest_ms);
    recs_show_u64(show, "events", h->events);
    recs_show_u64(show, "baskets", h->baskets);
    recs_show_u64(show, "users", h->users);
    recs_show_u64(show, "key", h->recent_key);

    for (i = 0; i < RECS_DOMAIN_MAX; i++) {
        recs_show_u64(show, domains[i], h->rows[i]);
    }

    recs_show_name(show, "currencies");
    recs_out_byte(&show->out, '[');

    for (i = 0; i < RECS_FORMAT_CURRENCIES; i++) {
        currency = h->currencies[i];

        if (currency[0]) {
            recs_out_bytes(&show->out, i ? ",\"" : "\"", i ? 2 : 1);
            recs_out_bytes(&show->out, currency, 3);
            recs_out_byte(&show->out, '"');
        }
    }

    recs_out_byte(&show->out, ']');
}


static int
recs_inspect_meta(recs_show_t *show, recs_error_t *err)
{
    recs_str_t  meta;

    meta = recs_snapshot_meta(show->s);

    recs_show_name(show, "metadata");

    if (recs_meta_json(&meta, &show->out) != RECS_OK) {
        return recs_error(err, "the metadata cannot be read");
    }

    return recs_show_line(show, err);
}


static int
recs_inspect_arrays(recs_show_t *show, recs_error_t *err)
{
    unsigned                  i, list;
    uint32_t                  row, count;
    uint64_t                  entries, filled;
    const recs_array_t       *a;
    const recs_format_row_t  *r;

    for (i = 0; i < RECS_COLUMN_MAX + RECS_LIST_MAX; i++) {
        list = (i >= RECS_COLUMN_MAX) ? i - RECS_COLUMN_MAX : RECS_LIST_MAX;

        r = (list == RECS_LIST_MAX) ? &recs_format_columns[i]
                                    : &recs_format_lists[list];
        a = (list == RECS_LIST_MAX) ? &show->s->columns[i]
                                    : &show->s->lists[list];

        recs_show_text(show, (list == RECS_LIST_MAX) ? "column" : "list",
                       r->name, strlen(r->name));
        recs_show_u64(show, "rows", a->rows);
        recs_show_u64(show, "size", r->size);
        recs_show_u64(show, "chunks", a->count);

        if (list != RECS_LIST_MAX) {
            entries = filled = 0;

            for (row = 0; row < a->rows; row++) {
                (void) recs_list(show->s, list, row, &count);
                entries += count;
                filled += (count != 0);
            }

            recs_show_u64(show, "filled", filled);
            recs_show_u64(show, "entries", entries);
        }

        if (recs_show_line(show, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_inspect_forests(recs_show_t *show, recs_error_t *err)
{
    unsigned              i;
    const recs_str_t     *name;
    const recs_forest_t  *f;

    for (i = 0; i < RECS_STRATEGY_MAX; i++) {
        f = show->s->forests[i];

        if (f == NULL) {
            continue;
        }

        name = &recs_strategies[i].name;

        recs_show_text(show, "forest", name->data, name->len);
        recs_show_u64(show, "trees", f->trees);
        recs_show_u64(show, "depth", f->depth);
        recs_show_u64(show, "candidates", f->candidates);

        if (recs_show_line(show, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


/* What a rule does and when; whom it is for, by numbers of names. */

static int
recs_inspect_rules(recs_show_t *show, recs_error_t *err)
{
    uint32_t             i;
    const recs_rule_t   *r;
    const recs_rules_t  *rules;

    rules = show->s->rules;

    for (i = 0; rules && i < rules->count; i++) {
        r = &rules->rules[i];

        recs_show_text(show, "rule", r->name, strlen(r->name));
        recs_show_text(show, "action", recs_rule_actions[r->action],
                       strlen(recs_rule_actions[r->action]));

        if (r->action == RECS_RULE_PIN || r->action == RECS_RULE_CAP) {
            recs_show_u64(show, "place", r->place);
        }

        if (r->action == RECS_RULE_BOOST || r->action == RECS_RULE_DIVERSITY) {
            recs_show_float(show, "factor", r->factor);
        }

        recs_show_hex(show, "types", r->strategies);
        recs_show_i64(show, "from", r->from_ms);
        recs_show_i64(show, "to", r->to_ms);
        recs_show_hex(show, "months", r->months);
        recs_show_hex(show, "asks", r->asks);
        recs_show_u64(show, "regions", r->regions.count);
        recs_show_u64(show, "segments", r->segments.count);
        recs_show_u64(show, "items", r->items.count);
        recs_show_u64(show, "categories", r->categories.count / 2);
        recs_show_u64(show, "brands", r->brands.count);
        recs_show_u64(show, "tags", r->tags.count);

        if (recs_show_line(show, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_inspect_product(recs_show_t *show, const char *value, recs_error_t *err)
{
    unsigned     i;
    recs_str_t   id, members;
    recs_item_t  item;

    item = recs_snapshot_item(show->s, recs_key64(value, strlen(value)));

    if (item == RECS_NO_ITEM) {
        return recs_error(err, "product \"%s\" is not in the snapshot", value);
    }

    recs_show_product(show, item);
    recs_show_u64(show, "item", item);

    for (i = 0; i < RECS_COLUMN_MAX; i++) {
        if (i >= RECS_COLUMN_ORDER_PRICE && i <= RECS_COLUMN_ORDER_RATING) {
            continue;
        }

        if (recs_format_columns[i].domain == RECS_DOMAIN_ITEMS) {
            recs_show_column(show, i, item);
        }
    }

    recs_inspect_tags(show, item);
    recs_snapshot_fragment(show->s, item, &id, &members);

    recs_show_name(show, "product");
    recs_out_byte(&show->out, '{');
    recs_out_bytes(&show->out, members.data, members.len);
    recs_out_byte(&show->out, '}');

    if (recs_show_line(show, err) != RECS_OK) {
        return RECS_ERROR;
    }

    for (i = 0; i < RECS_LIST_MAX; i++) {
        if (recs_values_model(i)
            && recs_format_lists[i].domain == RECS_DOMAIN_ITEMS
            && recs_show_list(show, i, item, err) != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static void
recs_inspect_tags(recs_show_t *show, recs_item_t item)
{
    uint32_t         i, count;
    recs_str_t       name;
    const uint32_t  *tags;

    tags = recs_list(show->s, RECS_LIST_ITEM_TAGS, item, &count);

    recs_show_name(show, "tags");
    recs_out_byte(&show->out, '[');

    for (i = 0; i < count; i++) {
        name = recs_show_string(show->s, RECS_LIST_TAG_NAME, tags[i]);

        if (i) {
            recs_out_byte(&show->out, ',');
        }

        recs_out_byte(&show->out, '"');
        recs_out_json(&show->out, name.data, name.len);
        recs_out_byte(&show->out, '"');
    }

    recs_out_byte(&show->out, ']');
}


static int
recs_inspect_category(recs_show_t *show, const char *value, recs_error_t *err)
{
    unsigned    i;
    uint32_t    n;
    recs_str_t  path;

    n = recs_snapshot_name(show->s, 'C', recs_key64(value, strlen(value)));

    if (n == RECS_NONE) {
        return recs_error(err, "category \"%s\" is not in the snapshot",
                          value);
    }

    path = recs_show_string(show->s, RECS_LIST_CATEGORY_PATH, n);

    recs_show_text(show, "category", path.data, path.len);
    recs_show_u64(show, "number", n);
    recs_show_column(show, RECS_COLUMN_CATEGORY_END, n);

    if (recs_show_line(show, err) != RECS_OK) {
        return RECS_ERROR;
    }

    for (i = 0; i < RECS_LIST_MAX; i++) {
        if (recs_values_model(i)
            && recs_format_lists[i].domain == RECS_DOMAIN_SCOPES
            && recs_show_list(show, i, n + 1, err) != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return recs_show_list(show, RECS_LIST_CATEGORY_ITEMS, n, err);
}


static int
recs_inspect_brand(recs_show_t *show, const char *value, recs_error_t *err)
{
    uint32_t    n;
    recs_str_t  name;

    n = recs_snapshot_name(show->s, 'B', recs_key64(value, strlen(value)));

    if (n == RECS_NONE) {
        return recs_error(err, "brand \"%s\" is not in the snapshot", value);
    }

    name = recs_show_string(show->s, RECS_LIST_BRAND_NAME, n);

    recs_show_text(show, "brand", name.data, name.len);
    recs_show_u64(show, "number", n);

    if (recs_show_line(show, err) != RECS_OK) {
        return RECS_ERROR;
    }

    return recs_show_list(show, RECS_LIST_BRAND_ITEMS, n, err);
}


static int
recs_inspect_tag(recs_show_t *show, const char *value, recs_error_t *err)
{
    uint32_t    n;
    recs_str_t  name;

    n = recs_snapshot_name(show->s, 'T', recs_key64_tag(value,
                                                        strlen(value)));

    if (n == RECS_NONE) {
        return recs_error(err, "tag \"%s\" is not in the snapshot", value);
    }

    name = recs_show_string(show->s, RECS_LIST_TAG_NAME, n);

    recs_show_text(show, "tag", name.data, name.len);
    recs_show_u64(show, "number", n);

    if (recs_show_line(show, err) != RECS_OK) {
        return RECS_ERROR;
    }

    return recs_show_list(show, RECS_LIST_TAG_ITEMS, n, err);
}


static int
recs_inspect_list(recs_show_t *show, const char *value, recs_error_t *err)
{
    size_t       len;
    unsigned     i;
    uint32_t     row;
    const char  *name;

    len = strcspn(value, ":");

    for (i = 0; i < RECS_LIST_MAX; i++) {
        name = recs_format_lists[i].name;

        if (!recs_values_model(i)
            || recs_format_lists[i].domain == RECS_DOMAIN_ITEMS
            || strlen(name) != len || memcmp(name, value, len) != 0)
        {
            continue;
        }

        value += len + (value[len] != '\0');

        if (recs_inspect_row(show, i, value, &row, err) != RECS_OK) {
            return RECS_ERROR;
        }

        return recs_show_list(show, i, row, err);
    }

    return recs_error(err, "list \"%.*s\" is not one of the whole shop",
                      (int) len, value);
}


static int
recs_inspect_row(recs_show_t *show, recs_list_e which, const char *value,
    uint32_t *row, recs_error_t *err)
{
    char      *end;
    uint32_t   n;

    *row = 0;

    if (recs_format_lists[which].domain == RECS_DOMAIN_WEEKS) {
        n = (uint32_t) strtoul(value, &end, 10);

        if (*value == '\0' || *end != '\0' || n >= RECS_FORMAT_WEEKS) {
            return recs_error(err, "\"%s\" is no week from 0 to 52", value);
        }

        *row = n;
        return RECS_OK;
    }

    if (recs_format_lists[which].domain == RECS_DOMAIN_REGIONS) {
        return recs_inspect_named(show, RECS_LIST_REGION_NAME, value, row,
                                  err);
    }

    if (recs_format_lists[which].domain == RECS_DOMAIN_SEGMENTS) {
        return recs_inspect_named(show, RECS_LIST_SEGMENT_NAME, value, row,
                                  err);
    }

    if (*value == '\0') {
        return RECS_OK;
    }

    n = recs_snapshot_name(show->s, 'C', recs_key64(value, strlen(value)));

    if (n == RECS_NONE) {
        return recs_error(err, "category \"%s\" is not in the snapshot",
                          value);
    }

    *row = n + 1;

    return RECS_OK;
}


/* Rows that have names and no keys: regions, segments. */

static int
recs_inspect_named(recs_show_t *show, recs_list_e names, const char *value,
    uint32_t *row, recs_error_t *err)
{
    uint32_t    rows;
    recs_str_t  name;

    rows = show->s->lists[names].rows;

    for (*row = 0; *row < rows; (*row)++) {
        name = recs_show_string(show->s, names, *row);

        if (name.len == strlen(value)
            && memcmp(name.data, value, name.len) == 0)
        {
            return RECS_OK;
        }
    }

    return recs_error(err, "\"%s\" is none of the %u rows of \"%s\"", value,
                      rows, recs_format_lists[names].name);
}


static int
recs_inspect_user(recs_show_t *show, const char *value, recs_error_t *err)
{
    size_t              len;
    uint8_t             identity[16], key[RECS_FORMAT_KEY_MAX];
    uint32_t            i;
    recs_format_user_t  user;
    recs_format_seen_t  seen[RECS_USER_ENTRIES];

    static const char *const  lists[RECS_PERSONAL_MAX] = {
        "basket", "neighbours"
    };

    if (recs_inspect_identity(value, identity) != RECS_OK) {
        return recs_error(err, "\"%s\" is no identity of 32 hexadecimal "
                          "digits", value);
    }

    if (recs_snapshot_user(show->s, identity, &user, seen) != RECS_OK) {
        return recs_error(err, "user %s is not in the snapshot", value);
    }

    recs_show_text(show, "user", value, strlen(value));
    recs_show_u64(show, "count", user.count);
    recs_show_u64(show, "session", user.flags & RECS_USER_SESSION);
    recs_show_i64(show, "last", user.last_ms);

    if (recs_show_line(show, err) != RECS_OK) {
        return RECS_ERROR;
    }

    for (i = 0; i < user.count; i++) {
        if (recs_inspect_seen(show, &seen[i], err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    for (i = 0; i < RECS_PERSONAL_MAX; i++) {
        len = recs_format_personal_key(key, (uint8_t) i, identity);

        if (recs_inspect_related(show, lists[i], key, len, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_inspect_seen(recs_show_t *show, const recs_format_seen_t *seen,
    recs_error_t *err)
{
    recs_show_product(show, seen->item);
    recs_show_u64(show, "views", seen->views);
    recs_show_u64(show, "flags", seen->flags);
    recs_show_u64(show, "first", seen->first);
    recs_show_u64(show, "last", seen->last);
    recs_show_u64(show, "duration", seen->duration);

    return recs_show_line(show, err);
}


static int
recs_inspect_session(recs_show_t *show, const char *value, recs_error_t *err)
{
    char           *end;
    unsigned long   n;

    n = strtoul(value, &end, 10);

    if (*value < '0' || *value > '9' || *end != '\0'
        || n >= show->s->header.rows[RECS_DOMAIN_SESSIONS])
    {
        return recs_error(err, "\"%s\" is no session: they are numbered from "
                          "0, the oldest, below %u", value,
                          show->s->header.rows[RECS_DOMAIN_SESSIONS]);
    }

    recs_show_u64(show, "session", n);
    recs_show_column(show, RECS_COLUMN_SESSION_TIME, (uint32_t) n);

    if (recs_show_line(show, err) != RECS_OK) {
        return RECS_ERROR;
    }

    return recs_show_list(show, RECS_LIST_SESSION_ITEMS, (uint32_t) n, err);
}


static int
recs_inspect_search(recs_show_t *show, const char *value, recs_error_t *err)
{
    size_t   len;
    uint8_t  key[RECS_FORMAT_KEY_MAX];

    len = recs_format_name_key(key, 'Q',
                               recs_key64_search(value, strlen(value)));

    return recs_inspect_related(show, "search", key, len, err);
}


static int
recs_inspect_report(recs_show_t *show, const char *value, recs_error_t *err)
{
    if (*value != '\0') {
        return recs_error(err, "\"report%s\": a report is report:NAME",
                          value);
    }

    return recs_show_report(show, err);
}


static int
recs_inspect_related(recs_show_t *show, const char *name, const uint8_t *key,
    size_t len, recs_error_t *err)
{
    uint32_t               i, n;
    recs_format_related_t  entries[RECS_PERSONAL_ENTRIES];

    n = recs_snapshot_related(show->s, key, len, entries,
                              RECS_PERSONAL_ENTRIES);

    for (i = 0; i < n; i++) {
        recs_show_text(show, "list", name, strlen(name));
        recs_show_u64(show, "position", i + 1);
        recs_show_product(show, entries[i].item);
        recs_show_float(show, "weight", entries[i].weight);

        if (recs_show_line(show, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_inspect_identity(const char *hex, uint8_t *identity)
{
    size_t       i;
    const char  *digit;

    static const char  digits[] = "0123456789abcdef";

    if (strlen(hex) != 32) {
        return RECS_ERROR;
    }

    for (i = 0; i < 32; i++) {
        digit = strchr(digits, hex[i] | 0x20);

        if (digit == NULL || hex[i] == '\0') {
            return RECS_ERROR;
        }

        identity[i / 2] = (uint8_t) (identity[i / 2] << 4 | (digit - digits));
    }

    return RECS_OK;
}
