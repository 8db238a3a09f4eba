/*
 * Copyright (C) recs authors
 *
 * Random cells of a base and a hot layer, questions, and what a loop over
 * all of them says to these.
 */

#include <math.h>

#include <jansson.h>

#include "../../core/answer/recs_stats_sums.h"
#include "../../core/event/recs_client.h"
#include "../../core/recs_date.h"
#include "cells.h"


#define ROUNDS   300
#define GROUPS   4096
#define KEY      512


typedef struct {
    char               key[KEY];
    recs_cell_t        sums;
} group_t;


static group_t      groups[GROUPS * 4];
static unsigned     group_count;
static recs_cell_t  total;


/* The value of a cell in a dimension as text, "" unknown. */

static const char *
text(const file_t *f, const recs_cell_t *c, unsigned d, char *buf)
{
    uint32_t           n;
    const recs_str_t  *s;

    *buf = '\0';
    s = NULL;

    switch (d) {

    case RECS_STATS_TYPE:
        s = c->strategy == RECS_CELL_UNKNOWN
            ? NULL : &recs_strategies[c->strategy].name;
        break;

    case RECS_STATS_ALGORITHM:
        s = c->strategy == RECS_CELL_UNKNOWN
            ? NULL : &recs_strategies[c->strategy].algorithm;
        break;

    case RECS_STATS_POSITION:
        if (c->position) {
            sprintf(buf, "%u", c->position);
        }

        return buf;

    case RECS_STATS_SNAPSHOT:
        if (c->snapshot) {
            sprintf(buf, "%016llx", (unsigned long long) c->snapshot);
        }

        return buf;

    case RECS_STATS_DEVICE:
        if (c->device) {
            recs_str_t  device = recs_device_name(c->device);

            sprintf(buf, "%.*s", (int) device.len, device.data);
        }

        return buf;

    case RECS_STATS_CURRENCY:
        sprintf(buf, "%.3s", (const char *) &c->currency);
        return buf;

    case RECS_STATS_HOUR:
        sprintf(buf, "%010u", c->hour);
        return buf;

    case RECS_STATS_DAY:
        sprintf(buf, "%010u", c->hour / 24);
        return buf;

    default:
        n = (d == RECS_STATS_PLACEMENT) ? c->placement
            : (d == RECS_STATS_VARIANT) ? c->variant
            : (d == RECS_STATS_REGION) ? c->region : c->segment;
        s = (n == RECS_NONE) ? NULL : &f->names[n];
    }

    if (s) {
        sprintf(buf, "%.*s", (int) s->len, s->data);
    }

    return buf;
}


typedef struct {
    recs_stats_query_t  q;
    char                want[RECS_STATS_DIMENSIONS][64];
} question_t;


static void
arg(question_t *a, const char *n, const char *v)
{
    const char  *err;
    recs_str_t   s, t;

    s.data = (const uint8_t *) n;
    s.len = strlen(n);
    t.data = (const uint8_t *) v;
    t.len = strlen(v);

    if (recs_stats_arg(&a->q, &s, &t, &err) != RECS_OK) {
        printf("Bail out! %s=%s\n", n, v);
        exit(1);
    }
}


static void
ask(question_t *a)
{
    char               buf[KEY], list[KEY];
    unsigned           d, i, n;
    const file_t      *f;
    const recs_str_t  *by;

    static char  times[2][32];

    recs_stats_query_init(&a->q);

    f = &files[below(2)];

    for (n = below(3); n && f->cell_count; n--) {
        d = below(RECS_STATS_HOUR);
        strcpy(a->want[d], text(f, &f->cells[below(f->cell_count)], d, buf));
        sprintf(buf, "%.*s", (int) recs_stats_dimensions[d].name.len,
                recs_stats_dimensions[d].name.data);
        arg(a, buf, a->want[d]);
    }

    if (below(3) == 0) {
        sprintf(times[0], "%lld", (DAY * 24LL + below(HOURS)) * 3600000
                + below(2) * 1800000);
        arg(a, "from", times[0]);
    }

    if (below(3) == 0) {
        sprintf(times[1], "%lld", (DAY * 24LL + below(HOURS)) * 3600000
                + below(2) * 1800000);
        arg(a, "to", times[1]);
    }

    *list = '\0';

    for (n = below(4), i = below(RECS_STATS_DIMENSIONS); n; n--) {
        by = &recs_stats_dimensions[i].name;
        sprintf(list + strlen(list), "%s%.*s", *list ? "," : "",
                (int) by->len, by->data);
        i = (i + 1 + below(3)) % RECS_STATS_DIMENSIONS;
    }

    if (*list) {
        arg(a, "groupBy", list);
    }
}


static void
count(const question_t *a, const file_t *f, const recs_cell_t *c)
{
    char      key[KEY], buf[KEY];
    int64_t   begin, end;
    unsigned  d, i;

    begin = c->hour * 3600000LL;
    end = begin + (c->hour < f->meta.hourly ? 86400000LL : 3600000LL);

    if (begin >= a->q.to_ms || end <= a->q.from_ms) {
        return;
    }

    for (d = 0; d < RECS_STATS_DIMENSIONS; d++) {
        if ((a->q.filtered & (1u << d))
            && strcmp(text(f, c, d, buf), a->want[d]) != 0)
        {
            return;
        }
    }

    recs_cell_add(&total, c);
    *key = '\0';

    for (i = 0; i < a->q.by_count; i++) {
        strcat(key, text(f, c, a->q.by[i], buf));
        strcat(key, "|");
    }

    for (i = 0; i < group_count && strcmp(groups[i].key, key); i++) { }

    if (i == group_count) {
        memset(&groups[i], 0, sizeof(group_t));
        strcpy(groups[i].key, key);
        group_count++;
    }

    recs_cell_add(&groups[i].sums, c);
}


static void
reference(const question_t *a, const file_t *base, const file_t *hot)
{
    unsigned            i, n, covered, h;
    const recs_cell_t  *c;

    group_count = 0;
    memset(&total, 0, sizeof(total));

    for (i = 0; hot && i < hot->cell_count; i++) {
        count(a, hot, &hot->cells[i]);
    }

    for (i = 0; base && i < base->cell_count; i++) {
        c = &base->cells[i];
        n = (c->hour < base->meta.hourly) ? 24 : 1;

        for (h = 0, covered = 0; hot && h < n; h++) {
            covered |= hot->covers[c->hour - DAY * 24 + h];
        }

        if (!covered) {
            count(a, base, c);
        }
    }
}


static unsigned
same(const recs_cell_t *one, const recs_cell_t *other)
{
    return one->currency == other->currency
           && memcmp(&one->served, &other->served, sizeof(recs_cell_t)
                     - offsetof(recs_cell_t, served)) == 0;
}


static recs_stats_t *
sum(void *memory, uint32_t max, const question_t *a, const file_t *base,
    const file_t *hot)
{
    recs_stats_t  *s;

    s = recs_stats_init(memory, max, &a->q, base ? &base->loaded : NULL,
                        hot ? &hot->loaded : NULL);

    while (recs_stats_step(s, 1 + below(60)) == RECS_AGAIN) { }

    return s;
}


/* The key of a group, made of what stats says of it. */

static void
keyed(const question_t *a, const recs_stats_value_t *v, char *key)
{
    char         buf[KEY];
    file_t       none;
    unsigned     i;
    recs_cell_t  c;

    *key = '\0';

    for (i = 0; i < a->q.by_count; i++) {
        memset(&c, 0, sizeof(c));

        switch (a->q.by[i]) {
        case RECS_STATS_TYPE:      c.strategy = (uint8_t) v[i].number; break;
        case RECS_STATS_POSITION:  c.position = (uint16_t) v[i].number; break;
        case RECS_STATS_SNAPSHOT:  c.snapshot = v[i].number; break;
        case RECS_STATS_DEVICE:    c.device = (uint8_t) v[i].number; break;
        case RECS_STATS_CURRENCY:  c.currency = (uint32_t) v[i].number; break;
        case RECS_STATS_HOUR:      c.hour = (uint32_t) v[i].number; break;
        case RECS_STATS_DAY:       c.hour = (uint32_t) v[i].number * 24; break;
        default:
            sprintf(key + strlen(key), "%.*s|", (int) v[i].text.len,
                    v[i].text.len ? (const char *) v[i].text.data : "");
            continue;
        }

        strcat(key, text(&none, &c, a->q.by[i], buf));
        strcat(key, "|");
    }
}


static unsigned
agrees(const question_t *a, const recs_stats_t *s)
{
    char                 key[KEY];
    unsigned             bad, j;
    uint32_t             i, n;
    recs_stats_value_t   v[RECS_STATS_BY];
    const recs_cell_t   *sums;

    n = recs_stats_groups(s);
    bad = !same(recs_stats_total(s), &total) || recs_stats_truncated(s)
          || n != (a->q.by_count ? group_count : 0);

    for (i = 0; i < n; i++) {
        sums = recs_stats_group(s, i, v);
        keyed(a, v, key);

        for (j = 0; j < group_count && strcmp(groups[j].key, key); j++) { }

        bad |= j == group_count || !same(sums, &groups[j].sums);
    }

    return !bad;
}


/* Ascending, but types and devices by their numbers. */

static unsigned
sorted(const question_t *a, const recs_stats_t *s)
{
    int                 rc;
    size_t              len;
    uint32_t            i, n;
    unsigned            j;
    recs_stats_value_t  v[2][RECS_STATS_BY];

    n = recs_stats_groups(s);

    for (i = 1; i < n; i++) {
        (void) recs_stats_group(s, i - 1, v[0]);
        (void) recs_stats_group(s, i, v[1]);

        for (j = 0, rc = 0; j < a->q.by_count && rc == 0; j++) {
            rc = (v[0][j].number > v[1][j].number)
                 - (v[0][j].number < v[1][j].number);
            len = recs_min(v[0][j].text.len, v[1][j].text.len);

            if (a->q.by[j] == RECS_STATS_CURRENCY) {
                rc = memcmp(&v[0][j].number, &v[1][j].number, 3);
            }

            if (rc == 0 && len) {
                rc = memcmp(v[0][j].text.data, v[1][j].text.data, len);
            }

            if (rc == 0) {
                rc = (int) v[0][j].text.len - (int) v[1][j].text.len;
            }
        }

        if (rc >= 0) {
            return 0;
        }
    }

    return 1;
}


/* The whole document, by pieces of any size. */

static json_t *
document(recs_stats_t *s)
{
    int           rc;
    char         *all;
    size_t        len, room;
    json_t       *json;
    uint32_t      n;
    recs_out_t    out;
    json_error_t  e;

    all = NULL;
    len = 0;

    do {
        n = 1 + below(40);
        room = recs_stats_room(s, n);
        all = realloc(all, len + room);
        recs_out_init(&out, all + len, room);
        rc = recs_stats_json(s, &out, n);

        if (rc == RECS_ERROR) {
            free(all);
            return NULL;
        }

        len = (char *) out.pos - all;
    } while (rc == RECS_AGAIN);

    json = json_loadb(all, len, JSON_REJECT_DUPLICATES, &e);

    if (json == NULL) {
        printf("# %s at %d\n", e.text, e.position);
    }

    free(all);

    return json;
}


static unsigned
rate(const json_t *sums, const char *member, double hits, double n,
    uint64_t whole_hits, uint64_t whole_n)
{
    double   low, high;
    json_t  *r;

    r = json_object_get(sums, member);

    if (n == 0) {
        return json_is_null(r);
    }

    if (recs_cell_wilson(whole_hits, whole_n, &low, &high) != RECS_OK) {
        return json_is_null(json_object_get(r, "low"));
    }

    return fabs(json_number_value(json_object_get(r, "value")) - hits / n)
           < 1e-6
           && fabs(json_number_value(json_object_get(r, "low")) - low) < 1e-6
           && fabs(json_number_value(json_object_get(r, "high")) - high)
              < 1e-6;
}


static unsigned
printed(const json_t *json, const recs_cell_t *c)
{
    json_t  *r;

#define number(member)  json_number_value(json_object_get(json, member))
#define whole(n)        (((n) + 500000) / 1000000)

    r = json_object_get(json, "averageOrderValue");

    if (c->currency == RECS_CELL_MIXED) {
        return json_is_null(r)
               && json_is_null(json_object_get(json, "revenue"))
               && json_is_null(json_object_get(json, "margin"))
               && json_is_null(json_object_get(json, "viewThroughRevenue"))
               && json_is_null(json_object_get(json, "revenuePerClick"))
               && number("served") == (double) c->served
               && fabs(number("orders") - c->orders / 1e6) < 1e-6;
    }

    return number("served") == (double) c->served
           && number("seen") == (double) c->seen
           && number("clicks") == (double) c->clicks
           && fabs(number("carts") - c->carts / 1e6) < 1e-6
           && fabs(number("revenue") - c->revenue / 1e6) < 1e-6
           && fabs(number("margin") - c->margin / 1e6) < 1e-6
           && fabs(number("orderLines") - c->lines / 1e6) < 1e-6
           && fabs(number("viewThroughOrders") - c->view_orders / 1e6) < 1e-6
           && number("viewThroughLines") == (double) c->view_lines
           && (c->orders ? fabs(json_number_value(r)
                                - (double) c->revenue / (double) c->orders)
                           < 1e-5
                         : json_is_null(r))
           && rate(json, "ctrSeen", c->clicks, c->seen, c->clicks, c->seen)
           && rate(json, "ctrServed", c->clicks, c->served, c->clicks,
                   c->served)
           && rate(json, "addToCartRate", c->carts / 1e6, c->clicks,
                   whole(c->carts), c->clicks)
           && rate(json, "conversionRate", c->lines / 1e6, c->clicks,
                   whole(c->lines), c->clicks)
           && rate(json, "refundRate", c->refunds, c->lines,
                   whole(c->refunds), whole(c->lines));
}


static unsigned
shows(const question_t *a, recs_stats_t *s)
{
    size_t               i, n;
    json_t              *json, *list, *all;
    unsigned             good;
    recs_stats_value_t   v[RECS_STATS_BY];
    const recs_cell_t   *sums;

    json = document(s);

    if (json == NULL) {
        return 0;
    }

    all = json_object_get(json, "total");
    list = json_object_get(json, "groups");
    n = json_array_size(list);

    good = n == recs_stats_groups(s)
           && printed(all, recs_stats_total(s))
           && json_array_size(json_object_get(json, "groupBy"))
              == a->q.by_count
           && json_object_size(json_object_get(json, "definitions")) == 26;

    for (i = 0; i < n; i++) {
        sums = recs_stats_group(s, (uint32_t) i, v);
        good &= printed(json_array_get(list, i), sums)
                && json_object_size(json_array_get(list, i))
                   == json_object_size(all) + a->q.by_count;
    }

    json_decref(json);

    return good;
}


static void
sums(void)
{
    void          *memory;
    unsigned       i, good[4] = { 1, 1, 1, 1 };
    question_t     a;
    recs_stats_t  *s;
    const file_t  *base, *hot;

    memory = malloc(recs_stats_size(GROUPS));

    for (i = 0; i < ROUNDS; i++) {
        if (i % 10 == 0) {
            make(&files[0], below(DAYS), 1000000, 3);
            make(&files[1], below(DAYS), 1000000 + below(2) * 100, 1);
        }

        base = below(8) ? &files[0] : NULL;
        hot = below(4) ? &files[1] : NULL;

        ask(&a);
        reference(&a, base, hot);
        s = sum(memory, GROUPS, &a, base, hot);

        good[0] &= agrees(&a, s);
        good[1] &= sorted(&a, s);
        good[2] &= shows(&a, s);
        good[3] &= recs_stats_meta(s)->events
                   == (hot ? hot->meta.events : base ? base->meta.events : 0);
    }

    ok(good[0], "sums and groups are those of a loop over all cells");
    ok(good[1], "groups are in order, each once");
    ok(good[2], "the document says the same");
    ok(good[3], "the head is that of the hot layer");

    make(&files[1], 2, 999999, 3);
    ask(&a);
    reference(&a, &files[0], NULL);
    ok(agrees(&a, sum(memory, GROUPS, &a, &files[0], &files[1])),
       "a hot layer that the base is ahead of does not count");

    free(memory);
}


static void
bounds(void)
{
    void          *memory;
    uint32_t       n;
    recs_out_t     out;
    question_t     a;
    recs_stats_t  *s;
    uint8_t        small[64];

    memory = malloc(recs_stats_size(8));
    make(&files[0], 1, 1000000, 4);

    memset(&a, 0, sizeof(a));
    recs_stats_query_init(&a.q);
    arg(&a, "groupBy", "hour,position,placement");
    reference(&a, &files[0], NULL);
    s = sum(memory, 8, &a, &files[0], NULL);
    n = recs_stats_groups(s);

    ok(n == 8 && recs_stats_truncated(s),
       "groups that do not fit are left out");
    ok(same(recs_stats_total(s), &total), "of the total they are not");

    recs_out_init(&out, small, sizeof(small));
    is_int(recs_stats_json(s, &out, 1), RECS_ERROR, "a piece has no room");
    ok(shows(&a, s), "and is written when it has");

    s = sum(memory, 8, &a, NULL, NULL);
    ok(shows(&a, s) && recs_stats_total(s)->served == 0, "without a report");

    free(memory);
}


/* A report in memory is one part. */

static void
flat(void)
{
    void               *memory;
    question_t          a;
    recs_cells_t        c;
    recs_stats_t       *s;
    recs_cells_part_t   p;

    memory = malloc(recs_stats_size(GROUPS));
    make(&files[0], 2, 1000000, 4);
    recs_cells_flat(&c, &p, files[0].cells, files[0].cell_count,
                    files[0].names, NAMES, &files[0].meta);

    memset(&a, 0, sizeof(a));
    recs_stats_query_init(&a.q);
    arg(&a, "groupBy", "type,day,region");
    reference(&a, &files[0], NULL);
    s = recs_stats_init(memory, GROUPS, &a.q, &c, NULL);

    while (recs_stats_step(s, 100) == RECS_AGAIN) { }

    ok(agrees(&a, s), "cells of a report in memory");
    free(memory);
}


static void
args(void)
{
    size_t              i;
    const char         *err;
    recs_str_t          n, v;
    recs_stats_query_t  q;

    static const struct {
        const char  *name;
        const char  *value;
        int          rc;
    } cases[] = {
        { "type", "TRENDING", RECS_OK }, { "type", "trending", RECS_OK },
        { "type", "similar", RECS_OK }, { "type", "CATALOGUE", RECS_OK },
        { "type", "", RECS_OK }, { "type", "nothing", RECS_ERROR },
        { "position", "3", RECS_OK }, { "position", "-1", RECS_ERROR },
        { "position", "99999999999", RECS_ERROR },
        { "device", "mobile", RECS_OK }, { "device", "bot", RECS_ERROR },
        { "device", "", RECS_OK }, { "device", "toaster", RECS_ERROR },
        { "snapshot", "0123456789abcdef", RECS_OK },
        { "snapshot", "0123456789ABCDEF", RECS_OK },
        { "snapshot", "0123456789abcde", RECS_ERROR },
        { "snapshot", "0123456789abcdeg", RECS_ERROR },
        { "placement", "home", RECS_OK }, { "algorithm", "x", RECS_OK },
        { "from", "2026-01-31", RECS_OK },
        { "from", "2026-01-31T10:00:00Z", RECS_OK },
        { "from", "yesterday", RECS_ERROR },
        { "to", "", RECS_ERROR },
        { "groupBy", "type,day,hour", RECS_OK },
        { "groupBy", "", RECS_ERROR }, { "groupBy", "type,", RECS_ERROR },
        { "groupBy", "type,type", RECS_ERROR },
        { "groupBy", "type,day,hour,region", RECS_ERROR },
        { "groupBy", "colour", RECS_ERROR },
        { "hour", "1", RECS_DECLINED }, { "limit", "1", RECS_DECLINED }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        recs_stats_query_init(&q);
        err = NULL;
        n.data = (const uint8_t *) cases[i].name;
        n.len = strlen(cases[i].name);
        v.data = (const uint8_t *) cases[i].value;
        v.len = strlen(cases[i].value);

        is_int(recs_stats_arg(&q, &n, &v, &err), cases[i].rc, "%s=%s",
               cases[i].name, cases[i].value);
        ok(cases[i].rc != RECS_ERROR || err, "says why, if not");
    }

    recs_stats_query_init(&q);
    is_int(recs_stats_query_check(&q, &err), RECS_OK, "all times");
    q.from_ms = q.to_ms = 5;
    is_int(recs_stats_query_check(&q, &err), RECS_ERROR, "no time at all");
}


static void
times(void)
{
    char        buf[64];
    size_t      i;
    recs_out_t  out;

    static const struct {
        int64_t      ms;
        const char  *text;
    } cases[] = {
        { 0, "\"1970-01-01T00:00:00Z\"" },
        { -1, "\"1970-01-01T00:00:00Z\"" },
        { INT64_C(951782400000), "\"2000-02-29T00:00:00Z\"" },
        { INT64_C(951868799999), "\"2000-02-29T23:59:59.999Z\"" },
        { INT64_C(1740787200000), "\"2025-03-01T00:00:00Z\"" },
        { INT64_C(1767225599000), "\"2025-12-31T23:59:59Z\"" },
        { INT64_MAX, "\"9999-12-31T23:59:59.999Z\"" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        recs_out_init(&out, buf, sizeof(buf));
        recs_out_time(&out, cases[i].ms);
        is_str(buf, (char *) out.pos - buf, cases[i].text, "%s",
               cases[i].text);
    }
}


int
main(int argc, char **argv)
{
    begin();
    sums();
    bounds();
    flat();
    args();
    times();

    return done_testing();
}
