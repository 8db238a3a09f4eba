/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../directory.h"
#include "../memory.h"
#include "log_archive.h"


#define RECS_ARCHIVE_BUF  (1024 * 1024)


static int recs_log_archive_open(const char *dir, int *fd, recs_error_t *e);
static int recs_log_archive_copy(int from, int dir, const char *name);
static int recs_log_archive_bytes(int from, int to);


int
recs_log_archive(recs_log_file_t *f, uint32_t number, const char *archive,
    recs_error_t *e)
{
    int   rc, dir, moved;
    char  name[RECS_LOG_NAME];

    recs_log_file_name(name, number);

    dir = -1;
    moved = 0;

    if (archive && recs_log_archive_open(archive, &dir, e) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = RECS_OK;

    if (archive) {
        moved = (renameat(f->dirfd, name, dir, name) == 0);

        if (!moved && errno == EXDEV) {
            rc = recs_log_archive_copy(f->dirfd, dir, name);

        } else if (!moved) {
            rc = RECS_ERROR;
        }

        if (rc == RECS_OK && fsync(dir) == -1) {
            rc = RECS_ERROR;
        }

        if (rc != RECS_OK) {
            recs_error(e, "cannot move %s/%s to the archive %s: %s; it is "
                       "tried again", f->dir, name, archive,
                       strerror(errno));
        }

        (void) close(dir);
    }

    if (rc == RECS_OK && !moved && unlinkat(f->dirfd, name, 0) == -1
        && errno != ENOENT)
    {
        rc = recs_error(e, "cannot remove %s/%s: %s; it is tried again",
                        f->dir, name, strerror(errno));
    }

    return rc;
}


int
recs_log_archive_list(const char *archive, const char *log,
    uint32_t **numbers, size_t *count, recs_error_t *e)
{
    int           rc, first;
    recs_error_t  ignored;

    rc = recs_log_file_list(archive, numbers, count, e);

    if (rc != RECS_DECLINED) {
        return rc;
    }

    rc = recs_log_file_list(log, numbers, count, &ignored);
    first = (rc == RECS_OK && *count && (*numbers)[0] == 1);

    free(*numbers);
    *numbers = NULL;
    *count = 0;

    return first ? RECS_OK : RECS_ERROR;
}


static int
recs_log_archive_open(const char *dir, int *fd, recs_error_t *e)
{
    if (recs_directory_make(dir, 0750) == RECS_ERROR) {
        return recs_error(e, "cannot make the archive %s: %s", dir,
                          strerror(errno));
    }

    *fd = open(dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (*fd == -1) {
        return recs_error(e, "cannot open the archive %s: %s", dir,
                          strerror(errno));
    }

    return RECS_OK;
}


static int
recs_log_archive_copy(int from, int dir, const char *name)
{
    int  in, out, rc, err;

    in = openat(from, name, O_RDONLY|O_CLOEXEC);
    out = openat(dir, RECS_ARCHIVE_NEW,
                 O_WRONLY|O_CREAT|O_TRUNC|O_NOFOLLOW|O_CLOEXEC, 0640);

    rc = (in != -1 && out != -1) ? recs_log_archive_bytes(in, out)
                                 : RECS_ERROR;

    if (rc == RECS_OK
        && (fsync(out) == -1
            || renameat(dir, RECS_ARCHIVE_NEW, dir, name) == -1))
    {
        rc = RECS_ERROR;
    }

    err = errno;

    if (rc != RECS_OK && out != -1) {
        (void) unlinkat(dir, RECS_ARCHIVE_NEW, 0);
    }

    if (in != -1) {
        (void) close(in);
    }

    if (out != -1) {
        (void) close(out);
    }

    errno = err;

    return rc;
}


static int
recs_log_archive_bytes(int from, int to)
{
    int        rc;
    void      *buf;
    ssize_t    n;
    uint64_t   offset;

    buf = recs_alloc(RECS_ARCHIVE_BUF);
    offset = 0;
    rc = RECS_OK;

    for ( ;; ) {
        n = pread(from, buf, RECS_ARCHIVE_BUF, (off_t) offset);

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            rc = (n == 0) ? rc : RECS_ERROR;
            break;
        }

        if (recs_log_file_write(to, buf, (size_t) n, offset) != RECS_OK) {
            rc = RECS_ERROR;
            break;
        }

        offset += (uint64_t) n;
    }

    free(buf);

    return rc;
}


int
recs_log_archive_sync(recs_log_file_t *f, recs_error_t *e)
{
    if (fsync(f->dirfd) == -1) {
        return recs_error(e, "%s: fsync failed: %s; look at its disk",
                          f->dir, strerror(errno));
    }

    return RECS_OK;
}
