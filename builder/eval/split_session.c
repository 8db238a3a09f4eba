/*
 * Copyright (C) recs authors
 *
 * session: the next product of a session from those before.  Two forms: lines
 * of sessions with "prefix TAB target" to ask (SR-GNN: Wu et al. 2019), and
 * tables of SessionId, ItemId, Time of which every prefix is asked
 * (session-rec: Ludewig et al. 2018; serenade: Kersbergen et al. 2022).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/event/recs_event_type.h"
#include "split.h"


#define RECS_SESSION_PART  10    /* one in ten is the validation part */


typedef struct {
    recs_split_rows_t    train;
    recs_split_rows_t    test;
    uint32_t             learn;      /* sessions of train learnt from */
    recs_split_keys_t    keys[2];
} recs_session_split_t;


static const char *const  recs_session_lines[] = {
    "train_sessions.txt.gz", "train_sessions.txt", NULL
};

static const char *const  recs_session_asked[] = {
    "test_prefix_target.txt.gz", "test_prefix_target.txt", NULL
};

static const char *const  recs_session_train[] = {
    "train.txt.gz", "train.txt", "*_train_full.txt.gz", "*_train_full.txt",
    NULL
};

static const char *const  recs_session_test[] = {
    "test.txt.gz", "test.txt", "*_test.txt.gz", "*_test.txt", NULL
};


static int
recs_session_learn(recs_split_t *s, recs_session_split_t *t)
{
    char                 text[16];
    uint32_t             row;
    uint64_t             i;
    recs_str_t           name;
    recs_identity_t      session;
    recs_split_event_t   e;

    memset(&e, 0, sizeof(e));

    e.type = RECS_EVENT_PRODUCT_VIEW;
    e.session = &session;

    for (row = 0; row < t->learn; row++) {

        if (t->train.owners) {
            name = recs_names_get(t->train.owners, row);

        } else {
            name.len = (size_t) snprintf(text, sizeof(text), "s%u", row);
            name.data = (const uint8_t *) text;
        }

        recs_split_identity(s, RECS_KIND_SESSION, &name, &session);

        for (i = t->train.offsets[row]; i < t->train.offsets[row + 1]; i++) {
            e.product = t->train.products[i];
            e.time_ms = t->train.times ? t->train.times[i]
                        : RECS_SPLIT_EPOCH + (int64_t) i * 1000;

            if (recs_split_event(s, &e) == RECS_ERROR) {
                return RECS_ERROR;
            }
        }
    }

    return RECS_OK;
}


static void
recs_session_case(recs_split_t *s, recs_session_split_t *t,
    const uint32_t *prefix, uint32_t count, uint32_t target, uint32_t group)
{
    uint32_t     skip;
    recs_case_t  one;

    memset(&one, 0, sizeof(one));

    skip = count - recs_min(count, RECS_SESSION_MAX);
    recs_split_role(s, &one, RECS_CASE_SESSION, &t->keys[0], prefix + skip,
                    count - skip);
    recs_split_role(s, &one, RECS_CASE_RIGHT, &t->keys[1], &target, 1);

    one.group = group;
    recs_cases_add(s->cases, &one);
}


/* Every prefix of the sessions from "row" on. */

static void
recs_session_prefixes(recs_split_t *s, recs_session_split_t *t,
    const recs_split_rows_t *rows, uint32_t row)
{
    uint32_t         i, n, group;
    const uint32_t  *products;

    for (group = 0; row < rows->rows; row++) {
        products = rows->products + rows->offsets[row];
        n = (uint32_t) (rows->offsets[row + 1] - rows->offsets[row]);

        for (i = 1; i < n; i++) {
            recs_session_case(s, t, products, i, products[i], group);
        }

        group += n > 1;
    }
}


/* Whether a line is what is left of the session of the line before. */

static unsigned
recs_session_same(const recs_split_rows_t *rows, uint32_t row)
{
    uint64_t  i, n, at, before;

    if (row == 0) {
        return 0;
    }

    before = rows->offsets[row - 1];
    at = rows->offsets[row];
    n = rows->offsets[row + 1] - at;

    if (at - before != n + 1) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        if (rows->products[at + i] != rows->products[before + i]) {
            return 0;
        }
    }

    return 1;
}


/* Lines "prefix TAB target": words, of which the last one is the target. */

static int
recs_session_targets(recs_split_t *s, recs_session_split_t *t,
    const char *path)
{
    uint32_t              row, n, group;
    const uint32_t       *products;
    recs_split_rows_t    *rows;

    rows = &t->test;

    if (recs_split_lines(s, path, 0, rows) != RECS_OK) {
        return RECS_ERROR;
    }

    for (row = 0, group = 0; row < rows->rows; row++) {
        products = rows->products + rows->offsets[row];
        n = (uint32_t) (rows->offsets[row + 1] - rows->offsets[row]);

        if (n < 2) {
            return recs_error(s->err, "%s: case %u has no prefix or no "
                              "target", path, row + 1);
        }

        group += row > 0 && !recs_session_same(rows, row);
        recs_session_case(s, t, products, n - 1, products[n - 1], group);
    }

    return RECS_OK;
}


/*
 * The table that comes with the split for it, else the last tenth of the
 * train sessions.
 */

static int
recs_session_validation(recs_split_t *s, recs_session_split_t *t,
    unsigned table)
{
    int    rc;
    char  *path;

    path = table ? recs_split_path(s, "valid.txt.gz") : NULL;

    if (path == NULL) {
        t->learn -= t->train.rows / RECS_SESSION_PART;
        recs_session_prefixes(s, t, &t->train, t->learn);

        return RECS_OK;
    }

    rc = recs_split_table(s, path, &t->test);

    if (rc == RECS_OK) {
        recs_session_prefixes(s, t, &t->test, 0);
    }

    free(path);

    return rc;
}


static int
recs_session_read(recs_split_t *s, recs_session_split_t *t,
    const char *train, unsigned table)
{
    int    rc;
    char  *path;

    rc = table ? recs_split_table(s, train, &t->train)
               : recs_split_lines(s, train, 0, &t->train);

    if (rc != RECS_OK) {
        return RECS_ERROR;
    }

    t->learn = t->train.rows;

    if (s->in->part == RECS_PART_VALIDATION) {
        return recs_session_validation(s, t, table);
    }

    path = recs_split_choose(s, table ? recs_session_test
                                      : recs_session_asked);

    if (path == NULL) {
        return RECS_ERROR;
    }

    if (table) {
        rc = recs_split_table(s, path, &t->test);

        if (rc == RECS_OK) {
            recs_session_prefixes(s, t, &t->test, 0);
        }

    } else {
        rc = recs_session_targets(s, t, path);
    }

    free(path);

    return rc;
}


int
recs_split_session(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err)
{
    int                    rc;
    char                  *path;
    unsigned               table;
    recs_split_t          *s;
    recs_session_split_t   t;

    memset(&t, 0, sizeof(t));

    s = recs_split_begin(in, cases, err);
    path = recs_split_choose(s, recs_session_lines);
    table = (path == NULL);

    if (table) {
        path = recs_split_choose(s, recs_session_train);
    }

    rc = path ? recs_session_read(s, &t, path, table) : RECS_ERROR;

    if (rc == RECS_OK) {
        rc = recs_session_learn(s, &t);
    }

    recs_split_rows_free(&t.train);
    recs_split_rows_free(&t.test);
    free(t.keys[0].keys);
    free(t.keys[1].keys);
    free(path);

    return recs_split_end(s, rc);
}
