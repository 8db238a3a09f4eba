
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_status.h"
#include "ngx_http_recs_visit.h"


#define NGX_HTTP_RECS_REPORT_SIZE  32768
#define NGX_HTTP_RECS_SOURCE_SIZE  2048
#define NGX_HTTP_RECS_PATH_SHOWN   16      /* times, escaped ones twice */


static void ngx_http_recs_json_snapshots(ngx_http_recs_main_conf_t *rmcf,
    recs_out_t *out);
static void ngx_http_recs_json_snapshot(ngx_http_recs_source_t *source,
    recs_out_t *out);
static void ngx_http_recs_json_layers(ngx_http_recs_main_conf_t *rmcf,
    recs_out_t *out);
static void ngx_http_recs_json_counters(const ngx_http_recs_slot_t *sum,
    recs_out_t *out);
static void ngx_http_recs_json_requests(const ngx_http_recs_slot_t *sum,
    recs_out_t *out);
static void ngx_http_recs_json_latency(const ngx_http_recs_slot_t *sum,
    recs_out_t *out);


size_t
ngx_http_recs_status_size(ngx_http_recs_main_conf_t *rmcf)
{
    size_t                    size;
    ngx_uint_t                i;
    ngx_http_recs_stack_t   **stack;
    ngx_http_recs_source_t  **sp;

    size = NGX_HTTP_RECS_REPORT_SIZE;
    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        size += NGX_HTTP_RECS_SOURCE_SIZE
                + NGX_HTTP_RECS_PATH_SHOWN * sp[i]->path.len;
    }

    stack = rmcf->stacks.elts;

    for (i = 0; i < rmcf->stacks.nelts; i++) {
        if (stack[i]->hot) {
            size += NGX_HTTP_RECS_SOURCE_SIZE
                    + NGX_HTTP_RECS_PATH_SHOWN * (stack[i]->base->path.len
                                                  + stack[i]->hot->path.len);
        }
    }

    return size;
}


void
ngx_http_recs_status_json(ngx_http_recs_main_conf_t *rmcf,
    const ngx_http_recs_slot_t *sum, ngx_uint_t check, recs_out_t *out)
{
    recs_out_lit(out, "{\"version\":\"" NGX_HTTP_RECS_VERSION
                      "\",\"nginx\":\"" NGINX_VERSION "\",\"pid\":");
    recs_out_u64(out, ngx_pid);
    recs_out_lit(out, ",\"worker\":");
    recs_out_u64(out, ngx_worker);
    recs_out_lit(out, ",\"uptime\":");
    recs_out_i64(out, ngx_time() - rmcf->zone->started);
    recs_out_lit(out, ",\"redisConnected\":");
    recs_out_u64(out, ngx_http_recs_zone_redis_up(rmcf));

    ngx_http_recs_visit_status(rmcf, check, out);
    ngx_http_recs_json_snapshots(rmcf, out);
    ngx_http_recs_json_layers(rmcf, out);

    recs_out_lit(out, ",\"arms\":{\"base\":");
    recs_out_u64(out, sum->arms[NGX_HTTP_RECS_ARM_BASE]);
    recs_out_lit(out, ",\"canary\":");
    recs_out_u64(out, sum->arms[NGX_HTTP_RECS_ARM_CANARY]);
    recs_out_byte(out, '}');

    ngx_http_recs_json_counters(sum, out);
    ngx_http_recs_json_requests(sum, out);
    ngx_http_recs_json_latency(sum, out);

    recs_out_lit(out, "}\n");
}


static void
ngx_http_recs_json_snapshots(ngx_http_recs_main_conf_t *rmcf,
    recs_out_t *out)
{
    ngx_uint_t                i;
    ngx_http_recs_source_t  **sp;

    recs_out_lit(out, ",\"snapshots\":[");

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        if (i) {
            recs_out_byte(out, ',');
        }

        ngx_http_recs_json_snapshot(sp[i], out);
    }

    recs_out_lit(out, "]");
}


static void
ngx_http_recs_json_snapshot(ngx_http_recs_source_t *source, recs_out_t *out)
{
    ngx_http_recs_view_t  *view;

    view = source->current;

    recs_out_lit(out, "{\"path\":\"");
    recs_out_json(out, source->path.data, source->path.len);

    if (source->kind == RECS_KIND_HOT) {
        recs_out_lit(out, "\",\"kind\":\"hot\",\"snapshotId\":");

    } else {
        recs_out_lit(out, "\",\"kind\":\"base\",\"snapshotId\":");
    }

    if (view) {
        recs_out_byte(out, '"');
        recs_out_hex64(out, view->view.id);
        recs_out_lit(out, "\",\"items\":");
        recs_out_u64(out, view->base->header.rows[RECS_DOMAIN_ITEMS]);
        recs_out_lit(out, ",\"bytes\":");
        recs_out_u64(out, view->base->bytes);
        recs_out_lit(out, ",\"loadedAt\":");
        recs_out_i64(out, view->opened);
        recs_out_lit(out, ",\"age\":");
        recs_out_i64(out, ngx_http_recs_status_age(view));

    } else {
        recs_out_lit(out, "null");
    }

    recs_out_lit(out, ",\"retired\":");
    recs_out_u64(out, source->retired);
    recs_out_lit(out, ",\"refused\":");

    if (source->refused) {
        recs_out_byte(out, '"');
        recs_out_json(out, source->reason, ngx_strlen(source->reason));
        recs_out_byte(out, '"');

    } else {
        recs_out_lit(out, "null");
    }

    recs_out_byte(out, '}');
}


/* Which hot file is on which base; null: the base is alone. */

static void
ngx_http_recs_json_layers(ngx_http_recs_main_conf_t *rmcf, recs_out_t *out)
{
    ngx_uint_t               i, n;
    ngx_http_recs_view_t    *view;
    ngx_http_recs_stack_t  **stack;

    recs_out_lit(out, ",\"layers\":[");

    stack = rmcf->stacks.elts;
    n = 0;

    for (i = 0; i < rmcf->stacks.nelts; i++) {

        if (stack[i]->hot == NULL) {
            continue;
        }

        recs_out_bytes(out, ",", n++ ? 1 : 0);
        recs_out_lit(out, "{\"path\":\"");

        recs_out_json(out, stack[i]->base->path.data,
                      stack[i]->base->path.len);
        recs_out_lit(out, "\",\"hot\":\"");
        recs_out_json(out, stack[i]->hot->path.data,
                      stack[i]->hot->path.len);

        if (stack[i]->expired) {
            recs_out_lit(out, "\",\"expired\":true,\"layerId\":");

        } else {
            recs_out_lit(out, "\",\"expired\":false,\"layerId\":");
        }

        view = stack[i]->current;

        if (view == NULL) {
            recs_out_lit(out, "null}");
            continue;
        }

        recs_out_byte(out, '"');
        recs_out_hex64(out, view->above->view.id);
        recs_out_lit(out, "\",\"snapshotId\":\"");
        recs_out_hex64(out, view->base->header.id);
        recs_out_lit(out, "\",\"items\":");
        recs_out_u64(out, view->view.hot->items);
        recs_out_lit(out, ",\"age\":");
        recs_out_i64(out, ngx_http_recs_status_age(view->above));
        recs_out_byte(out, '}');
    }

    recs_out_byte(out, ']');
}


/* "snapshot_swaps_total" is "snapshotSwaps" here. */

static void
ngx_http_recs_json_counters(const ngx_http_recs_slot_t *sum, recs_out_t *out)
{
    u_char           *p, *last;
    ngx_uint_t        i;
    const ngx_str_t  *name;

    recs_out_lit(out, ",\"counters\":{");

    for (i = 0; i < NGX_HTTP_RECS_COUNTER_MAX; i++) {
        name = &ngx_http_recs_counters[i].name;
        last = name->data + name->len - (sizeof("_total") - 1);

        recs_out_bytes(out, ",\"", i ? 2 : 0);

        if (i == 0) {
            recs_out_byte(out, '"');
        }

        for (p = name->data; p < last; p++) {
            if (*p == '_') {
                p++;
                recs_out_byte(out, ngx_toupper(*p));
                continue;
            }

            recs_out_byte(out, *p);
        }

        recs_out_lit(out, "\":");
        recs_out_u64(out, sum->counters[i]);
    }

    recs_out_byte(out, '}');
}


static void
ngx_http_recs_json_requests(const ngx_http_recs_slot_t *sum, recs_out_t *out)
{
    ngx_uint_t  s, n;

    recs_out_lit(out, ",\"requests\":{");

    for (s = 0; s < NGX_HTTP_RECS_TYPES; s++) {

        if (s == RECS_CATALOGUE) {
            continue;
        }

        recs_out_bytes(out, ",\"", s ? 2 : 0);

        if (s == 0) {
            recs_out_byte(out, '"');
        }

        ngx_http_recs_status_type(out, s);
        recs_out_lit(out, "\":{");

        for (n = 0; n < NGX_HTTP_RECS_RESULT_MAX; n++) {
            if (n) {
                recs_out_byte(out, ',');
            }

            recs_out_byte(out, '"');
            ngx_http_recs_out_str(out, &ngx_http_recs_results[n]);
            recs_out_lit(out, "\":");
            recs_out_u64(out, sum->requests[s][n]);
        }

        recs_out_byte(out, '}');
    }

    recs_out_byte(out, '}');
}


/* Microseconds; a bucket counts what took no longer, and all before it. */

static void
ngx_http_recs_json_latency(const ngx_http_recs_slot_t *sum, recs_out_t *out)
{
    uint64_t    count;
    ngx_uint_t  i;

    count = 0;

    recs_out_lit(out, ",\"latency\":{\"unit\":\"us\",\"buckets\":[");

    for (i = 0; i < NGX_HTTP_RECS_BUCKETS; i++) {
        count += sum->buckets[i];

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_out_lit(out, "{\"le\":");
        recs_out_u64(out, ngx_http_recs_bounds[i]);
        recs_out_lit(out, ",\"count\":");
        recs_out_u64(out, count);
        recs_out_byte(out, '}');
    }

    recs_out_lit(out, "],\"count\":");
    recs_out_u64(out, count + sum->buckets[i]);
    recs_out_lit(out, ",\"sum\":");
    recs_out_u64(out, sum->latency_ns / 1000);
    recs_out_byte(out, '}');
}


void
ngx_http_recs_status_type(recs_out_t *out, ngx_uint_t strategy)
{
    if (strategy >= RECS_STRATEGY_MAX) {
        recs_out_lit(out, "NONE");
        return;
    }

    recs_out_bytes(out, recs_strategies[strategy].name.data,
                   recs_strategies[strategy].name.len);
}


int64_t
ngx_http_recs_status_age(ngx_http_recs_view_t *view)
{
    int64_t  age;

    age = (int64_t) ngx_time() - view->base->header.now_ms / 1000;

    return ngx_max(age, 0);
}
