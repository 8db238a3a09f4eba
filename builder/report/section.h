/*
 * Copyright (C) recs authors
 *
 * A report as section 'S' of a snapshot has it (recs_cell.h): its cells by
 * hours and days, its names, its head and the reports as texts.
 */

#ifndef _RECS_BUILDER_SECTION_H_INCLUDED_
#define _RECS_BUILDER_SECTION_H_INCLUDED_


#include "../../core/snapshot/recs_cells.h"
#include "report.h"


/* Zeros before the first use; "cells" points into the others. */

typedef struct {
    recs_cells_t          cells;
    recs_cells_part_t    *parts;
    size_t                parts_cap;
    recs_cells_report_t  *reports;
    size_t                reports_cap;
} recs_report_section_t;


/*
 * What a report says now, or, with the cells of a base, the hours and days
 * that are other than there: of those that have changed since "since" (a
 * number of recs_report_turn()), 0 of all.  What the base has and the report
 * has not is there without cells, and it is never older than the base.
 * "lost" and "gaps" are those of the log.  Valid until the report changes;
 * used again as often as needed.
 * RECS_ERROR: a report has a name that is too long for a key.
 */

int recs_report_section(recs_report_section_t *s, recs_report_t *r,
    const recs_cells_t *base, uint64_t since, uint64_t lost, uint64_t gaps,
    recs_error_t *err);

void recs_report_section_free(recs_report_section_t *s);


#endif /* _RECS_BUILDER_SECTION_H_INCLUDED_ */
