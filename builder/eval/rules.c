/*
 * Copyright (C) recs authors
 */

#include "rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <xxhash.h>

#include "../source/input.h"


/* 20 GB of itemsets: who asks for more has mistyped a support. */

#define RECS_RULES_SETS  (1u << 30)


typedef struct {
    recs_baskets_t  *b;
    recs_names_t    *names;
    uint32_t        *last;       /* by item: the basket it was seen in */
    size_t           rows_cap;
    size_t           entries_cap;
    size_t           last_cap;
    uint8_t          tab;
} recs_baskets_reader_t;


static int recs_baskets_lines(recs_baskets_reader_t *r, recs_input_t *in,
    recs_error_t *err);
static void recs_baskets_line(recs_baskets_reader_t *r,
    const recs_str_t *line);
static void recs_baskets_item(recs_baskets_reader_t *r, const uint8_t *from,
    const uint8_t *to);
static double recs_rules_clock(void);
static void recs_rules_json(FILE *out, const recs_rules_options_t *o,
    const recs_rules_result_t *r);
static void recs_json_text(FILE *out, const char *text);


int
recs_baskets_read(const char *path, recs_baskets_t *b, recs_error_t *err)
{
    int                     rc;
    recs_str_t              head;
    recs_input_t           *in;
    recs_baskets_reader_t   r;

    memset(b, 0, sizeof(recs_baskets_t));
    memset(&r, 0, sizeof(recs_baskets_reader_t));

    in = recs_input_open(path, err);

    if (in == NULL) {
        return RECS_ERROR;
    }

    r.b = b;
    r.names = recs_names_create();

    recs_grow(&b->rows.offsets, &r.rows_cap, 1, sizeof(uint64_t));
    b->rows.offsets[0] = 0;

    rc = recs_input_peek(in, &head, err);

    if (rc != RECS_ERROR) {
        r.tab = head.len && memchr(head.data, '\t', head.len) != NULL;
        rc = recs_baskets_lines(&r, in, err);
    }

    if (rc == RECS_OK && b->rows.rows == 0) {
        rc = recs_error(err, "%s has no basket: one a line, items by tabs or "
                        "by blanks", path);
    }

    b->items = recs_names_count(r.names);

    recs_names_destroy(r.names);
    recs_input_close(in);
    free(r.last);

    if (rc != RECS_OK) {
        recs_baskets_free(b);
    }

    return rc;
}


void
recs_baskets_free(recs_baskets_t *b)
{
    free(b->rows.offsets);
    free(b->rows.entries);

    memset(b, 0, sizeof(recs_baskets_t));
}


static int
recs_baskets_lines(recs_baskets_reader_t *r, recs_input_t *in,
    recs_error_t *err)
{
    int         rc;
    recs_str_t  line;

    for ( ;; ) {
        rc = recs_input_line(in, &line, err);

        if (rc == RECS_DONE) {
            return RECS_OK;
        }

        if (rc == RECS_DECLINED) {
            return recs_error(err, "%s:%llu: the line is longer than %d "
                              "bytes: one basket a line",
                              recs_input_path(in),
                              (unsigned long long) recs_input_number(in),
                              RECS_LINE_MAX);
        }

        if (rc != RECS_OK) {
            return RECS_ERROR;
        }

        r->b->hash = XXH3_64bits_withSeed(line.data, line.len, r->b->hash);
        recs_baskets_line(r, &line);
    }
}


static void
recs_baskets_line(recs_baskets_reader_t *r, const recs_str_t *line)
{
    uint64_t        n;
    recs_rows_t    *rows;
    const uint8_t  *from, *p, *end;

    rows = &r->b->rows;
    n = rows->offsets[rows->rows];

    recs_grow(&rows->offsets, &r->rows_cap, (size_t) rows->rows + 2,
              sizeof(uint64_t));
    rows->offsets[rows->rows + 1] = n;

    from = line->data;
    end = line->data + line->len;

    for (p = from; p <= end; p++) {

        if (p == end || *p == '\t' || (*p == ' ' && !r->tab)) {
            if (p > from) {
                recs_baskets_item(r, from, p);
            }

            from = p + 1;
        }
    }

    if (rows->offsets[rows->rows + 1] > n) {
        rows->rows++;
    }
}


static void
recs_baskets_item(recs_baskets_reader_t *r, const uint8_t *from,
    const uint8_t *to)
{
    size_t        cap;
    uint32_t      item;
    uint64_t     *n;
    recs_rows_t  *rows;

    rows = &r->b->rows;
    item = recs_names_add(r->names, from, to - from);
    cap = r->last_cap;

    recs_grow(&r->last, &r->last_cap, (size_t) item + 1, sizeof(uint32_t));

    if (r->last_cap > cap) {
        memset(r->last + cap, 0xff, (r->last_cap - cap) * sizeof(uint32_t));
    }

    if (r->last[item] == rows->rows) {
        return;
    }

    r->last[item] = rows->rows;
    n = &rows->offsets[rows->rows + 1];

    recs_grow(&rows->entries, &r->entries_cap, *n + 1, sizeof(uint32_t));
    rows->entries[(*n)++] = item;
}


int
recs_eval_rules(const recs_rules_options_t *o, recs_rules_result_t *r,
    recs_error_t *err)
{
    int                     rc;
    double                  start;
    uint32_t                n;
    struct rusage           usage;
    recs_baskets_t          b;
    recs_itemsets_t         s;
    recs_itemsets_limits_t  limits;

    memset(r, 0, sizeof(recs_rules_result_t));
    start = recs_rules_clock();

    if (recs_baskets_read(o->path, &b, err) != RECS_OK) {
        return RECS_ERROR;
    }

    r->read_seconds = recs_rules_clock() - start;
    start = recs_rules_clock();

    /* a share that is a whole number of baskets may be a bit above it */

    r->min_count = o->support >= 1
                   ? o->support : ceil(o->support * b.rows.rows - 1e-9);

    limits.min_count = r->min_count;
    limits.max_length = o->max_length;
    limits.max_sets = RECS_RULES_SETS;

    rc = recs_itemsets_find(&b.rows, b.items, &limits, &s, err);

    if (rc == RECS_OK) {
        r->baskets = b.rows.rows;
        r->items = b.items;
        r->hash = b.hash;
        r->itemsets = s.count;

        for (n = 0; n < s.count; n++) {
            r->by_length[recs_min(s.sets[n].length - 1,
                                  RECS_RULES_LENGTH - 1u)]++;
        }

        if (o->confidence >= 0) {
            r->rules = recs_itemsets_rules(&s, o->confidence, o->min_length,
                                           NULL, NULL);
        }

        r->seconds = recs_rules_clock() - start;
        recs_itemsets_free(&s);
    }

    recs_baskets_free(&b);

    getrusage(RUSAGE_SELF, &usage);
    r->peak_kb = usage.ru_maxrss;

    return rc;
}


static double
recs_rules_clock(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return t.tv_sec + t.tv_nsec / 1e9;
}


void
recs_eval_rules_print(FILE *out, const recs_rules_options_t *o,
    const recs_rules_result_t *r, unsigned json)
{
    uint32_t  n;

    if (json) {
        recs_rules_json(out, o, r);
        return;
    }

    fprintf(out, "%-18s %u\n", "baskets", r->baskets);
    fprintf(out, "%-18s %u\n", "items", r->items);
    fprintf(out, "%-18s %u\n", "least baskets", r->min_count);
    fprintf(out, "%-18s %u\n", "frequent itemsets", r->itemsets);

    for (n = 0; n < RECS_RULES_LENGTH; n++) {
        if (r->by_length[n]) {
            fprintf(out, "  of %-13u %u\n", n + 1, r->by_length[n]);
        }
    }

    if (o->confidence >= 0) {
        fprintf(out, "%-18s %llu\n", "rules", (unsigned long long) r->rules);
    }

    fprintf(out, "%-18s %016llx\n", "data", (unsigned long long) r->hash);
    fprintf(out, "%-18s %.3f\n", "seconds to read", r->read_seconds);
    fprintf(out, "%-18s %.3f\n", "seconds", r->seconds);
    fprintf(out, "%-18s %.1f\n", "peak MB", r->peak_kb / 1024.0);
}


static void
recs_rules_json(FILE *out, const recs_rules_options_t *o,
    const recs_rules_result_t *r)
{
    uint32_t  last, n;

    for (last = 0, n = 0; n < RECS_RULES_LENGTH; n++) {
        last = r->by_length[n] ? n + 1 : last;
    }

    fprintf(out, "{\"protocol\":\"rules\",\"file\":");
    recs_json_text(out, o->path);
    fprintf(out, ",\"data\":\"%016llx\",\"baskets\":%u,\"items\":%u,"
            "\"support\":%.10g,\"minCount\":%u,\"itemsets\":%u,"
            "\"byLength\":[", (unsigned long long) r->hash, r->baskets,
            r->items, o->support, r->min_count, r->itemsets);

    for (n = 0; n < last; n++) {
        fprintf(out, "%s%u", n ? "," : "", r->by_length[n]);
    }

    fprintf(out, "]");

    if (o->confidence >= 0) {
        fprintf(out, ",\"confidence\":%.10g,\"minLength\":%u,\"rules\":%llu",
                o->confidence, o->min_length,
                (unsigned long long) r->rules);
    }

    fprintf(out, ",\"readSeconds\":%.3f,\"seconds\":%.3f,\"peakKb\":%ld}\n",
            r->read_seconds, r->seconds, r->peak_kb);
}


static void
recs_json_text(FILE *out, const char *text)
{
    putc('"', out);

    for ( /* void */ ; *text; text++) {
        if (*text == '"' || *text == '\\') {
            fprintf(out, "\\%c", *text);

        } else if ((unsigned char) *text < 0x20) {
            fprintf(out, "\\u%04x", *text);

        } else {
            putc(*text, out);
        }
    }

    putc('"', out);
}
