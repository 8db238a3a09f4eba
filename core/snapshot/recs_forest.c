/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <string.h>

#include "recs_forest.h"


/* Four rows at once, for the levels at which all nodes are looked at. */

typedef float    recs_forest_x_t __attribute__ ((vector_size(16)));
typedef int32_t  recs_forest_m_t __attribute__ ((vector_size(16)));


static void recs_forest_four(const recs_forest_node_t *nodes,
    const float *leaves, uint32_t depth, const float *x, size_t stride,
    float *scores);
static inline recs_forest_m_t recs_forest_above(const recs_forest_node_t *node,
    const float *x, size_t stride);


const char *
recs_forest_check(const uint8_t *data, size_t size, uint32_t features)
{
    size_t                     i, n;
    const float               *leaves;
    const recs_forest_t       *f;
    const recs_forest_node_t  *nodes;

    if ((uintptr_t) data & 15) {
        return "a forest is not aligned";
    }

    f = (const recs_forest_t *) data;

    if (size < sizeof(recs_forest_t)
        || f->trees == 0 || f->trees > RECS_FOREST_TREES
        || f->depth < RECS_FOREST_LEAST || f->depth > RECS_FOREST_DEPTH
        || f->candidates == 0 || f->candidates > RECS_FOREST_CANDIDATES
        || size < recs_forest_size(f->trees, f->depth))
    {
        return "a forest has another size";
    }

    if (f->features != features) {
        return "a forest is of other features";
    }

    if (!isfinite(f->base) || !isfinite(f->slope) || f->from >= features) {
        return "a forest begins nowhere";
    }

    n = (size_t) f->trees << f->depth;
    nodes = recs_forest_nodes(f);
    leaves = recs_forest_leaves(f);

    for (i = 0; i < n; i++) {

        if (nodes[i].feature >= features) {
            return "a forest asks for a feature that is not there";
        }

        if (!isfinite(nodes[i].threshold) || !isfinite(leaves[i])) {
            return "a forest has a number that is none";
        }
    }

    return NULL;
}


void
recs_forest_score(const recs_forest_t *f, const float *x, size_t stride,
    uint32_t n, float *scores)
{
    uint32_t                   k, t;
    const float               *leaves;
    const recs_forest_node_t  *nodes;

    nodes = recs_forest_nodes(f);
    leaves = recs_forest_leaves(f);

    for (k = 0; k < n; k++) {
        scores[k] = f->base + f->slope * x[f->from * stride + k];
    }

    /* tree by tree: a tree and the features stay in the cache */

    for (t = 0; t < f->trees; t++) {

        for (k = 0; k < n; k += RECS_FOREST_WIDE) {
            recs_forest_four(nodes, leaves, f->depth, x + k, stride,
                             scores + k);
        }

        nodes += (size_t) 1 << f->depth;
        leaves += (size_t) 1 << f->depth;
    }
}


/*
 * The first three levels have seven nodes: comparing with all of them takes
 * less than to look up which one comes next.  Below each row goes its way.
 */

static void
recs_forest_four(const recs_forest_node_t *nodes, const float *leaves,
    uint32_t depth, const float *x, size_t stride, float *scores)
{
    unsigned                   j;
    uint32_t                   level, i[RECS_FOREST_WIDE];
    recs_forest_m_t            c[8], first, second, third, at;
    const recs_forest_node_t  *node;

#pragma GCC unroll 8
    for (j = 1; j < 8; j++) {
        c[j] = recs_forest_above(&nodes[j], x, stride);
    }

    first = c[1];
    second = (first & c[3]) | (~first & c[2]);
    third = (second & ((first & c[7]) | (~first & c[5])))
            | (~second & ((first & c[6]) | (~first & c[4])));

    /* a comparison that holds is -1 */

    at = 8 - 4 * first - 2 * second - third;

#pragma GCC unroll 4
    for (j = 0; j < RECS_FOREST_WIDE; j++) {
        i[j] = (uint32_t) at[j];
    }

    for (level = RECS_FOREST_LEAST; level < depth; level++) {

#pragma GCC unroll 4
        for (j = 0; j < RECS_FOREST_WIDE; j++) {
            node = &nodes[i[j]];
            i[j] = 2 * i[j]
                   + (x[node->feature * stride + j] >= node->threshold);
        }
    }

#pragma GCC unroll 4
    for (j = 0; j < RECS_FOREST_WIDE; j++) {
        scores[j] += leaves[i[j] - (1u << depth)];
    }
}


static inline recs_forest_m_t
recs_forest_above(const recs_forest_node_t *node, const float *x,
    size_t stride)
{
    float            t;
    recs_forest_x_t  v;

    t = node->threshold;
    memcpy(&v, x + node->feature * stride, sizeof(v));

    return v >= (recs_forest_x_t) { t, t, t, t };
}
