/*
 * Copyright (C) recs authors
 *
 * The report that is made of an event log, for tests: one line a cell, with
 * these fields between tabs:
 *
 *   hour strategy device position snapshot placement variant region segment
 *   served seen clicks dismissed carts orders orderLines units revenue margin
 *   refunds viewThroughOrders viewThroughLines viewThroughRevenue
 *
 * A strategy is its name, "-" where it is unknown; names are what they stand
 * for.
 *
 *     cells DIR [last|first|linear|decay|position]
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "builder/data/log.h"
#include "builder/report/report.h"
#include "core/answer/recs_strategy.h"


static const char  *models[] = { "last", "first", "linear", "decay",
                                 "position" };


static void
name(const recs_report_view_t *view, uint32_t n)
{
    const recs_str_t  *s;

    if (n >= view->name_count) {
        fputs("-\t", stdout);
        return;
    }

    s = &view->names[n];
    printf("%.*s\t", (int) s->len, (const char *) s->data);
}


static void
print(const recs_report_view_t *view, const recs_cell_t *c)
{
    const recs_str_t  *s;

    printf("%u\t", c->hour);

    if (c->strategy < RECS_STRATEGY_MAX) {
        s = &recs_strategies[c->strategy].name;
        printf("%.*s\t", (int) s->len, (const char *) s->data);

    } else {
        fputs("-\t", stdout);
    }

    printf("%u\t%u\t%016" PRIx64 "\t", c->device, c->position, c->snapshot);
    name(view, c->placement);
    name(view, c->variant);
    name(view, c->region);
    name(view, c->segment);
    printf("%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
           "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRId64 "\t%" PRId64
           "\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64 "\t%" PRId64 "\n",
           c->served, c->seen, c->clicks, c->dismissed, c->carts, c->orders,
           c->lines, c->units, c->revenue, c->margin, c->refunds,
           c->view_orders, c->view_lines, c->view_revenue);
}


int
main(int argc, char **argv)
{
    size_t               i;
    recs_error_t         err;
    recs_config_t        config;
    recs_report_t       *report;
    recs_report_view_t   view;

    if (argc < 2 || argc > 3) {
        fputs("Usage: cells DIR [MODEL]\n", stderr);
        return 2;
    }

    recs_config_init(&config);

    for (i = 0; argc == 3 && i < sizeof(models) / sizeof(models[0]); i++) {
        if (strcmp(argv[2], models[i]) == 0) {
            config.attribution = i;
        }
    }

    report = recs_report_create(&config);

    if (recs_log_read(argv[1], recs_report_add, report, &err) != RECS_OK) {
        fprintf(stderr, "cells: %s\n", err.text);
        return 1;
    }

    recs_report_view(report, 0, &view);

    for (i = 0; i < view.count; i++) {
        print(&view, &view.cells[i]);
    }

    recs_report_destroy(report);

    return fflush(stdout) == 0 ? 0 : 1;
}
