/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../memory.h"
#include "positions.h"


#define RECS_POSITIONS_FIELDS  500     /* of a command */


static char *recs_positions_key(const char *stream, const char *suffix);
static int recs_positions_compare(void *ctx, uint64_t epoch,
    uint64_t committed, uint64_t from, uint64_t to);
static int recs_positions_committed(recs_positions_t *p,
    recs_positions_pt command, void *ctx);
static int recs_positions_wanted(recs_positions_t *p,
    recs_positions_pt command, void *ctx);


void
recs_positions_init(recs_positions_t *p, const char *stream)
{
    memset(p, 0, sizeof(recs_positions_t));

    p->committed = recs_positions_key(stream, "positions");
    p->wanted = recs_positions_key(stream, "wanted");
}


void
recs_positions_free(recs_positions_t *p)
{
    free(p->committed);
    free(p->wanted);
    free(p->epochs);
}


void
recs_positions_reset(recs_positions_t *p)
{
    p->count = 0;
    p->cleared = 0;
}


static char *
recs_positions_key(const char *stream, const char *suffix)
{
    char    *key;
    size_t   size;

    size = strlen(stream) + strlen(suffix) + 2;
    key = recs_alloc(size);
    snprintf(key, size, "%s:%s", stream, suffix);

    return key;
}


int
recs_positions_beat(recs_positions_t *p, int64_t n,
    recs_positions_pt command, void *ctx)
{
    char         text[24];
    const char  *argv[4];

    sprintf(text, "%" PRId64, n);

    argv[0] = "HSET";
    argv[1] = p->committed;
    argv[2] = "builder";
    argv[3] = text;

    return command(ctx, 4, argv);
}


int
recs_positions_write(recs_positions_t *p, const recs_log_t *log,
    recs_positions_pt command, void *ctx)
{
    p->visited = 0;
    (void) recs_log_epochs(log, recs_positions_compare, p);

    if (recs_positions_committed(p, command, ctx) != RECS_OK) {
        return RECS_ERROR;
    }

    return recs_positions_wanted(p, command, ctx);
}


/* With what was written before: both are in order of epochs. */

static int
recs_positions_compare(void *ctx, uint64_t epoch, uint64_t committed,
    uint64_t from, uint64_t to)
{
    recs_position_t   *e;
    recs_positions_t  *p;

    p = ctx;

    if (p->visited == p->count || p->epochs[p->visited].epoch != epoch) {
        recs_grow(&p->epochs, &p->cap, p->count + 1, sizeof(recs_position_t));

        e = &p->epochs[p->visited];
        memmove(e + 1, e, (p->count - p->visited) * sizeof(recs_position_t));
        memset(e, 0, sizeof(recs_position_t));
        e->epoch = epoch;
        p->count++;
    }

    e = &p->epochs[p->visited++];

    if (e->position != committed) {
        e->position = committed;
        e->position_due = 1;
    }

    if (e->gap_from != from || e->gap_to != to) {
        e->gap_from = from;
        e->gap_to = to;
        e->gap_due = 1;
    }

    return RECS_OK;
}


static int
recs_positions_committed(recs_positions_t *p, recs_positions_pt command,
    void *ctx)
{
    char         text[RECS_POSITIONS_FIELDS][2][24];
    size_t       i, from, n;
    const char  *argv[2 + 2 * RECS_POSITIONS_FIELDS];

    argv[0] = "HSET";
    argv[1] = p->committed;

    for (from = 0; from < p->count; from = i) {

        for (i = from, n = 0; i < p->count && n < RECS_POSITIONS_FIELDS; i++)
        {
            if (!p->epochs[i].position_due) {
                continue;
            }

            sprintf(text[n][0], "%016" PRIx64, p->epochs[i].epoch);
            sprintf(text[n][1], "%" PRIu64, p->epochs[i].position);
            argv[2 + 2 * n] = text[n][0];
            argv[3 + 2 * n] = text[n][1];
            n++;
        }

        if (n && command(ctx, (int) (2 + 2 * n), argv) != RECS_OK) {
            return RECS_ERROR;
        }

        while (from < i) {
            p->epochs[from++].position_due = 0;
        }
    }

    return RECS_OK;
}


/* Gaps are rare: one command each. */

static int
recs_positions_wanted(recs_positions_t *p, recs_positions_pt command,
    void *ctx)
{
    char              epoch[24], range[48];
    size_t            i;
    const char       *argv[4];
    recs_position_t  *e;

    argv[0] = "DEL";
    argv[1] = p->wanted;
    argv[2] = epoch;
    argv[3] = range;

    if (!p->cleared && command(ctx, 2, argv) != RECS_OK) {
        return RECS_ERROR;
    }

    p->cleared = 1;

    for (i = 0; i < p->count; i++) {
        e = &p->epochs[i];

        if (!e->gap_due) {
            continue;
        }

        sprintf(epoch, "%016" PRIx64, e->epoch);
        sprintf(range, "%" PRIu64 "-%" PRIu64, e->gap_from, e->gap_to);
        argv[0] = e->gap_to ? "HSET" : "HDEL";

        if (command(ctx, e->gap_to ? 4 : 3, argv) != RECS_OK) {
            return RECS_ERROR;
        }

        e->gap_due = 0;
    }

    return RECS_OK;
}
