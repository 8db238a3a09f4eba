/*
 * Copyright (C) recs authors
 *
 * Every model on data that leaves nothing to compute, or too much of one
 * thing, and what must hold of every list: finite, in order, of listed
 * items, the same for any number of threads.
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/table.h"


#define ONCE  4000              /* items seen once; t/degenerate.t has more */


static int
finite_entry(recs_list_e which, const uint8_t *p)
{
    recs_format_ranked_t    r;
    recs_format_related_t   n;
    recs_format_together_t  t;
    recs_format_upgrade_t   u;

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
    case RECS_LIST_UP_SELL:
    case RECS_LIST_COMPLEMENTARY:
        memcpy(&n, p, sizeof(n));
        return isfinite(n.weight);

    case RECS_LIST_UPGRADE:
        memcpy(&u, p, sizeof(u));
        return u.affinity > 0 && u.affinity <= 100 && u.confidence > 0
               && u.confidence <= 1 && u.days >= 0 && isfinite(u.days);

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
           && (a->offsets[a->rows] == 0
               || !memcmp(a->entries, b->entries,
                          a->offsets[a->rows]
                          * recs_format_lists[which].size));
}


/* A fusion of all that the list has, but of fusion itself. */

static const char *
fusion_of_all(recs_list_e list, char *text, size_t size)
{
    int                  n;
    size_t               len;
    const recs_model_t  *m;

    len = 0;
    n = 0;

    for (m = recs_models; m->name && n < 8; m++) {
        if (m->list == list && strcmp(m->name, "fusion") != 0) {
            len += snprintf(text + len, size - len, "%s:%d ", m->name, ++n);
        }
    }

    return text;
}


static void
check_models(const data_t *t, recs_config_t *c, const char *name)
{
    int                  good, same;
    recs_error_t         err;
    recs_model_list_t    one, two;
    const recs_model_t  *m;

    good = 1;
    same = 1;

    for (m = recs_models; m->name; m++) {
        memset(&one, 0, sizeof(one));
        memset(&two, 0, sizeof(two));

        c->threads = 1;
        good &= m->build(&t->d, c, &one, &err) == RECS_OK;
        c->threads = 2;
        good &= m->build(&t->d, c, &two, &err) == RECS_OK;

        if (one.offsets == NULL || two.offsets == NULL) {
            printf("# %s: %s\n", m->name, err.text);
            good = 0;
            continue;
        }

        if (!good_list(t, m->list, &one)) {
            printf("# %s of %s\n", m->name, recs_format_lists[m->list].name);
            good = 0;
        }

        if (!same_list(m->list, &one, &two)) {
            printf("# %s of %s\n", m->name, recs_format_lists[m->list].name);
            same = 0;
        }

        recs_model_free(&one);
        recs_model_free(&two);
    }

    ok(good, "%s: good lists", name);
    ok(same, "%s: the same by two threads", name);
}


static int
good_personal(const data_t *t, const recs_personal_t *p)
{
    uint32_t  n;
    uint64_t  k;

    for (n = 0; n < p->count; n++) {

        if (p->offsets[n + 1] < p->offsets[n]
            || p->offsets[n + 1] - p->offsets[n] > RECS_PERSONAL_ENTRIES
            || (n && memcmp(p->identities + (n - 1) * RECS_IDENTITY_SIZE,
                            p->identities + n * RECS_IDENTITY_SIZE,
                            RECS_IDENTITY_SIZE) >= 0))
        {
            return 0;
        }

        for (k = p->offsets[n]; k < p->offsets[n + 1]; k++) {
            if (p->entries[k].item >= t->d.items
                || !t->d.products[p->entries[k].item].listed
                || !isfinite(p->entries[k].weight))
            {
                return 0;
            }
        }
    }

    return 1;
}


static void
check_personal(const data_t *t, recs_config_t *c, const char *name)
{
    int                           good;
    recs_error_t                  err;
    recs_personal_t               one, two;
    const recs_personal_model_t  *m;

    good = 1;

    for (m = recs_personal_models; m->name; m++) {
        memset(&one, 0, sizeof(one));
        memset(&two, 0, sizeof(two));

        c->threads = 1;
        good &= m->build(&t->d, c, &one, &err) == RECS_OK;
        c->threads = 2;
        good &= m->build(&t->d, c, &two, &err) == RECS_OK;

        if (!good || !good_personal(t, &one) || one.count != two.count
            || (one.count
                && memcmp(one.entries, two.entries, one.offsets[one.count]
                          * sizeof(recs_format_related_t))))
        {
            printf("# %s\n", m->name);
            good = 0;
        }

        recs_personal_free(&one);
        recs_personal_free(&two);
    }

    ok(good, "%s: good lists of users", name);
}


static void
check_sessions(const data_t *t, const recs_config_t *c, const char *name)
{
    int               good;
    float            *intervals;
    uint32_t          i;
    recs_error_t      err;
    recs_sessions_t   s;

    good = recs_model_sessions(&t->d, c, &s, &err) == RECS_OK;
    intervals = recs_model_intervals(&t->d);

    for (i = 0; good && i < t->d.items; i++) {
        good = isfinite(s.idf[i]) && s.idf[i] >= 0 && isfinite(intervals[i])
               && intervals[i] >= 0
               && s.postings.offsets[i + 1] - s.postings.offsets[i]
                  <= (uint64_t) c->postings_max;
    }

    for (i = 0; good && i < s.items.rows; i++) {
        good = s.items.offsets[i + 1] - s.items.offsets[i] <= 200
               && (i == 0 || s.time[i] >= s.time[i - 1]);
    }

    ok(good, "%s: good sessions", name);

    free(intervals);
    recs_sessions_free(&s);
}


/* With the budgets of a small machine, and with nothing that regularises. */

static void
check(data_t *t, const char *name)
{
    char           related[256], next[256], hard[128];
    uint8_t        key[RECS_IDENTITY_SIZE];
    uint32_t       u;
    recs_config_t  c;

    memset(key, 0, sizeof(key));

    if (t->d.users == NULL) {
        t->d.users = recs_keys16_create();

        for (u = 0; u < t->users; u++) {
            memcpy(key, &u, sizeof(u));
            recs_keys16_add(t->d.users, key);
        }
    }

    recs_config_init(&c);
    c.related_fusion = fusion_of_all(RECS_LIST_RELATED, related,
                                     sizeof(related));
    c.next_fusion = fusion_of_all(RECS_LIST_NEXT, next, sizeof(next));
    c.als_iterations = 3;
    c.memory_budget = .003;

    check_models(t, &c, name);
    check_personal(t, &c, name);
    check_sessions(t, &c, name);

    snprintf(hard, sizeof(hard), "%s, hard", name);

    c.related_weights = 1;
    c.knn_shrink = 0;
    c.ridge = .01;
    c.item_power = 1;
    c.user_power = 1;
    c.bm25_b = 1;
    c.together_min_count = 1;
    c.together_min_lift = 0;
    c.basket_neighbours = 0;
    c.sessions_max = 1;
    c.postings_max = 1;

    check_models(t, &c, hard);
    check_personal(t, &c, hard);
    check_sessions(t, &c, hard);
}


static void
done(data_t *t)
{
    recs_keys16_destroy(t->d.users);
    data_destroy(t);
}


static void
test_little(void)
{
    data_t  *t;

    t = data_create(0, 0);
    data_finish(t);
    check(t, "nothing");
    done(t);

    t = data_create(3, 2);
    data_finish(t);
    check(t, "products without events");
    done(t);

    t = data_create(1, 0);
    data_buy(t, DATA_START, 0, 0, 0, 1);
    data_finish(t);
    check(t, "one user, one item");
    done(t);

    t = data_create(2, 1);
    data_buy(t, DATA_START, 0, 0, 0, -5);
    data_line(t, DATA_START, RECS_EVENT_PRODUCT_VIEW, 1, DATA_NONE,
              DATA_NONE);
    data_finish(t);
    check(t, "a refund of nothing, a view of nobody");
    done(t);
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
    done(t);
}


static void
test_one(void)
{
    data_t    *t;
    uint32_t   i;

    t = data_create(1000, 0);

    for (i = 0; i < 100000; i++) {
        data_line(t, DATA_START + i, RECS_EVENT_PRODUCT_VIEW,
                  (i * 7919) % 1000, 0, 0);
    }

    data_finish(t);
    check(t, "100,000 events of one user");
    done(t);

    t = data_create(1, 0);

    for (i = 0; i < 5000; i++) {
        data_buy(t, DATA_START + i * 3600, 0, i % 100, i, 1);
    }

    data_finish(t);
    check(t, "one item");
    done(t);

    t = data_create(50, 0);

    for (i = 0; i < 5000; i++) {
        data_buy(t, DATA_START + i * 3600, 49, i % 100, i / 3, 1);
    }

    data_finish(t);
    check(t, "one item of fifty");
    done(t);
}


/* One who has everything, and others who have a little of it. */

static void
test_everything(void)
{
    data_t    *t;
    uint32_t   i, k;

    t = data_create(100, 0);

    for (k = 0; k < 3; k++) {
        for (i = 0; i < 100; i++) {
            data_buy(t, DATA_START + k * DATA_DAY + i, i, 0, k * 50, 1);
        }

        for (i = 1; i < 40; i++) {
            data_buy(t, DATA_START + k * DATA_DAY + 100 + i, i % 7, i,
                     k * 50 + i, 1);
            data_line(t, DATA_START + k * DATA_DAY + 100 + i,
                      RECS_EVENT_PRODUCT_VIEW, i % 7 + 1, i, k * 50 + i);
        }
    }

    data_finish(t);
    check(t, "one who has everything");
    done(t);
}


static void
test_kind(const char *name, unsigned type, uint32_t users)
{
    data_t    *t;
    uint32_t   i, user;

    t = data_create(60, 0);

    for (i = 0; i < 3000; i++) {
        user = users ? i / 5 % users : DATA_NONE;

        if (type == RECS_EVENT_PURCHASE) {
            data_buy(t, DATA_START + i * 600, (i * i) % 60, user, i / 5, 1);

        } else {
            data_line(t, DATA_START + i * 600, type, (i * i) % 60, user,
                      i / 5);
        }
    }

    data_finish(t);
    check(t, name);
    done(t);
}


/* Each item once: in sessions of ten, and each by somebody else. */

static void
test_once(uint32_t together, const char *name)
{
    data_t    *t;
    uint32_t   i;

    t = data_create(ONCE, 0);

    for (i = 0; i < ONCE; i++) {
        data_line(t, DATA_START + i * 60, RECS_EVENT_PRODUCT_VIEW, i,
                  i / together, i / together);
    }

    data_finish(t);
    check(t, name);
    done(t);
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
    done(t);
}


int
main(void)
{
    test_little();
    test_equal();
    test_one();
    test_everything();
    test_kind("only views", RECS_EVENT_PRODUCT_VIEW, 30);
    test_kind("only carts", RECS_EVENT_ADD_TO_CART, 30);
    test_kind("only purchases", RECS_EVENT_PURCHASE, 30);
    test_kind("nobody identified, views", RECS_EVENT_PRODUCT_VIEW, 0);
    test_kind("nobody identified, purchases", RECS_EVENT_PURCHASE, 0);
    test_once(10, "items seen once, ten a session");
    test_once(1, "items seen once, each alone");
    test_clock();

    return done_testing();
}
