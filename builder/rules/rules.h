/*
 * Copyright (C) recs authors
 *
 * The rules file (docs/rules.md): read by libconfuse, checked, and compiled
 * into the value of section 'R' (core/snapshot/recs_rule.h).
 *
 * Whatever is wrong is noted, with its line, and reading goes on, so that one
 * run tells of everything.  Only what libconfuse itself cannot make sense of
 * (a brace that is missing) ends it.
 */

#ifndef _RECS_BUILDER_RULES_H_INCLUDED_
#define _RECS_BUILDER_RULES_H_INCLUDED_


#include "../../core/snapshot/recs_snapshot.h"
#include "../data/dataset.h"
#include "../memory.h"
#include "../message.h"


/* What a rule names. */

typedef enum {
    RECS_NAMES_PRODUCTS = 0,
    RECS_NAMES_CATEGORIES,       /* path by "/", or a leaf that is unique */
    RECS_NAMES_BRANDS,
    RECS_NAMES_TAGS,             /* "tag" or "attribute=value" */
    RECS_NAMES_REGIONS,
    RECS_NAMES_SEGMENTS,
    RECS_NAMES_MAX
} recs_rules_names_e;

typedef struct {
    recs_str_t  *names;
    uint32_t     count;
    int          line;           /* 0: not given */
} recs_rules_names_t;

typedef struct {
    recs_rule_t         rule;                      /* but its spans */
    recs_rules_names_t  names[RECS_NAMES_MAX];
    int                 line;                      /* of its action */
} recs_rules_read_t;

typedef struct {
    int       line;              /* 0: the file as a whole */
    unsigned  error;             /* else a warning */
    char      text[400];
} recs_rules_note_t;

typedef struct {
    const char         *path;
    recs_rules_read_t  *rules;
    size_t              count;
    size_t              cap;
    recs_rules_note_t  *notes;
    size_t              note_count;
    size_t              note_cap;
    uint32_t            errors;
    uint32_t            warnings;
} recs_rules_file_t;


/*
 * Reads a file and checks all that can be without a catalogue: options,
 * values, what an action needs, and rules that contradict each other.
 * RECS_ERROR: it cannot be read at all; else f->errors counts.
 */

int recs_rules_read(recs_rules_file_t *f, const char *path, recs_error_t *e);
void recs_rules_free(recs_rules_file_t *f);

/* Notes a fault or, with "error" 0, a warning. */

void recs_rules_note(recs_rules_file_t *f, unsigned error, int line,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* The rules that cannot go together; part of reading. */

void recs_rules_conflicts(recs_rules_file_t *f);


/*
 * Where names are looked up: a dataset or a snapshot.  The number, or
 * RECS_NONE; of a category *end is the end of its subtree.  Regions and
 * segments have no number: 0 where they are known.
 */

typedef uint32_t (*recs_rules_find_pt)(const void *ctx,
    recs_rules_names_e kind, const recs_str_t *name, uint32_t *end);

typedef struct {
    recs_rules_find_pt   find;
    const void          *ctx;
    void                *own;            /* memory, to be freed */
    void                *memory;
} recs_rules_finder_t;

void recs_rules_in_dataset(recs_rules_finder_t *finder,
    const recs_dataset_t *d);
void recs_rules_in_snapshot(recs_rules_finder_t *finder,
    const recs_snapshot_t *s);
void recs_rules_finder_free(recs_rules_finder_t *finder);

/*
 * The value of section 'R', at least RECS_FORMAT_PAD bytes, to be freed; NULL
 * where no rule is left.  Names that are not known are warned of: a rule for
 * them fits nothing, a pin goes without.
 */

recs_rules_t *recs_rules_compile(recs_rules_file_t *f,
    const recs_rules_finder_t *finder, size_t *size);

/*
 * Pins of products that another rule of the file blocks by their category,
 * brand or tag, in a snapshot; warns.
 */

void recs_rules_blocked_pins(recs_rules_file_t *f, const recs_rules_t *rules,
    const recs_snapshot_t *s);


/*
 * For a build: reads, checks and compiles a file; *rules, to be freed, is NULL
 * where there is none.  Warnings are told, and all errors, the first as *e.
 */

int recs_rules_build(const recs_dataset_t *d, const char *path,
    recs_rules_t **rules, size_t *size, recs_error_t *e);

/* The same but for names, before a build reads anything. */

int recs_rules_ready(const char *path, recs_error_t *e);


#endif /* _RECS_BUILDER_RULES_H_INCLUDED_ */
