/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdlib.h>

#include <jansson.h>

#include "builder/eval/select.h"
#include "shop.h"


#define USERS   600
#define EVENTS  12
#define ITEMS   60


/* People of four tastes; some of what they like comes at the end. */

static void
people(uint32_t users)
{
    char      product[16], user[16], session[16];
    uint32_t  e, u, seed;

    seed = 3;

    for (e = 0; e < EVENTS; e++) {
        for (u = 0; u < users; u++) {
            seed = seed * 1664525 + 1013904223;

            snprintf(product, sizeof(product), "p%u",
                     u % 4 + 4 * ((seed >> 12) % (ITEMS / 4)));
            snprintf(user, sizeof(user), "u%u", u);
            snprintf(session, sizeof(session), "s%u-%u", u, e / 2);

            shop_do(RECS_EVENT_PURCHASE, EVENTS - e, user, session, product);
        }
    }
}


static void
config(recs_config_t *c)
{
    recs_config_init(c);
    c->shop = "";
}


static json_t *
selected(recs_config_t *c, const char *what)
{
    json_t  *report;

    ok(recs_select(shop, c, &shop_error) == RECS_OK, "%s%s", what,
       shop_error.text);

    report = c->selection ? json_loads(c->selection, 0, NULL) : NULL;
    ok(report != NULL, "%s: the report is JSON", what);

    return json_object_get(report, "steps");
}


static const char *
text(json_t *step, const char *name)
{
    return json_string_value(json_object_get(step, name));
}


/* The chosen one has the highest value, and the options are set. */

static void
test_best(void)
{
    char          *first;
    double         most, value;
    size_t         i, k;
    json_t        *steps, *step, *row;
    recs_config_t  c;

    config(&c);
    steps = selected(&c, "auto");
    first = c.selection;

    json_array_foreach(steps, i, step) {
        most = -1;
        value = -2;

        ok(json_integer_value(json_object_get(step, "cases"))
           >= RECS_SELECT_CASES, "step %s: questions", text(step, "step"));

        json_array_foreach(json_object_get(step, "candidates"), k, row) {
            most = recs_max(most, json_real_value(json_object_get(row,
                                                                  "value")));

            if (strcmp(text(row, "set"), text(step, "chosen")) == 0) {
                value = json_real_value(json_object_get(row, "value"));
            }
        }

        ok(most > 0 && value == most, "step %s: the best is chosen",
           text(step, "step"));
    }

    ok(strcmp(c.related, "auto") != 0, "related is %s", c.related);
    ok(strcmp(c.next, "auto") != 0, "next is %s", c.next);

    config(&c);
    c.threads = 3;
    (void) selected(&c, "three threads");
    ok(strcmp(first, c.selection) == 0, "the same with three threads");

    free(first);
    free(c.selection);
}


static void
test_budget(void)
{
    size_t         i, k;
    json_t        *steps, *step, *row;
    unsigned       left_out;
    recs_config_t  c;

    config(&c);
    c.memory_budget = 1e-6;
    steps = selected(&c, "no memory");
    left_out = 0;

    json_array_foreach(steps, i, step) {
        json_array_foreach(json_object_get(step, "candidates"), k, row) {
            left_out += text(row, "left_out") != NULL
                        && strstr(text(row, "left_out"), "memory_budget");
        }
    }

    ok(left_out > 0, "%u candidates left out, and why", left_out);

    free(c.selection);
}


/* A model that fails is no candidate, whatever the others are worth. */

static void
test_failing(void)
{
    size_t         i, k;
    json_t        *steps, *step, *row;
    unsigned       left_out, measured;
    const char    *why;
    recs_config_t  c;

    config(&c);
    c.als_ridge = NAN;
    steps = selected(&c, "one fails");
    left_out = 0;
    measured = 0;

    json_array_foreach(steps, i, step) {
        json_array_foreach(json_object_get(step, "candidates"), k, row) {
            why = text(row, "left_out");

            if (why == NULL) {
                measured++;
                continue;
            }

            left_out++;
            is_str(text(row, "set"), strlen(text(row, "set")), "related=als",
                   "what fails is left out");
            ok(strstr(why, "larger als_ridge") != NULL, "and why: %s", why);
        }
    }

    is_int(left_out, 1, "one is left out");
    ok(measured > 10, "the others are measured");
    ok(strcmp(c.related, "als") != 0, "related is %s", c.related);

    free(c.selection);
}


static void
test_pinned(void)
{
    size_t         i;
    json_t        *steps, *step;
    unsigned       next;
    recs_config_t  c;

    next = 0;
    config(&c);
    c.related = "auto";
    c.next = "sr";
    steps = selected(&c, "half pinned");

    json_array_foreach(steps, i, step) {
        next |= strcmp(text(step, "type"), "SESSION") == 0;
    }

    ok(!next, "nothing is asked of what is pinned");
    free(c.selection);

    config(&c);
    c.related = "cosine";
    c.next = "sr";

    ok(recs_select(shop, &c, &shop_error) == RECS_OK, "pinned");
    ok(c.selection == NULL, "nothing is asked");
    is_str(c.related, strlen(c.related), "cosine", "the name stays");
}


static void
test_few(void)
{
    json_t        *steps;
    recs_config_t  c;

    shop_close();
    shop_open();
    shop_config.now_ms = 0;
    people(20);
    shop_finish();

    config(&c);
    steps = selected(&c, "a young shop");

    ok(strstr(text(json_array_get(steps, 0), "why"), "are needed") != NULL,
       "the reason: %s", text(json_array_get(steps, 0), "why"));
    is_int(json_array_size(json_object_get(json_array_get(steps, 0),
                                           "candidates")), 0,
           "nothing was measured");
    free(c.selection);

    shop_close();
    shop_open();
    shop_finish();

    config(&c);
    ok(recs_select(shop, &c, &shop_error) == RECS_OK && c.selection == NULL,
       "no events at all");
}


int
main(void)
{
    shop_open();
    shop_config.now_ms = 0;
    people(USERS);
    shop_finish();

    test_best();
    test_budget();
    test_failing();
    test_pinned();
    test_few();

    shop_close();

    return done_testing();
}
