/*
 * Copyright (C) recs authors
 *
 * The cells as others see them: in order, without empty ones, their names
 * numbered by what they are and not by when they came.
 */

#include "private.h"


typedef struct {
    recs_str_t  name;
    uint32_t    number;
} recs_view_name_t;


static int
recs_view_cell_compare(const void *one, const void *other)
{
    return recs_cell_compare(one, other);
}


static int
recs_view_name_compare(const void *one, const void *other)
{
    int                      rc;
    const recs_view_name_t  *a, *b;

    a = one;
    b = other;
    rc = memcmp(a->name.data, b->name.data, recs_min(a->name.len,
                                                     b->name.len));
    if (rc) {
        return rc;
    }

    return (a->name.len > b->name.len) - (a->name.len < b->name.len);
}


uint32_t
recs_report_rename(const recs_report_t *r, uint32_t *used,
    recs_str_t *names)
{
    uint32_t           i, n;
    recs_view_name_t  *sorted;

    sorted = recs_alloc(recs_names_count(r->names)
                        * sizeof(recs_view_name_t));

    for (i = 0, n = 0; i < recs_names_count(r->names); i++) {
        if (used[i]) {
            sorted[n].name = recs_names_get(r->names, i);
            sorted[n++].number = i;
        }
    }

    qsort(sorted, n, sizeof(recs_view_name_t), recs_view_name_compare);

    for (i = 0; i < n; i++) {
        used[sorted[i].number] = i;
        names[i] = sorted[i].name;
    }

    free(sorted);

    return n;
}


static unsigned
recs_view_empty(const recs_cell_t *cell)
{
    return !(cell->served || cell->seen || cell->clicks || cell->dismissed
             || cell->carts || cell->orders || cell->lines || cell->units
             || cell->revenue || cell->margin || cell->refunds
             || cell->view_orders || cell->view_lines || cell->view_revenue);
}


/*
 * An hour of which nothing is left is told with an empty cell, since what an
 * older view said of it does not count any more.
 */

static size_t
recs_view_hour(recs_report_t *r, const recs_report_hour_t *h, size_t count,
    unsigned whole)
{
    size_t    before;
    uint32_t  n;

    before = count;

    for (n = h->first; n != RECS_NONE; n = r->cell_next[n]) {
        if (!recs_view_empty(&r->cells[n])) {
            r->view_cells[count++] = r->cells[n];
        }
    }

    if (count == before && !whole && h->first != RECS_NONE) {
        r->view_cells[count++] = r->cells[h->first];
    }

    return count;
}


static void
recs_view_used(uint32_t *used, uint32_t n)
{
    if (n != RECS_NONE) {
        used[n] = 1;
    }
}


static void
recs_view_number(const uint32_t *used, uint32_t *n)
{
    if (*n != RECS_NONE) {
        *n = used[*n];
    }
}


void
recs_report_view(recs_report_t *r, uint64_t since, recs_report_view_t *view)
{
    size_t        count, i;
    uint32_t     *used;
    recs_cell_t  *cell;

    recs_report_people(r);

    recs_grow(&r->view_cells, &r->view_cap, r->cell_count,
              sizeof(recs_cell_t));
    recs_grow(&r->view_names, &r->view_names_cap,
              recs_names_count(r->names), sizeof(recs_str_t));

    used = recs_calloc(recs_names_count(r->names), sizeof(uint32_t));

    for (i = 0, count = 0; i < r->hour_count; i++) {
        if (since == 0 || r->hours[i].turn > since) {
            count = recs_view_hour(r, &r->hours[i], count, since == 0);
        }
    }

    for (i = 0; i < count; i++) {
        recs_view_used(used, r->view_cells[i].placement);
        recs_view_used(used, r->view_cells[i].variant);
        recs_view_used(used, r->view_cells[i].region);
        recs_view_used(used, r->view_cells[i].segment);
    }

    view->name_count = recs_report_rename(r, used, r->view_names);

    for (i = 0; i < count; i++) {
        cell = &r->view_cells[i];

        recs_view_number(used, &cell->placement);
        recs_view_number(used, &cell->variant);
        recs_view_number(used, &cell->region);
        recs_view_number(used, &cell->segment);
    }

    if (count) {
        qsort(r->view_cells, count, sizeof(recs_cell_t),
              recs_view_cell_compare);
    }

    free(used);

    view->cells = r->view_cells;
    view->count = count;
    view->names = r->view_names;
    view->meta = r->meta;
    view->meta.made_ms = r->now_ms ? r->now_ms : r->meta.until_ms;
    view->meta.hourly = r->folded;
}
