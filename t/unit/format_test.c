/*
 * Copyright (C) recs authors
 */

#include "../../core/recs_hash.h"
#include "../../core/snapshot/recs_cell.h"
#include "../../core/snapshot/recs_check.h"
#include "tap.h"


#define PAGES  (2 * RECS_FORMAT_PAGE)


static void
tables(void)
{
    unsigned  i, good;

    for (good = 1, i = 0; i < RECS_COLUMN_MAX; i++) {
        good &= recs_format_columns[i].name != NULL
                && recs_format_columns[i].domain < RECS_DOMAIN_MAX
                && RECS_FORMAT_CHUNK_MAX % recs_format_columns[i].size == 0;
    }

    ok(good, "every column has a name, a size and a domain");

    for (good = 1, i = 0; i < RECS_LIST_MAX; i++) {
        good &= recs_format_lists[i].name != NULL
                && recs_format_lists[i].size > 0
                && recs_format_lists[i].domain < RECS_DOMAIN_MAX;
    }

    ok(good, "and so has every list");
    is_str(recs_format_columns[RECS_COLUMN_SESSION_TIME].name, 12,
           "session_time", "the last column is the last");
    is_str(recs_format_lists[RECS_LIST_WALK].name, 4, "walk",
           "the last list, too");

    is_int(sizeof(recs_format_header_t), 424, "size of the header");
    is_int(sizeof(recs_format_serving_t), 144, "of what is served in it");
    is_int(sizeof(recs_format_related_t), 8, "of a related product");
    is_int(sizeof(recs_format_similar_t), 12, "of a similar product");
    is_int(sizeof(recs_format_together_t), 32, "of one bought together");
    is_int(sizeof(recs_format_ranked_t), 16, "of a ranked one");
    is_int(sizeof(recs_format_user_t), 40, "of a user");
    is_int(sizeof(recs_format_seen_t), 24, "of a product seen");
}


static void
keys(void)
{
    uint8_t  key[RECS_FORMAT_KEY_MAX], identity[16];

    static const recs_str_t  name = recs_string("data-quality"),
        longest = recs_string("a-report-whose-name-is-too-long-for-a-key");

    is_int(recs_format_chunk_key(key, 'L', 3, 0x01020304), 6, "chunk key");
    ok(memcmp(key, "L\x03\x01\x02\x03\x04", 6) == 0, "big-endian");

    is_int(recs_format_name_key(key, 'C', 0x0102030405060708), 9, "name key");
    ok(memcmp(key, "C\x01\x02\x03\x04\x05\x06\x07\x08", 9) == 0,
       "big-endian");

    memset(identity, 0xab, 16);
    is_int(recs_format_user_key(key, identity), 17, "the key of a user");
    ok(key[0] == 'U' && memcmp(key + 1, identity, 16) == 0, "and as it is");
    is_int(recs_format_personal_key(key, RECS_PERSONAL_NEIGHBOURS, identity),
           18, "that of a list of a user");
    ok(memcmp(key, "P\x01", 2) == 0 && memcmp(key + 2, identity, 16) == 0,
       "with which list it is");

    is_int(recs_format_cell_key(key, RECS_CELL_DAY, 0x01020304), 6,
           "that of the cells of a day");
    ok(memcmp(key, "Sd\x01\x02\x03\x04", 6) == 0, "big-endian");
    is_int(recs_format_report_key(key, &name), 14, "of a report");
    ok(memcmp(key, "Sjdata-quality", 14) == 0, "by its name");
    is_int(recs_format_report_key(key, &longest), RECS_FORMAT_KEY_MAX,
           "no key is longer");
    is_int(recs_format_report_meta_key(key), 2, "and of what a report is");
}


static void
chunks(void)
{
    is_int(recs_format_chunks(0u, 4), 0, "no rows, no chunks");
    is_int(recs_format_chunks(16u, 4), 1, "a full one");
    is_int(recs_format_chunks(17u, 4), 2, "and one row more");
    is_int(recs_format_chunks(UINT32_MAX, 31), 2, "the most rows");
}


static recs_format_header_t
header(void)
{
    recs_format_header_t  h;

    memset(&h, 0, sizeof(h));

    h.magic = RECS_FORMAT_MAGIC;
    h.version = RECS_FORMAT_VERSION;
    h.header_size = sizeof(h);
    h.rows[RECS_DOMAIN_ITEMS] = 10;
    h.rows[RECS_DOMAIN_CATEGORIES] = 3;
    h.rows[RECS_DOMAIN_BRANDS] = 2;
    h.rows[RECS_DOMAIN_SCOPES] = 4;
    h.rows[RECS_DOMAIN_WEEKS] = RECS_FORMAT_WEEKS;
    h.rows[RECS_DOMAIN_SLOTS] = 32;
    memset(h.column_shift, 20, sizeof(h.column_shift));
    memset(h.list_shift, 20, sizeof(h.list_shift));
    memcpy(h.currencies[0], "EUR", 4);

    return h;
}


static const char *
check(const recs_format_header_t *h)
{
    recs_format_header_t  out;

    return recs_check_header((const uint8_t *) h, sizeof(*h), &out);
}


static void
headers(void)
{
    recs_format_header_t  h, good;

    good = header();
    ok(check(&good) == NULL, "a header");
    ok(recs_check_header((uint8_t *) &good, sizeof(good) - 1, &h) != NULL,
       "too short");

#define bad(member, value, name)                                              \
    h = good;                                                                 \
    h.member = value;                                                         \
    ok(check(&h) != NULL, "refused: %s: %s", name, check(&h))

    bad(magic, 1, "magic");
    bad(version, 1, "version");
    bad(version, RECS_FORMAT_VERSION + 1, "version");
    bad(header_size, 4096, "size");
    bad(header_size, 8, "size");
    bad(rows[RECS_DOMAIN_ITEMS], 32, "as many items as slots");
    bad(rows[RECS_DOMAIN_ITEMS], UINT32_MAX, "items");
    bad(rows[RECS_DOMAIN_SLOTS], 33, "slots");
    bad(rows[RECS_DOMAIN_SLOTS], 0, "slots");
    bad(rows[RECS_DOMAIN_SCOPES], 3, "scopes");
    bad(rows[RECS_DOMAIN_CATEGORIES], UINT32_MAX, "categories");
    bad(rows[RECS_DOMAIN_WEEKS], 52, "weeks");
    bad(rows[RECS_DOMAIN_REGIONS], 65, "regions");
    bad(column_shift[0], 32, "shift");
    bad(list_shift[RECS_LIST_MAX - 1], 255, "shift");
    bad(currencies[1][0], 'e', "currency");
    bad(currencies[0][3], 'X', "currency");
    bad(currencies[0][1], '"', "currency");
    bad(weights[7], 0.0f / 0.0f, "weight");
    bad(serving.related, 0.0f / 0.0f, "weight of rows");
    bad(serving.popularity, 1.0f / 0.0f, "weight of popularity");
    bad(serving.position, RECS_WEIGHT_MAX, "weight by position");
    bad(serving.match, 255, "weight by match");
    bad(serving.similarity, RECS_SIMILARITY_MAX, "similarity");

    h = good;
    h.rows[RECS_DOMAIN_ITEMS] = 1 << 20;
    h.rows[RECS_DOMAIN_SLOTS] = 1 << 21;
    h.column_shift[RECS_COLUMN_PRICE] = 9;
    ok(check(&h) != NULL, "refused: too many chunks");
    h.column_shift[RECS_COLUMN_PRICE] = 10;
    ok(check(&h) == NULL, "as many as allowed");
}


static void
columns(void)
{
    uint32_t              used;
    recs_format_header_t  h;

    static uint32_t  v[64] __attribute__((aligned(16)));

    h = header();
    used = 0;
    memset(v, 0, sizeof(v));

#define column(which, rows)                                                   \
    recs_check_column(&h, RECS_COLUMN_##which, (uint8_t *) v, sizeof(v), 0,   \
                      rows, &used)

    ok(column(PRICE, 32) == NULL, "a column that fits");
    ok(column(PRICE, 33) != NULL, "one that does not");
    ok(recs_check_column(&h, RECS_COLUMN_PRICE, (uint8_t *) v + 8, 64, 0, 1,
                         &used) != NULL, "not aligned");

    v[0] = 3;
    ok(column(CATEGORY, 10) != NULL, "a category that is not there");
    v[0] = RECS_NONE;
    ok(column(CATEGORY, 10) == NULL, "no category");
    ok(column(BRAND, 10) == NULL, "no brand");
    v[0] = 2;
    ok(column(BRAND, 10) != NULL, "a brand that is not there");

    v[0] = 9;
    ok(column(ORDER_PRICE, 10) == NULL, "an item");
    v[0] = 10;
    ok(column(ORDER_PRICE, 10) != NULL, "one that is not there");
    ok(column(SLOT, 32) == NULL && used == 1, "a slot, counted");
    v[0] = 11;
    ok(column(SLOT, 32) != NULL, "one that is not there");

    v[0] = 16;
    ok(column(CURRENCY, 10) != NULL, "a currency that is not there");

    v[0] = 3;
    v[1] = 2;
    v[2] = 3;
    ok(column(CATEGORY_END, 3) == NULL, "ends of categories");
    v[1] = 1;
    ok(column(CATEGORY_END, 3) != NULL, "an end before its category");
    v[1] = 4;
    ok(column(CATEGORY_END, 3) != NULL, "an end behind the last");

    v[0] = RECS_NONE;
    v[1] = 0;
    v[2] = 1;
    ok(column(CATEGORY_PARENT, 3) == NULL, "parents");
    v[2] = 2;
    ok(column(CATEGORY_PARENT, 3) != NULL, "a category that is its own");
}


static void
lists(void)
{
    uint32_t              *v;
    recs_format_header_t   h;

    static uint8_t  p[256] __attribute__((aligned(16)));

    h = header();
    v = (uint32_t *) p;

    /* two rows of items: {1, 2}, {9} */

    v[0] = 2;
    v[1] = 4;
    v[2] = 3;
    v[3] = 32;
    v[5] = 2;
    v[6] = 3;
    v[8] = 1;
    v[9] = 2;
    v[10] = 9;

#define list(rows)                                                            \
    recs_check_list(&h, RECS_LIST_CATEGORY_ITEMS, p, sizeof(p), rows)

#define wrong(n, value, name)                                                 \
    do {                                                                      \
        uint32_t  kept = v[n];                                                \
        v[n] = value;                                                         \
        ok(list(2) != NULL, "refused: %s: %s", name, list(2));                \
        v[n] = kept;                                                          \
    } while (0)

    ok(list(2) == NULL, "a list");
    ok(list(1) != NULL && list(3) != NULL, "other rows than it says");
    ok(recs_check_list(&h, RECS_LIST_CATEGORY_ITEMS, p, 27, 2) != NULL,
       "shorter than its offsets");
    ok(recs_check_list(&h, RECS_LIST_CATEGORY_ITEMS, p, 43, 2) != NULL,
       "shorter than its entries");
    ok(recs_check_list(&h, RECS_LIST_CATEGORY_ITEMS, p + 4, 200, 2) != NULL,
       "not aligned");

    wrong(0, 3, "rows");
    wrong(1, 8, "size of an entry");
    wrong(2, 4, "count");
    wrong(2, UINT32_MAX, "count");
    wrong(3, 16, "entries over the offsets");
    wrong(3, 36, "entries not aligned");
    wrong(3, 256, "entries outside");
    wrong(3, 0xfffffff0, "entries far outside");
    wrong(4, 1, "first offset");
    wrong(5, 4, "offset above the next");
    wrong(6, 2, "last offset");
    wrong(10, 10, "an item that is not there");

    /* sessions are counted by themselves */

    ok(recs_check_list(&h, RECS_LIST_ITEM_SESSIONS, p, sizeof(p), 2) != NULL,
       "refused: a session that is not there");
    h.rows[RECS_DOMAIN_SESSIONS] = 10;
    ok(recs_check_list(&h, RECS_LIST_ITEM_SESSIONS, p, sizeof(p), 2) == NULL,
       "one that is");

    /* one fragment */

    v[0] = 1;
    v[1] = 1;
    v[2] = v[5] = sizeof(recs_format_fragment_t) + 3;
    v[4] = 0;
    memset(p + 32, 0, 16);
    p[32] = 3;
    memcpy(p + 32 + sizeof(recs_format_fragment_t), "\"a\"", 3);

#define fragment()                                                            \
    recs_check_list(&h, RECS_LIST_FRAGMENT_JSON, p, sizeof(p), 1)

    ok(fragment() == NULL, "a fragment");
    p[32] = 4;
    ok(fragment() != NULL, "an id longer than it");
    p[32] = 3;
    p[33] = 255;
    ok(fragment() != NULL, "much longer");
    p[33] = 0;
    p[32 + sizeof(recs_format_fragment_t) - 1] = 255;
    ok(fragment() != NULL, "any size in it");
    v[2] = v[5] = 1;
    ok(fragment() != NULL, "no room for the sizes");
}


static void
pages(void)
{
    uint32_t  i;

    static uint8_t  p[PAGES];

    for (i = 0; i < PAGES; i += RECS_FORMAT_PAGE) {
        p[i + 10] = 8;
        memcpy(p + i + 16, "\xde\xc0\xef\xbe\1\0\0\0", 8);
        memcpy(p + i + 40, "\0\x10\0\0", 4);
        p[i + 136] = 3;
    }

    ok(recs_check_pages(p, 4 * 4096) == NULL, "pages");
    ok(recs_check_pages(p, 5 * 4096) == NULL, "more than it needs");
    ok(recs_check_pages(p, 3 * 4096) != NULL, "fewer than it needs");
    ok(recs_check_pages(p, 4 * 4096 + 1) != NULL, "not whole");
    ok(recs_check_pages(p, 2 * 4096) != NULL, "too few");

    memset(p + 4096 + 40, 0, 4);
    ok(recs_check_pages(p, 4 * 4096) != NULL, "a page size of 0");
    memcpy(p + 4096 + 40, "\0\x40\0\0", 4);
    ok(recs_check_pages(p, 4 * 4096) != NULL, "a page size of 16384");
    memcpy(p + 4096 + 40, "\0\x10\0\0", 4);
    p[4096 + 136 + 7] = 0xff;
    ok(recs_check_pages(p, 4 * 4096) != NULL, "a last page out of all range");
    p[4096 + 136 + 7] = 0;
    p[10] = 1;
    ok(recs_check_pages(p, 4 * 4096) != NULL, "no meta page");
    p[10] = 8;
    p[17]++;
    ok(recs_check_pages(p, 4 * 4096) != NULL, "another magic");
}


int
main(void)
{
    tables();
    keys();
    chunks();
    headers();
    columns();
    lists();
    pages();

    return done_testing();
}
