/*
 * Copyright (C) recs authors
 *
 * A forest of regression trees, the value of section 'F': it ranks a
 * strategy's best candidates anew from their features (core/answer/
 * recs_feature.h).  Trained by builder/eval/ranker.c.
 *
 * Bytes: recs_forest_t, then (trees << depth) nodes, then (trees << depth)
 * leaves of f32.  Every tree is complete, a leaf that is higher up stands in
 * all places below: node i of a tree (1 is the root, 0 is not used) has the
 * children 2i, where the feature is below the threshold, and 2i + 1, and
 * "depth" steps lead to leaf i - (1 << depth).  So no byte of a forest can
 * lead out of it, and no step depends on a branch.
 *
 * Four candidates go down a tree together; a tree of depth 5 has 384 bytes
 * and stays in the first cache.  300 candidates and 200 trees of depth 5 take
 * less than 200 us; QuickScorer (Lucchese et al., SIGIR 2015) took four times
 * as long in plain C, since it looks at every node that a row is above.
 */

#ifndef _RECS_FOREST_H_INCLUDED_
#define _RECS_FOREST_H_INCLUDED_


#include "../recs_types.h"


#define RECS_FOREST_TREES       1000       /* most */
#define RECS_FOREST_DEPTH       8
#define RECS_FOREST_LEAST       3          /* depth */
#define RECS_FOREST_WIDE        4          /* rows at once */
#define RECS_FOREST_CANDIDATES  300        /* most that are ranked anew */
#define RECS_FOREST_ROWS        304        /* the same, rounded up */
#define RECS_FOREST_FEATURES    49         /* recs_feature.h */
#define RECS_FORESTS            32         /* most strategies */


typedef struct {
    uint32_t  trees;
    uint32_t  depth;             /* of every tree */
    uint32_t  features;          /* RECS_FOREST_FEATURES of its trainer */
    uint32_t  candidates;        /* that are ranked anew */
    float     base;              /* the score before the first tree is */
    float     slope;             /* base + slope x the feature "from" */
    uint32_t  from;
    uint32_t  reserved;
} recs_forest_t;

typedef struct {
    float     threshold;
    uint32_t  feature;
} recs_forest_node_t;


/* Bytes of a forest of this shape. */

#define recs_forest_size(trees, depth)                                       \
    (sizeof(recs_forest_t)                                                   \
     + ((size_t) (trees) << (depth))                                         \
       * (sizeof(recs_forest_node_t) + sizeof(float)))

#define recs_forest_nodes(f)                                                 \
    ((recs_forest_node_t *) ((f) + 1))

#define recs_forest_leaves(f)                                                \
    ((float *) (recs_forest_nodes(f) + ((size_t) (f)->trees << (f)->depth)))


/*
 * Whether "data" is a forest over "features" features that can be used in
 * place; NULL, or the reason as a static string.
 */

const char *recs_forest_check(const uint8_t *data, size_t size,
    uint32_t features);

/*
 * The scores of n rows: where they begin, and the leaves in the order of the
 * trees.
 * Feature i of row k is x[i * stride + k]; features and scores have room for
 * n rounded up to RECS_FOREST_WIDE.  A feature that is not a number goes as
 * if it were small.
 */

void recs_forest_score(const recs_forest_t *f, const float *x, size_t stride,
    uint32_t n, float *scores);


#endif /* _RECS_FOREST_H_INCLUDED_ */
