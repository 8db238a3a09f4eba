/*
 * Copyright (C) recs authors
 *
 * A snapshot by its path, as people name it.
 */

#ifndef _RECS_BUILDER_OPEN_H_INCLUDED_
#define _RECS_BUILDER_OPEN_H_INCLUDED_


#include "../../core/snapshot/recs_manifest.h"
#include "../../core/snapshot/recs_snapshot.h"
#include "../message.h"


/*
 * DIR (its current one), DIR/current or DIR/snap-<id>.mdb, opened by the
 * rules of recs_manifest.h.  The message of an error names the path.
 */

int recs_open_path(const char *path, int *fd, recs_manifest_t *m,
    recs_error_t *err);

/*
 * The same, mapped, to be closed by recs_snapshot_close(); unless "trusted",
 * for who has just published it, after its hash was compared.
 */

int recs_open_snapshot(const char *path, unsigned trusted,
    recs_snapshot_t **s, recs_error_t *err);


#endif /* _RECS_BUILDER_OPEN_H_INCLUDED_ */
