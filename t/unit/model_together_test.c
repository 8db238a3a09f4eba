/*
 * Copyright (C) recs authors
 *
 * 100 baskets: 0 and 1 in 20 of them, 0 alone in 5, 1 alone in 5; 2 in all
 * the others, and in two of those of 0.  Then random baskets of products in a
 * tree, against the formulas written down once more.
 */

#include "model_data.h"
#include "tap.h"


static data_t *
together_data(void)
{
    data_t    *t;
    uint32_t   b;

    t = data_create(4, 0);

    for (b = 0; b < 100; b++) {

        if (b < 25) {
            data_buy(t, DATA_START + b, 0, b, b, 1);
        }

        if (b < 20 || (b >= 25 && b < 30)) {
            data_buy(t, DATA_START + b, 1, b, b, 3);
        }

        if (b >= 30 || b < 2) {
            data_buy(t, DATA_START + b, 2, b, b, 1);
        }
    }

    data_finish(t);

    return t;
}


static void
test_values(const data_t *t, const recs_config_t *c)
{
    recs_model_list_t              list;
    const recs_format_together_t  *e;

    list = data_model(t, c, "together");
    e = list.entries;

    is_int(list.rows, 4, "a row an item");
    is_int(data_count(&list, 0), 1, "0 has one");
    is_int(data_count(&list, 1), 1, "1 has one");
    is_int(data_count(&list, 2), 0, "two baskets of 72 and 25 are no pair");
    is_int(data_count(&list, 3), 0, "nobody bought 3");

    is_int(e->item, 1, "0 goes with 1");
    is_int(e->count, 20, "count");
    is_near(e->support, 0.20, 1e-6, "support");
    is_near(e->confidence, 0.80, 1e-6, "confidence");
    is_near(e->lift, 3.20, 1e-6, "lift");
    is_near(e->bound, 0.680646056, 1e-6, "lower bound of confidence");
    is_near(e->score, 0.507793234, 1e-6, "score v / (1 + v)");

    recs_model_free(&list);
}


static double
score_of(const data_t *t, const recs_config_t *config, unsigned score)
{
    double             value;
    recs_config_t      c;
    recs_model_list_t  list;

    c = *config;
    c.together_score = score;
    c.together_beta = 0;

    list = data_model(t, &c, "together");
    value = ((recs_format_together_t *) list.entries)->score;
    recs_model_free(&list);

    return value / (1 - value);
}


static void
test_scores(const data_t *t, const recs_config_t *c)
{
    is_near(score_of(t, c, RECS_TOGETHER_CONFIDENCE), 0.8, 1e-6,
            "confidence");
    is_near(score_of(t, c, RECS_TOGETHER_LIFT), 3.2, 1e-5, "lift");
    is_near(score_of(t, c, RECS_TOGETHER_COSINE), 0.8, 1e-6, "cosine");
    is_near(score_of(t, c, RECS_TOGETHER_LLR), 50.7, 0.1, "evidence");
    is_near(score_of(t, c, RECS_TOGETHER_WILSON), 0.680646056, 1e-5,
            "lower bound");
}


static void
test_gates(data_t *t, const recs_config_t *config)
{
    recs_config_t      c;
    recs_model_list_t  list;

    c = *config;
    c.together_min_count = 21;
    list = data_model(t, &c, "together");
    is_int(list.offsets[4], 0, "too few baskets");
    recs_model_free(&list);

    c = *config;
    c.together_min_lift = 3.3;
    list = data_model(t, &c, "together");
    is_int(list.offsets[4], 0, "too little lift");
    recs_model_free(&list);

    c = *config;
    c.together_min_g2 = 50.8;
    list = data_model(t, &c, "together");
    is_int(list.offsets[4], 0, "too little evidence");
    recs_model_free(&list);

    t->d.products[1].listed = 0;
    list = data_model(t, config, "together");
    is_int(data_count(&list, 0), 0, "what is not listed is not shown");
    is_int(data_count(&list, 1), 1, "but may be asked for");
    recs_model_free(&list);
}


/* Products 0..11, four each in 1 and 2 (under 0) and in 3; 12 in none. */

#define TREE_ITEMS    13
#define TREE_BASKETS  80

typedef struct {
    data_t    *t;
    uint32_t   times[TREE_BASKETS];
    uint8_t    has[TREE_BASKETS][TREE_ITEMS];
    double     weight[TREE_BASKETS];
    double     sum[TREE_ITEMS][TREE_ITEMS];
    uint32_t   count[TREE_ITEMS][TREE_ITEMS];
    double     margin[TREE_ITEMS];
    double     total;
} tree_t;


static uint32_t
tree_category(uint32_t i)
{
    return i < 12 ? 1 + i / 4 : RECS_NONE;
}


static void
tree_create(tree_t *tree)
{
    uint32_t  b, i, r;

    memset(tree, 0, sizeof(tree_t));
    tree->t = data_create(TREE_ITEMS, 4);
    data_category(tree->t, 1, 0);
    data_category(tree->t, 2, 0);

    for (i = 0; i < TREE_ITEMS; i++) {
        tree->t->d.products[i].category = tree_category(i);
    }

    for (b = 0, r = 1; b < TREE_BASKETS; b++) {
        tree->times[b] = DATA_START + b * DATA_DAY;

        for (i = 0; i < TREE_ITEMS; i++) {
            r = r * 1664525u + 1013904223u;

            if ((r >> 16) % (3 + i) == 0) {
                tree->has[b][i] = 1;
                data_buy(tree->t, tree->times[b], i, b % 9, b, 1);
            }
        }

        if (!tree->has[b][0]) {
            tree->has[b][0] = 1;
            data_buy(tree->t, tree->times[b], 0, b % 9, b, 1);
        }
    }

    data_finish(tree->t);
    tree->t->d.basket_time = tree->times;
}


static void
tree_count(tree_t *tree, const recs_config_t *c)
{
    uint32_t  b, i, j, n;

    for (b = 0; b < TREE_BASKETS; b++) {
        for (i = 0, n = 0; i < TREE_ITEMS; i++) {
            n += tree->has[b][i];
        }

        tree->weight[b] = pow(n - 1, -c->together_size)
            * pow(0.5, (double) (tree->times[TREE_BASKETS - 1]
                                 - tree->times[b])
                       / (c->together_days * DATA_DAY));

        for (i = 0; i < TREE_ITEMS; i++) {
            for (j = 0; j < TREE_ITEMS; j++) {
                if (i != j && tree->has[b][i] && tree->has[b][j]) {
                    tree->sum[i][j] += tree->weight[b];
                    tree->margin[i] += tree->weight[b];
                    tree->total += tree->weight[b];
                    tree->count[i][j]++;
                }
            }
        }
    }
}


/* q_j beside a product of category c */

static double
tree_expected(const tree_t *tree, uint32_t c, uint32_t j, double kappa,
    uint32_t *most)
{
    double    all, q, sum;
    uint32_t  count, i;

    if (c == RECS_NONE) {
        return tree->margin[j] / tree->total;
    }

    all = sum = 0;
    count = 0;
    q = tree_expected(tree, tree->t->d.category_parent[c], j, kappa, most);

    for (i = 0; i < TREE_ITEMS; i++) {
        if (tree_category(i) != RECS_NONE && tree_category(i) >= c
            && tree_category(i) < tree->t->d.category_end[c])
        {
            all += tree->margin[i];
            sum += tree->sum[i][j];
            count += tree->count[i][j];
        }
    }

    *most = recs_max(*most, count);

    return (sum * (count >= 3) + kappa * q) / (all + kappa);
}


static void
test_row(const tree_t *tree, const recs_config_t *c,
    const recs_model_list_t *list, uint32_t i)
{
    double                         kappa, v;
    uint32_t                       bad, j, k, most, want;
    const recs_format_together_t  *e;

    kappa = c->together_smoothing;
    e = (recs_format_together_t *) list->entries + list->offsets[i];
    bad = 0;

    for (k = 0; k < data_count(list, i); k++) {
        j = e[k].item;
        most = 0;
        v = (tree->sum[i][j]
             + kappa * tree_expected(tree, tree_category(i), j, 10 * kappa,
                                     &most))
            / (tree->margin[i] + kappa)
            / pow(tree->margin[j] / tree->total, c->together_beta);

        bad += fabs(e[k].score - v / (1 + v)) > 1e-5 || j == i
               || e[k].count != tree->count[i][j]
               || (k && e[k].score > e[k - 1].score)
               || (e[k].count < 3 && most < 3);
    }

    is_int(bad, 0, "row %u: scores, counts and order", i);

    for (j = 0, want = 0; j < TREE_ITEMS; j++) {
        most = 0;
        (void) tree_expected(tree, tree_category(i), j, 1, &most);
        want += j != i && (tree->count[i][j] >= 3 || most >= 3);
    }

    is_int(data_count(list, i), want, "row %u: all that is evident", i);
}


static void
test_smoothed(const recs_config_t *config)
{
    tree_t             tree;
    uint32_t           i;
    recs_config_t      c;
    recs_model_list_t  list;

    c = *config;
    c.together_smoothing = 5;
    c.together_min_lift = 0;

    tree_create(&tree);
    tree_count(&tree, &c);
    list = data_model(tree.t, &c, "together");

    for (i = 0; i < TREE_ITEMS; i++) {
        test_row(&tree, &c, &list, i);
    }

    recs_model_free(&list);
    data_destroy(tree.t);
}


int
main(void)
{
    data_t         *t;
    recs_config_t   c;

    recs_config_init(&c);
    test_smoothed(&c);

    c.together_score = RECS_TOGETHER_WILSON;
    c.together_beta = 0.3;
    c.together_min_g2 = 20;
    c.together_min_lift = 1.1;
    t = together_data();

    test_values(t, &c);
    test_scores(t, &c);
    test_gates(t, &c);

    data_destroy(t);

    return done_testing();
}
