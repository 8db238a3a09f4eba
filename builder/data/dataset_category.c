/*
 * Copyright (C) recs authors
 *
 * Categories are numbered in preorder of their tree, children by their path,
 * so that a subtree is an interval.
 */

#define _GNU_SOURCE

#include <stdlib.h>

#include "dataset_private.h"


/* All arrays are by number of the path; lists are linked by RECS_NONE. */

typedef struct {
    uint32_t  *number;                 /* RECS_NONE: not used */
    uint32_t  *child;                  /* first one */
    uint32_t  *next;                   /* sibling */
    uint32_t   root;
} recs_category_tree_t;


static int
recs_category_compare(const void *a, const void *b, void *data)
{
    recs_str_t  s, t;

    s = recs_names_get(data, *(const uint32_t *) a);
    t = recs_names_get(data, *(const uint32_t *) b);

    return recs_dataset_compare(&s, &t);
}


/* The categories of listed products and what is above them, sorted. */

static uint32_t *
recs_category_used(const recs_dataset_private_t *p, const uint32_t *number,
    uint32_t *count)
{
    uint8_t   *used;
    uint32_t   c, i, n, *sorted;

    n = recs_names_count(p->paths);
    used = recs_calloc(n, 1);
    sorted = recs_alloc((size_t) n * sizeof(uint32_t));

    for (i = 0; i < p->raw_count; i++) {

        if (number[i] == RECS_NO_ITEM) {
            continue;
        }

        for (c = p->raw[i].category;
             c != RECS_NONE && !used[c];
             c = p->parent[c])
        {
            used[c] = 1;
        }
    }

    for (i = 0, *count = 0; i < n; i++) {
        if (used[i]) {
            sorted[(*count)++] = i;
        }
    }

    qsort_r(sorted, *count, sizeof(uint32_t), recs_category_compare,
            p->paths);

    free(used);

    return sorted;
}


/* From the last to the first, so that lists of children ascend. */

static void
recs_category_link(recs_category_tree_t *tree, const uint32_t *parent,
    const uint32_t *sorted, uint32_t count)
{
    uint32_t  c, i, *head;

    tree->root = RECS_NONE;

    for (i = count; i-- > 0; /* void */) {
        c = sorted[i];
        head = (parent[c] == RECS_NONE) ? &tree->root
                                        : &tree->child[parent[c]];
        tree->next[c] = *head;
        *head = c;
    }
}


static void
recs_category_preorder(recs_dataset_t *d, recs_category_tree_t *tree,
    const recs_dataset_private_t *p)
{
    uint32_t  c, n, up;

    n = 0;
    c = tree->root;

    while (c != RECS_NONE) {
        up = p->parent[c];

        tree->number[c] = n;
        d->category_path[n] = recs_names_get(p->paths, c);
        d->category_parent[n] = (up == RECS_NONE) ? RECS_NONE
                                                  : tree->number[up];
        n++;

        if (tree->child[c] != RECS_NONE) {
            c = tree->child[c];
            continue;
        }

        /* done with c, and with all that it is the last of */

        while (c != RECS_NONE) {
            d->category_end[tree->number[c]] = n;

            if (tree->next[c] != RECS_NONE) {
                c = tree->next[c];
                break;
            }

            c = p->parent[c];
        }
    }
}


static void
recs_category_tree(recs_category_tree_t *tree, uint32_t n)
{
    size_t  size;

    size = (size_t) n * sizeof(uint32_t);

    tree->number = recs_alloc(size);
    tree->child = recs_alloc(size);
    tree->next = recs_alloc(size);

    memset(tree->number, 0xff, size);
    memset(tree->child, 0xff, size);
    memset(tree->next, 0xff, size);
}


int
recs_dataset_categories(recs_dataset_t *d, const uint32_t *number,
    recs_error_t *err)
{
    uint32_t                       c, i, count, *sorted;
    recs_category_tree_t           tree;
    const recs_dataset_private_t  *p;

    p = d->private;
    sorted = recs_category_used(p, number, &count);

    d->categories = count;
    d->category_path = recs_calloc(count, sizeof(recs_str_t));
    d->category_end = recs_calloc(count, sizeof(uint32_t));
    d->category_parent = recs_calloc(count, sizeof(uint32_t));

    recs_category_tree(&tree, recs_names_count(p->paths));
    recs_category_link(&tree, p->parent, sorted, count);
    recs_category_preorder(d, &tree, p);

    for (i = 0; i < p->raw_count; i++) {
        c = p->raw[i].category;

        if (number[i] != RECS_NO_ITEM && c != RECS_NONE) {
            d->products[number[i]].category = tree.number[c];
        }
    }

    free(tree.number);
    free(tree.child);
    free(tree.next);
    free(sorted);

    return recs_dataset_unique("categories", d->category_path,
                               sizeof(recs_str_t), count, err);
}
