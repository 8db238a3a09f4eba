/*
 * Copyright (C) recs authors
 *
 * The manifest of a snapshot and the check that guards every worker.  The
 * builder's verify calls the very same functions.
 *
 * A directory holds snap-<id>.mdb, snap-<id>.json (the manifest), "current"
 * (a symbolic link to the bare name of a .mdb), "key", and, while an
 * operator has rolled back, "pinned" (the id in one line).
 *
 * The id is a hash of what the snapshot holds: the same input and parameters
 * give the same bytes, the same id and the same file name.  The order in
 * which snapshots came is "generation", a number that only the manifest has:
 * each publish takes the highest of the directory plus one.  A build that
 * gives a snapshot which is already there writes its manifest anew.
 */

#ifndef _RECS_MANIFEST_H_INCLUDED_
#define _RECS_MANIFEST_H_INCLUDED_


#include "../recs_types.h"


#define RECS_MANIFEST_MAX    (1 << 20)     /* bytes */
#define RECS_NAME_MAX        64            /* of snap-<id>.mdb with its NUL */
#define RECS_SHA256_SIZE     32

/* How much recs_manifest_hash() reads a call. */
#define RECS_HASH_SLICE      (4u << 20)


typedef struct {
    uint64_t  id;                /* 16 hexadecimal digits in JSON */
    uint64_t  generation;        /* order of publishing, from 1 */
    uint32_t  format;            /* RECS_FORMAT_VERSION */
    uint64_t  size;              /* bytes of the .mdb */
    uint8_t   sha256[RECS_SHA256_SIZE];
    int64_t   created_ms;        /* "created": the clock of the build */
    uint64_t  items;
    uint64_t  listed;            /* of them, those that may be shown */
    uint64_t  events;
    uint64_t  lists;             /* rows of lists that are not empty */
} recs_manifest_t;


/*
 * Reads the manifest from JSON text: strict, duplicate keys and missing
 * members refused, unknown members ignored.  RECS_ERROR with *err.
 */

int recs_manifest_parse(recs_manifest_t *m, const uint8_t *data, size_t len,
    const char **err);

/* "snap-<16 hex digits>.mdb" into id; RECS_ERROR where it is another name. */

int recs_manifest_name(const char *name, size_t len, uint64_t *id);

/*
 * Opens what "current" in directory "dirfd" points to.  Reads the link with
 * readlinkat, accepts bare names only, opens with O_NOFOLLOW, accepts
 * regular files only that are not writable by group or others, reads the
 * manifest beside it and compares id, format version and size.  On RECS_OK
 * *fd is open (O_RDONLY | O_CLOEXEC) and *m filled.  RECS_DECLINED: there is
 * no "link" (nothing published yet).  RECS_ERROR with *err.
 */

int recs_manifest_open(int dirfd, const char *link, int *fd,
    recs_manifest_t *m, const char **err);

/* The same for a given file name "snap-<id>.mdb". */

int recs_manifest_open_file(int dirfd, const char *name, int *fd,
    recs_manifest_t *m, const char **err);


/*
 * Hashing in slices, for a thread that must be able to stop: begin (NULL: no
 * memory), step until RECS_OK (equal) or RECS_ERROR (differs or cannot be
 * read), which both end it and free it; RECS_AGAIN: call again.
 * recs_manifest_stop() ends it early.
 */

typedef struct recs_manifest_hash_s  recs_manifest_hash_t;

recs_manifest_hash_t *recs_manifest_begin(int fd, const recs_manifest_t *m);
int recs_manifest_step(recs_manifest_hash_t *hash, const char **err);
void recs_manifest_stop(recs_manifest_hash_t *hash);

/* All of it at once, for the builder. */

int recs_manifest_check(int fd, const recs_manifest_t *m, const char **err);

/* SHA-256 of a whole file, for the writer. */

int recs_manifest_sha256(int fd, uint8_t sha256[RECS_SHA256_SIZE]);


#endif /* _RECS_MANIFEST_H_INCLUDED_ */
