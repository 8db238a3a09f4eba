/*
 * Copyright (C) recs authors
 *
 * What is known of one user, of whom there is a live record only.
 */

#include "core/answer/recs_profile.h"
#include "core/event/recs_visit_event.h"
#include "core/recs_hash.h"
#include "memory_shop.h"
#include "tap.h"


#define ITEMS       40
#define CATEGORIES  20
#define BRANDS      3
#define NAME        255


static recs_snapshot_t  *s;
static recs_scratch_t   *scratch;
static recs_view_t       view;
static recs_query_t      query;
static recs_visit_t      known;
static recs_profile_t    profile;


/* Item i is of category i / 2, of the brand i % 4, of which 3 is none. */

static void
shop(void)
{
    char      name[NAME];
    uint32_t  i;

    static const uint64_t  nobody;

    s = shop_create(ITEMS);
    s->users = &nobody;
    s->users_mask = 0;

    shop_domain(s, RECS_DOMAIN_CATEGORIES, CATEGORIES);
    shop_domain(s, RECS_DOMAIN_BRANDS, BRANDS);

    for (i = 0; i < ITEMS; i++) {
        shop_set(s, RECS_COLUMN_CATEGORY, uint32_t, i, i / 2);
        shop_set(s, RECS_COLUMN_BRAND, uint32_t, i,
                 (i % 4 < BRANDS) ? i % 4 : RECS_NONE);
    }

    /* each byte is six in JSON */

    memset(name, 1, sizeof(name));

    for (i = 0; i < CATEGORIES; i++) {
        shop_list(s, RECS_LIST_CATEGORY_PATH, i, name, sizeof(name));
    }

    for (i = 0; i < BRANDS; i++) {
        shop_list(s, RECS_LIST_BRAND_NAME, i, name, sizeof(name));
    }

    view.base = s;
    scratch = calloc(1, sizeof(recs_scratch_t));
    recs_query_init(&query);
    query.now_ms = 1700000000000;
}


static void
touch(uint32_t item, float weight, uint16_t views, uint16_t flags)
{
    char           name[16];
    recs_touch_t  *t;

    t = &known.touches[known.touch_count++];

    t->key = recs_key64(name, (size_t) sprintf(name, "p%u", item));
    t->first = t->last = 1000000 - known.touch_count;
    t->views = views;
    t->weight = weight;
    t->flags = flags;
}


static void
test_likes(void)
{
    recs_profile_likes_t  *likes;

    recs_visit_init(&known);
    known.last_ms = 1234;

    touch(6, 1, 2, RECS_SEEN_VIEWED);
    touch(7, 0, 1, RECS_SEEN_VIEWED);
    touch(4, 1, 1, RECS_SEEN_VIEWED | RECS_SEEN_CART);
    touch(10, 3, 0, RECS_SEEN_PURCHASED);
    touch(11, 3, 1, RECS_SEEN_WISHED);
    touch(1, -2, 0, RECS_SEEN_DISMISSED);

    is_int(recs_profile(&view, &query, scratch, &profile), RECS_OK, "known");
    is_int(profile.count, 6, "products");
    is_int(profile.views, 5, "views");
    is_int(profile.carts, 1, "in the cart");
    is_int(profile.wishes, 1, "wished for");
    is_int(profile.purchases, 1, "bought");
    is_int(profile.dismissed, 1, "dismissed");
    is_int(profile.last_ms, 1234, "last seen");

    likes = &profile.categories;
    is_int(likes->count, 3, "what is not liked is of no category");
    is_int(likes->liked[0].number, 5, "the most liked first");
    is_int(likes->liked[0].products, 2, "of two products");
    is_int(likes->liked[1].number, 2, "of equal ones the first by number");
    is_int(likes->liked[2].number, 3, "then the other, though it is newer");
    is_int(likes->liked[2].products, 1, "without what says nothing");

    likes = &profile.brands;
    is_int(likes->count, 2, "two brands; who has none counts for none");
    is_int(likes->liked[0].number, 2, "one");
    is_int(likes->liked[0].products, 2, "of two products");
    is_int(likes->liked[1].number, 0, "the other");
}


/* As many as there can be live, all of them with the longest names. */

static void
test_bound(void)
{
    size_t      size;
    void       *memory;
    uint32_t    i;
    recs_out_t  out;

    recs_visit_init(&known);

    for (i = 0; i < RECS_VISIT_TOUCHES; i++) {
        touch(i, 1, UINT16_MAX, RECS_SEEN_VIEWED | RECS_SEEN_WISHED);
    }

    known.events = UINT32_MAX;
    known.first_ms = known.last_ms = INT64_MAX;
    query.limit = RECS_LIMIT_MAX;

    is_int(recs_profile(&view, &query, scratch, &profile), RECS_OK, "many");
    is_int(profile.categories.count, CATEGORIES, "categories");

    size = recs_profile_size(&view, &query, scratch, &profile);
    memory = malloc(size);
    recs_out_init(&out, memory, size);
    recs_profile_json(&view, &query, scratch, &profile, &out);

    ok(!out.overflow, "the bound is one");
    ok((size_t) (out.pos - (uint8_t *) memory) * 3 > size, "and no idle one");

    free(memory);
}


int
main(void)
{
    shop();

    is_int(recs_profile(&view, &query, scratch, &profile), RECS_DECLINED,
           "nobody");

    query.known = &known;
    test_likes();
    test_bound();

    free(scratch);
    shop_destroy(s);

    return done_testing();
}
