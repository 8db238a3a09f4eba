/*
 * Copyright (C) recs authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "directory.h"
#include "memory.h"


int
recs_directory_make(const char *path, mode_t mode)
{
    int    fd, rc, err;
    char  *above;

    if (mkdir(path, mode) == -1) {
        return (errno == EEXIST) ? RECS_DECLINED : RECS_ERROR;
    }

    above = recs_alloc(strlen(path) + sizeof("/.."));
    (void) strcpy(above, path);
    (void) strcat(above, "/..");

    fd = open(above, O_RDONLY|O_DIRECTORY|O_CLOEXEC);
    rc = (fd != -1 && fsync(fd) == 0) ? RECS_OK : RECS_ERROR;
    err = errno;

    if (fd != -1) {
        (void) close(fd);
    }

    free(above);
    errno = err;

    return rc;
}
