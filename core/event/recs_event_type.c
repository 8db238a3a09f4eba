/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_event_type.h"
#include "recs_fold.h"


#define recs_aliases(...)  (const char *const []) { __VA_ARGS__, NULL }


/*
 * Sorted by code.  The weight of RATING is per star above three, that of a
 * review for five stars (recs_event_feedback()).  A finished
 * checkout has the weight of a purchase, because some shops send nothing
 * else: the builder drops it where a PURCHASE carries the same order.
 */

const recs_event_type_t  recs_event_types[] = {

    { 1, "PAGE_VIEW", 0, 0, 0,
      recs_aliases("screen_view", "page", "screen", "page_viewed",
                   "$pageview") },

    { 2, "HOME_VIEW", 0, 0, 0,
      recs_aliases("home-page-view") },

    { 3, "PRODUCT_VIEW", RECS_SIGNAL_VIEW, RECS_NEEDS_PRODUCT, 1,
      recs_aliases("view", "view_item", "Product Viewed", "Viewed Product",
                   "detail-page-view", "read", "AddDetailView",
                   "viewedObjectIDs") },

    { 4, "CATEGORY_VIEW", 0, RECS_NEEDS_CATEGORY, 0.2f,
      recs_aliases("CATEGORY_BROWSE", "category-page-view",
                   "collection_viewed", "Viewed Product Category") },

    { 5, "BRAND_VIEW", 0, RECS_NEEDS_BRAND, 0.2f,
      recs_aliases("BRAND_BROWSE") },

    { 6, "PRODUCT_LIST_VIEW", RECS_SIGNAL_EXPOSURE, 0, 0,
      recs_aliases("view_item_list", "Product List Viewed", "list_view") },

    { 7, "PRODUCT_CLICK", RECS_SIGNAL_CLICK, RECS_NEEDS_PRODUCT, 1,
      recs_aliases("click", "select_item", "select_content",
                   "Product Clicked", "list_click", "clickedObjectIDs",
                   "clickedObjectIDsAfterSearch") },

    { 8, "PRODUCT_MEDIA_VIEW", 0, RECS_NEEDS_PRODUCT, 0.5f, NULL },

    { 9, "VARIANT_SELECT", 0, RECS_NEEDS_PRODUCT, 0.5f, NULL },

    { 10, "COMPARE_ADD", 0, RECS_NEEDS_PRODUCT, 1, NULL },

    { 11, "PRODUCT_SHARE", 0, RECS_NEEDS_PRODUCT, 2,
      recs_aliases("share", "Product Shared", "social") },

    { 12, "SEARCH", 0, RECS_NEEDS_QUERY, 0,
      recs_aliases("view_search_results", "Products Searched",
                   "search_submitted", "site_search") },

    { 13, "SUGGEST_CLICK", RECS_SIGNAL_CLICK, 0, 0.5f, NULL },

    { 14, "FILTER_USE", 0, 0, 0.1f,
      recs_aliases("FILTER_APPLIED", "Product List Filtered",
                   "clickedFilters") },

    { 15, "SORT_USE", 0, 0, 0, NULL },

    { 16, "PAGINATION", 0, 0, 0, NULL },

    { 20, "ADD_TO_CART", RECS_SIGNAL_CART, RECS_NEEDS_PRODUCT, 4,
      recs_aliases("cart", "addtocart", "Product Added", "Added Product",
                   "product_added_to_cart", "AddCartAddition",
                   "addedToCartObjectIDs",
                   "addedToCartObjectIDsAfterSearch") },

    { 21, "REMOVE_FROM_CART", RECS_SIGNAL_UNCART, RECS_NEEDS_PRODUCT, -2,
      recs_aliases("Product Removed", "product_removed_from_cart",
                   "DeleteCartAddition") },

    { 22, "CART_UPDATE", 0, RECS_NEEDS_PRODUCT, 0, NULL },

    { 23, "CART_VIEW", 0, 0, 0,
      recs_aliases("view_cart", "Cart Viewed", "shopping-cart-page-view") },

    { 24, "CART_ABANDONMENT", 0, RECS_SERVER_ONLY, 0, NULL },

    { 25, "CART_SHARE", 0, 0, 0,
      recs_aliases("Cart Shared") },

    { 26, "ADD_TO_WISHLIST", RECS_SIGNAL_WISH, RECS_NEEDS_PRODUCT, 3,
      recs_aliases("WISHLIST_ADD", "Product Added to Wishlist", "star",
                   "like", "AddBookmark") },

    { 27, "REMOVE_FROM_WISHLIST", RECS_SIGNAL_UNWISH, RECS_NEEDS_PRODUCT,
      -1.5f,
      recs_aliases("WISHLIST_REMOVE", "Product Removed from Wishlist",
                   "DeleteBookmark") },

    { 28, "WISHLIST_VIEW", 0, 0, 0, NULL },

    { 29, "WISHLIST_TO_CART", RECS_SIGNAL_CART, RECS_NEEDS_PRODUCT, 4,
      recs_aliases("Wishlist Product Added to Cart") },

    { 30, "PRICE_ALERT_SUBSCRIBE", 0, RECS_NEEDS_PRODUCT, 2, NULL },

    { 31, "STOCK_ALERT_SUBSCRIBE", 0, RECS_NEEDS_PRODUCT, 3, NULL },

    { 40, "CHECKOUT_START", 0, 0, 0,
      recs_aliases("begin_checkout", "Checkout Started") },

    { 41, "CHECKOUT_STEP", 0, 0, 0,
      recs_aliases("checkout_progress", "set_checkout_option",
                   "Checkout Step Viewed", "Checkout Step Completed",
                   "checkout_contact_info_submitted",
                   "checkout_address_info_submitted") },

    { 42, "SHIPPING_INFO", 0, 0, 0,
      recs_aliases("add_shipping_info",
                   "checkout_shipping_info_submitted") },

    { 43, "PAYMENT_INFO", 0, 0, 0,
      recs_aliases("add_payment_info", "Payment Info Entered",
                   "payment_info_submitted") },

    { 44, "CHECKOUT_COMPLETE", RECS_SIGNAL_PURCHASE, 0, 10,
      recs_aliases("checkout_completed") },

    { 45, "PURCHASE", RECS_SIGNAL_PURCHASE, RECS_NEEDS_PRODUCT, 10,
      recs_aliases("ecommerce_purchase", "Order Completed",
                   "Completed Order", "transaction", "purchase-complete",
                   "AddPurchase", "purchasedObjectIDs",
                   "purchasedObjectIDsAfterSearch") },

    { 46, "REFUND", RECS_SIGNAL_REFUND, RECS_NEEDS_ORDER, -10,
      recs_aliases("Order Refunded", "DeletePurchase") },

    { 47, "ORDER_UPDATE", 0, RECS_NEEDS_ORDER, 0,
      recs_aliases("Order Updated") },

    { 48, "ORDER_CANCEL", RECS_SIGNAL_REFUND, RECS_NEEDS_ORDER, -10,
      recs_aliases("Order Cancelled", "Order Canceled") },

    { 49, "PAYMENT_FAILED", 0, 0, 0,
      recs_aliases("exception", "alert_displayed", "trns_error") },

    { 50, "COUPON_APPLIED", 0, 0, 0,
      recs_aliases("Coupon Entered") },

    { 51, "COUPON_DENIED", 0, 0, 0, NULL },

    { 52, "COUPON_REMOVED", 0, 0, 0, NULL },

    { 53, "PROMOTION_VIEW", 0, 0, 0,
      recs_aliases("view_promotion", "Promotion Viewed", "promo_view") },

    { 54, "PROMOTION_CLICK", RECS_SIGNAL_CLICK, 0, 0.5f,
      recs_aliases("select_promotion", "Promotion Clicked",
                   "promo_click") },

    { 60, "REVIEW_SUBMITTED", RECS_SIGNAL_RATING, RECS_NEEDS_PRODUCT, 3,
      recs_aliases("REVIEW") },

    { 61, "RATING", RECS_SIGNAL_RATING,
      RECS_NEEDS_PRODUCT|RECS_NEEDS_RATING, 2,
      recs_aliases("rate", "AddRating", "Product Reviewed") },

    { 70, "RECOMMENDATION_VIEW", RECS_SIGNAL_EXPOSURE, 0, 0, NULL },

    { RECS_EVENT_RECOMMENDATION_CLICK, "RECOMMENDATION_CLICK",
      RECS_SIGNAL_CLICK, RECS_NEEDS_PRODUCT, 1.5f, NULL },

    { 72, "RECOMMENDATION_DISMISS", RECS_SIGNAL_DISMISS,
      RECS_NEEDS_PRODUCT, -4, NULL },

    { 73, "BUNDLE_VIEW", RECS_SIGNAL_EXPOSURE, 0, 0, NULL },

    { 74, "BUNDLE_ADD_TO_CART", RECS_SIGNAL_CART, RECS_NEEDS_PRODUCT, 4,
      NULL },

    { 80, "EMAIL_OPEN", 0, 0, 0,
      recs_aliases("Email Opened") },

    { 81, "EMAIL_CLICK", RECS_SIGNAL_CLICK, 0, 1,
      recs_aliases("Email Link Clicked") },

    { 82, "EMAIL_UNSUBSCRIBE", 0, 0, 0,
      recs_aliases("Unsubscribed") },

    { 83, "PUSH_NOTIFICATION", 0, 0, 0,
      recs_aliases("notification_receive", "notification_open",
                   "notification_dismiss", "Push Notification Received",
                   "Push Notification Tapped",
                   "Push Notification Bounced") },

    { 90, "LOGIN", 0, 0, 0,
      recs_aliases("Signed In", "identify", "MergeUsers") },

    { RECS_EVENT_LOGOUT, "LOGOUT", 0, 0, 0,
      recs_aliases("Signed Out") },

    { 92, "SIGN_UP", 0, 0, 0,
      recs_aliases("Signed Up") },

    { 93, "EXPERIMENT_VIEW", 0, 0, 0,
      recs_aliases("Experiment Viewed") },

    { 94, "CONSENT_UPDATE", 0, 0, 0,
      recs_aliases("consent", "visitorConsentCollected",
                   "analyticsConsentAccepted",
                   "analyticsConsentDeclined") },

    { RECS_EVENT_PRODUCT_UPDATE, "PRODUCT_UPDATE", 0,
      RECS_NEEDS_PRODUCT|RECS_SERVER_ONLY, 0, NULL },

    { RECS_EVENT_USER_UPDATE, "USER_UPDATE", 0, RECS_SERVER_ONLY, 0, NULL },

    { RECS_EVENT_USER_ERASE, "USER_ERASE", 0, RECS_SERVER_ONLY, 0, NULL },

    { RECS_EVENT_CUSTOM, "CUSTOM", 0, 0, 0, NULL },

    { 0, NULL, 0, 0, 0, NULL }
};


#define RECS_EVENT_TYPES                                                      \
    (sizeof(recs_event_types) / sizeof(recs_event_types[0]) - 1)


const recs_event_type_t *
recs_event_type(unsigned code)
{
    size_t  low, high, middle;

    /* most events are of the first ones, which have no gaps */

    if (code - 1 < RECS_EVENT_TYPES && recs_event_types[code - 1].code == code)
    {
        return &recs_event_types[code - 1];
    }

    low = 0;
    high = RECS_EVENT_TYPES;

    while (low < high) {
        middle = (low + high) / 2;

        if (recs_event_types[middle].code == code) {
            return &recs_event_types[middle];
        }

        if (recs_event_types[middle].code < code) {
            low = middle + 1;

        } else {
            high = middle;
        }
    }

    return NULL;
}


const recs_event_type_t *
recs_event_type_find(const recs_str_t *name)
{
    char                      folded[RECS_FOLD_MAX];
    size_t                    len;
    const recs_event_type_t  *t;

    /* as nearly everybody writes it */

    for (t = recs_event_types; name->len && t->name; t++) {
        if ((uint8_t) t->name[0] == name->data[0]
            && strlen(t->name) == name->len
            && memcmp(t->name, name->data, name->len) == 0)
        {
            return t;
        }
    }

    len = recs_fold(name, folded);

    if (len == 0) {
        return NULL;
    }

    if (len < RECS_FOLD_MAX) {

        for (t = recs_event_types; t->name; t++) {
            if (recs_fold_equal(folded, t->name)) {
                return t;
            }
        }

        for (t = recs_event_types; t->name; t++) {
            if (recs_fold_among(folded, t->aliases)) {
                return t;
            }
        }
    }

    return recs_event_type(RECS_EVENT_CUSTOM);
}


double
recs_event_feedback(const recs_event_type_t *type, int32_t rating)
{
    double  stars;

    if (!(type->signal & RECS_SIGNAL_RATING)) {
        return type->weight;
    }

    stars = rating / 1000.0 - 3;

    if (type->needs & RECS_NEEDS_RATING) {
        return rating ? type->weight * stars : 0;
    }

    return rating ? type->weight * stars / 2 : type->weight;
}
