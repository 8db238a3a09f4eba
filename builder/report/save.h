/*
 * Copyright (C) recs authors
 *
 * The head of a saved report; little-endian, like all that follows it.
 */

#ifndef _RECS_BUILDER_REPORT_SAVE_H_INCLUDED_
#define _RECS_BUILDER_REPORT_SAVE_H_INCLUDED_


#include "private.h"


/* The last digit is that of the layout: other ones are not read. */

#define RECS_SAVE_MAGIC  "recsrep8"

typedef struct {
    uint8_t   magic[8];
    uint64_t  len;               /* of all */
    uint64_t  hash;              /* key64 of what is behind the head */
    uint64_t  shop;
    int64_t   click_ms;
    int64_t   view_ms;
    int64_t   refund_ms;
    int64_t   now_ms;
    uint32_t  folded;
    uint32_t  swept;
    uint32_t  attribution;
    uint32_t  reserved;
} recs_save_head_t;


/* What must be as it was; the rest is 0. */

void recs_report_head(const recs_report_t *r, recs_save_head_t *head);


#endif /* _RECS_BUILDER_REPORT_SAVE_H_INCLUDED_ */
