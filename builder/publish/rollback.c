/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>

#include "dir.h"


static int recs_rollback_to(recs_dir_t *dir, uint64_t id, recs_error_t *err);
static int recs_rollback_before(recs_dir_t *dir, recs_error_t *err);
static int recs_rollback_release(recs_dir_t *dir, recs_error_t *err);


int
recs_rollback(const char *path, uint64_t id, int release, recs_error_t *err)
{
    int         rc;
    recs_dir_t  dir;

    if (recs_dir_open(&dir, path, 1, err) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = recs_dir_scan(&dir, err);

    if (rc == RECS_OK && release) {
        rc = recs_rollback_release(&dir, err);

    } else if (rc == RECS_OK && id == 0) {
        rc = recs_rollback_before(&dir, err);

    } else if (rc == RECS_OK) {
        rc = recs_rollback_to(&dir, id, err);
    }

    recs_dir_close(&dir);

    return rc;
}


/* The pin comes first: a build that ends now must not move "current". */

static int
recs_rollback_to(recs_dir_t *dir, uint64_t id, recs_error_t *err)
{
    if (recs_dir_find(dir, id) == NULL) {
        return recs_error(err, "%s: there is no snapshot %016" PRIx64 "; "
                          "recs-builder status %s lists those there are",
                          dir->path, id, dir->path);
    }

    if (recs_dir_check(dir, id, err) != RECS_OK
        || recs_dir_pin(dir, id, err) != RECS_OK
        || recs_dir_current(dir, id, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    recs_message(RECS_MSG_NOTICE, "rollback", "%s: snapshot %016" PRIx64
                 " is current and pinned until --release", dir->path, id);

    return RECS_OK;
}


/* The newest good one that was published before the current. */

static int
recs_rollback_before(recs_dir_t *dir, recs_error_t *err)
{
    size_t                   i;
    const recs_dir_entry_t  *current, *e;

    current = recs_dir_find(dir, dir->current);

    if (dir->current == 0 || current == NULL || current->bad) {
        return recs_error(err, "%s: the current snapshot is not known, name "
                          "the one to go back to", dir->path);
    }

    for (i = 0; i < dir->count; i++) {
        e = &dir->entries[i];

        if (e->bad || e->manifest.generation >= current->manifest.generation
            || recs_dir_check(dir, e->manifest.id, err) != RECS_OK)
        {
            continue;
        }

        return recs_rollback_to(dir, e->manifest.id, err);
    }

    return recs_error(err, "%s: there is no good snapshot before the current "
                      "one", dir->path);
}


static int
recs_rollback_release(recs_dir_t *dir, recs_error_t *err)
{
    size_t    i;
    uint64_t  id;

    for (i = 0; i < dir->count; i++) {
        id = dir->entries[i].manifest.id;

        if (dir->entries[i].bad || recs_dir_check(dir, id, err) != RECS_OK) {
            continue;
        }

        if (recs_dir_unpin(dir, err) != RECS_OK
            || recs_dir_current(dir, id, err) != RECS_OK)
        {
            return RECS_ERROR;
        }

        recs_message(RECS_MSG_NOTICE, "rollback", "%s: released, snapshot "
                     "%016" PRIx64 " is current", dir->path, id);

        return RECS_OK;
    }

    return recs_error(err, "%s: there is no good snapshot to go to, the pin "
                      "stays", dir->path);
}
