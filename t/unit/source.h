/*
 * Copyright (C) recs authors
 *
 * A source over a file that holds a given text, and a sink that writes down
 * what comes: for unit tests of the readers.
 */

#ifndef _RECS_TEST_SOURCE_H_INCLUDED_
#define _RECS_TEST_SOURCE_H_INCLUDED_


#include <stdlib.h>
#include <unistd.h>

#include "builder/memory.h"
#include "builder/source/source.h"
#include "t/unit/tap.h"


typedef struct {
    char             dir[64];
    char             path[96];
    char             bad[96];            /* the quarantine */
    char             log[65536];         /* what the sink has seen */
    unsigned         threads;
    recs_error_t     err;
    recs_source_t    source;
    recs_keys_t      keys;
} test_source_t;


static inline void
test_source_init(test_source_t *t)
{
    const char  *err;

    memset(t, 0, sizeof(test_source_t));

    strcpy(t->dir, "/tmp/recs_source_XXXXXX");

    if (mkdtemp(t->dir) == NULL) {
        exit(2);
    }

    snprintf(t->bad, sizeof(t->bad), "%s/bad", t->dir);
    snprintf(t->path, sizeof(t->path), "%s/key", t->dir);
    recs_keys_load(&t->keys, t->path, 1, &err);
    recs_message_init(RECS_MSG_ERROR);
}


static inline void
test_source_done(test_source_t *t)
{
    char  command[128];

    snprintf(command, sizeof(command), "rm -r %s", t->dir);
    ok(system(command) == 0, "clean up");
}


/* type product price/quantity user@session; of rows their document */

static inline int
test_source_sink(void *ctx, const recs_event_t *e, recs_error_t *err)
{
    size_t          n;
    test_source_t  *t;

    t = ctx;
    n = strlen(t->log);

    if (e->user_id.len || e->session_id.len) {
        return recs_error(err, "a raw id is left");
    }

    if (e->verified != (e->consent != RECS_CONSENT_DENIED)) {
        return recs_error(err, "a user of a file is known to be who he is");
    }

    if (e->consent == RECS_CONSENT_DENIED) {
        snprintf(t->log + n, sizeof(t->log) - n, "%u %.*s %.*s %u%u%u%u\n",
                 e->type, (int) e->order.len, (const char *) e->order.data,
                 (int) e->recommendation.len,
                 (const char *) e->recommendation.data,
                 e->address.len != 0, e->metadata.len != 0,
                 recs_identity_known(&e->user),
                 memcmp(e->message_id.data, "m1", 2) == 0);
        return RECS_OK;
    }

    if (e->class != RECS_CLASS_ACTIVITY) {
        snprintf(t->log + n, sizeof(t->log) - n, "%u %.*s\n", e->class,
                 (int) e->document.len, (const char *) e->document.data);
        return RECS_OK;
    }

    snprintf(t->log + n, sizeof(t->log) - n, "%u %.*s %lld %lld %s\n",
             e->type, (int) e->items[0].product.len,
             e->items[0].product.len
             ? (const char *) e->items[0].product.data : "",
             e->items[0].price == RECS_NO_MONEY ? -1LL
             : (long long) e->items[0].price,
             (long long) e->time_ms / 1000,
             recs_identity_known(&e->user) ? "user" : "-");

    return RECS_OK;
}


static inline void
test_source_write(test_source_t *t, const char *name, const void *text,
    size_t len)
{
    FILE  *f;

    snprintf(t->path, sizeof(t->path), "%s/%s", t->dir, name);

    f = fopen(t->path, "w");
    fwrite(text, 1, len, f);
    fclose(f);
}


/* Reads t->path; afterwards the log, the counts and the quarantine stand. */

static inline int
test_source_read(test_source_t *t, recs_file_e kind)
{
    int           rc;
    recs_error_t  e;

    t->log[0] = '\0';
    t->err.text[0] = '\0';
    unlink(t->bad);

    memset(&t->source, 0, sizeof(recs_source_t));

    t->source.keys = &t->keys;
    t->source.sink = test_source_sink;
    t->source.ctx = t;
    t->source.quarantine = t->bad;
    t->source.threads = t->threads;

    rc = recs_source_read(&t->source, t->path, kind, &t->err);
    (void) recs_source_end(&t->source, 1, &e);

    return rc;
}


/* The quarantine as it is in the file. */

static inline const char *
test_source_bad(test_source_t *t)
{
    FILE          *f;
    size_t         n;
    static char    text[65536];

    text[0] = '\0';
    f = fopen(t->bad, "r");

    if (f) {
        n = fread(text, 1, sizeof(text) - 1, f);
        text[n] = '\0';
        fclose(f);
    }

    return text;
}


#endif /* _RECS_TEST_SOURCE_H_INCLUDED_ */
