/*
 * Copyright (C) recs authors
 *
 * From a question to an answer, for whoever sends it: a request of its own,
 * one of a batch, a variable.  In this order:
 *
 *     init, [the question], prepare, list, render, count, expose
 */

#ifndef _NGX_HTTP_RECS_ANSWER_H_INCLUDED_
#define _NGX_HTTP_RECS_ANSWER_H_INCLUDED_


#include "ngx_http_recs_form.h"
#include "ngx_http_recs_snapshot.h"


typedef struct {
    ngx_http_recs_main_conf_t  *rmcf;
    ngx_http_recs_ctx_t        *ctx;       /* what is told of it */
    ngx_http_recs_view_t       *view;
    ngx_uint_t                  canary;    /* there is one */
    ngx_uint_t                  result;    /* NGX_HTTP_RECS_HIT, ... */
    uint64_t                    start;     /* ns */
    uint64_t                    id;        /* hash, or sequence */
    ngx_http_recs_form_t        form;
    ngx_uint_t                  linked;    /* items have a clickUrl */
    recs_links_t                links;
    ngx_http_recs_question_t    question;
    recs_answer_t               list;
} ngx_http_recs_answer_t;


/* Nothing is asked or answered yet; "start" is ngx_http_recs_clock(). */

void ngx_http_recs_answer_init(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a, ngx_http_recs_ctx_t *ctx, uint64_t start);

/*
 * With the question: pins the view, finds who asks, and names the answer.
 * NGX_OK, NGX_DECLINED with *refusal, or an error code.
 */

ngx_int_t ngx_http_recs_answer_prepare(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a, ngx_http_recs_refusal_t *refusal);

/* The refusal where there is no snapshot. */

void ngx_http_recs_answer_missing(ngx_http_recs_refusal_t *refusal);

/* Finds the list, and sets a->result. */

void ngx_http_recs_answer_list(ngx_http_recs_answer_t *a);

/* Keeps its items for the variables.  NGX_ERROR: no memory. */

ngx_int_t ngx_http_recs_answer_keep(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a);

/* The list as JSON in the request's memory; NGX_ERROR: there is none. */

ngx_int_t ngx_http_recs_answer_render(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a, recs_str_t *json);

/* The same in the caller's memory; RECS_ERROR where it does not fit. */

int ngx_http_recs_answer_write(ngx_http_recs_answer_t *a, recs_out_t *out);

/* A bound of what that is. */

size_t ngx_http_recs_answer_size(ngx_http_recs_answer_t *a);

/* The refusal in place of a list. */

void ngx_http_recs_answer_refuse(ngx_http_recs_answer_t *a,
    const ngx_http_recs_refusal_t *refusal);

/* Counts a->result, in the zone and for the variables. */

void ngx_http_recs_answer_count(ngx_http_recs_answer_t *a);

/* Journals that it was shown, unless to a HEAD. */

void ngx_http_recs_answer_expose(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a);

/* Nanoseconds of a clock that only runs forward; no system call. */

uint64_t ngx_http_recs_clock(void);


#endif /* _NGX_HTTP_RECS_ANSWER_H_INCLUDED_ */
