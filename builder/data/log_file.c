/*
 * Copyright (C) recs authors
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <zstd.h>

#include "../../core/recs_hash.h"
#include "../directory.h"
#include "../memory.h"
#include "log_file.h"


#define RECS_LOG_LEVEL  1


static int recs_log_file_lock(recs_log_file_t *f, recs_error_t *e);
static int recs_log_file_cut(recs_log_file_t *f, uint64_t torn,
    recs_error_t *e);
static int recs_log_file_ready(recs_log_file_t *f, recs_error_t *e);
static int recs_log_file_reopen(recs_log_file_t *f, recs_error_t *e);
static int recs_log_file_create(recs_log_file_t *f, recs_error_t *e);
static int recs_log_file_failed(recs_log_file_t *f, const char *what,
    recs_error_t *e);


int
recs_log_file_open(recs_log_file_t *f, const char *dir,
    recs_log_batch_pt visit, void *ctx, recs_error_t *e)
{
    int       rc;
    uint64_t  torn;

    rc = recs_log_file_take(f, dir, e);

    if (rc != RECS_OK) {
        return rc;
    }

    rc = recs_log_file_scan(dir, NULL, visit, ctx, &f->end, &torn, e);

    if (rc == RECS_OK
        && (torn || (f->end.number && f->end.offset < RECS_LOG_HEAD)))
    {
        rc = recs_log_file_cut(f, torn, e);
    }

    if (rc != RECS_OK) {
        recs_log_file_close(f);
    }

    return rc;
}


int
recs_log_file_take(recs_log_file_t *f, const char *dir, recs_error_t *e)
{
    int  rc;

    memset(f, 0, sizeof(recs_log_file_t));

    f->fd = -1;
    f->dirfd = -1;
    f->limit = RECS_LOG_SEGMENT;
    f->dir = recs_alloc(strlen(dir) + 1);
    strcpy(f->dir, dir);

    rc = recs_log_file_lock(f, e);

    if (rc == RECS_OK) {
        f->zstd = ZSTD_createCCtx();

        if (f->zstd == NULL) {
            rc = recs_error(e, "%s: zstd: no memory", dir);
        }
    }

    if (rc != RECS_OK) {
        recs_log_file_close(f);
    }

    return rc;
}


void
recs_log_file_close(recs_log_file_t *f)
{
    if (f->fd != -1) {
        close(f->fd);
    }

    if (f->dirfd != -1) {
        close(f->dirfd);
    }

    ZSTD_freeCCtx(f->zstd);
    free(f->buf);
    free(f->dir);
}


static int
recs_log_file_lock(recs_log_file_t *f, recs_error_t *e)
{
    if (recs_directory_make(f->dir, 0750) == RECS_ERROR) {
        return recs_error(e, "cannot make the event log %s: %s", f->dir,
                          strerror(errno));
    }

    f->dirfd = open(f->dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (f->dirfd == -1) {
        return recs_error(e, "cannot open the event log %s: %s", f->dir,
                          strerror(errno));
    }

    if (flock(f->dirfd, LOCK_EX|LOCK_NB) == 0) {
        return RECS_OK;
    }

    if (errno != EWOULDBLOCK) {
        return recs_error(e, "cannot lock the event log %s: %s", f->dir,
                          strerror(errno));
    }

    recs_error(e, "another recs-builder writes the event log %s; stop it or "
               "wait for its end", f->dir);

    return RECS_DECLINED;
}


static int
recs_log_file_cut(recs_log_file_t *f, uint64_t torn, recs_error_t *e)
{
    if (torn) {
        recs_message(RECS_MSG_WARN, "log", "%s/%08x.log: an unfinished batch "
                     "of %llu bytes at its end is cut away; its source sends "
                     "it again", f->dir, f->end.number,
                     (unsigned long long) torn);
    }

    return recs_log_file_reopen(f, e);
}


/*
 * On an error the file is closed and cut the next time it is opened: after
 * a failed fdatasync the kernel takes the pages for clean, so that a second
 * one on the same descriptor would succeed without having written them.
 */

int
recs_log_file_append(recs_log_file_t *f, const recs_log_batch_t *batch,
    recs_error_t *e)
{
    size_t  size;

    if (batch->frames.len > RECS_LOG_RAW_MAX
        || batch->position.len > RECS_LOG_RAW_MAX)
    {
        return recs_error(e, "%s: a batch of %zu bytes is too long", f->dir,
                          batch->frames.len + batch->position.len);
    }

    if (recs_log_file_ready(f, e) != RECS_OK) {
        return RECS_ERROR;
    }

    size = recs_log_file_pack(f, batch);

    if (size == 0) {
        return recs_error(e, "%s: zstd failed", f->dir);
    }

    if (recs_log_file_write(f->fd, f->buf, size, f->end.offset) != RECS_OK) {
        return recs_log_file_failed(f, "write", e);
    }

    if (fdatasync(f->fd) == -1) {
        return recs_log_file_failed(f, "fdatasync", e);
    }

    f->end.offset += size;

    return RECS_OK;
}


static int
recs_log_file_ready(recs_log_file_t *f, recs_error_t *e)
{
    if (f->end.number && f->end.offset < f->limit) {
        return (f->fd != -1) ? RECS_OK : recs_log_file_reopen(f, e);
    }

    return recs_log_file_create(f, e);
}


int
recs_log_file_roll(recs_log_file_t *f, int64_t before_ms, recs_error_t *e)
{
    recs_log_head_t  head;

    if (f->end.number == 0 || f->end.offset <= RECS_LOG_HEAD
        || f->end.offset >= f->limit)
    {
        return RECS_OK;
    }

    if (f->fd == -1 && recs_log_file_reopen(f, e) != RECS_OK) {
        return RECS_ERROR;
    }

    if (recs_log_file_read(f->fd, &head, sizeof(head), 0) != RECS_OK) {
        return recs_log_file_failed(f, "read", e);
    }

    if ((int64_t) le64toh((uint64_t) head.made_ms) >= before_ms) {
        return RECS_OK;
    }

    return recs_log_file_create(f, e);
}


/* Opens the last file and cuts it to what is committed. */

static int
recs_log_file_reopen(recs_log_file_t *f, recs_error_t *e)
{
    char  name[RECS_LOG_NAME];

    recs_log_file_name(name, f->end.number);

    /* a file without its head is made anew */

    if (f->end.offset < RECS_LOG_HEAD) {

        if (unlinkat(f->dirfd, name, 0) == -1) {
            return recs_log_file_failed(f, "unlink", e);
        }

        f->end.number--;
        f->end.offset = f->limit;
        return RECS_OK;
    }

    f->fd = openat(f->dirfd, name, O_RDWR|O_CLOEXEC);

    if (f->fd == -1) {
        return recs_log_file_failed(f, "open", e);
    }

    if (ftruncate(f->fd, (off_t) f->end.offset) == -1) {
        return recs_log_file_failed(f, "ftruncate", e);
    }

    if (fdatasync(f->fd) == -1) {
        return recs_log_file_failed(f, "fdatasync", e);
    }

    return RECS_OK;
}


static int
recs_log_file_create(recs_log_file_t *f, recs_error_t *e)
{
    int              fd;
    char             name[RECS_LOG_NAME];
    struct timespec  ts;
    recs_log_head_t  head;

    memset(&head, 0, sizeof(recs_log_head_t));
    memcpy(head.magic, "RECSLOG1", 8);
    head.version = htole32(1);
    head.number = htole32(f->end.number + 1);

    if (clock_gettime(CLOCK_REALTIME, &ts) == 0) {
        head.made_ms = (int64_t) htole64((uint64_t) ts.tv_sec * 1000);
    }

    recs_log_file_name(name, f->end.number + 1);

    fd = openat(f->dirfd, name, O_RDWR|O_CREAT|O_TRUNC|O_CLOEXEC, 0640);

    if (fd == -1) {
        return recs_log_file_failed(f, "create", e);
    }

    if (recs_log_file_write(fd, &head, RECS_LOG_HEAD, 0) != RECS_OK
        || recs_directory_give(fd, f->dirfd) != RECS_OK
        || fdatasync(fd) == -1
        || fsync(f->dirfd) == -1)
    {
        (void) recs_log_file_failed(f, "create", e);
        (void) unlinkat(f->dirfd, name, 0);
        close(fd);
        return RECS_ERROR;
    }

    if (f->fd != -1) {
        close(f->fd);
    }

    f->fd = fd;
    f->end.number++;
    f->end.offset = RECS_LOG_HEAD;

    return RECS_OK;
}


size_t
recs_log_file_pack(recs_log_file_t *f, const recs_log_batch_t *batch)
{
    size_t             n, bound;
    uint8_t           *p;
    recs_log_frame_t  *head;

    bound = ZSTD_compressBound(batch->frames.len);

    recs_grow(&f->buf, &f->buf_cap,
              sizeof(recs_log_frame_t) + batch->position.len + bound, 1);

    head = (recs_log_frame_t *) f->buf;
    p = f->buf + sizeof(recs_log_frame_t);

    if (batch->position.len) {
        memcpy(p, batch->position.data, batch->position.len);
        p += batch->position.len;
    }

    n = ZSTD_compressCCtx(f->zstd, p, bound, batch->frames.data,
                          batch->frames.len, RECS_LOG_LEVEL);

    if (ZSTD_isError(n)) {
        return 0;
    }

    n += (size_t) (p - f->buf);

    memset(head, 0, sizeof(recs_log_frame_t));
    head->length = htole32((uint32_t) (n - RECS_LOG_CRC_FROM));
    head->codec = 1;
    head->events = htole32(batch->events);
    head->position = htole32((uint32_t) batch->position.len);
    head->raw = htole32((uint32_t) batch->frames.len);
    head->crc = htole32(recs_crc32c(0, f->buf + RECS_LOG_CRC_FROM,
                                    n - RECS_LOG_CRC_FROM));

    return n;
}


int
recs_log_file_write(int fd, const void *buf, size_t len, uint64_t offset)
{
    ssize_t         n;
    const uint8_t  *p;

    for (p = buf; len; p += n, len -= (size_t) n, offset += (uint64_t) n) {

        n = pwrite(fd, p, len, (off_t) offset);

        if (n == -1 && errno == EINTR) {
            n = 0;
            continue;
        }

        if (n == 0) {
            errno = ENOSPC;
        }

        if (n <= 0) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_log_file_failed(recs_log_file_t *f, const char *what, recs_error_t *e)
{
    int  err;

    err = errno;

    if (f->fd != -1) {
        (void) !ftruncate(f->fd, (off_t) f->end.offset);
        close(f->fd);
        f->fd = -1;
    }

    return recs_error(e, "event log %s: %s failed: %s; %s", f->dir, what,
                      strerror(err), (err == ENOSPC || err == EDQUOT)
                                     ? "make room on its file system"
                                     : "look at its disk");
}
