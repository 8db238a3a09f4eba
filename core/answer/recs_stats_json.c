/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../recs_date.h"
#include "recs_stats_sums.h"


/* Bytes at most: of the head and the end, of a group without its names. */

#define RECS_STATS_HEAD   8192
#define RECS_STATS_GROUP  2048
#define RECS_STATS_BYTE   6          /* of a text, escaped */


static void recs_stats_head(const recs_stats_t *s, recs_out_t *out);
static void recs_stats_attribution(const recs_cell_meta_t *m,
    recs_out_t *out);
static void recs_stats_currency(const recs_stats_t *s, recs_out_t *out);
static void recs_stats_definitions(recs_out_t *out);
static void recs_stats_row(const recs_stats_t *s,
    const recs_stats_group_t *g, recs_out_t *out);
static void recs_stats_text(unsigned dimension, const recs_stats_value_t *v,
    recs_out_t *out);
static void recs_stats_sums(const recs_cell_t *sums, recs_out_t *out);
static void recs_stats_rate(const recs_stats_rate_t *rate,
    const recs_cell_t *sums, recs_out_t *out);
static void recs_stats_member(const recs_str_t *name, recs_out_t *out);
static void recs_stats_quoted(const recs_str_t *text, recs_out_t *out);
static void recs_stats_moment(const char *name, size_t len, unsigned known,
    int64_t ms, recs_out_t *out);


size_t
recs_stats_room(const recs_stats_t *s, uint32_t max)
{
    size_t                     size;
    uint32_t                   i;
    unsigned                   n;
    const recs_stats_group_t  *g;

    size = RECS_STATS_HEAD;

    for (i = s->written; i < s->count && max; i++, max--) {
        g = &s->groups[s->order[i]];
        size += RECS_STATS_GROUP;

        for (n = 0; n < s->query.by_count; n++) {
            size += g->values[n].text.len * RECS_STATS_BYTE;
        }
    }

    return size;
}


int
recs_stats_json(recs_stats_t *s, recs_out_t *out, uint32_t max)
{
    uint32_t  i, last;

    if (!s->begun) {
        recs_stats_head(s, out);
    }

    last = s->written + recs_min(max, s->count - s->written);

    for (i = s->written; i < last; i++) {
        if (i) {
            recs_out_byte(out, ',');
        }

        recs_stats_row(s, &s->groups[s->order[i]], out);
    }

    if (last == s->count) {
        recs_out_lit(out, "]}");
    }

    if (out->overflow) {
        return RECS_ERROR;
    }

    s->begun = 1;
    s->written = last;

    return (last == s->count) ? RECS_OK : RECS_AGAIN;
}


static void
recs_stats_head(const recs_stats_t *s, recs_out_t *out)
{
    unsigned                 n;
    const recs_cell_meta_t  *m;

    m = recs_stats_meta(s);

    recs_out_byte(out, '{');
    recs_stats_moment("from", 4, s->query.from_ms != INT64_MIN,
                      s->query.from_ms, out);
    recs_stats_moment("to", 2, s->query.to_ms != INT64_MAX, s->query.to_ms,
                      out);
    recs_stats_moment("generatedAt", 11, m->made_ms != 0, m->made_ms, out);
    recs_stats_moment("firstEvent", 10, m->from_ms != 0, m->from_ms, out);
    recs_stats_moment("lastEvent", 9, m->until_ms != 0, m->until_ms, out);

    recs_stats_attribution(m, out);
    recs_stats_currency(s, out);

    recs_out_count(out, ",\"events\":", m->events);
    recs_out_count(out, ",\"bots\":", m->bots);
    recs_out_count(out, ",\"lost\":", m->lost);
    recs_out_count(out, ",\"gaps\":", m->gaps);
    recs_out_count(out, ",\"overflow\":", m->overflow);

    recs_out_lit(out, ",\"groupBy\":[");

    for (n = 0; n < s->query.by_count; n++) {
        if (n) {
            recs_out_byte(out, ',');
        }

        recs_stats_quoted(&recs_stats_dimensions[s->query.by[n]].name, out);
    }

    recs_out_byte(out, ']');
    recs_stats_definitions(out);

    recs_out_lit(out, ",\"total\":{");
    recs_stats_sums(&s->total, out);
    recs_out_lit(out, "},\"truncated\":");

    if (s->truncated) {
        recs_out_lit(out, "true");

    } else {
        recs_out_lit(out, "false");
    }

    recs_out_lit(out, ",\"groups\":[");
}


static void
recs_stats_attribution(const recs_cell_meta_t *m, recs_out_t *out)
{
    static const recs_str_t  models[] = {
        recs_string("last"),
        recs_string("first"),
        recs_string("linear"),
        recs_string("decay"),
        recs_string("position")
    };

    recs_out_lit(out, "\"attribution\":");

    if (m->made_ms == 0 || m->attribution >= sizeof(models)
                                             / sizeof(models[0]))
    {
        recs_out_lit(out, "null");
        return;
    }

    recs_out_lit(out, "{\"model\":");
    recs_stats_quoted(&models[m->attribution], out);
    recs_out_count(out, ",\"clickDays\":", m->click_days);
    recs_out_count(out, ",\"viewHours\":", m->view_hours);
    recs_out_byte(out, '}');
}


static void
recs_stats_currency(const recs_stats_t *s, recs_out_t *out)
{
    recs_stats_value_t  value;

    memset(&value, 0, sizeof(recs_stats_value_t));

    if (s->total.currency != RECS_CELL_MIXED) {
        value.number = s->total.currency;
    }

    recs_out_lit(out, ",\"currency\":");
    recs_stats_text(RECS_STATS_CURRENCY, &value, out);
}


static void
recs_stats_definitions(recs_out_t *out)
{
    unsigned    i;
    recs_str_t  name, text;

    recs_out_lit(out, ",\"definitions\":{");

    for (i = 0; recs_stats_definition(i, &name, &text) == RECS_OK; i++) {

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_stats_member(&name, out);
        recs_stats_quoted(&text, out);
    }

    recs_out_byte(out, '}');
}


static void
recs_stats_row(const recs_stats_t *s, const recs_stats_group_t *g,
    recs_out_t *out)
{
    unsigned  n;

    recs_out_byte(out, '{');

    for (n = 0; n < s->query.by_count; n++) {
        recs_stats_member(&recs_stats_dimensions[s->query.by[n]].name, out);
        recs_stats_text(s->query.by[n], &g->values[n], out);
        recs_out_byte(out, ',');
    }

    recs_stats_sums(&g->sums, out);
    recs_out_byte(out, '}');
}


/* What is not known is null. */

static void
recs_stats_text(unsigned dimension, const recs_stats_value_t *v,
    recs_out_t *out)
{
    recs_str_t  text;

    if (recs_stats_write(dimension, v, &text, out) == RECS_OK) {
        return;
    }

    if (text.len) {
        recs_stats_quoted(&text, out);

    } else {
        recs_out_lit(out, "null");
    }
}


static void
recs_stats_sums(const recs_cell_t *sums, recs_out_t *out)
{
    size_t                     i;
    int64_t                    value;
    const recs_stats_rate_t   *rate;
    const recs_stats_count_t  *count;

    for (i = 0; recs_stats_counts[i].name.len; i++) {
        count = &recs_stats_counts[i];
        value = recs_stats_get(sums, count->offset);

        recs_stats_member(&count->name, out);

        if (!recs_stats_known(sums, count->kind)) {
            recs_out_lit(out, "null");

        } else if (count->kind == RECS_STATS_COUNT) {
            recs_out_u64(out, (uint64_t) value);

        } else {
            recs_out_micro(out, value);
        }

        recs_out_byte(out, ',');
    }

    for (i = 0; recs_stats_rates[i].name.len; i++) {
        rate = &recs_stats_rates[i];

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_stats_member(&rate->name, out);
        recs_stats_rate(rate, sums, out);
    }
}


static void
recs_stats_rate(const recs_stats_rate_t *rate, const recs_cell_t *sums,
    recs_out_t *out)
{
    recs_stats_rated_t  r;

    if (recs_stats_rated(rate, sums, &r) != RECS_OK) {
        recs_out_lit(out, "null");
        return;
    }

    if (!rate->interval) {
        recs_out_micro(out, r.value);
        return;
    }

    recs_out_lit(out, "{\"value\":");
    recs_out_micro(out, r.value);

    if (r.bounded) {
        recs_out_lit(out, ",\"low\":");
        recs_out_micro(out, r.low);
        recs_out_lit(out, ",\"high\":");
        recs_out_micro(out, r.high);

    } else {
        recs_out_lit(out, ",\"low\":null,\"high\":null");
    }

    recs_out_byte(out, '}');
}


static void
recs_stats_member(const recs_str_t *name, recs_out_t *out)
{
    recs_stats_quoted(name, out);
    recs_out_byte(out, ':');
}


static void
recs_stats_quoted(const recs_str_t *text, recs_out_t *out)
{
    recs_out_quoted(out, text->data, text->len);
}


/* A member of the head with its comma. */

static void
recs_stats_moment(const char *name, size_t len, unsigned known, int64_t ms,
    recs_out_t *out)
{
    recs_out_byte(out, '"');
    recs_out_bytes(out, name, len);
    recs_out_lit(out, "\":");

    if (known) {
        recs_out_time(out, ms);

    } else {
        recs_out_lit(out, "null");
    }

    recs_out_byte(out, ',');
}
