/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "../memory.h"
#include "open.h"


static int recs_open_dir(const char *path, char *dir, const char **name);


int
recs_open_path(const char *path, int *fd, recs_manifest_t *m,
    recs_error_t *err)
{
    int          rc, dirfd;
    char        *dir;
    uint64_t     id;
    const char  *name, *why;

    dir = recs_alloc(strlen(path) + 2);
    dirfd = recs_open_dir(path, dir, &name);

    if (dirfd == -1) {
        rc = recs_error(err, "%s: cannot open \"%s\": %s", path, dir,
                        strerror(errno));
        goto done;
    }

    why = "nothing is published there";

    if (recs_manifest_name(name, strlen(name), &id) == RECS_OK) {
        rc = recs_manifest_open_file(dirfd, name, fd, m, &why);

    } else {
        rc = recs_manifest_open(dirfd, name, fd, m, &why);
    }

    if (rc != RECS_OK) {
        rc = recs_error(err, "%s: refused: %s", path, why);
    }

    (void) close(dirfd);

done:

    free(dir);

    return rc;
}


int
recs_open_snapshot(const char *path, unsigned trusted, recs_snapshot_t **s,
    recs_error_t *err)
{
    int              fd, rc;
    const char      *why;
    recs_manifest_t  m;

    if (recs_open_path(path, &fd, &m, err) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = trusted ? RECS_OK : recs_manifest_check(fd, &m, &why);

    if (rc == RECS_OK) {
        rc = recs_snapshot_open(s, fd, &why);
    }

    (void) close(fd);

    return (rc == RECS_OK) ? RECS_OK
                           : recs_error(err, "%s: refused: %s", path, why);
}


/* A directory stands for its "current"; else the last element is the name. */

static int
recs_open_dir(const char *path, char *dir, const char **name)
{
    char         *slash;
    struct stat   st;

    strcpy(dir, path);

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        *name = "current";

    } else {
        slash = strrchr(dir, '/');
        *name = slash ? path + (slash - dir) + 1 : path;

        if (slash == NULL) {
            strcpy(dir, ".");

        } else if (slash == dir) {
            dir[1] = '\0';

        } else {
            *slash = '\0';
        }
    }

    return open(dir, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
}
