/*
 * Copyright (C) recs authors
 *
 * An answer as MessagePack: that of the JSON text, value by value, so that
 * both say the same by construction.  Objects become maps, integers integers,
 * decimals float64, each in its shortest form.
 */

#ifndef _RECS_MSGPACK_H_INCLUDED_
#define _RECS_MSGPACK_H_INCLUDED_


#include "../recs_json.h"


/* A bound of what recs_msgpack() writes for so many bytes of JSON. */

#define recs_msgpack_size(len)  (3 * (len) + 16)

/* RECS_ERROR where it does not fit or is deeper than RECS_JSON_DEPTH. */

int recs_msgpack(const recs_str_t *json, recs_out_t *out);


#endif /* _RECS_MSGPACK_H_INCLUDED_ */
