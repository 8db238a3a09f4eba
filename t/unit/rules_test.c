/*
 * Copyright (C) recs authors
 *
 * The rules of a snapshot: compiled from a file with the numbers of its
 * names, refused where they are damaged, and harmless where damage was not
 * seen (run it with a sanitizer).
 */

#include <math.h>

#include "../../core/answer/recs_strategy.h"
#include "snap.h"
#include "tap.h"


#define DAMAGES  4000


static const char  text[] =
    "rule \"pin\" { action = pin place = 2 products = {p7, nothing, p3} }\n"
    "rule \"block\" { action = block products = {p9, p2, p5} }\n"
    "rule \"home\" { action = boost factor = 2 category = {Home, Games} }\n"
    "rule \"brand\" { action = bury brand = {\"Brand 3\"} stock_min = 2 }\n"
    "rule \"cap\" { action = cap at_most = 3 per = category "
    "region = {de, fr} }\n"
    "rule \"mixed\" { action = diversity strength = 0.25 segment = {new} "
    "months = {q4} types = {TRENDING} from = \"1970-01-02\" "
    "to = \"2100-01-01\" }\n";

static recs_scratch_t    scratch;
static recs_answer_t     answer;
static recs_snapshot_t  *s;
static uint64_t          seed = 1;


static recs_item_t
item(const char *id)
{
    return recs_snapshot_item(s, recs_key64(id, strlen(id)));
}


static void
publish(char *dir)
{
    char             path[512];
    FILE            *f;
    uint64_t         id;
    const char      *why;
    recs_error_t     err;
    recs_config_t    c;
    recs_dataset_t  *d;
    recs_manifest_t  m;

    snap_config(&c, dir);
    snprintf(path, sizeof(path), "%s/rules.conf", dir);
    f = fopen(path, "w");
    fputs(text, f);
    fclose(f);

    c.rules = path;
    d = snap_dataset(&c, 40, 800, 1);

    if (!ok(recs_publish(d, &c, NULL, &id, &err) == RECS_OK, "published")) {
        printf("# %s\n", err.text);
    }

    recs_dataset_destroy(d);

    s = snap_open(dir, &m, &why);
    ok(s != NULL && s->rules != NULL, "a snapshot with rules");
}


static void
test_compiled(void)
{
    uint32_t             i, category;
    const uint32_t      *n;
    const recs_rule_t   *r;
    const recs_rules_t  *rules;

    rules = s->rules;
    r = rules->rules;
    n = recs_rules_numbers(rules);

    is_int(rules->count, 6, "six rules");
    is_int(rules->key_count, 3, "three regions and segments");

    is_int(r[0].items.count, 2, "a pin goes without what is not there");
    is_int(n[r[0].items.first], item("p7"), "in the order of the file");
    is_int(n[r[0].items.first + 1], item("p3"), "as it is");

    is_int(r[1].items.count, 3, "three blocked");

    for (i = 1; i < 3; i++) {
        ok(n[r[1].items.first + i] > n[r[1].items.first + i - 1],
           "by their numbers");
    }

    category = recs_snapshot_name(s, 'C', recs_key64("Home", 4));
    is_int(r[2].categories.count, 4, "two subtrees");
    is_int(n[r[2].categories.first], category, "one begins");
    is_int(n[r[2].categories.first + 1],
           recs_column(s, RECS_COLUMN_CATEGORY_END, uint32_t, category),
           "and ends");
    is_int(n[r[2].categories.first + 2],
           recs_snapshot_name(s, 'C', recs_key64("Toys/Games", 10)),
           "a leaf that is unique");

    is_int(n[r[3].brands.first],
           recs_snapshot_name(s, 'B', recs_key64("Brand 3", 7)), "a brand");
    is_int(r[3].asks, RECS_RULE_BRANDS|RECS_RULE_STOCK, "that and stock");
    is_int(r[4].regions.count, 2, "two regions");
    ok(recs_rules_keys(rules)[r[4].regions.first] == recs_key64("de", 2),
       "by their keys");
    is_int(r[5].months, 0xe00, "a quarter");
    ok(r[5].strategies == 1u << RECS_TRENDING, "one type");
    is_int(r[5].from_ms, 86400000, "from");
    ok(r[5].factor == .25f, "strength");
}


/* One damage each, behind a hash that is right. */

static void
test_damaged(void)
{
    size_t        i, size;
    uint8_t      *copy;
    recs_rules_t  *r;

    size = recs_rules_size(s->rules->count, s->rules->key_count,
                           s->rules->number_count);
    copy = malloc(size);

#define damaged(change, name)                                                \
    do {                                                                     \
        memcpy(copy, s->rules, size);                                        \
        r = (recs_rules_t *) copy;                                           \
        change;                                                              \
        ok(recs_rules_check(copy, size, &s->header) != NULL, name);          \
    } while (0)

    memcpy(copy, s->rules, size);
    ok(recs_rules_check(copy, size, &s->header) == NULL, "good as it is");
    ok(recs_rules_check(copy, size - 1, &s->header) != NULL, "too short");
    ok(recs_rules_check(copy, 8, &s->header) != NULL, "no head");

    damaged(r->count = 0, "no rules");
    damaged(r->count = RECS_RULES_MAX + 1, "too many");
    damaged(r->count++, "more than there are");
    damaged(r->key_count = UINT32_MAX, "more keys");
    damaged(r->number_count = UINT32_MAX, "more numbers");
    damaged(r->rules[1].name[2] = '"', "a name that is no JSON");
    damaged(r->rules[1].name[0] = '\0', "no name");
    damaged(memset(r->rules[1].name, 'x', RECS_RULE_NAME), "no end");
    damaged(r->rules[1].action = RECS_RULE_ACTION_MAX, "an action");
    damaged(r->rules[1].asks = 0x400, "an unknown condition");
    damaged(r->rules[1].items.first = UINT32_MAX, "items outside");
    damaged(r->rules[1].items.count = UINT32_MAX, "too many items");
    damaged(r->rules[2].categories.count = 3, "half a subtree");
    damaged(r->rules[4].regions.first = 3, "a region outside");
    damaged(r->rules[0].place = 0, "a pin at no place");
    damaged(r->rules[0].place = 100, "a pin behind the last place");
    damaged(r->rules[0].items.count = 0, "a pin of nothing");
    damaged(r->rules[2].factor = 11, "a factor");
    damaged(r->rules[2].factor = NAN, "no factor");
    damaged(r->rules[3].margin_max = NAN, "a limit");
    damaged(r->rules[4].place = 0, "a cap of none");
    damaged(r->rules[4].group = RECS_RULE_GROUP_MAX, "an unknown group");
    damaged(r->rules[5].factor = -.1f, "a strength");

    for (i = 0; i < s->rules->number_count; i++) {
        damaged(((uint32_t *) (uintptr_t) recs_rules_numbers(r))[i] =
                    UINT32_MAX, "a number outside");
    }

    free(copy);
}


/* What is accepted though it is damaged is used, and does no harm. */

static void
test_accepted(void)
{
    size_t               size;
    uint32_t             i, k, accepted;
    uint8_t             *copy;
    recs_view_t          view;
    recs_query_t         q;
    const recs_rules_t  *good;

    static const unsigned  strategies[] = {
        RECS_BESTSELLERS, RECS_TRENDING, RECS_SIMILAR_PRODUCTS
    };

    good = s->rules;
    size = recs_rules_size(good->count, good->key_count, good->number_count);
    copy = malloc(size);
    memset(&view, 0, sizeof(view));
    view.base = s;
    accepted = 0;

    for (i = 0; i < DAMAGES; i++) {
        memcpy(copy, good, size);

        for (k = 1 + snap_random(&seed) % 3; k > 0; k--) {
            copy[snap_random(&seed) % size] = (uint8_t) snap_random(&seed);
        }

        if (recs_rules_check(copy, size, &s->header)) {
            continue;
        }

        accepted++;
        s->rules = (const recs_rules_t *) copy;

        recs_query_init(&q);
        q.strategy = strategies[i % 3];
        q.product = recs_key64("p1", 2);
        q.now_ms = SNAP_NOW;
        q.region = recs_key64("de", 2);
        q.limit = 1 + i % 50;
        q.offset = i % 7;
        recs_answer(&view, &q, &scratch, &answer);
    }

    s->rules = good;

    ok(accepted > DAMAGES / 10, "%u of %u damages change nothing vital",
       accepted, DAMAGES);
    ok(accepted < DAMAGES, "and some are refused");

    free(copy);
}


int
main(void)
{
    char  *dir;

    dir = snap_dir();

    publish(dir);

    if (s && s->rules) {
        test_compiled();
        test_damaged();
        test_accepted();
    }

    recs_snapshot_close(s);
    snap_remove(dir);

    return done_testing();
}
