/*
 * Copyright (C) recs authors
 *
 * DIR/checkpoint: what the event log still knows of files that are gone.
 * One file that is replaced as a whole (written beside, fsync, rename, fsync
 * of the directory), so that there is the old one or the new one, and the
 * files it stands for go after it.
 *
 * A head of 128 bytes, then the parts:
 *
 *   log      frames as in a file of the log (log.h): the position, every
 *            sequence that was seen or given up, as notes, and the rows of
 *            products and users that are still in force, as events
 *   known    of imported events, which a file may bring again: a seed (u64),
 *            then hash (16 bytes) and how often (u32) of each, little-endian
 *   report   what was made of the events, bytes of recs_report_save()
 */

#ifndef _RECS_BUILDER_CHECKPOINT_H_INCLUDED_
#define _RECS_BUILDER_CHECKPOINT_H_INCLUDED_


#include "../../core/recs_types.h"
#include "../message.h"


#define RECS_CHECKPOINT  "checkpoint"


typedef enum {
    RECS_CHECKPOINT_LOG = 0,
    RECS_CHECKPOINT_KNOWN,
    RECS_CHECKPOINT_REPORT,
    RECS_CHECKPOINT_PARTS
} recs_checkpoint_e;


typedef struct {
    uint64_t  offset;
    uint64_t  len;
    uint32_t  crc;               /* crc32c */
} recs_checkpoint_part_t;

typedef struct {
    int                     fd;        /* -1: there is none */
    uint32_t                first;     /* file of the log that comes next */
    int64_t                 made_ms;
    recs_checkpoint_part_t  parts[RECS_CHECKPOINT_PARTS];
} recs_checkpoint_t;


/*
 * Opens that of a log.  Where there is none: RECS_OK, fd -1, first 1 and
 * empty parts.  RECS_ERROR: it is damaged.
 */

int recs_checkpoint_open(recs_checkpoint_t *c, const char *dir,
    recs_error_t *e);
void recs_checkpoint_close(recs_checkpoint_t *c);

/* A part, its checksum looked at, to be freed; NULL and 0 for an empty one. */

int recs_checkpoint_read(const recs_checkpoint_t *c, const char *dir,
    recs_checkpoint_e part, void **data, size_t *len, recs_error_t *e);


/*
 * A new one: parts are put in their order, each in as many pieces as it has.
 * Nothing is changed before the commit.  The caller holds the lock of the
 * log.
 */

typedef struct {
    const char        *dir;
    int                dirfd;
    recs_checkpoint_t  c;
    uint64_t           end;
} recs_checkpoint_writer_t;

int recs_checkpoint_create(recs_checkpoint_writer_t *w, const char *dir,
    recs_error_t *e);
int recs_checkpoint_put(recs_checkpoint_writer_t *w, recs_checkpoint_e part,
    const void *data, size_t len, recs_error_t *e);

/*
 * Ends it in any case; RECS_ERROR: the one before it stays, but where the
 * last step failed, the fsync of the directory: there the new one is in its
 * place already, and a power cut may bring the old one back.
 */

int recs_checkpoint_commit(recs_checkpoint_writer_t *w, uint32_t first,
    int64_t made_ms, recs_error_t *e);
void recs_checkpoint_abort(recs_checkpoint_writer_t *w);


#endif /* _RECS_BUILDER_CHECKPOINT_H_INCLUDED_ */
