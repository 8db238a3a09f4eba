/*
 * Copyright (C) recs authors
 *
 * A directory of snapshots: what is in it, and the few changes that may be
 * made to it.  Whoever changes it holds an exclusive flock on the directory
 * itself for that time; whoever builds into it holds one on "lock" beside it
 * for as long as it runs.
 */

#ifndef _RECS_BUILDER_DIR_H_INCLUDED_
#define _RECS_BUILDER_DIR_H_INCLUDED_


#include "publish.h"


#define RECS_DIR_SNAPSHOT  ".tmp-snapshot"
#define RECS_DIR_MANIFEST  ".tmp-manifest"
#define RECS_DIR_LINK      ".tmp-current"
#define RECS_DIR_PIN       ".tmp-pinned"


typedef struct {
    recs_manifest_t   manifest;
    const char       *bad;             /* why it cannot be used, or NULL */
} recs_dir_entry_t;


typedef struct {
    const char        *path;
    int                fd;
    recs_dir_entry_t  *entries;        /* the highest generation first */
    size_t             count;
    size_t             cap;
    uint64_t           current;        /* what "current" names, 0: nothing */
    uint64_t           pinned;         /* 0: nothing, or not readable */
    unsigned           is_pinned;
    unsigned           fast;           /* changes need not reach the disk */
} recs_dir_t;


/* Opens the directory; with "lock" waits until nobody else changes it. */

int recs_dir_open(recs_dir_t *dir, const char *path, unsigned lock,
    recs_error_t *err);
int recs_dir_lock(recs_dir_t *dir, recs_error_t *err);
void recs_dir_unlock(recs_dir_t *dir);
void recs_dir_close(recs_dir_t *dir);

/* Fills the entries, current and pinned; reads manifests, hashes nothing. */

int recs_dir_scan(recs_dir_t *dir, recs_error_t *err);

/* Calls visit for each name in the directory, as long as it is RECS_OK. */

typedef int (*recs_dir_visit_pt)(recs_dir_t *dir, const char *name,
    recs_error_t *err);

int recs_dir_each(recs_dir_t *dir, recs_dir_visit_pt visit,
    recs_error_t *err);
recs_dir_entry_t *recs_dir_find(const recs_dir_t *dir, uint64_t id);


/* Whole and good, by the check that guards a worker and by recs_values(). */

int recs_dir_check(const recs_dir_t *dir, uint64_t id, recs_error_t *err);
int recs_dir_check_fd(int fd, const recs_manifest_t *m, const char **why);

/* "snap-<id>" and the suffix (".mdb", ".json") into RECS_NAME_MAX bytes. */

char *recs_dir_name(char *name, uint64_t id, const char *suffix);


/*
 * Changes.  Each is atomic, and on disk when it returns unless the directory
 * is a fast one.
 */

int recs_dir_write(recs_dir_t *dir, const char *tmp, const void *data,
    size_t len, recs_error_t *err);                /* leaves it at "tmp" */
int recs_dir_rename(recs_dir_t *dir, const char *from, const char *to,
    recs_error_t *err);                            /* not synced */
int recs_dir_sync(recs_dir_t *dir, recs_error_t *err);
int recs_dir_current(recs_dir_t *dir, uint64_t id, recs_error_t *err);
int recs_dir_pin(recs_dir_t *dir, uint64_t id, recs_error_t *err);
int recs_dir_unpin(recs_dir_t *dir, recs_error_t *err);

/* Removes what killed runs have left: .tmp-* and halves of a pair. */

int recs_dir_collect(recs_dir_t *dir, recs_error_t *err);

/* Removes one that nobody needs; not synced. */

int recs_dir_remove(recs_dir_t *dir, uint64_t id, recs_error_t *err);

/* Removes all but the "keep" newest, the current and the pinned. */

int recs_dir_retain(recs_dir_t *dir, size_t keep, recs_error_t *err);


#endif /* _RECS_BUILDER_DIR_H_INCLUDED_ */
