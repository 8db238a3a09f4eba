/*
 * Copyright (C) recs authors
 *
 * From the body of a request to the journal, and the answer.
 */

#ifndef _NGX_HTTP_RECS_INGEST_H_INCLUDED_
#define _NGX_HTTP_RECS_INGEST_H_INCLUDED_


#include "ngx_http_recs_module.h"


/*
 * Journals the events of a body, one object or an array of them, and
 * answers.  Returns what a content handler returns; NGX_DONE: the answer
 * waits for the disk, and the request is finalized then.
 */

ngx_int_t ngx_http_recs_ingest(ngx_http_request_t *r, const ngx_str_t *body,
    ngx_uint_t batch);


#endif /* _NGX_HTTP_RECS_INGEST_H_INCLUDED_ */
