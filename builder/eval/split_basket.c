/*
 * Copyright (C) recs authors
 *
 * basket: the next basket of each user (Li et al. 2023, "A Next Basket
 * Recommendation Reality Check").  {"user": [[-1], [1, 2], [3], [-1]]} is a
 * history, oldest first; the future has one basket a user.  For validation
 * it is the last basket of the history.  All users with such a basket count.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../../core/event/recs_event_type.h"
#include "split.h"


typedef struct {
    json_t             *history;
    json_t             *future;
    int64_t             time_ms;
    recs_split_keys_t   keys;
    uint32_t           *products;    /* of one basket */
    size_t              cap;
} recs_baskets_t;


static json_t *
recs_baskets_load(recs_split_t *s, const char *end, const char *plain)
{
    char          *path, *text;
    json_t        *root;
    size_t         len;
    json_error_t   e;
    const char    *names[3];

    names[0] = end;
    names[1] = plain;
    names[2] = NULL;

    path = recs_split_choose(s, names);
    text = path ? recs_split_slurp(s, path, &len) : NULL;
    root = text ? json_loadb(text, len, 0, &e) : NULL;

    if (text && !json_is_object(root)) {
        (void) recs_error(s->err, "%s:%d: %s", path, root ? 1 : e.line,
                          root ? "must be an object" : e.text);
        json_decref(root);
        root = NULL;
    }

    free(text);
    free(path);

    return root;
}


/* Products of a basket; 0 of [-1], which marks both ends. */

static uint32_t
recs_baskets_one(recs_split_t *s, recs_baskets_t *b, json_t *basket)
{
    char         id[32];
    json_t      *value;
    size_t       i;
    uint32_t     n;
    recs_str_t   name;

    n = 0;

    json_array_foreach(basket, i, value) {

        if (!json_is_integer(value) || json_integer_value(value) < 0) {
            continue;
        }

        name.len = (size_t) snprintf(id, sizeof(id),
                                     "%" JSON_INTEGER_FORMAT,
                                     json_integer_value(value));
        name.data = (const uint8_t *) id;

        recs_grow(&b->products, &b->cap, (size_t) n + 1, sizeof(uint32_t));
        b->products[n++] = recs_split_product(s, &name);
    }

    return n;
}


static int
recs_baskets_learn(recs_split_t *s, recs_baskets_t *b, const char *user,
    const recs_identity_t *identity, unsigned number, uint32_t count)
{
    char                 order[RECS_ID_MAX + 16];
    uint32_t             i;
    recs_identity_t      session;
    recs_split_event_t   e;

    memset(&e, 0, sizeof(e));

    e.order.len = (size_t) snprintf(order, sizeof(order), "%.*s.%u",
                                    RECS_ID_MAX, user, number);
    e.order.data = (const uint8_t *) order;

    recs_split_identity(s, RECS_KIND_SESSION, &e.order, &session);

    e.type = RECS_EVENT_PURCHASE;
    e.time_ms = b->time_ms;
    e.user = identity;
    e.session = &session;

    for (i = 0; i < count; i++) {
        e.product = b->products[i];

        if (recs_split_event(s, &e) == RECS_ERROR) {
            return RECS_ERROR;
        }
    }

    b->time_ms += 1000;

    return RECS_OK;
}


static void
recs_baskets_ask(recs_split_t *s, recs_baskets_t *b,
    const recs_identity_t *identity, json_t *basket)
{
    uint32_t     n;
    recs_case_t  one;

    n = recs_baskets_one(s, b, basket);

    if (n == 0) {
        return;
    }

    memset(&one, 0, sizeof(one));

    recs_split_role(s, &one, RECS_CASE_RIGHT, &b->keys, b->products, n);
    one.asker = identity->bytes;
    one.group = s->cases->count;

    recs_cases_add(s->cases, &one);
}


/* The last basket of a list that has something. */

static json_t *
recs_baskets_last(recs_split_t *s, recs_baskets_t *b, json_t *baskets,
    unsigned *count)
{
    json_t  *basket, *last;
    size_t   i;

    last = NULL;
    *count = 0;

    json_array_foreach(baskets, i, basket) {
        if (recs_baskets_one(s, b, basket)) {
            last = basket;
            (*count)++;
        }
    }

    return last;
}


static int
recs_baskets_user(recs_split_t *s, recs_baskets_t *b, const char *user,
    json_t *baskets)
{
    json_t           *basket, *right, *last;
    size_t            i;
    uint32_t          n;
    unsigned          number, count;
    recs_str_t        name;
    recs_identity_t   identity;

    name.data = (const uint8_t *) user;
    name.len = strlen(user);
    recs_split_identity(s, RECS_KIND_USER, &name, &identity);

    last = NULL;

    if (s->in->part == RECS_PART_VALIDATION) {
        last = recs_baskets_last(s, b, baskets, &count);

        if (count < 2) {
            last = NULL;
        }

        right = last;

    } else {
        right = recs_baskets_last(s, b, json_object_get(b->future, user),
                                  &count);
    }

    number = 0;

    json_array_foreach(baskets, i, basket) {
        n = recs_baskets_one(s, b, basket);

        if (n && basket != last
            && recs_baskets_learn(s, b, user, &identity, number++, n)
               != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    recs_baskets_ask(s, b, &identity, right);

    return RECS_OK;
}


int
recs_split_basket(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err)
{
    int              rc;
    json_t          *baskets;
    const char      *user;
    recs_split_t    *s;
    recs_baskets_t   b;

    memset(&b, 0, sizeof(b));

    s = recs_split_begin(in, cases, err);
    b.time_ms = RECS_SPLIT_EPOCH;
    b.history = recs_baskets_load(s, "*_history.json.gz", "*_history.json");
    rc = b.history ? RECS_OK : RECS_ERROR;

    if (rc == RECS_OK && in->part == RECS_PART_TEST) {
        b.future = recs_baskets_load(s, "*_future.json.gz",
                                     "*_future.json");
        rc = b.future ? RECS_OK : RECS_ERROR;
    }

    json_object_foreach(b.history, user, baskets) {
        if (rc == RECS_OK) {
            rc = recs_baskets_user(s, &b, user, baskets);
        }
    }

    json_decref(b.history);
    json_decref(b.future);
    free(b.keys.keys);
    free(b.products);

    return recs_split_end(s, rc);
}
