/*
 * Copyright (C) recs authors
 *
 * Retention, by configuration: what "retain" and the daemon have in common.
 */

#ifndef _RECS_BUILDER_RETAIN_H_INCLUDED_
#define _RECS_BUILDER_RETAIN_H_INCLUDED_


#include "../config.h"
#include "../data/log_retain.h"


/* How old an event may get, 0: for ever. */

int64_t recs_retain_ms(const recs_config_t *c);

/* recs_log_retain() of a log whose lock is held. */

int recs_retain(const recs_config_t *c, recs_log_file_t *files,
    int64_t now_ms, recs_log_retained_t *done, recs_error_t *e);


#endif /* _RECS_BUILDER_RETAIN_H_INCLUDED_ */
