/*
 * Copyright (C) recs authors
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "../../core/recs_out.h"
#include "../../core/snapshot/recs_snapshot.h"
#include "dir.h"
#include "values.h"


static int recs_dir_entry(recs_dir_t *dir, const char *name,
    recs_error_t *err);
static int recs_dir_cmp(const void *one, const void *two);
static int recs_dir_read_link(recs_dir_t *dir, recs_error_t *err);
static int recs_dir_read_pin(recs_dir_t *dir, recs_error_t *err);


int
recs_dir_open(recs_dir_t *dir, const char *path, unsigned lock,
    recs_error_t *err)
{
    memset(dir, 0, sizeof(recs_dir_t));

    dir->path = path;
    dir->fd = open(path, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (dir->fd == -1) {
        return recs_error(err, "%s: cannot open the directory: %s", path,
                          strerror(errno));
    }

    if (lock && recs_dir_lock(dir, err) != RECS_OK) {
        recs_dir_close(dir);
        return RECS_ERROR;
    }

    return RECS_OK;
}


int
recs_dir_lock(recs_dir_t *dir, recs_error_t *err)
{
    int  rc;

    do {
        rc = flock(dir->fd, LOCK_EX);
    } while (rc == -1 && errno == EINTR);

    if (rc == -1) {
        return recs_error(err, "%s: cannot lock the directory: %s", dir->path,
                          strerror(errno));
    }

    return RECS_OK;
}


void
recs_dir_unlock(recs_dir_t *dir)
{
    (void) flock(dir->fd, LOCK_UN);
}


void
recs_dir_close(recs_dir_t *dir)
{
    if (dir->fd != -1) {
        (void) close(dir->fd);
        dir->fd = -1;
    }

    free(dir->entries);
    dir->entries = NULL;
    dir->count = dir->cap = 0;
}


int
recs_publish_lock(const char *dir, int *fd, recs_error_t *err)
{
    int         file;
    recs_dir_t  d;

    if (recs_dir_open(&d, dir, 0, err) != RECS_OK) {
        return RECS_ERROR;
    }

    file = openat(d.fd, "lock", O_RDWR|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0640);

    recs_dir_close(&d);

    if (file == -1) {
        return recs_error(err, "%s/lock: cannot open: %s", dir,
                          strerror(errno));
    }

    if (flock(file, LOCK_EX|LOCK_NB) == 0) {
        *fd = file;
        return RECS_OK;
    }

    if (errno == EWOULDBLOCK) {
        (void) close(file);
        (void) recs_error(err, "%s: another builder works in this directory",
                          dir);
        return RECS_AGAIN;
    }

    (void) recs_error(err, "%s/lock: cannot lock: %s", dir, strerror(errno));
    (void) close(file);

    return RECS_ERROR;
}


int
recs_dir_scan(recs_dir_t *dir, recs_error_t *err)
{
    dir->count = 0;

    if (recs_dir_each(dir, recs_dir_entry, err) != RECS_OK
        || recs_dir_read_link(dir, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (dir->count) {
        qsort(dir->entries, dir->count, sizeof(recs_dir_entry_t),
              recs_dir_cmp);
    }

    return recs_dir_read_pin(dir, err);
}


int
recs_dir_each(recs_dir_t *dir, recs_dir_visit_pt visit, recs_error_t *err)
{
    int             fd, rc;
    DIR            *list;
    struct dirent  *de;

    fd = openat(dir->fd, ".", O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    list = (fd == -1) ? NULL : fdopendir(fd);

    if (list == NULL) {
        (void) recs_error(err, "%s: cannot read the directory: %s", dir->path,
                          strerror(errno));
        if (fd != -1) {
            (void) close(fd);
        }

        return RECS_ERROR;
    }

    rc = RECS_OK;

    while (rc == RECS_OK && (errno = 0, de = readdir(list)) != NULL) {
        rc = visit(dir, de->d_name, err);
    }

    if (rc == RECS_OK && errno) {
        rc = recs_error(err, "%s: cannot read the directory: %s", dir->path,
                        strerror(errno));
    }

    (void) closedir(list);

    return rc;
}


/*
 * A manifest that is bad is one thing, one that could not be read just now
 * another: its generation would be given twice and its snapshot removed.
 */

static int
recs_dir_entry(recs_dir_t *dir, const char *name, recs_error_t *err)
{
    int                fd;
    uint64_t           id;
    const char        *why;
    recs_dir_entry_t  *e;

    if (recs_manifest_name(name, strlen(name), &id) != RECS_OK) {
        return RECS_OK;
    }

    recs_grow(&dir->entries, &dir->cap, dir->count + 1,
              sizeof(recs_dir_entry_t));

    e = &dir->entries[dir->count++];
    memset(e, 0, sizeof(recs_dir_entry_t));

    errno = 0;

    if (recs_manifest_open_file(dir->fd, name, &fd, &e->manifest, &why)
        == RECS_OK)
    {
        (void) close(fd);
        return RECS_OK;
    }

    if (errno == EIO || errno == EMFILE || errno == ENFILE || errno == ENOMEM)
    {
        return recs_error(err, "%s/%s: cannot be read: %s", dir->path, name,
                          strerror(errno));
    }

    memset(e, 0, sizeof(recs_dir_entry_t));
    e->manifest.id = id;
    e->bad = why;

    return RECS_OK;
}


static int
recs_dir_cmp(const void *one, const void *two)
{
    const recs_manifest_t  *a, *b;

    a = &((const recs_dir_entry_t *) one)->manifest;
    b = &((const recs_dir_entry_t *) two)->manifest;

    if (a->generation != b->generation) {
        return (a->generation > b->generation) ? -1 : 1;
    }

    return (a->id < b->id) ? -1 : a->id > b->id;
}


static int
recs_dir_read_link(recs_dir_t *dir, recs_error_t *err)
{
    char     name[RECS_NAME_MAX];
    ssize_t  n;

    dir->current = 0;

    n = readlinkat(dir->fd, "current", name, sizeof(name));

    if (n != -1) {
        (void) recs_manifest_name(name, n, &dir->current);

    } else if (errno != ENOENT && errno != EINVAL) {
        return recs_error(err, "%s/current: cannot be read: %s", dir->path,
                          strerror(errno));
    }

    return RECS_OK;
}


/* What says no id still is a pin: an operator has put it there. */

static int
recs_dir_read_pin(recs_dir_t *dir, recs_error_t *err)
{
    int      fd;
    char     buf[64], name[RECS_NAME_MAX];
    ssize_t  n;

    dir->pinned = 0;
    dir->is_pinned = 0;

    fd = openat(dir->fd, "pinned", O_RDONLY|O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC);

    if (fd == -1 && errno == ENOENT) {
        return RECS_OK;
    }

    dir->is_pinned = 1;
    n = (fd == -1) ? -1 : read(fd, buf, sizeof(buf));

    if (n == -1) {
        (void) recs_error(err, "%s/pinned: cannot be read: %s", dir->path,
                          strerror(errno));
    }

    if (fd != -1) {
        (void) close(fd);
    }

    if (n >= 16) {
        memcpy(name, "snap-", 5);
        memcpy(name + 5, buf, 16);
        memcpy(name + 21, ".mdb", 4);

        (void) recs_manifest_name(name, 25, &dir->pinned);
    }

    return (n == -1) ? RECS_ERROR : RECS_OK;
}


recs_dir_entry_t *
recs_dir_find(const recs_dir_t *dir, uint64_t id)
{
    size_t  i;

    for (i = 0; i < dir->count; i++) {
        if (dir->entries[i].manifest.id == id) {
            return &dir->entries[i];
        }
    }

    return NULL;
}


char *
recs_dir_name(char *name, uint64_t id, const char *suffix)
{
    recs_out_t  out;

    recs_out_init(&out, name, RECS_NAME_MAX);
    recs_out_lit(&out, "snap-");
    recs_out_hex64(&out, id);
    recs_out_bytes(&out, suffix, strlen(suffix) + 1);

    return name;
}


int
recs_dir_check(const recs_dir_t *dir, uint64_t id, recs_error_t *err)
{
    int              fd, rc;
    char             name[RECS_NAME_MAX];
    const char      *why;
    recs_manifest_t  m;

    recs_dir_name(name, id, ".mdb");

    rc = recs_manifest_open_file(dir->fd, name, &fd, &m, &why);

    if (rc == RECS_OK) {
        rc = recs_dir_check_fd(fd, &m, &why);
        (void) close(fd);
    }

    if (rc != RECS_OK) {
        return recs_error(err, "%s/%s: refused: %s", dir->path, name, why);
    }

    return RECS_OK;
}


int
recs_dir_check_fd(int fd, const recs_manifest_t *m, const char **why)
{
    int               rc;
    recs_snapshot_t  *s;

    if (recs_manifest_check(fd, m, why) != RECS_OK
        || recs_snapshot_open(&s, fd, why) != RECS_OK)
    {
        return RECS_ERROR;
    }

    rc = recs_values(s, m, why);

    recs_snapshot_close(s);

    return rc;
}
