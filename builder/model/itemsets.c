/*
 * Copyright (C) recs authors
 *
 * Rows are rewritten once with their frequent items only, by rank, each
 * ended by a mark, so that an occurrence of a prefix is no more than the
 * place where its last item stands: what follows there are the items that
 * may extend it.
 */

#include "itemsets.h"

#include <stdlib.h>
#include <string.h>


#define RECS_ITEMSETS_END  RECS_NONE


typedef struct {
    uint32_t                 item;   /* rank */
    uint32_t                 count;
} recs_extension_t;

typedef struct {
    recs_itemsets_limits_t   limits;
    recs_itemsets_t         *s;
    recs_error_t            *err;
    size_t                   cap;
    uint32_t                 items;
    uint32_t                 frequent;
    uint32_t                *names;  /* by rank: the item */
    uint32_t                *data;   /* ranks and marks */
    uint32_t                *counts; /* by rank, zero between uses */
    uint64_t                *places; /* by rank, of the occurrences to come */
} recs_miner_t;


static void recs_miner_ranks(recs_miner_t *m, const recs_rows_t *rows);
static uint64_t recs_miner_rows(recs_miner_t *m, const recs_rows_t *rows);
static int recs_miner_all(recs_miner_t *m, uint64_t n);
static int recs_miner_extend(recs_miner_t *m, uint32_t node,
    const uint64_t *occurrences, uint32_t n);
static uint32_t recs_miner_count(recs_miner_t *m,
    const uint64_t *occurrences, uint32_t n, recs_extension_t **extensions);
static int recs_miner_deliver(recs_miner_t *m, uint32_t node,
    const uint64_t *occurrences, uint32_t n, const recs_extension_t *e,
    uint32_t extensions);
static uint32_t recs_miner_add(recs_miner_t *m, uint32_t parent,
    const recs_extension_t *e);
static uint32_t recs_itemsets_items(const recs_itemsets_t *s, uint32_t node,
    uint32_t skip, uint32_t *items);
static int recs_compare_counts(const void *one, const void *two);
static int recs_compare_numbers(const void *one, const void *two);


int
recs_itemsets_find(const recs_rows_t *rows, uint32_t items,
    const recs_itemsets_limits_t *limits, recs_itemsets_t *s,
    recs_error_t *err)
{
    int           rc;
    uint64_t      n;
    recs_miner_t  m;

    memset(&m, 0, sizeof(recs_miner_t));
    memset(s, 0, sizeof(recs_itemsets_t));

    m.limits = *limits;
    m.limits.min_count = recs_max(m.limits.min_count, 1u);
    m.limits.max_sets = m.limits.max_sets ? m.limits.max_sets : RECS_NONE - 1;
    m.s = s;
    m.err = err;
    m.items = items;

    s->rows = rows->rows;
    s->rank = recs_alloc((size_t) items * sizeof(uint32_t) + 1);
    s->single = recs_alloc((size_t) items * sizeof(uint32_t) + 1);

    memset(s->single, 0xff, (size_t) items * sizeof(uint32_t));

    recs_miner_ranks(&m, rows);
    n = recs_miner_rows(&m, rows);
    rc = recs_miner_all(&m, n);

    free(m.names);
    free(m.data);
    free(m.counts);
    free(m.places);

    if (rc != RECS_OK) {
        recs_itemsets_free(s);
    }

    return rc;
}


void
recs_itemsets_free(recs_itemsets_t *s)
{
    free(s->sets);
    free(s->single);
    free(s->rank);

    memset(s, 0, sizeof(recs_itemsets_t));
}


/* Rare ones first: then a long rest of a row follows few occurrences. */

static void
recs_miner_ranks(recs_miner_t *m, const recs_rows_t *rows)
{
    uint32_t           i, *counts;
    uint64_t           e;
    recs_extension_t  *order;

    counts = recs_calloc((size_t) m->items + 1, sizeof(uint32_t));
    order = recs_alloc((size_t) m->items * sizeof(recs_extension_t) + 1);

    for (e = 0; e < rows->offsets[rows->rows]; e++) {
        counts[rows->entries[e]]++;
    }

    for (i = 0; i < m->items; i++) {
        m->s->rank[i] = RECS_NONE;

        if (counts[i] >= m->limits.min_count) {
            order[m->frequent].item = i;
            order[m->frequent++].count = counts[i];
        }
    }

    qsort(order, m->frequent, sizeof(recs_extension_t), recs_compare_counts);

    m->names = recs_alloc((size_t) m->frequent * sizeof(uint32_t) + 1);
    m->counts = recs_calloc((size_t) m->frequent + 1, sizeof(uint32_t));
    m->places = recs_calloc((size_t) m->frequent + 1, sizeof(uint64_t));

    for (i = 0; i < m->frequent; i++) {
        m->names[i] = order[i].item;
        m->s->rank[order[i].item] = i;
    }

    free(counts);
    free(order);
}


/* Returns how many frequent entries there are. */

static uint64_t
recs_miner_rows(recs_miner_t *m, const recs_rows_t *rows)
{
    uint32_t  r, rank;
    uint64_t  at, e, from;

    m->data = recs_alloc((rows->offsets[rows->rows] + rows->rows)
                         * sizeof(uint32_t) + 1);

    for (r = 0, at = 0; r < rows->rows; r++) {
        from = at;

        for (e = rows->offsets[r]; e < rows->offsets[r + 1]; e++) {
            rank = m->s->rank[rows->entries[e]];

            if (rank != RECS_NONE) {
                m->data[at++] = rank;
            }
        }

        qsort(&m->data[from], at - from, sizeof(uint32_t),
              recs_compare_numbers);
        m->data[at++] = RECS_ITEMSETS_END;
    }

    return at;
}


/*
 * The empty prefix: its occurrences would be the starts of all rows, so its
 * extensions are all that is frequent, wherever it stands.
 */

static int
recs_miner_all(recs_miner_t *m, uint64_t n)
{
    int               rc;
    uint32_t          k, node;
    uint64_t          e, *all, *starts;
    recs_extension_t  x;

    starts = recs_calloc((size_t) m->frequent + 2, sizeof(uint64_t));
    all = recs_alloc(n * sizeof(uint64_t) + 1);

    for (e = 0; e < n; e++) {
        if (m->data[e] != RECS_ITEMSETS_END) {
            starts[m->data[e] + 2]++;
        }
    }

    for (k = 2; k < m->frequent + 2; k++) {
        starts[k] += starts[k - 1];
    }

    for (e = 0; e < n; e++) {
        if (m->data[e] != RECS_ITEMSETS_END) {
            all[starts[m->data[e] + 1]++] = e;
        }
    }

    for (k = 0, rc = RECS_OK; k < m->frequent && rc == RECS_OK; k++) {
        x.item = k;
        x.count = starts[k + 1] - starts[k];

        node = recs_miner_add(m, RECS_NONE, &x);

        if (node == RECS_NONE) {
            rc = RECS_ERROR;
            break;
        }

        m->s->single[m->names[k]] = node;
        rc = recs_miner_extend(m, node, &all[starts[k]], x.count);
    }

    free(starts);
    free(all);

    return rc;
}


static int
recs_miner_extend(recs_miner_t *m, uint32_t node,
    const uint64_t *occurrences, uint32_t n)
{
    int                rc;
    uint32_t           k;
    recs_extension_t  *e;

    rc = RECS_OK;

    if (m->s->sets[node].length != m->limits.max_length) {
        e = NULL;
        k = recs_miner_count(m, occurrences, n, &e);

        if (k) {
            rc = recs_miner_deliver(m, node, occurrences, n, e, k);
        }

        free(e);
    }

    m->s->sets[node].end = m->s->count;

    return rc;
}


/* The frequent items behind the occurrences, by rank. */

static uint32_t
recs_miner_count(recs_miner_t *m, const uint64_t *occurrences, uint32_t n,
    recs_extension_t **extensions)
{
    size_t             cap;
    uint32_t           i, k, touched;
    const uint32_t    *d;
    recs_extension_t  *e;

    cap = 0;
    touched = 0;

    for (i = 0; i < n; i++) {
        for (d = &m->data[occurrences[i] + 1]; *d != RECS_ITEMSETS_END; d++) {
            if (m->counts[*d]++ == 0) {
                recs_grow(extensions, &cap, touched + 1,
                          sizeof(recs_extension_t));
                (*extensions)[touched++].item = *d;
            }
        }
    }

    e = *extensions;

    for (i = 0, k = 0; i < touched; i++) {
        e[i].count = m->counts[e[i].item];
        m->counts[e[i].item] = 0;

        if (e[i].count >= m->limits.min_count) {
            e[k++] = e[i];
        }
    }

    if (k) {
        qsort(e, k, sizeof(recs_extension_t), recs_compare_numbers);
    }

    return k;
}


/*
 * Gives each extension its occurrences and goes on with it.  counts[] says
 * which items are extensions here (1 and not 0); places[] where the next
 * occurrence of one goes.
 */

static int
recs_miner_deliver(recs_miner_t *m, uint32_t node,
    const uint64_t *occurrences, uint32_t n, const recs_extension_t *e,
    uint32_t extensions)
{
    int              rc;
    uint32_t         child, i, k;
    uint64_t         at, *next;
    const uint32_t  *d;

    for (k = 0, at = 0; k < extensions; k++) {
        m->counts[e[k].item] = 1;
        m->places[e[k].item] = at;
        at += e[k].count;
    }

    next = recs_alloc(at * sizeof(uint64_t));

    for (i = 0; i < n; i++) {
        for (d = &m->data[occurrences[i] + 1]; *d != RECS_ITEMSETS_END; d++) {
            if (m->counts[*d]) {
                next[m->places[*d]++] = d - m->data;
            }
        }
    }

    for (k = 0; k < extensions; k++) {
        m->counts[e[k].item] = 0;
    }

    for (k = 0, at = 0, rc = RECS_OK; k < extensions && rc == RECS_OK; k++) {
        child = recs_miner_add(m, node, &e[k]);

        rc = (child == RECS_NONE)
             ? RECS_ERROR
             : recs_miner_extend(m, child, &next[at], e[k].count);

        at += e[k].count;
    }

    free(next);

    return rc;
}


static uint32_t
recs_miner_add(recs_miner_t *m, uint32_t parent, const recs_extension_t *e)
{
    recs_itemset_t   *set;
    recs_itemsets_t  *s;

    s = m->s;

    if (s->count == m->limits.max_sets) {
        (void) recs_error(m->err, "there are more than %u itemsets in at "
                          "least %u rows: ask for a larger support or for "
                          "shorter ones", m->limits.max_sets,
                          m->limits.min_count);
        return RECS_NONE;
    }

    recs_grow(&s->sets, &m->cap, (size_t) s->count + 1,
              sizeof(recs_itemset_t));

    set = &s->sets[s->count];
    set->item = m->names[e->item];
    set->count = e->count;
    set->parent = parent;
    set->end = s->count + 1;
    set->length = (parent == RECS_NONE) ? 1 : s->sets[parent].length + 1;

    return s->count++;
}


uint32_t
recs_itemsets_get(const recs_itemsets_t *s, const uint32_t *items,
    uint32_t n)
{
    uint32_t  child, from, i, k, next, node;

    node = RECS_NONE;

    /* each time the item of least rank above that of the node */

    for (k = 0; k < n; k++) {
        next = RECS_NONE;
        from = (node == RECS_NONE) ? 0 : s->rank[s->sets[node].item] + 1;

        for (i = 0; i < n; i++) {
            if (s->rank[items[i]] == RECS_NONE) {
                return RECS_NONE;
            }

            if (s->rank[items[i]] >= from
                && (next == RECS_NONE
                    || s->rank[items[i]] < s->rank[next]))
            {
                next = items[i];
            }
        }

        if (node == RECS_NONE) {
            node = s->single[next];
            continue;
        }

        for (child = node + 1; child < s->sets[node].end;
             child = s->sets[child].end)
        {
            if (s->sets[child].item == next) {
                break;
            }
        }

        if (child == s->sets[node].end) {
            return RECS_NONE;
        }

        node = child;
    }

    return node;
}


/* The items of a node but that one, returns how many. */

static uint32_t
recs_itemsets_items(const recs_itemsets_t *s, uint32_t node, uint32_t skip,
    uint32_t *items)
{
    uint32_t  n;

    for (n = 0; node != RECS_NONE; node = s->sets[node].parent) {
        if (s->sets[node].item != skip) {
            items[n++] = s->sets[node].item;
        }
    }

    return n;
}


uint64_t
recs_itemsets_rules(const recs_itemsets_t *s, double confidence,
    uint32_t min_length, recs_rule_pt visit, void *ctx)
{
    size_t       cap;
    uint32_t     i, n, node, *items;
    uint64_t     found;
    recs_rule_t  rule;

    cap = 0;
    items = NULL;
    found = 0;

    for (n = 0; n < s->count; n++) {

        if (s->sets[n].length < min_length) {
            continue;
        }

        recs_grow(&items, &cap, s->sets[n].length, sizeof(uint32_t));

        rule.set = n;
        rule.count = s->sets[n].count;

        for (i = n; i != RECS_NONE; i = s->sets[i].parent) {
            rule.right = s->sets[i].item;
            node = recs_itemsets_get(s, items,
                       recs_itemsets_items(s, n, rule.right, items));

            rule.left = (node == RECS_NONE) ? s->rows : s->sets[node].count;
            rule.confidence = (double) rule.count / rule.left;

            if (rule.confidence < confidence) {
                continue;
            }

            rule.lift = rule.confidence * s->rows
                        / s->sets[s->single[rule.right]].count;
            found++;

            if (visit) {
                visit(ctx, &rule);
            }
        }
    }

    free(items);

    return found;
}


static int
recs_compare_counts(const void *one, const void *two)
{
    const recs_extension_t  *a, *b;

    a = one;
    b = two;

    if (a->count != b->count) {
        return (a->count > b->count) - (a->count < b->count);
    }

    return (a->item > b->item) - (a->item < b->item);
}


/* Of numbers, and of extensions, which begin with one. */

static int
recs_compare_numbers(const void *one, const void *two)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}
