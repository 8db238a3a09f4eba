
/*
 * Copyright (C) recs authors
 *
 * A variable is a list that is made when it is read, once in a request, and
 * is journalled as shown then.  It has a context of its own, as the request
 * may be an answer itself.
 */


#include "ngx_http_recs_list.h"
#include "ngx_http_recs_answer.h"


/* One "recs_list" of a location. */

typedef struct {
    uintptr_t                  name;       /* in rmcf->lists */
    ngx_uint_t                 format;     /* NGX_HTTP_RECS_FORM_* */
    ngx_http_complex_value_t   args;
} ngx_http_recs_list_t;

struct ngx_http_recs_made_s {
    ngx_http_recs_list_t      *list;
    ngx_str_t                  text;
    ngx_str_t                  id;
    ngx_http_recs_made_t      *next;
};


static ngx_int_t ngx_http_recs_list_define(ngx_conf_t *cf, ngx_str_t *name,
    uintptr_t *n);
static ngx_int_t ngx_http_recs_list_add(ngx_conf_t *cf, ngx_str_t *name,
    ngx_http_get_variable_pt handler, uintptr_t data);
static ngx_int_t ngx_http_recs_list_format(ngx_conf_t *cf,
    ngx_uint_t *format);
static ngx_int_t ngx_http_recs_list_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_list_id_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_recs_list_made(ngx_http_request_t *r,
    uintptr_t name, ngx_http_recs_made_t **made);
static ngx_int_t ngx_http_recs_list_make(ngx_http_request_t *r,
    ngx_http_recs_made_t *made);
static ngx_int_t ngx_http_recs_list_question(ngx_http_request_t *r,
    ngx_http_recs_list_t *list, ngx_http_recs_answer_t *a,
    ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_list_form(ngx_http_request_t *r,
    ngx_http_recs_list_t *list, ngx_http_recs_answer_t *a,
    ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_list_text(ngx_http_request_t *r,
    ngx_http_recs_answer_t *a, ngx_str_t *text);
static void ngx_http_recs_list_value(ngx_http_variable_value_t *v,
    const ngx_str_t *text);


char *
ngx_http_recs_list(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_recs_loc_conf_t *rlcf = conf;

    uintptr_t                           n;
    ngx_str_t                          *value;
    ngx_uint_t                          i;
    ngx_http_recs_list_t               *list;
    ngx_http_compile_complex_value_t    ccv;

    value = cf->args->elts;

    if (value[1].len < 2 || value[1].data[0] != '$') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid variable name \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    value[1].data++;
    value[1].len--;

    if (ngx_http_recs_list_define(cf, &value[1], &n) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (rlcf->lists == NGX_CONF_UNSET_PTR) {
        rlcf->lists = ngx_array_create(cf->pool, 4,
                                       sizeof(ngx_http_recs_list_t));
        if (rlcf->lists == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    list = rlcf->lists->elts;

    for (i = 0; i < rlcf->lists->nelts; i++) {
        if (list[i].name == n) {
            return "is duplicate";
        }
    }

    list = ngx_array_push(rlcf->lists);
    if (list == NULL) {
        return NGX_CONF_ERROR;
    }

    list->name = n;

    if (ngx_http_recs_list_format(cf, &list->format) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[2];
    ccv.complex_value = &list->args;

    return (ngx_http_compile_complex_value(&ccv) == NGX_OK)
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


/* Variables are of all locations, lists of one: they meet by a number. */

static ngx_int_t
ngx_http_recs_list_define(ngx_conf_t *cf, ngx_str_t *name, uintptr_t *n)
{
    ngx_str_t                  *names, id;
    ngx_http_recs_main_conf_t  *rmcf;

    rmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_recs_module);
    names = rmcf->lists.elts;

    rmcf->used = 1;

    for (*n = 0; *n < rmcf->lists.nelts; (*n)++) {
        if (names[*n].len == name->len
            && ngx_strncasecmp(names[*n].data, name->data, name->len) == 0)
        {
            return NGX_OK;
        }
    }

    names = ngx_array_push(&rmcf->lists);
    if (names == NULL) {
        return NGX_ERROR;
    }

    *names = *name;

    id.len = name->len + sizeof("_id") - 1;
    id.data = ngx_pnalloc(cf->pool, id.len);
    if (id.data == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(id.data, "%V_id", name);

    if (ngx_http_recs_list_add(cf, name, ngx_http_recs_list_variable, *n)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_recs_list_add(cf, &id, ngx_http_recs_list_id_variable,
                                  *n);
}


static ngx_int_t
ngx_http_recs_list_add(ngx_conf_t *cf, ngx_str_t *name,
    ngx_http_get_variable_pt handler, uintptr_t data)
{
    ngx_http_variable_t  *var;

    var = ngx_http_add_variable(cf, name, 0);
    if (var == NULL) {
        return NGX_ERROR;
    }

    var->get_handler = handler;
    var->data = data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_list_format(ngx_conf_t *cf, ngx_uint_t *format)
{
    ngx_str_t  *value;

    value = cf->args->elts;
    *format = NGX_HTTP_RECS_FORM_JSON;

    if (cf->args->nelts == 3
        || ngx_strcmp(value[3].data, "format=json") == 0)
    {
        return NGX_OK;
    }

    if (ngx_strcmp(value[3].data, "format=html") == 0) {
        *format = NGX_HTTP_RECS_FORM_HTML;
        return NGX_OK;
    }

    if (ngx_strcmp(value[3].data, "format=ids") == 0) {
        *format = NGX_HTTP_RECS_FORM_IDS;
        return NGX_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\"", &value[3]);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_recs_list_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_recs_made_t  *made;

    if (ngx_http_recs_list_made(r, data, &made) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_recs_list_value(v, made ? &made->text : NULL);

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_list_id_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_recs_made_t  *made;

    if (ngx_http_recs_list_made(r, data, &made) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_recs_list_value(v, made ? &made->id : NULL);

    return NGX_OK;
}


/* Where there is no such list, there may be one after an internal redirect. */

static void
ngx_http_recs_list_value(ngx_http_variable_value_t *v, const ngx_str_t *text)
{
    if (text == NULL) {
        v->valid = 0;
        v->no_cacheable = 1;
        v->not_found = 1;
        return;
    }

    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;
    v->data = text->data;
    v->len = text->len;
}


/* NULL: the location has no list of this name. */

static ngx_int_t
ngx_http_recs_list_made(ngx_http_request_t *r, uintptr_t name,
    ngx_http_recs_made_t **made)
{
    ngx_uint_t                 i;
    ngx_http_recs_ctx_t       *ctx;
    ngx_http_recs_made_t      *m;
    ngx_http_recs_list_t      *list;
    ngx_http_recs_loc_conf_t  *rlcf;

    *made = NULL;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (rlcf->lists == NULL) {
        return NGX_OK;
    }

    list = rlcf->lists->elts;

    for (i = 0; i < rlcf->lists->nelts && list[i].name != name; i++) {
        /* void */
    }

    if (i == rlcf->lists->nelts) {
        return NGX_OK;
    }

    ctx = ngx_http_recs_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    for (m = ctx->made; m; m = m->next) {
        if (m->list == &list[i]) {
            *made = m;
            return NGX_OK;
        }
    }

    m = ngx_pcalloc(r->pool, sizeof(ngx_http_recs_made_t));
    if (m == NULL) {
        return NGX_ERROR;
    }

    /* there already, though empty, for a list that asks for itself */

    m->list = &list[i];
    m->next = ctx->made;
    ctx->made = m;

    *made = m;

    return ngx_http_recs_list_make(r, m);
}


static ngx_int_t
ngx_http_recs_list_make(ngx_http_request_t *r, ngx_http_recs_made_t *made)
{
    ngx_int_t                 rc;
    ngx_http_recs_ctx_t       own;
    ngx_http_recs_answer_t    a;
    ngx_http_recs_refusal_t   refusal;

    ngx_memzero(&own, sizeof(ngx_http_recs_ctx_t));

    ngx_http_recs_answer_init(r, &a, &own, ngx_http_recs_clock());

    rc = ngx_http_recs_list_question(r, made->list, &a, &refusal);

    if (rc == NGX_DECLINED) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "recs_list is refused: %s", refusal.code);
        ngx_http_recs_answer_refuse(&a, &refusal);
        return NGX_OK;
    }

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_recs_answer_list(&a);

    if (ngx_http_recs_list_text(r, &a, &made->text) != NGX_OK) {
        return NGX_ERROR;
    }

    made->id.data = ngx_pnalloc(r->pool, own.id_len);
    if (made->id.data == NULL) {
        return NGX_ERROR;
    }

    made->id.len = own.id_len;
    ngx_memcpy(made->id.data, own.id, own.id_len);

    ngx_http_recs_answer_count(&a);
    ngx_http_recs_answer_expose(r, &a);

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_list_question(ngx_http_request_t *r, ngx_http_recs_list_t *list,
    ngx_http_recs_answer_t *a, ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t              rc;
    ngx_str_t              text, path, product;
    ngx_uint_t             arm;
    ngx_http_recs_ctx_t   *ctx;
    ngx_http_recs_view_t  *view;

    if (ngx_http_complex_value(r, &list->args, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_str_null(&path);
    ngx_str_null(&product);

    rc = ngx_http_recs_question_args(r->pool, &text, &a->question, refusal);

    if (rc == NGX_OK) {
        rc = ngx_http_recs_question_of(r, &a->question, &path, &product,
                                       refusal);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_recs_list_form(r, list, a, refusal);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    /* what is told of the request itself stays */

    ctx = ngx_http_recs_ctx(r);
    view = ctx->view;
    arm = ctx->arm;

    rc = ngx_http_recs_answer_prepare(r, a, refusal);

    a->ctx->arm = ctx->arm;

    if (ctx->answered) {
        ctx->view = view;
        ctx->arm = arm;
    }

    return rc;
}


/* The directive says in which form, not the arguments. */

static ngx_int_t
ngx_http_recs_list_form(ngx_http_request_t *r, ngx_http_recs_list_t *list,
    ngx_http_recs_answer_t *a, ngx_http_recs_refusal_t *refusal)
{
    ngx_http_recs_form_t  *form;

    form = &a->form;

    if (ngx_http_recs_form_fields(&a->question.args, form, refusal) != NGX_OK)
    {
        return NGX_DECLINED;
    }

    form->format = list->format;

    if (form->format == NGX_HTTP_RECS_FORM_HTML) {
        return ngx_http_recs_form_template(r, form, refusal);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_list_text(ngx_http_request_t *r, ngx_http_recs_answer_t *a,
    ngx_str_t *text)
{
    recs_str_t  json;

    if (a->form.format == NGX_HTTP_RECS_FORM_IDS) {
        return ngx_http_recs_list_ids(r->pool, a->view->base, a->list.items,
                                      a->list.count, text);
    }

    if (ngx_http_recs_answer_render(r, a, &json) != NGX_OK
        || ngx_http_recs_form_write(r, &a->form, &json) != NGX_OK)
    {
        return NGX_ERROR;
    }

    text->data = (u_char *) json.data;
    text->len = json.len;

    return NGX_OK;
}


ngx_int_t
ngx_http_recs_list_ids(ngx_pool_t *pool, const recs_snapshot_t *base,
    const recs_answer_item_t *items, ngx_uint_t n, ngx_str_t *text)
{
    u_char      *p, *last;
    size_t       size;
    ngx_uint_t   i;
    recs_str_t   id, product;

    for (i = 0, size = 0; i < n; i++) {
        recs_snapshot_fragment(base, items[i].item, &id, &product);
        size += id.len + 1;
    }

    p = ngx_pnalloc(pool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;
    last = p;

    for (i = 0; i < n; i++) {
        if (i) {
            *last++ = ',';
        }

        recs_snapshot_fragment(base, items[i].item, &id, &product);
        last = recs_json_text(&id, last);
    }

    text->len = last - p;

    for ( /* void */ ; p < last; p++) {
        if (*p < 0x20 || *p == 0x7f) {
            *p = '?';
        }
    }

    return NGX_OK;
}
