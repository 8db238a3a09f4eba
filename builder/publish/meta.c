/*
 * Copyright (C) recs authors
 *
 * The metadata: what a snapshot was made of and with which parameters.  No
 * clock and no duration: the bytes depend on the input alone.
 */

#include <string.h>

#include <msgpack.h>

#include "assemble.h"


typedef struct {
    const char  *name;
    size_t       offset;
} recs_meta_parameter_t;


static void recs_meta_parameters(msgpack_packer *pk,
    const recs_config_t *config);
static void recs_meta_counts(msgpack_packer *pk, const recs_dataset_t *d,
    const recs_assembly_t *a);
static void recs_meta_models(msgpack_packer *pk, const recs_assembly_t *a);
static void recs_meta_string(msgpack_packer *pk, const char *s);
static void recs_meta_count(msgpack_packer *pk, const char *name, uint64_t n);


#define recs_meta_row(name)  { #name, offsetof(recs_config_t, name) }

static const recs_meta_parameter_t  recs_meta_numbers[] = {
    recs_meta_row(half_life_days),
    recs_meta_row(together_beta),
    recs_meta_row(together_min_g2),
    recs_meta_row(together_min_lift),
    recs_meta_row(trending_hours),
    recs_meta_row(new_days),
    recs_meta_row(drop_min),
    recs_meta_row(drop_days),
    { NULL, 0 }
};

static const recs_meta_parameter_t  recs_meta_integers[] = {
    recs_meta_row(together_min_count),
    recs_meta_row(list_max),
    recs_meta_row(related_max),
    { NULL, 0 }
};

#define recs_meta_size(table)  (sizeof(table) / sizeof(table[0]) - 1)


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

    msgpack_pack_map(&pk, positions ? 6 : 5);

    recs_meta_count(&pk, "format", RECS_FORMAT_VERSION);

    recs_meta_string(&pk, "shop");
    recs_meta_string(&pk, config->shop ? config->shop : "");

    recs_meta_string(&pk, "parameters");
    recs_meta_parameters(&pk, config);

    recs_meta_string(&pk, "counts");
    recs_meta_counts(&pk, d, a);

    recs_meta_string(&pk, "models");
    recs_meta_models(&pk, a);

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
    long                          integer;
    double                        number;
    unsigned                      i;
    const recs_meta_parameter_t  *p;

    msgpack_pack_map(pk, recs_meta_size(recs_meta_numbers)
                         + recs_meta_size(recs_meta_integers) + 1);

    for (p = recs_meta_numbers; p->name; p++) {
        memcpy(&number, (const char *) config + p->offset, sizeof(number));
        recs_meta_string(pk, p->name);
        msgpack_pack_double(pk, number);
    }

    for (p = recs_meta_integers; p->name; p++) {
        memcpy(&integer, (const char *) config + p->offset, sizeof(integer));
        recs_meta_string(pk, p->name);
        msgpack_pack_int64(pk, integer);
    }

    recs_meta_string(pk, "similar_weights");
    msgpack_pack_array(pk, RECS_FORMAT_FACTORS);

    for (i = 0; i < RECS_FORMAT_FACTORS; i++) {
        msgpack_pack_double(pk, config->similar_weights[i]);
    }
}


static void
recs_meta_counts(msgpack_packer *pk, const recs_dataset_t *d,
    const recs_assembly_t *a)
{
    msgpack_pack_map(pk, 10);

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
}


static void
recs_meta_models(msgpack_packer *pk, const recs_assembly_t *a)
{
    size_t               n;
    const recs_model_t  *model;

    for (n = 0; recs_models[n].name; n++) {
        /* void */
    }

    msgpack_pack_map(pk, n);

    for (model = recs_models; model->name; model++) {
        recs_meta_string(pk, model->name);
        msgpack_pack_map(pk, 2);
        recs_meta_count(pk, "rows", a->models[model->list].rows);
        recs_meta_count(pk, "entries", a->models[model->list].entries);
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
