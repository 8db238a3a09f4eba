/*
 * Copyright (C) recs authors
 *
 * What a build reads goes to the report as well as to the dataset, and what
 * the report says goes into the snapshot.
 */

#ifndef _RECS_BUILDER_REPORTED_H_INCLUDED_
#define _RECS_BUILDER_REPORTED_H_INCLUDED_


#include "../data/dataset.h"
#include "../data/log.h"
#include "../report/section.h"


typedef struct {
    recs_dataset_t         *dataset;
    recs_report_t          *report;
    recs_report_section_t   section;
} recs_reported_t;


/*
 * Begins with what the checkpoint of config->log knows of files that are
 * gone.  To be freed in any case.
 */

int recs_reported_init(recs_reported_t *r, recs_dataset_t *d,
    const recs_config_t *config, recs_error_t *err);
void recs_reported_free(recs_reported_t *r);

/* A recs_sink_pt for both, whose ctx is the recs_reported_t. */

int recs_reported_add(void *ctx, const recs_event_t *e, recs_error_t *err);

/*
 * After the dataset is finished: config->report is what goes into the
 * snapshot, as of the clock of the dataset.  "log" may be NULL.
 */

int recs_reported_section(recs_reported_t *r, recs_config_t *config,
    const recs_log_t *log, recs_error_t *err);


/* The same of a report by itself. */

int recs_reported_load(recs_report_t *report, const char *log,
    recs_error_t *err);

#endif /* _RECS_BUILDER_REPORTED_H_INCLUDED_ */
