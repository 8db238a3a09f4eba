/*
 * Copyright (C) recs authors
 *
 * What a layer has of a report beside its base: base and layer together are
 * the report, whenever the base was made, of whatever events, and whatever
 * has become a day since.
 */

#include <stdlib.h>
#include <time.h>

#include "../../builder/memory.h"
#include "../../builder/report/section.h"
#include "../../core/answer/recs_stats_sums.h"
#include "../../core/event/recs_event_type.h"
#include "tap.h"


#define T0      INT64_C(1700006400000)       /* a midnight */
#define HOUR    INT64_C(3600000)
#define ROUNDS  60
#define GROUPS  4096


static recs_config_t  config;
static uint64_t       seed;


static uint32_t
below(uint32_t n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (seed >> 33) % n;
}


static recs_str_t
text(char *buf, const char *prefix, uint32_t n)
{
    recs_str_t  s;

    s.len = (size_t) sprintf(buf, "%s%u", prefix, n);
    s.data = (const uint8_t *) buf;

    return s;
}


/* A click, an order or a refund of somebody. */

static void
event(recs_report_t *r, int64_t time)
{
    char                 names[5][32];
    recs_error_t         err;
    static recs_event_t  e;

    static const uint8_t  types[] = {
        RECS_EVENT_RECOMMENDATION_CLICK, RECS_EVENT_RECOMMENDATION_CLICK,
        RECS_EVENT_RECOMMENDATION_CLICK, RECS_EVENT_PURCHASE,
        RECS_EVENT_ADD_TO_CART, RECS_EVENT_REFUND
    };

    recs_event_init(&e);

    e.class = RECS_CLASS_ACTIVITY;
    e.type = types[below(sizeof(types))];
    e.epoch = 1;
    e.time_ms = e.received_ms = time;
    e.device = (uint8_t) below(RECS_DEVICE_BOT);
    e.session.bytes[0] = 1;
    e.session.bytes[5] = (uint8_t) below(6);
    e.recommendation = text(names[0], "rec", below(20));
    e.placement = text(names[1], "p", below(30));
    e.region = text(names[2], "r", below(4));
    e.order = text(names[3], "o", below(12));
    e.item_count = 1;
    recs_event_item_init(&e.items[0]);
    e.items[0].product = text(names[4], "item", below(4));
    e.items[0].price = 5 * RECS_MICRO;

    (void) recs_report_add(r, &e, &err);
}


/* A section as a file has it: its own memory. */

typedef struct {
    recs_cells_t        c;
    recs_cells_part_t  *parts;
    recs_str_t         *names;
    uint8_t            *bytes;
} copy_t;


static void
copy(copy_t *to, const recs_cells_t *from)
{
    size_t    len;
    uint32_t  i;
    uint8_t  *p;

    for (i = 0, len = 1; i < from->part_count; i++) {
        len += from->parts[i].count * sizeof(recs_cell_t) + 1;
    }

    for (i = 0; i < from->name_count; i++) {
        len += from->names[i].len;
    }

    to->c = *from;
    to->parts = malloc((from->part_count + 1) * sizeof(recs_cells_part_t));
    to->names = malloc((from->name_count + 1) * sizeof(recs_str_t));
    to->bytes = p = malloc(len);

    for (i = 0; i < from->part_count; i++) {
        to->parts[i] = from->parts[i];
        to->parts[i].cells = ++p;
        len = from->parts[i].count * sizeof(recs_cell_t);

        if (len) {
            memcpy(p, from->parts[i].cells, len);
            p += len;
        }
    }

    for (i = 0; i < from->name_count; i++) {
        to->names[i].len = from->names[i].len;
        to->names[i].data = p;
        memcpy(p, from->names[i].data, from->names[i].len);
        p += from->names[i].len;
    }

    to->c.parts = to->parts;
    to->c.names = to->names;
    to->c.reports = NULL;
    to->c.report_count = 0;
}


static void
uncopy(copy_t *c)
{
    free(c->parts);
    free(c->names);
    free(c->bytes);
}


/* All groups and the total as one text. */

static char *
summed(const char *by, const recs_cells_t *base, const recs_cells_t *hot)
{
    char                *out;
    void                *memory;
    uint32_t             i, n;
    unsigned             k;
    size_t               len;
    const char          *err;
    recs_str_t           value;
    recs_stats_t        *s;
    const recs_cell_t   *c;
    recs_stats_query_t   q;
    recs_stats_value_t   v[RECS_STATS_BY];

    static const recs_str_t  name = recs_string("groupBy");

    recs_stats_query_init(&q);
    value.data = (const uint8_t *) by;
    value.len = strlen(by);
    (void) recs_stats_arg(&q, &name, &value, &err);

    memory = malloc(recs_stats_size(GROUPS));
    s = recs_stats_init(memory, GROUPS, &q, base, hot);

    while (recs_stats_step(s, 100) == RECS_AGAIN) { /* void */ }

    n = recs_stats_groups(s);
    out = malloc((n + 1) * 400);
    out[0] = '\0';

    for (i = 0, len = 0; i <= n; i++) {
        c = (i < n) ? recs_stats_group(s, i, v) : recs_stats_total(s);

        for (k = 0; i < n && k < q.by_count; k++) {
            len += (size_t) sprintf(out + len, "%llu%.*s ",
                                    (unsigned long long) v[k].number,
                                    (int) v[k].text.len,
                                    v[k].text.len ? (char *) v[k].text.data
                                                  : "");
        }

        /* what has become nothing is not told apart from what never was */

        if (i < n && c->clicks == 0 && c->carts == 0 && c->orders == 0
            && c->revenue == 0 && c->refunds == 0)
        {
            while (len && out[len - 1] != '\n') {
                len--;
            }

            continue;
        }

        len += (size_t) sprintf(out + len, "%llu %llu %llu %lld %llu\n",
                                (unsigned long long) c->clicks,
                                (unsigned long long) c->carts,
                                (unsigned long long) c->orders,
                                (long long) c->revenue,
                                (unsigned long long) c->refunds);
    }

    out[len] = '\0';
    free(memory);

    return out;
}


static unsigned
agree(const recs_cells_t *base, const recs_cells_t *hot,
    const recs_cells_t *all)
{
    char      *one, *other;
    size_t     i;
    unsigned   good;

    static const char *const  by[] = {
        "day,placement,region", "device,type", "day"
    };

    for (i = 0, good = 1; i < sizeof(by) / sizeof(by[0]); i++) {
        one = summed(by[i], base, hot);
        other = summed(by[i], all, NULL);
        good &= strcmp(one, other) == 0;
        free(one);
        free(other);
    }

    return good;
}


static void
section(recs_report_section_t *s, recs_report_t *r, const recs_cells_t *base,
    uint64_t since)
{
    recs_error_t  err;

    if (recs_report_section(s, r, base, since, 3, 5, &err) != RECS_OK) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
}


typedef struct {
    unsigned  since;             /* layers by the turn are right */
    unsigned  all;               /* by all cells, too */
    unsigned  less;              /* and no larger than these */
    unsigned  foreign;           /* beside a base of other events */
    unsigned  none;              /* nothing, where nothing has changed */
    unsigned  head;
} found_t;


static void
story(found_t *f)
{
    int64_t                 now;
    uint32_t                i, n;
    uint64_t                turn;
    copy_t                  base, foreign, all, hot;
    recs_report_t          *r, *other;
    recs_report_section_t   s;

    memset(&s, 0, sizeof(s));
    r = recs_report_create(&config);
    other = recs_report_create(&config);
    now = T0 + below(200) * HOUR;

    for (i = 0, n = below(300); i < n; i++) {
        event(r, now - below(150) * HOUR);
        event(other, now - below(150) * HOUR);
    }

    recs_report_clock(r, now);
    recs_report_clock(other, now + below(100) * HOUR);
    turn = recs_report_turn(r);

    section(&s, r, NULL, 0);
    copy(&base, &s.cells);
    section(&s, other, NULL, 0);
    copy(&foreign, &s.cells);
    section(&s, r, &base.c, 0);
    f->none &= s.cells.part_count == 0;
    section(&s, r, &base.c, turn);
    f->none &= s.cells.part_count == 0;

    now += below(120) * HOUR;

    for (i = 0, n = below(100); i < n; i++) {
        event(r, now - below(below(3) ? 3 : 200) * HOUR);
    }

    recs_report_clock(r, now);

    section(&s, r, NULL, 0);
    copy(&all, &s.cells);
    f->head &= s.cells.meta.lost == 3 && s.cells.meta.gaps == 5
               && s.cells.meta.made_ms == now && s.cells.report_count > 0;

    section(&s, r, &base.c, turn);
    copy(&hot, &s.cells);
    f->since &= agree(&base.c, &hot.c, &all.c);
    uncopy(&hot);
    i = s.cells.part_count;

    section(&s, r, &base.c, 0);
    f->less &= i == s.cells.part_count;
    copy(&hot, &s.cells);
    f->all &= agree(&base.c, &hot.c, &all.c);
    uncopy(&hot);

    section(&s, r, &foreign.c, 0);
    copy(&hot, &s.cells);
    f->foreign &= agree(&foreign.c, &hot.c, &all.c);

    uncopy(&hot);
    uncopy(&base);
    uncopy(&foreign);
    uncopy(&all);
    recs_report_section_free(&s);
    recs_report_destroy(r);
    recs_report_destroy(other);
}


int
main(int argc, char **argv)
{
    found_t      f = { 1, 1, 1, 1, 1, 1 };
    unsigned     i;
    const char  *given;

    given = getenv("SEED");
    seed = given ? strtoull(given, NULL, 10) : (uint64_t) time(NULL);
    printf("# SEED=%llu\n", (unsigned long long) seed);

    recs_config_init(&config);
    config.report_hours = 72;

    for (i = 0; i < ROUNDS; i++) {
        story(&f);
    }

    ok(f.none, "a base that has it all has nothing beside it");
    ok(f.since, "a base and what has changed since are the report");
    ok(f.all, "a base and what is other are");
    ok(f.less, "which is the same");
    ok(f.foreign, "also beside a base of other events");
    ok(f.head, "the head is of now");

    return done_testing();
}
