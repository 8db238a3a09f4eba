/*
 * Copyright (C) recs authors
 *
 * The files of the event log (log.h describes them): frames in and out,
 * without a thought for what is in them.
 */

#ifndef _RECS_BUILDER_LOG_FILE_H_INCLUDED_
#define _RECS_BUILDER_LOG_FILE_H_INCLUDED_


#include <stdio.h>
#include <sys/types.h>
#include "../../core/recs_types.h"
#include "../message.h"


#define RECS_LOG_SEGMENT   (256 * 1024 * 1024)
#define RECS_LOG_RAW_MAX   (64 * 1024 * 1024)   /* of one batch */
#define RECS_LOG_HEAD      64
#define RECS_LOG_NAME      16

/* What is written beside; it stays where the writer is killed. */

#define RECS_REWRITE_NEW     ".rewrite.new"
#define RECS_CHECKPOINT_NEW  ".checkpoint.new"
#define RECS_ARCHIVE_NEW     ".archive.new"


/* A place in the log: all before it is whole. */

typedef struct {
    uint32_t  number;            /* of the file, from 1; 0: an empty log */
    uint64_t  offset;
} recs_log_place_t;


/* "known" is only in the first one of a log that begins at a checkpoint. */

typedef struct {
    recs_str_t  position;
    recs_str_t  frames;          /* of events, not compressed */
    uint32_t    events;
    recs_str_t  known;           /* checkpoint.h */
} recs_log_batch_t;


typedef struct {
    char             *dir;
    int               dirfd;     /* locked */
    int               fd;        /* of the last file, -1: to be opened */
    recs_log_place_t  end;
    uint64_t          limit;     /* bytes of a file, RECS_LOG_SEGMENT */
    void             *zstd;
    uint8_t          *buf;
    size_t            buf_cap;
} recs_log_file_t;


typedef int (*recs_log_batch_pt)(void *ctx, const recs_log_batch_t *batch,
    recs_error_t *e);

/*
 * Calls visit for each batch before "until" (NULL: up to the end) in order,
 * those of the checkpoint first, then those of the files that it needs.
 * *end is the place after the last whole batch, *torn how many bytes of an
 * unfinished one come after it.  A damaged batch with whole ones after it is
 * no torn one: RECS_ERROR.
 */

int recs_log_file_scan(const char *dir, const recs_log_place_t *until,
    recs_log_batch_pt visit, void *ctx, recs_log_place_t *end,
    uint64_t *torn, recs_error_t *e);

/*
 * The same without the checkpoint and files that nothing was written to since
 * a moment (0: of all).
 */

int recs_log_file_since(const char *dir, int64_t since_ms,
    const recs_log_place_t *until, recs_log_batch_pt visit, void *ctx,
    recs_log_place_t *end, uint64_t *torn, recs_error_t *e);

/*
 * Locks the directory (made where there is none), visits what is there and
 * cuts a torn end away.  RECS_DECLINED: somebody else writes it.
 */

int recs_log_file_open(recs_log_file_t *f, const char *dir,
    recs_log_batch_pt visit, void *ctx, recs_error_t *e);
void recs_log_file_close(recs_log_file_t *f);

/* The first half of it: the lock, and what append() needs; no look inside. */

int recs_log_file_take(recs_log_file_t *f, const char *dir,
    recs_error_t *e);

/*
 * The numbers of the files in a directory, ascending, to be freed; those
 * before the checkpoint's first one are there, too.
 */

int recs_log_file_list(const char *dir, uint32_t **numbers, size_t *count,
    recs_error_t *e);

/*
 * Visits the batches of one file, or of the checkpoint (number 0: nothing
 * where there is none).  "last": its end may be torn.
 */

int recs_log_file_visit(const char *dir, uint32_t number, unsigned last,
    recs_log_batch_pt visit, void *ctx, recs_error_t *e);

/* The next batch begins another file if the last was made before a moment. */

int recs_log_file_roll(recs_log_file_t *f, int64_t before_ms,
    recs_error_t *e);

/* Appends a batch and has it on the disk; RECS_ERROR: it is not there. */

int recs_log_file_append(recs_log_file_t *f, const recs_log_batch_t *batch,
    recs_error_t *e);


/* Shared by reader and writer. */

typedef struct {
    uint8_t   magic[8];          /* "RECSLOG1" */
    uint32_t  version;           /* 1 */
    uint32_t  number;
    int64_t   made_ms;           /* 0: not known */
    uint8_t   reserved[40];
} recs_log_head_t;

typedef struct {
    uint32_t  length;            /* of all that follows the checksum */
    uint32_t  crc;
    uint8_t   codec;             /* 0 raw, 1 zstd */
    uint8_t   reserved[3];
    uint32_t  events;
    uint32_t  position;
    uint32_t  raw;
} recs_log_frame_t;

#define RECS_LOG_CRC_FROM  offsetof(recs_log_frame_t, codec)

void recs_log_file_name(char *name, uint32_t number);

/* A batch as a frame in f->buf; its length, 0: zstd failed. */

size_t recs_log_file_pack(recs_log_file_t *f, const recs_log_batch_t *batch);

int recs_log_file_write(int fd, const void *buf, size_t len,
    uint64_t offset);

/* RECS_AGAIN: the file ends before. */

int recs_log_file_read(int fd, void *buf, size_t len, uint64_t offset);


#endif /* _RECS_BUILDER_LOG_FILE_H_INCLUDED_ */
