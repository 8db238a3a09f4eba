/*
 * Copyright (C) recs authors
 *
 * What the event log takes of its file system, without reading it.
 */

#ifndef _RECS_BUILDER_LOG_USAGE_H_INCLUDED_
#define _RECS_BUILDER_LOG_USAGE_H_INCLUDED_


#include <stdint.h>

#include "../message.h"


typedef struct {
    uint64_t  files;
    uint64_t  bytes;
    uint32_t  first;             /* number of the file, 0: none */
    int64_t   written_ms;        /* when any was last written to, 0 */
} recs_log_usage_t;


int recs_log_usage(const char *dir, recs_log_usage_t *usage,
    recs_error_t *e);


#endif /* _RECS_BUILDER_LOG_USAGE_H_INCLUDED_ */
