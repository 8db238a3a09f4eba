/*
 * Copyright (C) recs authors
 *
 * The metadata: what a snapshot was made of and with which parameters.  No
 * clock and no duration: the bytes depend on the input alone.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <msgpack.h>

#include "assemble.h"


static void recs_meta_nothing(void *ctx, const char *name, const char *text);
static void recs_meta_parameter(void *ctx, const char *name,
    const char *text);
static void recs_meta_parameters(msgpack_packer *pk,
    const recs_config_t *config);
static void recs_meta_counts(msgpack_packer *pk, const recs_dataset_t *d,
    const recs_assembly_t *a);
static void recs_meta_models(msgpack_packer *pk, const recs_config_t *config,
    const recs_assembly_t *a);
static void recs_meta_json(msgpack_packer *pk, const char *name,
    const char *text);
static void recs_meta_json_value(msgpack_packer *pk, const json_t *value);
static void recs_meta_string(msgpack_packer *pk, const char *s);
static void recs_meta_count(msgpack_packer *pk, const char *name, uint64_t n);


int
recs_assemble_meta(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, const char *positions,
    const recs_assembly_t *a, recs_error_t *err)
{
    int              rc;
    uint8_t          key;
    msgpack_packer   pk;
    msgpack_sbuffer  buf;

    msgpack_sbuffer_init(&buf);
    msgpack_packer_init(&pk, &buf, msgpack_sbuffer_write);

    msgpack_pack_map(&pk, 5 + (config->selection != NULL)
                          + (config->ranking != NULL)
                          + (positions != NULL));

    recs_meta_count(&pk, "format", RECS_FORMAT_VERSION);

    recs_meta_string(&pk, "shop");
    recs_meta_string(&pk, config->shop ? config->shop : "");

    recs_meta_string(&pk, "parameters");
    recs_meta_parameters(&pk, config);

    recs_meta_string(&pk, "counts");
    recs_meta_counts(&pk, d, a);

    recs_meta_string(&pk, "models");
    recs_meta_models(&pk, config, a);

    recs_meta_json(&pk, "selection", config->selection);
    recs_meta_json(&pk, "ranking", config->ranking);

    if (positions) {
        recs_meta_string(&pk, "positions");
        recs_meta_string(&pk, positions);
    }

    key = 'M';
    rc = recs_writer_put(w, &key, 1, buf.data, buf.size, err);

    msgpack_sbuffer_destroy(&buf);

    return rc;
}


static void
recs_meta_parameters(msgpack_packer *pk, const recs_config_t *config)
{
    size_t  n;

    n = 0;
    recs_config_each(config, recs_meta_nothing, &n);

    msgpack_pack_map(pk, n);
    recs_config_each(config, recs_meta_parameter, pk);
}


static void
recs_meta_nothing(void *ctx, const char *name, const char *text)
{
    (*(size_t *) ctx)++;
}


/* Numbers as numbers: whoever reads them need not know the option. */

static void
recs_meta_parameter(void *ctx, const char *name, const char *text)
{
    char            *end;
    double           number;
    msgpack_packer  *pk;

    pk = ctx;
    recs_meta_string(pk, name);

    number = strtod(text, &end);

    if (*end != '\0' || end == text) {
        recs_meta_string(pk, text);

    } else if (number == floor(number) && fabs(number) < 1e15) {
        msgpack_pack_int64(pk, (int64_t) number);

    } else {
        msgpack_pack_double(pk, number);
    }
}


static void
recs_meta_counts(msgpack_packer *pk, const recs_dataset_t *d,
    const recs_assembly_t *a)
{
    unsigned  i;

    msgpack_pack_map(pk, 12);

    recs_meta_count(pk, "items", d->items);
    recs_meta_count(pk, "listed", a->listed);
    recs_meta_count(pk, "events", d->events);
    recs_meta_count(pk, "baskets", d->baskets.rows);
    recs_meta_count(pk, "users", a->header.users);
    recs_meta_count(pk, "categories", d->categories);
    recs_meta_count(pk, "brands", d->brands);
    recs_meta_count(pk, "regions", d->regions);
    recs_meta_count(pk, "refunds", d->refunds);
    recs_meta_count(pk, "unknown", d->unknown);
    recs_meta_count(pk, "rules", a->rules);

    recs_meta_string(pk, "doubted");
    msgpack_pack_map(pk, RECS_DOUBT_MAX);

    for (i = 0; i < RECS_DOUBT_MAX; i++) {
        recs_meta_count(pk, recs_doubts[i], d->doubted[i]);
    }
}


static void
recs_meta_models(msgpack_packer *pk, const recs_config_t *config,
    const recs_assembly_t *a)
{
    size_t               n;
    const recs_model_t  *model;

    for (n = 0, model = recs_models; model->name; model++) {
        n += (recs_model_chosen(config, model->list) == model);
    }

    msgpack_pack_map(pk, n);

    for (model = recs_models; model->name; model++) {

        if (recs_model_chosen(config, model->list) != model) {
            continue;
        }

        recs_meta_string(pk, recs_format_lists[model->list].name);
        msgpack_pack_map(pk, 3);
        recs_meta_string(pk, "model");
        recs_meta_string(pk, model->name);
        recs_meta_count(pk, "rows", a->models[model->list].rows);
        recs_meta_count(pk, "entries", a->models[model->list].entries);
    }
}


/* So that inspect shows it like the rest. */

static void
recs_meta_json(msgpack_packer *pk, const char *name, const char *text)
{
    json_t  *value;

    if (text == NULL) {
        return;
    }

    recs_meta_string(pk, name);

    value = json_loads(text, 0, NULL);
    recs_meta_json_value(pk, value);
    json_decref(value);
}


static void
recs_meta_json_value(msgpack_packer *pk, const json_t *value)
{
    size_t       i;
    json_t      *member;
    const char  *name;

    switch (json_typeof(value)) {

    case JSON_OBJECT:
        msgpack_pack_map(pk, json_object_size(value));

        json_object_foreach((json_t *) (uintptr_t) value, name, member) {
            recs_meta_string(pk, name);
            recs_meta_json_value(pk, member);
        }

        return;

    case JSON_ARRAY:
        msgpack_pack_array(pk, json_array_size(value));

        json_array_foreach(value, i, member) {
            recs_meta_json_value(pk, member);
        }

        return;

    case JSON_STRING:
        recs_meta_string(pk, json_string_value(value));
        return;

    case JSON_INTEGER:
        msgpack_pack_int64(pk, json_integer_value(value));
        return;

    default: /* JSON_REAL */
        msgpack_pack_double(pk, json_number_value(value));
    }
}


static void
recs_meta_string(msgpack_packer *pk, const char *s)
{
    size_t  len;

    len = strlen(s);

    msgpack_pack_str(pk, len);
    msgpack_pack_str_body(pk, s, len);
}


static void
recs_meta_count(msgpack_packer *pk, const char *name, uint64_t n)
{
    recs_meta_string(pk, name);
    msgpack_pack_uint64(pk, n);
}
