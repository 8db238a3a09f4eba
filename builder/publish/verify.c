/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "dir.h"
#include "open.h"


int
recs_verify(const char *path, recs_error_t *err)
{
    int              fd, rc;
    const char      *why;
    recs_manifest_t  m;

    if (recs_open_path(path, &fd, &m, err) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = recs_dir_check_fd(fd, &m, &why);

    (void) close(fd);

    if (rc != RECS_OK) {
        return recs_error(err, "%s: refused: %s", path, why);
    }

    if (printf("%016" PRIx64 " is good: %" PRIu64 " products, %" PRIu64
               " lists, %" PRIu64 " events, %" PRIu64 " bytes\n", m.id,
               m.items, m.lists, m.events, m.size) < 0)
    {
        return recs_error(err, "cannot write to standard output");
    }

    return RECS_OK;
}
