/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>

#include "../model/trend.h"
#include "../model/content.h"
#include "../model/directions.h"
#include "../rules/rules.h"
#include "assemble.h"


#define RECS_ASSEMBLE_LINE   256

/* A model of lists for users may take a quarter of time_budget. */

#define RECS_ASSEMBLE_SHARE  4


static int recs_assemble_models(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_assembly_t *a, recs_error_t *err);
static int recs_assemble_model(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, const recs_model_t *model,
    recs_assembly_t *a, recs_error_t *err);
static int recs_assemble_sessions(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_assembly_t *a, recs_error_t *err);
static int recs_assemble_personal(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_error_t *err);
static int recs_assemble_searches(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_error_t *err);
static int recs_assemble_people(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_assembly_t *a, recs_error_t *err);
static int recs_assemble_segments(recs_writer_t *w,
    const recs_segments_t *s, recs_assembly_t *a, recs_error_t *err);
static int recs_assemble_histories(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, const recs_segments_t *s, recs_assembly_t *a,
    recs_error_t *err);
static int recs_assemble_users(recs_writer_t *w, const recs_histories_t *h,
    recs_format_header_t *header, recs_error_t *err);
static int recs_assemble_filter(recs_writer_t *w, const recs_histories_t *h,
    recs_error_t *err);
static int recs_assemble_rules(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_assembly_t *a, recs_error_t *err);
static int recs_assemble_vectors(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, const recs_assembly_t *a, recs_error_t *err);
static int recs_assemble_forests(recs_writer_t *w,
    const recs_config_t *config, recs_error_t *err);


int
recs_assemble(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, const char *positions, recs_assembly_t *a,
    recs_error_t *err)
{
    memset(a, 0, sizeof(recs_assembly_t));

    recs_assemble_header(&a->header, d, config);

    /* a rules file with an error ends a build before it begins */

    if (recs_assemble_rules(w, d, config, a, err) != RECS_OK
        || recs_assemble_columns(w, d, a, err) != RECS_OK
        || recs_assemble_orders(w, d, err) != RECS_OK
        || recs_assemble_names(w, d, err) != RECS_OK
        || recs_assemble_tags(w, d, err) != RECS_OK
        || recs_assemble_fragments(w, d, err) != RECS_OK
        || recs_assemble_models(w, d, config, a, err) != RECS_OK
        || recs_assemble_sessions(w, d, config, a, err) != RECS_OK
        || recs_assemble_personal(w, d, config, err) != RECS_OK
        || recs_assemble_searches(w, d, config, err) != RECS_OK
        || recs_assemble_people(w, d, config, a, err) != RECS_OK
        || recs_assemble_vectors(w, d, config, a, err) != RECS_OK
        || recs_assemble_forests(w, config, err) != RECS_OK
        || recs_assemble_cells(w, config->report, err) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_assemble_meta(w, d, config, positions, a, err);
}


void
recs_assemble_header(recs_format_header_t *h, const recs_dataset_t *d,
    const recs_config_t *config)
{
    unsigned  i;

    h->now_ms = d->now_ms;
    h->newest_ms = d->newest_ms;
    h->events = d->events;
    h->baskets = d->baskets.rows;

    h->rows[RECS_DOMAIN_ITEMS] = d->items;
    h->rows[RECS_DOMAIN_CATEGORIES] = d->categories;
    h->rows[RECS_DOMAIN_BRANDS] = d->brands;
    h->rows[RECS_DOMAIN_SCOPES] = d->categories + 1;
    h->rows[RECS_DOMAIN_WEEKS] = RECS_FORMAT_WEEKS;
    h->rows[RECS_DOMAIN_REGIONS] = d->regions;
    h->rows[RECS_DOMAIN_TAGS] = d->tags;

    memcpy(h->currencies, d->currencies, sizeof(h->currencies));

    h->serving = config->serving;

    for (i = 0; i < RECS_FORMAT_FACTORS; i++) {
        h->weights[i] = (float) config->similar_weights[i];
    }
}


static int
recs_assemble_models(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_assembly_t *a, recs_error_t *err)
{
    unsigned             list;
    const recs_model_t  *model;

    for (list = 0; list < RECS_LIST_MAX; list++) {
        model = recs_model_chosen(config, list);

        if (config->lists && !(config->lists & (1u << list))) {
            continue;
        }

        if (model
            && recs_assemble_model(w, d, config, model, a, err) != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_assemble_model(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, const recs_model_t *model,
    recs_assembly_t *a, recs_error_t *err)
{
    int                rc;
    uint32_t           row, rows;
    recs_model_list_t  list;

    memset(&list, 0, sizeof(list));

    if (model->build(d, config, &list, err) != RECS_OK) {
        recs_model_free(&list);
        return RECS_ERROR;
    }

    if (model->list == RECS_LIST_RELATED) {
        recs_model_trend(d, config, &list);
    }

    if (model->list == RECS_LIST_RELATED || model->list == RECS_LIST_NEXT) {
        recs_model_content(d, config, &list);
    }

    for (row = 0, rows = 0; row < list.rows; row++) {
        rows += (list.offsets[row] != list.offsets[row + 1]);
    }

    a->lists += rows;
    a->models[model->list].rows = rows;
    a->models[model->list].entries = list.offsets[list.rows];

    rc = recs_writer_list(w, model->list, &list, err);

    recs_model_free(&list);

    return rc;
}


/* The index of SESSION: columns and lists that belong together. */

static int
recs_assemble_sessions(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_assembly_t *a, recs_error_t *err)
{
    int                rc;
    float             *interval;
    recs_sessions_t    s;
    recs_model_list_t  items, postings;

    memset(&s, 0, sizeof(s));

    rc = recs_model_sessions(d, config, &s, err);

    if (rc == RECS_OK) {
        items.rows = s.items.rows;
        items.offsets = s.items.offsets;
        items.entries = s.items.entries;
        postings.rows = s.postings.rows;
        postings.offsets = s.postings.offsets;
        postings.entries = s.postings.entries;

        a->header.rows[RECS_DOMAIN_SESSIONS] = s.items.rows;
        interval = recs_model_intervals(d);

        if (recs_writer_column(w, RECS_COLUMN_IDF, s.idf, d->items, err)
            != RECS_OK
            || recs_writer_column(w, RECS_COLUMN_INTERVAL, interval, d->items,
                                  err) != RECS_OK
            || recs_writer_column(w, RECS_COLUMN_SESSION_TIME, s.time,
                                  s.items.rows, err) != RECS_OK
            || recs_writer_list(w, RECS_LIST_SESSION_ITEMS, &items, err)
               != RECS_OK
            || recs_writer_list(w, RECS_LIST_ITEM_SESSIONS, &postings, err)
               != RECS_OK)
        {
            rc = RECS_ERROR;
        }

        free(interval);
    }

    recs_sessions_free(&s);

    return rc;
}


static int
recs_assemble_personal(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_error_t *err)
{
    int                           rc;
    char                          why[RECS_ASSEMBLE_LINE];
    uint8_t                       key[RECS_FORMAT_KEY_MAX];
    uint32_t                      i;
    const uint8_t                *identity;
    recs_personal_t               p;
    recs_model_cost_t             cost;
    const recs_personal_model_t  *m;

    rc = RECS_OK;

    if (config->lists && !(config->lists & RECS_LISTS_PERSONAL)) {
        return RECS_OK;
    }

    for (m = recs_personal_models; m->name && rc == RECS_OK; m++) {
        m->cost(d, config, &cost);

        if (recs_model_afford(&cost, config, RECS_ASSEMBLE_SHARE, why,
                              sizeof(why)) != RECS_OK)
        {
            recs_message(RECS_MSG_WARN, m->name, "left out: %s", why);
            continue;
        }

        memset(&p, 0, sizeof(p));

        rc = m->build(d, config, &p, err);

        for (i = 0; rc == RECS_OK && i < p.count; i++) {
            identity = p.identities + (size_t) i * RECS_IDENTITY_SIZE;

            rc = recs_writer_put(w, key,
                     recs_format_personal_key(key, m->which, identity),
                     p.entries + p.offsets[i],
                     (p.offsets[i + 1] - p.offsets[i])
                     * sizeof(recs_format_related_t), err);
        }

        recs_personal_free(&p);
    }

    return rc;
}


static int
recs_assemble_searches(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_error_t *err)
{
    int                           rc;
    size_t                        len, size;
    uint8_t                       key[RECS_FORMAT_KEY_MAX];
    uint32_t                      i;
    recs_searched_t               s;
    const recs_format_related_t  *e;

    rc = recs_model_searches(d, config, &s, err);
    e = s.list.entries;

    for (i = 0; rc == RECS_OK && i < s.count; i++) {
        len = recs_format_name_key(key, 'Q', s.queries[i]);
        size = (s.list.offsets[i + 1] - s.list.offsets[i])
               * sizeof(recs_format_related_t);

        if (size) {
            rc = recs_writer_put(w, key, len, e + s.list.offsets[i], size,
                                 err);
        }
    }

    recs_searched_free(&s);

    return rc;
}


/* The segments, and who is in which. */

static int
recs_assemble_people(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_assembly_t *a, recs_error_t *err)
{
    int              rc;
    recs_segments_t  s;

    memset(&s, 0, sizeof(recs_segments_t));
    rc = RECS_OK;

    if (config->lists == 0 || (config->lists & (1u << RECS_LIST_SEGMENT))) {
        rc = recs_model_segments(d, config, &s, err);
    }

    if (rc == RECS_OK && s.of) {
        rc = recs_assemble_segments(w, &s, a, err);
    }

    if (rc == RECS_OK) {
        rc = recs_assemble_histories(w, d, config, &s, a, err);
    }

    recs_segments_free(&s);

    return rc;
}


static int
recs_assemble_segments(recs_writer_t *w, const recs_segments_t *s,
    recs_assembly_t *a, recs_error_t *err)
{
    uint32_t  row, rows;

    a->header.rows[RECS_DOMAIN_SEGMENTS] = s->list.rows;

    for (row = 0, rows = 0; row < s->list.rows; row++) {
        rows += s->list.offsets[row] != s->list.offsets[row + 1];
    }

    a->lists += rows;
    a->models[RECS_LIST_SEGMENT].rows = rows;
    a->models[RECS_LIST_SEGMENT].entries = s->list.offsets[s->list.rows];

    if (recs_writer_list(w, RECS_LIST_SEGMENT, &s->list, err) != RECS_OK) {
        return RECS_ERROR;
    }

    return recs_writer_list(w, RECS_LIST_SEGMENT_NAME, &s->names, err);
}


static int
recs_assemble_histories(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, const recs_segments_t *s, recs_assembly_t *a,
    recs_error_t *err)
{
    int               rc;
    uint32_t          i, user;
    recs_histories_t  h;

    memset(&h, 0, sizeof(h));

    rc = recs_model_histories(d, config, &h, err);

    for (i = 0; rc == RECS_OK && s->of && i < h.count; i++) {
        user = recs_keys16_find(d->users, h.identities
                                          + (size_t) i * RECS_IDENTITY_SIZE);

        if (!(h.heads[i].flags & RECS_USER_SESSION)
            && user < d->by_user.rows)
        {
            h.heads[i].segment = s->of[user];
        }
    }

    if (rc == RECS_OK) {
        rc = recs_assemble_users(w, &h, &a->header, err);
    }

    if (rc == RECS_OK) {
        rc = recs_assemble_filter(w, &h, err);
    }

    recs_histories_free(&h);

    return rc;
}


static int
recs_assemble_users(recs_writer_t *w, const recs_histories_t *h,
    recs_format_header_t *header, recs_error_t *err)
{
    size_t          size;
    uint8_t         key[RECS_FORMAT_KEY_MAX];
    uint8_t         buf[sizeof(recs_format_user_t)
                        + RECS_USER_ENTRIES * sizeof(recs_format_seen_t)];
    int64_t         newest;
    uint32_t        i;
    const uint8_t  *identity;

    newest = INT64_MIN;
    header->users = h->count;

    for (i = 0; i < h->count; i++) {
        identity = h->identities + (size_t) i * RECS_IDENTITY_SIZE;

        if (h->heads[i].count > RECS_USER_ENTRIES
            || h->heads[i].count != h->offsets[i + 1] - h->offsets[i])
        {
            return recs_error(err, "history %u has %u entries, not its own "
                              "or more than %u", i, h->heads[i].count,
                              RECS_USER_ENTRIES);
        }

        /* the key number comes first; the newest event has the current */

        if (h->heads[i].last_ms > newest) {
            newest = h->heads[i].last_ms;
            header->recent_key = identity[0];
        }

        size = h->heads[i].count * sizeof(recs_format_seen_t);

        memcpy(buf, &h->heads[i], sizeof(recs_format_user_t));

        if (size) {
            memcpy(buf + sizeof(recs_format_user_t),
                   h->seen + h->offsets[i], size);
        }

        if (recs_writer_put(w, key, recs_format_user_key(key, identity), buf,
                            sizeof(recs_format_user_t) + size, err)
            != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}


static int
recs_assemble_filter(recs_writer_t *w, const recs_histories_t *h,
    recs_error_t *err)
{
    int        rc;
    uint8_t    key;
    uint32_t   i;
    uint64_t   bits, word, words, *filter;

    words = RECS_FORMAT_FILTER_MIN;

    while (words < RECS_FORMAT_FILTER_MAX
           && words * 64 < (uint64_t) h->count * RECS_FORMAT_FILTER_BITS)
    {
        words *= 2;
    }

    filter = recs_calloc(words, sizeof(uint64_t));

    for (i = 0; i < h->count; i++) {
        bits = recs_format_filter(h->identities
                                  + (size_t) i * RECS_IDENTITY_SIZE, &word);
        filter[word & (words - 1)] |= bits;
    }

    key = 'W';
    rc = recs_writer_put(w, &key, 1, filter, words * sizeof(uint64_t), err);

    free(filter);

    return rc;
}


static int
recs_assemble_rules(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, recs_assembly_t *a, recs_error_t *err)
{
    int            rc;
    size_t         size;
    uint8_t        key;
    uint32_t       i;
    recs_rules_t  *rules;

    rc = recs_rules_build(d, config->rules, &rules, &size, err);

    if (rules) {
        a->rules = rules->count;

        for (i = 0; i < rules->count; i++) {
            a->diverse |= rules->rules[i].action == RECS_RULE_DIVERSITY;
        }

        key = 'R';
        rc = recs_writer_put(w, &key, 1, rules, size, err);
    }

    free(rules);

    return rc;
}


/* Nobody looks at them where nothing makes lists diverse: then zeros. */

static int
recs_assemble_vectors(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, const recs_assembly_t *a, recs_error_t *err)
{
    int      rc;
    int8_t  *vectors;

    if (a->diverse || config->serving.diversity > 0) {
        vectors = recs_model_directions(d, config);

    } else {
        recs_message(RECS_MSG_DEBUG, "vectors", "none are made: diversity is "
                     "0 and no rule asks for it");
        vectors = recs_calloc((size_t) d->items + 1, RECS_FORMAT_VECTOR);
    }

    rc = recs_writer_column(w, RECS_COLUMN_VECTOR, vectors, d->items, err);

    free(vectors);

    return rc;
}


static int
recs_assemble_forests(recs_writer_t *w, const recs_config_t *config,
    recs_error_t *err)
{
    uint8_t   key[2];
    unsigned  i;

    for (i = 0; i < RECS_FORESTS; i++) {

        if (config->forests[i] == NULL) {
            continue;
        }

        key[0] = 'F';
        key[1] = (uint8_t) i;

        if (recs_writer_put(w, key, sizeof(key), config->forests[i],
                            config->forest_sizes[i], err) != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return RECS_OK;
}
