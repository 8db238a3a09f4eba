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
static void recs_positions_stir(recs_position_t *e, int64_t now_ms);
static int recs_positions_fields(recs_positions_t *p, unsigned silent,
    recs_positions_pt command, void *ctx);
static int recs_positions_fill(recs_positions_t *p, unsigned silent,
    size_t *from, recs_positions_pt command, void *ctx);
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
    size_t  i;

    for (i = 0; i < p->count; i++) {
        p->epochs[i].position_due = 1;
        p->epochs[i].gap_due = (p->epochs[i].gap_to != 0);
    }

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


void
recs_positions_heard(recs_positions_t *p, uint64_t epoch, int64_t now_ms)
{
    size_t  low, high, middle;

    low = 0;
    high = p->count;

    while (low < high) {
        middle = low + (high - low) / 2;

        if (p->epochs[middle].epoch < epoch) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    if (low < p->count && p->epochs[low].epoch == epoch) {
        recs_positions_stir(&p->epochs[low], now_ms);
    }
}


static void
recs_positions_stir(recs_position_t *e, int64_t now_ms)
{
    e->heard_ms = now_ms;

    if (e->silent) {
        e->silent = 0;
        e->position_due = 1;
    }
}


int
recs_positions_write(recs_positions_t *p, const recs_log_t *log,
    int64_t now_ms, recs_positions_pt command, void *ctx)
{
    p->visited = 0;
    p->now_ms = now_ms;

    (void) recs_log_epochs(log, recs_positions_compare, p);

    if (recs_positions_fields(p, 0, command, ctx) != RECS_OK
        || recs_positions_fields(p, 1, command, ctx) != RECS_OK)
    {
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
        e->heard_ms = p->now_ms;
        p->count++;
    }

    e = &p->epochs[p->visited++];

    if (e->position != committed) {
        e->position = committed;
        e->position_due = 1;
        recs_positions_stir(e, p->now_ms);
    }

    if (e->gap_from != from || e->gap_to != to) {
        e->gap_from = from;
        e->gap_to = to;
        e->gap_due = 1;
    }

    if (!e->silent && to == 0
        && p->now_ms - e->heard_ms >= RECS_POSITIONS_SILENT_MS)
    {
        e->silent = 1;
        e->position_due = 1;
    }

    return RECS_OK;
}


static int
recs_positions_fields(recs_positions_t *p, unsigned silent,
    recs_positions_pt command, void *ctx)
{
    size_t  from;

    for (from = 0; from < p->count; /* void */ ) {
        if (recs_positions_fill(p, silent, &from, command, ctx) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


/* One command; *from is where the next one begins. */

static int
recs_positions_fill(recs_positions_t *p, unsigned silent, size_t *from,
    recs_positions_pt command, void *ctx)
{
    int               argc;
    char              text[RECS_POSITIONS_FIELDS][2][24];
    size_t            i, n;
    const char       *argv[2 + 2 * RECS_POSITIONS_FIELDS];
    recs_position_t  *e;

    argv[0] = silent ? "HDEL" : "HSET";
    argv[1] = p->committed;
    argc = 2;

    for (i = *from, n = 0; i < p->count && n < RECS_POSITIONS_FIELDS; i++) {
        e = &p->epochs[i];

        if (!e->position_due || e->silent != silent) {
            continue;
        }

        sprintf(text[n][0], "%016" PRIx64, e->epoch);
        argv[argc++] = text[n][0];

        if (!silent) {
            sprintf(text[n][1], "%" PRIu64, e->position);
            argv[argc++] = text[n][1];
        }

        n++;
    }

    if (n && command(ctx, argc, argv) != RECS_OK) {
        return RECS_ERROR;
    }

    for ( /* void */ ; *from < i; (*from)++) {
        e = &p->epochs[*from];

        if (e->silent == silent) {
            e->position_due = 0;
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
