/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../directory.h"
#include "../memory.h"
#include "checkpoint.h"
#include "log_read.h"
#include "log_rewrite.h"


typedef struct {
    recs_log_file_t           *file;
    const char                *dir;
    const recs_log_edit_t     *edit;
    unsigned                   found;
    uint64_t                   changed;

    int                        fd;       /* of a file, or a checkpoint */
    uint64_t                   offset;
    recs_checkpoint_writer_t  *out;

    uint8_t                   *frames;
    size_t                     len;
    size_t                     cap;
    recs_event_t               event;
} recs_rewrite_t;


static int recs_rewrite_look(void *ctx, const recs_log_batch_t *batch,
    recs_error_t *e);
static int recs_rewrite_file(recs_rewrite_t *r, uint32_t number,
    recs_error_t *e);
static int recs_rewrite_end(recs_rewrite_t *r, int dirfd, int old,
    const char *name);
static int recs_rewrite_batch(void *ctx, const recs_log_batch_t *batch,
    recs_error_t *e);
static int recs_rewrite_frames(recs_rewrite_t *r,
    const recs_log_batch_t *batch, recs_error_t *e);


int
recs_log_rewrite(recs_log_file_t *f, const char *dir, uint32_t number,
    const recs_log_edit_t *edit, uint64_t *changed, recs_error_t *e)
{
    int              rc;
    recs_rewrite_t  *r;

    r = recs_calloc(1, sizeof(recs_rewrite_t));
    r->file = f;
    r->dir = dir;
    r->edit = edit;

    rc = recs_log_file_visit(dir, number, 0, recs_rewrite_look, r, e);

    if (rc == RECS_OK && r->found) {
        rc = recs_rewrite_file(r, number, e);
    }

    *changed = r->changed;

    free(r->frames);
    free(r);

    return rc;
}


int
recs_log_rewrite_sweep(const char *dir, recs_error_t *e)
{
    char      path[4200];
    unsigned  i;

    static const char *const  names[] = {
        RECS_REWRITE_NEW, RECS_CHECKPOINT_NEW, RECS_ARCHIVE_NEW
    };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", dir, names[i]);

        if (unlink(path) == -1 && errno != ENOENT) {
            return recs_error(e, "cannot remove %s: %s", path,
                              strerror(errno));
        }
    }

    return RECS_OK;
}


static int
recs_rewrite_look(void *ctx, const recs_log_batch_t *batch, recs_error_t *e)
{
    int              rc;
    recs_str_t       frames;
    recs_rewrite_t  *r;

    r = ctx;
    frames = batch->frames;
    rc = RECS_OK;

    while (!r->found
           && (rc = recs_log_next(&frames, &r->event, r->dir, e)) == RECS_OK)
    {
        r->found = (r->edit->match(r->edit->ctx, &r->event) != 0);
    }

    return (rc == RECS_ERROR) ? RECS_ERROR : RECS_OK;
}


static int
recs_rewrite_file(recs_rewrite_t *r, uint32_t number, recs_error_t *e)
{
    int      rc, old, dirfd;
    char     name[RECS_LOG_NAME];
    uint8_t  head[RECS_LOG_HEAD];

    recs_log_file_name(name, number);

    rc = RECS_ERROR;
    old = -1;
    r->fd = -1;
    dirfd = open(r->dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (dirfd != -1) {
        old = openat(dirfd, name, O_RDONLY|O_CLOEXEC);
        r->fd = openat(dirfd, RECS_REWRITE_NEW,
                       O_WRONLY|O_CREAT|O_TRUNC|O_NOFOLLOW|O_CLOEXEC, 0640);
    }

    if (old != -1 && r->fd != -1
        && recs_log_file_read(old, head, sizeof(head), 0) == RECS_OK
        && recs_log_file_write(r->fd, head, sizeof(head), 0) == RECS_OK)
    {
        r->offset = RECS_LOG_HEAD;
        rc = RECS_OK;
    }

    if (rc != RECS_OK) {
        recs_error(e, "cannot rewrite %s/%s: %s", r->dir, name,
                   strerror(errno));

    } else {
        rc = recs_log_file_visit(r->dir, number, 0, recs_rewrite_batch, r,
                                 e);
    }

    if (rc == RECS_OK && recs_rewrite_end(r, dirfd, old, name) != RECS_OK) {
        rc = recs_error(e, "cannot rewrite %s/%s: %s", r->dir, name,
                        strerror(errno));
    }

    if (rc != RECS_OK && r->fd != -1) {
        (void) unlinkat(dirfd, RECS_REWRITE_NEW, 0);
    }

    if (r->fd != -1) {
        (void) close(r->fd);
    }

    if (old != -1) {
        (void) close(old);
    }

    if (dirfd != -1) {
        (void) close(dirfd);
    }

    return rc;
}


/* Retention and the hot layer go by the time of the last write. */

static int
recs_rewrite_end(recs_rewrite_t *r, int dirfd, int old, const char *name)
{
    struct stat      st;
    struct timespec  times[2];

    if (fstat(old, &st) == -1) {
        return RECS_ERROR;
    }

    times[0] = st.st_atim;
    times[1] = st.st_mtim;

    if (recs_directory_give(r->fd, old) != RECS_OK
        || futimens(r->fd, times) == -1 || fsync(r->fd) == -1
        || renameat(dirfd, RECS_REWRITE_NEW, dirfd, name) == -1
        || fsync(dirfd) == -1)
    {
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_rewrite_batch(void *ctx, const recs_log_batch_t *batch, recs_error_t *e)
{
    size_t             size;
    recs_rewrite_t    *r;
    recs_log_batch_t   out;

    r = ctx;

    if (batch->known.len) {
        return RECS_OK;
    }

    if (recs_rewrite_frames(r, batch, e) != RECS_OK) {
        return RECS_ERROR;
    }

    out = *batch;
    out.frames.data = r->frames;
    out.frames.len = r->len;

    size = recs_log_file_pack(r->file, &out);

    if (size == 0) {
        return recs_error(e, "%s: zstd failed", r->dir);
    }

    if (r->out) {
        return recs_checkpoint_put(r->out, RECS_CHECKPOINT_LOG, r->file->buf,
                                   size, e);
    }

    if (recs_log_file_write(r->fd, r->file->buf, size, r->offset) != RECS_OK)
    {
        return recs_error(e, "cannot rewrite a file in %s: %s", r->dir,
                          strerror(errno));
    }

    r->offset += size;

    return RECS_OK;
}


/* What is not changed stays as it is, byte by byte. */

static int
recs_rewrite_frames(recs_rewrite_t *r, const recs_log_batch_t *batch,
    recs_error_t *e)
{
    int             rc;
    size_t          len;
    uint8_t        *frame;
    recs_str_t      frames;
    const uint8_t  *from;

    frames = batch->frames;
    r->len = 0;

    for ( ;; ) {
        from = frames.data;
        rc = recs_log_next(&frames, &r->event, r->dir, e);

        if (rc != RECS_OK) {
            return (rc == RECS_DONE) ? RECS_OK : rc;
        }

        recs_grow(&r->frames, &r->cap, r->len + RECS_FRAME_MAX, 1);
        frame = r->frames + r->len;
        len = (size_t) (frames.data - from);

        if (!r->edit->match(r->edit->ctx, &r->event)) {
            memcpy(frame, from, len);
            r->len += len;
            continue;
        }

        r->edit->change(r->edit->ctx, &r->event);
        r->changed++;

        len = recs_event_encode(&r->event, frame + RECS_FRAME_HEAD,
                                RECS_FRAME_MAX - RECS_FRAME_HEAD - 8);

        if (len == 0) {
            return recs_error(e, "%s: an event does not fit any more; report "
                              "it", r->dir);
        }

        r->len += recs_frame_seal(frame, len);
    }
}


int
recs_log_rewrite_checkpoint(recs_log_file_t *f, const recs_log_edit_t *edit,
    const recs_log_parts_t *parts, uint64_t *changed, recs_error_t *e)
{
    int                        rc;
    recs_rewrite_t            *r;
    recs_checkpoint_t          old;
    recs_checkpoint_writer_t   out;

    if (recs_checkpoint_open(&old, f->dir, e) != RECS_OK) {
        return RECS_ERROR;
    }

    recs_checkpoint_close(&old);

    if (recs_checkpoint_create(&out, f->dir, e) != RECS_OK) {
        return RECS_ERROR;
    }

    r = recs_calloc(1, sizeof(recs_rewrite_t));
    r->file = f;
    r->dir = f->dir;
    r->edit = edit;
    r->out = &out;

    rc = recs_log_file_visit(f->dir, 0, 0, recs_rewrite_batch, r, e);

    if (rc == RECS_OK) {
        rc = recs_checkpoint_put(&out, RECS_CHECKPOINT_KNOWN, parts->known,
                                 parts->known_len, e);
    }

    if (rc == RECS_OK) {
        rc = recs_checkpoint_put(&out, RECS_CHECKPOINT_REPORT, parts->report,
                                 parts->report_len, e);
    }

    if (rc == RECS_OK) {
        rc = recs_checkpoint_commit(&out, old.first, old.made_ms, e);

    } else {
        recs_checkpoint_abort(&out);
    }

    *changed = r->changed;

    free(r->frames);
    free(r);

    return rc;
}
