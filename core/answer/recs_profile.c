/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "../event/recs_client.h"
#include "../recs_hash.h"
#include "recs_profile.h"


#define RECS_PROFILE_FRAME  1024     /* bytes of names and numbers */
#define RECS_PROFILE_ROW    128      /* of a category or brand */
#define RECS_PROFILE_JSON   6        /* bytes that one may become in JSON */


static void recs_profile_counts(const recs_format_seen_t *seen,
    recs_profile_t *p);
static void recs_profile_likes(const recs_view_t *view,
    const recs_format_seen_t *seen, recs_profile_t *p);
static void recs_profile_like(recs_profile_likes_t *likes, uint32_t number,
    float weight);
static void recs_profile_order(recs_profile_likes_t *likes);
static uint32_t recs_profile_region(const recs_view_t *view,
    const recs_query_t *query, const recs_answer_ctx_t *ctx);
static size_t recs_profile_likes_size(const recs_view_t *view,
    recs_list_e names, const recs_profile_likes_t *likes);
static void recs_profile_likes_json(const recs_view_t *view,
    recs_list_e names, const recs_profile_likes_t *likes, recs_out_t *out);
static void recs_profile_name(const recs_view_t *view, recs_list_e names,
    uint32_t number, recs_out_t *out);
static void recs_profile_counts_json(const recs_profile_t *p,
    recs_out_t *out);
static void recs_profile_live_json(const recs_visit_t *visit, uint32_t live,
    recs_out_t *out);


int
recs_profile(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, recs_profile_t *p)
{
    int                        rc;
    recs_answer_ctx_t          ctx;
    recs_format_user_t         user;
    const recs_format_seen_t  *seen;

    rc = recs_snapshot_user(view->base, query->asker.user, &user,
                            scratch->history);

    if (rc != RECS_OK && query->known == NULL) {
        return RECS_DECLINED;
    }

    memset(p, 0, offsetof(recs_profile_t, categories));

    recs_answer_init(&ctx, view, query, scratch, NULL);
    seen = recs_history(&ctx, &p->count);

    p->segment = ctx.segment;
    p->flags = ctx.user_flags;
    p->region = recs_profile_region(view, query, &ctx);
    p->live = ctx.live_count;
    p->last_ms = (rc == RECS_OK) ? user.last_ms : 0;

    if (query->known) {
        p->last_ms = recs_max(p->last_ms, query->known->last_ms);
    }

    recs_profile_counts(seen, p);
    recs_profile_likes(view, seen, p);

    return RECS_OK;
}


/* Where somebody is now rather than where he was. */

static uint32_t
recs_profile_region(const recs_view_t *view, const recs_query_t *query,
    const recs_answer_ctx_t *ctx)
{
    uint32_t  region;

    region = RECS_NONE;

    if (query->known && query->known->region) {
        region = recs_view_region(view, query->known->region);
    }

    return (region != RECS_NONE) ? region : ctx->region;
}


static void
recs_profile_counts(const recs_format_seen_t *seen, recs_profile_t *p)
{
    uint32_t  i;

    for (i = 0; i < p->count; i++) {
        p->views += seen[i].views;
        p->carts += (seen[i].flags & RECS_SEEN_CART) != 0;
        p->wishes += (seen[i].flags & RECS_SEEN_WISHED) != 0;
        p->purchases += (seen[i].flags & RECS_SEEN_PURCHASED) != 0;
        p->dismissed += (seen[i].flags & RECS_SEEN_DISMISSED) != 0;
    }
}


/* What is not liked says nothing about what is. */

static void
recs_profile_likes(const recs_view_t *view, const recs_format_seen_t *seen,
    recs_profile_t *p)
{
    uint32_t                i;
    const recs_snapshot_t  *s;

    s = view->base;

    p->categories.count = p->brands.count = 0;
    p->categories.weight = p->brands.weight = 0;

    for (i = 0; i < p->count; i++) {

        if (!(seen[i].weight > 0)) {
            continue;
        }

        recs_profile_like(&p->categories,
                          recs_column(s, RECS_COLUMN_CATEGORY, uint32_t,
                                      seen[i].item),
                          seen[i].weight);
        recs_profile_like(&p->brands,
                          recs_column(s, RECS_COLUMN_BRAND, uint32_t,
                                      seen[i].item),
                          seen[i].weight);
    }

    recs_profile_order(&p->categories);
    recs_profile_order(&p->brands);
}


static void
recs_profile_like(recs_profile_likes_t *likes, uint32_t number, float weight)
{
    uint32_t               i;
    recs_profile_liked_t  *liked;

    if (number == RECS_NONE) {
        return;
    }

    for (i = 0; i < likes->count; i++) {
        if (likes->liked[i].number == number) {
            break;
        }
    }

    liked = &likes->liked[i];

    if (i == likes->count) {

        if (i == RECS_PROFILE_SEEN) {
            return;
        }

        likes->count++;

        liked->number = number;
        liked->products = 0;
        liked->weight = 0;
    }

    liked->products++;
    liked->weight += weight;
    likes->weight += weight;
}


/* Only the first ones are looked at. */

static void
recs_profile_order(recs_profile_likes_t *likes)
{
    uint32_t               i, j, best;
    recs_profile_liked_t  *liked, first;

    liked = likes->liked;

    for (i = 0; i < likes->count && i < RECS_PROFILE_LIKED; i++) {
        best = i;

        for (j = i + 1; j < likes->count; j++) {
            if (liked[j].weight > liked[best].weight
                || (liked[j].weight == liked[best].weight
                    && liked[j].number < liked[best].number))
            {
                best = j;
            }
        }

        first = liked[best];
        liked[best] = liked[i];
        liked[i] = first;
    }
}


size_t
recs_profile_size(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, const recs_profile_t *p)
{
    uint32_t  n;

    (void) recs_list(view->base, RECS_LIST_SEGMENT_NAME, p->segment, &n);

    return RECS_PROFILE_FRAME + RECS_PROFILE_JSON * ((size_t) n + RECS_ID_MAX)
           + recs_profile_likes_size(view, RECS_LIST_CATEGORY_PATH,
                                     &p->categories)
           + recs_profile_likes_size(view, RECS_LIST_BRAND_NAME, &p->brands)
           + recs_history_rows_size(view, scratch->history,
                                    recs_min(p->count, query->limit));
}


static size_t
recs_profile_likes_size(const recs_view_t *view, recs_list_e names,
    const recs_profile_likes_t *likes)
{
    size_t    size;
    uint32_t  i, n;

    size = 0;

    for (i = 0; i < likes->count && i < RECS_PROFILE_LIKED; i++) {
        (void) recs_list(view->base, names, likes->liked[i].number, &n);
        size += RECS_PROFILE_ROW + RECS_PROFILE_JSON * (size_t) n;
    }

    return size;
}


void
recs_profile_json(const recs_view_t *view, const recs_query_t *query,
    recs_scratch_t *scratch, const recs_profile_t *p, recs_out_t *out)
{
    recs_out_lit(out, "\"segment\":");
    recs_profile_name(view, RECS_LIST_SEGMENT_NAME, p->segment, out);
    recs_out_lit(out, ",\"region\":");
    recs_profile_name(view, RECS_LIST_REGION_NAME, p->region, out);

    if (p->flags & RECS_USER_VALUABLE) {
        recs_out_lit(out, ",\"valuable\":true,\"lastActivityAt\":");

    } else {
        recs_out_lit(out, ",\"valuable\":false,\"lastActivityAt\":");
    }

    if (p->last_ms > 0) {
        recs_out_i64(out, p->last_ms);

    } else {
        recs_out_lit(out, "null");
    }

    recs_profile_counts_json(p, out);

    recs_out_lit(out, ",\"categories\":");
    recs_profile_likes_json(view, RECS_LIST_CATEGORY_PATH, &p->categories,
                            out);
    recs_out_lit(out, ",\"brands\":");
    recs_profile_likes_json(view, RECS_LIST_BRAND_NAME, &p->brands, out);

    recs_out_lit(out, ",\"recent\":");
    recs_history_rows(view, scratch->history, recs_min(p->count, query->limit),
                      1, out);

    recs_out_lit(out, ",\"live\":");
    recs_profile_live_json(query->known, p->live, out);
}


static void
recs_profile_counts_json(const recs_profile_t *p, recs_out_t *out)
{
    recs_out_count(out, ",\"counts\":{\"products\":", p->count);
    recs_out_count(out, ",\"views\":", p->views);
    recs_out_count(out, ",\"carts\":", p->carts);
    recs_out_count(out, ",\"wishes\":", p->wishes);
    recs_out_count(out, ",\"purchases\":", p->purchases);
    recs_out_count(out, ",\"dismissed\":", p->dismissed);
    recs_out_byte(out, '}');
}


static void
recs_profile_likes_json(const recs_view_t *view, recs_list_e names,
    const recs_profile_likes_t *likes, recs_out_t *out)
{
    uint32_t                     i;
    const recs_profile_liked_t  *liked;

    recs_out_byte(out, '[');

    for (i = 0; i < likes->count && i < RECS_PROFILE_LIKED; i++) {
        liked = &likes->liked[i];

        if (i) {
            recs_out_byte(out, ',');
        }

        recs_out_lit(out, "{\"name\":");
        recs_profile_name(view, names, liked->number, out);
        recs_out_count(out, ",\"products\":", liked->products);
        recs_out_lit(out, ",\"share\":");
        recs_out_fraction(out, liked->weight / likes->weight);
        recs_out_byte(out, '}');
    }

    recs_out_byte(out, ']');
}


/* What has no name, or only an empty one, is null. */

static void
recs_profile_name(const recs_view_t *view, recs_list_e names, uint32_t number,
    recs_out_t *out)
{
    uint32_t     n;
    const void  *name;

    name = recs_list(view->base, names, number, &n);

    if (name == NULL) {
        recs_out_lit(out, "null");
        return;
    }

    recs_out_quoted(out, name, n);
}


static void
recs_profile_live_json(const recs_visit_t *visit, uint32_t live,
    recs_out_t *out)
{
    recs_str_t  device;

    if (visit == NULL) {
        recs_out_lit(out, "null");
        return;
    }

    device = recs_device_name(visit->device);

    recs_out_count(out, "{\"events\":", visit->events);
    recs_out_count(out, ",\"products\":", live);
    recs_out_lit(out, ",\"firstAt\":");
    recs_out_i64(out, visit->first_ms);
    recs_out_lit(out, ",\"lastAt\":");
    recs_out_i64(out, visit->last_ms);
    recs_out_lit(out, ",\"device\":");
    recs_out_quoted(out, device.data, device.len);
    recs_out_byte(out, '}');
}
