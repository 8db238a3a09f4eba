/*
 * Copyright (C) recs authors
 *
 * A published file on its way into use.
 */

#ifndef _NGX_HTTP_RECS_VERIFY_H_INCLUDED_
#define _NGX_HTTP_RECS_VERIFY_H_INCLUDED_


#include "ngx_http_recs_snapshot.h"


struct ngx_http_recs_check_s {
    ngx_thread_task_t         task;
    ngx_event_t               timer;
    ngx_http_recs_source_t   *source;
    ngx_http_recs_verdict_t  *verdict;
    ngx_http_recs_file_t      file;
    recs_manifest_t           manifest;
    recs_manifest_hash_t     *hash;
    ngx_uint_t                claimed;    /* ours to hash */
    recs_snapshot_t          *snapshot;
    const char               *err;
    ngx_uint_t                told;       /* another worker reports it */
    int                       fd;
};


/*
 * ngx_http_recs_check.c: the descriptor is taken over unless it fails;
 * whether a snapshot that was mapped is what its name and its use say, else
 * check->err; it is brought into use; the end of a check, good or bad, which
 * frees it.
 */

ngx_http_recs_check_t *ngx_http_recs_check_create(
    ngx_http_recs_source_t *source, int fd, recs_manifest_t *manifest);
ngx_int_t ngx_http_recs_check_kind(ngx_http_recs_check_t *check);
ngx_int_t ngx_http_recs_check_use(ngx_http_recs_check_t *check);
void ngx_http_recs_check_done(ngx_http_recs_check_t *check);

/*
 * Hashes, reads ahead and maps in a thread; ngx_http_recs_verify_wait() does
 * so in this process, as long as that takes no longer than a minute.  Both
 * end in ngx_http_recs_check_done() with a snapshot, an error, or neither
 * where the process is about to end.
 */

void ngx_http_recs_verify(ngx_http_recs_check_t *check);
void ngx_http_recs_verify_wait(ngx_http_recs_check_t *check);

/* Whether the process is about to end; also asked in threads. */

ngx_uint_t ngx_http_recs_verify_stop(void);

/*
 * Of a process that was just started: what the workers before it used; and,
 * where what is published is refused, the newest of the others that is good.
 */

void ngx_http_recs_older_used(ngx_http_recs_source_t *source);
void ngx_http_recs_older(ngx_http_recs_source_t *source);


#endif /* _NGX_HTTP_RECS_VERIFY_H_INCLUDED_ */
