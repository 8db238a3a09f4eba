/*
 * Copyright (C) recs authors
 *
 * The cells in memory: a table by key, chained by hour.  Once a key has not
 * fitted, its hour takes no further ones, so that what was left out stays
 * out and is never taken away from a cell that it was not added to.
 */

#include <stddef.h>

#include "private.h"


#define RECS_CELL_KEY        offsetof(recs_cell_t, served)
#define RECS_CELL_SLOTS_MIN  1024


static void recs_report_cells_resize(recs_report_t *r, size_t size);


uint32_t
recs_report_hour(const recs_report_t *r, int64_t time)
{
    uint32_t  hour;

    hour = (time > 0) ? (uint32_t) (time / RECS_REPORT_HOUR) : 0;

    return (hour < r->folded) ? hour - hour % 24 : hour;
}


uint32_t
recs_report_name(recs_report_t *r, const recs_str_t *name)
{
    uint32_t  n;

    if (name->len == 0) {
        return RECS_NONE;
    }

    n = recs_names_find(r->names, name->data, name->len);

    if (n != RECS_NONE) {
        return n;
    }

    if (recs_names_count(r->names) >= (uint64_t) r->config->report_cells) {
        r->meta.overflow++;
        return RECS_NONE;
    }

    return recs_names_add(r->names, name->data, name->len);
}


int
recs_report_name_compare(const recs_report_t *r, uint32_t one,
    uint32_t other)
{
    int         rc;
    recs_str_t  a, b;

    if (one == other) {
        return 0;
    }

    if (one == RECS_NONE || other == RECS_NONE) {
        return (one == RECS_NONE) ? 1 : -1;
    }

    a = recs_names_get(r->names, one);
    b = recs_names_get(r->names, other);
    rc = memcmp(a.data, b.data, recs_min(a.len, b.len));

    if (rc) {
        return rc;
    }

    return (a.len > b.len) - (a.len < b.len);
}


recs_report_hour_t *
recs_report_hour_get(recs_report_t *r, uint32_t hour)
{
    uint32_t            *at;
    recs_report_hour_t  *h;

    at = recs_report_map_at(&r->by_hour, recs_report_mix(hour, 'h'));

    if (*at == RECS_NONE) {
        recs_grow(&r->hours, &r->hours_cap, r->hour_count + 1,
                  sizeof(recs_report_hour_t));

        h = &r->hours[r->hour_count];
        h->turn = 0;
        h->hour = hour;
        h->first = RECS_NONE;
        h->full = 0;

        *at = (uint32_t) r->hour_count++;
    }

    return &r->hours[*at];
}


static uint32_t *
recs_report_cell_slot(const recs_report_t *r, const recs_cell_t *key)
{
    size_t    i;
    uint32_t  n;

    i = recs_key64(key, RECS_CELL_KEY) & r->cell_mask;

    for ( ;; ) {
        n = r->cell_slots[i];

        if (n == 0 || memcmp(&r->cells[n - 1], key, RECS_CELL_KEY) == 0) {
            return &r->cell_slots[i];
        }

        i = (i + 1) & r->cell_mask;
    }
}


static void
recs_report_cells_resize(recs_report_t *r, size_t size)
{
    size_t  i;

    free(r->cell_slots);
    r->cell_slots = recs_calloc(size, sizeof(uint32_t));
    r->cell_mask = size - 1;

    for (i = 0; i < r->cell_count; i++) {
        *recs_report_cell_slot(r, &r->cells[i]) = (uint32_t) i + 1;
    }
}


/* The cell of a key, NULL: there is none, and no room for it. */

static recs_cell_t *
recs_report_cell_get(recs_report_t *r, const recs_cell_t *key,
    recs_report_hour_t *h)
{
    uint32_t  *slot;

    if (r->cell_slots == NULL || r->cell_count * 2 > r->cell_mask) {
        recs_report_cells_resize(r, r->cell_slots ? (r->cell_mask + 1) * 2
                                                  : RECS_CELL_SLOTS_MIN);
    }

    slot = recs_report_cell_slot(r, key);

    if (*slot) {
        return &r->cells[*slot - 1];
    }

    if (h->full || r->cell_count >= (size_t) r->config->report_cells) {
        h->full = 1;
        return NULL;
    }

    recs_grow(&r->cells, &r->cells_cap, r->cell_count + 1,
              sizeof(recs_cell_t));
    recs_grow(&r->cell_next, &r->cell_next_cap, r->cell_count + 1,
              sizeof(uint32_t));

    memset(&r->cells[r->cell_count], 0, sizeof(recs_cell_t));
    memcpy(&r->cells[r->cell_count], key, RECS_CELL_KEY);

    r->cell_next[r->cell_count] = h->first;
    h->first = (uint32_t) r->cell_count;
    *slot = (uint32_t) ++r->cell_count;

    return &r->cells[r->cell_count - 1];
}


/*
 * Money beyond 922 lines of RECS_REPORT_MOST wraps here, and does not stay at
 * the most as where cells are read (recs_cell_add()): what is taken away again
 * must leave nothing.
 */

static void
recs_report_cell_sum(recs_cell_t *to, const recs_cell_t *counts, int sign)
{
    uint64_t  by;

    by = (uint64_t) (int64_t) sign;

    to->served += by * counts->served;
    to->seen += by * counts->seen;
    to->clicks += by * counts->clicks;
    to->dismissed += by * counts->dismissed;
    to->carts += by * counts->carts;
    to->orders += by * counts->orders;
    to->lines += by * counts->lines;
    to->units += by * counts->units;
    to->revenue = (int64_t) ((uint64_t) to->revenue
                             + by * (uint64_t) counts->revenue);
    to->margin = (int64_t) ((uint64_t) to->margin
                            + by * (uint64_t) counts->margin);
    to->refunds += by * counts->refunds;
    to->view_orders += by * counts->view_orders;
    to->view_lines += by * counts->view_lines;
    to->view_revenue = (int64_t) ((uint64_t) to->view_revenue
                                  + by * (uint64_t) counts->view_revenue);
}


void
recs_report_cell(recs_report_t *r, const recs_dims_t *dims, uint32_t hour,
    const recs_cell_t *counts, int sign)
{
    recs_cell_t          key, *cell;
    recs_report_hour_t  *h;

    key.hour = hour;
    key.strategy = dims->strategy;
    key.device = dims->device;
    key.position = dims->position;
    key.snapshot = dims->snapshot;
    key.placement = dims->placement;
    key.variant = dims->variant;
    key.region = dims->region;
    key.segment = dims->segment;
    key.currency = dims->currency;
    key.reserved = 0;

    h = recs_report_hour_get(r, hour);
    h->turn = r->turn;
    cell = recs_report_cell_get(r, &key, h);

    if (cell == NULL) {
        r->meta.overflow += (sign > 0) ? 1 : -1;

    } else {
        recs_report_cell_sum(cell, counts, sign);
    }
}


/* A cell that was there before is not asked whether it fits. */

void
recs_report_cells_put(recs_report_t *r, const recs_cell_t *cell)
{
    uint32_t             full;
    recs_cell_t         *to;
    recs_report_hour_t  *h;

    h = recs_report_hour_get(r, cell->hour);
    h->turn = r->turn;
    full = h->full;
    h->full = 0;
    to = recs_report_cell_get(r, cell, h);
    h->full |= full;

    if (to) {
        recs_report_cell_sum(to, cell, 1);

    } else {
        r->meta.overflow++;
    }
}


/* Hours become days: all cells are put anew. */

void
recs_report_fold(recs_report_t *r, uint32_t before)
{
    size_t               cell_count, hour_count, i;
    recs_cell_t         *cells;
    recs_report_hour_t  *h, *hours;

    cells = r->cells;
    cell_count = r->cell_count;
    hours = r->hours;
    hour_count = r->hour_count;

    r->cells = NULL;
    r->cell_count = 0;
    r->cells_cap = 0;
    r->hours = NULL;
    r->hour_count = 0;
    r->hours_cap = 0;

    recs_report_map_clear(&r->by_hour);
    free(r->cell_slots);
    r->cell_slots = NULL;

    for (i = 0; i < cell_count; i++) {

        if (cells[i].hour < before) {
            cells[i].hour -= cells[i].hour % 24;
        }

        recs_report_cells_put(r, &cells[i]);
    }

    for (i = 0; i < hour_count; i++) {

        if (hours[i].hour >= before || hours[i].hour < r->folded) {
            h = recs_report_hour_get(r, hours[i].hour);
            h->turn = hours[i].turn;

        } else {
            h = recs_report_hour_get(r, hours[i].hour - hours[i].hour % 24);
            h->turn = r->turn;
        }

        h->full |= hours[i].full;
    }

    r->folded = before;

    free(cells);
    free(hours);
}
