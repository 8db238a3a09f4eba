/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../memory.h"
#include "checkpoint.h"
#include "log_archive.h"
#include "log_index.h"
#include "log_read.h"
#include "log_retain.h"
#include "log_rows.h"


#define RECS_RETAIN_BATCH  (8 * 1024 * 1024)


typedef struct {
    recs_log_file_t           *file;
    const recs_log_retain_t   *how;
    recs_log_retained_t       *done;
    uint32_t                  *numbers;
    size_t                     count;
    size_t                     from;         /* the first that is needed */
    size_t                     to;           /* behind the last that goes */
    int64_t                    arrived_ms;   /* the last event of a file */
    uint64_t                   events_in;
    int64_t                    happened_ms;  /* that of what visitors did */
    int64_t                    last_ms;      /* of all that go */

    recs_log_index_t          *index;
    recs_log_rows_t           *rows;
    char                      *position;     /* of the source */
    char                      *text;         /* with notes */
    size_t                     text_len;
    size_t                     text_cap;
    uint8_t                   *frames;
    size_t                     len;
    size_t                     cap;
    uint32_t                   events;
    void                      *report;
    size_t                     report_len;
    recs_checkpoint_writer_t   out;
    recs_event_t               event;
} recs_retain_t;


static int recs_retain_choose(recs_retain_t *r, uint32_t first,
    recs_error_t *e);
static int recs_retain_old(recs_retain_t *r, uint32_t number,
    recs_error_t *e);
static int recs_retain_time(void *ctx, const recs_log_batch_t *batch,
    recs_error_t *e);
static int recs_retain_checkpoint(recs_retain_t *r,
    const recs_checkpoint_t *old, recs_error_t *e);
static int recs_retain_load(recs_retain_t *r, const recs_checkpoint_t *old,
    recs_error_t *e);
static int recs_retain_each(recs_retain_t *r, recs_log_batch_pt visit,
    recs_error_t *e);
static int recs_retain_learn(void *ctx, const recs_log_batch_t *batch,
    recs_error_t *e);
static void recs_retain_notes(recs_retain_t *r);
static void recs_retain_note(recs_retain_t *r, const char *kind,
    uint64_t epoch, const recs_spans_t *spans);
static int recs_retain_row(void *ctx, const recs_log_batch_t *batch,
    recs_error_t *e);
static int recs_retain_flush(recs_retain_t *r, recs_error_t *e);
static int recs_retain_parts(recs_retain_t *r, recs_error_t *e);
static int recs_retain_go(recs_retain_t *r, recs_error_t *e);


int
recs_log_retain(recs_log_file_t *f, const recs_log_retain_t *how,
    recs_log_retained_t *done, recs_error_t *e)
{
    int                 rc;
    recs_retain_t      *r;
    recs_checkpoint_t   old;

    memset(done, 0, sizeof(recs_log_retained_t));

    if (recs_checkpoint_open(&old, f->dir, e) != RECS_OK) {
        return RECS_ERROR;
    }

    r = recs_calloc(1, sizeof(recs_retain_t));
    r->file = f;
    r->how = how;
    r->done = done;

    rc = recs_retain_choose(r, old.first, e);

    if (rc == RECS_OK && r->to > r->from) {
        rc = recs_retain_checkpoint(r, &old, e);

        if (rc == RECS_OK) {
            rc = recs_retain_parts(r, e);
        }

        if (rc == RECS_OK) {
            rc = recs_checkpoint_commit(&r->out, r->numbers[r->to],
                                        how->now_ms, e);

        } else {
            recs_checkpoint_abort(&r->out);
        }
    }

    if (rc == RECS_OK) {
        rc = recs_retain_go(r, e);
    }

    recs_checkpoint_close(&old);

    if (r->index) {
        recs_log_index_free(r->index);
        recs_log_rows_destroy(r->rows);
    }

    free(r->index);
    free(r->numbers);
    free(r->position);
    free(r->text);
    free(r->frames);
    free(r->report);
    free(r);

    return rc;
}


/* Sets from and to; the last file is still written. */

static int
recs_retain_choose(recs_retain_t *r, uint32_t first, recs_error_t *e)
{
    int  rc;

    if (recs_log_file_list(r->file->dir, &r->numbers, &r->count, e)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    for (r->from = 0; r->from < r->count; r->from++) {
        if (r->numbers[r->from] >= first) {
            break;
        }
    }

    for (r->to = r->from; r->to + 1 < r->count; r->to++) {
        rc = recs_retain_old(r, r->numbers[r->to], e);

        if (rc == RECS_DECLINED) {
            break;
        }

        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


/* What was written to lately has events that came lately. */

static int
recs_retain_old(recs_retain_t *r, uint32_t number, recs_error_t *e)
{
    char         name[RECS_LOG_NAME];
    struct stat  st;

    recs_log_file_name(name, number);

    if (fstatat(r->file->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
        return recs_error(e, "cannot look at %s/%s: %s", r->file->dir, name,
                          strerror(errno));
    }

    if ((int64_t) st.st_mtim.tv_sec * 1000 >= r->how->before_ms) {
        return RECS_DECLINED;
    }

    r->arrived_ms = 0;
    r->events_in = 0;
    r->happened_ms = 0;

    if (recs_log_file_visit(r->file->dir, number, 0, recs_retain_time, r, e)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (r->arrived_ms >= r->how->before_ms) {
        return RECS_DECLINED;
    }

    r->done->bytes += (uint64_t) st.st_size;
    r->done->events += r->events_in;
    r->last_ms = recs_max(r->last_ms, r->happened_ms);

    return RECS_OK;
}


static int
recs_retain_time(void *ctx, const recs_log_batch_t *batch, recs_error_t *e)
{
    int             rc;
    recs_str_t      frames;
    recs_retain_t  *r;

    r = ctx;
    frames = batch->frames;

    while ((rc = recs_log_next(&frames, &r->event, r->file->dir, e))
           == RECS_OK)
    {
        r->arrived_ms = recs_max(r->arrived_ms, r->event.time_ms);
        r->arrived_ms = recs_max(r->arrived_ms, r->event.received_ms);
        r->events_in++;

        /* a row's time is that of its import in most cases */

        if (!recs_log_rows_is(&r->event)) {
            r->happened_ms = recs_max(r->happened_ms, r->event.time_ms);
        }
    }

    return (rc == RECS_DONE) ? RECS_OK : rc;
}


/* The part of the log: learned in a first pass, rows written in a second. */

static int
recs_retain_checkpoint(recs_retain_t *r, const recs_checkpoint_t *old,
    recs_error_t *e)
{
    int  rc;

    r->index = recs_alloc(sizeof(recs_log_index_t));
    r->rows = recs_log_rows_create();
    r->position = recs_calloc(1, 1);
    r->out.c.fd = -1;
    r->out.dirfd = -1;

    if (recs_log_index_init(r->index) != RECS_OK) {
        return recs_error(e, "%s: the kernel gives no random number",
                          r->file->dir);
    }

    rc = recs_retain_each(r, recs_retain_learn, e);

    if (rc != RECS_OK
        || recs_retain_load(r, old, e) != RECS_OK
        || recs_checkpoint_create(&r->out, r->file->dir, e) != RECS_OK)
    {
        return RECS_ERROR;
    }

    recs_retain_notes(r);

    /* also where there is no row: the notes are in it */

    if (recs_retain_flush(r, e) != RECS_OK
        || recs_retain_each(r, recs_retain_row, e) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return r->events ? recs_retain_flush(r, e) : RECS_OK;
}


/* Rows that stay are events of the log still: the others are folded. */

static int
recs_retain_load(recs_retain_t *r, const recs_checkpoint_t *old,
    recs_error_t *e)
{
    const recs_log_fold_t  *fold;

    fold = r->how->fold;

    if (recs_checkpoint_read(old, r->file->dir, RECS_CHECKPOINT_REPORT,
                             &r->report, &r->report_len, e)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    return fold ? fold->load(fold->ctx, r->report, r->report_len, e)
                : RECS_OK;
}


static int
recs_retain_each(recs_retain_t *r, recs_log_batch_pt visit, recs_error_t *e)
{
    size_t  i;

    if (recs_log_file_visit(r->file->dir, 0, 0, visit, r, e) != RECS_OK) {
        return RECS_ERROR;
    }

    for (i = r->from; i < r->to; i++) {
        if (recs_log_file_visit(r->file->dir, r->numbers[i], 0, visit, r, e)
            != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_retain_learn(void *ctx, const recs_log_batch_t *batch, recs_error_t *e)
{
    int              rc;
    recs_str_t       frames, position;
    recs_event_t    *event;
    recs_retain_t   *r;

    r = ctx;
    event = &r->event;

    if (batch->known.len) {
        return recs_log_index_take(r->index, &batch->known, r->file->dir, e);
    }

    position = recs_log_index_notes(r->index, &batch->position);
    r->position = recs_realloc(r->position, position.len + 1);
    memcpy(r->position, position.data, position.len);
    r->position[position.len] = '\0';

    frames = batch->frames;

    while ((rc = recs_log_next(&frames, event, r->file->dir, e)) == RECS_OK) {

        if (recs_log_rows_is(event)) {
            recs_log_rows_add(r->rows, event);
        }

        /* a worker's message does not come again after so long a time */

        if (event->epoch) {
            recs_log_index_mark(r->index, RECS_LOG_SEEN, event->epoch,
                                event->sequence, event->sequence);
            recs_log_index_commit(r->index);

        } else if (!recs_log_rows_is(event)) {
            recs_log_index_load(r->index, event);
        }
    }

    return (rc == RECS_DONE) ? RECS_OK : rc;
}


static void
recs_retain_notes(recs_retain_t *r)
{
    size_t                   i, len;
    const recs_log_epoch_t  *epoch;

    len = strlen(r->position);
    recs_grow(&r->text, &r->text_cap, len + 1, 1);
    memcpy(r->text, r->position, len + 1);
    r->text_len = len;

    for (i = 0; i < r->index->epoch_count; i++) {
        epoch = &r->index->epochs[i];
        recs_retain_note(r, "skip", epoch->epoch, &epoch->seen);
        recs_retain_note(r, "lost", epoch->epoch, &epoch->lost);
    }
}


static void
recs_retain_note(recs_retain_t *r, const char *kind, uint64_t epoch,
    const recs_spans_t *spans)
{
    size_t  i;

    recs_grow(&r->text, &r->text_cap,
              r->text_len + spans->count * RECS_LOG_NOTE + 1, 1);

    for (i = 0; i < spans->count; i++) {
        r->text_len += (size_t) snprintf(r->text + r->text_len,
                           RECS_LOG_NOTE, "\n%s %016" PRIx64 " %" PRIu64
                           "-%" PRIu64, kind, epoch, spans->spans[i].from,
                           spans->spans[i].to);
    }
}


static int
recs_retain_row(void *ctx, const recs_log_batch_t *batch, recs_error_t *e)
{
    int             rc;
    size_t          len;
    recs_str_t      frames, frame;
    recs_retain_t  *r;

    r = ctx;
    frames = batch->frames;

    for ( ;; ) {
        frame.data = frames.data;
        rc = recs_log_next(&frames, &r->event, r->file->dir, e);

        if (rc != RECS_OK) {
            return (rc == RECS_DONE) ? RECS_OK : rc;
        }

        len = (size_t) (frames.data - frame.data);

        if (!recs_log_rows_is(&r->event) || !recs_log_rows_next(r->rows)) {

            if (r->how->fold
                && r->how->fold->add(r->how->fold->ctx, &r->event, e)
                   == RECS_ERROR)
            {
                return RECS_ERROR;
            }

            continue;
        }

        if (r->len + len > RECS_RETAIN_BATCH
            && recs_retain_flush(r, e) != RECS_OK)
        {
            return RECS_ERROR;
        }

        recs_grow(&r->frames, &r->cap, r->len + len, 1);
        memcpy(r->frames + r->len, frame.data, len);
        r->len += len;
        r->events++;
        r->done->rows++;
    }
}


/* The first batch has the notes, all have the position. */

static int
recs_retain_flush(recs_retain_t *r, recs_error_t *e)
{
    size_t            size;
    recs_log_batch_t  batch;

    memset(&batch, 0, sizeof(batch));
    batch.position.data = (const uint8_t *) r->text;
    batch.position.len = r->text_len;
    batch.frames.data = r->frames;
    batch.frames.len = r->len;
    batch.events = r->events;

    size = recs_log_file_pack(r->file, &batch);

    if (size == 0) {
        return recs_error(e, "%s: zstd failed", r->file->dir);
    }

    r->text_len = strlen(r->position);
    r->len = 0;
    r->events = 0;

    return recs_checkpoint_put(&r->out, RECS_CHECKPOINT_LOG, r->file->buf,
                               size, e);
}


static int
recs_retain_parts(recs_retain_t *r, recs_error_t *e)
{
    int     rc;
    void   *data;
    size_t  len;

    data = recs_log_index_give(r->index, &len);
    rc = recs_checkpoint_put(&r->out, RECS_CHECKPOINT_KNOWN, data, len, e);
    free(data);

    if (rc != RECS_OK) {
        return rc;
    }

    if (r->how->fold) {
        free(r->report);
        r->report = r->how->fold->save(r->how->fold->ctx, r->last_ms,
                                       &r->report_len);
    }

    return recs_checkpoint_put(&r->out, RECS_CHECKPOINT_REPORT, r->report,
                               r->report_len, e);
}


/* What the checkpoint stands for, of this time and of a crash before. */

static int
recs_retain_go(recs_retain_t *r, recs_error_t *e)
{
    size_t  i;

    for (i = 0; i < r->to; i++) {

        if (recs_log_archive(r->file, r->numbers[i], r->how->archive, e)
            != RECS_OK)
        {
            return RECS_ERROR;
        }

        r->done->files++;
    }

    return r->to ? recs_log_archive_sync(r->file, e) : RECS_OK;
}
