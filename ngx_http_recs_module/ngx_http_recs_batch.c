
/*
 * Copyright (C) recs authors
 *
 * A batch is answered one question after the other, each from the question to
 * its text before the next, so that nothing of the process is in use between
 * two: after a slice of work the rest waits for its turn behind whatever else
 * the worker has to do.  The text goes into a few large buffers that are sent
 * at once; the view stays pinned, as it is the request's.
 */


#include "ngx_http_recs_batch.h"
#include "ngx_http_recs_answer.h"
#include "ngx_http_recs_body.h"
#include "ngx_http_recs_buffer.h"
#include "ngx_http_recs_pieces.h"
#include "ngx_http_recs_problem.h"
#include "ngx_http_recs_turn.h"


#define NGX_HTTP_RECS_BATCH_FRAME  64      /* bytes around an answer */


typedef struct {
    ngx_http_request_t          *request;
    ngx_http_recs_batch_json_t   json;
    ngx_uint_t                   next;     /* to be answered */
    ngx_uint_t                   items;
    uint64_t                     time;     /* ns of work */
    uint64_t                     now;      /* after the last answer */
    ngx_http_recs_ctx_t          ctx;      /* of the answer at hand */
    ngx_http_recs_pieces_t       text;
    u_char                      *whole;    /* before fields are taken out */
    ngx_http_recs_turn_t         turn;
} ngx_http_recs_batch_t;


static void ngx_http_recs_batch_body(ngx_http_request_t *r);
static ngx_int_t ngx_http_recs_batch_begin(ngx_http_request_t *r,
    const ngx_str_t *body);
static ngx_int_t ngx_http_recs_batch_refuse(ngx_http_request_t *r,
    ngx_http_recs_refusal_t *refusal);
static ngx_http_recs_batch_t *ngx_http_recs_batch_create(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_recs_batch_run(void *data);
static ngx_int_t ngx_http_recs_batch_one(ngx_http_recs_batch_t *batch);
static ngx_int_t ngx_http_recs_batch_question(ngx_http_request_t *r,
    ngx_http_recs_batch_t *batch, ngx_http_recs_answer_t *a,
    ngx_http_recs_refusal_t *refusal);
static void ngx_http_recs_batch_split(ngx_str_t *path, ngx_str_t *product);
static ngx_int_t ngx_http_recs_batch_answer(ngx_http_recs_batch_t *batch,
    ngx_http_recs_answer_t *a);
static ngx_int_t ngx_http_recs_batch_render(ngx_http_recs_batch_t *batch,
    ngx_http_recs_answer_t *a, recs_str_t *text);
static int ngx_http_recs_batch_write(ngx_http_recs_batch_t *batch,
    ngx_http_recs_answer_t *a, const recs_str_t *text);
static ngx_int_t ngx_http_recs_batch_problem(ngx_http_recs_batch_t *batch,
    const ngx_http_recs_refusal_t *refusal);
static ngx_int_t ngx_http_recs_batch_send(ngx_http_recs_batch_t *batch);


static ngx_str_t  ngx_http_recs_batch_no_store = ngx_string("no-store");


ngx_uint_t
ngx_http_recs_batch_path(ngx_http_request_t *r)
{
    ngx_str_t                  path, product;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->exact_match) {
        path = clcf->name;

        return path.len >= 6
               && ngx_memcmp(path.data + path.len - 6, "/batch", 6) == 0;
    }

    return ngx_http_recs_question_path(r, &path, &product) == NGX_OK
           && product.data == NULL && path.len == 5
           && ngx_memcmp(path.data, "batch", 5) == 0;
}


ngx_int_t
ngx_http_recs_batch(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_http_recs_refusal_t    refusal;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    if (ngx_http_recs_body_check(r, rlcf->batch_max_body, &refusal) != NGX_OK)
    {
        return ngx_http_recs_batch_refuse(r, &refusal);
    }

    r->request_body_in_single_buf = 1;

    rc = ngx_http_read_client_request_body(r, ngx_http_recs_batch_body);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    return NGX_DONE;
}


static void
ngx_http_recs_batch_body(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_str_t                  body;
    ngx_http_recs_refusal_t    refusal;
    ngx_http_recs_loc_conf_t  *rlcf;

    rlcf = ngx_http_get_module_loc_conf(r, ngx_http_recs_module);

    rc = ngx_http_recs_body(r, rlcf->batch_max_body, &body, &refusal);

    if (rc == NGX_OK) {
        rc = ngx_http_recs_batch_begin(r, &body);

    } else if (rc == NGX_DECLINED) {
        rc = ngx_http_recs_batch_refuse(r, &refusal);
    }

    if (rc != NGX_AGAIN) {
        ngx_http_finalize_request(r, rc);
    }
}


static ngx_int_t
ngx_http_recs_batch_refuse(ngx_http_request_t *r,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_http_recs_ctx_t     *ctx;
    ngx_http_recs_answer_t   a;

    ctx = ngx_http_recs_ctx(r);

    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_recs_answer_init(r, &a, ctx, ngx_http_recs_clock());
    ngx_http_recs_answer_refuse(&a, refusal);

    return ngx_http_recs_problem(r, refusal->status, refusal->code,
                                 refusal->detail, &refusal->name);
}


static ngx_int_t
ngx_http_recs_batch_begin(ngx_http_request_t *r, const ngx_str_t *body)
{
    ngx_http_recs_view_t     *view;
    ngx_http_recs_batch_t    *batch;
    ngx_http_recs_refusal_t   refusal;

    batch = ngx_http_recs_batch_create(r);
    if (batch == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_str_null(&refusal.name);

    if (ngx_http_recs_batch_parse(body, &batch->json, &refusal.code,
                                  &refusal.detail)
        != NGX_OK)
    {
        refusal.status = (batch->json.count > NGX_HTTP_RECS_BATCH_MAX)
                         ? NGX_HTTP_REQUEST_ENTITY_TOO_LARGE
                         : NGX_HTTP_BAD_REQUEST;
        return ngx_http_recs_batch_refuse(r, &refusal);
    }

    view = ngx_http_recs_view(r, NULL);

    if (view == NULL) {
        ngx_http_recs_answer_missing(&refusal);
        return ngx_http_recs_batch_refuse(r, &refusal);
    }

    if (ngx_http_recs_pieces_room(r->pool, &batch->text, 0) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    recs_out_byte(&batch->text.out, '{');
    ngx_http_recs_view_ids(&view->view, &batch->text.out);
    recs_out_lit(&batch->text.out, ",\"responses\":[");

    return ngx_http_recs_batch_run(batch);
}


static ngx_http_recs_batch_t *
ngx_http_recs_batch_create(ngx_http_request_t *r)
{
    ngx_http_recs_batch_t  *batch;

    batch = ngx_pcalloc(r->pool, sizeof(ngx_http_recs_batch_t));
    if (batch == NULL) {
        return NULL;
    }

    batch->request = r;

    if (ngx_http_recs_turn_init(&batch->turn, r, ngx_http_recs_batch_run,
                                batch)
        != NGX_OK)
    {
        return NULL;
    }

    return batch;
}


static ngx_int_t
ngx_http_recs_batch_run(void *data)
{
    ngx_http_recs_batch_t *batch = data;

    uint64_t  start, spent;

    start = ngx_http_recs_clock();
    batch->now = start;

    while (batch->next < batch->json.count) {

        if (ngx_http_recs_batch_one(batch) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

        batch->next++;

        spent = batch->now - start;

        if (spent >= NGX_HTTP_RECS_TURN
            && batch->next < batch->json.count)
        {
            batch->time += spent;
            return ngx_http_recs_turn_yield(&batch->turn);
        }
    }

    batch->time += batch->now - start;

    return ngx_http_recs_batch_send(batch);
}


static ngx_int_t
ngx_http_recs_batch_one(ngx_http_recs_batch_t *batch)
{
    ngx_int_t                 rc;
    ngx_http_request_t       *r;
    ngx_http_recs_ctx_t      *ctx;
    ngx_http_recs_answer_t    a;
    ngx_http_recs_refusal_t   refusal;

    r = batch->request;

    ngx_http_recs_answer_init(r, &a, &batch->ctx, batch->now);

    rc = ngx_http_recs_batch_question(r, batch, &a, &refusal);

    if (rc == NGX_DECLINED) {
        ngx_http_recs_answer_refuse(&a, &refusal);
        batch->now = a.start + a.ctx->time;

        return ngx_http_recs_batch_problem(batch, &refusal);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_recs_module);
    batch->ctx.arm = ctx->arm;

    ngx_http_recs_answer_list(&a);

    if (ngx_http_recs_batch_answer(batch, &a) != NGX_OK) {
        return NGX_ERROR;
    }

    batch->items += a.list.count;

    ngx_http_recs_answer_count(&a);
    batch->now = a.start + a.ctx->time;

    ngx_http_recs_answer_expose(r, &a);

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_batch_question(ngx_http_request_t *r,
    ngx_http_recs_batch_t *batch, ngx_http_recs_answer_t *a,
    ngx_http_recs_refusal_t *refusal)
{
    ngx_int_t                  rc;
    ngx_str_t                  path, product;
    ngx_http_recs_question_t  *q;

    q = &a->question;

    rc = ngx_http_recs_batch_next(&batch->json, r->pool, &q->args, &path,
                                  &refusal->name, &refusal->detail);

    if (rc == NGX_DECLINED) {
        refusal->status = NGX_HTTP_BAD_REQUEST;
        refusal->code = "argument-invalid";
        return NGX_DECLINED;
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (q->args.format.len
        && (q->args.format.len != 4
            || ngx_memcmp(q->args.format.data, "json", 4) != 0))
    {
        refusal->status = NGX_HTTP_BAD_REQUEST;
        refusal->code = "format-invalid";
        refusal->detail = "The answers of a batch are JSON.";
        ngx_str_set(&refusal->name, "format");

        return NGX_DECLINED;
    }

    ngx_http_recs_batch_split(&path, &product);

    rc = ngx_http_recs_question_of(r, q, &path, &product, refusal);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_recs_form_fields(&q->args, &a->form, refusal) != NGX_OK) {
        return NGX_DECLINED;
    }

    return ngx_http_recs_answer_prepare(r, a, refusal);
}


/* "similar/S1", "/similar/S1": an id may have slashes in it. */

static void
ngx_http_recs_batch_split(ngx_str_t *path, ngx_str_t *product)
{
    u_char  *slash;

    ngx_str_null(product);

    if (path->len && path->data[0] == '/') {
        path->data++;
        path->len--;
    }

    slash = ngx_strlchr(path->data, path->data + path->len, '/');

    if (slash) {
        product->data = slash + 1;
        product->len = path->data + path->len - product->data;
        path->len = slash - path->data;
    }
}


static ngx_int_t
ngx_http_recs_batch_answer(ngx_http_recs_batch_t *batch,
    ngx_http_recs_answer_t *a)
{
    size_t      size;
    recs_str_t  text;

    if (a->form.projected
        && ngx_http_recs_batch_render(batch, a, &text) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_recs_batch_write(batch, a, &text) == RECS_OK) {
        return NGX_OK;
    }

    /* the rest of a buffer is left free; an answer is never cut in two */

    size = NGX_HTTP_RECS_BATCH_FRAME + ngx_http_recs_answer_size(a);

    if (ngx_http_recs_pieces_room(batch->request->pool, &batch->text, size)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    return (ngx_http_recs_batch_write(batch, a, &text) == RECS_OK)
           ? NGX_OK : NGX_ERROR;
}


/* The whole of an answer of which fields are wanted, in memory for one. */

static ngx_int_t
ngx_http_recs_batch_render(ngx_http_recs_batch_t *batch,
    ngx_http_recs_answer_t *a, recs_str_t *text)
{
    recs_out_t   out;
    ngx_pool_t  *pool;

    pool = batch->request->pool;

    if (batch->whole == NULL) {
        batch->whole = ngx_http_recs_buffer(pool, NGX_HTTP_RECS_BUFFER_LARGE);
        if (batch->whole == NULL) {
            return NGX_ERROR;
        }
    }

    recs_out_init(&out, batch->whole, NGX_HTTP_RECS_BUFFER_LARGE);

    if (ngx_http_recs_answer_write(a, &out) != RECS_OK) {
        return ngx_http_recs_answer_render(batch->request, a, text);
    }

    text->data = batch->whole;
    text->len = out.pos - batch->whole;

    return NGX_OK;
}


/* RECS_ERROR: it does not fit, and nothing is written. */

static int
ngx_http_recs_batch_write(ngx_http_recs_batch_t *batch,
    ngx_http_recs_answer_t *a, const recs_str_t *text)
{
    recs_out_t  out;

    out = batch->text.out;

    if (batch->next) {
        recs_out_byte(&out, ',');
    }

    recs_out_lit(&out, "{\"status\":200,\"answer\":");

    if (a->form.projected) {
        (void) recs_project(&a->form.project, text, &out);

    } else {
        (void) ngx_http_recs_answer_write(a, &out);
    }

    recs_out_byte(&out, '}');

    if (out.overflow) {
        return RECS_ERROR;
    }

    batch->text.out = out;

    return RECS_OK;
}


static ngx_int_t
ngx_http_recs_batch_problem(ngx_http_recs_batch_t *batch,
    const ngx_http_recs_refusal_t *refusal)
{
    recs_out_t  *out;

    out = &batch->text.out;

    if ((size_t) (out->last - out->pos)
        < NGX_HTTP_RECS_PROBLEM_SIZE + NGX_HTTP_RECS_BATCH_FRAME
        && ngx_http_recs_pieces_room(batch->request->pool, &batch->text, 0)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (batch->next) {
        recs_out_byte(out, ',');
    }

    recs_out_lit(out, "{\"status\":");
    recs_out_u64(out, refusal->status);
    recs_out_lit(out, ",\"problem\":");
    ngx_http_recs_problem_write(out, refusal->status, refusal->code,
                                refusal->detail, &refusal->name);
    recs_out_byte(out, '}');

    return NGX_OK;
}


static ngx_int_t
ngx_http_recs_batch_send(ngx_http_recs_batch_t *batch)
{
    ngx_http_request_t   *r;
    ngx_http_recs_ctx_t  *ctx;

    r = batch->request;

    ctx = ngx_http_get_module_ctx(r, ngx_http_recs_module);

    ctx->strategy = RECS_STRATEGY_MAX;
    ctx->result = batch->items ? NGX_HTTP_RECS_HIT : NGX_HTTP_RECS_EMPTY;
    ctx->count = batch->items;
    ctx->time = batch->time;
    ctx->answered = 1;

    if (ngx_http_recs_header(r, "Cache-Control",
                             &ngx_http_recs_batch_no_store)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_recs_pieces_send(r, &batch->text,
                           ngx_http_recs_form_type(NGX_HTTP_RECS_FORM_JSON),
                           "]}\n");
}
