/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../recs_hash.h"
#include "recs_home.h"


#define RECS_HOME_CATEGORIES  32     /* compared for the favourite one */


typedef struct {
    unsigned     known;          /* RECS_HOME_* */
    recs_item_t  product;        /* looked at last, or NO_ITEM */
    recs_item_t  other;          /* the last of another category */
    uint32_t     category;       /* looked at most, or RECS_NONE */
} recs_home_visitor_t;


static void recs_home_visitor(recs_home_visitor_t *v,
    const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_answer_t *answer);
static void recs_home_products(recs_home_visitor_t *v,
    const recs_view_t *view, const recs_format_seen_t *seen, uint32_t count);
static unsigned recs_home_question(recs_query_t *q, recs_rail_t *rail,
    const recs_view_t *view, const recs_home_visitor_t *v);
static void recs_home_add(recs_answer_t *answer, recs_rail_t *rail,
    const recs_answer_t *list);


const recs_home_rail_t  recs_home_rails[] = {

    { RECS_SESSION, RECS_HOME_SESSION, RECS_HOME_VISITOR,
      recs_string("Picked for this visit") },
    { RECS_RECENTLY_VIEWED, RECS_HOME_HISTORY, RECS_HOME_VISITOR,
      recs_string("Recently viewed") },
    { RECS_PERSONALIZED, RECS_HOME_HISTORY, RECS_HOME_VISITOR,
      recs_string("Recommended for you") },
    { RECS_BUY_AGAIN, RECS_HOME_BOUGHT, RECS_HOME_VISITOR,
      recs_string("Buy again") },
    { RECS_SIMILAR_PRODUCTS, RECS_HOME_HISTORY, RECS_HOME_PRODUCT,
      recs_string("Because of what you viewed") },
    { RECS_CATEGORY_TRENDING, RECS_HOME_HISTORY, RECS_HOME_CATEGORY,
      recs_string("Trending in your category") },
    { RECS_PRICE_DROP, RECS_HOME_HISTORY, RECS_HOME_CATEGORY,
      recs_string("Price drops in your category") },
    { RECS_COMPLEMENTARY, RECS_HOME_BOUGHT, RECS_HOME_VISITOR,
      recs_string("Goes with what you have") },
    { RECS_SOCIAL_PROOF, RECS_HOME_HISTORY, RECS_HOME_VISITOR,
      recs_string("People like you bought") },
    { RECS_SIMILAR_PRODUCTS, RECS_HOME_HISTORY, RECS_HOME_OTHER_PRODUCT,
      recs_string("Because of what you viewed") },
    { RECS_TRENDING, 0, RECS_HOME_VISITOR,
      recs_string("Trending now") },
    { RECS_BESTSELLERS, 0, RECS_HOME_VISITOR,
      recs_string("Bestsellers") },
    { RECS_PRICE_DROP, 0, RECS_HOME_VISITOR,
      recs_string("Price drops") },
    { RECS_NEW_ARRIVALS, 0, RECS_HOME_VISITOR,
      recs_string("New arrivals") },
    { RECS_SEASONAL, 0, RECS_HOME_VISITOR,
      recs_string("In season") },
    { RECS_TOP_RATED, 0, RECS_HOME_VISITOR,
      recs_string("Top rated") },
};

const unsigned  recs_home_rail_count = sizeof(recs_home_rails)
                                       / sizeof(recs_home_rails[0]);


void
recs_home(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_answer_t *answer)
{
    unsigned             i;
    uint32_t             most;
    recs_rail_t          rail;
    recs_query_t         q;
    recs_answer_t        list;
    recs_home_visitor_t  visitor;

    memset(answer, 0, offsetof(recs_answer_t, items));

    recs_home_visitor(&visitor, view, query, scratch, &list);
    most = recs_min(query->rails, RECS_RAILS_MAX);

    q = *query;
    q.offset = 0;
    q.sort = RECS_SORT_RELEVANCE;
    q.alone = 1;
    q.above = answer;

    for (i = 0; i < recs_home_rail_count && answer->rail_count < most; i++) {

        if ((recs_home_rails[i].known & visitor.known)
            != recs_home_rails[i].known)
        {
            continue;
        }

        rail.row = (uint8_t) i;

        if (!recs_home_question(&q, &rail, view, &visitor)) {
            continue;
        }

        recs_answer(view, &q, scratch, &list);

        if (list.count >= recs_min(q.limit, RECS_HOME_LEAST)
            && answer->count + list.count <= RECS_LIMIT_MAX)
        {
            recs_home_add(answer, &rail, &list);
        }
    }
}


static void
recs_home_visitor(recs_home_visitor_t *v, const recs_view_t *view,
    const recs_query_t *query, recs_scratch_t *scratch, recs_answer_t *answer)
{
    uint32_t                   i, count;
    recs_answer_ctx_t          ctx;
    const recs_format_seen_t  *seen;

    v->known = 0;
    v->product = RECS_NO_ITEM;
    v->other = RECS_NO_ITEM;
    v->category = RECS_NONE;

    recs_answer_init(&ctx, view, query, scratch, answer);
    seen = recs_answer_history(&ctx, &count);

    if (count) {
        v->known |= RECS_HOME_HISTORY;
    }

    if (query->session_count
        || (query->visit && query->visit->click_count))
    {
        v->known |= RECS_HOME_SESSION;
    }

    for (i = 0; i < count; i++) {
        if (seen[i].flags & RECS_SEEN_PURCHASED) {
            v->known |= RECS_HOME_BOUGHT;
            break;
        }
    }

    recs_home_products(v, view, seen, count);
}


/* Of categories the one with the most feedback, of equal ones the newest. */

static void
recs_home_products(recs_home_visitor_t *v, const recs_view_t *view,
    const recs_format_seen_t *seen, uint32_t count)
{
    float     weights[RECS_HOME_CATEGORIES], best;
    uint32_t  categories[RECS_HOME_CATEGORIES], category, first, i, k, n;

    n = 0;
    best = 0;
    first = RECS_NONE;

    for (i = 0; i < count; i++) {

        if (seen[i].flags & RECS_SEEN_DISMISSED) {
            continue;
        }

        category = recs_column(view->base, RECS_COLUMN_CATEGORY, uint32_t,
                               seen[i].item);

        if (v->product == RECS_NO_ITEM) {
            v->product = seen[i].item;
            first = category;

        } else if (v->other == RECS_NO_ITEM && category != first) {
            v->other = seen[i].item;
        }

        if (category == RECS_NONE) {
            continue;
        }

        for (k = 0; k < n && categories[k] != category; k++) {
            /* void */
        }

        if (k == n) {
            if (n == RECS_HOME_CATEGORIES) {
                continue;
            }

            categories[n] = category;
            weights[n++] = 0;
        }

        weights[k] += seen[i].weight;
    }

    for (k = 0; k < n; k++) {
        if (v->category == RECS_NONE || weights[k] > best) {
            best = weights[k];
            v->category = categories[k];
        }
    }
}


/* What a rail asks; 0 where there is nothing that it could be about. */

static unsigned
recs_home_question(recs_query_t *q, recs_rail_t *rail,
    const recs_view_t *view, const recs_home_visitor_t *v)
{
    uint32_t                 n;
    const uint8_t           *path;
    const recs_home_rail_t  *row;

    row = &recs_home_rails[rail->row];

    rail->seed = RECS_NO_ITEM;
    rail->category = RECS_NONE;

    q->strategy = row->strategy;
    q->product = 0;
    q->category = 0;

    switch (row->about) {

    case RECS_HOME_PRODUCT:
        rail->seed = v->product;
        break;

    case RECS_HOME_OTHER_PRODUCT:
        rail->seed = v->other;
        break;

    case RECS_HOME_CATEGORY:
        rail->category = v->category;
        path = recs_list(view->base, RECS_LIST_CATEGORY_PATH, v->category,
                         &n);
        q->category = recs_key64(path, n);
        return n > 0;

    default:
        return 1;
    }

    if (rail->seed == RECS_NO_ITEM) {
        return 0;
    }

    q->product = recs_column(view->base, RECS_COLUMN_KEY64, uint64_t,
                             rail->seed);

    return 1;
}


static void
recs_home_add(recs_answer_t *answer, recs_rail_t *rail,
    const recs_answer_t *list)
{
    rail->first = answer->count;
    rail->count = list->count;

    memcpy(&answer->items[answer->count], list->items,
           list->count * sizeof(recs_answer_item_t));

    answer->rails[answer->rail_count++] = *rail;
    answer->count += list->count;
    answer->total += list->count;
}
