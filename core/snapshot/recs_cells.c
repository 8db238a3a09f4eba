/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../recs_json.h"
#include "recs_cells.h"
#include "recs_forest.h"


#define RECS_CELLS_NUMBER_KEY  6         /* 'S', which, be32 */


static uint32_t recs_cells_number(const recs_str_t *key);
static const char *recs_cells_part(const recs_cells_load_t *load, uint32_t n);
static const char *recs_cells_cell(const recs_cells_t *c,
    const recs_cells_part_t *part, const recs_cell_t *cell);
static int recs_cells_order(const recs_str_t *one, const recs_str_t *other);


int
recs_cells_report(const recs_cells_t *c, const recs_str_t *name,
    recs_str_t *text)
{
    uint32_t  i;

    for (i = 0; i < c->report_count; i++) {
        if (recs_cells_order(&c->reports[i].name, name) == 0) {
            *text = c->reports[i].text;
            return RECS_OK;
        }
    }

    return RECS_DECLINED;
}


const char *
recs_cells_count(recs_cells_load_t *load, const recs_str_t *key)
{
    if (key->len < 2) {
        return "a key of the report is too short";
    }

    switch (key->data[1]) {

    case RECS_CELL_HOUR:
    case RECS_CELL_DAY:
        load->part_max++;
        break;

    case RECS_CELL_NAME:
        load->name_max++;
        break;

    case RECS_CELL_REPORT:
        load->report_max++;
        return key->len > 2 ? NULL : "a report has no name";

    case RECS_CELL_META:
        load->meta_max++;
        return key->len == 2 ? NULL : "a key of the report is too long";

    default:
        return "the report has a value of an unknown kind";
    }

    return key->len == RECS_CELLS_NUMBER_KEY
           ? NULL : "a key of the report has no number";
}


size_t
recs_cells_size(const recs_cells_load_t *load)
{
    return (size_t) load->part_max * sizeof(recs_cells_part_t)
           + (size_t) load->name_max * sizeof(recs_str_t)
           + (size_t) load->report_max * sizeof(recs_cells_report_t);
}


void
recs_cells_begin(recs_cells_load_t *load, void *memory, recs_cells_t *cells)
{
    memset(cells, 0, sizeof(recs_cells_t));

    load->cells = cells;
    load->parts = memory;
    load->names = (recs_str_t *) (load->parts + load->part_max);
    load->reports = (recs_cells_report_t *) (load->names + load->name_max);

    cells->parts = load->parts;
    cells->names = load->names;
    cells->reports = load->reports;
}


const char *
recs_cells_take(recs_cells_load_t *load, const recs_str_t *key,
    const recs_str_t *value)
{
    recs_cells_t         *c;
    recs_cells_part_t    *part;
    recs_cells_report_t  *report;

    c = load->cells;

    switch (key->data[1]) {

    case RECS_CELL_HOUR:
    case RECS_CELL_DAY:
        if (value->len % sizeof(recs_cell_t)
            || value->len / sizeof(recs_cell_t) > UINT32_MAX)
        {
            return "the cells of an hour are not whole";
        }

        part = &load->parts[c->part_count++];
        part->section = key->data[1];
        part->number = recs_cells_number(key);
        part->count = (uint32_t) (value->len / sizeof(recs_cell_t));
        part->cells = value->data;

        return NULL;

    case RECS_CELL_NAME:
        if (recs_cells_number(key) != c->name_count) {
            return "a name of the report is missing";
        }

        load->names[c->name_count++] = *value;

        return NULL;

    case RECS_CELL_REPORT:
        report = &load->reports[c->report_count++];
        report->name.len = key->len - 2;
        report->name.data = key->data + 2;
        report->text = *value;

        return recs_json_valid(value) == RECS_OK
               ? NULL : "a report is not JSON";

    default:
        if (value->len != sizeof(recs_cell_meta_t)) {
            return "the head of the report has another size";
        }

        memcpy(&c->meta, value->data, sizeof(recs_cell_meta_t));

        return NULL;
    }
}


/* Names come behind the cells that name them: all is looked at here. */

const char *
recs_cells_end(const recs_cells_load_t *load)
{
    uint32_t             i;
    const char          *why;
    const recs_cells_t  *c;

    c = load->cells;

    if (load->meta_max == 0) {
        return (load->part_max || load->name_max || load->report_max)
               ? "the report has no head" : NULL;
    }

    if (c->meta.made_ms <= 0 || c->meta.hourly % 24) {
        return "the head of the report is out of range";
    }

    for (i = 0; i < c->part_count; i++) {
        why = recs_cells_part(load, i);

        if (why) {
            return why;
        }
    }

    for (i = 1; i < c->report_count; i++) {
        if (recs_cells_order(&c->reports[i - 1].name, &c->reports[i].name)
            >= 0)
        {
            return "the reports are not in order";
        }
    }

    return NULL;
}


static const char *
recs_cells_part(const recs_cells_load_t *load, uint32_t n)
{
    uint32_t                  i;
    uint64_t                  hour;
    unsigned                  day;
    const char               *why;
    recs_cell_t               cell, before;
    const recs_cells_part_t  *part;

    part = &load->parts[n];

    if (n && (part[-1].section > part->section
              || (part[-1].section == part->section
                  && part[-1].number >= part->number)))
    {
        return "the hours of the report are not in order";
    }

    day = part->section == RECS_CELL_DAY;
    hour = (uint64_t) part->number * (day ? 24 : 1);

    if (day != (hour < load->cells->meta.hourly)) {
        return "the report has an hour where it has days, or a day where it "
               "has hours";
    }

    for (i = 0; i < part->count; i++) {
        recs_cells_get(part, i, &cell);
        why = recs_cells_cell(load->cells, part, &cell);

        if (why) {
            return why;
        }

        if (i && recs_cell_compare(&before, &cell) >= 0) {
            return "the cells of an hour are not in order";
        }

        before = cell;
    }

    return NULL;
}


static const char *
recs_cells_cell(const recs_cells_t *c, const recs_cells_part_t *part,
    const recs_cell_t *cell)
{
    if (cell->hour != (part->section == RECS_CELL_DAY ? part->number * 24
                                                      : part->number))
    {
        return "a cell of the report is under another hour";
    }

    if (cell->strategy >= RECS_FORESTS && cell->strategy != RECS_CELL_UNKNOWN)
    {
        return "a cell of the report has an unknown type";
    }

    if ((cell->placement >= c->name_count && cell->placement != RECS_NONE)
        || (cell->variant >= c->name_count && cell->variant != RECS_NONE)
        || (cell->region >= c->name_count && cell->region != RECS_NONE)
        || (cell->segment >= c->name_count && cell->segment != RECS_NONE))
    {
        return "a cell of the report has a name that is not there";
    }

    return NULL;
}


/* As keys are ordered. */

static int
recs_cells_order(const recs_str_t *one, const recs_str_t *other)
{
    int  rc;

    rc = memcmp(one->data, other->data, recs_min(one->len, other->len));

    return rc ? rc : (one->len > other->len) - (one->len < other->len);
}


static uint32_t
recs_cells_number(const recs_str_t *key)
{
    const uint8_t  *p;

    p = key->data + 2;

    return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16
           | (uint32_t) p[2] << 8 | p[3];
}
