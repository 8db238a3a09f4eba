/*
 * Copyright (C) recs authors
 *
 * Lines of events are taken in batches: threads parse and complete those of
 * a batch, then they are handed on in their order, so that the result does
 * not depend on the threads.
 */

#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "row.h"


#define RECS_BATCH_LINES   256
#define RECS_BATCH_BYTES   (4 * 1024 * 1024)
#define RECS_BATCH_BLOCK   16


typedef enum {
    RECS_BATCH_GOOD = 0,
    RECS_BATCH_BAD,              /* field and reason say why */
    RECS_BATCH_WHOLE             /* is for recs_row_array() */
} recs_batch_e;

typedef struct {
    recs_row_t           row;
    size_t               begin;  /* of the line in the batch's text */
    recs_batch_e         state;
    recs_event_json_t   *json;   /* what the event's strings are in */
    size_t               count;
    const char          *field;
    const char          *reason;
    recs_event_t         event;
} recs_batch_line_t;

typedef struct {
    const recs_source_t *source;
    recs_batch_line_t   *lines;
    uint32_t             count;
    uint8_t             *text;
    size_t               len;
    size_t               cap;
} recs_batch_t;


static void
recs_batch_parse(const recs_source_t *source, recs_batch_line_t *line)
{
    unsigned  array;

    line->state = RECS_BATCH_BAD;
    line->field = NULL;

    if (line->reason) {
        /* too long */
        return;
    }

    line->json = recs_event_json_open(line->row.text.data,
                                      line->row.text.len, &line->count,
                                      &array, &line->reason);

    if (line->json == NULL) {
        return;
    }

    if (array) {
        line->state = RECS_BATCH_WHOLE;
        return;
    }

    if (recs_event_json_get(line->json, 0, &line->event, &line->field,
                            &line->reason)
        != RECS_OK)
    {
        return;
    }

    if (line->event.class != RECS_CLASS_ACTIVITY) {
        line->state = RECS_BATCH_WHOLE;
        return;
    }

    if (recs_row_complete(source, &line->event, &line->row, &line->field,
                          &line->reason)
        == RECS_OK)
    {
        line->state = RECS_BATCH_GOOD;
    }
}


static void
recs_batch_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t             n;
    recs_batch_t        *b;
    recs_batch_line_t   *line;

    b = ctx;

    for (n = from; n < to; n++) {
        line = &b->lines[n];

        if (line->json) {
            recs_event_json_close(line->json);
            line->json = NULL;
        }

        line->row.text.data = b->text + line->begin;
        recs_batch_parse(b->source, line);
    }
}


/* RECS_DONE: these are the last lines. */

static int
recs_batch_fill(recs_batch_t *b, recs_input_t *in, recs_error_t *err)
{
    int                 rc;
    recs_str_t          text;
    recs_batch_line_t  *line;

    b->count = 0;
    b->len = 0;

    while (b->count < RECS_BATCH_LINES && b->len < RECS_BATCH_BYTES) {
        rc = recs_input_line(in, &text, err);

        if (rc == RECS_ERROR || rc == RECS_DONE) {
            return rc;
        }

        if (rc == RECS_OK && recs_input_blank(&text)) {
            continue;
        }

        recs_grow(&b->text, &b->cap, b->len + text.len, 1);
        memcpy(b->text + b->len, text.data, text.len);

        line = &b->lines[b->count++];
        line->begin = b->len;
        line->reason = (rc == RECS_DECLINED) ? "longer than 1 MB" : NULL;
        line->row.in = in;
        line->row.line = recs_input_number(in);
        line->row.lines = 1;
        line->row.text.len = text.len;

        b->len += text.len;
    }

    return RECS_OK;
}


static int
recs_batch_line(recs_source_t *source, recs_batch_line_t *line,
    recs_error_t *err)
{
    recs_event_json_t  *json;

    recs_row_count(source, &line->row);

    switch (line->state) {

    case RECS_BATCH_GOOD:
        return recs_row_sink(source, &line->event, err);

    case RECS_BATCH_BAD:
        return recs_row_bad(source, &line->row, line->field, line->reason,
                            err);

    default: /* RECS_BATCH_WHOLE */
        json = line->json;
        line->json = NULL;

        return recs_row_array(source, json, line->count, &line->row, err);
    }
}


static int
recs_batch_read(recs_source_t *source, recs_batch_t *b, recs_input_t *in,
    recs_error_t *err)
{
    int       rc, end;
    uint32_t  n;

    do {
        end = recs_batch_fill(b, in, err);

        if (end == RECS_ERROR) {
            return RECS_ERROR;
        }

        recs_parallel(recs_max(source->threads, 1), b->count,
                      RECS_BATCH_BLOCK, recs_batch_block, b);

        for (n = 0; n < b->count; n++) {
            rc = recs_batch_line(source, &b->lines[n], err);

            if (rc != RECS_OK) {
                return rc;
            }
        }

    } while (end != RECS_DONE);

    return RECS_OK;
}


static int
recs_jsonl_events(recs_source_t *source, recs_input_t *in, recs_error_t *err)
{
    int           rc;
    uint32_t      n;
    recs_batch_t  b;

    memset(&b, 0, sizeof(recs_batch_t));

    b.source = source;
    b.lines = recs_calloc(RECS_BATCH_LINES, sizeof(recs_batch_line_t));

    rc = recs_batch_read(source, &b, in, err);

    for (n = 0; n < RECS_BATCH_LINES; n++) {
        if (b.lines[n].json) {
            recs_event_json_close(b.lines[n].json);
        }
    }

    free(b.lines);
    free(b.text);

    return rc;
}


int
recs_jsonl_read(recs_source_t *source, recs_input_t *in, recs_file_e kind,
    recs_error_t *err)
{
    int         rc;
    recs_row_t  row;

    if (kind == RECS_FILE_EVENTS) {
        return recs_jsonl_events(source, in, err);
    }

    row.in = in;
    row.lines = 1;

    for ( ;; ) {
        rc = recs_input_line(in, &row.text, err);

        if (rc == RECS_DONE) {
            return RECS_OK;
        }

        if (rc == RECS_ERROR) {
            return RECS_ERROR;
        }

        row.line = recs_input_number(in);

        if (rc == RECS_DECLINED) {
            recs_row_count(source, &row);
            rc = recs_row_bad(source, &row, NULL, "longer than 1 MB", err);

        } else if (recs_input_blank(&row.text)) {
            continue;

        } else {
            recs_row_count(source, &row);
            rc = recs_row_json(source, kind, &row.text, &row, err);
        }

        if (rc != RECS_OK) {
            return rc;
        }
    }
}
