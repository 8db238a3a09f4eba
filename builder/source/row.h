/*
 * Copyright (C) recs authors
 *
 * What the readers of formats share: a row becomes an event that is checked,
 * or is quarantined.  Inside of builder/source/ only.
 */

#ifndef _RECS_BUILDER_ROW_H_INCLUDED_
#define _RECS_BUILDER_ROW_H_INCLUDED_


#include "../../core/event/recs_event_json.h"
#include "../data/catalog.h"
#include "input.h"
#include "source.h"


/* Where a row stands and what it looks like. */

typedef struct {
    recs_input_t  *in;
    uint64_t       line;
    uint64_t       lines;        /* it spans */
    recs_str_t     text;
} recs_row_t;


typedef struct recs_quarantine_s  recs_quarantine_t;

typedef struct {
    recs_quarantine_t   *quarantine;
    recs_catalog_t      *catalog;
    uint64_t             rows;       /* since progress was last told */
    recs_event_t         event;
    recs_product_row_t   product;
    recs_user_row_t      user;
    uint8_t              document[RECS_CATALOG_USER_MAX];
} recs_source_private_t;


/*
 * Makes a parsed event complete: checked, with a time, its ids turned into
 * identities.  May run in any thread for an activity, as it changes but the
 * event; a document needs the catalogue's parser.  RECS_ERROR with *reason,
 * and *field or NULL.
 */

int recs_row_complete(const recs_source_t *source, recs_event_t *e,
    const recs_row_t *row, const char **field, const char **reason);

/* Hands a complete event on and counts it. */

int recs_row_sink(recs_source_t *source, const recs_event_t *e,
    recs_error_t *err);


/*
 * All of these: RECS_OK also where the row was bad, which is counted and
 * quarantined; RECS_ERROR where the run must end.
 */

/* Both of the above. */

int recs_row_event(recs_source_t *source, recs_event_t *e,
    const recs_row_t *row, recs_error_t *err);

/* JSON text of an event or an array of them, a product or a user. */

int recs_row_json(recs_source_t *source, recs_file_e kind,
    const recs_str_t *json, const recs_row_t *row, recs_error_t *err);

/* The events of a JSON text that was opened; closes it. */

int recs_row_array(recs_source_t *source, recs_event_json_t *json,
    size_t count, const recs_row_t *row, recs_error_t *err);

int recs_row_bad(recs_source_t *source, const recs_row_t *row,
    const char *field, const char *reason, recs_error_t *err);

/* Counts a row's lines and tells the progress now and then. */

void recs_row_count(recs_source_t *source, const recs_row_t *row);


/* The formats. */

int recs_jsonl_read(recs_source_t *source, recs_input_t *in,
    recs_file_e kind, recs_error_t *err);
int recs_csv_read(recs_source_t *source, recs_input_t *in, recs_file_e kind,
    recs_error_t *err);


/* The file is made with the first bad line. */

recs_quarantine_t *recs_quarantine_create(const char *path);
void recs_quarantine_put(recs_quarantine_t *q, const char *file,
    uint64_t line, const char *reason, const recs_str_t *text);
void recs_quarantine_destroy(recs_quarantine_t *q);


#endif /* _RECS_BUILDER_ROW_H_INCLUDED_ */
