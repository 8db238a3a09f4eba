/*
 * Copyright (C) recs authors
 *
 * Metadata and whatever else must be able to grow: msgpack, shown as JSON.
 */

#ifndef _RECS_META_H_INCLUDED_
#define _RECS_META_H_INCLUDED_


#include "../recs_out.h"


#define RECS_META_DEPTH  16


/*
 * Writes one msgpack value as JSON.  RECS_ERROR where it is not one, or
 * deeper than RECS_META_DEPTH, or has keys that are no strings; what was
 * written then is of no use.  Trusts nothing and allocates nothing.
 */

int recs_meta_json(const recs_str_t *value, recs_out_t *out);


#endif /* _RECS_META_H_INCLUDED_ */
