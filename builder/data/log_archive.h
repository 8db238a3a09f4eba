/*
 * Copyright (C) recs authors
 *
 * Where files of the event log go when they are old.
 */

#ifndef _RECS_BUILDER_LOG_ARCHIVE_H_INCLUDED_
#define _RECS_BUILDER_LOG_ARCHIVE_H_INCLUDED_


#include "log_file.h"


/*
 * Moves a file into the directory "archive", which is made where it is not
 * there, under its name, also onto another file system; NULL: removes it.
 * What was moved is on the disk there before it is gone here.
 */

int recs_log_archive(recs_log_file_t *f, uint32_t number,
    const char *archive, recs_error_t *e);

/* That files are gone is on the disk. */

int recs_log_archive_sync(recs_log_file_t *f, recs_error_t *e);

/*
 * The files of an archive.  One that there is no directory of has none as
 * long as the log has its first file: nothing has gone there yet.
 */

int recs_log_archive_list(const char *archive, const char *log,
    uint32_t **numbers, size_t *count, recs_error_t *e);


#endif /* _RECS_BUILDER_LOG_ARCHIVE_H_INCLUDED_ */
