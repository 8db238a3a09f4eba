/*
 * Copyright (C) recs authors
 *
 * Changes of a directory of snapshots.  All follow one protocol: write aside,
 * fsync, rename, fsync of the directory.  A failed fsync is not asked again,
 * since the kernel has forgotten by then what it could not write.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "../../core/recs_out.h"
#include "dir.h"


static int recs_change_bytes(int fd, const uint8_t *p, size_t len);
static int recs_change_collect(recs_dir_t *dir, const char *name,
    recs_error_t *err);
static int recs_change_leftover(recs_dir_t *dir, const char *name);
static int recs_change_remove(recs_dir_t *dir, const char *name,
    recs_error_t *err);
static int recs_change_remove_dir(recs_dir_t *dir, const char *name,
    recs_error_t *err);
static int recs_change_remove_in(recs_dir_t *dir, const char *name,
    recs_error_t *err);


int
recs_dir_write(recs_dir_t *dir, const char *tmp, const void *data, size_t len,
    recs_error_t *err)
{
    int  fd, rc;

    fd = openat(dir->fd, tmp, O_WRONLY|O_CREAT|O_EXCL|O_NOFOLLOW|O_CLOEXEC,
                0600);
    if (fd == -1) {
        return recs_error(err, "%s/%s: cannot create: %s", dir->path, tmp,
                          strerror(errno));
    }

    if (recs_change_bytes(fd, data, len) != RECS_OK
        || fchmod(fd, 0444) == -1
        || (!dir->fast && fsync(fd) == -1))
    {
        goto failed;
    }

    rc = close(fd);
    fd = -1;

    if (rc == 0) {
        return RECS_OK;
    }

failed:

    (void) recs_error(err, "%s/%s: cannot write: %s", dir->path, tmp,
                      strerror(errno));
    if (fd != -1) {
        (void) close(fd);
    }

    (void) unlinkat(dir->fd, tmp, 0);

    return RECS_ERROR;
}


static int
recs_change_bytes(int fd, const uint8_t *p, size_t len)
{
    ssize_t  n;

    while (len) {
        n = write(fd, p, len);

        if (n == -1 && errno == EINTR) {
            continue;
        }

        if (n == -1) {
            return RECS_ERROR;
        }

        p += n;
        len -= n;
    }

    return RECS_OK;
}


int
recs_dir_rename(recs_dir_t *dir, const char *from, const char *to,
    recs_error_t *err)
{
    if (renameat(dir->fd, from, dir->fd, to) == -1) {
        return recs_error(err, "%s/%s: cannot rename to \"%s\": %s",
                          dir->path, from, to, strerror(errno));
    }

    return RECS_OK;
}


int
recs_dir_sync(recs_dir_t *dir, recs_error_t *err)
{
    if (!dir->fast && fsync(dir->fd) == -1) {
        return recs_error(err, "%s: fsync() of the directory failed: %s",
                          dir->path, strerror(errno));
    }

    return RECS_OK;
}


int
recs_dir_current(recs_dir_t *dir, uint64_t id, recs_error_t *err)
{
    char  name[RECS_NAME_MAX];

    if (dir->current == id) {
        return RECS_OK;
    }

    recs_dir_name(name, id, ".mdb");
    (void) unlinkat(dir->fd, RECS_DIR_LINK, 0);

    if (symlinkat(name, dir->fd, RECS_DIR_LINK) == -1) {
        return recs_error(err, "%s/%s: cannot link: %s", dir->path,
                          RECS_DIR_LINK, strerror(errno));
    }

    if (recs_dir_rename(dir, RECS_DIR_LINK, "current", err) != RECS_OK) {
        (void) unlinkat(dir->fd, RECS_DIR_LINK, 0);
        return RECS_ERROR;
    }

    dir->current = id;

    return recs_dir_sync(dir, err);
}


int
recs_dir_pin(recs_dir_t *dir, uint64_t id, recs_error_t *err)
{
    uint8_t     buf[32];
    recs_out_t  out;

    recs_out_init(&out, buf, sizeof(buf));
    recs_out_hex64(&out, id);
    recs_out_byte(&out, '\n');

    (void) unlinkat(dir->fd, RECS_DIR_PIN, 0);

    if (recs_dir_write(dir, RECS_DIR_PIN, buf, out.pos - buf, err) != RECS_OK
        || recs_dir_rename(dir, RECS_DIR_PIN, "pinned", err) != RECS_OK)
    {
        (void) unlinkat(dir->fd, RECS_DIR_PIN, 0);
        return RECS_ERROR;
    }

    dir->pinned = id;
    dir->is_pinned = 1;

    return recs_dir_sync(dir, err);
}


int
recs_dir_unpin(recs_dir_t *dir, recs_error_t *err)
{
    if (unlinkat(dir->fd, "pinned", 0) == -1 && errno != ENOENT) {
        return recs_error(err, "%s/pinned: cannot remove: %s", dir->path,
                          strerror(errno));
    }

    dir->pinned = 0;
    dir->is_pinned = 0;

    return recs_dir_sync(dir, err);
}


int
recs_dir_collect(recs_dir_t *dir, recs_error_t *err)
{
    return recs_dir_each(dir, recs_change_collect, err);
}


static int
recs_change_collect(recs_dir_t *dir, const char *name, recs_error_t *err)
{
    return recs_change_leftover(dir, name)
           ? recs_change_remove(dir, name, err) : RECS_OK;
}


/* A snapshot gets its manifest first, so that one without is half removed. */

static int
recs_change_leftover(recs_dir_t *dir, const char *name)
{
    char      other[RECS_NAME_MAX];
    size_t    len;
    uint64_t  id;

    if (strncmp(name, ".tmp-", 5) == 0) {
        return 1;
    }

    len = strlen(name);

    if (recs_manifest_name(name, len, &id) == RECS_OK) {
        return id != dir->current && id != dir->pinned
               && faccessat(dir->fd, recs_dir_name(other, id, ".json"), F_OK,
                            AT_SYMLINK_NOFOLLOW) == -1
               && errno == ENOENT;
    }

    if (len != sizeof("snap-0123456789abcdef.json") - 1) {
        return 0;
    }

    memcpy(other, name, len - 5);
    memcpy(other + len - 5, ".mdb", 5);

    if (strcmp(name + len - 5, ".json") != 0
        || recs_manifest_name(other, len - 1, &id) != RECS_OK)
    {
        return 0;
    }

    return faccessat(dir->fd, other, F_OK, AT_SYMLINK_NOFOLLOW) == -1
           && errno == ENOENT;
}


static int
recs_change_remove(recs_dir_t *dir, const char *name, recs_error_t *err)
{
    if (unlinkat(dir->fd, name, 0) == -1 && errno != ENOENT) {

        if (errno == EISDIR) {
            return recs_change_remove_dir(dir, name, err);
        }

        return recs_error(err, "%s/%s: cannot remove: %s", dir->path, name,
                          strerror(errno));
    }

    return RECS_OK;
}


/* What selection was measured in: files, and no directories below. */

static int
recs_change_remove_dir(recs_dir_t *dir, const char *name, recs_error_t *err)
{
    int         rc;
    recs_dir_t  in = { .path = name };

    in.fd = openat(dir->fd, name, O_RDONLY|O_DIRECTORY|O_NOFOLLOW|O_CLOEXEC);
    rc = (in.fd == -1) ? RECS_ERROR
                       : recs_dir_each(&in, recs_change_remove_in, err);

    if (in.fd != -1) {
        (void) close(in.fd);
    }

    if (rc != RECS_OK || unlinkat(dir->fd, name, AT_REMOVEDIR) == -1) {
        return recs_error(err, "%s/%s: cannot remove: %s", dir->path, name,
                          strerror(errno));
    }

    return RECS_OK;
}


static int
recs_change_remove_in(recs_dir_t *dir, const char *name, recs_error_t *err)
{
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return RECS_OK;
    }

    if (unlinkat(dir->fd, name, 0) == -1 && errno != ENOENT) {
        return recs_error(err, "%s/%s: cannot remove: %s", dir->path, name,
                          strerror(errno));
    }

    return RECS_OK;
}


int
recs_dir_retain(recs_dir_t *dir, size_t keep, recs_error_t *err)
{
    size_t    i;
    uint64_t  id;

    for (i = keep; i < dir->count; i++) {
        id = dir->entries[i].manifest.id;

        if (id == dir->current || id == dir->pinned) {
            continue;
        }

        if (recs_dir_remove(dir, id, err) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


int
recs_dir_remove(recs_dir_t *dir, uint64_t id, recs_error_t *err)
{
    char  name[RECS_NAME_MAX];

    if (recs_change_remove(dir, recs_dir_name(name, id, ".mdb"), err)
        != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_change_remove(dir, recs_dir_name(name, id, ".json"), err);
}
