/*
 * Copyright (C) recs authors
 *
 * Reports on standard output.
 */

#ifndef _RECS_BUILDER_REPORT_PRINT_H_INCLUDED_
#define _RECS_BUILDER_REPORT_PRINT_H_INCLUDED_


#include <jansson.h>


/* One document, its members in the order they have. */

void recs_report_print_json(json_t *json);

/*
 * The document of recs_stats_json(): a line for each group and one for all,
 * columns by tabs, a rate as "0.05 [0.04, 0.06]", null as "-"; then what the
 * columns mean.
 */

void recs_report_print_table(json_t *json);

/* Any other document: a line for each value, "bots.share  0.02". */

void recs_report_print_tree(json_t *json);


#endif /* _RECS_BUILDER_REPORT_PRINT_H_INCLUDED_ */
