/*
 * Copyright (C) recs authors
 */

#include <stdlib.h>

#include "../../core/event/recs_event_json.h"
#include "../../core/event/recs_event_type.h"
#include "tap.h"


#define str_is(s, want, ...)  is_str((s).data, (s).len, want, __VA_ARGS__)

#define first_is(text, want, ...)                                             \
    do {                                                                      \
        const char  *why = first_len(text, sizeof(text) - 1);                 \
                                                                              \
        is_str(why, strlen(why), want, __VA_ARGS__);                          \
    } while (0)

#define VIEW  "{\"activityType\":\"PRODUCT_VIEW\",\"userId\":\"u\","


static recs_event_t        e;
static recs_event_json_t  *json;


/* The first event of a text into e; why it is bad. */

static const char *
first_len(const void *text, size_t len)
{
    size_t       count;
    unsigned     array;
    const char  *err, *field;

    static char  reason[200];

    if (json) {
        recs_event_json_close(json);
    }

    json = recs_event_json_open(text, len, &count, &array, &err);

    if (json == NULL) {
        return err;
    }

    if (recs_event_json_get(json, 0, &e, &field, &err) != RECS_OK) {
        snprintf(reason, sizeof(reason), "%s: %s", field ? field : "", err);
        return reason;
    }

    return (recs_event_check(&e, &err) == RECS_OK) ? "" : err;
}


/* reliability.md, 1.7: what is not an event, and why */

#define bad(text, why)  { text, sizeof(text) - 1, why }

static const struct {
    const char  *text;
    size_t       len;
    const char  *why;

} edges[] = {
    bad("", "ends too early"),
    bad("  ", "ends too early"),
    bad("null", "not valid JSON"),
    bad("[]", "empty array"),
    bad("{}", "activityType is missing"),
    bad("[null]", ": event is not an object"),
    bad("[1]", ": event is not an object"),
    bad("[[]]", ": event is not an object"),
    bad("\xef\xbb\xbf{}", "byte order mark"),
    bad("\xff\xfe{\0}\0", "NUL character"),
    bad("{\0}\0", "NUL character"),
    bad("{\"a\":1\0}", "NUL character"),
    bad("{}x", "something follows the end"),
    bad("{}{}", "something follows the end"),
    bad("{}\n{}", "something follows the end"),
    bad("{/* */}", "not valid JSON"),
    bad("{} // x", "something follows the end"),
    bad("{'a':1}", "not valid JSON"),
    bad("{\"a\":NaN}", "not valid JSON"),
    bad("{\"a\":Infinity}", "not valid JSON"),
    bad("{\"a\":1e400}", "number is out of range"),
    bad("{\"a\":-0}", "negative zero"),
    bad("{\"a\":[-0,1]}", "negative zero"),
    bad("{\"a\":01}", "not valid JSON"),
    bad("{\"a\":+1}", "not valid JSON"),
    bad("{\"a\":1.}", "not valid JSON"),
    bad("{\"a\":9223372036854775808}", "number is out of range"),
    bad("{\"a\":1,\"a\":1}", "duplicate key"),
    bad("{\"a\":{\"b\":1,\"b\":1}}", "duplicate key"),
    bad("{\"a\":\"\\u0000\"}", "NUL character in a string"),
    bad("{\"\\u0000\":1}", "NUL character in a string"),
    bad("{\"a\":\"\0\"}", "NUL character"),
    bad("{\"a\":\"\n\"}", "not valid JSON"),
    bad("{\"a\":\"\\ud800\"}", "not valid JSON"),
    bad("{\"a\":\"\\udc00\\ud800\"}", "not valid JSON"),
    bad("{\"a\":\"\xc0\xaf\"}", "not valid UTF-8"),
    bad("{\"a\":\"\xed\xa0\x80\"}", "not valid UTF-8"),
    bad("{\"a\":\"", "ends too early"),
    bad("{\"a\":\"\\", "not valid JSON"),
    bad("{\"a\"", "ends too early"),
    bad("[{}", "ends too early"),
    bad("{\"a\":1,}", "not valid JSON"),
    bad("{a:1}", "not valid JSON"),

    bad("{\"userId\":1.5}", "userId: is not a string"),
    bad("{\"userId\":true}", "userId: is not a string or number"),
    bad("{\"userId\":[\"u\"]}", "userId: is not a string or number"),
    bad("{\"price\":\"x\"}", "price: is not a number"),
    bad("{\"price\":{}}", "price: is not a string or number"),
    bad("{\"timestamp\":\"x\"}", "timestamp: is not a time"),
    bad("{\"position\":-1}", "position: is negative"),
    bad("{\"position\":9223372036854775807}", "position: is not a number"),
    bad("{\"metadata\":1}", "metadata: is not an object"),
    bad("{\"metadata\":\"{}\"}", "metadata: is not an object"),
    bad("{\"metadata\":[]}", "metadata: is not an object"),
    bad("{\"items\":{}}", "items: is not an array"),
    bad("{\"items\":[1]}", "items: has a line that is not an object"),
    bad("{\"items\":[{\"price\":true}]}", "items: is not a string or number"),
    bad(VIEW "\"items\":[{\"price\":1}]}", "an item has no productId"),
    bad(VIEW "\"productId\":\"\"}", "productId is missing"),
    bad(VIEW "\"productId\":\"a\\u0001\"}",
        "a string has a control character"),
};


static void
test_edges(void)
{
    size_t       i;
    const char  *why;

    for (i = 0; i < sizeof(edges) / sizeof(edges[0]); i++) {
        why = first_len(edges[i].text, edges[i].len);
        is_str(why, strlen(why), edges[i].why, "%.60s", edges[i].text);
    }
}


/* A text of n times "open" around "middle". */

static const char *
nested(const char *open, const char *middle, const char *close, size_t n)
{
    char        *text, *p;
    size_t       i;
    const char  *why;

    text = malloc(n * (strlen(open) + strlen(close)) + strlen(middle));

    for (i = 0, p = text; i < n; i++) {
        memcpy(p, open, strlen(open));
        p += strlen(open);
    }

    memcpy(p, middle, strlen(middle));
    p += strlen(middle);

    for (i = 0; i < n; i++) {
        memcpy(p, close, strlen(close));
        p += strlen(close);
    }

    why = first_len(text, p - text);

    free(text);

    return why;
}


#define nested_is(open, middle, close, n, want)                               \
    is_str(nested(open, middle, close, n),                                    \
           strlen(nested(open, middle, close, n)), want, "%d of %s", n, open)


static void
test_depth(void)
{
    nested_is("{\"a\":", "1", "}", 32, "activityType is missing");
    nested_is("{\"a\":", "1", "}", 33, "nested too deep");
    nested_is("[", "", "]", 33, "nested too deep");
    nested_is("[", "", "", 100000, "nested too deep");
    nested_is("{\"a\":", "", "", 100000, "nested too deep");
    nested_is("]", "", "", 100000, "not valid JSON");
    nested_is("{\"\":1,", "", "", 1, "ends too early");
    nested_is("[1", "", "]", 1, ": event is not an object");

    first_is(VIEW "\"productId\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
             "\\\"{{{{{-0\"}", "", "brackets in a string");
}


static void
test_batch(void)
{
    char        *text, *p;
    size_t       i, count;
    unsigned     array;
    const char  *err, *field;

    text = malloc(1001 * 3 + 2);
    p = text;
    *p++ = '[';

    for (i = 0; i < 1001; i++) {
        memcpy(p, "{},", 3);
        p += 3;
    }

    p[-1] = ']';

    ok(recs_event_json_open((uint8_t *) text, p - text, &count, &array, &err)
       == NULL, "1001 events");
    is_int(count, 1001, "are counted");

    memcpy(p - 4, "]  ", 3);
    recs_event_json_close(json);
    json = recs_event_json_open((uint8_t *) text, p - text - 1, &count,
                                &array, &err);
    ok(json != NULL, "1000 events");
    is_int(count, 1000, "are counted, too");
    is_int(array, 1, "and are an array");

    ok(json && recs_event_json_get(json, 1000, &e, &field, &err)
       == RECS_ERROR, "there is no 1001st");

    free(text);
}


static void
test_fields(void)
{
    first_is("{\"activityType\":\"PURCHASE\",\"timestamp\":1716553845123,"
             "\"sentAt\":\"2024-05-24T12:30:46Z\",\"userId\":17850,"
             "\"anonymousId\":\"a\",\"context\":{\"sessionId\":\"s\"},"
             "\"messageId\":\"m\",\"orderId\":536365,\"value\":15.3,"
             "\"currency\":\"GBP\",\"unknown\":[1,{}],"
             "\"items\":[{\"productId\":\"85123A\",\"price\":2.55,"
             "\"quantity\":6,\"position\":1},{\"item_id\":71053,"
             "\"price\":\"3.39\",\"variant\":\"red\",\"index\":0}],"
             "\"price\":1,\"rating\":null,\"duration\":12.7}", "",
             "a purchase");

    is_int(e.type, RECS_EVENT_PURCHASE, "type");
    is_int(e.time_ms, 1716553845123, "time");
    is_int(e.sent_ms, 1716553846000, "sent");
    str_is(e.user_id, "17850", "a number as an id");
    str_is(e.anonymous_id, "a", "anonymous");
    str_is(e.session_id, "s", "session of the context");
    str_is(e.message_id, "m", "message");
    str_is(e.order, "536365", "order");
    str_is(e.currency, "GBP", "currency");
    is_int(e.value, 15300000, "value");
    is_int(e.duration, 12, "duration");
    is_int(e.item_count, 2, "two items");
    str_is(e.items[0].product, "85123A", "product");
    is_int(e.items[0].price, 2550000, "price");
    is_int(e.items[0].quantity, 6000000, "quantity");
    is_int(e.items[0].position, 1, "position");
    str_is(e.items[1].product, "71053", "alias and number");
    is_int(e.items[1].price, 3390000, "price in a string");
    is_int(e.items[1].quantity, RECS_MICRO, "one where nothing is said");
    is_int(e.items[1].position, 1, "what counts from 0");
    str_is(e.items[1].variant, "red", "variant");

    first_is(VIEW "\"entityType\":\"product\",\"entityId\":\"p\","
             "\"price\":999999999999.99,\"quantity\":3,"
             "\"consent\":{\"ads\":true,\"analytics\":false}}", "", "a view");

    is_int(e.item_count, 1, "one item");
    str_is(e.items[0].product, "p", "from the entity");
    ok(e.items[0].price == 999999999999990000, "a large price");
    is_int(e.items[0].quantity, 3000000, "quantity of the event");
    is_int(e.consent, RECS_CONSENT_DENIED, "one consent is refused");

    first_is(VIEW "\"items\":[{\"productId\":\"p\"}],\"price\":0.1,"
             "\"productId\":\"q\",\"timestamp\":1716553845.25}", "",
             "one line");
    str_is(e.items[0].product, "p", "the line's product");
    is_int(e.items[0].price, 100000, "the event's price");
    is_int(e.time_ms, 1716553845250, "seconds with a fraction");

    first_is("{\"type\":\"track\",\"event\":\"entered a maze\","
             "\"timestamp\":1.716553845123e12,\"userId\":\"u\"}", "",
             "a custom event");
    is_int(e.type, RECS_EVENT_CUSTOM, "type");
    is_int(e.time_ms, 1716553845123, "time with an exponent");
}


static void
test_metadata(void)
{
    char  text[3000];

    first_is(VIEW "\"productId\":\"p\",\"metadata\":{\"a\": [1, 2.5],"
             "\"Email\":\"a@b\",\"first_name\":\"x\",\"cardNumber\":1,"
             "\"b\":{\"phone\":1,\"c\":[{\"password\":1}]},"
             "\"user_id\":\"u\"}}", "", "metadata");
    str_is(e.metadata, "{\"a\":[1,2.5],\"b\":{\"c\":[{}]}}",
           "without what names a person");

    first_is(VIEW "\"productId\":\"p\",\"metadata\":{}}", "",
             "empty metadata");
    is_int(e.metadata.len, 0, "is none");

    memset(text, 'x', sizeof(text));
    memcpy(text, VIEW "\"productId\":\"p\",\"metadata\":{\"a\":\"",
           sizeof(VIEW "\"productId\":\"p\",\"metadata\":{\"a\":\"") - 1);
    memcpy(text + 2200, "\"}}", 3);
    ok(*first_len(text, 2203) == '\0', "more than 2 KiB of it");
    is_int(e.metadata.len, 0, "is dropped");
}


int
main(void)
{
    test_edges();
    test_depth();
    test_batch();
    test_fields();
    test_metadata();

    if (json) {
        recs_event_json_close(json);
    }

    return done_testing();
}
