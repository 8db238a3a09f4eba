/*
 * Copyright (C) recs authors
 *
 * Where snapshots under evaluation lie.  Inside of builder/eval/.
 */

#ifndef _RECS_BUILDER_SCRATCH_H_INCLUDED_
#define _RECS_BUILDER_SCRATCH_H_INCLUDED_


#include "../../core/event/recs_identity.h"
#include "../../core/snapshot/recs_snapshot.h"
#include "../data/dataset.h"
#include "../message.h"


/*
 * Makes a directory below TMPDIR (default /tmp), or "keep" where it is not
 * NULL, and loads its key, which is the same for all evaluations, so that
 * they give the same bytes.  Returns the path, to be freed, or NULL with
 * *err.
 */

char *recs_scratch_make(const char *keep, recs_keys_t *keys,
    recs_error_t *err);

/*
 * Publishes a part of the data there and opens it: "lists" alone (bits, 0
 * all), without what is laid over models when they are chosen: forests,
 * rules, diversity, gates.  *s is to be closed.
 */

int recs_scratch_publish(const char *dir, const recs_dataset_t *part,
    const recs_config_t *c, uint32_t lists, recs_snapshot_t **s,
    recs_error_t *err);

/* Removes the directory and the files in it. */

void recs_scratch_remove(const char *dir);


/* The highest memory use of the process, kB, since the last reset. */

void recs_scratch_peak_reset(void);
long recs_scratch_peak(void);


#endif /* _RECS_BUILDER_SCRATCH_H_INCLUDED_ */
