/*
 * Copyright (C) recs authors
 */

#include "recs_event.h"


#define RECS_DAY_MS       86400000

/* The last millisecond of the year 9999, the largest that RFC 3339 knows. */

#define RECS_TIME_MAX     253402300799999

#define RECS_EXPONENT_MAX 400


/* A number cut into what it is written of. */

typedef struct {
    unsigned        negative;
    const uint8_t  *whole;
    size_t          whole_len;
    const uint8_t  *fraction;
    size_t          fraction_len;
    int             exponent;
} recs_parse_number_t;


static int recs_parse_number(const recs_str_t *text, recs_parse_number_t *n);
static const uint8_t *recs_parse_span(const uint8_t *p, const uint8_t *last);
static int recs_parse_epoch(const recs_str_t *text, int64_t *ms);
static int recs_parse_date(const uint8_t *p, int64_t *ms);
static int recs_parse_clock(const uint8_t **pos, const uint8_t *last,
    int64_t *ms);
static int recs_parse_zone(const uint8_t *p, const uint8_t *last,
    int64_t *ms);
static int recs_parse_digits(const uint8_t *p, unsigned n, unsigned *value);


int
recs_parse_time(const recs_str_t *text, int64_t *ms)
{
    int64_t         day, clock, zone;
    const uint8_t  *p, *last;

    if (text->len < 10 || text->data[4] != '-') {
        return recs_parse_epoch(text, ms);
    }

    p = text->data;
    last = p + text->len;
    clock = 0;
    zone = 0;

    if (recs_parse_date(p, &day) != RECS_OK) {
        return RECS_ERROR;
    }

    p += 10;

    if (p < last) {

        if (*p != 'T' && *p != 't' && *p != ' ') {
            return RECS_ERROR;
        }

        p++;

        if (recs_parse_clock(&p, last, &clock) != RECS_OK
            || recs_parse_zone(p, last, &zone) != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    *ms = day + clock - zone;

    return RECS_OK;
}


int
recs_parse_micro(const recs_str_t *text, int64_t *micro)
{
    int                  keep, i, digits;
    uint8_t              c;
    uint64_t             n;
    recs_parse_number_t  number;

    if (recs_parse_number(text, &number) != RECS_OK) {
        return RECS_ERROR;
    }

    digits = (int) (number.whole_len + number.fraction_len);
    keep = (int) number.whole_len + number.exponent + 6;
    n = 0;

    for (i = 0; i < keep; i++) {

        if (i >= digits && n == 0) {
            break;
        }

        c = (i >= digits) ? '0'
            : (i < (int) number.whole_len) ? number.whole[i]
            : number.fraction[i - number.whole_len];

        if (n > (INT64_MAX - 9) / 10) {
            return RECS_ERROR;
        }

        n = n * 10 + (c - '0');
    }

    /* the first digit that is left out rounds */

    if (keep >= 0 && keep < digits) {
        c = (keep < (int) number.whole_len) ? number.whole[keep]
            : number.fraction[keep - number.whole_len];

        n += (c >= '5');
    }

    *micro = number.negative ? -(int64_t) n : (int64_t) n;

    return RECS_OK;
}


/* [-] digits [. digits] [e [+-] digits] */

static int
recs_parse_number(const recs_str_t *text, recs_parse_number_t *n)
{
    int             sign;
    const uint8_t  *p, *last;

    if (text->len == 0 || text->len > 4096) {
        return RECS_ERROR;
    }

    p = text->data;
    last = p + text->len;

    n->negative = (*p == '-');
    n->whole = p + n->negative;

    p = recs_parse_span(n->whole, last);

    n->whole_len = p - n->whole;
    n->fraction = p;
    n->fraction_len = 0;
    n->exponent = 0;

    if (n->whole_len == 0) {
        return RECS_ERROR;
    }

    if (p < last && *p == '.') {
        n->fraction = p + 1;
        p = recs_parse_span(n->fraction, last);
        n->fraction_len = p - n->fraction;

        if (n->fraction_len == 0) {
            return RECS_ERROR;
        }
    }

    if (p == last) {
        return RECS_OK;
    }

    if ((*p | 0x20) != 'e' || ++p == last) {
        return RECS_ERROR;
    }

    sign = (*p == '-') ? -1 : 1;

    if (*p == '-' || *p == '+') {
        p++;
    }

    if (p == last) {
        return RECS_ERROR;
    }

    for ( /* void */ ; p < last; p++) {

        if (*p < '0' || *p > '9' || n->exponent > RECS_EXPONENT_MAX) {
            return RECS_ERROR;
        }

        n->exponent = n->exponent * 10 + (*p - '0');
    }

    n->exponent *= sign;

    return RECS_OK;
}


static const uint8_t *
recs_parse_span(const uint8_t *p, const uint8_t *last)
{
    while (p < last && *p >= '0' && *p <= '9') {
        p++;
    }

    return p;
}


/* Seconds may have a fraction; what is less than a millisecond is cut off. */

static int
recs_parse_epoch(const recs_str_t *text, int64_t *ms)
{
    size_t               i;
    int64_t              n, scale;
    recs_parse_number_t  number;

    if (recs_parse_number(text, &number) != RECS_OK
        || number.exponent
        || number.whole_len > 19)
    {
        return RECS_ERROR;
    }

    for (i = 0, n = 0; i < number.whole_len; i++) {

        if (n > (INT64_MAX - 9) / 10) {
            return RECS_ERROR;
        }

        n = n * 10 + (number.whole[i] - '0');
    }

    if (n >= 100000000000000000) {
        n /= 1000000;

    } else if (n >= 100000000000000) {
        n /= 1000;

    } else if (n < 100000000000) {
        n *= 1000;

        for (i = 0, scale = 100; i < number.fraction_len && scale; i++) {
            n += (number.fraction[i] - '0') * scale;
            scale /= 10;
        }
    }

    if (n > RECS_TIME_MAX) {
        return RECS_ERROR;
    }

    *ms = number.negative ? -n : n;

    return RECS_OK;
}


/* YYYY-MM-DD, ten bytes */

static int
recs_parse_date(const uint8_t *p, int64_t *ms)
{
    int64_t   days;
    unsigned  year, month, day, leap, length;

    static const uint16_t  before[] = {
        0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365
    };

    if (recs_parse_digits(p, 4, &year) != RECS_OK
        || p[4] != '-'
        || recs_parse_digits(p + 5, 2, &month) != RECS_OK
        || p[7] != '-'
        || recs_parse_digits(p + 8, 2, &day) != RECS_OK)
    {
        return RECS_ERROR;
    }

    if (year == 0 || month == 0 || month > 12 || day == 0) {
        return RECS_ERROR;
    }

    leap = (year % 4 == 0 && year % 100) || year % 400 == 0;

    length = before[month] - before[month - 1];

    if (day > length + (month == 2 && leap)) {
        return RECS_ERROR;
    }

    days = before[month - 1] + day - 1 + (month > 2 && leap);

    /* the leap days of the years before this one */

    year--;
    days += (int64_t) year * 365 + year / 4 - year / 100 + year / 400;

    *ms = (days - 719162) * RECS_DAY_MS;

    return RECS_OK;
}


/* HH:MM[:SS[.fraction]] */

static int
recs_parse_clock(const uint8_t **pos, const uint8_t *last, int64_t *ms)
{
    unsigned        hour, minute, second, scale;
    const uint8_t  *p, *end;

    p = *pos;
    second = 0;

    if (last - p < 5
        || recs_parse_digits(p, 2, &hour) != RECS_OK
        || p[2] != ':'
        || recs_parse_digits(p + 3, 2, &minute) != RECS_OK)
    {
        return RECS_ERROR;
    }

    p += 5;

    if (last - p >= 3 && *p == ':') {

        if (recs_parse_digits(p + 1, 2, &second) != RECS_OK) {
            return RECS_ERROR;
        }

        p += 3;
    }

    if (hour > 23 || minute > 59 || second > 60) {
        return RECS_ERROR;
    }

    *ms = ((hour * 60 + minute) * 60 + second) * (int64_t) 1000;

    if (p < last && *p == '.') {
        end = recs_parse_span(++p, last);

        if (p == end) {
            return RECS_ERROR;
        }

        for (scale = 100; p < end; p++) {
            *ms += (*p - '0') * scale;
            scale /= 10;
        }
    }

    *pos = p;

    return RECS_OK;
}


/* Nothing, "Z", " UTC", +HH:MM, +HHMM or +HH */

static int
recs_parse_zone(const uint8_t *p, const uint8_t *last, int64_t *ms)
{
    int       sign;
    unsigned  hour, minute;

    if (p == last) {
        return RECS_OK;
    }

    if (last - p == 1) {
        return (*p == 'Z' || *p == 'z') ? RECS_OK : RECS_ERROR;
    }

    if (*p == ' ') {
        return (last - p == 4 && p[1] == 'U' && p[2] == 'T' && p[3] == 'C')
               ? RECS_OK : RECS_ERROR;
    }

    if (*p != '+' && *p != '-') {
        return RECS_ERROR;
    }

    sign = (*p++ == '-') ? -1 : 1;
    minute = 0;

    if (last - p < 2 || recs_parse_digits(p, 2, &hour) != RECS_OK) {
        return RECS_ERROR;
    }

    p += 2;

    if (p < last) {

        if (*p == ':') {
            p++;
        }

        if (last - p != 2 || recs_parse_digits(p, 2, &minute) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    if (hour > 23 || minute > 59) {
        return RECS_ERROR;
    }

    *ms = sign * (int64_t) (hour * 60 + minute) * 60000;

    return RECS_OK;
}


static int
recs_parse_digits(const uint8_t *p, unsigned n, unsigned *value)
{
    unsigned  v;

    for (v = 0; n; n--, p++) {

        if (*p < '0' || *p > '9') {
            return RECS_ERROR;
        }

        v = v * 10 + (*p - '0');
    }

    *value = v;

    return RECS_OK;
}
