/*
 * Copyright (C) recs authors
 *
 * Six lines of text: exclude, cart, a strategy, a time, a number, a value of
 * any filter.  Each is refused, or becomes what its function promises.
 */

#include <stdlib.h>
#include <string.h>

#include "../../core/answer/recs_query_arg.h"
#include "../../core/answer/recs_strategy.h"
#include "../../core/event/recs_event.h"
#include "../../core/recs_out.h"


#define LINES    6
#define TIME_MAX ((int64_t) 253402300800000 + 2 * 86400000)


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static recs_query_t  q, r;


static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}


/* The ids of a list from the last to the first. */

static recs_str_t
reverse(const recs_str_t *list)
{
    size_t      end, begin;
    uint8_t    *p;
    recs_str_t  s;

    p = malloc(list->len + 1);
    require(p != NULL);

    s.data = p;
    s.len = list->len;

    for (end = list->len; /* void */ ; end = begin - 1) {

        for (begin = end; begin && list->data[begin - 1] != ','; begin--) {
            /* void */
        }

        memcpy(p, list->data + begin, end - begin);
        p += end - begin;

        if (begin == 0) {
            break;
        }

        *p++ = ',';
    }

    return s;
}


static void
check_exclude(const recs_str_t *list, unsigned strategy)
{
    int         rc;
    uint32_t    i;
    uint64_t    hash;
    recs_str_t  back;

    back = reverse(list);

    recs_query_init(&q);
    recs_query_init(&r);

    q.strategy = r.strategy = strategy;

    rc = recs_query_exclude(&q, list);

    require(q.exclude_count <= RECS_EXCLUDE_MAX);
    require(recs_query_exclude(&r, &back) == rc);

    free((void *) back.data);

    if (rc != RECS_OK) {
        return;
    }

    for (i = 1; i < q.exclude_count; i++) {
        require(q.exclude[i - 1] < q.exclude[i]);
    }

    require((list->len == 0) == (q.exclude_count == 0));

    hash = recs_query_hash(&q, 1);

    require(recs_query_hash(&r, 1) == hash);
    require(recs_query_hash(&r, 2) != hash);

    /* what is there already changes nothing */

    if (recs_query_exclude(&r, list) == RECS_OK) {
        require(recs_query_hash(&r, 1) == hash);
    }
}


/* On top of the exclude in q: a cart of the same keys is another question. */

static void
check_cart(const recs_str_t *list)
{
    int       rc;
    uint64_t  hash;

    hash = recs_query_hash(&q, 1);
    rc = recs_query_cart(&q, list);

    require(q.cart_count <= RECS_CART_MAX);

    if (rc == RECS_OK) {
        require((recs_query_hash(&q, 1) == hash) == (list->len == 0));
    }
}


static unsigned
check_strategy(const recs_str_t *name)
{
    unsigned  n, path;

    n = recs_strategy_find(name);
    path = recs_strategy_find_path(name);

    /* the last resort is never asked for */

    require(n < RECS_CATALOGUE || n == RECS_STRATEGY_MAX);
    require(path < RECS_CATALOGUE || path == RECS_STRATEGY_MAX);

    require(n == RECS_STRATEGY_MAX
            || recs_strategies[n].name.len == name->len);
    require(path == RECS_STRATEGY_MAX
            || (recs_strategies[path].path.len == name->len
                && memcmp(recs_strategies[path].path.data, name->data,
                          name->len) == 0));

    return n;
}


static void
check_time(const recs_str_t *text)
{
    int64_t     ms, again;
    uint8_t     buf[32];
    recs_str_t  s;
    recs_out_t  out;

    if (recs_parse_time(text, &ms) != RECS_OK) {
        return;
    }

    require(ms >= -TIME_MAX && ms <= TIME_MAX);
    require(recs_week(ms) < RECS_FORMAT_WEEKS);

    /* the same as milliseconds, where these cannot be seconds */

    if (ms < 100000000000 || ms >= 100000000000000) {
        return;
    }

    recs_out_init(&out, buf, sizeof(buf));
    recs_out_i64(&out, ms);

    s.data = buf;
    s.len = out.pos - buf;

    require(recs_parse_time(&s, &again) == RECS_OK && again == ms);
}


static void
check_micro(const recs_str_t *text)
{
    int64_t     micro, again;
    uint8_t     buf[32];
    recs_str_t  s;
    recs_out_t  out;

    if (recs_parse_micro(text, &micro) != RECS_OK) {
        return;
    }

    require(micro != RECS_NO_MONEY);

    recs_out_init(&out, buf, sizeof(buf));
    recs_out_micro(&out, micro);
    require(!out.overflow);

    s.data = buf;
    s.len = out.pos - buf;

    require(recs_parse_micro(&s, &again) == RECS_OK && again == micro);
}


/* Said twice, and with an empty value behind it, a filter is the same. */

static void
check_filter(const recs_str_t *text)
{
    int                   rc;
    unsigned              arg, i;
    const recs_filter_t  *f;

    static const recs_str_t  none = recs_null_string;

    for (arg = 0; arg < RECS_ARG_MAX; arg++) {
        recs_query_init(&q);
        recs_query_init(&r);
        f = &q.filter;

        rc = recs_query_arg(&q, arg, text);
        require(recs_query_arg(&r, arg, text) == rc);

        require(f->brand_count <= RECS_FILTER_MAX
                && f->category_count <= RECS_FILTER_MAX
                && f->tag_count <= RECS_FILTER_MAX);

        if (rc != RECS_OK) {
            continue;
        }

        (void) recs_query_arg(&r, arg, text);
        require(recs_query_arg(&r, arg, &none) == RECS_OK);

        require(recs_query_filter(&q) == RECS_OK);
        require(recs_query_filter(&r) == RECS_OK);

        for (i = 1; i < f->tag_count; i++) {
            require(f->tags[i - 1] < f->tags[i]);
        }

        require(q.sort < RECS_SORT_MAX);
        require(f->available <= RECS_AVAILABLE_ALL);
        require(f->rating_min <= 5000);
        require(f->price_min == RECS_NO_MONEY || f->price_min >= 0);

        require(recs_query_hash(&r, 1) == recs_query_hash(&q, 1));
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned        i, strategy;
    recs_str_t      line[LINES];
    const uint8_t  *p, *last, *end;

    last = data + size;

    for (i = 0, p = data; i < LINES; i++) {
        end = (p < last) ? memchr(p, '\n', last - p) : NULL;

        if (end == NULL) {
            end = last;
        }

        line[i].data = p;
        line[i].len = end - p;

        p = (end < last) ? end + 1 : last;
    }

    strategy = check_strategy(&line[2]);

    check_exclude(&line[0], strategy);
    check_cart(&line[1]);
    check_time(&line[3]);
    check_micro(&line[4]);
    check_filter(&line[5]);

    return 0;
}
