/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../recs_date.h"
#include "../recs_hash.h"
#include "recs_stats_sums.h"
#include "recs_strategy.h"


#define RECS_STATS_SLOTS    2         /* at least that many a group */
#define RECS_STATS_SIFT     4         /* cells that a step of the sort is */
#define RECS_STATS_NO_NAME  (RECS_NONE - 1)


static void recs_stats_wanted(recs_stats_t *s, unsigned file);
static uint32_t recs_stats_name(const recs_cells_t *c, const recs_str_t *text);
static uint32_t recs_stats_file(recs_stats_t *s, unsigned file, uint32_t max);
static unsigned recs_stats_replaced(const recs_stats_t *s,
    const recs_cells_part_t *part);
static uint32_t recs_stats_find(const recs_cells_t *c, uint8_t section,
    uint64_t number);
static unsigned recs_stats_matches(const recs_stats_t *s, unsigned file,
    const recs_cells_part_t *part, const recs_cell_t *cell);
static uint64_t recs_stats_member(const recs_cell_t *cell, unsigned dimension);
static void recs_stats_add(recs_stats_t *s, unsigned file,
    const recs_cell_t *cell);
static void recs_stats_value(const recs_cells_t *c, unsigned dimension,
    const recs_cell_t *cell, recs_stats_value_t *value);
static const recs_str_t *recs_stats_algorithm(const recs_cell_t *cell);
static uint32_t recs_stats_hash(const recs_stats_value_t *values, unsigned n);
static int recs_stats_compare(const recs_stats_t *s,
    const recs_stats_value_t *one, const recs_stats_value_t *other);
static uint32_t recs_stats_sort(recs_stats_t *s, uint32_t max);
static void recs_stats_sift(recs_stats_t *s, uint32_t i, uint32_t n);


static uint32_t
recs_stats_slots(uint32_t groups)
{
    uint32_t  n;

    for (n = 16; n < groups * RECS_STATS_SLOTS; n *= 2) { /* void */ }

    return n;
}


size_t
recs_stats_size(uint32_t groups)
{
    return sizeof(recs_stats_t)
           + (size_t) groups * (sizeof(recs_stats_group_t) + sizeof(uint32_t))
           + (size_t) recs_stats_slots(groups) * sizeof(uint32_t);
}


recs_stats_t *
recs_stats_init(void *memory, uint32_t groups, const recs_stats_query_t *q,
    const recs_cells_t *base, const recs_cells_t *hot)
{
    unsigned       file;
    recs_stats_t  *s;

    s = memory;
    memset(s, 0, sizeof(recs_stats_t));

    s->query = *q;
    s->max = groups;
    s->groups = (recs_stats_group_t *) (s + 1);
    s->order = (uint32_t *) (s->groups + groups);
    s->slots = s->order + groups;
    s->mask = recs_stats_slots(groups) - 1;
    memset(s->slots, 0, ((size_t) s->mask + 1) * sizeof(uint32_t));

    s->files[0] = (base && base->meta.made_ms) ? base : NULL;
    s->files[1] = recs_cells_layer(base, hot);

    for (file = 0; file < 2; file++) {
        if (s->files[file]) {
            recs_stats_wanted(s, file);
        }
    }

    return s;
}


/* Names have their numbers in each file. */

static void
recs_stats_wanted(recs_stats_t *s, unsigned file)
{
    unsigned   d;
    uint32_t   bits;
    uint64_t  *wanted;

    for (bits = s->query.filtered; bits; bits &= bits - 1) {
        d = (unsigned) __builtin_ctz(bits);
        wanted = &s->wanted[file][d];
        *wanted = s->query.filters[d].number;

        if (recs_stats_dimensions[d].of == RECS_STATS_OF_NAME) {
            *wanted = recs_stats_name(s->files[file],
                                      &s->query.filters[d].text);
            s->none[file] |= *wanted == RECS_STATS_NO_NAME;
        }
    }
}


static uint32_t
recs_stats_name(const recs_cells_t *c, const recs_str_t *text)
{
    uint32_t           i;
    const recs_str_t  *name;

    if (text->len == 0) {
        return RECS_NONE;
    }

    for (i = 0; i < c->name_count; i++) {
        name = &c->names[i];

        if (recs_str_equal(name, text)) {
            return i;
        }
    }

    return RECS_STATS_NO_NAME;
}


int
recs_stats_step(recs_stats_t *s, uint32_t max)
{
    uint32_t  done;

    for (done = 0; done < max && s->phase != RECS_STATS_DONE; /* void */ ) {

        if (s->phase <= RECS_STATS_HOT) {
            done += recs_stats_file(s, s->phase, max - done);

        } else {
            done += recs_stats_sort(s, max - done);
        }
    }

    return (s->phase == RECS_STATS_DONE) ? RECS_OK : RECS_AGAIN;
}


/* Goes on in a file for "max" cells; returns how many it has looked at. */

static uint32_t
recs_stats_file(recs_stats_t *s, unsigned file, uint32_t max)
{
    uint32_t                  done;
    recs_cell_t               cell;
    const recs_cells_t       *c;
    const recs_cells_part_t  *part;

    c = s->files[file];
    done = 0;

    while (c && !s->none[file] && s->part < c->part_count) {
        part = &c->parts[s->part];

        if (s->cell == 0 && file == 0 && recs_stats_replaced(s, part)) {
            s->cell = part->count;
        }

        for ( /* void */ ; s->cell < part->count; s->cell++) {

            if (done == max) {
                return done;
            }

            recs_cells_get(part, s->cell, &cell);
            done++;

            if (recs_stats_matches(s, file, part, &cell)) {
                recs_stats_add(s, file, &cell);
            }
        }

        s->part++;
        s->cell = 0;

        if (++done >= max) {
            return done;
        }
    }

    s->phase = file ? RECS_STATS_HEAP : RECS_STATS_HOT;
    s->part = 0;
    s->heap = s->count / 2;

    return done;
}


/* Whether the hot layer has the hours of a part of the base. */

static unsigned
recs_stats_replaced(const recs_stats_t *s, const recs_cells_part_t *part)
{
    uint32_t             i;
    uint64_t             first;
    const recs_cells_t  *hot;

    hot = s->files[1];

    if (hot == NULL) {
        return 0;
    }

    i = recs_stats_find(hot, part->section, part->number);

    if (i < hot->part_count && hot->parts[i].section == part->section
        && hot->parts[i].number == part->number)
    {
        return 1;
    }

    if (part->section == RECS_CELL_HOUR) {
        i = recs_stats_find(hot, RECS_CELL_DAY, part->number / 24);

        return i < hot->part_count
               && hot->parts[i].section == RECS_CELL_DAY
               && hot->parts[i].number == part->number / 24;
    }

    first = (uint64_t) part->number * 24;
    i = recs_stats_find(hot, RECS_CELL_HOUR, first);

    return i < hot->part_count && hot->parts[i].number < first + 24;
}


/* The first part that is not before this one. */

static uint32_t
recs_stats_find(const recs_cells_t *c, uint8_t section, uint64_t number)
{
    uint32_t                  low, high, middle;
    const recs_cells_part_t  *part;

    low = 0;
    high = c->part_count;

    while (low < high) {
        middle = low + (high - low) / 2;
        part = &c->parts[middle];

        if (part->section < section
            || (part->section == section && part->number < number))
        {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return low;
}


static unsigned
recs_stats_matches(const recs_stats_t *s, unsigned file,
    const recs_cells_part_t *part, const recs_cell_t *cell)
{
    int64_t                    begin;
    unsigned                   d;
    uint32_t                   bits;
    const recs_stats_query_t  *q;

    q = &s->query;
    begin = (int64_t) cell->hour * RECS_HOUR_MS;

    if (begin >= q->to_ms
        || begin + (cell->hour < s->files[file]->meta.hourly ? 24 : 1)
                   * RECS_HOUR_MS <= q->from_ms)
    {
        return 0;
    }

    for (bits = q->filtered; bits; bits &= bits - 1) {
        d = (unsigned) __builtin_ctz(bits);

        if (recs_stats_dimensions[d].of == RECS_STATS_OF_ALGORITHM) {

            if (!recs_str_equal(recs_stats_algorithm(cell),
                                &q->filters[d].text))
            {
                return 0;
            }

        } else if (recs_stats_member(cell, d) != s->wanted[file][d]) {
            return 0;
        }
    }

    return 1;
}


static uint64_t
recs_stats_member(const recs_cell_t *cell, unsigned dimension)
{
    const void                    *p;
    const recs_stats_dimension_t  *d;

    d = &recs_stats_dimensions[dimension];
    p = (const uint8_t *) cell + d->offset;

    switch (d->size) {

    case 1:
        return *(const uint8_t *) p;

    case 2:
        return *(const uint16_t *) p;

    case 4:
        return *(const uint32_t *) p;

    default:
        return *(const uint64_t *) p;
    }
}


static void
recs_stats_add(recs_stats_t *s, unsigned file, const recs_cell_t *cell)
{
    uint32_t             i;
    unsigned             n;
    recs_stats_group_t  *g;
    recs_stats_value_t   values[RECS_STATS_BY];

    recs_cell_add(&s->total, cell);

    if (s->query.by_count == 0) {
        return;
    }

    for (n = 0; n < s->query.by_count; n++) {
        recs_stats_value(s->files[file], s->query.by[n], cell, &values[n]);
    }

    for (i = recs_stats_hash(values, n) & s->mask; s->slots[i];
         i = (i + 1) & s->mask)
    {
        g = &s->groups[s->slots[i] - 1];

        if (recs_stats_compare(s, g->values, values) == 0) {
            recs_cell_add(&g->sums, cell);
            return;
        }
    }

    if (s->count == s->max) {
        s->truncated = 1;
        return;
    }

    s->order[s->count] = s->count;
    g = &s->groups[s->count++];
    s->slots[i] = s->count;

    memset(&g->sums, 0, sizeof(recs_cell_t));
    recs_cell_add(&g->sums, cell);
    memcpy(g->values, values, sizeof(values[0]) * n);
}


static void
recs_stats_value(const recs_cells_t *c, unsigned dimension,
    const recs_cell_t *cell, recs_stats_value_t *value)
{
    uint64_t                       number;
    const recs_stats_dimension_t  *d;

    d = &recs_stats_dimensions[dimension];
    number = recs_stats_member(cell, dimension);

    value->number = 0;
    value->text = (recs_str_t) recs_null_string;

    switch (d->of) {

    case RECS_STATS_OF_ALGORITHM:
        value->text = *recs_stats_algorithm(cell);
        break;

    case RECS_STATS_OF_NAME:
        if (number < c->name_count) {
            value->text = c->names[number];
        }

        break;

    case RECS_STATS_OF_TIME:
        value->number = number / d->hours;
        break;

    default:
        value->number = number;
        break;
    }
}


static const recs_str_t *
recs_stats_algorithm(const recs_cell_t *cell)
{
    static const recs_str_t  none = recs_null_string;

    return (cell->strategy < RECS_STRATEGY_MAX)
           ? &recs_strategies[cell->strategy].algorithm : &none;
}


static uint32_t
recs_stats_hash(const recs_stats_value_t *values, unsigned n)
{
    uint64_t  hash;
    unsigned  i;

    hash = 0;

    for (i = 0; i < n; i++) {
        hash = (hash ^ values[i].number) * 0x9e3779b97f4a7c15ULL;
        hash ^= hash >> 29;

        if (values[i].text.len) {
            hash += recs_key64(values[i].text.data, values[i].text.len);
        }
    }

    return (uint32_t) (hash ^ hash >> 32);
}


/* Numbers ascending, texts by their bytes, what is unknown first. */

static int
recs_stats_compare(const recs_stats_t *s, const recs_stats_value_t *one,
    const recs_stats_value_t *other)
{
    int       rc;
    size_t    len;
    unsigned  n;

    for (n = 0; n < s->query.by_count; n++) {

        if (recs_stats_dimensions[s->query.by[n]].of
            == RECS_STATS_OF_CURRENCY)
        {
            rc = memcmp(&one[n].number, &other[n].number, 3);

        } else if (recs_stats_number(s->query.by[n])) {
            rc = (one[n].number > other[n].number)
                 - (one[n].number < other[n].number);

        } else {
            len = recs_min(one[n].text.len, other[n].text.len);
            rc = len ? memcmp(one[n].text.data, other[n].text.data, len) : 0;

            if (rc == 0) {
                rc = (one[n].text.len > other[n].text.len)
                     - (one[n].text.len < other[n].text.len);
            }
        }

        if (rc) {
            return rc;
        }
    }

    return 0;
}


/* Heapsort: no memory, and it can stop after each step. */

static uint32_t
recs_stats_sort(recs_stats_t *s, uint32_t max)
{
    uint32_t  done, group;

    for (done = 0; done < max; done += RECS_STATS_SIFT) {

        if (s->phase == RECS_STATS_HEAP) {

            if (s->heap == 0) {
                s->phase = RECS_STATS_SORT;
                s->heap = s->count;
                continue;
            }

            s->heap--;
            recs_stats_sift(s, s->heap, s->count);
            continue;
        }

        if (s->heap < 2) {
            s->phase = RECS_STATS_DONE;
            break;
        }

        s->heap--;
        group = s->order[0];
        s->order[0] = s->order[s->heap];
        s->order[s->heap] = group;
        recs_stats_sift(s, 0, s->heap);
    }

    return done;
}


static void
recs_stats_sift(recs_stats_t *s, uint32_t i, uint32_t n)
{
    uint32_t  child, group;

    group = s->order[i];

    for (child = 2 * i + 1; child < n; child = 2 * i + 1) {

        if (child + 1 < n
            && recs_stats_compare(s, s->groups[s->order[child]].values,
                                  s->groups[s->order[child + 1]].values) < 0)
        {
            child++;
        }

        if (recs_stats_compare(s, s->groups[group].values,
                               s->groups[s->order[child]].values) >= 0)
        {
            break;
        }

        s->order[i] = s->order[child];
        i = child;
    }

    s->order[i] = group;
}


const recs_cell_t *
recs_stats_total(const recs_stats_t *s)
{
    return &s->total;
}


uint32_t
recs_stats_groups(const recs_stats_t *s)
{
    return s->count;
}


unsigned
recs_stats_truncated(const recs_stats_t *s)
{
    return s->truncated;
}


const recs_cell_t *
recs_stats_group(const recs_stats_t *s, uint32_t i,
    recs_stats_value_t values[RECS_STATS_BY])
{
    const recs_stats_group_t  *g;

    g = &s->groups[s->order[i]];
    memcpy(values, g->values, s->query.by_count * sizeof(values[0]));

    return &g->sums;
}


const recs_cell_meta_t *
recs_stats_meta(const recs_stats_t *s)
{
    static const recs_cell_meta_t  none;

    return s->files[1] ? &s->files[1]->meta
           : s->files[0] ? &s->files[0]->meta : &none;
}
