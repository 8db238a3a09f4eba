
/*
 * Copyright (C) recs authors
 */


#include "ngx_http_recs_status.h"
#include "ngx_http_recs_visit.h"


/* One gauge of a snapshot. */

typedef enum {
    NGX_HTTP_RECS_GAUGE_ITEMS = 0,
    NGX_HTTP_RECS_GAUGE_SIZE,
    NGX_HTTP_RECS_GAUGE_TIME,
    NGX_HTTP_RECS_GAUGE_LOADED,
    NGX_HTTP_RECS_GAUGE_RETIRED
} ngx_http_recs_gauge_e;


static void ngx_http_recs_prometheus_sessions(
    ngx_http_recs_main_conf_t *rmcf, recs_out_t *out);
static void ngx_http_recs_prometheus_snapshots(
    ngx_http_recs_main_conf_t *rmcf, recs_out_t *out);
static void ngx_http_recs_prometheus_gauge(ngx_http_recs_main_conf_t *rmcf,
    ngx_http_recs_gauge_e gauge, recs_out_t *out);
static void ngx_http_recs_prometheus_head(recs_out_t *out,
    const ngx_str_t *name, const char *type, const ngx_str_t *help);
static void ngx_http_recs_prometheus_label(recs_out_t *out,
    const ngx_str_t *value);
static void ngx_http_recs_prometheus_arms(const ngx_http_recs_slot_t *sum,
    recs_out_t *out);
static void ngx_http_recs_prometheus_requests(
    const ngx_http_recs_slot_t *sum, recs_out_t *out);
static void ngx_http_recs_prometheus_latency(const ngx_http_recs_slot_t *sum,
    recs_out_t *out);


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
    recs_out_u64(out, ngx_http_recs_zone_redis_up(rmcf));
    recs_out_byte(out, '\n');

    ngx_http_recs_prometheus_sessions(rmcf, out);
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

    ngx_http_recs_prometheus_arms(sum, out);
    ngx_http_recs_prometheus_requests(sum, out);
    ngx_http_recs_prometheus_latency(sum, out);
}


/* Nothing is counted where there is no canary. */

static void
ngx_http_recs_prometheus_arms(const ngx_http_recs_slot_t *sum,
    recs_out_t *out)
{
    static ngx_str_t  name = ngx_string("snapshot_answers_total");
    static ngx_str_t  help =
        ngx_string("Answers from the base and from the canary.");

    ngx_http_recs_prometheus_head(out, &name, "counter", &help);

    recs_out_lit(out, "nginx_recs_snapshot_answers_total{arm=\"base\"} ");
    recs_out_u64(out, sum->arms[NGX_HTTP_RECS_ARM_BASE]);
    recs_out_lit(out, "\nnginx_recs_snapshot_answers_total{arm=\"canary\"} ");
    recs_out_u64(out, sum->arms[NGX_HTTP_RECS_ARM_CANARY]);
    recs_out_byte(out, '\n');
}


static void
ngx_http_recs_prometheus_sessions(ngx_http_recs_main_conf_t *rmcf,
    recs_out_t *out)
{
    recs_visits_t  *table;

    static ngx_str_t  records = ngx_string("sessions");
    static ngx_str_t  records_help =
        ngx_string("Live sessions and users in the zone.");
    static ngx_str_t  room = ngx_string("sessions_room");
    static ngx_str_t  room_help =
        ngx_string("Live sessions and users that the zone has room for.");

    table = rmcf->visits ? rmcf->visits->user.table : NULL;

    ngx_http_recs_prometheus_head(out, &records, "gauge", &records_help);
    recs_out_lit(out, "nginx_recs_sessions ");
    recs_out_u64(out, table ? recs_visits_count(table) : 0);
    recs_out_byte(out, '\n');

    ngx_http_recs_prometheus_head(out, &room, "gauge", &room_help);
    recs_out_lit(out, "nginx_recs_sessions_room ");
    recs_out_u64(out, table ? recs_visits_room(table) : 0);
    recs_out_byte(out, '\n');
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

        /* an id every two seconds would be a new series each time */

        if (sp[i]->current == NULL || sp[i]->kind == RECS_KIND_HOT) {
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
    recs_out_bytes(out, type, ngx_strlen(type));
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
