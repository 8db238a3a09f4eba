/*
 * Copyright (C) recs authors
 *
 * From path and arguments of a request to a question.
 */

#ifndef _NGX_HTTP_RECS_QUESTION_H_INCLUDED_
#define _NGX_HTTP_RECS_QUESTION_H_INCLUDED_


#include "ngx_http_recs_args.h"


typedef struct {
    ngx_uint_t            status;      /* why it is refused: of HTTP */
    const char           *code;
    const char           *detail;
    ngx_str_t             name;        /* of the argument, or empty */
} ngx_http_recs_refusal_t;


typedef struct {
    recs_query_t          query;
    ngx_http_recs_args_t  args;
    ngx_uint_t            private;     /* no shared cache may keep it */
    ngx_uint_t            live;        /* it depends on who asks, lately */
    int64_t               until;       /* epoch ms, rules change then */
    ngx_str_t             variant;
} ngx_http_recs_question_t;


/* After init(): NGX_OK, NGX_ERROR (500), or NGX_DECLINED with *refusal. */

ngx_int_t ngx_http_recs_question(ngx_http_request_t *r,
    ngx_http_recs_question_t *q, ngx_http_recs_refusal_t *refusal);

/* Nothing is asked for yet. */

void ngx_http_recs_question_init(ngx_http_recs_question_t *q);

/*
 * What follows the name of the location, a path and what is behind it; data
 * is NULL where there is none.  NGX_DECLINED: it is no path.
 */

ngx_int_t ngx_http_recs_question_path(ngx_http_request_t *r, ngx_str_t *path,
    ngx_str_t *product);

/*
 * Its two halves, for questions that come otherwise: q->args from the text of
 * a query string; all the rest from q->args, the path below the location
 * ("similar" or empty) and what is behind it, which is decoded.
 */

ngx_int_t ngx_http_recs_question_args(ngx_pool_t *pool,
    const ngx_str_t *text, ngx_http_recs_question_t *q,
    ngx_http_recs_refusal_t *refusal);

ngx_int_t ngx_http_recs_question_of(ngx_http_request_t *r,
    ngx_http_recs_question_t *q, ngx_str_t *path, ngx_str_t *product,
    ngx_http_recs_refusal_t *refusal);

/*
 * Its part about filters and the order, from q->args.  The asker's own region
 * (recs_region) counts where the answer is private anyway: what is not in the
 * URL must not end up in a shared cache.
 */

ngx_int_t ngx_http_recs_filter(ngx_http_request_t *r,
    ngx_http_recs_question_t *q, ngx_http_recs_refusal_t *refusal);

/* Sets the asker's own region. */

ngx_int_t ngx_http_recs_filter_region(ngx_http_request_t *r,
    ngx_http_complex_value_t *region, ngx_http_recs_question_t *q);

/*
 * Its part about rules, as soon as the snapshot is known: whether the answer
 * is private, and what the clock changes.  NGX_ERROR: no memory.
 */

ngx_int_t ngx_http_recs_rules(ngx_http_request_t *r,
    ngx_http_recs_question_t *q, const recs_rules_t *rules);


/* recs_limit DEFAULT [max=N]; recs_similar_weights, five numbers. */

char *ngx_http_recs_limit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_recs_similar_weights(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _NGX_HTTP_RECS_QUESTION_H_INCLUDED_ */
