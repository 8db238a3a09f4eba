/*
 * Copyright (C) recs authors
 *
 * Random cells of a report, as a file has them.
 */

#ifndef _RECS_CELLS_TEST_H_INCLUDED_
#define _RECS_CELLS_TEST_H_INCLUDED_


#include <stdlib.h>
#include <time.h>

#include "../../core/answer/recs_strategy.h"
#include "../../core/event/recs_event.h"
#include "../../core/snapshot/recs_cells.h"
#include "../../core/snapshot/recs_format.h"
#include "tap.h"


#define DAY      20000               /* the first day of all */
#define DAYS     6
#define HOURS    (DAYS * 24)
#define NAMES    6
#define CELLS    12                  /* of a part at most */
#define PARTS    (DAYS + HOURS)


/* A file as it would be written, and its cells as they were made. */

typedef struct {
    uint8_t            keys[PARTS + NAMES + 1][RECS_FORMAT_KEY_MAX];
    recs_str_t         key[PARTS + NAMES + 1];
    recs_str_t         value[PARTS + NAMES + 1];
    uint8_t            bytes[PARTS * CELLS * sizeof(recs_cell_t) + PARTS + 1];
    size_t             len;
    unsigned           count;
    recs_str_t         names[NAMES];
    recs_cell_meta_t   meta;
    recs_cell_t        cells[PARTS * CELLS];
    unsigned           cell_count;
    unsigned           covers[HOURS];      /* an hour, by whatever part */
    recs_cells_t       loaded;
    void              *memory;
} file_t;

static uint64_t     seed;
static file_t       files[2];

static const char *const  words[NAMES] = {
    "home", "=cart()", "caf\xc3\xa9", "<\"b\">", "a-much,longer-name", "x"
};


static inline uint32_t
below(uint32_t n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (seed >> 33) % n;
}


static inline int
by_key(const void *one, const void *two)
{
    return recs_cell_compare(one, two);
}


static inline uint32_t
name(void)
{
    return below(4) ? below(NAMES) : RECS_NONE;
}


static inline void
cell(recs_cell_t *c, uint32_t hour)
{
    static const uint8_t  types[] = { RECS_TRENDING, RECS_CATEGORY_TRENDING,
        RECS_SIMILAR_PRODUCTS, RECS_CATALOGUE, RECS_CELL_UNKNOWN };
    static const uint32_t  currencies[] = { 0, 0x525545, 0x525545,
        0x445355 };    /* EUR, USD */

    memset(c, 0, sizeof(recs_cell_t));
    c->hour = hour;
    c->strategy = types[below(sizeof(types))];
    c->device = (uint8_t) below(RECS_DEVICE_BOT);
    c->position = (uint16_t) below(4);
    c->snapshot = below(3) * 0x123456789abcdefULL;
    c->placement = name();
    c->variant = name();
    c->region = name();
    c->segment = name();

    c->served = below(50);
    c->seen = below(40);
    c->clicks = below(3) ? below(10) : 0;
    c->dismissed = below(3);
    c->carts = below(5) * (uint64_t) 300000;
    c->orders = below(3) ? 0 : below(4) * (uint64_t) 500000;
    c->lines = c->orders * (1 + below(3));
    c->units = c->lines * 2;
    c->revenue = (int64_t) c->orders * 20 - below(3) * 1000000;
    c->margin = c->revenue / 4;
    c->refunds = below(2) * (uint64_t) 1000000;
    c->view_lines = below(2);
    c->view_orders = c->view_lines * 500000;
    c->view_revenue = (int64_t) c->view_lines * 7000000;

    if (c->orders || c->view_lines) {
        c->currency = currencies[below(4)];
    }
}


/* Values lie at any address. */

static inline void
value(file_t *f, size_t key_len, const void *data, size_t len)
{
    f->key[f->count].data = f->keys[f->count];
    f->key[f->count].len = key_len;
    f->value[f->count].data = f->bytes + f->len;
    f->value[f->count].len = len;
    f->count++;

    if (len) {
        memcpy(f->bytes + f->len, data, len);
    }

    f->len += len + 1;
}


static inline void
part(file_t *f, uint8_t which, uint32_t number)
{
    unsigned      i, n, to;
    uint32_t      hour;
    recs_cell_t  *cells;

    hour = (which == RECS_CELL_DAY) ? number * 24 : number;
    cells = f->cells + f->cell_count;
    n = below(CELLS + 1);

    for (i = 0; i < n; i++) {
        cell(&cells[i], hour);
    }

    qsort(cells, n, sizeof(recs_cell_t), by_key);

    for (i = 1, to = recs_min(n, 1); i < n; i++) {
        if (recs_cell_compare(&cells[to - 1], &cells[i])) {
            cells[to++] = cells[i];
        }
    }

    value(f, recs_format_cell_key(f->keys[f->count], which, number), cells,
          to * sizeof(recs_cell_t));
    f->cell_count += to;

    for (i = 0; i < (which == RECS_CELL_DAY ? 24 : 1); i++) {
        f->covers[hour - DAY * 24 + i] = 1;
    }
}


/* Names have other numbers in each file. */

static inline void
make(file_t *f, uint32_t folded, int64_t made, unsigned dense)
{
    uint32_t      i, n;
    const char   *why;
    recs_cells_load_t  load;

    free(f->memory);
    memset(f, 0, sizeof(file_t));

    f->meta.made_ms = made;
    f->meta.hourly = (DAY + folded) * 24;
    f->meta.events = 1000 + below(1000);
    f->meta.click_days = 7;
    f->meta.view_hours = 24;

    for (i = 0; i < folded; i++) {
        if (below(4) < dense) {
            part(f, RECS_CELL_DAY, DAY + i);
        }
    }

    for (i = folded * 24; i < HOURS; i++) {
        if (below(8) < dense) {
            part(f, RECS_CELL_HOUR, DAY * 24 + i);
        }
    }

    value(f, recs_format_report_meta_key(f->keys[f->count]), &f->meta,
          sizeof(f->meta));

    n = below(NAMES);

    for (i = 0; i < NAMES; i++) {
        f->names[i].data = (const uint8_t *) words[(i + n) % NAMES];
        f->names[i].len = strlen(words[(i + n) % NAMES]);
        value(f, recs_format_cell_key(f->keys[f->count], RECS_CELL_NAME, i),
              f->names[i].data, f->names[i].len);
    }

    memset(&load, 0, sizeof(load));
    why = NULL;

    for (i = 0; i < f->count && why == NULL; i++) {
        why = recs_cells_count(&load, &f->key[i]);
    }

    f->memory = malloc(recs_cells_size(&load) + 1);
    recs_cells_begin(&load, f->memory, &f->loaded);

    for (i = 0; i < f->count && why == NULL; i++) {
        why = recs_cells_take(&load, &f->key[i], &f->value[i]);
    }

    why = why ? why : recs_cells_end(&load);

    if (why) {
        printf("Bail out! %s\n", why);
        exit(1);
    }
}


/* The seed of the run, told. */

static inline void
begin(void)
{
    const char  *given;

    given = getenv("SEED");
    seed = given ? strtoull(given, NULL, 10) : (uint64_t) time(NULL);
    printf("# SEED=%llu\n", (unsigned long long) seed);
}


#endif /* _RECS_CELLS_TEST_H_INCLUDED_ */
