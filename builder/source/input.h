/*
 * Copyright (C) recs authors
 *
 * Lines of a file, plain, .gz or .zst by its first bytes.
 */

#ifndef _RECS_BUILDER_INPUT_H_INCLUDED_
#define _RECS_BUILDER_INPUT_H_INCLUDED_


#include "../../core/recs_types.h"
#include "../message.h"


#define RECS_LINE_MAX  (1024 * 1024)


typedef struct recs_input_s  recs_input_t;


/* "-" is standard input.  NULL with *err. */

recs_input_t *recs_input_open(const char *path, recs_error_t *err);
void recs_input_close(recs_input_t *in);

/*
 * The next line without its end (LF or CR LF) and without a byte order mark
 * before the first one; it may be changed and lives until the next call.
 * RECS_DECLINED: longer than RECS_LINE_MAX, *line is how it begins, and the
 * next call goes on behind it.  RECS_DONE: the end.  RECS_ERROR with *err:
 * cannot be read or is damaged.
 */

int recs_input_line(recs_input_t *in, recs_str_t *line, recs_error_t *err);

/* What comes next without taking it: up to a few kB, empty at the end. */

int recs_input_peek(recs_input_t *in, recs_str_t *head, recs_error_t *err);

const char *recs_input_path(const recs_input_t *in);
uint64_t recs_input_number(const recs_input_t *in);    /* line, 1-based */
int64_t recs_input_time(const recs_input_t *in);       /* mtime, ms, or 0 */

/* Bytes of the file taken and in all (0: unknown), for progress. */

void recs_input_progress(const recs_input_t *in, uint64_t *done,
    uint64_t *total);

/* RECS_ERROR with *err where a line has a NUL or is not valid UTF-8. */

int recs_input_text(const recs_str_t *line, const char **err);

/* Whether there are but blanks. */

int recs_input_blank(const recs_str_t *line);


#endif /* _RECS_BUILDER_INPUT_H_INCLUDED_ */
