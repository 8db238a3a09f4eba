/*
 * Copyright (C) recs authors
 *
 * What a request says about a client, reduced to what may be kept.
 */

#ifndef _RECS_CLIENT_H_INCLUDED_
#define _RECS_CLIENT_H_INCLUDED_


#include "recs_event.h"


/* The class of a device from a User-Agent (and Sec-CH-UA-Mobile "?1"). */

recs_device_e recs_client_device(const recs_str_t *user_agent);

/* The family of a browser, a static string: "chrome", "safari", "other". */

recs_str_t recs_client_browser(const recs_str_t *user_agent);

/*
 * An address cut to /24 (IPv4) or /48 (IPv6) as text into buf (64 bytes);
 * empty where the text is no address.
 */

recs_str_t recs_client_address(const recs_str_t *address, uint8_t *buf);

/* A URL without query and fragment, in place. */

recs_str_t recs_client_url(const recs_str_t *url);

/* The name of a device class, and back (RECS_DEVICE_UNKNOWN). */

recs_str_t recs_device_name(recs_device_e device);
recs_device_e recs_device_find(const recs_str_t *name);


#endif /* _RECS_CLIENT_H_INCLUDED_ */
