/*
 * Copyright (C) recs authors
 */

#include "../../core/event/recs_event_type.h"
#include "../../core/event/recs_fold.h"
#include "tap.h"


static int
code(const char *name)
{
    recs_str_t                s;
    const recs_event_type_t  *type;

    s.data = (const uint8_t *) name;
    s.len = strlen(name);

    type = recs_event_type_find(&s);

    return type ? type->code : -1;
}


/* The names that acceptance asks for, and what shops and trackers say. */

static const struct {
    const char  *name;
    int          code;

} names[] = {
    { "PAGE_VIEW", 1 }, { "PRODUCT_VIEW", 3 }, { "CATEGORY_VIEW", 4 },
    { "BRAND_VIEW", 5 }, { "SEARCH", 12 }, { "FILTER_USE", 14 },
    { "SORT_USE", 15 }, { "PAGINATION", 16 }, { "ADD_TO_CART", 20 },
    { "REMOVE_FROM_CART", 21 }, { "ADD_TO_WISHLIST", 26 },
    { "REMOVE_FROM_WISHLIST", 27 }, { "CHECKOUT_START", 40 },
    { "CHECKOUT_STEP", 41 }, { "CHECKOUT_COMPLETE", 44 },
    { "PRODUCT_CLICK", 7 }, { "PRODUCT_SHARE", 11 },
    { "REVIEW_SUBMITTED", 60 }, { "COUPON_APPLIED", 50 },

    { "PURCHASE", 45 }, { "WISHLIST_ADD", 26 }, { "REVIEW", 60 },
    { "RATING", 61 }, { "EMAIL_OPEN", 80 }, { "PUSH_NOTIFICATION", 83 },
    { "LOGIN", 90 }, { "LOGOUT", 91 }, { "CATEGORY_BROWSE", 4 },
    { "BRAND_BROWSE", 5 }, { "FILTER_APPLIED", 14 },
    { "RECOMMENDATION_VIEW", 70 }, { "BUNDLE_VIEW", 73 },
    { "CART_ABANDONMENT", 24 },

    { "PRODUCT_UPDATE", 100 }, { "USER_UPDATE", 101 }, { "USER_ERASE", 102 },
    { "CUSTOM", 255 },

    { "product_view", 3 }, { "Product Viewed", 3 }, { "productviewed", 3 },
    { "view_item", 3 }, { "detail-page-view", 3 }, { "$pageview", 1 },
    { "Order Completed", 45 }, { "transaction", 45 }, { "addtocart", 20 },
    { "viewedObjectIDs", 3 }, { "purchasedObjectIDsAfterSearch", 45 },
    { "checkout_address_info_submitted", 41 },

    { "no_such_thing", 255 },
    { "a name that is far longer than any of the names that we know", 255 },
    { "", -1 }, { " -_", -1 }
};


static void
test_feedback(void)
{
    ok(recs_event_feedback(recs_event_type(3), 0) == 1, "a view");
    ok(recs_event_feedback(recs_event_type(3), 1000) == 1, "is no rating");
    ok(recs_event_feedback(recs_event_type(61), 4500) == 3, "4.5 stars");
    ok(recs_event_feedback(recs_event_type(61), 1000) == -4, "one star");
    ok(recs_event_feedback(recs_event_type(61), 0) == 0, "no star");
    ok(recs_event_feedback(recs_event_type(60), 5000) == 3, "a good review");
    ok(recs_event_feedback(recs_event_type(60), 1000) == -3, "a bad one");
    ok(recs_event_feedback(recs_event_type(60), 0) == 3, "one that is mute");

    ok(recs_event_type_counts(recs_event_type(6)), "a signal counts");
    ok(recs_event_type_counts(recs_event_type(8)), "a weight counts");
    ok(!recs_event_type_counts(recs_event_type(90)), "a login does not");
}


int
main(void)
{
    size_t                    i, len;
    unsigned                  n, wrong, unordered, ambiguous;
    recs_str_t                s;
    char                      folded[RECS_FOLD_MAX];
    const char *const        *alias;
    const recs_event_type_t  *type;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        is_int(code(names[i].name), names[i].code, "\"%s\"", names[i].name);
    }

    unordered = 0;
    ambiguous = 0;

    for (type = recs_event_types, n = 0; type->name; type++, n++) {

        unordered += (n && type[-1].code >= type->code);
        ambiguous += code(type->name) != type->code;

        for (alias = type->aliases; alias && *alias; alias++) {
            s.data = (const uint8_t *) *alias;
            s.len = strlen(*alias);
            len = recs_fold(&s, folded);

            if (code(*alias) != type->code || len == RECS_FOLD_MAX) {
                printf("# %s\n", *alias);
                ambiguous++;
            }
        }
    }

    ok(n >= 60, "%u types", n);
    is_int(unordered, 0, "sorted by code");
    is_int(ambiguous, 0, "every name and alias leads to its own type");

    for (i = 0, wrong = 0; i < 300; i++) {
        type = recs_event_type((unsigned) i);

        if (type) {
            wrong += type->code != i;
            n--;
        }
    }

    ok(wrong == 0 && n == 0, "by code");

    ok(recs_event_type(24)->needs & RECS_SERVER_ONLY, "from servers only");
    ok(recs_event_type(44)->signal & RECS_SIGNAL_PURCHASE,
       "a finished checkout is a purchase");
    ok(!(recs_event_type(45)->needs & RECS_NEEDS_ORDER),
       "a purchase may have no order");

    test_feedback();

    return done_testing();
}
