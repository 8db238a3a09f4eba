/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_identity.h"
#include "log.h"
#include "log_file.h"
#include "log_index.h"
#include "log_read.h"
#include "log_retain.h"


#define RECS_LOG_BATCH   (8 * 1024 * 1024)
#define RECS_LOG_LONG    10      /* warnings of an import */


/* What is committed with a batch but is no event of it. */

typedef struct {
    recs_log_change_e  kind;     /* RECS_LOG_SEEN, RECS_LOG_LOST */
    uint64_t           epoch;
    uint64_t           from;
    uint64_t           to;
} recs_log_note_t;


struct recs_log_s {
    recs_log_file_t    file;
    recs_log_index_t   index;
    recs_log_stats_t   stats;

    char              *position;

    /* the open batch */

    uint8_t           *frames;
    size_t             len;
    size_t             cap;
    uint32_t           events;
    recs_log_note_t   *notes;
    size_t             note_count;
    size_t             notes_cap;
    char              *text;     /* position and notes */
    size_t             text_cap;

    recs_sink_pt       sink;     /* of what is committed, NULL: nobody's */
    void              *sink_ctx;

    recs_log_erasure_t *erasures;  /* to be done */
    size_t             erasure_count;
    size_t             erasures_cap;

    unsigned           too_long;
    recs_event_t       event;
};


static int recs_log_load(void *ctx, const recs_log_batch_t *batch,
    recs_error_t *e);
static void recs_log_erasure(recs_log_t *log, const recs_event_t *e);
static int recs_log_long(recs_log_t *log, const recs_event_t *e);
static void recs_log_note(recs_log_t *log, recs_log_change_e kind,
    uint64_t epoch, uint64_t from, uint64_t to);
static void recs_log_tell(recs_log_t *log);
static size_t recs_log_text(recs_log_t *log, const char *position);
static int recs_log_flush(recs_log_t *log, const char *position,
    recs_error_t *e);
static void recs_log_clear(recs_log_t *log);
static void recs_log_keep(recs_log_t *log, const char *position, size_t len);


int
recs_log_open(recs_log_t **out, const char *dir, recs_error_t *err)
{
    int          rc;
    recs_log_t  *log;

    log = recs_calloc(1, sizeof(recs_log_t));
    recs_log_keep(log, "", 0);

    if (recs_log_index_init(&log->index) != RECS_OK) {
        rc = recs_error(err, "%s: the kernel gives no random number", dir);

    } else {
        rc = recs_log_file_open(&log->file, dir, recs_log_load, log, err);
    }

    if (rc != RECS_OK) {
        recs_log_index_free(&log->index);
        free(log->position);
        free(log);
        return rc;
    }

    *out = log;

    return RECS_OK;
}


void
recs_log_close(recs_log_t *log)
{
    recs_log_file_close(&log->file);
    recs_log_index_free(&log->index);

    free(log->position);
    free(log->frames);
    free(log->notes);
    free(log->text);
    free(log->erasures);
    free(log);
}


/* A batch of the log that is being opened. */

static int
recs_log_load(void *ctx, const recs_log_batch_t *batch, recs_error_t *e)
{
    int          rc;
    recs_str_t   frames, position;
    recs_log_t  *log;

    log = ctx;

    if (batch->known.len) {
        return recs_log_index_take(&log->index, &batch->known, log->file.dir,
                                   e);
    }

    position = recs_log_index_notes(&log->index, &batch->position);
    recs_log_keep(log, (const char *) position.data, position.len);

    frames = batch->frames;

    for ( ;; ) {
        rc = recs_log_next(&frames, &log->event, log->file.dir, e);

        if (rc != RECS_OK) {
            return (rc == RECS_DONE) ? RECS_OK : rc;
        }

        recs_log_index_load(&log->index, &log->event);
        recs_log_erasure(log, &log->event);
        log->stats.stored++;
    }
}


int
recs_log_replay(const recs_log_t *log, recs_sink_pt sink, void *ctx,
    recs_error_t *err)
{
    return recs_log_read_until(log->file.dir, 0, &log->file.end, sink, ctx,
                               err);
}


int
recs_log_tail(const recs_log_t *log, int64_t since_ms, recs_sink_pt sink,
    void *ctx, recs_error_t *err)
{
    return recs_log_read_until(log->file.dir, since_ms, &log->file.end, sink,
                               ctx, err);
}


void
recs_log_listen(recs_log_t *log, recs_sink_pt sink, void *ctx)
{
    log->sink = sink;
    log->sink_ctx = ctx;
}


int
recs_log_add(recs_log_t *log, const recs_event_t *e, recs_error_t *err)
{
    size_t    len;
    uint8_t  *frame;

    if (e->epoch && (e->sequence == 0 || e->sequence >= INT64_MAX)) {
        return recs_error(err, "epoch %016" PRIx64 ": %" PRIu64 " is no "
                          "sequence", e->epoch, e->sequence);
    }

    if (log->len >= RECS_LOG_BATCH
        && recs_log_flush(log, log->position, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (e->epoch && recs_log_index_seen(&log->index, e->epoch, e->sequence)) {
        log->stats.duplicates[RECS_TWICE_SEQUENCE]++;
        return RECS_DECLINED;
    }

    recs_grow(&log->frames, &log->cap, log->len + RECS_FRAME_MAX, 1);

    frame = log->frames + log->len;
    len = recs_event_encode(e, frame + RECS_FRAME_HEAD,
                            RECS_FRAME_MAX - RECS_FRAME_HEAD - 8);

    if (len == 0) {
        return recs_log_long(log, e);
    }

    if (recs_log_index_add(&log->index, e) != RECS_OK) {

        /* its sequence would be a gap after a restart */

        if (e->epoch) {
            recs_log_note(log, RECS_LOG_SEEN, e->epoch, e->sequence,
                          e->sequence);
        }

        log->stats.duplicates[e->message_id.len ? RECS_TWICE_MESSAGE
                                                : RECS_TWICE_CONTENT]++;
        return RECS_DECLINED;
    }

    log->len += recs_frame_seal(frame, len);
    log->events++;
    recs_log_erasure(log, e);

    return RECS_OK;
}


static void
recs_log_erasure(recs_log_t *log, const recs_event_t *e)
{
    recs_log_erasure_t  *erasure;

    if (e->class != RECS_CLASS_ERASE
        || (!recs_identity_known(&e->user)
            && !recs_identity_known(&e->session)))
    {
        return;
    }

    recs_grow(&log->erasures, &log->erasures_cap, log->erasure_count + 1,
              sizeof(recs_log_erasure_t));

    erasure = &log->erasures[log->erasure_count++];
    memset(erasure, 0, sizeof(recs_log_erasure_t));
    memcpy(erasure->id, e->message_id.data,
           recs_min(e->message_id.len, sizeof(erasure->id) - 1));
    erasure->user = e->user;
    erasure->session = e->session;
    erasure->asked_ms = e->received_ms;
}


const recs_log_erasure_t *
recs_log_erasures(const recs_log_t *log, size_t *count)
{
    *count = log->erasure_count;

    return log->erasures;
}


void
recs_log_erasures_done(recs_log_t *log)
{
    log->erasure_count = 0;
}


/* No frame of ours is as long: an imported row is, and only that is lost. */

static int
recs_log_long(recs_log_t *log, const recs_event_t *e)
{
    recs_str_t  name;

    name = e->item_count ? e->items[0].product : e->message_id;

    if (log->too_long++ < RECS_LOG_LONG) {
        recs_message(RECS_MSG_WARN, "log", "an event is longer than %d bytes "
                     "and left out: product \"%.*s\"; shorten its texts",
                     RECS_FRAME_MAX, (int) name.len, (const char *) name.data);
    }

    return RECS_DECLINED;
}


void
recs_log_import(recs_log_t *log)
{
    log->too_long = 0;
    recs_log_index_import(&log->index);
}


void
recs_log_lost(recs_log_t *log, uint64_t epoch, uint64_t from, uint64_t to)
{
    recs_log_index_mark(&log->index, RECS_LOG_LOST, epoch, from, to);
    recs_log_note(log, RECS_LOG_LOST, epoch, from, to);
}


static void
recs_log_note(recs_log_t *log, recs_log_change_e kind, uint64_t epoch,
    uint64_t from, uint64_t to)
{
    recs_log_note_t  *note;

    if (log->note_count) {
        note = &log->notes[log->note_count - 1];

        if (note->kind == kind && note->epoch == epoch
            && note->to + 1 == from)
        {
            note->to = to;
            return;
        }
    }

    recs_grow(&log->notes, &log->notes_cap, log->note_count + 1,
              sizeof(recs_log_note_t));

    note = &log->notes[log->note_count++];
    note->kind = kind;
    note->epoch = epoch;
    note->from = from;
    note->to = to;
}


int
recs_log_commit(recs_log_t *log, const char *position, recs_error_t *err)
{
    if (position == NULL) {
        position = log->position;
    }

    if (log->events == 0 && log->note_count == 0
        && strcmp(position, log->position) == 0)
    {
        recs_log_index_commit(&log->index);
        return RECS_OK;
    }

    return recs_log_flush(log, position, err);
}


static int
recs_log_flush(recs_log_t *log, const char *position, recs_error_t *err)
{
    size_t            i;
    recs_log_note_t  *note;
    recs_log_batch_t  batch;

    batch.position.len = recs_log_text(log, position);
    batch.position.data = (const uint8_t *) log->text;
    batch.frames.len = log->len;
    batch.frames.data = log->frames;
    batch.events = log->events;

    if (recs_log_file_append(&log->file, &batch, err) != RECS_OK) {
        recs_log_abandon(log);
        return RECS_ERROR;
    }

    for (i = 0; i < log->note_count; i++) {
        note = &log->notes[i];

        if (note->kind == RECS_LOG_LOST) {
            log->stats.lost += note->to - note->from + 1;
        }
    }

    log->stats.events += log->events;
    log->stats.stored += log->events;

    if (position != log->position) {
        recs_log_keep(log, position, strlen(position));
    }

    recs_log_index_commit(&log->index);

    if (log->sink) {
        recs_log_tell(log);
    }

    recs_log_clear(log);

    return RECS_OK;
}


/* The frames are those that have just been written: they can be read. */

static void
recs_log_tell(recs_log_t *log)
{
    recs_str_t    frames;
    recs_error_t  ignored;

    frames.data = log->frames;
    frames.len = log->len;

    while (recs_log_next(&frames, &log->event, log->file.dir, &ignored)
           == RECS_OK)
    {
        (void) log->sink(log->sink_ctx, &log->event, &ignored);
    }
}


static size_t
recs_log_text(recs_log_t *log, const char *position)
{
    size_t                  i, len;
    const recs_log_note_t  *note;

    len = strlen(position);

    recs_grow(&log->text, &log->text_cap,
              len + 1 + log->note_count * RECS_LOG_NOTE, 1);
    memcpy(log->text, position, len + 1);

    for (i = 0; i < log->note_count; i++) {
        note = &log->notes[i];
        len += (size_t) snprintf(log->text + len, RECS_LOG_NOTE,
                                 "\n%s %016" PRIx64 " %" PRIu64 "-%" PRIu64,
                                 (note->kind == RECS_LOG_SEEN) ? "skip"
                                                               : "lost",
                                 note->epoch, note->from, note->to);
    }

    return len;
}


void
recs_log_abandon(recs_log_t *log)
{
    recs_log_index_undo(&log->index);
    recs_log_clear(log);
}


static void
recs_log_clear(recs_log_t *log)
{
    log->len = 0;
    log->events = 0;
    log->note_count = 0;
}


static void
recs_log_keep(recs_log_t *log, const char *position, size_t len)
{
    log->position = recs_realloc(log->position, len + 1);

    if (len) {
        memcpy(log->position, position, len);
    }

    log->position[len] = '\0';
}


uint64_t
recs_log_position(const recs_log_t *log, uint64_t epoch)
{
    uint64_t                 from, to;
    const recs_log_epoch_t  *p;

    p = recs_log_index_epoch(&log->index, epoch);

    return p ? recs_log_epoch_position(p, &from, &to) : 0;
}


int
recs_log_epochs(const recs_log_t *log, recs_log_epoch_pt visit, void *ctx)
{
    int                      rc;
    size_t                   i;
    uint64_t                 position, from, to;
    const recs_log_epoch_t  *p;

    for (i = 0; i < log->index.epoch_count; i++) {
        p = &log->index.epochs[i];
        position = recs_log_epoch_position(p, &from, &to);

        rc = visit(ctx, p->epoch, position, from, to);

        if (rc != RECS_OK) {
            return rc;
        }
    }

    return RECS_OK;
}


void
recs_log_missing(const recs_log_t *log, uint64_t *lost, uint64_t *gaps)
{
    size_t                   i, k;
    uint64_t                 from, to;
    const recs_log_epoch_t  *p;

    *lost = 0;
    *gaps = 0;

    for (i = 0; i < log->index.epoch_count; i++) {
        p = &log->index.epochs[i];
        (void) recs_log_epoch_position(p, &from, &to);

        *gaps += to ? to - from + 1 : 0;

        for (k = 0; k < p->lost.count; k++) {
            *lost += p->lost.spans[k].to - p->lost.spans[k].from + 1;
        }
    }
}


const char *
recs_log_last(const recs_log_t *log)
{
    return log->position;
}


const recs_log_stats_t *
recs_log_stats(const recs_log_t *log)
{
    return &log->stats;
}


recs_log_file_t *
recs_log_files(recs_log_t *log)
{
    return &log->file;
}


int
recs_log_roll(recs_log_t *log, int64_t before_ms, recs_error_t *e)
{
    return recs_log_file_roll(&log->file, before_ms, e);
}
