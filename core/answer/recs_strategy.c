/*
 * Copyright (C) recs authors
 */

#include "recs_generate.h"
#include "recs_home.h"
#include "recs_upgrade.h"


#define RECS_NO_LIST  RECS_LIST_MAX


const recs_strategy_t  recs_strategies[RECS_STRATEGY_MAX] = {

    { recs_string("PERSONALIZED"),
      recs_string("personalized"),
      recs_string("item-knn-history"),
      recs_generate_personalized,
      recs_string("BECAUSE_YOU_VIEWED"),
      recs_string("Because of what you looked at"),
      RECS_DEPENDS_USER|RECS_DEPENDS_SESSION, 0, 15,
      RECS_LIST_RELATED,
      { RECS_TRENDING, RECS_BESTSELLERS, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("SIMILAR_PRODUCTS"),
      recs_string("similar"),
      recs_string("five-factors"),
      recs_generate_similar,
      recs_string("SIMILAR"),
      recs_string("Similar to this product"),
      RECS_DEPENDS_ITEM, RECS_NEEDS_A_PRODUCT, 30,
      RECS_LIST_SIMILAR,
      { RECS_FREQUENTLY_BOUGHT_TOGETHER, RECS_BESTSELLERS,
        RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("FREQUENTLY_BOUGHT_TOGETHER"),
      recs_string("frequently-bought-together"),
      recs_string("smoothed-confidence"),
      recs_generate_together,
      recs_string("BOUGHT_TOGETHER"),
      recs_string("Often bought together with this product"),
      RECS_DEPENDS_ITEM, RECS_NEEDS_PRODUCT_OR_CART, 30,
      RECS_LIST_TOGETHER,
      { RECS_BESTSELLERS, RECS_SIMILAR_PRODUCTS, RECS_CATALOGUE },
      0, NULL, NULL },

    { recs_string("TRENDING"),
      recs_string("trending"),
      recs_string("decayed-velocity-eb05"),
      recs_generate_ranked,
      recs_string("TRENDING"),
      recs_string("Trending now"),
      0, 0, 30,
      RECS_LIST_TRENDING,
      { RECS_BESTSELLERS, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("RECENTLY_VIEWED"),
      recs_string("recently-viewed"),
      recs_string("base-level-activation"),
      recs_generate_recent,
      recs_string("RECENTLY_VIEWED"),
      recs_string("You looked at this lately"),
      RECS_DEPENDS_USER|RECS_DEPENDS_SESSION, 0, 5,
      RECS_NO_LIST,
      { RECS_TRENDING, RECS_BESTSELLERS, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("TOP_RATED"),
      recs_string("top-rated"),
      recs_string("dirichlet-lower-bound"),
      recs_generate_ranked,
      recs_string("TOP_RATED"),
      recs_string("Rated best by customers"),
      0, 0, 15,
      RECS_LIST_TOP_RATED,
      { RECS_BESTSELLERS, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("BESTSELLERS"),
      recs_string("bestsellers"),
      recs_string("decayed-units"),
      recs_generate_ranked,
      recs_string("BESTSELLER"),
      recs_string("Bought most"),
      0, 0, 15,
      RECS_LIST_BESTSELLERS,
      { RECS_TRENDING, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("SEASONAL"),
      recs_string("seasonal"),
      recs_string("seasonal-index"),
      recs_generate_seasonal,
      recs_string("SEASONAL"),
      recs_string("In season now"),
      RECS_DEPENDS_DATE, 0, 15,
      RECS_LIST_SEASONAL,
      { RECS_TRENDING, RECS_BESTSELLERS, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("PRICE_DROP"),
      recs_string("price-drop"),
      recs_string("thirty-day-reference"),
      recs_generate_ranked,
      recs_string("PRICE_DROP"),
      recs_string("The price has dropped"),
      0, 0, 15,
      RECS_LIST_PRICE_DROP,
      { RECS_TRENDING, RECS_BESTSELLERS, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("NEW_ARRIVALS"),
      recs_string("new-arrivals"),
      recs_string("age-decayed"),
      recs_generate_ranked,
      recs_string("NEW"),
      recs_string("New in the shop"),
      0, 0, 15,
      RECS_LIST_NEW_ARRIVALS,
      { RECS_TRENDING, RECS_BESTSELLERS, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("CATEGORY_TRENDING"),
      recs_string("category-trending"),
      recs_string("decayed-velocity-eb05"),
      recs_generate_ranked,
      recs_string("TRENDING_IN_CATEGORY"),
      recs_string("Trending in this category"),
      0, RECS_NEEDS_A_CATEGORY, 30,
      RECS_LIST_TRENDING,
      { RECS_BESTSELLERS, RECS_TRENDING, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("SESSION"),
      recs_string("session"),
      recs_string("session-knn"),
      recs_generate_session,
      recs_string("BECAUSE_OF_THIS_SESSION"),
      recs_string("Because of what you are looking at now"),
      RECS_DEPENDS_USER|RECS_DEPENDS_SESSION, 0, 5,
      RECS_LIST_NEXT,
      { RECS_PERSONALIZED, RECS_TRENDING, RECS_BESTSELLERS,
        RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("BUY_AGAIN"),
      recs_string("buy-again"),
      recs_string("tifuknn-returns"),
      recs_generate_buy_again,
      recs_string("BUY_AGAIN"),
      recs_string("Likely in your next order"),
      RECS_DEPENDS_USER|RECS_DEPENDS_SESSION, 0, 15,
      RECS_NO_LIST,
      { RECS_PERSONALIZED, RECS_BESTSELLERS, RECS_TRENDING,
        RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("CROSS_SELL"),
      recs_string("cross-sell"),
      recs_string("complements-by-margin"),
      recs_generate_cross_sell,
      recs_string("GOES_WITH"),
      recs_string("Goes with what you chose"),
      RECS_DEPENDS_ITEM, RECS_NEEDS_PRODUCT_OR_CART, 30,
      RECS_LIST_TOGETHER,
      { RECS_FREQUENTLY_BOUGHT_TOGETHER, RECS_BESTSELLERS,
        RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("UP_SELL"),
      recs_string("up-sell"),
      recs_string("dearer-bought-after-view"),
      recs_generate_up_sell,
      recs_string("STEP_UP"),
      recs_string("A step up from this product"),
      RECS_DEPENDS_ITEM|RECS_DEPENDS_USER|RECS_DEPENDS_SESSION,
      RECS_NEEDS_A_PRODUCT, 15,
      RECS_LIST_UP_SELL,
      { RECS_SIMILAR_PRODUCTS, RECS_BESTSELLERS, RECS_CATALOGUE },
      0, NULL, NULL },

    { recs_string("UPGRADE_PATH"),
      recs_string("upgrade-path"),
      recs_string("ladder-affinity"),
      recs_generate_upgrade,
      recs_string("UPGRADE"),
      recs_string("The next step up"),
      RECS_DEPENDS_ITEM|RECS_DEPENDS_USER|RECS_DEPENDS_SESSION
      |RECS_DEPENDS_DATE,
      RECS_MAY_HAVE_A_PRODUCT, 15,
      RECS_LIST_UPGRADE,
      { RECS_PERSONALIZED, RECS_BESTSELLERS, RECS_CATALOGUE },
      RECS_UPGRADE_LIMIT, NULL, recs_upgrade_put },

    { recs_string("COMPLEMENTARY"),
      recs_string("complementary"),
      recs_string("bought-later"),
      recs_generate_complementary,
      recs_string("BOUGHT_LATER"),
      recs_string("Often bought by who has bought this"),
      RECS_DEPENDS_ITEM|RECS_DEPENDS_USER|RECS_DEPENDS_SESSION,
      RECS_MAY_HAVE_A_PRODUCT, 15,
      RECS_LIST_COMPLEMENTARY,
      { RECS_PERSONALIZED, RECS_BESTSELLERS, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("SOCIAL_PROOF"),
      recs_string("social-proof"),
      recs_string("segment-neighbours"),
      recs_generate_social,
      recs_string("PEOPLE_LIKE_YOU"),
      recs_string("People like you bought this"),
      RECS_DEPENDS_USER|RECS_DEPENDS_SESSION, 0, 15,
      RECS_LIST_SEGMENT,
      { RECS_BESTSELLERS, RECS_TRENDING, RECS_CATALOGUE }, 0, NULL, NULL },

    { recs_string("HOME"),
      recs_string("home"),
      recs_string("rails-by-visitor"),
      recs_generate_catalogue,
      recs_string("HOME"),
      recs_string("Chosen for your visit"),
      RECS_DEPENDS_USER|RECS_DEPENDS_SESSION|RECS_DEPENDS_DATE, 0, 5,
      RECS_NO_LIST,
      { RECS_CATALOGUE },
      0, recs_home, NULL },

    { recs_string("CATALOGUE"),
      recs_null_string,
      recs_string("popularity"),
      recs_generate_catalogue,
      recs_string("POPULAR"),
      recs_string("Popular in the shop"),
      0, 0, 15,
      RECS_NO_LIST,
      { RECS_CATALOGUE }, 0, NULL, NULL },
};


unsigned
recs_strategy_find(const recs_str_t *name)
{
    size_t              i;
    uint8_t             c;
    unsigned            n;
    const recs_str_t   *row;

    for (n = 0; n < RECS_CATALOGUE; n++) {
        row = &recs_strategies[n].name;

        if (row->len != name->len) {
            continue;
        }

        for (i = 0; i < row->len; i++) {
            c = name->data[i];

            if (c >= 'a' && c <= 'z') {
                c &= ~0x20;
            }

            if (c != row->data[i]) {
                break;
            }
        }

        if (i == row->len) {
            return n;
        }
    }

    return RECS_STRATEGY_MAX;
}


unsigned
recs_strategy_find_path(const recs_str_t *path)
{
    unsigned           n;
    const recs_str_t  *row;

    for (n = 0; n < RECS_CATALOGUE; n++) {
        row = &recs_strategies[n].path;

        if (recs_str_equal(row, path)) {
            return n;
        }
    }

    return RECS_STRATEGY_MAX;
}
