/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "split.h"


/* A row of the table, as it stands. */

typedef struct {
    uint32_t   session;
    uint32_t   product;
    int64_t    time;             /* ms */
    uint64_t   line;
} recs_table_row_t;


typedef struct {
    recs_names_t      *names;    /* of sessions */
    recs_table_row_t  *rows;
    size_t             count;
    size_t             cap;
    int64_t           *ends;     /* of sessions, ms */
    size_t             ends_cap;
} recs_table_t;


/* Which of the columns are which, from the first line. */

static int
recs_table_head(recs_split_t *s, recs_input_t *in, int columns[3])
{
    int         i, n;
    recs_str_t  line, word;

    static const char *const  names[] = { "SessionId", "ItemId", "Time" };

    columns[0] = columns[1] = columns[2] = -1;

    n = recs_split_line(s, in, &line);

    if (n != RECS_OK) {
        return (n == RECS_DONE) ? recs_split_bad(s, in, "the file is empty")
                                : n;
    }

    for (n = 0; recs_split_word(&line, "\t", &word); n++) {
        for (i = 0; i < 3; i++) {
            if (word.len == strlen(names[i])
                && memcmp(word.data, names[i], word.len) == 0)
            {
                columns[i] = n;
            }
        }
    }

    for (i = 0; i < 3; i++) {
        if (columns[i] == -1) {
            return recs_split_bad(s, in, "the first line must name the "
                                  "columns SessionId, ItemId and Time, with "
                                  "tabs between");
        }
    }

    return RECS_OK;
}


static int
recs_table_line(recs_split_t *s, recs_input_t *in, recs_table_t *t,
    recs_str_t line, const int columns[3])
{
    int                n, i;
    char               text[32];
    double             time;
    recs_str_t         word, words[3];
    recs_table_row_t  *row;

    memset(words, 0, sizeof(words));

    for (n = 0; recs_split_word(&line, "\t", &word); n++) {
        for (i = 0; i < 3; i++) {
            if (columns[i] == n) {
                words[i] = word;
            }
        }
    }

    if (words[0].len == 0 || words[1].len == 0 || words[1].len > RECS_ID_MAX
        || words[2].len == 0 || words[2].len >= sizeof(text))
    {
        return recs_split_bad(s, in, "SessionId, ItemId or Time is missing "
                              "or too long");
    }

    memcpy(text, words[2].data, words[2].len);
    text[words[2].len] = '\0';
    time = strtod(text, NULL);

    if (!(time > 0 && time < 1e11)) {
        return recs_split_bad(s, in, "Time is not seconds since 1970");
    }

    recs_grow(&t->rows, &t->cap, t->count + 1, sizeof(recs_table_row_t));
    row = &t->rows[t->count];

    n = (int) recs_names_count(t->names);
    row->session = recs_names_add(t->names, words[0].data, words[0].len);
    row->product = recs_split_product(s, &words[1]);
    row->time = (int64_t) llround(time * 1000);
    row->line = t->count++;

    recs_grow(&t->ends, &t->ends_cap, (size_t) row->session + 1,
              sizeof(int64_t));

    if ((int) row->session == n || row->time > t->ends[row->session]) {
        t->ends[row->session] = row->time;
    }

    return RECS_OK;
}


static int
recs_table_read(recs_split_t *s, const char *path, recs_table_t *t)
{
    int            rc, columns[3];
    recs_str_t     line;
    recs_input_t  *in;

    in = recs_split_open(s, path);

    if (in == NULL) {
        return RECS_ERROR;
    }

    rc = recs_table_head(s, in, columns);

    while (rc == RECS_OK) {
        rc = recs_split_line(s, in, &line);

        if (rc == RECS_OK) {
            rc = recs_table_line(s, in, t, line, columns);
        }
    }

    recs_input_close(in);

    if (rc == RECS_DONE && t->count == 0) {
        return recs_error(s->err, "%s: there is no row in it", path);
    }

    return (rc == RECS_DONE) ? RECS_OK : RECS_ERROR;
}


/* Sessions by their end, which "time" is here; then by appearance. */

static int
recs_table_by_end(const void *one, const void *two)
{
    const recs_table_row_t  *a, *b;

    a = one;
    b = two;

    if (a->time != b->time) {
        return (a->time > b->time) ? 1 : -1;
    }

    return (a->session > b->session) - (a->session < b->session);
}


/* Rows by session, whose number is its rank by now, and time. */

static int
recs_table_by_time(const void *one, const void *two)
{
    const recs_table_row_t  *a, *b;

    a = one;
    b = two;

    if (a->session != b->session) {
        return (a->session > b->session) ? 1 : -1;
    }

    if (a->time != b->time) {
        return (a->time > b->time) ? 1 : -1;
    }

    return (a->line > b->line) - (a->line < b->line);
}


static void
recs_table_sort(recs_table_t *t, recs_split_rows_t *rows)
{
    size_t             i;
    uint32_t           n, count, *rank;
    recs_str_t         name;
    recs_table_row_t  *order;

    count = recs_names_count(t->names);
    order = recs_calloc(count, sizeof(recs_table_row_t));
    rank = recs_alloc((size_t) count * sizeof(uint32_t));

    for (n = 0; n < count; n++) {
        order[n].session = n;
        order[n].time = t->ends[n];
    }

    qsort(order, count, sizeof(recs_table_row_t), recs_table_by_end);

    for (n = 0; n < count; n++) {
        rank[order[n].session] = n;
        name = recs_names_get(t->names, order[n].session);
        (void) recs_names_add(rows->owners, name.data, name.len);
    }

    for (i = 0; i < t->count; i++) {
        t->rows[i].session = rank[t->rows[i].session];
    }

    qsort(t->rows, t->count, sizeof(recs_table_row_t), recs_table_by_time);

    free(order);
    free(rank);
}


int
recs_split_table(recs_split_t *s, const char *path, recs_split_rows_t *rows)
{
    int           rc;
    size_t        i;
    recs_table_t  t;

    memset(&t, 0, sizeof(t));
    memset(rows, 0, sizeof(recs_split_rows_t));

    t.names = recs_names_create();
    rows->owners = recs_names_create();

    rc = recs_table_read(s, path, &t);

    if (rc == RECS_OK) {
        recs_table_sort(&t, rows);

        rows->times = recs_alloc(t.count * sizeof(int64_t));

        for (i = 0; i < t.count; i++) {
            if (i == 0 || t.rows[i].session != t.rows[i - 1].session) {
                recs_split_row(rows);
            }

            recs_split_add(rows, t.rows[i].product);
            rows->times[i] = t.rows[i].time;
        }
    }

    recs_names_destroy(t.names);
    free(t.rows);
    free(t.ends);

    return rc;
}
