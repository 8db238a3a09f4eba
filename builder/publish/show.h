/*
 * Copyright (C) recs authors
 *
 * The values of a snapshot as JSON lines, for inspect.
 */

#ifndef _RECS_BUILDER_SHOW_H_INCLUDED_
#define _RECS_BUILDER_SHOW_H_INCLUDED_


#include "../../core/recs_out.h"
#include "../../core/snapshot/recs_snapshot.h"
#include "../message.h"


typedef struct {
    const recs_snapshot_t  *s;
    uint8_t                *memory;
    recs_out_t              out;
} recs_show_t;


void recs_show_init(recs_show_t *show, const recs_snapshot_t *s);
void recs_show_done(recs_show_t *show);

/* Writes the line to standard output and begins the next. */

int recs_show_line(recs_show_t *show, recs_error_t *err);

/* "name": before a value; the comma is written where it is not the first. */

void recs_show_name(recs_show_t *show, const char *name);
void recs_show_u64(recs_show_t *show, const char *name, uint64_t n);
void recs_show_i64(recs_show_t *show, const char *name, int64_t n);
void recs_show_hex(recs_show_t *show, const char *name, uint64_t n);
void recs_show_text(recs_show_t *show, const char *name, const void *data,
    size_t len);

/* "productId":"..." */

void recs_show_product(recs_show_t *show, recs_item_t item);

/* The value of a column as a member of its name. */

void recs_show_column(recs_show_t *show, recs_column_e which, uint32_t row);

/* All entries of a row, one line each. */

int recs_show_list(recs_show_t *show, recs_list_e which, uint32_t row,
    recs_error_t *err);

/*
 * The report: its head, a line each cell, a line each text; or the line of a
 * text alone, by its name, or of the head.
 */

int recs_show_report(recs_show_t *show, recs_error_t *err);
int recs_show_report_text(recs_show_t *show, const char *name,
    recs_error_t *err);
int recs_show_report_head(recs_show_t *show, recs_error_t *err);

/* A number with a fraction. */

void recs_show_float(recs_show_t *show, const char *name, double n);

/* The text of a row of a list of bytes. */

recs_str_t recs_show_string(const recs_snapshot_t *s, recs_list_e which,
    uint32_t row);


#endif /* _RECS_BUILDER_SHOW_H_INCLUDED_ */
