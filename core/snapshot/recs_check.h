/*
 * Copyright (C) recs authors
 *
 * The checks that let a reader use a snapshot in place: once these have
 * passed, no access through recs_snapshot.h can leave the map.  They know
 * bytes only, not LMDB.  Each returns NULL, or the reason as a static string.
 */

#ifndef _RECS_CHECK_H_INCLUDED_
#define _RECS_CHECK_H_INCLUDED_


#include "recs_format.h"


/* The first two pages of the file, 2 * RECS_FORMAT_PAGE bytes. */

const char *recs_check_pages(const uint8_t *data, uint64_t file_size);

/* The value of 'H': copied into *header, its numbers consistent. */

const char *recs_check_header(const uint8_t *data, size_t size,
    recs_format_header_t *header);

/*
 * One chunk of a column: "rows" values from row "first" on.  "used" counts
 * slots that are taken, over all chunks of RECS_COLUMN_SLOT.
 */

const char *recs_check_column(const recs_format_header_t *header,
    recs_column_e which, const uint8_t *data, size_t size, uint32_t first,
    uint32_t rows, uint32_t *used);

/* One chunk of a list, "rows" rows. */

const char *recs_check_list(const recs_format_header_t *header,
    recs_list_e which, const uint8_t *data, size_t size, uint32_t rows);


#endif /* _RECS_CHECK_H_INCLUDED_ */
