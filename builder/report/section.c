/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/snapshot/recs_format.h"
#include "../memory.h"
#include "section.h"


#define RECS_SECTION_GONE  (RECS_NONE - 1)    /* a name that is not there */


static int recs_section_reports(recs_report_section_t *s, recs_report_t *r,
    recs_error_t *err);
static void recs_section_clear(recs_report_section_t *s);
static void recs_section_parts(recs_report_section_t *s,
    const recs_report_view_t *view);
static void recs_section_add(recs_report_section_t *s, uint8_t section,
    uint32_t number, const recs_cell_t *cells, uint32_t count);
static unsigned recs_section_empty(const recs_cell_t *cell);
static void recs_section_differ(recs_report_section_t *s,
    const recs_cells_t *base, unsigned all);
static unsigned recs_section_over(const recs_cells_t *base,
    const recs_cells_part_t *part);
static void recs_section_names(const recs_cells_t *base,
    const recs_cells_t *c, uint32_t *numbers);
static unsigned recs_section_same(const recs_cells_part_t *one,
    const recs_cells_part_t *other, const uint32_t *numbers);
static void recs_section_number(const uint32_t *numbers, uint32_t *name);
static void recs_section_gone(recs_report_section_t *s,
    const recs_cells_part_t *part, uint32_t own);
static const recs_cells_part_t *recs_section_find(
    const recs_cells_part_t *parts, uint32_t count, uint8_t section,
    uint32_t number);
static int recs_section_compare(const void *one, const void *two);


int
recs_report_section(recs_report_section_t *s, recs_report_t *r,
    const recs_cells_t *base, uint64_t since, uint64_t lost, uint64_t gaps,
    recs_error_t *err)
{
    recs_report_view_t  view;

    recs_section_clear(s);

    if (recs_section_reports(s, r, err) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_report_view(r, base ? since : 0, &view);

    s->cells.names = view.names;
    s->cells.name_count = view.name_count;
    s->cells.meta = view.meta;
    s->cells.meta.lost = lost;
    s->cells.meta.gaps = gaps;

    recs_section_parts(s, &view);

    /* it knows the base, whatever the clocks of the two say */

    if (base) {
        s->cells.meta.made_ms = recs_max(s->cells.meta.made_ms,
                                         base->meta.made_ms);
        recs_section_differ(s, base, since == 0);
    }

    s->cells.parts = s->parts;
    s->cells.reports = s->reports;

    return RECS_OK;
}


void
recs_report_section_free(recs_report_section_t *s)
{
    recs_section_clear(s);

    free(s->parts);
    free(s->reports);
    memset(s, 0, sizeof(recs_report_section_t));
}


static void
recs_section_clear(recs_report_section_t *s)
{
    uint32_t  i;

    for (i = 0; i < s->cells.report_count; i++) {
        free((void *) s->reports[i].text.data);
    }

    memset(&s->cells, 0, sizeof(recs_cells_t));
}


static int
recs_section_reports(recs_report_section_t *s, recs_report_t *r,
    recs_error_t *err)
{
    char                     *text;
    json_t                   *json;
    recs_cells_report_t      *report;
    const recs_report_row_t  *row;

    for (row = recs_reports; row->name; row++) {

        if (strlen(row->name) > RECS_FORMAT_REPORT_MAX) {
            return recs_error(err, "report \"%s\" has a name of more than %d "
                              "bytes", row->name, RECS_FORMAT_REPORT_MAX);
        }

        json = recs_report_make(r, row);
        text = json_dumps(json, JSON_COMPACT);
        json_decref(json);

        if (text == NULL) {
            return recs_error(err, "report \"%s\" is not JSON", row->name);
        }

        recs_grow(&s->reports, &s->reports_cap, s->cells.report_count + 1,
                  sizeof(recs_cells_report_t));

        report = &s->reports[s->cells.report_count++];
        report->name.len = strlen(row->name);
        report->name.data = (const uint8_t *) row->name;
        report->text.len = strlen(text);
        report->text.data = (uint8_t *) text;
    }

    return RECS_OK;
}


/* Cells come in order, so those of an hour stand together. */

static void
recs_section_parts(recs_report_section_t *s, const recs_report_view_t *view)
{
    size_t    i, first, last;
    uint8_t   section;
    uint32_t  hour;

    for (first = 0; first < view->count; first = i) {
        hour = view->cells[first].hour;
        section = (hour < view->meta.hourly) ? RECS_CELL_DAY
                                             : RECS_CELL_HOUR;

        for (i = first; i < view->count && view->cells[i].hour == hour; i++) {
            /* void */
        }

        /* an hour that has become empty is told by an empty cell */

        last = (i - first == 1 && recs_section_empty(&view->cells[first]))
               ? first : i;

        recs_section_add(s, section, section == RECS_CELL_DAY ? hour / 24
                                                              : hour,
                         &view->cells[first], (uint32_t) (last - first));
    }
}


static void
recs_section_add(recs_report_section_t *s, uint8_t section, uint32_t number,
    const recs_cell_t *cells, uint32_t count)
{
    recs_cells_part_t  *part;

    recs_grow(&s->parts, &s->parts_cap, (size_t) s->cells.part_count + 1,
              sizeof(recs_cells_part_t));

    part = &s->parts[s->cells.part_count++];
    part->section = section;
    part->number = number;
    part->count = count;
    part->cells = (const uint8_t *) cells;
}


static unsigned
recs_section_empty(const recs_cell_t *cell)
{
    recs_cell_t  none;

    memset(&none, 0, sizeof(recs_cell_t));
    memcpy(&none, cell, offsetof(recs_cell_t, served));

    return memcmp(&none, cell, sizeof(recs_cell_t)) == 0;
}


/* Keeps what is other than in the base; "all" parts of the report are here. */

static void
recs_section_differ(recs_report_section_t *s, const recs_cells_t *base,
    unsigned all)
{
    uint32_t                  count, i, own, *numbers;
    recs_cells_part_t        *kept;
    const recs_cells_part_t  *part;

    own = s->cells.part_count;

    for (i = 0; all && i < base->part_count; i++) {
        recs_section_gone(s, &base->parts[i], own);
    }

    numbers = recs_alloc(((size_t) base->name_count + 1) * sizeof(uint32_t));
    recs_section_names(base, &s->cells, numbers);
    kept = s->parts;
    count = s->cells.part_count;
    s->cells.part_count = 0;

    for (i = 0; i < count; i++) {
        part = recs_section_find(base->parts, base->part_count,
                                 s->parts[i].section, s->parts[i].number);

        if (part ? !recs_section_same(part, &s->parts[i], numbers)
                 : s->parts[i].count || recs_section_over(base, &s->parts[i]))
        {
            kept[s->cells.part_count++] = s->parts[i];
        }
    }

    free(numbers);

    if (s->cells.part_count) {
        qsort(kept, s->cells.part_count, sizeof(recs_cells_part_t),
              recs_section_compare);
    }
}


/* Whether the base has hours of a day, or the day of an hour. */

static unsigned
recs_section_over(const recs_cells_t *base, const recs_cells_part_t *part)
{
    uint32_t  h;

    if (part->section == RECS_CELL_HOUR) {
        return recs_section_find(base->parts, base->part_count, RECS_CELL_DAY,
                                 part->number / 24) != NULL;
    }

    for (h = 0; h < 24; h++) {
        if (recs_section_find(base->parts, base->part_count, RECS_CELL_HOUR,
                              part->number * 24 + h))
        {
            return 1;
        }
    }

    return 0;
}


/* The numbers here of the names of the base; both are in order. */

static void
recs_section_names(const recs_cells_t *base, const recs_cells_t *c,
    uint32_t *numbers)
{
    int         rc;
    uint32_t    i, n;
    recs_str_t  a, b;

    for (i = 0, n = 0; i < base->name_count; i++) {
        a = base->names[i];
        rc = 1;

        while (n < c->name_count) {
            b = c->names[n];
            rc = memcmp(a.data, b.data, recs_min(a.len, b.len));
            rc = rc ? rc : (a.len > b.len) - (a.len < b.len);

            if (rc <= 0) {
                break;
            }

            n++;
        }

        numbers[i] = (rc == 0) ? n : RECS_SECTION_GONE;
    }
}


static unsigned
recs_section_same(const recs_cells_part_t *base,
    const recs_cells_part_t *part, const uint32_t *numbers)
{
    uint32_t     i;
    recs_cell_t  one, other;

    if (base->count != part->count) {
        return 0;
    }

    for (i = 0; i < part->count; i++) {
        recs_cells_get(base, i, &one);
        recs_cells_get(part, i, &other);

        recs_section_number(numbers, &one.placement);
        recs_section_number(numbers, &one.variant);
        recs_section_number(numbers, &one.region);
        recs_section_number(numbers, &one.segment);

        if (memcmp(&one, &other, sizeof(recs_cell_t)) != 0) {
            return 0;
        }
    }

    return 1;
}


static void
recs_section_number(const uint32_t *numbers, uint32_t *name)
{
    if (*name != RECS_NONE) {
        *name = numbers[*name];
    }
}


/*
 * A part of the base that none of the first "own" parts here takes the place
 * of: nothing is left of it.  It may have been of hours and be of a day.
 */

static void
recs_section_gone(recs_report_section_t *s, const recs_cells_part_t *part,
    uint32_t own)
{
    uint8_t   section;
    uint32_t  h, hour, hours, number;

    hours = (part->section == RECS_CELL_DAY) ? 24 : 1;
    hour = part->number * hours;

    if (hour < s->cells.meta.hourly) {
        section = RECS_CELL_DAY;
        number = hour / 24;
        hours = 1;

    } else {
        section = RECS_CELL_HOUR;
        number = hour;
    }

    for (h = 0; h < hours; h++) {
        if (recs_section_find(s->parts, own, section, number + h)) {
            return;
        }
    }

    /* hours of a day come one after another */

    if (s->cells.part_count > own
        && s->parts[s->cells.part_count - 1].section == section
        && s->parts[s->cells.part_count - 1].number == number)
    {
        return;
    }

    recs_section_add(s, section, number, NULL, 0);
}


static const recs_cells_part_t *
recs_section_find(const recs_cells_part_t *parts, uint32_t count,
    uint8_t section, uint32_t number)
{
    recs_cells_part_t  key = { .section = section, .number = number };

    return count ? bsearch(&key, parts, count, sizeof(recs_cells_part_t),
                           recs_section_compare)
                 : NULL;
}


static int
recs_section_compare(const void *one, const void *two)
{
    const recs_cells_part_t  *a, *b;

    a = one;
    b = two;

    if (a->section != b->section) {
        return (a->section < b->section) ? -1 : 1;
    }

    return (a->number > b->number) - (a->number < b->number);
}
