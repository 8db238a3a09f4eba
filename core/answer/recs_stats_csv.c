/*
 * Copyright (C) recs authors
 *
 * RFC 4180, but for the ends of lines, which are those of all else here.
 */

#include "../recs_date.h"
#include "recs_stats_sums.h"


static void recs_stats_csv_head(const recs_stats_t *s, recs_out_t *out);
static void recs_stats_csv_row(const recs_stats_t *s,
    const recs_stats_value_t *values, const recs_cell_t *sums,
    recs_out_t *out);
static void recs_stats_csv_value(unsigned dimension,
    const recs_stats_value_t *v, recs_out_t *out);
static void recs_stats_csv_text(const recs_str_t *text, recs_out_t *out);
static void recs_stats_csv_sums(const recs_cell_t *sums, recs_out_t *out);


int
recs_stats_csv(recs_stats_t *s, recs_out_t *out, uint32_t max)
{
    uint32_t             i, last;
    recs_stats_group_t  *g;

    if (!s->begun) {
        recs_stats_csv_head(s, out);

        if (s->query.by_count == 0) {
            recs_stats_csv_row(s, NULL, &s->total, out);
        }
    }

    last = s->written + recs_min(max, s->count - s->written);

    for (i = s->written; i < last; i++) {
        g = &s->groups[s->order[i]];
        recs_stats_csv_row(s, g->values, &g->sums, out);
    }

    if (out->overflow) {
        return RECS_ERROR;
    }

    s->begun = 1;
    s->written = last;

    return (last == s->count) ? RECS_OK : RECS_AGAIN;
}


static void
recs_stats_csv_head(const recs_stats_t *s, recs_out_t *out)
{
    unsigned           i;
    const recs_str_t  *name;

    for (i = 0; i < s->query.by_count; i++) {
        name = &recs_stats_dimensions[s->query.by[i]].name;
        recs_out_bytes(out, name->data, name->len);
        recs_out_byte(out, ',');
    }

    for (i = 0; recs_stats_counts[i].name.len; i++) {
        name = &recs_stats_counts[i].name;

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_out_bytes(out, name->data, name->len);
    }

    for (i = 0; recs_stats_rates[i].name.len; i++) {
        name = &recs_stats_rates[i].name;

        recs_out_byte(out, ',');
        recs_out_bytes(out, name->data, name->len);

        if (recs_stats_rates[i].interval) {
            recs_out_byte(out, ',');
            recs_out_bytes(out, name->data, name->len);
            recs_out_lit(out, "Low,");
            recs_out_bytes(out, name->data, name->len);
            recs_out_lit(out, "High");
        }
    }

    recs_out_byte(out, '\n');
}


static void
recs_stats_csv_row(const recs_stats_t *s, const recs_stats_value_t *values,
    const recs_cell_t *sums, recs_out_t *out)
{
    unsigned  i;

    for (i = 0; i < s->query.by_count; i++) {
        recs_stats_csv_value(s->query.by[i], &values[i], out);
        recs_out_byte(out, ',');
    }

    recs_stats_csv_sums(sums, out);
    recs_out_byte(out, '\n');
}


/* What is not known is empty. */

static void
recs_stats_csv_value(unsigned dimension, const recs_stats_value_t *v,
    recs_out_t *out)
{
    recs_str_t  text;

    if (recs_stats_write(dimension, v, &text, out) == RECS_OK) {
        return;
    }

    if (text.len) {
        recs_stats_csv_text(&text, out);
    }
}


/* Names are those of events, which anybody may send: none is a formula. */

static void
recs_stats_csv_text(const recs_str_t *text, recs_out_t *out)
{
    size_t  i;

    recs_out_byte(out, '"');

    if (text->data[0] == '=' || text->data[0] == '+' || text->data[0] == '-'
        || text->data[0] == '@' || text->data[0] < 0x20)
    {
        recs_out_byte(out, '\'');
    }

    for (i = 0; i < text->len; i++) {
        if (text->data[i] == '"') {
            recs_out_byte(out, '"');
        }

        recs_out_byte(out, text->data[i]);
    }

    recs_out_byte(out, '"');
}


static void
recs_stats_csv_sums(const recs_cell_t *sums, recs_out_t *out)
{
    unsigned                   i;
    int64_t                    value;
    recs_stats_rated_t         r;
    const recs_stats_rate_t   *rate;
    const recs_stats_count_t  *count;

    for (i = 0; recs_stats_counts[i].name.len; i++) {
        count = &recs_stats_counts[i];
        value = recs_stats_get(sums, count->offset);

        if (i) {
            recs_out_byte(out, ',');
        }

        if (!recs_stats_known(sums, count->kind)) {
            continue;
        }

        if (count->kind == RECS_STATS_COUNT) {
            recs_out_u64(out, (uint64_t) value);

        } else {
            recs_out_micro(out, value);
        }
    }

    for (i = 0; recs_stats_rates[i].name.len; i++) {
        rate = &recs_stats_rates[i];
        recs_out_byte(out, ',');

        if (recs_stats_rated(rate, sums, &r) != RECS_OK) {
            recs_out_bytes(out, ",,", rate->interval ? 2 : 0);
            continue;
        }

        recs_out_micro(out, r.value);

        if (!rate->interval) {
            continue;
        }

        recs_out_byte(out, ',');

        if (r.bounded) {
            recs_out_micro(out, r.low);
            recs_out_byte(out, ',');
            recs_out_micro(out, r.high);

        } else {
            recs_out_byte(out, ',');
        }
    }
}
