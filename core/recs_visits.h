/*
 * Copyright (C) recs authors
 *
 * Live sessions and users in memory that processes share: a table of sets of
 * RECS_VISITS_WAYS records of fixed size.  Nothing is allocated, nobody waits
 * for a lock, and whoever is killed in the middle of a change costs the one
 * record that was being changed.
 *
 * A record is known by a shop and 16 bytes of identity.  These are an HMAC
 * under a key that no stranger has, so that their own bytes choose the set:
 * nobody can aim at one.  In a full set a CLOCK's hand finds the record that
 * was not used since it last came by.
 *
 * Readers copy a record and look at its sequence before and after: odd, or
 * another one, and they try again, RECS_VISITS_READS times, then go on
 * without.  A writer claims the set by compare-and-swap on its owner, makes
 * the sequence odd, writes, makes it even, and gives the set back: a
 * microsecond in all.  Of an owner that is gone, or has held a set for
 * RECS_VISITS_HELD seconds (its number is another process's by now), the set
 * is taken over; a record whose sequence is odd then is reset.  Claims are of
 * sets rather than of records so that two processes cannot make two records
 * of one session.
 *
 * Behind the sets there is a bit for each that was ever claimed: whoever looks
 * at all of them leaves memory alone that nobody has used.
 */

#ifndef _RECS_VISITS_H_INCLUDED_
#define _RECS_VISITS_H_INCLUDED_


#include "recs_visit.h"


#define RECS_VISITS_WAYS     8
#define RECS_VISITS_READS    64      /* tries of a reader */
#define RECS_VISITS_CLAIMS   2048    /* tries of a writer */
#define RECS_VISITS_HELD     10      /* seconds */


typedef struct recs_visits_s  recs_visits_t;


/* What a process has seen happen; the caller may take it and set it to 0. */

typedef enum {
    RECS_VISITS_EVICTED = 0,         /* for want of room */
    RECS_VISITS_RESET,               /* its writer was gone */
    RECS_VISITS_RETRIES,             /* of readers and writers */
    RECS_VISITS_CONFLICTS,           /* that had to go on without */
    RECS_VISITS_COUNTERS
} recs_visits_counter_e;


/*
 * Whether the process of an owner is gone.  Asked only where a set is held by
 * another one.
 */

typedef unsigned (*recs_visits_gone_pt)(uint64_t owner);


/* A process that uses a table. */

typedef struct {
    recs_visits_t        *table;
    uint64_t              owner;     /* not 0, unlike every other process's,
                                        also one of the same number before */
    recs_visits_gone_pt   gone;
    uint32_t              now;       /* seconds, kept up by the caller */
    uint64_t              counts[RECS_VISITS_COUNTERS];
    void                 *set;       /* that is claimed */
    void                 *record;    /* that is being written */
} recs_visits_user_t;


/* Who a record is of. */

typedef struct {
    uint64_t       shop;             /* key64 of its name */
    const uint8_t *id;               /* 16 bytes, not all zeros */
} recs_visits_key_t;


/*
 * Makes a table of zeroed memory, of as many sets as fit into "size" bytes;
 * RECS_DECLINED where not one does.  Aligned to a cache line.
 */

int recs_visits_create(recs_visits_t *table, size_t size);

/* Whether there is one, made by a program that lays it out like this one. */

unsigned recs_visits_valid(const recs_visits_t *table);

/*
 * Copies a record.  RECS_OK, RECS_DECLINED: there is none, RECS_AGAIN: it is
 * being written all the time.
 */

int recs_visits_get(recs_visits_user_t *u, const recs_visits_key_t *key,
    recs_visit_t *visit);

/* A key will be asked for: memory that takes time is asked for now. */

void recs_visits_expect(recs_visits_user_t *u, const recs_visits_key_t *key);

/*
 * The record of a key to be written in place, between this and
 * recs_visits_end(); made (all zeros but for the version) where there is
 * none.  NULL: others hold the set.  recs_visits_drop() ends it, too, and
 * leaves nothing of the record.
 */

recs_visit_t *recs_visits_begin(recs_visits_user_t *u,
    const recs_visits_key_t *key);
void recs_visits_end(recs_visits_user_t *u);
void recs_visits_drop(recs_visits_user_t *u);

/* Removes a record; whether there was one. */

unsigned recs_visits_remove(recs_visits_user_t *u,
    const recs_visits_key_t *key);


/*
 * Forgets users: removes their records, and those of the sessions that are
 * theirs.  Looks at "sets" sets that are in use, from *from on, which it moves
 * on; RECS_OK: that was the last one, RECS_AGAIN: there are more, RECS_BUSY: a
 * set is held by others and is to be looked at again in a while.  "gone" is
 * called for each record that was removed.  What happens in sets behind *from
 * meanwhile belongs to whoever let it happen.
 */

#define RECS_VISITS_USERS  4           /* RECS_KEYS_MAX: one person's */

typedef struct {
    uint64_t       shop;
    unsigned       count;
    uint8_t        users[RECS_VISITS_USERS][16];
    void         (*gone)(void *ctx, const recs_visits_key_t *key);
    void          *ctx;
} recs_visits_whose_t;

int recs_visits_forget(recs_visits_user_t *u,
    const recs_visits_whose_t *whose, uint64_t *from, uint64_t sets);


/* Records that there are, and that there is room for. */

uint64_t recs_visits_count(const recs_visits_t *table);
uint64_t recs_visits_room(const recs_visits_t *table);

/*
 * Calls "visit" for a copy of each record, and counts those in the middle of
 * a change and the sets that are held.  For tests and for whoever looks for
 * an error: it reads the whole table.
 */

typedef struct {
    uint64_t  records;
    uint64_t  held;                  /* sets */
    uint64_t  broken;                /* sequences that stay odd */
} recs_visits_report_t;

typedef void (*recs_visits_each_pt)(void *ctx, const recs_visit_t *visit);

void recs_visits_each(recs_visits_user_t *u, recs_visits_each_pt each,
    void *ctx, recs_visits_report_t *report);


#endif /* _RECS_VISITS_H_INCLUDED_ */
