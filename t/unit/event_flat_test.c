/*
 * Copyright (C) recs authors
 *
 * The quick way and jansson's make the same events of the same texts: each
 * text is read as it is, and with a member that only jansson takes and nobody
 * looks at.  Texts are those of the list, changed at random.
 */

#include <stdlib.h>

#include "../../core/event/recs_event_flat.h"
#include "../../core/event/recs_event_json.h"
#include "../../core/event/recs_event_wire.h"
#include "tap.h"


#define ROUNDS   60000
#define ROOM     4096
#define OTHER    "\"~#\":{}"


static const char *const  texts[] = {
    "{\"activityType\":\"PRODUCT_VIEW\",\"sessionId\":\"9f2c\","
    "\"productId\":\"85123A\"}",
    "{\"type\":\"view_item\",\"timestamp\":1767225600000,\"userId\":17850,"
    "\"session_id\":\"s\",\"item_id\":\"p\",\"source\":\"search\","
    "\"query\":\"r\xc3\xa4uchermann \xf0\x9f\x8e\x84\",\"position\":3,"
    "\"duration\":42,\"page_url\":\"https://s.example/p?x=1\","
    "\"scrollDepth\":60.5,\"value\":-12.345678,\"rating\":4.5}",
    " { \"activityType\" : \"PURCHASE\" ,\t\"orderId\":\"536365\",\n"
    "\"value\":40.20,\"currency\":\"GBP\",\"items\":[ {\"productId\":"
    "\"85123A\",\"price\":2.95,\"quantity\":6} , {\"sku\":71053,"
    "\"unit_price\":\"3.75\",\"quantity\":0.5,\"index\":0}]}\r\n",
    "{\"event\":\"Product Added\",\"products\":[{\"productId\":\"a\"}],"
    "\"price\":1,\"quantity\":2,\"consent\":\"denied\",\"device\":\"tv\"}",
    "{\"activityType\":\"SEARCH\",\"query\":null,\"metadata\":{\"a\":[1]},"
    "\"consent\":true,\"context\":{\"sessionId\":\"x\"}}",
    "[{\"activityType\":\"LOGIN\",\"userId\":\"u\",\"anonymousId\":\"a\"},"
    "{\"activityType\":\"CUSTOM\",\"name\":\"x\",\"unknown\":[],\"t\":true},"
    "{},{\"type\":\"x\\u0041\",\"ip\":\"1.2.3.4\",\"userAgent\":\"iPhone\"}]",
    "[{\"activityType\":\"PRODUCT_UPDATE\",\"productId\":\"p\",\"stock\":3}]",
    "{\"ts\":1767225600.25,\"time\":\"2026-01-01T00:00:00Z\",\"type\":"
    "\"track\","
    "\"event\":\"Order Completed\",\"price\":999999999.999999,\"total\":1e3}",
    "[{\"type\":\"view\",\"sku\":\"a\",\"sessionId\":\"s\",\"source\":\"x\"},"
    "{\"type\":\"view\",\"sku\":\"b\",\"sessionId\":\"s\"},"
    "{\"type\":\"purchase\",\"sku\":\"c\",\"products\":[{\"sku\":\"d\"}],"
    "\"items\":[{\"sku\":\"e\",\"type\":1},{\"sku\":\"f\",\"qty\":2}],"
    "\"price\":3},"
    "{\"source\":\"y\",\"sku\":\"g\",\"type\":\"view\",\"sessionId\":\"s\"}]",
    "[{\"type\":\"view\",\"userId\":\"u\",\"sku\":\"a\",\"item_id\":\"b\"},"
    "{\"customer_id\":\"v\",\"userId\":\"w\",\"sku\":\"c\",\"type\":\"view\"},"
    "{\"type\":\"view\",\"userId\":\"u\",\"customer_id\":\"v\",\"sku\":\"d\"}]",
    "{\"a\":-0.5,\"value\":-0,\"rating\":00,\"price\":123456789012345678}"
};

static const char  bytes[] =
    "{}[]\",:\\ \t\n0123456789.-+eEtruefalsnl\"\":,{}ab\x01\x7f\x80\xc3\xa4";

static uint64_t       state;
static recs_event_t   one, two;
static uint8_t        wire[2][RECS_FRAME_MAX];

static recs_event_flat_t  flat;


static uint32_t
draw(uint32_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (state >> 33) % n;
}


static unsigned
same_str(const recs_str_t *a, const recs_str_t *b)
{
    return a->len == b->len
           && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}


/* A row of the catalogue is the event itself, with what was added to it. */

static unsigned
same_event(recs_event_t *a, recs_event_t *b)
{
    size_t  n;

    if (a->class == RECS_CLASS_PRODUCT) {
        b->document = a->document;
    }

    n = recs_event_encode(a, wire[0], RECS_FRAME_MAX);

    return n == recs_event_encode(b, wire[1], RECS_FRAME_MAX)
           && memcmp(wire[0], wire[1], n) == 0
           && same_str(&a->user_id, &b->user_id)
           && same_str(&a->session_id, &b->session_id)
           && same_str(&a->anonymous_id, &b->anonymous_id)
           && same_str(&a->entity_id, &b->entity_id)
           && same_str(&a->entity_type, &b->entity_type)
           && same_str(&a->address, &b->address);
}


/* The same text, only for jansson; 0: there is no place for that. */

static size_t
other_text(const uint8_t *text, size_t len, uint8_t *out)
{
    size_t  at, n;

    for (at = 0; at < len && strchr(" \t\r\n[", text[at]); at++) {
        /* void */
    }

    if (at == len || text[at] != '{' || text[at] == '\0') {
        return 0;
    }

    for (n = at + 1; n < len && strchr(" \t\r\n", text[n]); n++) {
        /* void */
    }

    memcpy(out, text, at + 1);
    memcpy(out + at + 1, OTHER ",", sizeof(OTHER));

    /* no comma before the end of an empty object */

    n = (n < len && text[n] == '}') ? sizeof(OTHER) - 1 : sizeof(OTHER);
    memcpy(out + at + 1 + n, text + at + 1, len - at - 1);

    return len + n;
}


/* Whether both are the same; *quick counts the texts that are plain. */

static unsigned
same_text(const uint8_t *text, size_t len, uint32_t *quick)
{
    int                 rc;
    size_t              n, count, others;
    uint8_t             other[ROOM + 16];
    unsigned            array, arrays, same;
    const char         *err, *field;
    recs_event_json_t  *a, *b;

    n = other_text(text, len, other);

    if (n == 0) {
        return 1;
    }

    *quick += recs_event_flat_open(&flat, text, len, &count, &array)
              == RECS_OK;
    recs_event_flat_close(&flat);

    a = recs_event_json_open(text, len, &count, &array, &err);
    b = recs_event_json_open(other, n, &others, &arrays, &err);

    same = (a != NULL) == (b != NULL);
    same &= a == NULL || (count == others && array == arrays);

    for (n = 0; a && b && same && n < count; n++) {
        rc = recs_event_json_get(a, n, &one, &field, &err);

        same = rc == recs_event_json_get(b, n, &two, &field, &err);
        same &= rc != RECS_OK || same_event(&one, &two);
    }

    /* backwards: out of turn, all is jansson's */

    while (a && b && same && n-- > 0) {
        rc = recs_event_json_get(a, n, &one, &field, &err);

        same = rc == recs_event_json_get(b, n, &two, &field, &err);
        same &= rc != RECS_OK || same_event(&one, &two);
    }

    if (a) {
        recs_event_json_close(a);
    }

    if (b) {
        recs_event_json_close(b);
    }

    return same;
}


static size_t
change(uint8_t *text, size_t len)
{
    size_t    at, n, to;
    uint32_t  times;

    for (times = 1 + draw(3); times && len > 8; times--) {
        at = draw((uint32_t) len);

        switch (draw(4)) {

        case 0:
            text[at] = (uint8_t) bytes[draw(sizeof(bytes) - 1)];
            break;

        case 1:
            memmove(text + at, text + at + 1, --len - at);
            break;

        case 2:
            memmove(text + at + 1, text + at, len++ - at);
            text[at] = (uint8_t) bytes[draw(sizeof(bytes) - 1)];
            break;

        default:
            n = draw((uint32_t) recs_min(len - at, 30));
            to = draw((uint32_t) len);
            memmove(text + to + n, text + to, len - to);
            memmove(text + to, text + (at > to ? at + n : at), n);
            len += n;
        }
    }

    return len;
}


/* A batch whose events have so many names between them. */

static size_t
many_names(uint8_t *text, uint32_t names)
{
    size_t    len;
    uint32_t  n;

    len = (size_t) sprintf((char *) text, "[");

    for (n = 0; n < names; n++) {
        len += (size_t) sprintf((char *) text + len,
                                "%s{\"%c%u\":1,\"q\":\"%u\"}", n ? "," : "",
                                'a' + n % 3, n, n);
    }

    return len + (size_t) sprintf((char *) text + len, "]");
}


int
main(void)
{
    size_t    len;
    uint8_t   text[ROOM];
    uint32_t  i, n, quick, wrong;

    state = getenv("SEED") ? strtoull(getenv("SEED"), NULL, 10) : 1;
    printf("# SEED=%llu\n", (unsigned long long) state);

    quick = 0;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        ok(same_text((const uint8_t *) texts[i], strlen(texts[i]), &quick),
           "text %u", i);
    }

    is_int(quick, 7, "seven of them are plain");

    for (n = RECS_FLAT_NAMES - 2; n <= RECS_FLAT_NAMES; n++) {
        quick = 0;
        len = many_names(text, n);

        ok(same_text(text, len, &quick), "a batch with %u names", n + 1);
        is_int(quick, n < RECS_FLAT_NAMES, "is%s plain",
               n < RECS_FLAT_NAMES ? "" : " not");
    }

    for (n = 0, quick = 0, wrong = 0; n < ROUNDS; n++) {
        i = draw(sizeof(texts) / sizeof(texts[0]));
        len = strlen(texts[i]);

        memcpy(text, texts[i], len);
        len = change(text, len);

        if (!same_text(text, len, &quick)) {

            if (wrong++ < 5) {
                printf("# differs: %.*s\n", (int) len, text);
            }
        }
    }

    is_int(wrong, 0, "%u changed texts are read alike", ROUNDS);
    ok(quick > ROUNDS / 50, "%u of them the quick way", quick);

    return done_testing();
}
