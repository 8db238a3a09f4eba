/*
 * Copyright (C) recs authors
 *
 * SESSION against a reference that looks at everything.
 */

#include <math.h>
#include <time.h>

#include "core/answer/recs_session.h"
#include "memory_shop.h"
#include "tap.h"


#define ITEMS     60
#define SESSIONS  300
#define CLICKS    12
#define DAY       86400
#define LEAST     1e-7       /* share of the best that rounding leaves */


static uint64_t          state;
static recs_snapshot_t  *s;
static recs_scratch_t   *scratch;
static recs_answer_t     answer;
static recs_query_t      query;

static uint32_t          clicks[SESSIONS][CLICKS];
static uint32_t          lengths[SESSIONS];
static float             next[2][ITEMS][ITEMS];


static uint32_t
draw(uint32_t n)
{
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (state >> 33) % n;
}


static float
pick(const float *values, uint32_t n)
{
    return values[draw(n)];
}


static unsigned
holds(uint32_t session, uint32_t item)
{
    uint32_t  i;

    for (i = 0; i < lengths[session]; i++) {
        if (clicks[session][i] == item) {
            return 1;
        }
    }

    return 0;
}


/* Popular items are clicked more often, some of them twice in a row. */

static void
sessions_create(void)
{
    uint32_t  i, n, r, item, postings[SESSIONS];

    s = shop_create(ITEMS);
    shop_domain(s, RECS_DOMAIN_SESSIONS, SESSIONS);

    for (r = 0; r < SESSIONS; r++) {
        lengths[r] = 2 + draw(CLICKS - 1);

        for (i = 0; i < lengths[r]; i++) {
            item = (i && draw(5) == 0) ? clicks[r][i - 1]
                                       : draw(1 + draw(ITEMS));
            clicks[r][i] = item;
        }

        shop_list(s, RECS_LIST_SESSION_ITEMS, r, clicks[r], lengths[r]);
        shop_set(s, RECS_COLUMN_SESSION_TIME, uint32_t, r, r * DAY / 10);
    }

    for (i = 0; i < ITEMS; i++) {
        for (r = SESSIONS, n = 0; r-- > 0; ) {
            if (holds(r, i)) {
                postings[n++] = r;
            }
        }

        shop_list(s, RECS_LIST_ITEM_SESSIONS, i, postings, n);
        shop_set(s, RECS_COLUMN_IDF, float, i,
                 n ? logf((float) SESSIONS / n) : 0);
        shop_set(s, RECS_COLUMN_POPULARITY, float, i,
                 (float) (ITEMS - i));
    }
}


static void
next_create(unsigned which)
{
    uint32_t               i, j, n;
    recs_format_related_t  row[ITEMS];

    for (i = 0; i < ITEMS; i++) {
        n = draw(10);
        memset(next[which][i], 0, sizeof(next[which][i]));

        for (j = 0; j < n; j++) {
            row[j].item = (i + j * 7 + which) % ITEMS;
            row[j].weight = 1 / (1 + (float) j);
            next[which][i][row[j].item] = row[j].weight;
        }

        shop_list(s, which ? RECS_LIST_WALK : RECS_LIST_NEXT, i, row, n);
    }
}


static void
serving(void)
{
    recs_format_serving_t  *w;

    static const float  shares[] = { 0, .3f, .5f, 1 };
    static const float  scales[] = { 0, 1, 2, 4 };
    static const float  powers[] = { 1, 1, .5f, 2 };
    static const float  ones[] = { 1, 1, .5f, 1.5f };
    static const float  idfs[] = { -1, 0, 2 };

    w = &s->header.serving;

    w->rows = pick(shares, 4);
    w->rows_decay = pick(scales, 4);
    w->walks = draw(2) ? pick(shares, 4) : 0;
    w->walks_decay = pick(scales, 4);
    w->rows_power = pick(powers, 4);
    w->sample = 1 + draw(SESSIONS);
    w->neighbours_max = 1 + draw(100);
    w->last = 1 + draw(8);
    w->position = draw(RECS_WEIGHT_MAX);
    w->match = draw(RECS_WEIGHT_MAX);
    w->similarity = draw(RECS_SIMILARITY_MAX);
    w->repeats = draw(RECS_REPEATS_MAX);
    w->position_scale = pick(scales, 4);
    w->match_scale = pick(scales, 4) / 10;
    w->distance_scale = draw(2) ? pick(scales, 4) : 0;
    w->before_scale = draw(2) ? pick(scales, 4) : 0;
    w->before = pick(ones, 4);
    w->recency_days = pick(scales, 4) * 10;
    w->idf = pick(idfs, 3);
    w->reminder = pick(shares, 4);
    w->reminder_scale = pick(scales, 4);
    w->popularity = pick(shares, 4) / 10;
    w->rarity = pick(scales, 4);
    w->power = pick(powers, 4);
    w->without = pick(ones, 4);
    w->current = pick(ones, 4);
}


static void
ask(uint32_t n, const uint32_t *items)
{
    uint32_t     i;
    recs_view_t  view = { s, NULL, 0 };

    recs_query_init(&query);
    query.strategy = RECS_SESSION;
    query.limit = RECS_LIMIT_MAX;
    query.now_ms = 1700000000000;
    query.session_count = n;

    for (i = 0; i < n; i++) {
        query.session[i] = recs_column(s, RECS_COLUMN_KEY64, uint64_t,
                                       items[i]);
    }

    recs_answer(&view, &query, scratch, &answer);
}


/* The formulas of recs_session.h, in the order in which they stand there. */

static double
weight(unsigned kind, float scale, uint32_t age, uint32_t n, uint32_t items)
{
    switch (kind) {

    case RECS_WEIGHT_LINEAR:
        return recs_max(0, 1 - scale * age);

    case RECS_WEIGHT_SHARE:
        return (float) (n - age) / n;

    case RECS_WEIGHT_SQUARE:
        return (float) (n - age) / n * ((float) (n - age) / n);

    case RECS_WEIGHT_EXP:
        return age ? (scale > 0 ? expf(-(float) age / scale) : 0) : 1;

    case RECS_WEIGHT_DISTINCT:
        return age < items ? (float) (items - age) / items : 0;

    case RECS_WEIGHT_INVERSE:
        return 1 / (1.f + age);

    case RECS_WEIGHT_INVERSE2:
        return 1 / (1.f + age) * (1 / (1.f + age));

    default:
        return 1;
    }
}


typedef struct {
    float     like;
    uint32_t  session;
    uint32_t  age;
    uint32_t  match;
} near_t;


static int
later(const void *one, const void *two)
{
    const near_t  *a = one, *b = two;

    return (a->session < b->session) - (a->session > b->session);
}


static int
liker(const void *one, const void *two)
{
    const near_t  *a = one, *b = two;

    if (a->like != b->like) {
        return (a->like < b->like) ? 1 : -1;
    }

    return later(one, two);
}


static uint32_t
neighbours(const uint32_t *live, uint32_t n, near_t *near)
{
    float                         w, likes[SESSIONS];
    uint32_t                      i, j, r, age, count, window, items;
    const recs_format_serving_t  *v;

    v = &s->header.serving;
    window = recs_min(n, v->last);
    items = 0;
    count = 0;

    for (i = 0; i < window; i++) {
        for (j = 0; j < i && live[j] != live[i]; j++) { /* void */ }
        items += (j == i);
    }

    for (r = 0; r < SESSIONS; r++) {
        near[count].age = n;
        near[count].session = r;
        likes[r] = 0;

        for (age = 0; age < window; age++) {
            for (j = 0; j < age && live[j] != live[age]; j++) { /* void */ }

            w = (float) weight(v->position, v->position_scale, age, window,
                               items);

            if (v->rarity > 0) {
                w *= powf(recs_column(s, RECS_COLUMN_IDF, float, live[age]),
                          v->rarity);
            }

            if (j < age || !(w > 0) || !holds(r, live[age])) {
                continue;
            }

            likes[r] += w;

            if (near[count].age == n) {
                near[count].age = age;
                near[count].match = live[age];
            }
        }

        count += (near[count].age != n);
    }

    qsort(near, count, sizeof(near_t), later);
    count = recs_min(count, v->sample);

    for (i = 0; i < count; i++) {
        r = near[i].session;
        near[i].like = likes[r];

        if (v->similarity == RECS_SIMILARITY_COSINE) {
            for (j = 0, items = 0; j < ITEMS; j++) {
                items += holds(r, j);
            }

            near[i].like /= sqrtf((float) items);
        }

        if (v->recency_days > 0) {
            near[i].like *= expf(-(float) (near[0].session * DAY / 10
                                           - r * DAY / 10)
                                 / (86400.f * v->recency_days));
        }
    }

    qsort(near, count, sizeof(near_t), liker);

    return recs_min(count, v->neighbours_max);
}


static void
spread(const near_t *near, uint32_t window, uint32_t items, double *score)
{
    double                        like;
    uint32_t                      i, j, r, at;
    unsigned                      places;
    const recs_format_serving_t  *v;

    v = &s->header.serving;
    r = near->session;

    like = pow(near->like, v->power)
           * weight(v->match, v->match_scale, near->age, window, items);

    like *= near->age ? v->without : 1;

    for (at = lengths[r]; clicks[r][at - 1] != near->match; at--) {
        /* void */
    }

    at--;
    places = v->distance_scale > 0 || v->before_scale > 0 || v->before != 1;

    for (i = 0; i < lengths[r]; i++) {
        for (j = 0; j < i && clicks[r][j] != clicks[r][i]; j++) { /* void */ }

        if (!places) {
            score[clicks[r][i]] += (j == i) ? like : 0;

        } else if (i >= at) {
            score[clicks[r][i]] += like
                * (v->distance_scale > 0
                   ? exp(-(double) (i - at) / v->distance_scale) : 1);

        } else {
            score[clicks[r][i]] += like * v->before
                * (v->before_scale > 0
                   ? exp(-(double) (at - i) / v->before_scale) : 1);
        }
    }
}


static void
share(double *score, double part, double power)
{
    double    max;
    uint32_t  i;

    for (i = 0, max = 0; i < ITEMS; i++) {
        max = recs_max(max, score[i]);
    }

    for (i = 0; i < ITEMS; i++) {
        score[i] = (score[i] > 0) ? part * pow(score[i] / max, power) : 0;
    }
}


static void
add(const uint32_t *live, uint32_t n, unsigned which, double part,
    float decay, double *score)
{
    float     least, top, w, *row;
    double    rows[ITEMS];
    uint32_t  i, j;

    memset(rows, 0, sizeof(rows));
    least = 0;

    for (i = 0; i < n; i++) {
        w = (float) weight(RECS_WEIGHT_EXP, decay, i, n, n);
        row = next[which][live[i]];

        /* small entries of older rows do not count */

        for (j = 0, top = 0; j < ITEMS && w >= 1e-3; j++) {
            top = recs_max(top, row[j]);

            if (row[j] >= least / w) {
                rows[j] += w * row[j];
            }
        }

        least = (least == 0) ? 1e-3f * w * top : least;
    }

    share(rows, part, s->header.serving.rows_power);

    for (j = 0; j < ITEMS; j++) {
        score[j] += rows[j];
    }
}


/* "live" is newest first. */

static void
reference(const uint32_t *live, uint32_t n, double *score)
{
    near_t                        near[SESSIONS];
    double                        idf;
    uint32_t                      i, j, count, items, window;
    const recs_format_serving_t  *v;

    v = &s->header.serving;
    memset(score, 0, ITEMS * sizeof(double));

    window = recs_min(n, v->last);

    for (i = 0, items = 0; i < window; i++) {
        for (j = 0; j < i && live[j] != live[i]; j++) { /* void */ }
        items += (j == i);
    }

    count = neighbours(live, n, near);

    for (i = 0; i < count; i++) {
        spread(&near[i], window, items, score);
    }

    for (i = 0; i < ITEMS; i++) {
        idf = recs_column(s, RECS_COLUMN_IDF, float, i);
        score[i] *= v->idf < 0 ? idf : 1 + v->idf * idf;
    }

    share(score, recs_max(0, 1 - v->rows - v->walks), 1);

    add(live, n, 0, v->rows, v->rows_decay, score);
    add(live, n, 1, v->walks, v->walks_decay, score);

    score[live[0]] *= v->current;

    for (i = 1; i < n; i++) {
        if (live[i] != live[0]) {
            score[live[i]] += v->reminder * weight(RECS_WEIGHT_EXP,
                                                   v->reminder_scale, i, n,
                                                   n);
        }
    }

    for (i = 0; i < ITEMS; i++) {
        if (score[i] > 0) {
            score[i] += v->popularity * (ITEMS - i) / ITEMS;
        }
    }

    for (i = 0; i < n && v->repeats != RECS_REPEATS_YES; i++) {
        if (i == 0 || v->repeats == RECS_REPEATS_NO) {
            score[live[i]] = 0;
        }
    }
}


/* What rounding leaves of nothing may be listed or not. */

static unsigned
agrees(const uint32_t *live, uint32_t n)
{
    double                     score[ITEMS], best;
    uint32_t                   i;
    const recs_answer_item_t  *e;

    reference(live, n, score);

    for (i = 0, best = 0; i < ITEMS; i++) {
        best = recs_max(best, score[i]);
    }

    for (i = 0; i < answer.count; i++) {
        e = &answer.items[i];

        if (e->strategy != RECS_SESSION) {
            continue;
        }

        if (fabs(e->score - score[e->item] / best) > 1e-4
            || (i && e->score > e[-1].score))
        {
            printf("# place %u, item %u: %g, not %g\n", i, e->item, e->score,
                   score[e->item] / best);
            return 0;
        }

        score[e->item] = 0;
    }

    for (i = 0; i < ITEMS; i++) {
        if (score[i] > best * LEAST) {
            printf("# item %u of %g is not listed\n", i, score[i] / best);
            return 0;
        }
    }

    return 1;
}


static void
test_random(uint64_t seed)
{
    uint32_t  i, n, round, live[CLICKS], back[CLICKS];
    unsigned  good;

    state = seed;
    good = 1;

    sessions_create();
    next_create(0);
    next_create(1);

    for (round = 0; round < 400 && good; round++) {
        serving();
        n = 1 + draw(CLICKS);

        for (i = 0; i < n; i++) {
            live[i] = (i && draw(4) == 0) ? live[draw(i)] : draw(ITEMS);
            back[n - 1 - i] = live[i];
        }

        ask(n, live);
        good = agrees(back, n);
    }

    ok(good, "as the reference, seed %llu, round %u",
       (unsigned long long) seed, round);

    shop_destroy(s);
}


/* The reason is the item that contributed most, the last one of equals. */

static void
test_seed(void)
{
    uint32_t               items[] = { 1, 2 };
    uint32_t               one[] = { 1, 3 }, two[] = { 2, 4 };
    uint32_t               first = 0, second = 1;
    recs_format_related_t  row = { 5, 1 };

    s = shop_create(8);
    shop_domain(s, RECS_DOMAIN_SESSIONS, 2);

    shop_list(s, RECS_LIST_SESSION_ITEMS, 0, one, 2);
    shop_list(s, RECS_LIST_SESSION_ITEMS, 1, two, 2);
    shop_list(s, RECS_LIST_ITEM_SESSIONS, 1, &first, 1);
    shop_list(s, RECS_LIST_ITEM_SESSIONS, 2, &second, 1);
    shop_list(s, RECS_LIST_NEXT, 2, &row, 1);

    s->header.serving.sample = 10;
    s->header.serving.neighbours_max = 10;
    s->header.serving.last = 10;
    s->header.serving.power = 1;
    s->header.serving.before = 1;
    s->header.serving.without = 1;
    s->header.serving.current = 1;
    s->header.serving.rows = .2f;
    s->header.serving.rows_power = 1;
    s->header.serving.position = RECS_WEIGHT_SHARE;

    ask(2, items);

    is_int(answer.items[0].item, 4, "of the session most alike");
    is_int(answer.items[0].seed, 2, "because of the item in common");
    is_int(answer.items[1].item, 3, "of the other one");
    is_int(answer.items[1].seed, 1, "because of the other item");
    is_int(answer.items[2].item, 5, "of the row");
    is_int(answer.items[2].seed, 2, "because of the row's item");
    is_int(answer.items[2].strategy, RECS_SESSION, "all of the session");
    is_int(answer.items[3].strategy, RECS_CATALOGUE, "then the catalogue");

    ask(0, NULL);
    is_int(answer.items[0].strategy, RECS_CATALOGUE, "nobody's session");

    shop_destroy(s);
}


/* More sessions than are looked at, all of one item: the latest count. */

static void
test_many(void)
{
    size_t                head;
    uint32_t              i, n, *all, item, click[2];
    recs_format_chunk_t  *chunk;

    n = 3 * RECS_SAMPLE_MAX;
    s = shop_create(9);
    all = malloc(n * sizeof(uint32_t));

    shop_domain(s, RECS_DOMAIN_SESSIONS, n);

    /* one chunk, by hand: shop_list() copies all that is there */

    head = recs_format_entries(n);
    chunk = calloc(1, head + n * 8);
    chunk->entries = head;
    chunk->entry_size = 4;
    chunk->count = 2 * n;
    chunk->rows = n;

    for (i = 0; i < n; i++) {
        click[0] = i % 2;
        click[1] = (i < n - 100) ? 2 + i % 2 : 4 + i % 2;
        ((uint32_t *) (chunk + 1))[i + 1] = 2 * (i + 1);
        memcpy((uint8_t *) chunk + head + i * 8, click, 8);
    }

    free((void *) (uintptr_t) s->lists[RECS_LIST_SESSION_ITEMS].chunks[0]);
    s->lists[RECS_LIST_SESSION_ITEMS].chunks[0] = (uint8_t *) chunk;

    for (item = 0; item < 2; item++) {
        for (i = 0; i < n / 2; i++) {
            all[i] = n - 2 + item - 2 * i;
        }

        shop_list(s, RECS_LIST_ITEM_SESSIONS, item, all, n / 2);
    }

    s->header.serving.sample = 100;
    s->header.serving.neighbours_max = 1000;
    s->header.serving.last = 10;
    s->header.serving.power = 1;
    s->header.serving.before = 1;
    s->header.serving.without = 1;
    s->header.serving.current = 1;

    ask(2, (uint32_t[]) { 0, 1 });
    is_int(answer.items[0].item, 4, "of the latest");
    is_int(answer.items[1].item, 5, "of the latest, too");
    is_int(answer.items[2].strategy, RECS_CATALOGUE, "of no others");

    s->header.serving.sample = RECS_SAMPLE_MAX;
    s->header.serving.neighbours_max = RECS_SAMPLE_MAX;

    ask(2, (uint32_t[]) { 0, 1 });
    is_int(answer.items[0].item, 2, "of all that are looked at");
    is_int(answer.items[2].item, 4, "of all that are looked at, too");
    ok(fabs(answer.items[2].score
            - 50. / (RECS_SAMPLE_MAX / 2 - 50)) < 1e-4,
       "as many as are looked at");

    free(all);
    shop_destroy(s);
}


/* What no check lets through must not lead anywhere, either. */

static void
test_hostile(void)
{
    float     bad[] = { NAN, INFINITY, -INFINITY, -1, 1e38f };
    uint32_t  i, k, n, round, list[64], live[CLICKS];

    recs_format_related_t  row[16];

    for (round = 0; round < 50; round++) {
        s = shop_create(ITEMS);
        shop_domain(s, RECS_DOMAIN_SESSIONS, SESSIONS);

        for (i = 0; i < SESSIONS; i++) {
            n = draw(20);

            for (k = 0; k < n; k++) {
                list[k] = draw(3) ? draw(ITEMS) : UINT32_MAX - draw(3);
            }

            shop_list(s, RECS_LIST_SESSION_ITEMS, i, list, n);
            shop_set(s, RECS_COLUMN_SESSION_TIME, uint32_t, i,
                     draw(2) ? UINT32_MAX : 0);
        }

        for (i = 0; i < ITEMS; i++) {
            n = draw(64);

            for (k = 0; k < n; k++) {
                list[k] = draw(3) ? draw(SESSIONS) : UINT32_MAX - draw(3);
            }

            shop_list(s, RECS_LIST_ITEM_SESSIONS, i, list, n);
            n = draw(16);

            for (k = 0; k < n; k++) {
                row[k].item = draw(3) ? draw(ITEMS) : UINT32_MAX - draw(3);
                row[k].weight = draw(3) ? 1 : pick(bad, 5);
            }

            shop_list(s, RECS_LIST_NEXT, i, row, n);
            shop_list(s, RECS_LIST_WALK, i, row, n);
            shop_set(s, RECS_COLUMN_IDF, float, i,
                     draw(3) ? 1 : pick(bad, 5));
            shop_set(s, RECS_COLUMN_POPULARITY, float, i,
                     draw(3) ? 1 : pick(bad, 5));
        }

        for (k = 0; k < 20; k++) {
            serving();

            if (draw(3) == 0) {
                s->header.serving.sample = UINT32_MAX;
                s->header.serving.neighbours_max = UINT32_MAX;
                s->header.serving.last = UINT32_MAX;
            }

            n = draw(CLICKS);

            for (i = 0; i < n; i++) {
                live[i] = draw(ITEMS);
            }

            ask(n, live);
        }

        shop_destroy(s);
    }

    ok(answer.count <= RECS_LIMIT_MAX, "nothing happened");
}


int
main(int argc, char **argv)
{
    uint64_t  seed;

    seed = (argc > 1) ? strtoull(argv[1], NULL, 10) : (uint64_t) time(NULL);
    scratch = calloc(1, sizeof(recs_scratch_t));

    ok(sizeof(recs_scratch_t) < 4u << 20, "a worker's memory");

    test_random(1);
    test_random(seed);
    test_seed();
    test_many();
    test_hostile();

    free(scratch);

    return done_testing();
}
