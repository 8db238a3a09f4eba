/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>

#include "../memory.h"
#include "log_read.h"


typedef struct {
    const char    *dir;
    recs_sink_pt   sink;
    void          *ctx;
    recs_event_t   event;
} recs_log_reader_t;


static recs_log_reader_t *recs_log_reader(const char *dir, recs_sink_pt sink,
    void *ctx);
static int recs_log_deliver(void *ctx, const recs_log_batch_t *batch,
    recs_error_t *e);


int
recs_log_read(const char *dir, recs_sink_pt sink, void *ctx,
    recs_error_t *err)
{
    return recs_log_read_until(dir, 0, NULL, sink, ctx, err);
}


int
recs_log_read_until(const char *dir, int64_t since_ms,
    const recs_log_place_t *until, recs_sink_pt sink, void *ctx,
    recs_error_t *err)
{
    int                 rc;
    uint64_t            torn;
    recs_log_place_t    end;
    recs_log_reader_t  *reader;

    reader = recs_log_reader(dir, sink, ctx);
    rc = recs_log_file_since(dir, since_ms, until, recs_log_deliver, reader,
                             &end, &torn, err);
    free(reader);

    return rc;
}


int
recs_log_events(const char *dir, uint32_t number, recs_sink_pt sink,
    void *ctx, recs_error_t *err)
{
    int                 rc;
    recs_log_reader_t  *reader;

    reader = recs_log_reader(dir, sink, ctx);
    rc = recs_log_file_visit(dir, number, 0, recs_log_deliver, reader, err);
    free(reader);

    return rc;
}


/* An event has room for a hundred items: not on the stack. */

static recs_log_reader_t *
recs_log_reader(const char *dir, recs_sink_pt sink, void *ctx)
{
    recs_log_reader_t  *reader;

    reader = recs_calloc(1, sizeof(recs_log_reader_t));
    reader->dir = dir;
    reader->sink = sink;
    reader->ctx = ctx;

    return reader;
}


static int
recs_log_deliver(void *ctx, const recs_log_batch_t *batch, recs_error_t *e)
{
    int                 rc;
    recs_str_t          frames;
    recs_log_reader_t  *reader;

    reader = ctx;
    frames = batch->frames;

    for ( ;; ) {
        rc = recs_log_next(&frames, &reader->event, reader->dir, e);

        if (rc != RECS_OK) {
            return (rc == RECS_DONE) ? RECS_OK : rc;
        }

        if (reader->sink(reader->ctx, &reader->event, e) == RECS_ERROR) {
            return RECS_ERROR;
        }
    }
}


int
recs_log_next(recs_str_t *frames, recs_event_t *event, const char *dir,
    recs_error_t *e)
{
    size_t       size;
    recs_str_t   payload;
    const char  *err;

    if (frames->len == 0) {
        return RECS_DONE;
    }

    err = "a frame is cut off";

    if (recs_frame_read(frames->data, frames->len, &payload, &size, &err)
        != RECS_OK
        || recs_event_decode(event, payload.data, payload.len, &err)
           != RECS_OK)
    {
        return recs_error(e, "event log %s: an event cannot be read: %s; it "
                          "may be of a later version of recs-builder", dir,
                          err);
    }

    frames->data += size;
    frames->len -= size;

    return RECS_OK;
}
