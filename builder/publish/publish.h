/*
 * Copyright (C) recs authors
 *
 * Snapshots on disk: write, gate, publish, keep, roll back, look at.
 */

#ifndef _RECS_BUILDER_PUBLISH_H_INCLUDED_
#define _RECS_BUILDER_PUBLISH_H_INCLUDED_


#include "../../core/snapshot/recs_manifest.h"
#include "../model/model.h"


/*
 * The writer: the only file of the builder that knows LMDB.  Values are
 * handed over in any order and copied; close() sorts them, writes the file
 * with MDB_APPEND, and fsyncs it.  Nothing else may touch the file then.
 */

typedef struct recs_writer_s  recs_writer_t;

recs_writer_t *recs_writer_open(const char *path, recs_error_t *err);

/* A whole column of its domain's rows, or a list. */

int recs_writer_column(recs_writer_t *w, recs_column_e which,
    const void *values, uint32_t rows, recs_error_t *err);
int recs_writer_list(recs_writer_t *w, recs_list_e which,
    const recs_model_list_t *list, recs_error_t *err);

/* All columns that were not given, zeros; the header has the rows. */

int recs_writer_rest(recs_writer_t *w, const recs_format_header_t *header,
    recs_error_t *err);

int recs_writer_put(recs_writer_t *w, const uint8_t *key, size_t key_len,
    const void *value, size_t len, recs_error_t *err);

/*
 * For what is made again within seconds: close() does not fsync and shows no
 * progress.
 */

void recs_writer_fast(recs_writer_t *w);

/* Smaller chunks than RECS_FORMAT_CHUNK_MAX, for tests. */

void recs_writer_chunk_max(recs_writer_t *w, size_t max);

/*
 * Completes the header (magic, version, id, shifts; rows must be there),
 * puts it, writes and fsyncs the file, mode 0444.  Every column must have
 * been given; a list that was not is empty.  The writer is gone afterwards,
 * on an error with its file.
 */

int recs_writer_close(recs_writer_t *w, recs_format_header_t *header,
    recs_error_t *err);
void recs_writer_abort(recs_writer_t *w);


/*
 * Builds all models of a dataset and publishes them in config->out: write
 * .tmp-snapshot, gates against the current manifest, SHA-256, verify with
 * core/, manifest, rename, fsync of the directory, move "current" (unless
 * pinned), remove what retention does not keep.  The caller holds
 * recs_publish_lock().  "positions" is JSON text of
 * the consumed positions for the manifest, or NULL.  On success *id is the
 * new id.  A failure leaves "current" as it was and no half file behind; the
 * leftovers of a killed run are collected by the next.
 */

int recs_publish(const recs_dataset_t *d, const recs_config_t *config,
    const char *positions, uint64_t *id, recs_error_t *err);

/*
 * A hot layer (core/snapshot/recs_hot.h): its items, categories and regions
 * as a dataset of their own, and its lists by their place in
 * recs_publish_hot_lists[].
 */

#define RECS_PUBLISH_HOT  4

typedef struct {
    const recs_dataset_t  *d;
    uint64_t               base;       /* id of the base it goes with */
    uint64_t               events;     /* that are counted in it */
    const recs_cells_t    *report;     /* NULL: none */
    recs_model_list_t      lists[RECS_PUBLISH_HOT];
} recs_publish_hot_t;

extern const recs_list_e  recs_publish_hot_lists[RECS_PUBLISH_HOT];

/*
 * The same steps into config->hot, without gates, as no layer is like the one
 * before, and without fsync, as the next one comes within seconds: a machine
 * that loses power has a file that the check of a worker refuses.
 */

int recs_publish_hot(const recs_publish_hot_t *hot,
    const recs_config_t *config, uint64_t *id, recs_error_t *err);

/*
 * Exactly one builder per directory: RECS_AGAIN for the second, which exits
 * with status 75.  Closing *fd ends it.
 */

int recs_publish_lock(const char *dir, int *fd, recs_error_t *err);


/*
 * Rolls back to "id" (0: the one before the current) and pins it, or, with
 * "release", unpins and goes to the newest good one.  Verifies the file
 * before it is made current.
 */

int recs_rollback(const char *dir, uint64_t id, int release,
    recs_error_t *err);


/*
 * For verify, inspect and status; PATH is a snapshot or a directory, whose
 * current one is taken.  The answer goes to standard output: of inspect JSON
 * lines, of status a table or, by recs_status_json(), one JSON object.
 *
 * KEY is NULL (the header, the metadata, a line each column and list) or
 * product:ID, category:PATH, brand:NAME, tag:NAME, user:HEX (32 digits),
 * list:NAME, list:NAME:CATEGORY, of seasonal list:NAME:WEEK, of a list by
 * region or segment its name, report for the head, the cells and the texts
 * of the report, or report:NAME for one text.
 */

int recs_verify(const char *path, recs_error_t *err);
int recs_inspect(const char *path, const char *key, recs_error_t *err);
int recs_status(const char *dir, recs_error_t *err);
int recs_status_json(const char *dir, recs_error_t *err);


#endif /* _RECS_BUILDER_PUBLISH_H_INCLUDED_ */
