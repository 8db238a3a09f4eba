/*
 * Copyright (C) recs authors
 *
 * The form of an answer: JSON, MessagePack or HTML, all members of its items
 * or some.
 */

#ifndef _NGX_HTTP_RECS_FORM_H_INCLUDED_
#define _NGX_HTTP_RECS_FORM_H_INCLUDED_


#include "ngx_http_recs_question.h"
#include "../core/answer/recs_project.h"
#include "../core/answer/recs_template.h"
#include "../core/event/recs_token.h"


#define NGX_HTTP_RECS_FORM_JSON     0
#define NGX_HTTP_RECS_FORM_MSGPACK  1
#define NGX_HTTP_RECS_FORM_HTML     2
#define NGX_HTTP_RECS_FORM_IDS      3     /* of recs_list */


/* A file of recs_template. */

struct ngx_http_recs_template_s {
    ngx_str_t                path;
    uint32_t                 hash;      /* of its text */
    recs_template_t          template;
};


typedef struct {
    ngx_uint_t               format;
    ngx_uint_t               negotiated;   /* by Accept */
    ngx_uint_t               projected;
    uint32_t                 tag;          /* all this and the links, 0:
                                              plain JSON without */
    ngx_http_recs_template_t  *template;   /* of HTML */
    recs_project_t           project;
} ngx_http_recs_form_t;


/*
 * From the arguments "format" and "fields", recs_format and the header
 * Accept, which does not matter to a subrequest.  NGX_OK, or NGX_DECLINED
 * with *refusal.
 */

ngx_int_t ngx_http_recs_form(ngx_http_request_t *r,
    const ngx_http_recs_args_t *args, ngx_http_recs_form_t *form,
    ngx_http_recs_refusal_t *refusal);

/* The "fields" alone: of plain JSON. */

ngx_int_t ngx_http_recs_form_fields(const ngx_http_recs_args_t *args,
    ngx_http_recs_form_t *form, ngx_http_recs_refusal_t *refusal);

/* That its items have links: where they lead, until when, under which key. */

void ngx_http_recs_form_links(ngx_http_recs_form_t *form,
    const recs_links_t *links);

/* The template of HTML; NGX_DECLINED: there is none. */

ngx_int_t ngx_http_recs_form_template(ngx_http_request_t *r,
    ngx_http_recs_form_t *form, ngx_http_recs_refusal_t *refusal);

/* Whether HTML is asked for, rightly or not. */

ngx_uint_t ngx_http_recs_form_html(ngx_http_request_t *r,
    const ngx_http_recs_args_t *args);

/*
 * Turns the JSON of an answer into its form, in the request's memory.
 * NGX_ERROR: no memory.
 */

ngx_int_t ngx_http_recs_form_write(ngx_http_request_t *r,
    const ngx_http_recs_form_t *form, recs_str_t *text);

/*
 * NGX_HTTP_RECS_FORM_JSON or _MSGPACK, whichever the header Accept likes
 * better; NGX_CONF_UNSET_UINT: neither.
 */

ngx_uint_t ngx_http_recs_accept(ngx_http_request_t *r);

/* Its Content-Type. */

ngx_str_t *ngx_http_recs_form_type(ngx_uint_t format);

/* recs_template FILE. */

char *ngx_http_recs_template(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#endif /* _NGX_HTTP_RECS_FORM_H_INCLUDED_ */
