/*
 * Copyright (C) recs authors
 *
 * Events by hand, for the tests of what the builder makes of them.
 */

#ifndef _RECS_TEST_SHOP_H_INCLUDED_
#define _RECS_TEST_SHOP_H_INCLUDED_


#include <stdlib.h>

#include "builder/data/dataset.h"
#include "core/event/recs_event_type.h"
#include "tap.h"


#define SHOP_REFUND       46
#define SHOP_CANCEL       48
#define SHOP_REVIEW       60
#define SHOP_RATING       61
#define SHOP_WISH         26
#define SHOP_UNCART       21
#define SHOP_DISMISS      72
#define SHOP_LIST_VIEW    6
#define SHOP_LOGIN        90
#define SHOP_DAY          ((int64_t) 86400 * 1000)
#define SHOP_NOW          ((int64_t) 20000 * SHOP_DAY)


static recs_config_t    shop_config;
static recs_error_t     shop_error;
static recs_dataset_t  *shop;


static inline recs_str_t
shop_str(const char *text)
{
    recs_str_t  s;

    s.len = strlen(text);
    s.data = (const uint8_t *) text;

    return s;
}


static inline void
shop_open(void)
{
    memset(&shop_config, 0, sizeof(recs_config_t));

    shop_config.shop = "";
    shop_config.threads = 2;
    shop_config.half_life_days = 45;
    shop_config.now_ms = SHOP_NOW;
    shop_error.text[0] = '\0';

    shop = recs_dataset_create(&shop_config);
}


static inline void
shop_finish(void)
{
    ok(recs_dataset_finish(shop, &shop_error) == RECS_OK, "finished%s",
       shop_error.text);
}


static inline void
shop_close(void)
{
    recs_dataset_destroy(shop);
    shop = NULL;
}


static inline void
shop_name(recs_identity_t *identity, char kind, const char *name)
{
    size_t  len;

    memset(identity, 0, sizeof(recs_identity_t));

    if (name) {
        len = strlen(name);
        identity->bytes[0] = (uint8_t) kind;
        memcpy(identity->bytes + 1, name,
               recs_min(len, RECS_IDENTITY_SIZE - 1));
    }
}


/* A verified event days before now; names may be NULL. */

static inline void
shop_event(recs_event_t *e, uint8_t type, double days, const char *user,
    const char *session)
{
    recs_event_init(e);

    e->class = RECS_CLASS_ACTIVITY;
    e->type = type;
    e->verified = 1;
    e->time_ms = SHOP_NOW - (int64_t) (days * SHOP_DAY);

    shop_name(&e->user, 'u', user);
    shop_name(&e->session, 's', session);
}


static inline recs_event_item_t *
shop_item(recs_event_t *e, const char *product, double price,
    double quantity)
{
    recs_event_item_t  *item;

    item = &e->items[e->item_count++];
    recs_event_item_init(item);

    item->product = shop_str(product);
    item->quantity = (int64_t) (quantity * RECS_MICRO);

    if (price) {
        item->price = (int64_t) (price * RECS_MICRO
                                 + (price < 0 ? -0.5 : 0.5));
    }

    return item;
}


static inline void
shop_add(const recs_event_t *e)
{
    if (recs_dataset_add(shop, e, &shop_error) != RECS_OK) {
        ok(0, "add: %s", shop_error.text);
    }
}


/* One product, one line. */

static inline void
shop_do(uint8_t type, double days, const char *user, const char *session,
    const char *product)
{
    static recs_event_t  e;

    shop_event(&e, type, days, user, session);
    shop_item(&e, product, 0, 1);
    shop_add(&e);
}


static inline void
shop_buy(double days, const char *user, const char *order,
    const char *product, double price, double quantity)
{
    static recs_event_t  e;

    shop_event(&e, RECS_EVENT_PURCHASE, days, user, NULL);
    e.order = shop_str(order);
    shop_item(&e, product, price, quantity);
    shop_add(&e);
}


static inline void
shop_product(const char *json)
{
    static recs_event_t  e;

    recs_event_init(&e);

    e.class = RECS_CLASS_PRODUCT;
    e.document = shop_str(json);
    shop_add(&e);
}


static inline uint32_t
shop_number(const char *id)
{
    uint32_t  i;

    for (i = 0; i < shop->items; i++) {
        if (shop->products[i].id.len == strlen(id)
            && memcmp(shop->products[i].id.data, id, strlen(id)) == 0)
        {
            return i;
        }
    }

    return RECS_NO_ITEM;
}


/* The ids of some items, by blanks. */

static inline const char *
shop_ids(const uint32_t *items, uint64_t n)
{
    size_t           used;
    uint64_t         i;
    recs_product_t  *p;

    static char  text[512];

    text[0] = '\0';

    for (i = 0, used = 0; i < n && used < sizeof(text); i++) {
        p = &shop->products[items[i]];
        used += (size_t) snprintf(text + used, sizeof(text) - used,
                                  "%s%.*s", i ? " " : "", (int) p->id.len,
                                  p->id.data);
    }

    return text;
}


#endif /* _RECS_TEST_SHOP_H_INCLUDED_ */
