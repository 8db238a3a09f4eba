/*
 * Copyright (C) recs authors
 *
 * A segment of the journal: the file that a worker appends to and that the
 * builder, or whoever adopts it, reads.
 *
 * Name: <epoch, 16 hex>-<number, 8 hex>.<"act" | "exp">.seg.  A journal
 * writer (one per process and class of frames: activities and all else that
 * was acknowledged in "act", lists and exposures in "exp") draws a random
 * epoch; its sequences begin at 1 and have no gap, so that (epoch, sequence)
 * names a frame for ever.
 *
 * The file is preallocated, zeroed: a head of RECS_SEGMENT_HEAD bytes, then
 * frames (recs_event_wire.h).  The writer copies the payload, then the
 * checksum, then stores the length with release order: a reader that loads
 * the length with acquire order sees a whole frame, even after the writer
 * was killed.  Length 0: not written yet.  Length RECS_SEGMENT_END: ended,
 * nothing will follow.  The writer holds flock(LOCK_EX) while it lives.
 * Whoever ends a segment says in its head where it ends, and may cut the
 * file after the end mark: a reader goes by the mark.
 *
 * A segment may be removed when the builder has committed every sequence in
 * it, which the builder says in the file "positions" beside it (without
 * Redis) or in a Redis hash: lines "<epoch, 16 hex> <sequence>", meaning
 * that all sequences up to this one are committed.
 *
 * What is committed stays in a segment that is not full.  When the file
 * "roll" beside it gets another time, later or not, every writer ends the
 * segment it is in: so the builder has somebody's events gone from the journal
 * without writing into what others map.
 */

#ifndef _RECS_SEGMENT_H_INCLUDED_
#define _RECS_SEGMENT_H_INCLUDED_


#include "recs_event_wire.h"


#define RECS_SEGMENT_MAGIC      0x3147455353434552ULL    /* "RECSSEG1" */
#define RECS_SEGMENT_HEAD       64
#define RECS_SEGMENT_END        0xffffffffu
#define RECS_SEGMENT_NAME       40                 /* bytes with the NUL */
#define RECS_SEGMENT_ACTIVITY   1
#define RECS_SEGMENT_EXPOSURE   2


typedef struct {
    uint64_t  magic;
    uint32_t  version;           /* 1 */
    uint32_t  kind;              /* RECS_SEGMENT_ACTIVITY, _EXPOSURE */
    uint64_t  epoch;
    uint64_t  first;             /* sequence of the first frame */
    uint64_t  size;              /* of the file */
    int64_t   created_ms;
    uint64_t  next;              /* sequence after the last one; 0: open */
    uint64_t  reserved;
} recs_segment_head_t;


/* A writer's or reader's place in a mapped segment. */

typedef struct {
    uint8_t   *map;
    size_t     size;
    size_t     offset;           /* of the next frame */
    uint64_t   epoch;
    uint64_t   next;             /* sequence of the next frame */
    uint32_t   kind;
} recs_segment_t;


/* Names. */

void recs_segment_name(char *name, uint64_t epoch, uint32_t number,
    uint32_t kind);
int recs_segment_parse(const char *name, uint64_t *epoch, uint32_t *number,
    uint32_t *kind);

/* Writes the head of a zeroed mapping and begins to write. */

void recs_segment_begin(recs_segment_t *s, uint8_t *map, size_t size,
    uint64_t epoch, uint64_t first, uint32_t kind, int64_t now_ms);

/* Begins to read a mapping; RECS_ERROR with *err where it is no segment. */

int recs_segment_attach(recs_segment_t *s, uint8_t *map, size_t size,
    const char **err);

/*
 * Appends a payload (recs_event_encode() with epoch and s->next) and returns
 * its sequence, 0 where the segment has no room for it.  Always leaves room
 * for the end mark.
 */

uint64_t recs_segment_append(recs_segment_t *s, const void *payload,
    size_t len);

/* Ends a segment. */

void recs_segment_end(recs_segment_t *s);

/*
 * The next frame.  RECS_OK: *payload and *sequence, s has advanced.
 * RECS_AGAIN: nothing more yet.  RECS_DONE: ended or full.  RECS_ERROR with
 * *err: a damaged frame; what follows is lost, s does not advance.
 */

int recs_segment_next(recs_segment_t *s, recs_str_t *payload,
    uint64_t *sequence, const char **err);


#endif /* _RECS_SEGMENT_H_INCLUDED_ */
