/*
 * Copyright (C) recs authors
 *
 * One value of a snapshot: its first pages, header, a chunk of a column or
 * of a list, a forest, its rules, its metadata, or a value of its report,
 * taken for each of them in turn.  What the checks accept is then read to the
 * last byte as requests read it.
 *
 * The values and not the file: LMDB trusts its own pages and asserts, which
 * is why a file is hashed before it is mapped.  What stays is a file that
 * was written wrong and hashed right, and that is a matter of its values.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/answer/recs_rules.h"
#include "../../core/answer/recs_stats.h"
#include "../../core/snapshot/recs_check.h"
#include "../../core/snapshot/recs_forest.h"
#include "../../core/snapshot/recs_meta.h"
#include "../../core/snapshot/recs_snapshot.h"


#define ITEMS       4
#define CATEGORIES  3
#define BRANDS      2
#define SESSIONS    3
#define TREES       64
#define ROWS_MAX    4096


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static recs_format_header_t  h;
static volatile uint64_t     sum;


static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}


static void
header(void)
{
    memset(&h, 0, sizeof(h));

    h.magic = RECS_FORMAT_MAGIC;
    h.version = RECS_FORMAT_VERSION;
    h.header_size = sizeof(h);
    h.rows[RECS_DOMAIN_ITEMS] = ITEMS;
    h.rows[RECS_DOMAIN_CATEGORIES] = CATEGORIES;
    h.rows[RECS_DOMAIN_BRANDS] = BRANDS;
    h.rows[RECS_DOMAIN_SCOPES] = CATEGORIES + 1;
    h.rows[RECS_DOMAIN_WEEKS] = RECS_FORMAT_WEEKS;
    h.rows[RECS_DOMAIN_SLOTS] = 16;
    h.rows[RECS_DOMAIN_SESSIONS] = SESSIONS;
}


/* An array of one chunk. */

static void
array(recs_array_t *a, const uint8_t **chunk, uint32_t rows)
{
    a->chunks = chunk;
    a->count = 1;
    a->rows = rows;
    a->shift = 31;
    a->mask = (1u << 31) - 1;
}


static void
read_header(const uint8_t *data, size_t size)
{
    unsigned              i;
    recs_format_header_t  out;

    if (recs_check_header(data, size, &out) != NULL) {
        return;
    }

    require(out.rows[RECS_DOMAIN_ITEMS] < out.rows[RECS_DOMAIN_SLOTS]);
    require(out.rows[RECS_DOMAIN_SCOPES]
            == out.rows[RECS_DOMAIN_CATEGORIES] + 1);

    for (i = 0; i < RECS_FORMAT_CURRENCIES; i++) {
        require(out.currencies[i][0] == 0 || out.currencies[i][3] == 0);
    }

    for (i = 0; i < RECS_LIST_MAX; i++) {
        require(out.list_shift[i] < 32);
    }

    require(isfinite(out.serving.related) && isfinite(out.serving.rows));
    require(out.serving.position < RECS_WEIGHT_MAX);
    require(out.serving.similarity < RECS_SIMILARITY_MAX);
}


/* Slots are in use once each item is in them once. */

static void
read_slots(const uint8_t *data, uint32_t rows, uint32_t used)
{
    uint32_t         i;
    recs_snapshot_t  s;
    const uint8_t   *keys;

    static const uint64_t  zeros[ITEMS];

    if (used != ITEMS || rows <= ITEMS || (rows & (rows - 1))) {
        return;
    }

    memset(&s, 0, sizeof(s));
    keys = (const uint8_t *) zeros;
    s.header = h;
    array(&s.columns[RECS_COLUMN_SLOT], &data, rows);
    array(&s.columns[RECS_COLUMN_KEY64], &keys, ITEMS);

    for (i = 1; i < 64; i++) {
        require(recs_snapshot_item(&s, i) == RECS_NO_ITEM);
        require(recs_snapshot_item(&s, 0) == RECS_NO_ITEM
                || recs_snapshot_item(&s, 0) < ITEMS);
    }
}


static void
read_categories(const uint8_t *data, recs_column_e which, uint32_t rows)
{
    uint32_t         i, c, steps;
    const uint32_t  *p;

    p = (const uint32_t *) data;

    for (i = 0; i < rows; i++) {

        if (which == RECS_COLUMN_CATEGORY_END) {
            require(p[i] > i && p[i] <= CATEGORIES);
            continue;
        }

        for (c = i, steps = 0; c != RECS_NONE; c = p[c], steps++) {
            require(c < rows && steps < rows);
        }
    }
}


static void
read_column(const uint8_t *data, size_t size, recs_column_e which)
{
    uint32_t  rows, used;

    rows = (uint32_t) (size / recs_format_columns[which].size);

    if (recs_format_columns[which].domain == RECS_DOMAIN_CATEGORIES) {
        rows = recs_min(rows, CATEGORIES);
    }

    used = 0;

    require(recs_check_column(&h, which, data, size, 0, rows + 1, &used)
            != NULL || rows == CATEGORIES);

    used = 0;

    if (recs_check_column(&h, which, data, size, 0, rows, &used) != NULL) {
        return;
    }

    if (which == RECS_COLUMN_SLOT) {
        read_slots(data, rows, used);

    } else if (which == RECS_COLUMN_CATEGORY_END
               || which == RECS_COLUMN_CATEGORY_PARENT)
    {
        read_categories(data, which, rows);
    }
}


static void
read_list(const uint8_t *data, size_t size, recs_list_e which)
{
    size_t           i, bytes;
    uint32_t         row, rows, count, item;
    recs_str_t       id, members;
    recs_snapshot_t  s;
    const uint8_t   *p;

    if (size < sizeof(rows)) {
        return;
    }

    memcpy(&rows, data, sizeof(rows));
    rows = recs_min(rows, ROWS_MAX);

    if (recs_check_list(&h, which, data, size, rows) != NULL) {
        return;
    }

    memset(&s, 0, sizeof(s));
    s.header = h;
    array(&s.lists[which], &data, rows);

    for (row = 0; row <= rows; row++) {
        p = recs_list(&s, which, row, &count);
        bytes = (size_t) count * recs_format_lists[which].size;

        require((p == NULL) == (count == 0));
        require(row < rows || p == NULL);

        for (i = 0; i < bytes; i++) {
            sum += p[i];
        }

        if (recs_format_lists[which].size > 1) {
            for (i = 0; i < count; i++) {
                memcpy(&item, p + i * recs_format_lists[which].size,
                       sizeof(item));
                require(item < h.rows[recs_format_lists[which].of]);
            }
        }

        if (which == RECS_LIST_FRAGMENT_JSON) {
            recs_snapshot_fragment(&s, row, &id, &members);

            for (i = 0; i < id.len; i++) {
                sum += id.data[i];
            }

            for (i = 0; i < members.len; i++) {
                sum += members.data[i];
            }
        }
    }
}


/* Rows of features that go every way, and one of no numbers. */

static void
read_forest(const uint8_t *data, size_t size)
{
    float                 scores[RECS_FOREST_WIDE * 2];
    uint32_t              i;
    recs_forest_t         f;

    static float  x[RECS_FOREST_FEATURES * RECS_FOREST_WIDE * 2];

    if (recs_forest_check(data, size, RECS_FOREST_FEATURES) != NULL) {
        return;
    }

    memcpy(&f, data, sizeof(f));
    require(recs_forest_size(f.trees, f.depth) <= size);

    if (f.trees > TREES) {
        return;
    }

    for (i = 0; i < sizeof(x) / sizeof(x[0]); i++) {
        x[i] = (i % 8 == 7) ? NAN : (float) (int32_t) (i * 2654435761u);
    }

    recs_forest_score((const recs_forest_t *) data, x, RECS_FOREST_WIDE * 2,
                      RECS_FOREST_WIDE * 2, scores);

    for (i = 0; i < RECS_FOREST_WIDE * 2; i++) {
        sum += (scores[i] != 0);
    }
}


/* Each rule for each item, as far as the clock and the asker let it work. */

static void
read_rules(const uint8_t *data, size_t size)
{
    float               boost;
    uint32_t            i, item;
    uint64_t            state;
    int64_t             until;
    recs_view_t         view;
    recs_query_t        q;
    recs_snapshot_t     s;
    const uint8_t      *zeros;
    const recs_rule_t  *rule;

    static recs_rules_work_t  w;
    static const uint64_t     memory[ITEMS * RECS_FORMAT_VECTOR];

    if (recs_rules_check(data, size, &h) != NULL) {
        return;
    }

    memset(&s, 0, sizeof(s));
    memset(&view, 0, sizeof(view));
    s.header = h;
    s.rules = (const recs_rules_t *) data;
    view.base = &s;
    zeros = (const uint8_t *) memory;

    for (i = 0; i < RECS_COLUMN_MAX; i++) {
        array(&s.columns[i], &zeros, ITEMS);
    }

    recs_query_init(&q);
    q.strategy = 0;
    q.now_ms = 1700000000000;

    (void) recs_rules_gather(&w, &view, &q, 1, 1);
    recs_rules_clock(s.rules, &q, &state, &until);
    sum += recs_rules_personal(s.rules, 0) + state;
    require(until > q.now_ms);

    for (item = 0; item < ITEMS; item++) {
        for (i = 0; i < s.rules->count; i++) {
            if (!(s.rules->rules[i].asks & RECS_RULE_SEASON)) {
                sum += recs_rules_match(&w, &s.rules->rules[i], item);
            }

            sum += strlen(s.rules->rules[i].name);
        }

        boost = recs_rules_boost(&w, item, &rule);
        require(boost >= 1 / RECS_RULE_FACTOR_MAX
                && boost <= RECS_RULE_FACTOR_MAX);
    }
}


static void
read_meta(const uint8_t *data, size_t size)
{
    uint8_t     memory[4096];
    recs_out_t  out;
    recs_str_t  meta;

    meta.data = data;
    meta.len = size;

    recs_out_init(&out, memory, sizeof(memory));
    (void) recs_meta_json(&meta, &out);
}


/*
 * The bytes are the cells of an hour, of a day, and a head, with two names;
 * what is accepted is summed up and printed.
 */

static void
read_cells(const uint8_t *data, size_t size, uint8_t which)
{
    int                  rc;
    size_t               i;
    uint32_t             number;
    recs_out_t           out;
    recs_cells_t         c;
    recs_cell_meta_t     meta;
    recs_cells_load_t    load;
    recs_stats_query_t   q;
    const char          *why;
    recs_stats_t        *s;
    uint8_t              keys[4][RECS_FORMAT_KEY_MAX];
    recs_str_t           key[4], value[4];

    static uint64_t      memory[64], sums[4096];
    static uint8_t       text[1 << 18];

    memset(&meta, 0, sizeof(meta));
    memset(&load, 0, sizeof(load));
    memset(value, 0, sizeof(value));
    number = 0;

    if (size >= sizeof(number)) {
        memcpy(&number, data, sizeof(number));
    }

    meta.made_ms = 1;
    meta.hourly = (which == RECS_CELL_DAY) ? UINT32_MAX / 24 * 24 : 0;
    number /= (which == RECS_CELL_DAY) ? 24 : 1;

    for (i = 0; i < 4; i++) {
        key[i].data = keys[i];
        value[i].data = (const uint8_t *) "name";
        value[i].len = 4;
    }

    key[0].len = recs_format_cell_key(keys[0], which, number);
    key[1].len = recs_format_report_meta_key(keys[1]);
    key[2].len = recs_format_cell_key(keys[2], RECS_CELL_NAME, 0);
    key[3].len = recs_format_cell_key(keys[3], RECS_CELL_NAME, 1);
    value[0].data = data;
    value[0].len = size;
    value[1].data = (which == RECS_CELL_META) ? data
                                              : (const uint8_t *) &meta;
    value[1].len = (which == RECS_CELL_META) ? size : sizeof(meta);
    value[0].len = (which == RECS_CELL_META) ? 0 : size;

    if (which == RECS_CELL_META) {
        key[0].len = recs_format_cell_key(keys[0], RECS_CELL_HOUR,
                                          UINT32_MAX);
    }

    for (i = 0, why = NULL; i < 4 && why == NULL; i++) {
        why = recs_cells_count(&load, &key[i]);
    }

    require(why == NULL && recs_cells_size(&load) <= sizeof(memory));
    recs_cells_begin(&load, memory, &c);

    for (i = 0; i < 4 && why == NULL; i++) {
        why = recs_cells_take(&load, &key[i], &value[i]);
    }

    if (why || recs_cells_end(&load) != NULL) {
        return;
    }

    recs_stats_query_init(&q);
    q.by_count = 3;
    q.by[0] = RECS_STATS_ALGORITHM;
    q.by[1] = RECS_STATS_REGION;
    q.by[2] = RECS_STATS_HOUR;

    require(recs_stats_size(64) <= sizeof(sums));
    s = recs_stats_init(sums, 64, &q, &c, NULL);

    while (recs_stats_step(s, 7) == RECS_AGAIN) { /* void */ }

    do {
        require(recs_stats_room(s, 3) <= sizeof(text));
        recs_out_init(&out, text, recs_stats_room(s, 3));
        rc = recs_stats_json(s, &out, 3);
        require(rc != RECS_ERROR);
    } while (rc == RECS_AGAIN);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t   *copy;
    unsigned   i;

    /* its own memory to the byte, aligned as in the map */

    copy = malloc(size ? size : 1);
    require(copy != NULL);

    if (size) {
        memcpy(copy, data, size);
    }

    header();

    if (size >= 2 * RECS_FORMAT_PAGE) {
        (void) recs_check_pages(copy, size * 4);
    }

    read_header(copy, size);

    for (i = 0; i < RECS_COLUMN_MAX; i++) {
        read_column(copy, size, i);
    }

    for (i = 0; i < RECS_LIST_MAX; i++) {
        read_list(copy, size, i);
    }

    read_forest(copy, size);
    read_rules(copy, size);
    read_meta(copy, size);
    read_cells(copy, size, RECS_CELL_HOUR);
    read_cells(copy, size, RECS_CELL_DAY);
    read_cells(copy, size, RECS_CELL_META);

    free(copy);

    return 0;
}
