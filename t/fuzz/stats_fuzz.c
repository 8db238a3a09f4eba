/*
 * Copyright (C) recs authors
 *
 * Lines of text, each "name=value" of a question about the report.  Each is
 * refused, or is taken the same way twice; what comes out of a few cells is
 * JSON, and a CSV of as many columns in each line.  The values are types of
 * histories, too.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/answer/recs_answer.h"
#include "../../core/answer/recs_stats.h"
#include "../../core/recs_json.h"


#define GROUPS  8
#define CELLS   12


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static recs_cell_t         cells[CELLS];
static recs_str_t          names[2] = { recs_string("a\"b"),
                                        recs_string("=,\n") };
static recs_cells_t        base;
static recs_cells_part_t   part;
static uint8_t             text[65536];
static uint64_t            memory[1024];


static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}


static void
make(void)
{
    uint32_t          i;
    recs_cell_meta_t  meta;

    memset(&meta, 0, sizeof(meta));
    meta.made_ms = 1767571200000;
    meta.click_days = 7;

    for (i = 0; i < CELLS; i++) {
        cells[i].hour = 490000 + i / 4;
        cells[i].strategy = i % 4;
        cells[i].position = i % 3;
        cells[i].snapshot = i % 2;
        cells[i].placement = i % 2 ? i % 3 / 2 : RECS_NONE;
        cells[i].variant = cells[i].region = cells[i].segment = RECS_NONE;
        cells[i].served = i;
        cells[i].clicks = i / 2;
    }

    recs_cells_flat(&base, &part, cells, CELLS, names, 2, &meta);
}


static recs_stats_t *
sums(const recs_stats_query_t *q)
{
    recs_stats_t  *s;

    require(recs_stats_size(GROUPS) <= sizeof(memory));

    s = recs_stats_init(memory, GROUPS, q, &base, NULL);

    while (recs_stats_step(s, 3) == RECS_AGAIN) { /* void */ }

    return s;
}


static size_t
written(recs_stats_t *s, int (*write)(recs_stats_t *s, recs_out_t *out,
    uint32_t max))
{
    int         rc;
    size_t      len;
    recs_out_t  out;

    len = 0;

    do {
        require(len + recs_stats_room(s, 3) <= sizeof(text));
        recs_out_init(&out, text + len, recs_stats_room(s, 3));
        rc = write(s, &out, 3);
        require(rc != RECS_ERROR);
        len = out.pos - text;
    } while (rc == RECS_AGAIN);

    return len;
}


static void
check(const recs_stats_query_t *q)
{
    size_t      i, len;
    unsigned    quoted, columns, first;
    recs_str_t  json;

    json.data = text;
    json.len = written(sums(q), recs_stats_json);
    require(recs_json_valid(&json) == RECS_OK);

    len = written(sums(q), recs_stats_csv);
    quoted = columns = first = 0;

    for (i = 0; i < len; i++) {
        quoted ^= (text[i] == '"');
        columns += (text[i] == ',' && !quoted);

        if (text[i] == '\n' && !quoted) {
            require(first == 0 || columns == first);
            first = columns;
            columns = 0;
        }
    }

    require(!quoted && first);
}


static void
line(recs_stats_query_t *q, const uint8_t *p, size_t len)
{
    int                  rc;
    recs_str_t           name, value;
    const char          *err;
    const uint8_t       *eq;
    recs_stats_query_t   again;

    eq = len ? memchr(p, '=', len) : NULL;
    name.data = p;
    name.len = eq ? (size_t) (eq - p) : len;
    value.data = eq ? eq + 1 : p;
    value.len = eq ? len - name.len - 1 : 0;

    (void) recs_history_type(&value);

    err = NULL;
    rc = recs_stats_arg(q, &name, &value, &err);
    require(rc == RECS_OK || rc == RECS_DECLINED || (rc == RECS_ERROR && err));
    require(q->by_count <= RECS_STATS_BY);

    if (rc == RECS_OK) {
        again = *q;
        require(recs_stats_arg(&again, &name, &value, &err) == RECS_OK);
        require(memcmp(&again, q, sizeof(again)) == 0);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char          *err;
    const uint8_t       *p, *last, *end;
    recs_stats_query_t   q;

    if (base.part_count == 0) {
        make();
    }

    recs_stats_query_init(&q);
    last = data + size;

    for (p = data; p < last; p = end + 1) {
        end = memchr(p, '\n', last - p);
        end = end ? end : last;
        line(&q, p, end - p);
    }

    if (recs_stats_query_check(&q, &err) == RECS_OK) {
        check(&q);
    }

    return 0;
}
