/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../core/recs_out.h"
#include "../memory.h"
#include "row.h"


#define RECS_QUARANTINE_TEXT   1024
#define RECS_QUARANTINE_LINE   (16 * 1024)
#define RECS_QUARANTINE_BUF    (128 * 1024)


struct recs_quarantine_s {
    const char  *path;
    int          fd;
    unsigned     failed;
    size_t       len;
    uint8_t      buf[RECS_QUARANTINE_BUF];
};


recs_quarantine_t *
recs_quarantine_create(const char *path)
{
    recs_quarantine_t  *q;

    q = recs_calloc(1, sizeof(recs_quarantine_t));
    q->path = path;
    q->fd = -1;

    return q;
}


/* Lost notes are no reason to lose the good lines: told once, gone on. */

static void
recs_quarantine_failed(recs_quarantine_t *q)
{
    if (!q->failed) {
        recs_message(RECS_MSG_WARN, "import", "cannot write the quarantine "
                     "%s: %s; bad lines are counted only", q->path,
                     strerror(errno));
    }

    q->failed = 1;
    q->len = 0;
}


static void
recs_quarantine_flush(recs_quarantine_t *q)
{
    size_t   done;
    ssize_t  n;

    /* what is quarantined has raw ids, so it is for its owner only */

    if (q->fd == -1) {
        q->fd = open(q->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC,
                     0600);

        if (q->fd == -1) {
            recs_quarantine_failed(q);
            return;
        }
    }

    for (done = 0; done < q->len; done += (size_t) n) {
        n = write(q->fd, q->buf + done, q->len - done);

        if (n < 0 && errno == EINTR) {
            n = 0;
        }

        if (n < 0) {
            recs_quarantine_failed(q);
            return;
        }
    }

    q->len = 0;
}


void
recs_quarantine_put(recs_quarantine_t *q, const char *file, uint64_t line,
    const char *reason, const recs_str_t *text)
{
    recs_out_t  out;

    if (q->failed || q->path == NULL) {
        return;
    }

    if (RECS_QUARANTINE_BUF - q->len < RECS_QUARANTINE_LINE) {
        recs_quarantine_flush(q);
    }

    recs_out_init(&out, q->buf + q->len, RECS_QUARANTINE_BUF - q->len);

    recs_out_lit(&out, "{\"file\":\"");
    recs_out_json(&out, file, strlen(file));
    recs_out_lit(&out, "\",\"line\":");
    recs_out_u64(&out, line);
    recs_out_lit(&out, ",\"reason\":\"");
    recs_out_json(&out, reason, strlen(reason));
    recs_out_lit(&out, "\",\"text\":\"");
    recs_out_json(&out, text->data, recs_min(text->len,
                                             RECS_QUARANTINE_TEXT));
    recs_out_lit(&out, "\"}\n");

    if (!out.overflow) {
        q->len = (size_t) (out.pos - q->buf);
    }
}


void
recs_quarantine_destroy(recs_quarantine_t *q)
{
    if (q == NULL) {
        return;
    }

    if (q->len) {
        recs_quarantine_flush(q);
    }

    if (q->fd != -1) {
        close(q->fd);
    }

    free(q);
}
