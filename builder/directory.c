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


/* Who may give nothing away goes on: what he writes he reads himself. */

int
recs_directory_give(int fd, int like)
{
    struct stat  st;

    if (fstat(like, &st) == -1
        || (fchown(fd, st.st_uid, st.st_gid) == -1
            && errno != EPERM && errno != EINVAL)
        || (!S_ISDIR(st.st_mode) && fchmod(fd, st.st_mode & 07777) == -1))
    {
        return RECS_ERROR;
    }

    return RECS_OK;
}
