/*
 * Copyright (C) recs authors
 *
 * leave-one-out: the last item of each user's sequence (SASRec: Kang and
 * McAuley 2018; S3-Rec: Zhou et al. 2020), for validation the last but one.
 * A line is "user item item ...", oldest first, without a clock.  Beside
 * NAME.txt.gz there may be NAME_item2attributes.json.gz, {"item": [1, 2]},
 * which becomes a catalogue.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "../../core/event/recs_event_type.h"
#include "split.h"


#define RECS_LAST_ATTRIBUTES  "_item2attributes.json.gz"


typedef struct {
    recs_split_rows_t   rows;
    recs_split_keys_t   keys[3];
} recs_last_t;


/* How many of a row's items are learnt from; the one behind is asked. */

static uint32_t
recs_last_known(const recs_split_t *s, const recs_last_t *t, uint32_t row)
{
    uint32_t  n, out;

    n = (uint32_t) (t->rows.offsets[row + 1] - t->rows.offsets[row]);
    out = (s->in->part == RECS_PART_TEST) ? 1 : 2;

    return n - recs_min(n, out);
}


static int
recs_last_row(recs_split_t *s, recs_last_t *t, uint32_t row, int64_t *time_ms)
{
    uint32_t             i, n;
    recs_str_t           name;
    recs_case_t          one;
    recs_identity_t      user;
    const uint32_t      *products;
    recs_split_event_t   e;

    name = recs_names_get(t->rows.owners, row);
    recs_split_identity(s, RECS_KIND_USER, &name, &user);

    products = t->rows.products + t->rows.offsets[row];
    n = recs_last_known(s, t, row);

    memset(&e, 0, sizeof(e));
    memset(&one, 0, sizeof(one));

    e.type = RECS_EVENT_PURCHASE;
    e.user = &user;

    for (i = 0; i < n; i++) {
        e.product = products[i];
        e.time_ms = *time_ms;
        *time_ms += 1000;

        if (recs_split_event(s, &e) == RECS_ERROR) {
            return RECS_ERROR;
        }
    }

    if (n) {
        recs_split_role(s, &one, RECS_CASE_SESSION, &t->keys[0], products, n);
        recs_split_role(s, &one, RECS_CASE_RIGHT, &t->keys[1], products + n,
                        1);
        recs_split_role(s, &one, RECS_CASE_SEEN, &t->keys[2], products, n);

        one.asker = user.bytes;
        one.group = s->cases->count;
        recs_cases_add(s->cases, &one);
    }

    return RECS_OK;
}


/* {"productId":"1","attributes":{"attribute":["12","34"]}} */

static int
recs_last_product(recs_split_t *s, uint32_t product, json_t *attributes)
{
    int          rc;
    char        *text, word[32];
    json_t      *row, *list, *value;
    size_t       i;
    recs_str_t   id;

    id = recs_names_get(s->products, product);
    list = json_array();

    json_array_foreach(attributes, i, value) {
        snprintf(word, sizeof(word), "%" JSON_INTEGER_FORMAT,
                 json_integer_value(value));
        json_array_append_new(list, json_string(word));
    }

    row = json_pack("{s:s%, s:{s:o}}", "productId", (const char *) id.data,
                    id.len, "attributes", "attribute", list);
    text = row ? json_dumps(row, JSON_COMPACT) : NULL;

    if (text) {
        rc = recs_split_catalogue(s, product, text, strlen(text));

    } else {
        rc = recs_error(s->err, "a product id is not UTF-8");
    }

    free(text);
    json_decref(row);

    return (rc == RECS_ERROR) ? RECS_ERROR : RECS_OK;
}


/* A row for every product, as one that the catalogue lacks is not shown. */

static int
recs_last_catalogue(recs_split_t *s, const char *path)
{
    int            rc;
    char          *text, id[RECS_ID_MAX + 1];
    json_t        *root;
    size_t         len;
    uint32_t       n;
    recs_str_t     name;
    json_error_t   e;

    text = recs_split_slurp(s, path, &len);

    if (text == NULL) {
        return RECS_ERROR;
    }

    root = json_loadb(text, len, 0, &e);
    free(text);

    if (!json_is_object(root)) {
        rc = recs_error(s->err, "%s:%d: %s", path, root ? 1 : e.line,
                        root ? "must be an object" : e.text);
        json_decref(root);
        return rc;
    }

    rc = RECS_OK;

    for (n = 0; n < recs_names_count(s->products) && rc == RECS_OK; n++) {
        name = recs_names_get(s->products, n);
        memcpy(id, name.data, name.len);
        id[name.len] = '\0';
        rc = recs_last_product(s, n, json_object_get(root, id));
    }

    json_decref(root);

    return rc;
}


/* NAME.txt.gz has NAME_item2attributes.json.gz beside it, or has not. */

static int
recs_last_attributes(recs_split_t *s, const char *path)
{
    int      rc;
    char    *beside, *dot;
    FILE    *f;

    beside = recs_alloc(strlen(path) + sizeof(RECS_LAST_ATTRIBUTES));
    strcpy(beside, path);

    dot = strstr(beside, ".txt");
    strcpy(dot ? dot : beside + strlen(beside), RECS_LAST_ATTRIBUTES);

    f = fopen(beside, "re");
    rc = RECS_OK;

    if (f) {
        (void) fclose(f);
        rc = recs_last_catalogue(s, beside);
    }

    free(beside);

    return rc;
}


int
recs_split_last(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err)
{
    int            rc;
    uint32_t       row;
    int64_t        time_ms;
    recs_last_t    t;
    recs_split_t  *s;

    memset(&t, 0, sizeof(t));

    s = recs_split_begin(in, cases, err);
    rc = recs_split_lines(s, in->paths[0], 1, &t.rows);

    if (rc == RECS_OK) {
        rc = recs_last_attributes(s, in->paths[0]);
    }

    time_ms = RECS_SPLIT_EPOCH;

    for (row = 0; row < t.rows.rows && rc == RECS_OK; row++) {
        rc = recs_last_row(s, &t, row, &time_ms);
    }

    recs_split_rows_free(&t.rows);
    free(t.keys[0].keys);
    free(t.keys[1].keys);
    free(t.keys[2].keys);

    return recs_split_end(s, rc);
}
