/*
 * Copyright (C) recs authors
 *
 * topn: what each user has, and what to find among all the rest (the splits
 * of LightGCN: He et al. 2020).  Lines are "user item item ..."; there is no
 * clock, so that one second passes with each item.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_event_type.h"
#include "../synth/random.h"
#include "split.h"


#define RECS_TOPN_LEAST  5       /* items of who can spare one */


typedef struct {
    recs_split_rows_t   train;
    recs_split_rows_t   test;
    uint8_t            *right;       /* of an entry of train: carved off */
    recs_split_keys_t   keys[2];
    uint32_t           *products;    /* of one role */
    size_t              cap;
} recs_topn_t;


/* A tenth of each user's items, at least one of who has RECS_TOPN_LEAST. */

static void
recs_topn_carve(recs_split_t *s, recs_topn_t *t)
{
    uint32_t        row, n, want;
    uint64_t        i, from;
    recs_random_t   random;

    t->right = recs_calloc((size_t) t->train.offsets[t->train.rows] + 1, 1);

    for (row = 0; row < t->train.rows; row++) {
        from = t->train.offsets[row];
        n = (uint32_t) (t->train.offsets[row + 1] - from);

        if (n < RECS_TOPN_LEAST) {
            continue;
        }

        want = recs_max(n / 10, 1);
        random.state = recs_random_mix(s->in->seed ^ recs_random_mix(row));

        for (i = 0; want; i++) {
            if (recs_random_below(&random, n - (uint32_t) i) < want) {
                t->right[from + i] = 1;
                want--;
            }
        }
    }
}


/* The entries of a row of train that are learnt from, or those that not. */

static uint32_t
recs_topn_part(recs_topn_t *t, uint32_t row, unsigned right)
{
    uint32_t  n;
    uint64_t  i;

    n = 0;
    recs_grow(&t->products, &t->cap, (size_t) (t->train.offsets[row + 1]
                                     - t->train.offsets[row]) + 1,
              sizeof(uint32_t));

    for (i = t->train.offsets[row]; i < t->train.offsets[row + 1]; i++) {
        if ((t->right && t->right[i]) == right) {
            t->products[n++] = t->train.products[i];
        }
    }

    return n;
}


static int
recs_topn_learn(recs_split_t *s, recs_topn_t *t)
{
    uint32_t             row, n, i;
    recs_str_t           name;
    recs_identity_t      user;
    recs_split_event_t   e;

    memset(&e, 0, sizeof(e));

    e.type = RECS_EVENT_PURCHASE;
    e.time_ms = RECS_SPLIT_EPOCH;
    e.user = &user;

    for (row = 0; row < t->train.rows; row++) {
        name = recs_names_get(t->train.owners, row);
        recs_split_identity(s, RECS_KIND_USER, &name, &user);
        n = recs_topn_part(t, row, 0);

        for (i = 0; i < n; i++) {
            e.product = t->products[i];

            if (recs_split_event(s, &e) == RECS_ERROR) {
                return RECS_ERROR;
            }

            e.time_ms += 1000;
        }
    }

    return RECS_OK;
}


static void
recs_topn_case(recs_split_t *s, recs_topn_t *t, const recs_str_t *name,
    uint32_t row, const uint32_t *right, uint32_t count)
{
    uint32_t         n;
    recs_case_t      one;
    recs_identity_t  user;

    if (count == 0) {
        return;
    }

    memset(&one, 0, sizeof(one));

    recs_split_role(s, &one, RECS_CASE_RIGHT, &t->keys[0], right, count);

    if (row != RECS_NONE) {
        n = recs_topn_part(t, row, 0);
        recs_split_role(s, &one, RECS_CASE_SEEN, &t->keys[1], t->products, n);
    }

    recs_split_identity(s, RECS_KIND_USER, name, &user);

    one.asker = user.bytes;
    one.group = s->cases->count;

    recs_cases_add(s->cases, &one);
}


static void
recs_topn_ask(recs_split_t *s, recs_topn_t *t)
{
    uint32_t             row, n, *right;
    recs_str_t           name;
    recs_split_rows_t   *test;

    test = &t->test;

    if (s->in->part == RECS_PART_TEST) {

        for (row = 0; row < test->rows; row++) {
            name = recs_names_get(test->owners, row);
            n = (uint32_t) (test->offsets[row + 1] - test->offsets[row]);
            recs_topn_case(s, t, &name,
                           recs_names_find(t->train.owners, name.data,
                                           name.len),
                           test->products + test->offsets[row], n);
        }

        return;
    }

    for (row = 0; row < t->train.rows; row++) {
        name = recs_names_get(t->train.owners, row);
        n = recs_topn_part(t, row, 1);
        right = recs_alloc(((size_t) n + 1) * sizeof(uint32_t));
        memcpy(right, t->products, n * sizeof(uint32_t));
        recs_topn_case(s, t, &name, row, right, n);
        free(right);
    }
}


static int
recs_topn_load(recs_split_t *s, const char *const *names,
    recs_split_rows_t *rows)
{
    int    rc;
    char  *path;

    path = recs_split_choose(s, names);

    if (path == NULL) {
        return RECS_ERROR;
    }

    rc = recs_split_lines(s, path, 1, rows);

    free(path);

    return rc;
}


int
recs_split_topn(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err)
{
    int            rc;
    recs_topn_t    t;
    recs_split_t  *s;

    static const char *const  train[] = { "train.txt.gz", "train.txt", NULL };
    static const char *const  test[] = { "test.txt.gz", "test.txt", NULL };

    memset(&t, 0, sizeof(t));

    s = recs_split_begin(in, cases, err);
    rc = recs_topn_load(s, train, &t.train);

    if (rc == RECS_OK) {
        if (in->part == RECS_PART_TEST) {
            rc = recs_topn_load(s, test, &t.test);

        } else {
            recs_topn_carve(s, &t);
        }
    }

    if (rc == RECS_OK) {
        rc = recs_topn_learn(s, &t);
    }

    if (rc == RECS_OK) {
        recs_topn_ask(s, &t);
    }

    recs_split_rows_free(&t.train);
    recs_split_rows_free(&t.test);
    free(t.right);
    free(t.keys[0].keys);
    free(t.keys[1].keys);
    free(t.products);

    return recs_split_end(s, rc);
}
