/*
 * Copyright (C) recs authors
 *
 * Forests: scores against a walk from the root by hand, and bytes that must
 * be refused.
 */

#include <math.h>
#include <stdlib.h>

#include "../../core/snapshot/recs_forest.h"
#include "tap.h"


#define FEATURES  12
#define ROWS      304


static uint64_t  seed = 1;


static float
drawn(void)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (float) (seed >> 40) / (1 << 24);
}


static recs_forest_t *
make(uint32_t trees, uint32_t depth)
{
    size_t               i;
    float               *leaves;
    recs_forest_t       *f;
    recs_forest_node_t  *nodes;

    f = NULL;

    if (posix_memalign((void **) &f, 16, recs_forest_size(trees, depth))) {
        exit(1);
    }

    memset(f, 0, recs_forest_size(trees, depth));

    f->trees = trees;
    f->depth = depth;
    f->features = FEATURES;
    f->candidates = RECS_FOREST_CANDIDATES;
    f->base = .5f;
    f->slope = .25f;
    f->from = 3;

    nodes = recs_forest_nodes(f);
    leaves = recs_forest_leaves(f);

    for (i = 0; i < (size_t) trees << depth; i++) {
        nodes[i].feature = (uint32_t) (drawn() * FEATURES);
        nodes[i].threshold = floorf(drawn() * 16) / 16;
        leaves[i] = drawn() - .5f;
    }

    return f;
}


static float
naive(const recs_forest_t *f, const float *x, uint32_t k)
{
    float                      sum;
    uint32_t                   t, level, at;
    const recs_forest_node_t  *node;

    sum = f->base + f->slope * x[f->from * ROWS + k];

    for (t = 0; t < f->trees; t++) {
        at = 1;

        for (level = 0; level < f->depth; level++) {
            node = recs_forest_nodes(f) + ((size_t) t << f->depth) + at;
            at = (x[node->feature * ROWS + k] >= node->threshold)
                 ? 2 * at + 1 : 2 * at;
        }

        sum += recs_forest_leaves(f)[((size_t) t << f->depth)
                                     + at - (1u << f->depth)];
    }

    return sum;
}


/* Features of sixteenths: many are equal to a threshold. */

static void
scores(uint32_t trees, uint32_t depth, uint32_t n)
{
    float           out[ROWS];
    uint32_t        i, k, good;
    recs_forest_t  *f;

    static float  x[FEATURES * ROWS];

    for (i = 0; i < FEATURES * ROWS; i++) {
        x[i] = floorf(drawn() * 16) / 16;
    }

    x[0] = NAN;
    x[ROWS] = INFINITY;
    x[ROWS + 1] = -INFINITY;

    f = make(trees, depth);
    recs_forest_score(f, x, ROWS, n, out);

    for (k = 0, good = 0; k < n; k++) {
        good += (out[k] == naive(f, x, k));
    }

    is_int(good, n, "%u trees of depth %u, %u rows", trees, depth, n);

    free(f);
}


static void
refused(void)
{
    size_t               size;
    uint8_t             *data;
    recs_forest_t       *f;
    recs_forest_node_t  *nodes;

    size = recs_forest_size(3, 4);
    f = make(3, 4);
    data = (uint8_t *) f;
    nodes = recs_forest_nodes(f);

#define check()  recs_forest_check(data, size, FEATURES)

#define wrong(member, value, name)                                           \
    do {                                                                     \
        __typeof__(member)  kept = member;                                   \
        member = value;                                                      \
        ok(check() != NULL, "refused: %s: %s", name, check());               \
        member = kept;                                                       \
    } while (0)

    ok(check() == NULL, "a forest");
    ok(recs_forest_check(data, size + 16, FEATURES) == NULL, "padded");
    ok(recs_forest_check(data, size - 1, FEATURES) != NULL, "cut off");
    ok(recs_forest_check(data, sizeof(*f) - 1, FEATURES) != NULL, "no head");
    ok(recs_forest_check(data, 0, FEATURES) != NULL, "empty");
    ok(recs_forest_check(data + 8, size - 8, FEATURES) != NULL,
       "not aligned");
    ok(recs_forest_check(data, size, FEATURES + 1) != NULL,
       "of other features");

    wrong(f->trees, 0, "no tree");
    wrong(f->trees, 4, "more trees than bytes");
    wrong(f->trees, RECS_FOREST_TREES + 1, "too many trees");
    wrong(f->trees, UINT32_MAX, "all trees");
    wrong(f->depth, RECS_FOREST_LEAST - 1, "too flat");
    wrong(f->depth, 5, "deeper than its bytes");
    wrong(f->depth, RECS_FOREST_DEPTH + 1, "too deep");
    wrong(f->depth, 255, "a shift out of range");
    wrong(f->candidates, 0, "no candidate");
    wrong(f->candidates, RECS_FOREST_CANDIDATES + 1, "too many candidates");
    wrong(f->base, NAN, "base");
    wrong(f->slope, INFINITY, "slope");
    wrong(f->from, FEATURES, "a feature to begin with");
    wrong(nodes[0].feature, FEATURES, "a feature of the unused node");
    wrong(nodes[47].feature, UINT32_MAX, "a feature of the last node");
    wrong(nodes[20].threshold, NAN, "threshold");
    wrong(nodes[20].threshold, INFINITY, "threshold");
    wrong(recs_forest_leaves(f)[47], -INFINITY, "leaf");

    free(f);
}


int
main(void)
{
    scores(1, 3, 1);
    scores(1, 5, 3);
    scores(7, 3, 4);
    scores(200, 5, 300);
    scores(20, 8, 301);
    scores(5, 4, 0);

    refused();

    return done_testing();
}
