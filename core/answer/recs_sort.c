/*
 * Copyright (C) recs authors
 *
 * Lists in another order than by relevance.
 */

#include "recs_order.h"
#include "recs_strategy.h"


static uint32_t recs_sort_own(recs_answer_ctx_t *ctx);
static int recs_sort_catalogue(recs_answer_ctx_t *ctx, uint32_t category);
static int recs_sort_popular(recs_answer_ctx_t *ctx, recs_postings_t *p);
static int recs_sort_postings(recs_answer_ctx_t *ctx, recs_postings_t *p);
static int recs_sort_order(recs_answer_ctx_t *ctx, uint32_t rows);
static uint32_t recs_sort_changed(recs_answer_ctx_t *ctx);
static int recs_sort_put(recs_answer_ctx_t *ctx, recs_item_t item);
static uint32_t recs_sort_wanted(const recs_answer_ctx_t *ctx);

static int recs_sort_before(const recs_sort_row_t *a,
    const recs_sort_row_t *b);
static uint32_t recs_sort_keep(recs_sort_row_t *heap, uint32_t n,
    uint32_t most, const recs_sort_row_t *row);
static void recs_sort_finish(recs_sort_row_t *heap, uint32_t n);
static void recs_sort_sift(recs_sort_row_t *heap, uint32_t n, uint32_t i);


void
recs_answer_sorted(recs_answer_ctx_t *ctx)
{
    uint32_t         i, n;
    recs_answer_t   *answer;
    recs_scratch_t  *scratch;

    answer = ctx->answer;
    scratch = ctx->scratch;

    n = recs_sort_own(ctx);

    for (i = 0; i < n; i++) {
        if (recs_answer_put(ctx, &scratch->gathered[scratch->sorted[i].place])
            == RECS_DONE)
        {
            return;
        }
    }

    ctx->strategy = RECS_CATALOGUE;
    ctx->added = 0;

    if (ctx->category == RECS_NONE
        || recs_sort_catalogue(ctx, ctx->category) != RECS_DONE)
    {
        (void) recs_sort_catalogue(ctx, RECS_NONE);
    }

    if (ctx->added) {
        answer->fallback[answer->fallback_count++] = RECS_CATALOGUE;
    }
}


/* What the strategy itself finds, in order; returns how many. */

static uint32_t
recs_sort_own(recs_answer_ctx_t *ctx)
{
    uint32_t         i, n;
    recs_scratch_t  *scratch;
    recs_sort_row_t  row;

    scratch = ctx->scratch;
    scratch->gathered_count = 0;

    ctx->gather = 1;
    recs_answer_run(ctx, ctx->query->strategy);
    ctx->gather = 0;

    n = 0;

    for (i = 0; i < scratch->gathered_count; i++) {
        row.item = scratch->gathered[i].item;
        row.key = recs_order_key(ctx->view, ctx->query->sort, row.item);
        row.place = i;

        n = recs_sort_keep(scratch->sorted, n, RECS_RANKED_MAX, &row);
    }

    recs_sort_finish(scratch->sorted, n);

    return n;
}


/*
 * The rest of a category or of everything.  Posting lists are read whole
 * where that costs fewer rows than is to be expected of the order; else the
 * order first, for no more rows than they have.  Either way the list is the
 * same; only what would be truncated is not.
 */

static int
recs_sort_catalogue(recs_answer_ctx_t *ctx, uint32_t category)
{
    uint32_t       rest, rows;
    uint64_t       expected;
    recs_postings_t  p;

    recs_match_within(&ctx->match, ctx->view, category);
    recs_postings_init(&p, ctx->view, &ctx->match, category);

    if (ctx->query->sort == RECS_SORT_POPULAR) {
        return recs_sort_popular(ctx, &p);
    }

    rows = ctx->rows + (ctx->view->hot ? ctx->view->hot->mask : 0);
    rest = RECS_ROWS_MAX - recs_min(rows, RECS_ROWS_MAX);

    if (p.lists == 0 || p.total > rest) {
        return recs_sort_order(ctx, UINT32_MAX);
    }

    expected = (uint64_t) recs_sort_wanted(ctx)
               * ctx->view->base->header.rows[RECS_DOMAIN_ITEMS];
    rows = recs_min(p.total, rest - p.total);

    if (expected < (uint64_t) p.total * rows
        && recs_sort_order(ctx, rows) == RECS_DONE)
    {
        return RECS_DONE;
    }

    return recs_sort_postings(ctx, &p);
}


static int
recs_sort_popular(recs_answer_ctx_t *ctx, recs_postings_t *p)
{
    recs_item_t  item;

    while ((item = recs_postings_next(p)) != RECS_NO_ITEM) {
        if (recs_answer_add(ctx, item, 0, 0, RECS_NO_ITEM) == RECS_DONE) {
            return RECS_DONE;
        }
    }

    return RECS_OK;
}


/* The best of all that posting lists hold. */

static int
recs_sort_postings(recs_answer_ctx_t *ctx, recs_postings_t *p)
{
    uint32_t          i, n, most;
    recs_sort_row_t   row, *heap;

    heap = ctx->scratch->sorted;
    most = recs_sort_wanted(ctx);
    row.place = 0;
    n = 0;

    while ((row.item = recs_postings_next(p)) != RECS_NO_ITEM) {

        if (recs_answer_row(ctx) != RECS_OK) {
            break;
        }

        row.key = recs_order_key(ctx->view, ctx->query->sort, row.item);

        if ((n < most || recs_sort_before(&row, &heap[0]))
            && recs_match(&ctx->match, ctx->view, row.item)
            && !recs_answer_seen(ctx->scratch, row.item))
        {
            n = recs_sort_keep(heap, n, most, &row);
        }
    }

    recs_sort_finish(heap, n);

    for (i = 0; i < n; i++) {
        if (recs_sort_put(ctx, heap[i].item) == RECS_DONE) {
            return RECS_DONE;
        }
    }

    return ctx->answer->truncated ? RECS_DONE : RECS_OK;
}


/*
 * Along the order, for at most so many rows of it.  What a hot layer has
 * changed is left out there and merged in by its live value.
 */

static int
recs_sort_order(recs_answer_ctx_t *ctx, uint32_t rows)
{
    uint32_t          n, next;
    recs_sort_row_t   row, *changed;
    recs_order_walk_t  walk;

    recs_order_begin(&walk, ctx->view, &ctx->match, ctx->query->sort);

    changed = ctx->scratch->sorted;
    n = recs_sort_changed(ctx);
    next = 0;
    row.place = 0;

    while ((row.item = recs_order_next(&walk)) != RECS_NO_ITEM) {

        if (rows-- == 0) {
            return RECS_OK;
        }

        if (recs_answer_row(ctx) != RECS_OK) {
            return RECS_DONE;
        }

        if (recs_view_changed(ctx->view, row.item)
            || !recs_match(&ctx->match, ctx->view, row.item))
        {
            continue;
        }

        row.key = recs_order_key(ctx->view, ctx->query->sort, row.item);

        while (next < n && recs_sort_before(&changed[next], &row)) {
            if (recs_sort_put(ctx, changed[next++].item) == RECS_DONE) {
                return RECS_DONE;
            }
        }

        if (recs_sort_put(ctx, row.item) == RECS_DONE) {
            return RECS_DONE;
        }
    }

    while (next < n) {
        if (recs_sort_put(ctx, changed[next++].item) == RECS_DONE) {
            return RECS_DONE;
        }
    }

    return RECS_OK;
}


/* The best of what the hot layer has, in order; returns how many. */

static uint32_t
recs_sort_changed(recs_answer_ctx_t *ctx)
{
    uint32_t           i, n, most;
    recs_sort_row_t    row, *heap;
    const recs_hot_t  *hot;

    hot = ctx->view->hot;
    heap = ctx->scratch->sorted;
    most = recs_sort_wanted(ctx);
    row.place = 0;
    n = 0;

    for (i = 0; hot && i <= hot->mask; i++) {

        if (!hot->slots[i].row) {
            continue;
        }

        if (recs_answer_row(ctx) != RECS_OK) {
            break;
        }

        row.item = hot->slots[i].item;
        row.key = recs_order_key(ctx->view, ctx->query->sort, row.item);

        if (recs_match(&ctx->match, ctx->view, row.item)
            && !recs_answer_seen(ctx->scratch, row.item))
        {
            n = recs_sort_keep(heap, n, most, &row);
        }
    }

    recs_sort_finish(heap, n);

    return n;
}


static int
recs_sort_put(recs_answer_ctx_t *ctx, recs_item_t item)
{
    recs_answer_item_t  listed = { .item = item, .seed = RECS_NO_ITEM };

    listed.strategy = ctx->strategy;

    return recs_answer_put(ctx, &listed);
}


/* The list is full with so many more. */

static uint32_t
recs_sort_wanted(const recs_answer_ctx_t *ctx)
{
    return ctx->skip + ctx->query->limit - ctx->answer->count;
}


static int
recs_sort_before(const recs_sort_row_t *a, const recs_sort_row_t *b)
{
    if (a->key != b->key) {
        return a->key < b->key;
    }

    if (a->item != b->item) {
        return a->item < b->item;
    }

    return a->place < b->place;
}


/* Keeps the best, the last of them on top; returns how many there are. */

static uint32_t
recs_sort_keep(recs_sort_row_t *heap, uint32_t n, uint32_t most,
    const recs_sort_row_t *row)
{
    uint32_t  i, parent;

    if (n == most) {
        if (n && recs_sort_before(row, &heap[0])) {
            heap[0] = *row;
            recs_sort_sift(heap, n, 0);
        }

        return n;
    }

    for (i = n; i > 0; i = parent) {
        parent = (i - 1) / 2;

        if (!recs_sort_before(&heap[parent], row)) {
            break;
        }

        heap[i] = heap[parent];
    }

    heap[i] = *row;

    return n + 1;
}


static void
recs_sort_finish(recs_sort_row_t *heap, uint32_t n)
{
    recs_sort_row_t  row;

    while (n > 1) {
        n--;
        row = heap[0];
        heap[0] = heap[n];
        heap[n] = row;
        recs_sort_sift(heap, n, 0);
    }
}


static void
recs_sort_sift(recs_sort_row_t *heap, uint32_t n, uint32_t i)
{
    uint32_t         child;
    recs_sort_row_t  row;

    row = heap[i];

    for ( ;; ) {
        child = 2 * i + 1;

        if (child >= n) {
            break;
        }

        if (child + 1 < n
            && recs_sort_before(&heap[child], &heap[child + 1]))
        {
            child++;
        }

        if (!recs_sort_before(&row, &heap[child])) {
            break;
        }

        heap[i] = heap[child];
        i = child;
    }

    heap[i] = row;
}
