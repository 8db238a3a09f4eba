/*
 * Copyright (C) recs authors
 *
 * A sum of operators with weights found on validation data: for linear
 * models the sum of their scores is the score of their sum, so that serving
 * costs no more than one of them.  Each operator is divided by the mean of
 * the largest weights of its rows first: a weight of 1 means the same for
 * all.
 *
 * Memory and time: those of the components, one after the other; their rows
 * are twice as long as those that are kept, so that what many of them have
 * low in their rows is not lost.
 */

#include "linear.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>


#define RECS_FUSION_MAX   8
#define RECS_FUSION_NAME  32


typedef struct {
    uint32_t             count;
    const recs_model_t  *models[RECS_FUSION_MAX];
    float                factors[RECS_FUSION_MAX];
    recs_model_list_t    lists[RECS_FUSION_MAX];
} recs_fusion_t;


static int recs_fusion_build(const recs_dataset_t *d, const recs_config_t *c,
    recs_list_e which, const char *text, uint32_t max,
    recs_model_list_t *list, recs_error_t *err);
static void recs_fusion_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_list_e which, const char *text, recs_model_cost_t *cost);
static int recs_fusion_parse(recs_fusion_t *f, recs_list_e which,
    const char *text, recs_error_t *err);
static int recs_fusion_component(recs_fusion_t *f, recs_list_e which,
    const char *word, size_t len, recs_error_t *err);
static float recs_fusion_scale(const recs_model_list_t *list);


int
recs_model_fusion_related(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_config_t  wide;

    wide = *c;
    wide.related_max *= 2;

    return recs_fusion_build(d, &wide, RECS_LIST_RELATED, c->related_fusion,
                             (uint32_t) c->related_max, list, err);
}


int
recs_model_fusion_next(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err)
{
    recs_config_t  wide;

    wide = *c;
    wide.next_max *= 2;

    return recs_fusion_build(d, &wide, RECS_LIST_NEXT, c->next_fusion,
                             (uint32_t) c->next_max, list, err);
}


/* The parts are built one after the other. */

void
recs_fusion_related_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    recs_fusion_cost(d, c, RECS_LIST_RELATED, c->related_fusion, cost);
}


void
recs_fusion_next_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost)
{
    recs_fusion_cost(d, c, RECS_LIST_NEXT, c->next_fusion, cost);
}


static void
recs_fusion_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_list_e which, const char *text, recs_model_cost_t *cost)
{
    uint32_t           i;
    recs_error_t       ignored;
    recs_fusion_t      f;
    recs_model_cost_t  one;

    memset(&f, 0, sizeof(f));
    memset(cost, 0, sizeof(recs_model_cost_t));

    (void) recs_fusion_parse(&f, which, text, &ignored);

    for (i = 0; i < f.count; i++) {
        if (f.models[i]->cost) {
            f.models[i]->cost(d, c, &one);
            cost->bytes = recs_max(cost->bytes, one.bytes);
            cost->seconds += one.seconds;
        }
    }
}


static int
recs_fusion_build(const recs_dataset_t *d, const recs_config_t *c,
    recs_list_e which, const char *text, uint32_t max,
    recs_model_list_t *list, recs_error_t *err)
{
    int            rc;
    uint32_t       i;
    recs_fusion_t  f;

    memset(&f, 0, sizeof(f));

    rc = recs_fusion_parse(&f, which, text, err);

    for (i = 0; i < f.count && rc == RECS_OK; i++) {
        rc = f.models[i]->build(d, c, &f.lists[i], err);

        if (rc == RECS_OK) {
            f.factors[i] *= recs_fusion_scale(&f.lists[i]);
        }
    }

    if (rc == RECS_OK) {
        recs_linear_sum(d, f.lists, f.factors, f.count, max,
                        (unsigned) c->threads, list);
    }

    for (i = 0; i < f.count; i++) {
        recs_model_free(&f.lists[i]);
    }

    return rc;
}


/* "ease:1 rp3:.2": names of models of the list, each with its weight. */

static int
recs_fusion_parse(recs_fusion_t *f, recs_list_e which, const char *text,
    recs_error_t *err)
{
    size_t  len;

    for (text += strspn(text, " ,"); *text; text += strspn(text, " ,")) {
        len = strcspn(text, " ,");

        if (recs_fusion_component(f, which, text, len, err) != RECS_OK) {
            return RECS_ERROR;
        }

        text += len;
    }

    if (f->count == 0) {
        return recs_error(err, "fusion of \"%s\" names no model; give "
                          "\"NAME:WEIGHT NAME:WEIGHT\"",
                          recs_format_lists[which].name);
    }

    return RECS_OK;
}


static int
recs_fusion_component(recs_fusion_t *f, recs_list_e which, const char *word,
    size_t len, recs_error_t *err)
{
    char                *end, name[RECS_FUSION_NAME];
    double               weight;
    const char          *colon;
    const recs_model_t  *model;

    colon = memchr(word, ':', len);

    if (colon == NULL || (size_t) (colon - word) >= sizeof(name)
        || f->count == RECS_FUSION_MAX)
    {
        return recs_error(err, "fusion of \"%s\": \"%.*s\" must be "
                          "NAME:WEIGHT, at most %d of them",
                          recs_format_lists[which].name, (int) len, word,
                          RECS_FUSION_MAX);
    }

    memcpy(name, word, colon - word);
    name[colon - word] = '\0';

    model = recs_model_find(which, name);
    weight = strtod(colon + 1, &end);

    if (model == NULL || strcmp(name, "fusion") == 0) {
        return recs_error(err, "fusion of \"%s\": there is no model \"%s\"",
                          recs_format_lists[which].name, name);
    }

    if (end != word + len || !(weight > 0) || weight > 1e6) {
        return recs_error(err, "fusion of \"%s\": the weight of \"%s\" must "
                          "be a number above 0",
                          recs_format_lists[which].name, name);
    }

    f->models[f->count] = model;
    f->factors[f->count++] = (float) weight;

    return RECS_OK;
}


static float
recs_fusion_scale(const recs_model_list_t *list)
{
    double                        sum;
    uint32_t                      r, n;
    const recs_format_related_t  *e;

    e = list->entries;
    sum = 0;
    n = 0;

    for (r = 0; r < list->rows; r++) {
        if (list->offsets[r] != list->offsets[r + 1]) {
            sum += e[list->offsets[r]].weight;
            n++;
        }
    }

    return (sum > 0) ? (float) (n / sum) : 1;
}
