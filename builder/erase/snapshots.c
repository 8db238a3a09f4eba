/*
 * Copyright (C) recs authors
 *
 * Snapshots are never written again: one that has somebody stays until it
 * goes by "keep", or goes now, when there is one without them.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../publish/dir.h"
#include "erase.h"


static int recs_snapshots_theirs(recs_erase_t *erase, recs_dir_t *dir,
    uint64_t id);
static int recs_snapshots_look(recs_erase_t *erase, recs_dir_t *dir,
    uint64_t built, recs_error_t *e);


int
recs_erase_snapshots(recs_erase_t *erase, uint64_t built, recs_error_t *e)
{
    int         rc;
    recs_dir_t  dir;

    if (erase->config->out == NULL
        || access(erase->config->out, F_OK) == -1)
    {
        return RECS_OK;
    }

    if (recs_dir_open(&dir, erase->config->out, 1, e) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = recs_dir_scan(&dir, e);

    if (rc == RECS_OK) {
        rc = recs_snapshots_look(erase, &dir, built, e);
    }

    recs_dir_close(&dir);

    return rc;
}


static int
recs_snapshots_look(recs_erase_t *erase, recs_dir_t *dir, uint64_t built,
    recs_error_t *e)
{
    size_t               i, kept;
    uint64_t             id;
    recs_erase_place_t  *place;

    place = &erase->places[RECS_ERASE_SNAPSHOTS];
    place->looked = dir->count;
    kept = 0;

    for (i = 0; i < dir->count; i++) {
        id = dir->entries[i].manifest.id;

        if (!recs_snapshots_theirs(erase, dir, id)) {
            continue;
        }

        if (built == 0 || id == dir->current || id == dir->pinned) {
            kept++;
            continue;
        }

        if (recs_dir_remove(dir, id, e) != RECS_OK) {
            return RECS_ERROR;
        }

        place->changed++;
    }

    if (built && recs_dir_sync(dir, e) != RECS_OK) {
        return RECS_ERROR;
    }

    if (kept && built) {
        recs_erase_left(erase, RECS_ERASE_SNAPSHOTS, "a snapshot that has "
                        "them is current or pinned: recs-builder rollback %s "
                        "--release, and erase again", dir->path);

    } else if (kept) {
        recs_erase_left(erase, RECS_ERASE_SNAPSHOTS, "%zu snapshots have "
                        "them; the next one has not, older ones go by "
                        "\"keep\", or at once with --now", kept);
    }

    return RECS_OK;
}


/* Of one that cannot be read nothing is known: it is told. */

static int
recs_snapshots_theirs(recs_erase_t *erase, recs_dir_t *dir, uint64_t id)
{
    int           fd, theirs;
    char          name[RECS_NAME_MAX];
    void         *map;
    struct stat   st;

    theirs = 0;
    map = MAP_FAILED;
    fd = openat(dir->fd, recs_dir_name(name, id, ".mdb"),
                O_RDONLY|O_CLOEXEC);

    if (fd != -1 && fstat(fd, &st) == 0) {
        map = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_SHARED, fd, 0);
    }

    if (map != MAP_FAILED) {
        theirs = recs_erase_bytes(&erase->who, map, (size_t) st.st_size);
        (void) munmap(map, (size_t) st.st_size);

    } else if (errno != ENOENT) {
        recs_erase_left(erase, RECS_ERASE_SNAPSHOTS, "%s/%s cannot be read: "
                        "%s", dir->path, name, strerror(errno));
    }

    if (fd != -1) {
        (void) close(fd);
    }

    return theirs;
}
