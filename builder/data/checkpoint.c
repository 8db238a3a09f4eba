/*
 * Copyright (C) recs authors
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../core/recs_hash.h"
#include "../directory.h"
#include "../memory.h"
#include "checkpoint.h"
#include "log_file.h"


#define RECS_CHECKPOINT_HEAD  128


typedef struct {
    uint8_t   magic[8];          /* "RECSCKP1" */
    uint32_t  version;           /* 1 */
    uint32_t  first;
    int64_t   made_ms;
    struct {
        uint64_t  offset;
        uint64_t  len;
        uint32_t  crc;
        uint32_t  reserved;
    }         parts[RECS_CHECKPOINT_PARTS];
    uint8_t   reserved[28];
    uint32_t  crc;               /* of all before it */
} recs_checkpoint_head_t;

typedef char  recs_checkpoint_head_fits[
    sizeof(recs_checkpoint_head_t) == RECS_CHECKPOINT_HEAD ? 1 : -1];


static int recs_checkpoint_head(recs_checkpoint_t *c, uint64_t size);
static int recs_checkpoint_write(recs_checkpoint_writer_t *w,
    const void *data, size_t len, uint64_t offset, recs_error_t *e);
static int recs_checkpoint_failed(recs_checkpoint_writer_t *w,
    const char *what, recs_error_t *e);


int
recs_checkpoint_open(recs_checkpoint_t *c, const char *dir, recs_error_t *e)
{
    char         path[4200];
    struct stat  st;

    memset(c, 0, sizeof(recs_checkpoint_t));
    c->first = 1;

    snprintf(path, sizeof(path), "%s/%s", dir, RECS_CHECKPOINT);

    c->fd = open(path, O_RDONLY|O_CLOEXEC|O_NOFOLLOW);

    if (c->fd == -1 && errno == ENOENT) {
        return RECS_OK;
    }

    if (c->fd == -1 || fstat(c->fd, &st) == -1) {
        recs_error(e, "cannot open %s: %s", path, strerror(errno));
        recs_checkpoint_close(c);
        return RECS_ERROR;
    }

    if (recs_checkpoint_head(c, (uint64_t) st.st_size) != RECS_OK) {
        recs_checkpoint_close(c);
        return recs_error(e, "%s: not a checkpoint of this version; restore "
                          "it, and the log with it, from a backup", path);
    }

    return RECS_OK;
}


static int
recs_checkpoint_head(recs_checkpoint_t *c, uint64_t size)
{
    unsigned                 i;
    recs_checkpoint_part_t  *part;
    recs_checkpoint_head_t   head;

    if (recs_log_file_read(c->fd, &head, sizeof(head), 0) != RECS_OK
        || memcmp(head.magic, "RECSCKP1", 8) != 0
        || le32toh(head.version) != 1
        || le32toh(head.crc)
           != recs_crc32c(0, &head, offsetof(recs_checkpoint_head_t, crc)))
    {
        return RECS_ERROR;
    }

    c->first = le32toh(head.first);
    c->made_ms = (int64_t) le64toh((uint64_t) head.made_ms);

    for (i = 0; i < RECS_CHECKPOINT_PARTS; i++) {
        part = &c->parts[i];
        part->offset = le64toh(head.parts[i].offset);
        part->len = le64toh(head.parts[i].len);
        part->crc = le32toh(head.parts[i].crc);

        if (part->offset > size || part->len > size - part->offset) {
            return RECS_ERROR;
        }
    }

    return c->first ? RECS_OK : RECS_ERROR;
}


void
recs_checkpoint_close(recs_checkpoint_t *c)
{
    if (c->fd != -1) {
        close(c->fd);
        c->fd = -1;
    }
}


int
recs_checkpoint_read(const recs_checkpoint_t *c, const char *dir,
    recs_checkpoint_e which, void **data, size_t *len, recs_error_t *e)
{
    void                          *buf;
    const recs_checkpoint_part_t  *part;

    part = &c->parts[which];
    *data = NULL;
    *len = (size_t) part->len;

    if (part->len == 0) {
        return RECS_OK;
    }

    buf = recs_alloc(*len);

    if (recs_log_file_read(c->fd, buf, *len, part->offset) != RECS_OK
        || recs_crc32c(0, buf, *len) != part->crc)
    {
        free(buf);
        return recs_error(e, "%s/%s: is damaged; restore it, and the log "
                          "with it, from a backup", dir, RECS_CHECKPOINT);
    }

    *data = buf;

    return RECS_OK;
}


int
recs_checkpoint_create(recs_checkpoint_writer_t *w, const char *dir,
    recs_error_t *e)
{
    memset(w, 0, sizeof(recs_checkpoint_writer_t));

    w->dir = dir;
    w->c.fd = -1;
    w->end = RECS_CHECKPOINT_HEAD;
    w->dirfd = open(dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (w->dirfd == -1) {
        return recs_error(e, "cannot open the event log %s: %s", dir,
                          strerror(errno));
    }

    w->c.fd = openat(w->dirfd, RECS_CHECKPOINT_NEW,
                     O_RDWR|O_CREAT|O_TRUNC|O_NOFOLLOW|O_CLOEXEC, 0640);

    if (w->c.fd == -1) {
        return recs_checkpoint_failed(w, "create", e);
    }

    return RECS_OK;
}


int
recs_checkpoint_put(recs_checkpoint_writer_t *w, recs_checkpoint_e which,
    const void *data, size_t len, recs_error_t *e)
{
    recs_checkpoint_part_t  *part;

    part = &w->c.parts[which];

    if (part->len == 0) {
        part->offset = w->end;
    }

    if (len == 0) {
        return RECS_OK;
    }

    if (recs_checkpoint_write(w, data, len, w->end, e) != RECS_OK) {
        return RECS_ERROR;
    }

    part->crc = recs_crc32c(part->crc, data, len);
    part->len += len;
    w->end += len;

    return RECS_OK;
}


static int
recs_checkpoint_write(recs_checkpoint_writer_t *w, const void *data,
    size_t len, uint64_t offset, recs_error_t *e)
{
    if (recs_log_file_write(w->c.fd, data, len, offset) != RECS_OK) {
        return recs_checkpoint_failed(w, "write", e);
    }

    return RECS_OK;
}


int
recs_checkpoint_commit(recs_checkpoint_writer_t *w, uint32_t first,
    int64_t made_ms, recs_error_t *e)
{
    unsigned                 i;
    recs_checkpoint_head_t   head;

    memset(&head, 0, sizeof(head));
    memcpy(head.magic, "RECSCKP1", 8);
    head.version = htole32(1);
    head.first = htole32(first);
    head.made_ms = (int64_t) htole64((uint64_t) made_ms);

    for (i = 0; i < RECS_CHECKPOINT_PARTS; i++) {
        head.parts[i].offset = htole64(w->c.parts[i].offset);
        head.parts[i].len = htole64(w->c.parts[i].len);
        head.parts[i].crc = htole32(w->c.parts[i].crc);
    }

    head.crc = htole32(recs_crc32c(0, &head,
                                   offsetof(recs_checkpoint_head_t, crc)));

    if (recs_checkpoint_write(w, &head, sizeof(head), 0, e) != RECS_OK) {
        return RECS_ERROR;
    }

    if (recs_directory_give(w->c.fd, w->dirfd) != RECS_OK) {
        return recs_checkpoint_failed(w, "chown", e);
    }

    if (fsync(w->c.fd) == -1) {
        return recs_checkpoint_failed(w, "fsync", e);
    }

    if (renameat(w->dirfd, RECS_CHECKPOINT_NEW, w->dirfd, RECS_CHECKPOINT)
        == -1)
    {
        return recs_checkpoint_failed(w, "rename", e);
    }

    if (fsync(w->dirfd) == -1) {
        return recs_checkpoint_failed(w, "fsync of the directory", e);
    }

    close(w->c.fd);
    close(w->dirfd);

    return RECS_OK;
}


void
recs_checkpoint_abort(recs_checkpoint_writer_t *w)
{
    if (w->c.fd != -1) {
        close(w->c.fd);
        w->c.fd = -1;
        (void) unlinkat(w->dirfd, RECS_CHECKPOINT_NEW, 0);
    }

    if (w->dirfd != -1) {
        close(w->dirfd);
        w->dirfd = -1;
    }
}


static int
recs_checkpoint_failed(recs_checkpoint_writer_t *w, const char *what,
    recs_error_t *e)
{
    int  err;

    err = errno;
    recs_checkpoint_abort(w);

    return recs_error(e, "%s/%s: %s failed: %s; %s", w->dir, RECS_CHECKPOINT,
                      what, strerror(err),
                      (err == ENOSPC || err == EDQUOT)
                      ? "make room on its file system" : "look at its disk");
}
