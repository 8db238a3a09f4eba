/*
 * Copyright (C) recs authors
 *
 * What we name is hashed by XXH3 (key64); frames are checked by CRC32C.
 */

#ifndef _RECS_HASH_H_INCLUDED_
#define _RECS_HASH_H_INCLUDED_


#include "recs_types.h"


/*
 * The 64-bit key of a product, category path, brand or shop: XXH3-64 of its
 * bytes, seed 0.  Two products with one key refuse the build.
 */

uint64_t recs_key64(const void *data, size_t len);

/*
 * The key of a search as people type it: capital letters of ASCII, blanks at
 * the ends and runs of them do not count.  Of more than RECS_SEARCH_MAX bytes
 * the rest does not either.  0: there is nothing in it.
 */

#define RECS_SEARCH_MAX  256

uint64_t recs_key64_search(const void *text, size_t len);

/*
 * The key of a tag, or of an attribute and its value ("name=value"): capital
 * letters of ASCII do not count.  More than RECS_SEARCH_MAX bytes do not
 * either.
 */

uint64_t recs_key64_tag(const void *text, size_t len);

/*
 * CRC32C (Castagnoli, RFC 3720 B.4) of "len" bytes; pass the previous value
 * to go on with, 0 to begin.  Uses SSE4.2 where the processor has it.
 */

uint32_t recs_crc32c(uint32_t crc, const void *data, size_t len);


#endif /* _RECS_HASH_H_INCLUDED_ */
