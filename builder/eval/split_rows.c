/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "split.h"


void
recs_split_row(recs_split_rows_t *rows)
{
    recs_grow(&rows->offsets, &rows->caps[0], (size_t) rows->rows + 2,
              sizeof(uint64_t));

    if (rows->rows == 0) {
        rows->offsets[0] = 0;
    }

    rows->rows++;
    rows->offsets[rows->rows] = rows->offsets[rows->rows - 1];
}


void
recs_split_add(recs_split_rows_t *rows, uint32_t product)
{
    uint64_t  n;

    n = rows->offsets[rows->rows]++;

    recs_grow(&rows->products, &rows->caps[1], (size_t) n + 1,
              sizeof(uint32_t));
    rows->products[n] = product;
}


void
recs_split_rows_free(recs_split_rows_t *rows)
{
    if (rows->owners) {
        recs_names_destroy(rows->owners);
    }

    free(rows->offsets);
    free(rows->products);
    free(rows->times);

    memset(rows, 0, sizeof(recs_split_rows_t));
}


static int
recs_split_lines_one(recs_split_t *s, recs_input_t *in, unsigned owned,
    recs_split_rows_t *rows)
{
    int         rc;
    uint32_t    n;
    recs_str_t  line, word;

    while ((rc = recs_split_line(s, in, &line)) == RECS_OK) {

        if (owned) {
            (void) recs_split_word(&line, " \t", &word);
            n = recs_names_add(rows->owners, word.data, word.len);

            if (n != rows->rows) {
                return recs_split_bad(s, in, "this user has a line already");
            }
        }

        recs_split_row(rows);

        while (recs_split_word(&line, " \t", &word)) {

            if (word.len > RECS_ID_MAX) {
                return recs_split_bad(s, in, "a product id is too long");
            }

            recs_split_add(rows, recs_split_product(s, &word));
        }
    }

    return rc;
}


int
recs_split_lines(recs_split_t *s, const char *path, unsigned owned,
    recs_split_rows_t *rows)
{
    int            rc;
    recs_input_t  *in;

    memset(rows, 0, sizeof(recs_split_rows_t));

    if (owned) {
        rows->owners = recs_names_create();
    }

    in = recs_split_open(s, path);

    if (in == NULL) {
        return RECS_ERROR;
    }

    rc = recs_split_lines_one(s, in, owned, rows);

    recs_input_close(in);

    if (rc == RECS_DONE && rows->rows == 0) {
        return recs_error(s->err, "%s: there is no line in it", path);
    }

    return (rc == RECS_DONE) ? RECS_OK : RECS_ERROR;
}


void
recs_split_role(recs_split_t *s, recs_case_t *one, recs_case_e role,
    recs_split_keys_t *keys, const uint32_t *products, uint32_t count)
{
    uint32_t  i;

    recs_grow(&keys->keys, &keys->cap, (size_t) count + 1, sizeof(uint64_t));

    for (i = 0; i < count; i++) {
        keys->keys[i] = s->keys[products[i]];
    }

    one->keys[role] = keys->keys;
    one->counts[role] = count;
}
