/*
 * Copyright (C) recs authors
 */

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../../core/answer/recs_strategy.h"
#include "../../core/recs_out.h"
#include "../memory.h"
#include "counters.h"


#define RECS_COUNTERS_HOURS  24
#define RECS_COUNTERS_DAY    86400

/* Those of each type, of what is not known, and of all. */

#define RECS_COUNTERS_OTHER  RECS_STRATEGY_MAX
#define RECS_COUNTERS_ALL    (RECS_STRATEGY_MAX + 1)
#define RECS_COUNTERS_TYPES  (RECS_STRATEGY_MAX + 2)

#define RECS_COUNTERS_COMMANDS  5

#define RECS_COUNTERS_NAME   64
#define RECS_COUNTERS_KEY    32      /* behind the prefix */
#define RECS_COUNTERS_SLOTS  (RECS_COUNTERS_DAYS + 2)


typedef struct {
    const char  *name;
    size_t       offset;
    unsigned     micro;              /* written as a decimal */
    unsigned     money;              /* no sum of several currencies */
} recs_counters_kind_t;

#define recs_counters_kind(name, micro, money)                               \
    { #name, offsetof(recs_cell_t, name), micro, money }

static const recs_counters_kind_t  recs_counters_kinds[] = {
    recs_counters_kind(served, 0, 0),
    recs_counters_kind(seen, 0, 0),
    recs_counters_kind(clicks, 0, 0),
    recs_counters_kind(dismissed, 0, 0),
    recs_counters_kind(carts, 1, 0),
    recs_counters_kind(orders, 1, 0),
    recs_counters_kind(units, 1, 0),
    recs_counters_kind(revenue, 1, 1),
    recs_counters_kind(margin, 1, 1),
    recs_counters_kind(refunds, 1, 0)
};


typedef struct {
    uint32_t     day;                /* since 1970; 0: free */
    unsigned     due;                /* to be written */
    recs_cell_t  hours[RECS_COUNTERS_HOURS][RECS_COUNTERS_TYPES];
} recs_counters_day_t;

typedef struct {
    char  name[RECS_COUNTERS_NAME];
    char  value[RECS_OUT_NUMBER];
} recs_counters_field_t;

struct recs_counters_s {
    char                   *key;     /* and its room */
    size_t                  prefix;
    uint32_t                day;     /* newest of what was taken */
    recs_counters_day_t    *slots[RECS_COUNTERS_SLOTS];
    recs_counters_day_t    *writing;
    char                    until[24];
    size_t                  count;
    recs_counters_field_t   fields[RECS_COUNTERS_FIELDS];
    const char             *argv[2 + 2 * RECS_COUNTERS_FIELDS];
    const char             *gone[2];
    const char             *expires[3];
    recs_counters_args_t    commands[RECS_COUNTERS_COMMANDS];
};


static recs_counters_day_t *recs_counters_find(recs_counters_t *c,
    uint32_t day);
static void recs_counters_fields(recs_counters_t *c,
    const recs_counters_day_t *day);
static void recs_counters_type(recs_counters_t *c, const recs_cell_t *sum,
    unsigned type);
static void recs_counters_key(recs_counters_t *c, uint32_t day);


recs_counters_t *
recs_counters_create(const char *prefix)
{
    recs_counters_t  *c;

    c = recs_calloc(1, sizeof(recs_counters_t));

    c->prefix = strlen(prefix);
    c->key = recs_alloc(c->prefix + RECS_COUNTERS_KEY);
    strcpy(c->key, prefix);

    return c;
}


void
recs_counters_free(recs_counters_t *c)
{
    unsigned  i;

    if (c == NULL) {
        return;
    }

    for (i = 0; i < RECS_COUNTERS_SLOTS; i++) {
        free(c->slots[i]);
    }

    free(c->key);
    free(c);
}


void
recs_counters_take(recs_counters_t *c, const recs_report_view_t *view,
    unsigned all)
{
    size_t                i;
    uint32_t              hour;
    unsigned              type;
    recs_counters_day_t  *day;
    const recs_cell_t    *cell;

    for (i = 0; all && i < RECS_COUNTERS_SLOTS; i++) {
        if (c->slots[i]) {
            memset(c->slots[i]->hours, 0, sizeof(c->slots[i]->hours));
            c->slots[i]->due = 1;
        }
    }

    for (i = 0; i < view->count; i++) {
        c->day = recs_max(c->day, view->cells[i].hour / RECS_COUNTERS_HOURS);
    }

    hour = 0;

    for (i = 0; i < view->count; i++) {
        cell = &view->cells[i];
        day = recs_counters_find(c, cell->hour / RECS_COUNTERS_HOURS);

        if (day == NULL) {
            continue;
        }

        /* cells of an hour stand together */

        if (cell->hour != hour) {
            hour = cell->hour;
            memset(day->hours[hour % RECS_COUNTERS_HOURS], 0,
                   sizeof(day->hours[0]));
            day->due = 1;
        }

        type = recs_min(cell->strategy, RECS_COUNTERS_OTHER);

        recs_cell_add(&day->hours[hour % RECS_COUNTERS_HOURS][type], cell);
        recs_cell_add(&day->hours[hour % RECS_COUNTERS_HOURS]
                                 [RECS_COUNTERS_ALL], cell);
    }
}


/* NULL: too old for anybody to look at. */

static recs_counters_day_t *
recs_counters_find(recs_counters_t *c, uint32_t day)
{
    recs_counters_day_t  **slot;

    if (day == 0 || day + RECS_COUNTERS_SLOTS <= c->day) {
        return NULL;
    }

    slot = &c->slots[day % RECS_COUNTERS_SLOTS];

    if (*slot == NULL) {
        *slot = recs_calloc(1, sizeof(recs_counters_day_t));
    }

    if ((*slot)->day != day) {
        memset(*slot, 0, sizeof(recs_counters_day_t));
        (*slot)->day = day;
    }

    return *slot;
}


void
recs_counters_reset(recs_counters_t *c)
{
    unsigned  i;

    for (i = 0; i < RECS_COUNTERS_SLOTS; i++) {
        if (c->slots[i]) {
            c->slots[i]->due = 1;
        }
    }
}


size_t
recs_counters_commands(recs_counters_t *c, int64_t now_ms,
    const recs_counters_args_t **commands)
{
    int64_t               until;
    unsigned              i;
    recs_counters_day_t  *day, *newest;

    static const char  *multi[] = { "MULTI" };
    static const char  *exec[] = { "EXEC" };

    newest = NULL;

    for (i = 0; i < RECS_COUNTERS_SLOTS; i++) {
        day = c->slots[i];

        if (day && day->due && (newest == NULL || day->day > newest->day)) {
            until = ((int64_t) day->day + 1 + RECS_COUNTERS_DAYS)
                    * RECS_COUNTERS_DAY;

            /* Redis would remove it at once */

            if (until * 1000 > now_ms) {
                newest = day;
                sprintf(c->until, "%" PRId64, until);
            }
        }
    }

    c->writing = newest;

    if (newest == NULL) {
        return 0;
    }

    recs_counters_key(c, newest->day);
    recs_counters_fields(c, newest);

    c->gone[0] = "DEL";
    c->gone[1] = c->key;
    c->argv[0] = "HSET";
    c->argv[1] = c->key;
    c->expires[0] = "EXPIREAT";
    c->expires[1] = c->key;
    c->expires[2] = c->until;

    c->commands[0].argc = 1;
    c->commands[0].argv = multi;
    c->commands[1].argc = 2;
    c->commands[1].argv = c->gone;
    c->commands[2].argc = (int) (2 + 2 * c->count);
    c->commands[2].argv = c->argv;
    c->commands[3].argc = 3;
    c->commands[3].argv = c->expires;
    c->commands[4].argc = 1;
    c->commands[4].argv = exec;

    *commands = c->commands;

    return RECS_COUNTERS_COMMANDS;
}


void
recs_counters_done(recs_counters_t *c)
{
    c->writing->due = 0;
}


static void
recs_counters_key(recs_counters_t *c, uint32_t day)
{
    time_t     t;
    struct tm  tm;

    t = (time_t) day * RECS_COUNTERS_DAY;

    gmtime_r(&t, &tm);
    (void) strftime(c->key + c->prefix, RECS_COUNTERS_KEY, ":day:%Y-%m-%d",
                    &tm);
}


/* All types that anything is known of, and the day as a whole. */

static void
recs_counters_fields(recs_counters_t *c, const recs_counters_day_t *day)
{
    unsigned     hour, type;
    recs_cell_t  sum, none;

    c->count = 0;
    memset(&none, 0, sizeof(recs_cell_t));

    for (type = 0; type < RECS_COUNTERS_TYPES; type++) {
        memset(&sum, 0, sizeof(recs_cell_t));

        for (hour = 0; hour < RECS_COUNTERS_HOURS; hour++) {
            recs_cell_add(&sum, &day->hours[hour][type]);
        }

        if (type == RECS_COUNTERS_ALL
            || memcmp(&sum, &none, sizeof(recs_cell_t)) != 0)
        {
            recs_counters_type(c, &sum, type);
        }
    }
}


static void
recs_counters_type(recs_counters_t *c, const recs_cell_t *sum, unsigned type)
{
    int64_t                      n;
    unsigned                     i;
    recs_out_t                   out;
    const recs_str_t            *name;
    recs_counters_field_t       *f;
    const recs_counters_kind_t  *kind;

    static const recs_str_t  other = recs_string("UNKNOWN");

    name = (type == RECS_COUNTERS_ALL) ? NULL
           : (type == RECS_COUNTERS_OTHER) ? &other
           : &recs_strategies[type].name;

    for (i = 0; i < RECS_COUNTERS_KINDS; i++) {
        kind = &recs_counters_kinds[i];

        if (kind->money && sum->currency == RECS_CELL_MIXED) {
            continue;
        }

        f = &c->fields[c->count];

        (void) snprintf(f->name, sizeof(f->name), "%.*s%s%s",
                        name ? (int) name->len : 0,
                        name ? (const char *) name->data : "",
                        name ? "." : "", kind->name);

        n = *(const int64_t *) ((const char *) sum + kind->offset);

        recs_out_init(&out, f->value, sizeof(f->value) - 1);

        if (kind->micro) {
            recs_out_micro(&out, n);

        } else {
            recs_out_i64(&out, n);
        }

        *out.pos = '\0';

        c->argv[2 + 2 * c->count] = f->name;
        c->argv[3 + 2 * c->count] = f->value;
        c->count++;
    }
}
