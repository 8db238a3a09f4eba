/*
 * Copyright (C) recs authors
 */

#include <zlib.h>
#include <zstd.h>

#include "builder/source/input.h"
#include "t/unit/source.h"


#define TEST_VIEW(product)                                                   \
    "{\"activityType\":\"PRODUCT_VIEW\",\"timestamp\":1600000000000,"        \
    "\"userId\":\"u\",\"productId\":\"" product "\"}"

#define TEST_SEEN(product)  "3 " product " -1 1600000000 user\n"


static test_source_t  t;


static void
test_lines(void)
{
    char  text[] = "\xef\xbb\xbf" TEST_VIEW("a") "\r\n"
                   "\n  \t\n"
                   TEST_VIEW("b") "\n"
                   "not json\n"
                   "{\"activityType\":\"PRODUCT_VIEW\",\"timestamp\":1}\n"
                   TEST_VIEW("nul\0") "\n"
                   TEST_VIEW("\xff") "\n"
                   "[" TEST_VIEW("c") "," TEST_VIEW("d") "]\n"
                   TEST_VIEW("e");

    test_source_write(&t, "x.jsonl", text, sizeof(text) - 1);

    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_OK, "%s", t.err.text);
    is_str(t.log, strlen(t.log), TEST_SEEN("a") TEST_SEEN("b") TEST_SEEN("c")
           TEST_SEEN("d") TEST_SEEN("e"), "good lines in their order");
    is_int(t.source.stats.lines, 8, "lines");
    is_int(t.source.stats.events, 5, "events");
    is_int(t.source.stats.bad, 4, "bad");

    ok(strstr(test_source_bad(&t), "x.jsonl\",\"line\":5,") != NULL
       && strstr(test_source_bad(&t), "\"text\":\"not json\"") != NULL,
       "quarantined with line and text");
    ok(strstr(test_source_bad(&t), "\"line\":8,") != NULL, "the last one");
}


/* A line too long is cut out, wherever it stands. */

static void
test_long(void)
{
    char    *text;
    size_t   n;

    text = recs_alloc(5000000);

    n = (size_t) sprintf(text, "%s\n", TEST_VIEW("a"));
    memset(text + n, 'x', 3000000);
    n += 3000000;
    n += (size_t) sprintf(text + n, "\n%s\n", TEST_VIEW("b"));
    memset(text + n, 'y', 1048577);
    n += 1048577;

    test_source_write(&t, "x.jsonl", text, n);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_OK, "%s", t.err.text);
    is_str(t.log, strlen(t.log), TEST_SEEN("a") TEST_SEEN("b"),
           "what is around two lines too long");
    is_int(t.source.stats.bad, 2, "both are bad");
    ok(strlen(test_source_bad(&t)) < 3000, "and are cut in the quarantine");

    memset(text, ' ', 1048576);
    memcpy(text, TEST_VIEW("c"), sizeof(TEST_VIEW("c")) - 1);
    text[1048576] = '\n';
    test_source_write(&t, "x.jsonl", text, 1048577);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_OK, "%s", t.err.text);
    is_str(t.log, strlen(t.log), TEST_SEEN("c"), "a megabyte is not too long");

    free(text);
}


static size_t
test_gzip(const char *text, uint8_t *buf, size_t size)
{
    z_stream  z;

    memset(&z, 0, sizeof(z_stream));

    deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    z.next_in = (Bytef *) text;
    z.avail_in = (uInt) strlen(text);
    z.next_out = buf;
    z.avail_out = (uInt) size;
    deflate(&z, Z_FINISH);
    deflateEnd(&z);

    return size - z.avail_out;
}


static void
test_compressed(void)
{
    size_t   n, m;
    uint8_t  buf[4096];

    n = test_gzip(TEST_VIEW("a") "\n", buf, sizeof(buf));
    m = n + test_gzip(TEST_VIEW("b"), buf + n, sizeof(buf) - n);

    test_source_write(&t, "x.jsonl.gz", buf, m);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_OK, "%s", t.err.text);
    is_str(t.log, strlen(t.log), TEST_SEEN("a") TEST_SEEN("b"),
           "two members of gzip");

    test_source_write(&t, "x.jsonl.gz", buf, m - 9);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_ERROR, "%s",
           t.err.text);

    buf[12] ^= 0x55;
    buf[13] ^= 0x55;
    test_source_write(&t, "x.jsonl.gz", buf, m);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_ERROR, "%s",
           t.err.text);

    n = ZSTD_compress(buf, sizeof(buf), TEST_VIEW("a") "\n",
                      sizeof(TEST_VIEW("a") "\n") - 1, 3);
    m = n + ZSTD_compress(buf + n, sizeof(buf) - n, TEST_VIEW("b"),
                          sizeof(TEST_VIEW("b")) - 1, 3);

    test_source_write(&t, "plain", buf, m);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_OK, "%s", t.err.text);
    is_str(t.log, strlen(t.log), TEST_SEEN("a") TEST_SEEN("b"),
           "two frames of zstd, by their bytes");

    test_source_write(&t, "x.jsonl.zst", buf, m - 4);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_ERROR, "%s",
           t.err.text);
}


/* One result whatever the number of threads. */

static void
test_threads(void)
{
    char      *text, *first;
    size_t     n;
    unsigned   i;

    text = recs_alloc(1000000);

    for (i = 0, n = 0; i < 1500; i++) {

        n += (size_t) (i % 7 == 3
             ? sprintf(text + n, "bad %u\n", i)
             : sprintf(text + n, "{\"activityType\":\"PURCHASE\","
                       "\"timestamp\":%u,\"sessionId\":\"s\",\"productId\":"
                       "\"p%u\",\"price\":%u.5,\"orderId\":\"o\"}\n",
                       1500000000 + i, i, i));
    }

    test_source_write(&t, "x.jsonl", text, n);

    t.threads = 1;
    test_source_read(&t, RECS_FILE_EVENTS);
    first = strdup(t.log);
    is_int(t.source.stats.events, 1286, "events by one thread");

    t.threads = 4;
    test_source_read(&t, RECS_FILE_EVENTS);
    is_int(t.source.stats.bad, 214, "bad lines by four");
    ok(strcmp(first, t.log) == 0, "four threads change nothing");

    t.threads = 0;
    free(first);
    free(text);
}


static void
test_rows(void)
{
    char  text[] = "{\"productId\":\"a\",\"price\":1}\n"
                   "{\"productId\":\"a\",\"price\":-1}\n"
                   "{\"price\":1}\n"
                   "[]\n";
    char  users[] = "{\"userId\":\"u\",\"cohort\":\"c\",\"mail\":\"m\"}\n"
                    "{\"cohort\":\"c\"}\n";

    test_source_write(&t, "x.json", text, sizeof(text) - 1);
    is_int(test_source_read(&t, RECS_FILE_CATALOG), RECS_OK, "%s",
           t.err.text);
    is_str(t.log, strlen(t.log), "4 {\"productId\":\"a\",\"price\":1}\n",
           "a product is its text");
    is_int(t.source.stats.products, 1, "products");
    is_int(t.source.stats.bad, 3, "bad rows");
    ok(strstr(test_source_bad(&t), "\"reason\":\"price: is negative\"")
       != NULL, "with the reason");

    test_source_write(&t, "x.json", users, sizeof(users) - 1);
    is_int(test_source_read(&t, RECS_FILE_USERS), RECS_OK, "%s", t.err.text);
    is_str(t.log, strlen(t.log), "5 {\"cohort\":\"c\",\"createdAt\":null}\n",
           "a user without who it is");
    is_int(t.source.stats.bad, 1, "a user has an id");
}


/* Who said no is nobody in files as well, however they are read. */

static void
test_denied(void)
{
    char             want[256];
    unsigned         i;
    recs_str_t       order = recs_string("o1");
    recs_identity_t  masked;

    static const char  json[] =
        "{\"activityType\":\"PURCHASE\",\"timestamp\":1600000000000,"
        "\"userId\":\"u\",\"orderId\":\"o1\",\"messageId\":\"m1\","
        "\"recommendationId\":\"%s\",\"ipAddress\":\"192.0.2.1\","
        "\"metadata\":{\"a\":1},\"productId\":\"p\","
        "\"consent\":\"denied\"}\n";

    static const char  csv[] =
        "activityType,timestamp,userId,orderId,messageId,recommendationId,"
        "ipAddress,productId,consent\n"
        "PURCHASE,1600000000000,u,o1,m1,00ab-1,192.0.2.1,p,denied\n"
        "PURCHASE,1600000000000,u,o1,m1,00ab,192.0.2.1,p,denied\n";

    char  text[2 * sizeof(json) + 32];

    snprintf(text, sizeof(text), json, "00ab-1");
    snprintf(text + strlen(text), sizeof(text) - strlen(text), json, "00ab");
    test_source_write(&t, "x.jsonl", text, strlen(text));
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_OK, "%s", t.err.text);

    recs_identity(&t.keys, 0, RECS_KIND_ORDER, &order, &masked);

    for (i = 0; i < RECS_IDENTITY_SIZE; i++) {
        snprintf(text + 2 * i, 3, "%02x", masked.bytes[i]);
    }

    snprintf(want, sizeof(want), "45 %s  0000\n45 %s 00ab 0000\n", text,
             text);
    is_str(t.log, strlen(t.log), want, "nobody in JSON lines");

    test_source_write(&t, "x.csv", csv, sizeof(csv) - 1);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_OK, "%s", t.err.text);
    is_str(t.log, strlen(t.log), want, "nobody in CSV");

    unlink(t.path);
}


static void
test_paths(void)
{
    test_source_write(&t, "b.jsonl", TEST_VIEW("b"), sizeof(TEST_VIEW("b")));
    test_source_write(&t, "a.jsonl", TEST_VIEW("a") "\n",
                      sizeof(TEST_VIEW("a")));
    test_source_write(&t, "c.txt", "x", 1);
    unlink(t.path);
    test_source_write(&t, "b.jsonl", TEST_VIEW("b") "\n",
                      sizeof(TEST_VIEW("b")));
    snprintf(t.path, sizeof(t.path), "%s/x.json", t.dir);
    unlink(t.path);
    snprintf(t.path, sizeof(t.path), "%s/x.jsonl", t.dir);
    unlink(t.path);
    snprintf(t.path, sizeof(t.path), "%s/x.jsonl.gz", t.dir);
    unlink(t.path);
    snprintf(t.path, sizeof(t.path), "%s/x.jsonl.zst", t.dir);
    unlink(t.path);

    strcpy(t.path, t.dir);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_OK, "%s", t.err.text);
    is_str(t.log, strlen(t.log), TEST_SEEN("a") TEST_SEEN("b"),
           "a directory in the order of names");

    strcat(t.path, "/nothing");
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_ERROR, "%s",
           t.err.text);

    test_source_write(&t, "empty", "", 0);
    is_int(test_source_read(&t, RECS_FILE_EVENTS), RECS_OK, "an empty file");
    is_int(t.source.stats.lines, 0, "has no lines");
}


static void
test_share(void)
{
    recs_error_t   e;
    recs_source_t  s;

    memset(&s, 0, sizeof(recs_source_t));

    is_int(recs_source_end(&s, 0, &e), RECS_OK, "nothing is not bad");

    s.stats.bad = 5;
    s.stats.events = 90;
    s.stats.duplicates = 5;
    is_int(recs_source_end(&s, 0.05, &e), RECS_OK, "as much as allowed");
    is_int(recs_source_end(&s, 0.049, &e), RECS_ERROR, "%s", e.text);
}


int
main(void)
{
    test_source_init(&t);

    test_lines();
    test_long();
    test_compressed();
    test_threads();
    test_rows();
    test_denied();
    test_paths();
    test_share();

    test_source_done(&t);

    return done_testing();
}
