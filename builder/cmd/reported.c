/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../data/checkpoint.h"
#include "reported.h"


int
recs_reported_init(recs_reported_t *r, recs_dataset_t *d,
    const recs_config_t *config, recs_error_t *err)
{
    memset(r, 0, sizeof(recs_reported_t));

    r->dataset = d;
    r->report = recs_report_create(config);

    return config->log ? recs_reported_load(r->report, config->log, err)
                       : RECS_OK;
}


int
recs_reported_load(recs_report_t *report, const char *log, recs_error_t *err)
{
    int                 rc;
    void               *data;
    size_t              len;
    recs_checkpoint_t   c;

    if (recs_checkpoint_open(&c, log, err) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = recs_checkpoint_read(&c, log, RECS_CHECKPOINT_REPORT, &data, &len,
                              err);

    if (rc == RECS_OK && len) {
        rc = recs_report_load(report, data, len, err);
        free(data);
    }

    recs_checkpoint_close(&c);

    return rc;
}


void
recs_reported_free(recs_reported_t *r)
{
    recs_report_section_free(&r->section);

    if (r->report) {
        recs_report_destroy(r->report);
        r->report = NULL;
    }
}


int
recs_reported_add(void *ctx, const recs_event_t *e, recs_error_t *err)
{
    int               rc;
    recs_reported_t  *r;

    r = ctx;
    rc = recs_dataset_add(r->dataset, e, err);

    return (rc == RECS_OK) ? recs_report_replay(r->report, e, err) : rc;
}


int
recs_reported_section(recs_reported_t *r, recs_config_t *config,
    const recs_log_t *log, recs_error_t *err)
{
    uint64_t  gaps, lost;

    gaps = 0;
    lost = 0;

    if (log) {
        recs_log_missing(log, &lost, &gaps);
    }

    recs_report_clock(r->report, r->dataset->now_ms);

    if (recs_report_section(&r->section, r->report, NULL, 0, lost, gaps, err)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    config->report = &r->section.cells;

    return RECS_OK;
}
