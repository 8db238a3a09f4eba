/*
 * Copyright (C) recs authors
 *
 * Specification: Gower's coefficient (1971) over the attributes that both
 * items have.  A number is compared by exp(-|x - y| / MAD), words by the
 * Jaccard index of their sets; the weight of an attribute is the entropy of
 * its values times its coverage, so that what all share and what hardly any
 * has says little.
 *
 * Memory: 28 bytes an attribute while it is built, 4 afterwards.
 */

#include "factors.h"
#include "stats.h"

#include "../../core/recs_hash.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


typedef struct {
    uint32_t  name;
    uint64_t  value;
    double    number;
} recs_spec_value_t;


static uint64_t recs_spec_values(recs_spec_t *s, recs_names_t *names,
    recs_spec_value_t *values);
static void recs_spec_name(recs_spec_t *s, const recs_spec_value_t *v,
    uint64_t n, double *numbers);
static double recs_spec_one(const recs_spec_t *s, uint32_t name,
    const recs_attribute_t *a, uint32_t n, const recs_attribute_t *b,
    uint32_t m);
static uint32_t recs_spec_run(const recs_attribute_t *a, uint32_t n);
static int recs_spec_by_name(const void *one, const void *two);


void
recs_spec_init(recs_spec_t *s, const recs_dataset_t *d)
{
    double             *numbers;
    uint32_t            count, i;
    uint64_t            from, n, to, total;
    recs_names_t       *names;
    recs_spec_value_t  *values;

    s->d = d;
    s->starts = recs_alloc(((size_t) d->items + 1) * sizeof(uint64_t));

    for (i = 0, total = 0; i < d->items; i++) {
        s->starts[i] = total;
        total += d->products[i].attribute_count;
    }

    s->starts[i] = total;
    s->names = recs_alloc(total * sizeof(uint32_t) + 1);

    names = recs_names_create();
    values = recs_alloc(total * sizeof(recs_spec_value_t) + 1);
    numbers = recs_alloc(total * sizeof(double) + 1);
    n = recs_spec_values(s, names, values);

    count = recs_names_count(names);
    s->weights = recs_calloc((size_t) count + 1, sizeof(float));
    s->scales = recs_calloc((size_t) count + 1, sizeof(float));

    qsort(values, n, sizeof(recs_spec_value_t), recs_spec_by_name);

    for (from = 0; from < n; from = to) {
        for (to = from; to < n && values[to].name == values[from].name;
             to++)
        {
            /* void */
        }

        recs_spec_name(s, &values[from], to - from, numbers);
    }

    free(values);
    free(numbers);
    recs_names_destroy(names);
}


void
recs_spec_free(recs_spec_t *s)
{
    free(s->starts);
    free(s->names);
    free(s->weights);
    free(s->scales);
}


/* An empty value is the absence of one. */

static uint64_t
recs_spec_values(recs_spec_t *s, recs_names_t *names,
    recs_spec_value_t *values)
{
    uint32_t                 i, k;
    uint64_t                 empty, n;
    const recs_product_t    *p;
    const recs_attribute_t  *a;

    empty = recs_key64("", 0);
    n = 0;

    for (i = 0; i < s->d->items; i++) {
        p = &s->d->products[i];

        for (k = 0; k < p->attribute_count; k++) {
            a = &p->attributes[k];

            if (a->value == empty) {
                s->names[s->starts[i] + k] = RECS_NONE;
                continue;
            }

            values[n].name = recs_names_add(names, &a->name,
                                            sizeof(uint64_t));
            values[n].value = a->value;
            values[n].number = a->number;
            s->names[s->starts[i] + k] = values[n++].name;
        }
    }

    return n;
}


static void
recs_spec_name(recs_spec_t *s, const recs_spec_value_t *v, uint64_t n,
    double *numbers)
{
    double    entropy, p;
    uint64_t  from, k, to;

    entropy = 0;

    for (from = 0; from < n; from = to) {
        for (to = from; to < n && v[to].value == v[from].value; to++) {
            /* void */
        }

        p = (double) (to - from) / n;
        entropy -= p * log(p);
    }

    s->weights[v->name] = entropy * recs_min(1.0, (double) n / s->d->items);

    for (k = 0; k < n && isfinite(v[k].number); k++) {
        numbers[k] = v[k].number;
    }

    if (k == n) {
        s->scales[v->name] = recs_mad(numbers, n);
    }
}


double
recs_spec_compare(const recs_spec_t *s, uint32_t i, uint32_t j)
{
    double                   sum, w, weight;
    uint32_t                 k, m, n, l, name;
    const recs_product_t    *p, *q;
    const recs_attribute_t  *a, *b;

    p = &s->d->products[i];
    q = &s->d->products[j];
    sum = 0;
    weight = 0;

    for (k = 0, l = 0; k < p->attribute_count && l < q->attribute_count; ) {
        a = &p->attributes[k];
        b = &q->attributes[l];

        if (a->name != b->name) {
            *(a->name < b->name ? &k : &l) += 1;
            continue;
        }

        n = recs_spec_run(a, p->attribute_count - k);
        m = recs_spec_run(b, q->attribute_count - l);
        name = s->names[s->starts[i] + k];

        if (name != RECS_NONE && s->names[s->starts[j] + l] != RECS_NONE) {
            w = s->weights[name];
            weight += w;
            sum += w * recs_spec_one(s, name, a, n, b, m);
        }

        k += n;
        l += m;
    }

    return weight > 0 ? sum / weight : RECS_UNOBSERVED;
}


static double
recs_spec_one(const recs_spec_t *s, uint32_t name, const recs_attribute_t *a,
    uint32_t n, const recs_attribute_t *b, uint32_t m)
{
    uint32_t  both, k, l;

    if (n == 1 && m == 1 && s->scales[name] > 0) {
        return exp(-fabs(a->number - b->number) / s->scales[name]);
    }

    for (k = 0, l = 0, both = 0; k < n && l < m; ) {
        if (a[k].value == b[l].value) {
            both++;
            k++;
            l++;

        } else if (a[k].value < b[l].value) {
            k++;

        } else {
            l++;
        }
    }

    return (double) both / (n + m - both);
}


/* The values of one name stand together. */

static uint32_t
recs_spec_run(const recs_attribute_t *a, uint32_t n)
{
    uint32_t  k;

    for (k = 1; k < n && a[k].name == a[0].name; k++) {
        /* void */
    }

    return k;
}


static int
recs_spec_by_name(const void *one, const void *two)
{
    const recs_spec_value_t  *a = one, *b = two;

    if (a->name != b->name) {
        return a->name < b->name ? -1 : 1;
    }

    return (a->value > b->value) - (a->value < b->value);
}
