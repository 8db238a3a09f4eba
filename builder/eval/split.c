/*
 * Copyright (C) recs authors
 */

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>
#include <zlib.h>

#include "../../core/event/recs_event_type.h"
#include "../../core/recs_hash.h"
#include "split.h"


#define RECS_SPLIT_SLURP  (1 << 20)


recs_split_t *
recs_split_begin(const recs_eval_input_t *in, recs_cases_t *cases,
    recs_error_t *err)
{
    recs_split_t  *s;

    s = recs_calloc(1, sizeof(recs_split_t));

    s->in = in;
    s->cases = cases;
    s->err = err;
    s->hash = XXH3_createState();
    s->products = recs_names_create();

    (void) XXH3_64bits_reset(s->hash);
    recs_event_init(&s->event);

    return s;
}


int
recs_split_end(recs_split_t *s, int rc)
{
    s->cases->hash = XXH3_64bits_digest(s->hash);

    (void) XXH3_freeState(s->hash);
    recs_names_destroy(s->products);
    free(s->keys);
    free(s);

    return rc;
}


/* The first name in the directory, by the alphabet, that ends in "end". */

static char *
recs_split_ending(const char *dir, const char *end)
{
    int              i, n;
    char            *path;
    size_t           len, size;
    struct dirent  **names;

    n = scandir(dir, &names, NULL, alphasort);

    for (i = 0, path = NULL; i < n; i++) {
        len = strlen(names[i]->d_name);

        if (path == NULL && len >= strlen(end)
            && strcmp(names[i]->d_name + len - strlen(end), end) == 0)
        {
            size = strlen(dir) + len + 2;
            path = recs_alloc(size);
            snprintf(path, size, "%s/%s", dir, names[i]->d_name);
        }

        free(names[i]);
    }

    if (n >= 0) {
        free(names);
    }

    return path;
}


char *
recs_split_path(const recs_split_t *s, const char *name)
{
    char         *path;
    size_t        size;
    const char   *dir;
    struct stat   st;

    dir = s->in->paths[0];

    if (name && *name == '*') {
        return recs_split_ending(dir, name + 1);
    }

    size = strlen(dir) + (name ? strlen(name) : 0) + 2;
    path = recs_alloc(size);
    snprintf(path, size, "%s%s%s", dir, name ? "/" : "", name ? name : "");

    if (stat(path, &st) == 0 && S_ISREG(st.st_mode)) {
        return path;
    }

    free(path);

    return NULL;
}


char *
recs_split_choose(const recs_split_t *s, const char *const *names)
{
    char        *path;
    unsigned     i;

    for (i = 0; names[i]; i++) {
        path = recs_split_path(s, names[i]);

        if (path) {
            return path;
        }
    }

    (void) recs_error(s->err, "%s: there is no file \"%s\" in it; see "
                      "docs/quality.md for what the protocol reads",
                      s->in->paths[0], names[0]);

    return NULL;
}


recs_input_t *
recs_split_open(recs_split_t *s, const char *path)
{
    return recs_input_open(path, s->err);
}


int
recs_split_bad(recs_split_t *s, const recs_input_t *in, const char *what)
{
    return recs_error(s->err, "%s:%llu: %s", recs_input_path(in),
                      (unsigned long long) recs_input_number(in), what);
}


int
recs_split_line(recs_split_t *s, recs_input_t *in, recs_str_t *line)
{
    int  rc;

    for ( ;; ) {
        rc = recs_input_line(in, line, s->err);

        if (rc == RECS_DECLINED) {
            return recs_split_bad(s, in, "the line is too long");
        }

        if (rc != RECS_OK) {
            return rc;
        }

        (void) XXH3_64bits_update(s->hash, line->data, line->len);
        (void) XXH3_64bits_update(s->hash, "\n", 1);

        while (line->len && line->data[line->len - 1] == ' ') {
            line->len--;
        }

        if (line->len) {
            return RECS_OK;
        }
    }
}


char *
recs_split_slurp(recs_split_t *s, const char *path, size_t *len)
{
    int      n, code;
    char    *text;
    gzFile   f;
    size_t   cap;

    text = NULL;
    cap = 0;
    *len = 0;

    f = gzopen(path, "rbe");

    if (f == NULL) {
        (void) recs_error(s->err, "%s: cannot open: %s", path,
                          strerror(errno));
        return NULL;
    }

    do {
        recs_grow(&text, &cap, *len + RECS_SPLIT_SLURP + 1, 1);
        n = gzread(f, text + *len, RECS_SPLIT_SLURP);
        *len += recs_max(n, 0);
    } while (n > 0);

    text[*len] = '\0';

    if (n < 0) {
        (void) recs_error(s->err, "%s: cannot be read: %s", path,
                          gzerror(f, &code));
        free(text);
        text = NULL;

    } else {
        (void) XXH3_64bits_update(s->hash, text, *len);
    }

    (void) gzclose(f);

    return text;
}


unsigned
recs_split_word(recs_str_t *line, const char *ends, recs_str_t *word)
{
    while (line->len && strchr(ends, line->data[0])) {
        line->data++;
        line->len--;
    }

    word->data = line->data;
    word->len = 0;

    while (word->len < line->len && !strchr(ends, word->data[word->len])) {
        word->len++;
    }

    line->data += word->len;
    line->len -= word->len;

    return word->len > 0;
}


uint32_t
recs_split_product(recs_split_t *s, const recs_str_t *id)
{
    uint32_t  n;

    n = recs_names_add(s->products, id->data, id->len);

    recs_grow(&s->keys, &s->keys_cap, (size_t) n + 1, sizeof(uint64_t));
    s->keys[n] = recs_key64(id->data, id->len);

    return n;
}


void
recs_split_identity(recs_split_t *s, uint8_t kind, const recs_str_t *name,
    recs_identity_t *identity)
{
    recs_identity(s->in->keys, 0, kind, name, identity);
}


int
recs_split_event(recs_split_t *s, const recs_split_event_t *what)
{
    recs_event_t  *e;

    e = &s->event;

    e->class = RECS_CLASS_ACTIVITY;
    e->type = what->type;
    e->time_ms = what->time_ms;
    e->received_ms = what->time_ms;
    e->order = what->order;
    e->verified = 1;

    memset(&e->user, 0, sizeof(e->user));
    memset(&e->session, 0, sizeof(e->session));

    if (what->user) {
        e->user = *what->user;
    }

    if (what->session) {
        e->session = *what->session;
    }

    recs_event_item_init(&e->items[0]);
    e->items[0].product = recs_names_get(s->products, what->product);
    e->item_count = 1;
    e->document.len = 0;

    return s->in->sink(s->in->ctx, e, s->err);
}


int
recs_split_catalogue(recs_split_t *s, uint32_t product, const char *json,
    size_t len)
{
    recs_event_t  *e;

    e = &s->event;

    e->class = RECS_CLASS_PRODUCT;
    e->type = RECS_EVENT_PRODUCT_UPDATE;
    e->time_ms = RECS_SPLIT_EPOCH;
    e->received_ms = RECS_SPLIT_EPOCH;
    e->order.len = 0;
    e->verified = 1;

    memset(&e->user, 0, sizeof(e->user));
    memset(&e->session, 0, sizeof(e->session));

    recs_event_item_init(&e->items[0]);
    e->items[0].product = recs_names_get(s->products, product);
    e->item_count = 1;
    e->document.data = (const uint8_t *) json;
    e->document.len = len;

    return s->in->sink(s->in->ctx, e, s->err);
}
