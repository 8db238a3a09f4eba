/*
 * Copyright (C) recs authors
 *
 * Every model on data that leaves nothing to compute, and what must hold of
 * every list: finite, in order, of listed items, the same for any number of
 * threads.
 */

#include "model_data.h"
#include "tap.h"


static int
finite_entry(recs_list_e which, const uint8_t *p)
{
    recs_format_ranked_t    r;
    recs_format_related_t   n;
    recs_format_together_t  t;

    switch (which) {

    case RECS_LIST_SIMILAR:
        return 1;

    case RECS_LIST_TOGETHER:
        memcpy(&t, p, sizeof(t));
        return isfinite(t.score) && isfinite(t.lift) && isfinite(t.bound)
               && t.score > 0 && t.score <= 1 && t.confidence <= 1;

    case RECS_LIST_RELATED:
    case RECS_LIST_NEXT:
    case RECS_LIST_WALK:
    case RECS_LIST_VIEW_BUY:
    case RECS_LIST_CART_BUY:
        memcpy(&n, p, sizeof(n));
        return isfinite(n.weight);

    default:
        memcpy(&r, p, sizeof(r));
        return isfinite(r.value) && r.score > 0 && r.score <= 1
               && r.confidence >= 0 && r.confidence <= 1;
    }
}


static int
good_list(const data_t *t, recs_list_e which, const recs_model_list_t *list)
{
    size_t          size;
    uint32_t        item, row;
    uint64_t        k;
    const uint8_t  *p;

    size = recs_format_lists[which].size;

    for (row = 0; row < list->rows; row++) {

        if (list->offsets[row + 1] < list->offsets[row]) {
            return 0;
        }

        for (k = list->offsets[row]; k < list->offsets[row + 1]; k++) {
            p = (const uint8_t *) list->entries + k * size;
            memcpy(&item, p, sizeof(item));

            if (item >= t->d.items || !t->d.products[item].listed
                || !finite_entry(which, p))
            {
                return 0;
            }
        }
    }

    return list->offsets[0] == 0;
}


static int
same_list(recs_list_e which, const recs_model_list_t *a,
    const recs_model_list_t *b)
{
    return a->rows == b->rows
           && !memcmp(a->offsets, b->offsets,
                      (a->rows + 1) * sizeof(uint64_t))
           && !memcmp(a->entries, b->entries,
                      a->offsets[a->rows] * recs_format_lists[which].size);
}


static void
check(const data_t *t, const char *name)
{
    int                  good, same;
    recs_config_t        c;
    recs_error_t         err;
    recs_model_list_t    one, two;
    const recs_model_t  *m;

    recs_config_init(&c);
    c.related_fusion = "cosine:1 rp3:.5";
    c.next_fusion = "slist:1 sr:.5";
    good = 1;
    same = 1;

    for (m = recs_models; m->name; m++) {
        memset(&one, 0, sizeof(one));
        memset(&two, 0, sizeof(two));

        c.threads = 1;
        good &= m->build(&t->d, &c, &one, &err) == RECS_OK;
        c.threads = 2;
        good &= m->build(&t->d, &c, &two, &err) == RECS_OK;

        if (one.offsets == NULL || two.offsets == NULL) {
            printf("# %s: %s\n", m->name, err.text);
            good = 0;
            continue;
        }

        if (!good_list(t, m->list, &one)) {
            printf("# %s\n", m->name);
            good = 0;
        }

        if (!same_list(m->list, &one, &two)) {
            printf("# %s\n", m->name);
            same = 0;
        }

        recs_model_free(&one);
        recs_model_free(&two);
    }

    ok(good, "%s: good lists", name);
    ok(same, "%s: the same by two threads", name);
}


static void
test_little(void)
{
    data_t  *t;

    t = data_create(0, 0);
    data_finish(t);
    check(t, "nothing");
    data_destroy(t);

    t = data_create(3, 2);
    data_finish(t);
    check(t, "products without events");
    data_destroy(t);

    t = data_create(1, 0);
    data_buy(t, DATA_START, 0, 0, 0, 1);
    data_finish(t);
    check(t, "one event");
    data_destroy(t);

    t = data_create(2, 1);
    data_buy(t, DATA_START, 0, 0, 0, -5);
    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 1, DATA_NONE,
              DATA_NONE);
    data_finish(t);
    check(t, "a refund of nothing, a view of nobody");
    data_destroy(t);
}


static void
test_equal(void)
{
    data_t    *t;
    uint32_t   i;

    t = data_create(4, 2);
    data_category(t, 0, RECS_NONE);
    data_category(t, 1, 0);
    t->d.products[2].listed = 0;

    for (i = 0; i < 4; i++) {
        t->d.products[i].category = i % 2;
        t->d.products[i].price = i ? i % 3 : 0;
        t->d.products[i].list_price = RECS_MICRO;
        t->d.products[i].reference_price = i % 2 ? 0 : INT64_MAX;
        t->d.products[i].rating = i % 2 ? 65535 : 1;
        t->d.products[i].rating_count = UINT32_MAX;
        t->d.products[i].created_ms = i % 2 ? INT64_MAX : -5;
    }

    for (i = 0; i < 5000; i++) {
        data_buy(t, DATA_START, i % 4, i % 3, i % 50, i % 7);
    }

    data_finish(t);
    check(t, "all at one time");
    data_destroy(t);
}


static void
test_one(void)
{
    data_t    *t;
    uint32_t   i;

    t = data_create(3000, 0);

    for (i = 0; i < 100000; i++) {
        data_line(t, DATA_START + i, RECS_EVENT_PRODUCT_VIEW,
                  (i * 7919) % 3000, 0, 0);
    }

    data_finish(t);
    check(t, "100,000 events of one user");
    data_destroy(t);

    t = data_create(1, 0);

    for (i = 0; i < 5000; i++) {
        data_buy(t, DATA_START + i * 3600, 0, i % 100, i, 1);
    }

    data_finish(t);
    check(t, "one item");
    data_destroy(t);
}


static void
test_clock(void)
{
    data_t    *t;
    uint32_t   i;

    t = data_create(20, 0);

    for (i = 0; i < 2000; i++) {
        data_buy(t, i < 1000 ? i : UINT32_MAX - 3000 + i, i % 20, i % 90,
                 i / 5, 1e12);
    }

    data_finish(t);
    check(t, "from 1970 to 2106");

    t->d.now_ms = 0;
    check(t, "events of the future");

    t->d.now_ms = INT64_MAX;
    check(t, "long ago");
    data_destroy(t);
}


int
main(void)
{
    test_little();
    test_equal();
    test_one();
    test_clock();

    return done_testing();
}
