/*
 * Copyright (C) recs authors
 *
 * What protocols share: files of a split, read and hashed; rows of products
 * (sessions, users) in memory; events for the sink.  Inside of
 * builder/eval/.
 */

#ifndef _RECS_BUILDER_SPLIT_H_INCLUDED_
#define _RECS_BUILDER_SPLIT_H_INCLUDED_


#include "../memory.h"
#include "../source/input.h"
#include "eval.h"


/* The time of the first event of splits that have no clock. */

#define RECS_SPLIT_EPOCH  INT64_C(1500000000000)


typedef struct {
    const recs_eval_input_t  *in;
    recs_cases_t             *cases;
    recs_error_t             *err;
    void                     *hash;      /* XXH3 state */
    recs_names_t             *products;  /* ids, by number */
    uint64_t                 *keys;      /* key64, by number */
    size_t                    keys_cap;
    recs_event_t              event;
} recs_split_t;

/* end() sets cases->hash and returns rc. */

recs_split_t *recs_split_begin(const recs_eval_input_t *in,
    recs_cases_t *cases, recs_error_t *err);
int recs_split_end(recs_split_t *s, int rc);


/*
 * The path of a file of the split: paths[0] is a directory that has it, or
 * is a file and "name" NULL.  A name that begins with "*" is the end of the
 * file's name.  NULL where there is none (no message); to be freed.
 */

char *recs_split_path(const recs_split_t *s, const char *name);

/* The first of names (NULL ends) that is there, NULL with s->err. */

char *recs_split_choose(const recs_split_t *s, const char *const *names);


/*
 * Reads lines: like recs_input_line(), hashed, without blanks at the end; a
 * blank line is skipped and a line too long is an error.
 */

recs_input_t *recs_split_open(recs_split_t *s, const char *path);
int recs_split_line(recs_split_t *s, recs_input_t *in, recs_str_t *line);

/* A whole file (plain or .gz), hashed and ended by a NUL; NULL with s->err. */

char *recs_split_slurp(recs_split_t *s, const char *path, size_t *len);

/* RECS_ERROR with file and line before "what". */

int recs_split_bad(recs_split_t *s, const recs_input_t *in,
    const char *what);

/* The next word of a line up to a byte of "ends"; 0: there is none. */

unsigned recs_split_word(recs_str_t *line, const char *ends,
    recs_str_t *word);


/* Numbers products by first appearance. */

uint32_t recs_split_product(recs_split_t *s, const recs_str_t *id);


/* Rows of products: users, sessions, baskets. */

typedef struct {
    recs_names_t  *owners;       /* name of row r, NULL: rows are numbered */
    uint32_t       rows;
    uint64_t      *offsets;      /* rows + 1 */
    uint32_t      *products;
    int64_t       *times;        /* ms, NULL: no clock */
    size_t         caps[2];
} recs_split_rows_t;

/* Begins a row; adds to the last one. */

void recs_split_row(recs_split_rows_t *rows);
void recs_split_add(recs_split_rows_t *rows, uint32_t product);
void recs_split_rows_free(recs_split_rows_t *rows);

/*
 * A file of lines "owner product product ...", or, without "owned", of
 * "product product ...".
 */

int recs_split_lines(recs_split_t *s, const char *path, unsigned owned,
    recs_split_rows_t *rows);

/*
 * A table of columns SessionId, ItemId and Time (seconds), in any order: one
 * row a session, the sessions by their end, their products by time, else in
 * the order of the file.
 */

int recs_split_table(recs_split_t *s, const char *path,
    recs_split_rows_t *rows);


/* Who does what: identities, and one event of one product to the sink. */

void recs_split_identity(recs_split_t *s, uint8_t kind,
    const recs_str_t *name, recs_identity_t *identity);

typedef struct {
    uint8_t                 type;          /* RECS_EVENT_* */
    int64_t                 time_ms;
    const recs_identity_t  *user;          /* or NULL */
    const recs_identity_t  *session;       /* or NULL */
    recs_str_t              order;         /* or empty */
    uint32_t                product;
} recs_split_event_t;

int recs_split_event(recs_split_t *s, const recs_split_event_t *what);

/* A row of the catalogue: a product and its JSON text. */

int recs_split_catalogue(recs_split_t *s, uint32_t product,
    const char *json, size_t len);


/* key64 of products, for a case; the copy is valid until the next call. */

typedef struct {
    uint64_t  *keys;
    size_t     cap;
} recs_split_keys_t;

void recs_split_role(recs_split_t *s, recs_case_t *one, recs_case_e role,
    recs_split_keys_t *keys, const uint32_t *products, uint32_t count);


/* The protocols. */

int recs_split_topn(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err);
int recs_split_session(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err);
int recs_split_last(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err);
int recs_split_basket(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err);
int recs_split_temporal(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err);


#endif /* _RECS_BUILDER_SPLIT_H_INCLUDED_ */
