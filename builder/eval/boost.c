/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <xgboost/c_api.h>

#include "../../core/snapshot/recs_format.h"
#include "../memory.h"
#include "boost.h"
#include "boost_pairs.h"


#define RECS_BOOST_SEED    "1"
#define RECS_BOOST_LAMBDA  "5"       /* L2 of leaves */


/* One tree of the booster's JSON: arrays by node, 0 is the root. */

typedef struct {
    const json_t  *left;
    const json_t  *right;
    const json_t  *feature;
    const json_t  *value;        /* threshold, or, of a leaf, its value */
    size_t         nodes;
} recs_boost_tree_t;


static int recs_boost_matrix(const recs_boost_rows_t *rows,
    const recs_boost_t *b, DMatrixHandle *m);
static int recs_boost_set(BoosterHandle booster, const recs_boost_t *b);
static int recs_boost_run(BoosterHandle booster, DMatrixHandle m,
    const recs_boost_rows_t *rows, uint32_t trees);
static int recs_boost_open(const json_t *trees, size_t n,
    recs_boost_tree_t *tree);
static int recs_boost_fill(const recs_boost_tree_t *tree, uint32_t node,
    recs_forest_node_t *nodes, float *leaves, uint32_t depth, uint32_t at,
    uint32_t level);
static const json_t *recs_boost_get(const json_t *object, const char *path);


recs_forest_t *
recs_boost_train(const recs_boost_rows_t *rows, const recs_boost_t *b,
    size_t *size, recs_error_t *err)
{
    bst_ulong       len;
    const char     *json;
    recs_forest_t  *forest;
    BoosterHandle   booster;
    DMatrixHandle   m;

    m = NULL;
    booster = NULL;
    forest = NULL;

    if (recs_boost_matrix(rows, b, &m) != 0
        || XGBoosterCreate(&m, 1, &booster) != 0
        || recs_boost_set(booster, b) != 0
        || recs_boost_run(booster, m, rows, b->trees) != 0
        || XGBoosterSaveModelToBuffer(booster, "{\"format\":\"json\"}", &len,
                                      &json) != 0)
    {
        (void) recs_error(err, "the ranker cannot be trained: %s",
                          XGBGetLastError());

    } else {
        forest = recs_boost_convert(json, len, b->depth, size, err);

        if (forest) {
            forest->slope = (float) b->slope;
            forest->from = b->from;
            forest->candidates = b->candidates;
        }
    }

    if (booster) {
        (void) XGBoosterFree(booster);
    }

    if (m) {
        (void) XGDMatrixFree(m);
    }

    return forest;
}


static int
recs_boost_matrix(const recs_boost_rows_t *rows, const recs_boost_t *b,
    DMatrixHandle *m)
{
    int        rc;
    float     *margin;
    uint32_t   i;

    margin = recs_alloc(((size_t) rows->rows + 1) * sizeof(float));

    for (i = 0; i < rows->rows; i++) {
        margin[i] = (float) b->slope
                    * rows->x[(size_t) i * RECS_FOREST_FEATURES + b->from];
    }

    rc = XGDMatrixCreateFromMat(rows->x, rows->rows, RECS_FOREST_FEATURES,
                                NAN, m);

    if (rc == 0) {
        rc = XGDMatrixSetFloatInfo(*m, "base_margin", margin, rows->rows);
    }

    free(margin);

    return rc;
}


static int
recs_boost_set(BoosterHandle booster, const recs_boost_t *b)
{
    int     rc;
    char    depth[16], rate[32], columns[32], weight[32];
    size_t  n;

    const char *const  parameters[] = {
        "booster", "gbtree", "tree_method", "hist", "nthread", "1", "seed",
        RECS_BOOST_SEED, "verbosity", "0", "base_score", "0",
        "lambda", RECS_BOOST_LAMBDA, "max_bin", "255",
        "max_depth", depth, "eta", rate, "colsample_bytree", columns,
        "min_child_weight", weight
    };

    snprintf(depth, sizeof(depth), "%u", b->depth);
    snprintf(rate, sizeof(rate), "%.9g", b->rate);
    snprintf(columns, sizeof(columns), "%.9g", b->columns);
    snprintf(weight, sizeof(weight), "%.9g", b->weight);

    rc = 0;

    for (n = 0; n < sizeof(parameters) / sizeof(parameters[0]); n += 2) {
        rc |= XGBoosterSetParam(booster, parameters[n], parameters[n + 1]);
    }

    return rc;
}


static int
recs_boost_run(BoosterHandle booster, DMatrixHandle m,
    const recs_boost_rows_t *rows, uint32_t trees)
{
    int           rc;
    float        *first, *second;
    uint32_t      i;
    bst_ulong     len;
    const float  *scores;

    first = recs_alloc(((size_t) rows->rows + 1) * sizeof(float));
    second = recs_alloc(((size_t) rows->rows + 1) * sizeof(float));

    for (i = 0, rc = 0; i < trees && rc == 0; i++) {
        rc = XGBoosterPredict(booster, m, 1, 0, 1, &len, &scores);

        if (rc == 0) {
            recs_boost_pairs(rows, scores, first, second);
            rc = XGBoosterBoostOneIter(booster, m, first, second,
                                       rows->rows);
        }
    }

    free(first);
    free(second);

    return rc;
}


recs_forest_t *
recs_boost_forest(uint32_t trees, uint32_t depth, size_t *size)
{
    recs_forest_t  *forest;

    *size = recs_max(recs_forest_size(trees, depth), RECS_FORMAT_PAD);
    forest = recs_calloc(1, *size);

    forest->trees = trees;
    forest->depth = depth;
    forest->features = RECS_FOREST_FEATURES;
    forest->candidates = RECS_FOREST_CANDIDATES;

    return forest;
}


recs_forest_t *
recs_boost_convert(const char *json, size_t len, uint32_t depth, size_t *size,
    recs_error_t *err)
{
    int                 rc;
    size_t              i, n;
    json_t             *root;
    const char         *why;
    const json_t       *trees;
    recs_forest_t      *forest;
    recs_boost_tree_t   tree;

    root = json_loadb(json, len, JSON_ALLOW_NUL, NULL);
    trees = recs_boost_get(root, "learner gradient_booster model trees");
    n = json_array_size(trees);

    if (n == 0 || n > RECS_FOREST_TREES) {
        json_decref(root);
        (void) recs_error(err, "the ranker has %zu trees, not 1 to %d", n,
                          RECS_FOREST_TREES);
        return NULL;
    }

    forest = recs_boost_forest((uint32_t) n, depth, size);
    rc = RECS_OK;

    for (i = 0; i < n && rc == RECS_OK; i++) {
        rc = recs_boost_open(trees, i, &tree);

        if (rc == RECS_OK) {
            rc = recs_boost_fill(&tree, 0,
                                 recs_forest_nodes(forest) + (i << depth),
                                 recs_forest_leaves(forest) + (i << depth),
                                 depth, 1, 0);
        }
    }

    json_decref(root);

    why = (rc == RECS_OK)
          ? recs_forest_check((uint8_t *) forest, *size, RECS_FOREST_FEATURES)
          : "its trees are not of this version of libxgboost";

    if (why) {
        free(forest);
        (void) recs_error(err, "the ranker cannot be used: %s", why);
        return NULL;
    }

    return forest;
}


static const json_t *
recs_boost_get(const json_t *object, const char *path)
{
    char  name[64], *word, *rest;

    snprintf(name, sizeof(name), "%s", path);

    for (word = strtok_r(name, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest))
    {
        object = json_object_get(object, word);
    }

    return object;
}


static int
recs_boost_open(const json_t *trees, size_t n, recs_boost_tree_t *tree)
{
    const json_t  *object;

    object = json_array_get(trees, n);

    tree->left = json_object_get(object, "left_children");
    tree->right = json_object_get(object, "right_children");
    tree->feature = json_object_get(object, "split_indices");
    tree->value = json_object_get(object, "split_conditions");
    tree->nodes = json_array_size(tree->left);

    return (tree->nodes
            && json_array_size(tree->right) == tree->nodes
            && json_array_size(tree->feature) == tree->nodes
            && json_array_size(tree->value) == tree->nodes)
           ? RECS_OK : RECS_ERROR;
}


/* A leaf above the last level is all leaves below it. */

static int
recs_boost_fill(const recs_boost_tree_t *tree, uint32_t node,
    recs_forest_node_t *nodes, float *leaves, uint32_t depth, uint32_t at,
    uint32_t level)
{
    float        value;
    json_int_t   left, right;

    if (node >= tree->nodes) {
        return RECS_ERROR;
    }

    left = json_integer_value(json_array_get(tree->left, node));
    right = json_integer_value(json_array_get(tree->right, node));
    value = (float) json_number_value(json_array_get(tree->value, node));

    if (level == depth) {
        leaves[at - (1u << depth)] = value;
        return (left == -1) ? RECS_OK : RECS_ERROR;
    }

    if (left == -1) {
        left = right = node;

    } else {
        nodes[at].threshold = value;
        nodes[at].feature = (uint32_t)
            json_integer_value(json_array_get(tree->feature, node));
    }

    if (recs_boost_fill(tree, (uint32_t) left, nodes, leaves, depth, 2 * at,
                        level + 1) != RECS_OK)
    {
        return RECS_ERROR;
    }

    return recs_boost_fill(tree, (uint32_t) right, nodes, leaves, depth,
                           2 * at + 1, level + 1);
}
