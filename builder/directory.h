/*
 * Copyright (C) recs authors
 *
 * A directory that is there after a power cut, too; whose files are.
 */

#ifndef _RECS_BUILDER_DIRECTORY_H_INCLUDED_
#define _RECS_BUILDER_DIRECTORY_H_INCLUDED_


#include <sys/types.h>

#include "../core/recs_types.h"


/*
 * Makes a directory and syncs the one above, whose entry it is.
 * RECS_DECLINED: it was there already; RECS_ERROR with errno.
 */

int recs_directory_make(const char *path, mode_t mode);

/*
 * What root writes is not root's: "fd" gets the owner of "like", the directory
 * it is in or the file whose place it takes, and of a file the mode, too.
 * RECS_ERROR with errno.
 */

int recs_directory_give(int fd, int like);


#endif /* _RECS_BUILDER_DIRECTORY_H_INCLUDED_ */
