/*
 * Copyright (C) recs authors
 *
 * A connection that comes and goes: when to try again, and one message for
 * each change, whatever was tried how often.
 */

#ifndef _RECS_BUILDER_LINK_H_INCLUDED_
#define _RECS_BUILDER_LINK_H_INCLUDED_


#include <stddef.h>
#include "../message.h"


#define RECS_LINK_FIRST_MS   100
#define RECS_LINK_LAST_MS    5000
#define RECS_LINK_SLOW_MS    2000
#define RECS_LINK_TEXT       320


typedef struct {
    const char     *target;
    const char     *stream;
    const int64_t  *now_ms;
    int64_t         retry_ms;        /* not before */
    int64_t         delay_ms;
    int64_t         write_ms;        /* no writes before */
    unsigned        readonly;        /* writes were refused */
    char            said[RECS_LINK_TEXT];
} recs_link_t;


/*
 * The id of the entry up to which the stream was read, from a position of the
 * log ({"redis":"ID","stream":"NAME"}); "0-0" where that is of another one.
 */

void recs_link_saved(const recs_link_t *link, const char *position, char *id,
    size_t size);

/* The id after one. */

void recs_link_next(const char *id, char *next, size_t size);

/* It works; "from" is where the stream is read from. */

void recs_link_up(recs_link_t *link, const char *from);

/* It broke: tried again soon, then less and less often. */

void recs_link_down(recs_link_t *link, const char *why);

/*
 * It answers with an error, which will not go away by itself in most cases:
 * tried again slowly, with what can be done about it.
 */

void recs_link_refused(recs_link_t *link, const char *error);

/* A write was refused (OOM, READONLY ...), or taken after that. */

void recs_link_readonly(recs_link_t *link, const char *error);
void recs_link_written(recs_link_t *link);

/* The host of HOST:PORT or [HOST]:PORT, and the port. */

int recs_link_host(const recs_link_t *link, char *host, size_t size);

/*
 * The first line of a file, which is read each time since passwords change.
 * RECS_ERROR: that it cannot be is said as a refusal.
 */

int recs_link_password(recs_link_t *link, const char *path, char *line,
    size_t size);

/* Whether the id of an entry, "ms-n", is before another one. */

int recs_link_older(const char *one, const char *two);


#endif /* _RECS_BUILDER_LINK_H_INCLUDED_ */
