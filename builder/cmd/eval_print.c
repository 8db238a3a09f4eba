/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../memory.h"
#include "eval.h"


/* The last element of a path, also of "cf/gowalla/"; into "name". */

static const char *
recs_eval_split(const recs_eval_cmd_t *c, char name[64])
{
    size_t       len;
    const char  *path, *p;

    path = c->eval.paths[0];
    len = strlen(path);

    while (len > 1 && path[len - 1] == '/') {
        len--;
    }

    for (p = path + len; p > path && p[-1] != '/'; p--) { /* void */ }

    snprintf(name, 64, "%.*s", (int) (path + len - p), p);

    return name;
}


static const char *
recs_eval_part_name(const recs_eval_cmd_t *c)
{
    return (c->eval.part == RECS_PART_TEST) ? "test" : "validation";
}


static void
recs_eval_pair(const recs_eval_cmd_t *c, const recs_result_t *r,
    const recs_result_t *against, unsigned m, recs_interval_t *interval)
{
    recs_eval_paired(r, against, m, c->eval.seed,
                     (unsigned) c->config.threads, interval);
}


static void
recs_eval_head(const recs_eval_cmd_t *c, const recs_result_t *r)
{
    unsigned  m;

    printf("%-12s\t%s\t%-10s\t%s", "split", "part      ", "variant",
           "cases");

    for (m = 0; m < r->metric_count; m++) {
        printf("\t%s@%-*u", r->metrics[m]->name,
               (int) (13 - strlen(r->metrics[m]->name)), c->eval.at);
    }

    printf("\tcover\tgini\tdiverse\tapart\tnovelty\ttail\tp50 us\tp99 us"
           "\tbuild s\tMB\tpeak MB\tsettings\n");
}


static void
recs_eval_row(recs_eval_cmd_t *c, const recs_result_t *r,
    const recs_result_t *against, const char *note)
{
    char               name[64];
    unsigned           m;
    recs_interval_t    interval;
    const recs_str_t  *strategy;

    if (!c->printed) {
        recs_eval_head(c, r);
        c->printed = 1;
    }

    strategy = &recs_strategies[r->strategy].name;

    printf("%-12s\t%-10s\t%-10s\t%5u", recs_eval_split(c, name),
           recs_eval_part_name(c), r->variant ? r->variant : "-", r->count);

    for (m = 0; m < r->metric_count; m++) {
        printf("\t%.5f", r->mean[m]);

        if (r->half[m] > 0) {
            printf(" ~%.5f", r->half[m]);

        } else {
            printf("%8s", "");
        }
    }

    printf("\t%.3f\t%.3f\t%.3f\t%.3f\t%.2f\t%.4f\t%.1f\t%.1f\t%.1f\t%.1f\t"
           "%ld\t%.*s%s%s%s%s\n", r->coverage, r->gini, r->diversity,
           r->distance, r->novelty, r->tail, r->us_p50, r->us_p99,
           r->build_seconds, r->bytes / 1e6, r->peak_kb / 1000,
           (int) strategy->len, (const char *) strategy->data,
           *r->parameters ? " " : "", r->parameters, *note ? "\t" : "", note);

    for (m = 0; against && m < r->metric_count; m++) {
        recs_eval_pair(c, r, against, m, &interval);

        printf("%-12s\t%s %s by %+.5f, 95 %% of %+.5f to %+.5f\n", "",
               note, r->metrics[m]->name, interval.mean, interval.low,
               interval.high);
    }

    fflush(stdout);
}


static json_t *
recs_eval_object_metrics(const recs_eval_cmd_t *c, const recs_result_t *r)
{
    unsigned   m;
    json_t    *metrics;

    metrics = json_object();

    for (m = 0; m < r->metric_count; m++) {
        json_object_set_new(metrics, r->metrics[m]->name,
                            json_pack("{s:f, s:f}", "value", r->mean[m],
                                      "half", r->half[m]));
    }

    return metrics;
}


static json_t *
recs_eval_object_pair(const recs_eval_cmd_t *c, const recs_result_t *r,
    const recs_result_t *against)
{
    json_t           *pair;
    unsigned          m;
    recs_interval_t   i;

    pair = json_pack("{s:s}", "against", against->parameters);

    for (m = 0; m < r->metric_count; m++) {
        recs_eval_pair(c, r, against, m, &i);
        json_object_set_new(pair, r->metrics[m]->name,
                            json_pack("[f, f, f]", i.mean, i.low, i.high));
    }

    return pair;
}


static void
recs_eval_object(recs_eval_cmd_t *c, const recs_result_t *r,
    const recs_result_t *against, const char *note)
{
    char              *text, hash[24], name[64];
    json_t            *object;
    const recs_str_t  *strategy;

    strategy = &recs_strategies[r->strategy].name;
    snprintf(hash, sizeof(hash), "%016" PRIx64, r->hash);

    object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:i, s:i, s:s%,"
                       " s:s}",
                       "protocol", c->eval.protocol->name,
                       "split", recs_eval_split(c, name),
                       "data", hash,
                       "part", recs_eval_part_name(c),
                       "version", RECS_VERSION,
                       "seed", (json_int_t) c->eval.seed,
                       "parameters", r->parameters,
                       "at", (int) c->eval.at,
                       "cases", (int) r->count,
                       "strategy", (const char *) strategy->data,
                       strategy->len,
                       "snapshot", r->id);

    if (r->variant) {
        json_object_set_new(object, "variant", json_string(r->variant));
    }

    if (*note) {
        json_object_set_new(object, "row", json_string(note));
    }

    json_object_set_new(object, "metrics", recs_eval_object_metrics(c, r));

    json_object_update_new(object,
        json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, "
                  "s:I}",
                  "coverage", r->coverage, "gini", r->gini,
                  "diversity", r->diversity,
                  "distance", r->distance,
                  "novelty", r->novelty,
                  "tail", r->tail,
                  "us_p50", r->us_p50, "us_p99", r->us_p99,
                  "build_seconds", r->build_seconds,
                  "answer_seconds", r->answer_seconds,
                  "bytes", (json_int_t) r->bytes,
                  "peak_kb", (json_int_t) r->peak_kb));

    if (against) {
        json_object_set_new(object, "paired",
                            recs_eval_object_pair(c, r, against));
    }

    text = json_dumps(object, JSON_COMPACT | JSON_REAL_PRECISION(7));

    if (text) {
        puts(text);
        fflush(stdout);
    }

    free(text);
    json_decref(object);
}


void
recs_eval_print(recs_eval_cmd_t *c, const recs_result_t *r,
    const recs_result_t *against, const char *note)
{
    if (c->options.json) {
        recs_eval_object(c, r, against, note);

    } else {
        recs_eval_row(c, r, against, note);
    }
}
