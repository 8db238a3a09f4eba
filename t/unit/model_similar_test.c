/*
 * Copyright (C) recs authors
 */

#include "model_data.h"
#include "tap.h"

#include "builder/model/factors.h"
#include "core/recs_hash.h"


#define NAME   0x1111
#define SIZE   0x2222


static void
title(data_t *t, uint32_t item, const char *text)
{
    t->d.products[item].title.data = (const uint8_t *) text;
    t->d.products[item].title.len = strlen(text);
}


/*
 * 16 items: 0-3 in 1, 4-7 in 2 (both under 0), 8-15 in 3.  Information
 * content: of 0 ln 2, of 1 and 2 ln 4, of 3 ln 2.
 */

static data_t *
similar_data(void)
{
    uint32_t  i;
    data_t   *t;

    t = data_create(16, 4);

    data_category(t, 0, RECS_NONE);
    data_category(t, 1, 0);
    data_category(t, 2, 0);
    data_category(t, 3, RECS_NONE);

    for (i = 0; i < 16; i++) {
        t->d.products[i].category = i < 4 ? 1 : i < 8 ? 2 : 3;
    }

    t->d.brands = 2;

    return t;
}


static void
test_category(void)
{
    data_t          *t;
    recs_factors_t   f;

    t = similar_data();
    t->d.products[15].category = RECS_NONE;
    t->d.products[14].category = 0;
    recs_factors_init(&f, &t->d);

    is_near(recs_factor_category(&f, 0, 1), 1, 0, "one category");
    is_near(recs_factor_category(&f, 0, 8), 0, 0, "no common one");
    ok(recs_factor_category(&f, 0, 15) < 0, "not known");

    /* 15 items have one: 4 under 1, 9 under 0 */

    is_near(recs_factor_category(&f, 0, 4),
            2 * log(15 / 9.0) / (2 * log(15 / 4.0)), 1e-6, "siblings");
    is_near(recs_factor_category(&f, 0, 14),
            2 * log(15 / 9.0) / (log(15 / 4.0) + log(15 / 9.0)), 1e-6,
            "parent and child");
    is_near(recs_factor_category(&f, 14, 0),
            recs_factor_category(&f, 0, 14), 0, "both ways");

    recs_factors_free(&f);
    data_destroy(t);
}


static void
test_price(void)
{
    uint32_t         i;
    data_t          *t;
    recs_factors_t   f;

    t = similar_data();

    /* category 3: ln of prices e^0 .. e^7, median 3.5, MAD 2 */

    for (i = 8; i < 16; i++) {
        t->d.products[i].price = RECS_MICRO * exp(i - 8.0);
    }

    t->d.products[0].price = 0;
    t->d.products[1].price = 5 * RECS_MICRO;
    t->d.products[2].price = 5 * RECS_MICRO;
    t->d.products[2].currency = 1;
    recs_factors_init(&f, &t->d);

    is_near(recs_factor_price(&f, 8, 9), exp(-1 / (2 * 1.4826)), 1e-5,
            "Laplace kernel");
    is_near(recs_factor_price(&f, 9, 9), 1, 0, "the same price");
    ok(recs_factor_price(&f, 0, 8) < 0, "no price is no price");
    ok(recs_factor_price(&f, 1, 2) < 0, "another currency");
    ok(recs_factor_price(&f, 3, 8) < 0, "not known");

    recs_factors_free(&f);
    data_destroy(t);
}


static void
test_spec(void)
{
    uint32_t           i;
    data_t            *t;
    recs_spec_t        s;
    recs_attribute_t   a[4][2];

    /* two names: a word of two values, half and half, and a size 1..4 */

    t = similar_data();

    for (i = 0; i < 4; i++) {
        a[i][0].name = NAME;
        a[i][0].value = i % 2;
        a[i][0].number = NAN;
        a[i][1].name = SIZE;
        a[i][1].value = 100 + i;
        a[i][1].number = i + 1;
        t->d.products[i].attributes = a[i];
        t->d.products[i].attribute_count = 2;
    }

    recs_spec_init(&s, &t->d);

    /* entropy ln 2 and ln 4, the same coverage; MAD of 1..4 is 1 */

    is_near(recs_spec_compare(&s, 0, 2),
            (log(2) * 1 + log(4) * exp(-2 / 1.4826)) / (log(2) + log(4)),
            1e-6, "the same word, sizes 1 and 3");
    is_near(recs_spec_compare(&s, 0, 1),
            (log(4) * exp(-1 / 1.4826)) / (log(2) + log(4)),
            1e-6, "another word, sizes 1 and 2");
    is_near(recs_spec_compare(&s, 3, 3), 1, 1e-9, "itself");
    ok(recs_spec_compare(&s, 0, 9) < 0, "nothing in common");

    recs_spec_free(&s);
    data_destroy(t);
}


static void
test_titles(void)
{
    data_t         *t;
    double          blue, bag, red;
    recs_titles_t   w;

    t = similar_data();
    title(t, 0, "Red  BAG");
    title(t, 1, "blue bag, bag");
    title(t, 2, "Bag");
    recs_titles_init(&w, &t->d);

    bag = log1p(16 / 3.0);
    red = log1p(16);
    blue = red;

    is_near(recs_titles_compare(&w, 0, 1), bag / (bag + red + blue), 1e-6,
            "one of three words");
    is_near(recs_titles_compare(&w, 0, 2), bag / (bag + red), 1e-6,
            "one of two");
    ok(recs_titles_compare(&w, 0, 3) < 0, "no title");

    recs_titles_free(&w);
    data_destroy(t);
}


static void
test_model(const recs_config_t *c)
{
    int                           good;
    data_t                       *t;
    uint32_t                      k;
    recs_model_list_t             list;
    const recs_format_similar_t  *e;

    t = similar_data();
    t->d.products[0].brand = 0;
    t->d.products[1].brand = 1;
    t->d.products[2].brand = 0;
    t->d.products[3].listed = 0;
    data_finish(t);

    list = data_model(t, c, "similar");
    e = list.entries;

    is_int(list.rows, 16, "a row an item");
    is_int(data_count(&list, 0), 6, "listed ones of the parent");
    is_int(e[0].item, 2, "same category and brand first");
    is_int(e[0].observed, 3, "category and brand can be compared");
    is_int(e[0].factors[0], 255, "category 1");
    is_int(e[0].factors[1], 255, "brand 1");

    /* 4-7 are only known by category: .5 of 1; 1 has .4 of .55 */

    is_int(e[1].item, 1, "another brand next");
    is_int(e[2].item, 4, "then siblings, by number");
    is_int(e[2].factors[0], 128, "Lin: 2 ln 2 / 2 ln 4");

    for (k = 0, good = 1; k < list.offsets[16]; k++) {
        good &= e[k].item != 3;
    }

    ok(good, "what is not listed is nobody's neighbour");
    ok(data_count(&list, 3) > 0, "but has some");

    recs_model_free(&list);
    data_destroy(t);
}


/* Nothing is known but who viewed what. */

static void
test_behaviour(const recs_config_t *c)
{
    data_t                       *t;
    uint32_t                      k, s;
    recs_model_list_t             list;
    const recs_format_similar_t  *e;

    t = data_create(6, 0);

    for (s = 0; s < 300; s++) {
        k = s % 3;
        data_line(t, DATA_START + s, RECS_EVENT_PRODUCT_VIEW, k, DATA_NONE,
                  s);
        data_line(t, DATA_START + s, RECS_EVENT_PRODUCT_VIEW,
                  s % 10 ? k + 3 : (k + 1) % 3, DATA_NONE, s);
    }

    data_finish(t);
    list = data_model(t, c, "similar");
    e = list.entries;

    is_int(e[list.offsets[0]].item, 3, "0 is viewed with 3");
    is_int(e[list.offsets[4]].item, 1, "4 with 1");
    is_int(e[0].observed, 16, "by behaviour alone");
    ok(e[0].factors[4] > e[1].factors[4], "a stronger neighbour");

    recs_model_free(&list);
    data_destroy(t);
}


int
main(void)
{
    recs_config_t  c;

    recs_config_init(&c);

    test_category();
    test_price();
    test_spec();
    test_titles();
    test_model(&c);
    test_behaviour(&c);

    return done_testing();
}
