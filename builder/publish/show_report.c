/*
 * Copyright (C) recs authors
 *
 * Section 'S' as JSON lines.
 */

#include <string.h>

#include "../../core/answer/recs_strategy.h"
#include "../../core/event/recs_client.h"
#include "../../core/recs_date.h"
#include "show.h"


static void recs_show_time(recs_show_t *show, const char *name, int64_t ms);
static int recs_show_cells(recs_show_t *show, const recs_cells_part_t *part,
    recs_error_t *err);
static void recs_show_named(recs_show_t *show, const char *name,
    uint32_t number);


int
recs_show_report_text(recs_show_t *show, const char *name, recs_error_t *err)
{
    recs_str_t  key, text;

    key.len = strlen(name);
    key.data = (const uint8_t *) name;

    if (recs_cells_report(&show->s->cells, &key, &text) != RECS_OK) {
        return recs_error(err, "report \"%s\" is not in the snapshot", name);
    }

    recs_show_text(show, "report", name, strlen(name));
    recs_show_name(show, "json");
    recs_out_bytes(&show->out, text.data, text.len);

    return recs_show_line(show, err);
}


int
recs_show_report_head(recs_show_t *show, recs_error_t *err)
{
    uint32_t                 i;
    uint64_t                 cells, days;
    const recs_cells_t      *c;
    const recs_cell_meta_t  *m;

    c = &show->s->cells;
    m = &c->meta;

    for (i = 0, cells = 0, days = 0; i < c->part_count; i++) {
        cells += c->parts[i].count;
        days += c->parts[i].section == RECS_CELL_DAY;
    }

    recs_show_u64(show, "cells", cells);
    recs_show_u64(show, "days", days);
    recs_show_u64(show, "hours", c->part_count - days);
    recs_show_u64(show, "names", c->name_count);
    recs_show_u64(show, "reports", c->report_count);
    recs_show_time(show, "made", m->made_ms);
    recs_show_time(show, "from", m->from_ms);
    recs_show_time(show, "until", m->until_ms);
    recs_show_time(show, "hourly", (int64_t) m->hourly * RECS_HOUR_MS);
    recs_show_u64(show, "events", m->events);
    recs_show_u64(show, "lost", m->lost);
    recs_show_u64(show, "gaps", m->gaps);
    recs_show_u64(show, "bots", m->bots);
    recs_show_u64(show, "overflow", m->overflow);
    recs_show_u64(show, "attribution", m->attribution);

    return recs_show_line(show, err);
}


int
recs_show_report(recs_show_t *show, recs_error_t *err)
{
    uint32_t             i;
    const recs_cells_t  *c;

    c = &show->s->cells;

    if (c->meta.made_ms == 0) {
        return recs_error(err, "the snapshot has no report");
    }

    if (recs_show_report_head(show, err) != RECS_OK) {
        return RECS_ERROR;
    }

    for (i = 0; i < c->part_count; i++) {
        if (recs_show_cells(show, &c->parts[i], err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    for (i = 0; i < c->report_count; i++) {
        recs_show_text(show, "report", c->reports[i].name.data,
                       c->reports[i].name.len);
        recs_show_name(show, "json");
        recs_out_bytes(&show->out, c->reports[i].text.data,
                       c->reports[i].text.len);

        if (recs_show_line(show, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


/* An hour of which nothing is left is a line without counts. */

static int
recs_show_cells(recs_show_t *show, const recs_cells_part_t *part,
    recs_error_t *err)
{
    int64_t      begin;
    uint32_t     i;
    recs_cell_t  cell;
    recs_str_t   device;
    const char  *unit;

    begin = part->number * RECS_HOUR_MS;
    unit = "hour";

    if (part->section == RECS_CELL_DAY) {
        begin *= 24;
        unit = "day";
    }

    if (part->count == 0) {
        recs_show_time(show, unit, begin);
        return recs_show_line(show, err);
    }

    for (i = 0; i < part->count; i++) {
        recs_cells_get(part, i, &cell);
        device = recs_device_name((recs_device_e) cell.device);

        recs_show_time(show, unit, begin);

        if (cell.strategy < RECS_STRATEGY_MAX) {
            recs_show_text(show, "type",
                           recs_strategies[cell.strategy].name.data,
                           recs_strategies[cell.strategy].name.len);
        }

        recs_show_text(show, "device", device.data, device.len);
        recs_show_u64(show, "position", cell.position);
        recs_show_hex(show, "snapshot", cell.snapshot);
        recs_show_named(show, "placement", cell.placement);
        recs_show_named(show, "variant", cell.variant);
        recs_show_named(show, "region", cell.region);
        recs_show_named(show, "segment", cell.segment);

        if (cell.currency) {
            recs_show_text(show, "currency", (uint8_t *) &cell.currency, 3);
        }

        recs_show_u64(show, "served", cell.served);
        recs_show_u64(show, "seen", cell.seen);
        recs_show_u64(show, "clicks", cell.clicks);
        recs_show_u64(show, "dismissed", cell.dismissed);
        recs_show_u64(show, "carts", cell.carts);
        recs_show_u64(show, "orders", cell.orders);
        recs_show_u64(show, "orderLines", cell.lines);
        recs_show_u64(show, "units", cell.units);
        recs_show_i64(show, "revenue", cell.revenue);
        recs_show_i64(show, "margin", cell.margin);
        recs_show_u64(show, "refunds", cell.refunds);
        recs_show_u64(show, "viewThroughOrders", cell.view_orders);
        recs_show_u64(show, "viewThroughLines", cell.view_lines);
        recs_show_i64(show, "viewThroughRevenue", cell.view_revenue);

        if (recs_show_line(show, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static void
recs_show_named(recs_show_t *show, const char *name, uint32_t number)
{
    const recs_cells_t  *c;

    c = &show->s->cells;

    if (number < c->name_count) {
        recs_show_text(show, name, c->names[number].data,
                       c->names[number].len);
    }
}


static void
recs_show_time(recs_show_t *show, const char *name, int64_t ms)
{
    recs_show_name(show, name);
    recs_out_time(&show->out, ms);
}
