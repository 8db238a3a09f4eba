/*
 * Copyright (C) recs authors
 *
 * Events out of the batches of the log.
 */

#ifndef _RECS_BUILDER_LOG_READ_H_INCLUDED_
#define _RECS_BUILDER_LOG_READ_H_INCLUDED_


#include "log.h"
#include "log_file.h"


/*
 * Decodes the first event of "frames" and takes it away; its strings point
 * into it.  RECS_DONE: there is none.
 */

int recs_log_next(recs_str_t *frames, recs_event_t *event, const char *dir,
    recs_error_t *e);

/* The events of one file of the log. */

int recs_log_events(const char *dir, uint32_t number, recs_sink_pt sink,
    void *ctx, recs_error_t *err);

/* recs_log_read() before a place, of files written since a moment. */

int recs_log_read_until(const char *dir, int64_t since_ms,
    const recs_log_place_t *until, recs_sink_pt sink, void *ctx,
    recs_error_t *err);


#endif /* _RECS_BUILDER_LOG_READ_H_INCLUDED_ */
