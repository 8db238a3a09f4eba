/*
 * Copyright (C) recs authors
 *
 * Where a visitor may be sent: what a catalogue says is an address is the
 * work of strangers as often as not.
 */

#ifndef _RECS_LOCATION_H_INCLUDED_
#define _RECS_LOCATION_H_INCLUDED_


#include "recs_out.h"


#define RECS_LOCATION_MAX   2048     /* bytes of an address */
#define RECS_LOCATION_MORE  3        /* most bytes that one byte becomes */


typedef struct {
    recs_str_t  name;            /* "shop.example" */
    uint32_t    port;            /* 0: that of the scheme */
} recs_host_t;


/*
 * "NAME" or "NAME:PORT": letters, digits, "-", "_" and dots between.
 * RECS_ERROR: anything else, IPv6 too.
 */

int recs_host_parse(recs_host_t *host, const recs_str_t *text);

/*
 * Writes an address as a header Location may have it, blanks and bytes beyond
 * ASCII percent-encoded.  RECS_ERROR, and nothing is written: it is neither
 *
 *   a path   "/" and no "//" before a "?" or "#", nor
 *   a URL    "http://" or "https://", one of the hosts (capital letters do not
 *            matter; no user, no other port) and whatever follows it,
 *
 * or it has a control character or a backslash, or blanks around it: browsers
 * take them out, or for something else.
 */

int recs_location(const recs_str_t *url, const recs_host_t *hosts, size_t n,
    recs_out_t *out);


#endif /* _RECS_LOCATION_H_INCLUDED_ */
