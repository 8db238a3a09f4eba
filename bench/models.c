/*
 * Copyright (C) recs authors
 *
 * Times one model on a file of feedback, for bench/models: what the model
 * alone costs, from the dataset in memory to its list in memory.
 *
 *     models NAME FILE OUT [OPTION VALUE]...
 *
 * NAME is a model of RECS_LIST_RELATED.  FILE has lines "user item item
 * ...", numbers from 0.  OUT becomes the list, three u32 or f32 an entry:
 * row, item, weight.
 *
 *     models factors FILE OUT [OPTION VALUE]...
 *
 * OUT becomes the factors: u32 users, items and factors, then f32 of users
 * and of items.  Here users are as in FILE, and the time is an iteration's.
 *
 *     models sessions FILE - [OPTION VALUE]...
 *
 * FILE has clicks in order of time, three u32 each: session, time, item.
 * Timed is the index by session, and the sessions and posting lists.
 *
 * Prints the seconds.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "builder/data/dataset_private.h"
#include "builder/model/als.h"
#include "builder/model/blas.h"
#include "core/event/recs_event_type.h"


static void
die(const char *what, const char *why)
{
    fprintf(stderr, "models: %s: %s\n", what, why);
    exit(1);
}


static double
seconds(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return t.tv_sec + t.tv_nsec / 1e9;
}


static void
view(recs_dataset_t *d, uint32_t user, const char *item)
{
    recs_error_t  err;
    recs_event_t  e;

    recs_event_init(&e);

    e.class = RECS_CLASS_ACTIVITY;
    e.type = RECS_EVENT_PRODUCT_VIEW;
    e.time_ms = 1600000000000;
    e.verified = 1;
    e.user.bytes[0] = 1;
    memcpy(e.user.bytes + 4, &user, sizeof(user));

    e.item_count = 1;
    recs_event_item_init(&e.items[0]);
    e.items[0].product.data = (const uint8_t *) item;
    e.items[0].product.len = strlen(item);

    if (recs_dataset_add(d, &e, &err) != RECS_OK) {
        die("dataset", err.text);
    }
}


static recs_dataset_t *
feedback(const char *path, const recs_config_t *c)
{
    char            *line, *next, *word;
    FILE            *f;
    size_t           cap;
    uint32_t         user;
    recs_error_t     err;
    recs_dataset_t  *d;

    f = fopen(path, "r");

    if (f == NULL) {
        die(path, "cannot open");
    }

    d = recs_dataset_create(c);
    line = NULL;
    cap = 0;

    while (getline(&line, &cap, f) > 0) {
        word = strtok_r(line, " \n", &next);
        user = word ? (uint32_t) strtoul(word, NULL, 10) : 0;

        while (word && (word = strtok_r(NULL, " \n", &next))) {
            view(d, user, word);
        }
    }

    free(line);
    fclose(f);

    if (recs_dataset_finish(d, &err) != RECS_OK) {
        die(path, err.text);
    }

    return d;
}


static uint32_t
number(const recs_dataset_t *d, uint32_t item)
{
    char               text[16];
    const recs_str_t  *id;

    id = &d->products[item].id;
    memset(text, 0, sizeof(text));
    memcpy(text, id->data, recs_min(id->len, sizeof(text) - 1));

    return (uint32_t) strtoul(text, NULL, 10);
}


static void
save(const char *path, const recs_dataset_t *d,
    const recs_model_list_t *list)
{
    FILE                         *f;
    uint32_t                      r, pair[2];
    uint64_t                      e;
    const recs_format_related_t  *entry;

    f = fopen(path, "w");

    if (f == NULL) {
        die(path, "cannot write");
    }

    entry = list->entries;

    for (r = 0; r < list->rows; r++) {
        for (e = list->offsets[r]; e < list->offsets[r + 1]; e++) {
            pair[0] = number(d, r);
            pair[1] = number(d, entry[e].item);
            fwrite(pair, sizeof(pair), 1, f);
            fwrite(&entry[e].weight, sizeof(float), 1, f);
        }
    }

    if (fclose(f) != 0) {
        die(path, "cannot write");
    }
}


static void
list(const char *name, const char *file, const char *out,
    const recs_config_t *c)
{
    double               start;
    recs_error_t         err;
    recs_dataset_t      *d;
    recs_model_list_t    l;
    const recs_model_t  *m;

    m = recs_model_find(RECS_LIST_RELATED, name);

    if (m == NULL) {
        die(name, "no such model");
    }

    d = feedback(file, c);
    start = seconds();

    if (m->build(d, c, &l, &err) != RECS_OK) {
        die(name, err.text);
    }

    printf("seconds %.4f\n", seconds() - start);

    save(out, d, &l);
    recs_model_free(&l);
    recs_dataset_destroy(d);
}


/* Time of the iterations alone: what one takes is subtracted. */

static void
factors(const char *file, const char *out, const recs_config_t *c)
{
    FILE            *f;
    double           once, start, time;
    uint32_t         i, u;
    recs_als_t       a;
    recs_config_t    one;
    recs_matrix_t    x;
    recs_dataset_t  *d;

    d = feedback(file, c);
    recs_als_input(d, c, &x);

    one = *c;
    one.als_iterations = 1;
    start = seconds();
    recs_als_fit(&x, d->items, &one, &a);
    once = seconds() - start;
    recs_als_free(&a);

    start = seconds();
    recs_als_fit(&x, d->items, c, &a);
    time = seconds() - start;

    printf("seconds %.4f\n", (time - once)
                             / recs_max(c->als_iterations - 1, 1));

    f = fopen(out, "w");

    if (f == NULL) {
        die(out, "cannot write");
    }

    fwrite(&a.users, sizeof(uint32_t), 1, f);
    fwrite(&a.items, sizeof(uint32_t), 1, f);
    fwrite(&a.factors, sizeof(uint32_t), 1, f);

    for (u = 0; u < a.users; u++) {
        memcpy(&i, recs_keys16_get(d->users, u) + 4, sizeof(i));
        fwrite(&i, sizeof(i), 1, f);
    }

    for (u = 0; u < a.items; u++) {
        i = number(d, u);
        fwrite(&i, sizeof(i), 1, f);
    }

    fwrite(a.w, sizeof(float), (size_t) a.users * a.factors, f);
    fwrite(a.h, sizeof(float), (size_t) a.items * a.factors, f);

    if (fclose(f) != 0) {
        die(out, "cannot write");
    }

    recs_als_free(&a);
    recs_matrix_free(&x);
    recs_dataset_destroy(d);
}


static uint32_t *
clicks(const char *file, size_t *n)
{
    FILE      *f;
    uint32_t  *data;

    f = fopen(file, "r");

    if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
        die(file, "cannot read");
    }

    *n = (size_t) ftell(f) / 12;
    rewind(f);
    data = recs_alloc(*n * 12 + 1);

    if (fread(data, 12, *n, f) != *n) {
        die(file, "cannot read");
    }

    fclose(f);

    return data;
}


static void
sessions(const char *file, const recs_config_t *c)
{
    double           start;
    size_t           i, n;
    uint8_t          key[16];
    uint32_t         k, *data;
    recs_error_t     err;
    recs_dataset_t  *d;
    recs_sessions_t  s;

    data = clicks(file, &n);
    d = recs_dataset_create(c);
    d->events = n;
    d->time = recs_alloc(n * sizeof(uint32_t));
    d->item = recs_alloc(n * sizeof(uint32_t));
    d->user = recs_alloc(n * sizeof(uint32_t));
    d->session = recs_alloc(n * sizeof(uint32_t));
    d->type = recs_alloc(n);

    for (i = 0; i < n; i++) {
        d->session[i] = data[3 * i];
        d->time[i] = data[3 * i + 1];
        d->item[i] = data[3 * i + 2];
        d->user[i] = RECS_NONE;
        d->type[i] = RECS_EVENT_PRODUCT_VIEW;
        d->items = recs_max(d->items, d->item[i] + 1);

        for (k = recs_keys16_count(d->sessions); k <= d->session[i]; k++) {
            memset(key, 0, sizeof(key));
            memcpy(key, &k, sizeof(k));
            recs_keys16_add(d->sessions, key);
        }
    }

    free(data);
    start = seconds();

    recs_dataset_index(d);

    if (recs_model_sessions(d, c, &s, &err) != RECS_OK) {
        die("sessions", err.text);
    }

    printf("seconds %.4f\n", seconds() - start);
    printf("postings %lu\n",
           (unsigned long) s.postings.offsets[s.postings.rows]);

    recs_sessions_free(&s);
}


int
main(int argc, char **argv)
{
    int            i;
    recs_error_t   err;
    recs_config_t  c;

    if (argc < 4 || argc % 2) {
        die("usage", "models NAME FILE OUT [OPTION VALUE]...");
    }

    recs_blas_init();
    recs_message_init(RECS_MSG_INFO);
    recs_config_init(&c);

    for (i = 4; i + 1 < argc; i += 2) {
        if (recs_config_set(&c, argv[i], argv[i + 1], 0, &err) != RECS_OK) {
            die(argv[i], err.text);
        }
    }

    if (strcmp(argv[1], "sessions") == 0) {
        sessions(argv[2], &c);

    } else if (strcmp(argv[1], "factors") == 0) {
        factors(argv[2], argv[3], &c);

    } else {
        list(argv[1], argv[2], argv[3], &c);
    }

    return 0;
}
