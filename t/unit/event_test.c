/*
 * Copyright (C) recs authors
 */

#include "../../core/event/recs_event.h"
#include "../../core/event/recs_event_type.h"
#include "tap.h"


#define NOT  INT64_MIN           /* refused */


static recs_event_t  e;


/* Sets fields "name=value;name=value" and returns why the event is bad. */

static const char *
event(const char *fields)
{
    int          rc;
    recs_str_t   name, value;
    const char  *p, *err;

    recs_event_init(&e);
    err = "";

    for (p = fields; *p; p += (*p == ';')) {
        name.data = (const uint8_t *) p;
        name.len = strcspn(p, "=");
        p += name.len + 1;

        value.data = (const uint8_t *) p;
        value.len = strcspn(p, ";");
        p += value.len;

        rc = recs_event_set(&e, &name, &value, &err);

        if (rc != RECS_OK) {
            return (rc == RECS_DECLINED) ? "declined" : err;
        }
    }

    return (recs_event_check(&e, &err) == RECS_OK) ? "" : err;
}


#define event_is(fields, want)                                                \
    is_str(event(fields), strlen(event(fields)), want, "\"%s\"", fields)


static const struct {
    const char  *text;
    int64_t      ms;

} times[] = {
    { "1970-01-01T00:00:00Z", 0 },
    { "2024-05-24T12:30:45Z", 1716553845000 },
    { "2024-05-24T12:30:45.5Z", 1716553845500 },
    { "2024-05-24T12:30:45.123456789Z", 1716553845123 },
    { "2024-05-24T14:30:45+02:00", 1716553845000 },
    { "2024-05-24t07:00:45-0530", 1716553845000 },
    { "2024-05-24 12:30:45", 1716553845000 },
    { "2019-10-01 00:00:00 UTC", 1569888000000 },
    { "2010-12-01 08:26", 1291191960000 },
    { "2024-02-29", 1709164800000 },
    { "2000-02-29", 951782400000 },
    { "2000-03-01", 951868800000 },
    { "1969-12-31T23:59:59.999Z", -1 },
    { "9999-12-31T23:59:59.999Z", 253402300799999 },
    { "2016-12-31T23:59:60Z", 1483228800000 },
    { "0", 0 },
    { "1716553845", 1716553845000 },
    { "1716553845.25", 1716553845250 },
    { "1716553845123", 1716553845123 },
    { "1716553845123456", 1716553845123 },
    { "1716553845123456789", 1716553845123 },
    { "2023-02-29", NOT }, { "1900-02-29", NOT }, { "2024-13-01", NOT },
    { "2024-00-10", NOT }, { "2024-04-31", NOT }, { "2024-05-24T24:00", NOT },
    { "2024-05-24T12:60", NOT }, { "2024-05-24T12", NOT },
    { "2024-05-24T12:30:45.Z", NOT }, { "2024-05-24T12:30:45+2", NOT },
    { "2024-05-24T12:30:45X", NOT }, { "2024-05-24x", NOT },
    { "2024-05-2", NOT }, { "0000-01-01", NOT }, { "", NOT }, { "now", NOT },
    { "9223372036854775808", NOT }, { "1e9", NOT }, { "12:30", NOT }
};


static const struct {
    const char  *text;
    int64_t      micro;

} decimals[] = {
    { "0", 0 }, { "-0", 0 }, { "1", 1000000 }, { "19.99", 19990000 },
    { "-11062.06", -11062060000 }, { "0.000001", 1 }, { "0.0000005", 1 },
    { "0.0000004999999", 0 }, { "-0.0000005", -1 }, { "0.30000000000000004",
    300000 }, { "12.3499999999", 12350000 }, { "1e3", 1000000000 },
    { "1.5E-3", 1500 }, { "1e-7", 0 }, { "5e-7", 1 }, { "0e999", 0 },
    { "00012", 12000000 }, { "999999999999.999999", 999999999999999999 },
    { "9223372036854.775", 9223372036854775000 },
    { "9999999999999", NOT }, { "1e14", NOT }, { "1e4000", NOT },
    { "1e99999999999", NOT }, { "", NOT }, { "-", NOT }, { ".5", NOT },
    { "5.", NOT }, { "1,5", NOT }, { "+1", NOT }, { " 1", NOT },
    { "1 ", NOT }, { "1e", NOT }, { "1e+", NOT }, { "0x10", NOT },
    { "NaN", NOT }, { "--1", NOT }, { "1.2.3", NOT }
};


static void
test_numbers(void)
{
    size_t      i;
    int64_t     n;
    recs_str_t  s;

    for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        s = str(times[i].text);
        n = NOT;

        if (recs_parse_time(&s, &n) != RECS_OK) {
            n = NOT;
        }

        is_int(n, times[i].ms, "time \"%s\"", times[i].text);
    }

    for (i = 0; i < sizeof(decimals) / sizeof(decimals[0]); i++) {
        s = str(decimals[i].text);
        n = NOT;

        if (recs_parse_micro(&s, &n) != RECS_OK) {
            n = NOT;
        }

        is_int(n, decimals[i].micro, "decimal \"%s\"", decimals[i].text);
    }
}


/* Every day of 800 years, by counting. */

static void
test_calendar(void)
{
    int         i, year, month, day, days, wrong;
    char        text[32];
    int64_t     ms, want;
    recs_str_t  s;

    wrong = 0;
    want = -11676096000000;      /* 1600-01-01 */

    for (year = 1600; year < 2400; year++) {
        for (month = 1; month <= 12; month++) {

            days = (month == 2)
                   ? 28 + ((year % 4 == 0 && year % 100) || year % 400 == 0)
                   : 30 + ((month + (month > 7)) & 1);

            for (day = 1; day <= 32; day++) {
                i = snprintf(text, sizeof(text), "%04d-%02d-%02d", year,
                             month, day);
                s.data = (uint8_t *) text;
                s.len = i;

                if (day > days) {
                    wrong += recs_parse_time(&s, &ms) == RECS_OK;
                    continue;
                }

                wrong += recs_parse_time(&s, &ms) != RECS_OK || ms != want;
                want += 86400000;
            }
        }
    }

    is_int(wrong, 0, "800 years, day by day");
}


static void
test_set(void)
{
    event_is("activityType=PRODUCT_VIEW;userId=u1;productId=p1;price=19.99;"
             "quantity=2;position=3;timestamp=1716553845", "");

    is_int(e.type, RECS_EVENT_PRODUCT_VIEW, "type");
    is_int(e.class, RECS_CLASS_ACTIVITY, "class");
    is_int(e.time_ms, 1716553845000, "time");
    is_str(e.user_id.data, e.user_id.len, "u1", "user");
    is_int(e.item_count, 1, "one item");
    is_str(e.items[0].product.data, e.items[0].product.len, "p1", "product");
    is_int(e.items[0].price, 19990000, "price");
    is_int(e.items[0].quantity, 2000000, "quantity");
    is_int(e.position, 3, "position");
    is_int(e.items[0].position, 3, "position of the item");

    event_is("event=view_item;USER ID=u1;item_id=p1", "");
    is_int(e.type, RECS_EVENT_PRODUCT_VIEW, "aliases");
    is_int(e.items[0].quantity, RECS_MICRO, "quantity that is not there");
    ok(e.items[0].price == RECS_NO_MONEY, "price that is not there");
    ok(e.value == RECS_NO_MONEY, "value that is not there");

    event_is("productId=p1;sku=s1;userId=u;type=track;event=Order Completed",
             "");
    is_str(e.items[0].product.data, e.items[0].product.len, "p1",
           "an alias does not replace");
    is_int(e.type, 45, "but for what is CUSTOM");

    event_is("activityType=entered a maze;userId=u", "");
    is_int(e.type, RECS_EVENT_CUSTOM, "unknown types are CUSTOM");
    is_str(e.name.data, e.name.len, "entered a maze", "and keep the name");

    event_is("type=PRODUCT_VIEW;userId=u;entityType=product;entityId=p9", "");
    is_str(e.items[0].product.data, e.items[0].product.len, "p9",
           "an entity is the product");

    event_is("type=CATEGORY_VIEW;userId=u;entityType=category;entityId=c9",
             "");
    is_str(e.category.data, e.category.len, "c9", "or the category");

    event_is("type=BRAND_VIEW;userId=u;entityId=b9", "");
    is_str(e.brand.data, e.brand.len, "b9", "or what the type needs");

    event_is("type=PAGE_VIEW;userId=u;pageUrl=https://s.test/p?m=a@b#c;"
             "userAgent=Mozilla (iPhone) Safari/604;scrollDepth=130", "");
    is_str(e.page_url.data, e.page_url.len, "https://s.test/p", "URL");
    is_int(e.device, RECS_DEVICE_MOBILE, "device");
    is_str(e.browser.data, e.browser.len, "safari", "browser");
    is_int(e.scroll, 100, "scrolled past the end");

    event_is("type=PAGE_VIEW;userId=u;deviceType=tv;userAgent=iPhone", "");
    is_int(e.device, RECS_DEVICE_TV, "what is said comes first");

    event_is("type=PAGE_VIEW;userId=u;consent=granted", "");
    is_int(e.consent, RECS_CONSENT_GRANTED, "consent");

    event_is("type=PRODUCT_UPDATE;productId=p", "");
    is_int(e.class, RECS_CLASS_PRODUCT, "a catalogue row");

    event_is("type=PURCHASE;productId=p;userId=u;price=-11062.06", "");
    event_is("type=PURCHASE;productId=p;userId=u;price=0", "");
    event_is("type=PURCHASE;productId=p;orderId=o", "");
    event_is("type=PRODUCT_VIEW;productId=p;consent=denied", "");
    event_is("type=USER_ERASE;userId=u", "");
    is_int(e.class, RECS_CLASS_ERASE, "who is to be forgotten");
    event_is("type=USER_ERASE;sessionId=s", "");
    event_is("type=RATING;productId=p;userId=u;rating=4.5", "");
    is_int(e.rating, 4500, "stars");
}


/* The quick look-up of names that are written as they are in the tables. */

static void
test_names(void)
{
    char                       folded[32];
    size_t                     i;
    unsigned                   wrong, alias;
    recs_str_t                 name, other;
    const recs_event_field_t  *f, *a, *b;
    const recs_event_field_t  *tables[] = {
        recs_event_fields, recs_event_item_fields
    };

    wrong = 0;

    for (i = 0; i < 2; i++) {
        for (f = tables[i]; f->name; f++) {
            snprintf(folded, sizeof(folded), "_%s", f->name);

            name.data = (const uint8_t *) f->name;
            name.len = strlen(f->name);
            other.data = (const uint8_t *) folded;
            other.len = name.len + 1;

            a = recs_event_field(&name, &alias);
            wrong += alias;
            b = recs_event_field(&other, &alias);
            wrong += alias || a != b || a == NULL;
        }
    }

    is_int(wrong, 0, "a name is found as it is, or folded");
}


static void
test_refused(void)
{
    event_is("userId=u;productId=p", "activityType is missing");
    event_is("type=PRODUCT_VIEW;userId=u", "productId is missing");
    event_is("type=PRODUCT_VIEW;productId=p",
             "userId, anonymousId, sessionId or orderId is missing");
    event_is("type=SEARCH;userId=u", "query is missing");
    event_is("type=CATEGORY_VIEW;userId=u", "categoryId is missing");
    event_is("type=BRAND_VIEW;userId=u", "brand is missing");
    event_is("type=REFUND;userId=u", "orderId is missing");
    event_is("type=RATING;productId=p;userId=u", "rating is missing");
    event_is("type=USER_UPDATE;sessionId=s", "userId is missing");
    event_is("type=USER_ERASE;anonymousId=a",
             "userId or sessionId is missing");
    event_is("type=RATING;productId=p;userId=u;rating=5.1",
             "rating is out of range");
    event_is("type=RATING;productId=p;userId=u;rating=-1", "is negative");
    event_is("type=PURCHASE;productId=p;userId=u;price=1000000000000",
             "price is out of range");
    event_is("type=PURCHASE;productId=p;userId=u;price=cheap",
             "is not a number");
    event_is("type=PURCHASE;productId=p;userId=u;quantity=0",
             "quantity is out of range");
    event_is("type=PURCHASE;productId=p;userId=u;quantity=-1",
             "quantity is out of range");
    event_is("type=PURCHASE;productId=p;userId=u;quantity=1000000001",
             "quantity is out of range");
    event_is("type=PAGE_VIEW;userId=u;position=10001",
             "position is out of range");
    event_is("type=PAGE_VIEW;userId=u;timestamp=yesterday", "is not a time");
    event_is("type=PAGE_VIEW;userId=u;consent=perhaps",
             "is not granted, denied or unknown");
    event_is("type=PRODUCT_VIEW;userId=u;productId=a\tb",
             "a string has a control character");
    event_is("type=PRODUCT_VIEW;userId=u;productId=a\xff",
             "a string is not valid UTF-8");
    event_is("type=SEARCH;userId=u;query=\xc0\xaf",
             "a string is not valid UTF-8");
    event_is("colour=red", "declined");
    event_is("metadata={}", "declined");
}


static void
test_lengths(void)
{
    int          rc;
    char         text[2000];
    recs_str_t   name, value;
    const char  *err;

    memset(text, 'x', sizeof(text));
    value.data = (uint8_t *) text;
    name = str("productId");

    recs_event_init(&e);
    value.len = 255;
    is_int(recs_event_set(&e, &name, &value, &err), RECS_OK, "255 bytes");

    value.len = 256;
    rc = recs_event_set(&e, &name, &value, &err);
    is_int(rc, RECS_ERROR, "256 bytes");
    is_str(err, strlen(err), "is too long", "are too long");

    name = str("query");
    memcpy(text + 1022, "\xe2\x82\xac", 3);
    value.len = sizeof(text);
    is_int(recs_event_set(&e, &name, &value, &err), RECS_OK, "a long query");
    is_int(e.query.len, 1022, "is cut before a character");
}


int
main(void)
{
    test_numbers();
    test_calendar();
    test_set();
    test_names();
    test_refused();
    test_lengths();

    return done_testing();
}
