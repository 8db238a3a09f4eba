
/*
 * Copyright (C) recs authors
 *
 * One of JSON and MessagePack is chosen by the header Accept, unless the URL
 * or the configuration says which; HTML is never chosen by itself, as a
 * browser would get it wherever somebody looks at an answer.
 */


#include "ngx_http_recs_form.h"
#include "ngx_http_recs_buffer.h"
#include "ngx_http_recs_client.h"
#include "../core/answer/recs_msgpack.h"
#include "../core/recs_hash.h"


#define NGX_HTTP_RECS_HTML_MAX        (4 * 1024 * 1024)
#define NGX_HTTP_RECS_NOT_ACCEPTABLE  406


static ngx_int_t ngx_http_recs_form_refuse(ngx_http_recs_refusal_t *refusal,
    ngx_uint_t status, const char *code, const char *detail,
    const char *name);
static ngx_uint_t ngx_http_recs_form_name(const ngx_str_t *value);
static uint32_t ngx_http_recs_form_tag(const ngx_http_recs_args_t *args,
    const ngx_http_recs_form_t *form);
static ngx_int_t ngx_http_recs_form_project(ngx_http_request_t *r,
    const ngx_http_recs_form_t *form, recs_str_t *text);
static ngx_int_t ngx_http_recs_form_msgpack(ngx_http_request_t *r,
    recs_str_t *text);
static ngx_int_t ngx_http_recs_form_render(ngx_http_request_t *r,
    const ngx_http_recs_form_t *form, recs_str_t *text);


static ngx_str_t  ngx_http_recs_form_names[] = {
    ngx_string("json"), ngx_string("msgpack"), ngx_string("html"),
    ngx_null_string
};

static ngx_str_t  ngx_http_recs_form_types[] = {
    ngx_string("application/json"), ngx_string("application/msgpack"),
    ngx_string("text/html")
};


ngx_int_t
ngx_http_recs_form(ngx_http_request_t *r, const ngx_http_recs_args_t *args,
    ngx_http_recs_form_t *form, ngx_http_recs_refusal_t *refusal)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    if (ngx_http_recs_form_fields(args, form, refusal) != NGX_OK) {
        return NGX_DECLINED;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (args->format.len) {
        form->format = ngx_http_recs_form_name(&args->format);

    } else if (rlcf->format != NGX_CONF_UNSET_UINT) {
        form->format = rlcf->format;

    } else if (r == r->main) {
        form->negotiated = 1;
        form->format = ngx_http_recs_accept(r);

        if (form->format == NGX_CONF_UNSET_UINT) {
            return ngx_http_recs_form_refuse(refusal,
                                             NGX_HTTP_RECS_NOT_ACCEPTABLE,
                                             "not-acceptable",
                                             "Answers are application/json "
                                             "or application/msgpack.", "");
        }
    }

    if (form->format == NGX_CONF_UNSET_UINT) {
        return ngx_http_recs_form_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                         "format-invalid",
                                         "The format is json, msgpack or "
                                         "html.", "format");
    }

    if (form->format == NGX_HTTP_RECS_FORM_HTML
        && ngx_http_recs_form_template(r, form, refusal) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    if (form->format || form->projected) {
        form->tag = ngx_http_recs_form_tag(args, form);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_form_fields(const ngx_http_recs_args_t *args,
    ngx_http_recs_form_t *form, ngx_http_recs_refusal_t *refusal)
{
    recs_str_t  text;

    form->format = NGX_HTTP_RECS_FORM_JSON;
    form->negotiated = 0;
    form->projected = 0;
    form->tag = 0;

    if (args->fields.len == 0) {
        return NGX_OK;
    }

    text.len = args->fields.len;
    text.data = args->fields.data;

    if (recs_project_parse(&form->project, &text) != RECS_OK) {
        return ngx_http_recs_form_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                         "fields-invalid",
                                         "Not a list of at most 32 names of "
                                         "members.", "fields");
    }

    form->projected = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_form_refuse(ngx_http_recs_refusal_t *refusal, ngx_uint_t status,
    const char *code, const char *detail, const char *name)
{
    refusal->status = status;
    refusal->code = code;
    refusal->detail = detail;
    refusal->name.data = (u_char *) name;
    refusal->name.len = ngx_strlen(name);

    return NGX_DECLINED;
}


static ngx_uint_t
ngx_http_recs_form_name(const ngx_str_t *value)
{
    ngx_uint_t  n;

    for (n = 0; ngx_http_recs_form_names[n].len; n++) {
        if (ngx_http_recs_form_names[n].len == value->len
            && ngx_memcmp(ngx_http_recs_form_names[n].data, value->data,
                          value->len)
               == 0)
        {
            return n;
        }
    }

    return NGX_CONF_UNSET_UINT;
}


ngx_int_t
ngx_http_recs_form_template(ngx_http_request_t *r, ngx_http_recs_form_t *form,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->template == NULL) {
        return ngx_http_recs_form_refuse(refusal, NGX_HTTP_BAD_REQUEST,
                                         "format-unavailable",
                                         "There is no recs_template to make "
                                         "HTML of.", "format");
    }

    form->template = rlcf->template;

    return NGX_OK;
}


ngx_uint_t
ngx_http_recs_form_html(ngx_http_request_t *r,
    const ngx_http_recs_args_t *args)
{
    ngx_http_recs_loc_conf_t  *rlcf;

    if (args->format.len) {
        return ngx_http_recs_form_name(&args->format)
               == NGX_HTTP_RECS_FORM_HTML;
    }

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    return rlcf->format == NGX_HTTP_RECS_FORM_HTML;
}


/* Never 0, which is that of plain JSON. */

static uint32_t
ngx_http_recs_form_tag(const ngx_http_recs_args_t *args,
    const ngx_http_recs_form_t *form)
{
    uint64_t  words[3];

    words[0] = form->format;
    words[1] = (form->format == NGX_HTTP_RECS_FORM_HTML)
               ? form->template->hash : 0;
    words[2] = form->projected
               ? recs_key64(args->fields.data, args->fields.len) : 0;

    return (uint32_t) recs_key64(words, sizeof(words)) | 1;
}


void
ngx_http_recs_form_links(ngx_http_recs_form_t *form,
    const recs_links_t *links)
{
    uint64_t  words[4];

    words[0] = form->tag;
    words[1] = links->token.expires;
    words[2] = links->key->number;
    words[3] = recs_key64(links->prefix.data, links->prefix.len);

    form->tag = (uint32_t) recs_key64(words, sizeof(words)) | 1;
}


ngx_int_t
ngx_http_recs_form_write(ngx_http_request_t *r,
    const ngx_http_recs_form_t *form, recs_str_t *text)
{
    if (form->projected
        && ngx_http_recs_form_project(r, form, text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (form->format == NGX_HTTP_RECS_FORM_MSGPACK) {
        return ngx_http_recs_form_msgpack(r, text);
    }

    if (form->format == NGX_HTTP_RECS_FORM_HTML) {
        return ngx_http_recs_form_render(r, form, text);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_form_project(ngx_http_request_t *r,
    const ngx_http_recs_form_t *form, recs_str_t *text)
{
    u_char      *p;
    recs_out_t   out;

    p = ngx_http_recs_buffer(r->pool, text->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    recs_out_init(&out, p, text->len);

    if (recs_project(&form->project, text, &out) != RECS_OK) {
        return NGX_ERROR;
    }

    text->data = p;
    text->len = out.pos - p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_form_msgpack(ngx_http_request_t *r, recs_str_t *text)
{
    size_t       size;
    u_char      *p;
    recs_out_t   out;

    /* it is shorter than the JSON, if all goes well */

    size = NGX_HTTP_RECS_BUFFER_SIZE;
    p = ngx_http_recs_buffer(r->pool, size);

    while (p) {
        recs_out_init(&out, p, size);

        if (recs_msgpack(text, &out) == RECS_OK) {
            text->data = p;
            text->len = out.pos - p;
            return NGX_OK;
        }

        if (size != NGX_HTTP_RECS_BUFFER_SIZE) {
            return NGX_ERROR;
        }

        size += recs_msgpack_size(text->len);
        p = ngx_http_recs_buffer(r->pool, size);
    }

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_recs_form_render(ngx_http_request_t *r,
    const ngx_http_recs_form_t *form, recs_str_t *text)
{
    size_t       size;
    u_char      *p;
    recs_out_t   out;

    for (size = NGX_HTTP_RECS_BUFFER_SIZE; size <= NGX_HTTP_RECS_HTML_MAX;
         size *= 4)
    {
        p = ngx_http_recs_buffer(r->pool, size);
        if (p == NULL) {
            return NGX_ERROR;
        }

        recs_out_init(&out, p, size);

        if (recs_template_render(&form->template->template, text, &out)
            == RECS_OK)
        {
            text->data = p;
            text->len = out.pos - p;
            return NGX_OK;
        }
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "template \"%V\" makes more than 4 megabytes of an answer",
                  &form->template->path);

    return NGX_ERROR;
}


ngx_str_t *
ngx_http_recs_form_type(ngx_uint_t format)
{
    return &ngx_http_recs_form_types[format];
}
