/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../memory.h"
#include "ask.h"


#define RECS_ASK_BLOCK   64
#define RECS_ASK_SQUARE  (127 * 127)
#define RECS_ASK_HEAD    0.2     /* of the items, by popularity */


typedef struct {
    recs_scratch_t   scratch;
    recs_query_t     query;
    recs_answer_t    answer;
    recs_item_t      list[RECS_LIMIT_MAX];
    uint32_t         ranks[RECS_LIMIT_MAX];
} recs_ask_thread_t;


typedef struct {
    const recs_ask_t   *ask;
    recs_result_t      *result;
    recs_item_t        *lists;
    recs_ask_thread_t  *threads;
    recs_view_t         view;
    recs_item_t         head;          /* items below are no tail */
    uint32_t           *listed;        /* by item, how often */
    float              *novelty;       /* by case, sum over its list */
    uint32_t           *lengths;       /* by case */
    uint32_t           *times;         /* by case, ns */
    uint64_t            tail;          /* right answers outside the head */
    uint64_t            tail_hits;
    uint64_t            pairs;         /* of a list, both in a category */
    uint64_t            different;     /* of them, in different ones */
    uint64_t            vectors;       /* pairs that both have one */
    uint64_t            distance;      /* sum of theirs, in 1/127^2 */
} recs_asking_t;


/*
 * A case may have both an asker and what the asker did as a session: the
 * history has it already, so that only SESSION is asked with it.
 */

static uint32_t
recs_ask_session(const recs_case_t *one, unsigned strategy)
{
    static const uint8_t  nobody[RECS_IDENTITY_SIZE];

    if (strategy != RECS_SESSION
        && memcmp(one->asker, nobody, sizeof(nobody)) != 0)
    {
        return 0;
    }

    return recs_min(one->counts[RECS_CASE_SESSION], RECS_SESSION_MAX);
}


void
recs_ask_query(const recs_case_t *one, unsigned strategy, int64_t now_ms,
    recs_query_t *q)
{
    uint32_t  n;

    recs_query_init(q);

    q->strategy = strategy;
    q->now_ms = now_ms;

    memcpy(q->asker.user, one->asker, sizeof(q->asker.user));

    n = recs_ask_session(one, strategy);
    q->session_count = n;

    if (n) {
        memcpy(q->session, one->keys[RECS_CASE_SESSION]
                           + one->counts[RECS_CASE_SESSION] - n,
               n * sizeof(uint64_t));
    }

    n = one->counts[RECS_CASE_ASKED];

    if (n == 1) {
        q->product = one->keys[RECS_CASE_ASKED][0];

    } else if (n) {
        q->cart_count = recs_min(n, RECS_CART_MAX);
        memcpy(q->cart, one->keys[RECS_CASE_ASKED],
               q->cart_count * sizeof(uint64_t));
    }
}


static unsigned
recs_ask_seen(const recs_asking_t *a, const recs_case_t *one,
    recs_item_t item)
{
    uint32_t  i;
    uint64_t  key;

    if (recs_strategies[a->result->strategy].depends & RECS_DEPENDS_PRIVATE) {
        return 0;
    }

    key = recs_column(a->ask->snapshot, RECS_COLUMN_KEY64, uint64_t, item);

    for (i = 0; i < one->counts[RECS_CASE_SEEN]; i++) {
        if (one->keys[RECS_CASE_SEEN][i] == key) {
            return 1;
        }
    }

    return 0;
}


static uint32_t
recs_ask_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint32_t) ((uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec);
}


/*
 * The list as it is served, page by page where something of it is left out,
 * and the time of its first page.
 */

static uint32_t
recs_ask_list(const recs_asking_t *a, recs_ask_thread_t *t,
    const recs_case_t *one, uint32_t *time)
{
    uint32_t             i, n, k, begun;
    recs_answer_item_t  *item;

    k = a->ask->at;
    n = 0;

    recs_ask_query(one, a->result->strategy,
                   a->ask->snapshot->header.now_ms, &t->query);
    t->query.limit = a->ask->at;

    for ( ;; ) {
        begun = recs_ask_clock();
        recs_answer(&a->view, &t->query, &t->scratch, &t->answer);

        if (t->query.offset == 0) {
            *time = recs_ask_clock() - begun;
        }

        for (i = 0; i < t->answer.count && n < k; i++) {
            item = &t->answer.items[i];

            if (a->ask->no_fallback
                && item->strategy != a->result->strategy)
            {
                return n;
            }

            if (!recs_ask_seen(a, one, item->item)) {
                t->list[n++] = item->item;
            }
        }

        if (n == k || t->answer.count < t->query.limit
            || t->query.offset + t->query.limit > RECS_OFFSET_MAX)
        {
            return n;
        }

        t->query.offset += t->query.limit;
    }
}


static unsigned
recs_ask_right(const recs_asking_t *a, const recs_case_t *one,
    recs_item_t item)
{
    uint32_t  i;
    uint64_t  key;

    key = recs_column(a->ask->snapshot, RECS_COLUMN_KEY64, uint64_t, item);

    for (i = 0; i < one->counts[RECS_CASE_RIGHT]; i++) {
        if (one->keys[RECS_CASE_RIGHT][i] == key) {
            return 1;
        }
    }

    return 0;
}


/* Sums of whole numbers: the order in which threads come does not matter. */

static void
recs_ask_spread(recs_asking_t *a, const recs_ask_thread_t *t,
    const recs_case_t *one, uint32_t n, uint32_t row)
{
    uint32_t     i, tail;
    uint64_t     hits;
    recs_item_t  item;

    for (i = 0, hits = 0; i < n; i++) {
        item = t->list[i];

        (void) __atomic_fetch_add(&a->listed[item], 1, __ATOMIC_RELAXED);
        a->novelty[row] += a->ask->surprise ? a->ask->surprise[item] : 0;
        hits += item >= a->head && recs_ask_right(a, one, item);
    }

    a->lengths[row] = n;

    for (i = 0, tail = 0; i < one->counts[RECS_CASE_RIGHT]; i++) {
        item = recs_snapshot_item(a->ask->snapshot,
                                  one->keys[RECS_CASE_RIGHT][i]);
        tail += item != RECS_NO_ITEM && item >= a->head;
    }

    (void) __atomic_fetch_add(&a->tail, tail, __ATOMIC_RELAXED);
    (void) __atomic_fetch_add(&a->tail_hits, hits, __ATOMIC_RELAXED);
}


/* How much of a list is not more of the same. */

static void
recs_ask_diversity(recs_asking_t *a, const recs_ask_thread_t *t, uint32_t n)
{
    uint32_t  i, j, one, other;
    uint64_t  different, pairs;

    for (i = 0, different = 0, pairs = 0; i < n; i++) {
        one = recs_column(a->ask->snapshot, RECS_COLUMN_CATEGORY, uint32_t,
                          t->list[i]);

        for (j = 0; j < i && one != RECS_NONE; j++) {
            other = recs_column(a->ask->snapshot, RECS_COLUMN_CATEGORY,
                                uint32_t, t->list[j]);
            pairs += other != RECS_NONE;
            different += other != RECS_NONE && other != one;
        }
    }

    (void) __atomic_fetch_add(&a->pairs, pairs, __ATOMIC_RELAXED);
    (void) __atomic_fetch_add(&a->different, different, __ATOMIC_RELAXED);
}


/* Whole numbers, as above; RECS_NONE: one of both has no vector. */

static uint32_t
recs_ask_distance(const recs_asking_t *a, recs_item_t one, recs_item_t two)
{
    int32_t        product, first, second;
    uint32_t       i;
    const int8_t  *u, *v;

    u = recs_view_cell(&a->view, RECS_COLUMN_VECTOR, RECS_FORMAT_VECTOR, one);
    v = recs_view_cell(&a->view, RECS_COLUMN_VECTOR, RECS_FORMAT_VECTOR, two);

    for (i = 0, product = 0, first = 0, second = 0; i < RECS_FORMAT_VECTOR;
         i++)
    {
        product += u[i] * v[i];
        first |= u[i];
        second |= v[i];
    }

    if (first == 0 || second == 0) {
        return RECS_NONE;
    }

    return RECS_ASK_SQUARE - recs_min(recs_max(product, 0), RECS_ASK_SQUARE);
}


static void
recs_ask_apart(recs_asking_t *a, const recs_ask_thread_t *t, uint32_t n)
{
    uint32_t  i, j, distance;
    uint64_t  sum, pairs;

    for (i = 0, sum = 0, pairs = 0; i < n; i++) {
        for (j = 0; j < i; j++) {
            distance = recs_ask_distance(a, t->list[i], t->list[j]);

            if (distance != RECS_NONE) {
                sum += distance;
                pairs++;
            }
        }
    }

    (void) __atomic_fetch_add(&a->vectors, pairs, __ATOMIC_RELAXED);
    (void) __atomic_fetch_add(&a->distance, sum, __ATOMIC_RELAXED);
}


static void
recs_ask_case(recs_asking_t *a, recs_ask_thread_t *t, uint32_t row)
{
    uint32_t        i, n, hits;
    unsigned        m;
    recs_case_t     one;
    recs_result_t  *r;

    r = a->result;

    recs_cases_get(a->ask->cases, a->ask->chosen[row], &one);
    n = recs_ask_list(a, t, &one, &a->times[row]);

    for (i = 0, hits = 0; i < n; i++) {
        if (recs_ask_right(a, &one, t->list[i])) {
            t->ranks[hits++] = i;
        }
    }

    for (m = 0; m < r->metric_count; m++) {
        r->values[m][row] = (float) r->metrics[m]->value(t->ranks, hits,
            one.counts[RECS_CASE_RIGHT], a->ask->at);
    }

    recs_ask_spread(a, t, &one, n, row);
    recs_ask_diversity(a, t, n);
    recs_ask_apart(a, t, n);

    if (a->lists) {
        for (i = 0; i < RECS_LIMIT_MAX; i++) {
            a->lists[(size_t) row * RECS_LIMIT_MAX + i] =
                (i < n) ? t->list[i] : RECS_NO_ITEM;
        }
    }
}


static void
recs_ask_block(void *ctx, unsigned thread, uint32_t from, uint32_t to)
{
    uint32_t        i;
    recs_asking_t  *a;

    a = ctx;

    for (i = from; i < to; i++) {
        recs_ask_case(a, &a->threads[thread], i);
    }
}


static int
recs_ask_compare(const void *one, const void *two)
{
    uint32_t  a, b;

    a = *(const uint32_t *) one;
    b = *(const uint32_t *) two;

    return (a > b) - (a < b);
}


/* Gini over the shown items of how often each was listed; and coverage. */

static void
recs_ask_items(recs_asking_t *a)
{
    double           sum, weighted;
    uint32_t         i, n, rows, ever;
    recs_result_t   *r;

    r = a->result;
    rows = a->ask->snapshot->header.rows[RECS_DOMAIN_ITEMS];

    for (i = 0, n = 0, ever = 0; i < rows; i++) {
        if (recs_view_shown(&a->view, i)) {
            ever += a->listed[i] > 0;
            a->listed[n++] = a->listed[i];
        }
    }

    qsort(a->listed, n, sizeof(uint32_t), recs_ask_compare);

    for (i = 0, sum = 0, weighted = 0; i < n; i++) {
        sum += a->listed[i];
        weighted += (2.0 * (i + 1) - n - 1) * a->listed[i];
    }

    r->coverage = n ? (double) ever / n : 0;
    r->gini = (sum > 0) ? weighted / (n * sum) : 0;
}


static void
recs_ask_sums(recs_asking_t *a)
{
    double           novelty, lengths;
    uint32_t         i;
    recs_result_t   *r;

    r = a->result;

    for (i = 0, novelty = 0, lengths = 0; i < r->count; i++) {
        novelty += a->novelty[i];
        lengths += a->lengths[i];
    }

    r->novelty = (lengths > 0) ? novelty / lengths : 0;
    r->diversity = a->pairs ? (double) a->different / a->pairs : 0;
    r->distance = a->vectors ? (double) a->distance / a->vectors
                               / RECS_ASK_SQUARE : 0;
    r->tail = a->tail ? (double) a->tail_hits / a->tail : 0;

    qsort(a->times, r->count, sizeof(uint32_t), recs_ask_compare);

    if (r->count) {
        r->us_p50 = a->times[r->count / 2] / 1000.0;
        r->us_p99 = a->times[(uint64_t) r->count * 99 / 100] / 1000.0;
    }

    recs_ask_items(a);
}


void
recs_eval_ask(const recs_ask_t *ask, recs_result_t *result,
    recs_item_t *lists)
{
    uint32_t       rows;
    unsigned       i;
    recs_asking_t  a;

    memset(&a, 0, sizeof(a));

    rows = ask->snapshot->header.rows[RECS_DOMAIN_ITEMS];

    a.ask = ask;
    a.result = result;
    a.lists = lists;
    a.view.base = ask->snapshot;
    a.view.id = ask->snapshot->header.id;
    a.head = (recs_item_t) (RECS_ASK_HEAD * rows);
    a.threads = recs_calloc(ask->threads, sizeof(recs_ask_thread_t));
    a.listed = recs_calloc(rows, sizeof(uint32_t));
    a.novelty = recs_calloc(result->count, sizeof(float));
    a.lengths = recs_calloc(result->count, sizeof(uint32_t));
    a.times = recs_calloc(result->count, sizeof(uint32_t));

    for (i = 0; i < result->metric_count; i++) {
        result->values[i] = recs_calloc(result->count, sizeof(float));
    }

    recs_parallel(ask->threads, result->count, RECS_ASK_BLOCK, recs_ask_block,
                  &a);
    recs_ask_sums(&a);

    free(a.threads);
    free(a.listed);
    free(a.novelty);
    free(a.lengths);
    free(a.times);
}
