
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_status.h"


#define NGX_HTTP_RECS_REPORT_SIZE  32768
#define NGX_HTTP_RECS_SOURCE_SIZE  2048
#define NGX_HTTP_RECS_PATH_SHOWN   16      /* times, escaped ones twice */


/* One gauge of a snapshot. */

typedef enum {
    NGX_HTTP_RECS_GAUGE_ITEMS = 0,
    NGX_HTTP_RECS_GAUGE_SIZE,
    NGX_HTTP_RECS_GAUGE_TIME,
    NGX_HTTP_RECS_GAUGE_LOADED,
    NGX_HTTP_RECS_GAUGE_RETIRED
} ngx_http_recs_gauge_e;


static void ngx_http_recs_json_snapshots(ngx_http_recs_main_conf_t *rmcf,
    recs_out_t *out);
static void ngx_http_recs_json_snapshot(ngx_http_recs_source_t *source,
    recs_out_t *out);
static void ngx_http_recs_json_counters(const ngx_http_recs_slot_t *sum,
    recs_out_t *out);
static void ngx_http_recs_json_requests(const ngx_http_recs_slot_t *sum,
    recs_out_t *out);
static void ngx_http_recs_json_latency(const ngx_http_recs_slot_t *sum,
    recs_out_t *out);
static void ngx_http_recs_prometheus_snapshots(
    ngx_http_recs_main_conf_t *rmcf, recs_out_t *out);
static void ngx_http_recs_prometheus_gauge(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_gauge_e gauge, recs_out_t *out);
static void ngx_http_recs_prometheus_head(recs_out_t *out,
    const ngx_str_t *name, const char *type, const ngx_str_t *help);
static void ngx_http_recs_prometheus_label(recs_out_t *out,
    const ngx_str_t *value);
static void ngx_http_recs_prometheus_requests(
    const ngx_http_recs_slot_t *sum, recs_out_t *out);
static void ngx_http_recs_prometheus_latency(const ngx_http_recs_slot_t *sum,
    recs_out_t *out);
static void ngx_http_recs_out_text(recs_out_t *out, const char *text);


static const ngx_http_recs_counter_t  ngx_http_recs_gauges[] = {

    { ngx_string("snapshot_items"),
      ngx_string("Items of the snapshot in use.") },

    { ngx_string("snapshot_size_bytes"),
      ngx_string("Size of the snapshot in use.") },

    { ngx_string("snapshot_timestamp_seconds"),
      ngx_string("The clock of the snapshot's build.") },

    { ngx_string("snapshot_loaded_timestamp_seconds"),
      ngx_string("When this worker brought the snapshot into use.") },

    { ngx_string("snapshot_retired"),
      ngx_string("Older snapshots that requests of this worker still use.") },
};


size_t
ngx_http_recs_status_size(ngx_http_recs_main_conf_t *rmcf)
{
    size_t                    size;
    ngx_uint_t                i;
    ngx_http_recs_source_t  **sp;

    size = NGX_HTTP_RECS_REPORT_SIZE;
    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        size += NGX_HTTP_RECS_SOURCE_SIZE
                + NGX_HTTP_RECS_PATH_SHOWN * sp[i]->path.len;
    }

    return size;
}


void
ngx_http_recs_status_json(ngx_http_recs_main_conf_t *rmcf,
    const ngx_http_recs_slot_t *sum, recs_out_t *out)
{
    recs_out_lit(out, "{\"version\":\"" NGX_HTTP_RECS_VERSION
                      "\",\"nginx\":\"" NGINX_VERSION "\",\"pid\":");
    recs_out_u64(out, ngx_pid);
    recs_out_lit(out, ",\"worker\":");
    recs_out_u64(out, ngx_worker);
    recs_out_lit(out, ",\"uptime\":");
    recs_out_i64(out, ngx_time() - rmcf->zone->started);
    recs_out_lit(out, ",\"redisConnected\":");
    recs_out_u64(out, rmcf->zone->redis_up);

    ngx_http_recs_json_snapshots(rmcf, out);
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
    recs_out_lit(out, "\",\"snapshotId\":");

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
ngx_http_recs_status_prometheus(ngx_http_recs_main_conf_t *rmcf,
    const ngx_http_recs_slot_t *sum, recs_out_t *out)
{
    ngx_uint_t                      i;
    const ngx_http_recs_counter_t  *c;

    static ngx_str_t  info = ngx_string("info");
    static ngx_str_t  info_help = ngx_string("The module.");
    static ngx_str_t  redis = ngx_string("redis_connected");
    static ngx_str_t  redis_help =
        ngx_string("Workers that are connected to Redis.");

    ngx_http_recs_prometheus_head(out, &info, "gauge", &info_help);
    recs_out_lit(out, "nginx_recs_info{version=\"" NGX_HTTP_RECS_VERSION
                      "\",nginx=\"" NGINX_VERSION "\"} 1\n");

    ngx_http_recs_prometheus_head(out, &redis, "gauge", &redis_help);
    recs_out_lit(out, "nginx_recs_redis_connected ");
    recs_out_u64(out, rmcf->zone->redis_up);
    recs_out_byte(out, '\n');

    ngx_http_recs_prometheus_snapshots(rmcf, out);

    for (i = 0; i < NGX_HTTP_RECS_COUNTER_MAX; i++) {
        c = &ngx_http_recs_counters[i];

        ngx_http_recs_prometheus_head(out, &c->name, "counter", &c->help);
        recs_out_lit(out, "nginx_recs_");
        ngx_http_recs_out_str(out, &c->name);
        recs_out_byte(out, ' ');
        recs_out_u64(out, sum->counters[i]);
        recs_out_byte(out, '\n');
    }

    ngx_http_recs_prometheus_requests(sum, out);
    ngx_http_recs_prometheus_latency(sum, out);
}


static void
ngx_http_recs_prometheus_snapshots(ngx_http_recs_main_conf_t *rmcf,
    recs_out_t *out)
{
    ngx_uint_t                i;
    ngx_http_recs_source_t  **sp;

    static ngx_str_t  info = ngx_string("snapshot_info");
    static ngx_str_t  help = ngx_string("The snapshot that a worker uses.");

    if (rmcf->sources.nelts == 0) {
        return;
    }

    ngx_http_recs_prometheus_head(out, &info, "gauge", &help);

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {

        if (sp[i]->current == NULL) {
            continue;
        }

        recs_out_lit(out, "nginx_recs_snapshot_info{path=\"");
        ngx_http_recs_prometheus_label(out, &sp[i]->path);
        recs_out_lit(out, "\",id=\"");
        recs_out_hex64(out, sp[i]->current->view.id);
        recs_out_lit(out, "\"} 1\n");
    }

    for (i = 0; i <= NGX_HTTP_RECS_GAUGE_RETIRED; i++) {
        ngx_http_recs_prometheus_gauge(rmcf, i, out);
    }
}


static void
ngx_http_recs_prometheus_gauge(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_gauge_e gauge, recs_out_t *out)
{
    int64_t                         value;
    ngx_uint_t                      i;
    ngx_http_recs_view_t           *view;
    ngx_http_recs_source_t        **sp;
    const ngx_http_recs_counter_t  *g;

    g = &ngx_http_recs_gauges[gauge];

    ngx_http_recs_prometheus_head(out, &g->name, "gauge", &g->help);

    sp = rmcf->sources.elts;

    for (i = 0; i < rmcf->sources.nelts; i++) {
        view = sp[i]->current;

        if (view == NULL) {
            continue;
        }

        value = (gauge == NGX_HTTP_RECS_GAUGE_ITEMS)
                ? view->base->header.rows[RECS_DOMAIN_ITEMS]
                : (gauge == NGX_HTTP_RECS_GAUGE_SIZE)
                ? (int64_t) view->base->bytes
                : (gauge == NGX_HTTP_RECS_GAUGE_TIME)
                ? view->base->header.now_ms / 1000
                : (gauge == NGX_HTTP_RECS_GAUGE_LOADED)
                ? (int64_t) view->opened
                : (int64_t) sp[i]->retired;

        recs_out_lit(out, "nginx_recs_");
        ngx_http_recs_out_str(out, &g->name);
        recs_out_lit(out, "{path=\"");
        ngx_http_recs_prometheus_label(out, &sp[i]->path);
        recs_out_lit(out, "\"} ");
        recs_out_i64(out, value);
        recs_out_byte(out, '\n');
    }
}


static void
ngx_http_recs_prometheus_head(recs_out_t *out, const ngx_str_t *name,
    const char *type, const ngx_str_t *help)
{
    recs_out_lit(out, "# HELP nginx_recs_");
    ngx_http_recs_out_str(out, name);
    recs_out_byte(out, ' ');
    ngx_http_recs_out_str(out, help);
    recs_out_lit(out, "\n# TYPE nginx_recs_");
    ngx_http_recs_out_str(out, name);
    recs_out_byte(out, ' ');
    ngx_http_recs_out_text(out, type);
    recs_out_byte(out, '\n');
}


static void
ngx_http_recs_prometheus_label(recs_out_t *out, const ngx_str_t *value)
{
    size_t  i;

    for (i = 0; i < value->len; i++) {

        if (value->data[i] == '\n') {
            recs_out_lit(out, "\\n");
            continue;
        }

        if (value->data[i] == '"' || value->data[i] == '\\') {
            recs_out_byte(out, '\\');
        }

        recs_out_byte(out, value->data[i]);
    }
}


static void
ngx_http_recs_prometheus_requests(const ngx_http_recs_slot_t *sum,
    recs_out_t *out)
{
    ngx_uint_t  s, n;

    static ngx_str_t  name = ngx_string("requests_total");
    static ngx_str_t  help = ngx_string("Requests by type and result.");

    ngx_http_recs_prometheus_head(out, &name, "counter", &help);

    for (s = 0; s < NGX_HTTP_RECS_TYPES; s++) {

        if (s == RECS_CATALOGUE) {
            continue;
        }

        for (n = 0; n < NGX_HTTP_RECS_RESULT_MAX; n++) {
            recs_out_lit(out, "nginx_recs_requests_total{type=\"");
            ngx_http_recs_status_type(out, s);
            recs_out_lit(out, "\",result=\"");
            ngx_http_recs_out_str(out, &ngx_http_recs_results[n]);
            recs_out_lit(out, "\"} ");
            recs_out_u64(out, sum->requests[s][n]);
            recs_out_byte(out, '\n');
        }
    }
}


static void
ngx_http_recs_prometheus_latency(const ngx_http_recs_slot_t *sum,
    recs_out_t *out)
{
    uint64_t    count;
    ngx_uint_t  i;

    static ngx_str_t  name = ngx_string("request_duration_seconds");
    static ngx_str_t  help = ngx_string("Time to find and render an answer.");

    ngx_http_recs_prometheus_head(out, &name, "histogram", &help);

    count = 0;

    for (i = 0; i < NGX_HTTP_RECS_BUCKETS; i++) {
        count += sum->buckets[i];

        recs_out_lit(out, "nginx_recs_request_duration_seconds_bucket{le=\"");
        recs_out_micro(out, ngx_http_recs_bounds[i]);
        recs_out_lit(out, "\"} ");
        recs_out_u64(out, count);
        recs_out_byte(out, '\n');
    }

    count += sum->buckets[i];

    recs_out_lit(out, "nginx_recs_request_duration_seconds_bucket"
                      "{le=\"+Inf\"} ");
    recs_out_u64(out, count);
    recs_out_lit(out, "\nnginx_recs_request_duration_seconds_sum ");
    recs_out_micro(out, sum->latency_ns / 1000);
    recs_out_lit(out, "\nnginx_recs_request_duration_seconds_count ");
    recs_out_u64(out, count);
    recs_out_byte(out, '\n');
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


static void
ngx_http_recs_out_text(recs_out_t *out, const char *text)
{
    recs_out_bytes(out, text, ngx_strlen(text));
}
