/*
 * Copyright (C) recs authors
 *
 * Why lines were quarantined, counted by reason.  Reasons are texts of the
 * program with the name of a field; what does not fit into the table any
 * more is counted under the last row, "other", so that a monitoring system
 * never has more series than that.
 */

#ifndef _RECS_BUILDER_REASONS_H_INCLUDED_
#define _RECS_BUILDER_REASONS_H_INCLUDED_


#include <stdint.h>


#define RECS_REASONS_MAX   32
#define RECS_REASON_TEXT   96       /* with its NUL; longer ones are cut */


typedef struct {
    char      text[RECS_REASON_TEXT];
    uint64_t  count;
} recs_reason_t;

typedef struct {
    unsigned       count;
    recs_reason_t  rows[RECS_REASONS_MAX];
} recs_reasons_t;


/* Counts "n" lines; "reasons" may be NULL. */

void recs_reasons_add(recs_reasons_t *reasons, const char *text, uint64_t n);


#endif /* _RECS_BUILDER_REASONS_H_INCLUDED_ */
