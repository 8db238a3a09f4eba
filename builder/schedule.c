/*
 * Copyright (C) recs authors
 */

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "schedule.h"


#define RECS_MINUTE_MS   60000
#define RECS_DAY_MINUTES 1440

#define RECS_SCHEDULE_NEITHER                                                \
    "neither an interval (15m) nor five fields (0 2 * * *)"

#define RECS_INTERVAL_MIN  1000
#define RECS_INTERVAL_MAX  (31 * (int64_t) 86400000)

/* 29 February comes after eight years at most, around 2100. */

#define RECS_SCHEDULE_DAYS  (8 * 366 + 31)


typedef struct {
    const char         *name;
    unsigned            min;
    unsigned            max;
    const char *const  *names;       /* of min, min + 1 ... */
    size_t              offset;      /* in recs_schedule_t */
} recs_cron_field_t;


static int recs_schedule_interval(recs_schedule_t *s, const char *p,
    const char **err);
static int recs_cron_parse(recs_schedule_t *s, const char *p,
    const char **err);
static int recs_cron_list(const char **pos, const recs_cron_field_t *f,
    uint64_t *set);
static int recs_cron_range(const char **pos, const recs_cron_field_t *f,
    uint64_t *set);
static int recs_cron_value(const char **pos, const recs_cron_field_t *f,
    unsigned *value);
static int recs_cron_number(const char **pos, unsigned *value);
static int64_t recs_cron_next(const recs_schedule_t *s, int64_t minute);
static int recs_cron_day(const recs_schedule_t *s, int64_t day);
static void recs_cron_date(int64_t day, unsigned *month, unsigned *mday);


static const char *const  recs_cron_months[] = {
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct",
    "nov", "dec", NULL
};

static const char *const  recs_cron_weekdays[] = {
    "sun", "mon", "tue", "wed", "thu", "fri", "sat", NULL
};

static const recs_cron_field_t  recs_cron_fields[] = {
    { "the minute is not one of 0-59", 0, 59, NULL,
      offsetof(recs_schedule_t, minutes) },
    { "the hour is not one of 0-23", 0, 23, NULL,
      offsetof(recs_schedule_t, hours) },
    { "the day of the month is not one of 1-31", 1, 31, NULL,
      offsetof(recs_schedule_t, days) },
    { "the month is not one of 1-12, jan-dec", 1, 12, recs_cron_months,
      offsetof(recs_schedule_t, months) },
    { "the day of the week is not one of 0-7, sun-sat", 0, 7,
      recs_cron_weekdays, offsetof(recs_schedule_t, weekdays) },
    { NULL, 0, 0, NULL, 0 }
};

static const char *const  recs_cron_short[][2] = {
    { "@hourly", "0 * * * *" },
    { "@daily", "0 0 * * *" },
    { "@weekly", "0 0 * * 0" },
    { "@monthly", "0 0 1 * *" },
    { NULL, NULL }
};


int
recs_schedule_parse(recs_schedule_t *s, const char *text, const char **err)
{
    unsigned     i;
    const char  *p;

    memset(s, 0, sizeof(recs_schedule_t));

    for (i = 0; recs_cron_short[i][0]; i++) {
        if (strcasecmp(text, recs_cron_short[i][0]) == 0) {
            return recs_cron_parse(s, recs_cron_short[i][1], err);
        }
    }

    for (p = text; isdigit((unsigned char) *p); p++) { /* void */ }

    if (p != text && isalpha((unsigned char) *p)) {
        return recs_schedule_interval(s, text, err);
    }

    if (strpbrk(text, " \t") == NULL) {
        *err = RECS_SCHEDULE_NEITHER;
        return RECS_ERROR;
    }

    return recs_cron_parse(s, text, err);
}


static int
recs_schedule_interval(recs_schedule_t *s, const char *p, const char **err)
{
    int64_t   unit;
    unsigned  value;

    *err = "an interval is numbers with a unit: 90s, 15m, 1h30m, 1d";

    while (*p) {

        if (recs_cron_number(&p, &value) != RECS_OK) {
            return RECS_ERROR;
        }

        switch (*p++) {
        case 's':
            unit = 1000;
            break;
        case 'm':
            unit = RECS_MINUTE_MS;
            break;
        case 'h':
            unit = 60 * RECS_MINUTE_MS;
            break;
        case 'd':
            unit = RECS_DAY_MINUTES * RECS_MINUTE_MS;
            break;
        default:
            return RECS_ERROR;
        }

        s->interval_ms += value * unit;

        if (s->interval_ms > RECS_INTERVAL_MAX) {
            break;
        }
    }

    if (s->interval_ms < RECS_INTERVAL_MIN
        || s->interval_ms > RECS_INTERVAL_MAX)
    {
        *err = "an interval is from 1s to 31d";
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_cron_parse(recs_schedule_t *s, const char *p, const char **err)
{
    uint64_t                 *set;
    unsigned                  star;
    const recs_cron_field_t  *f;

    star = 0;

    for (f = recs_cron_fields; f->name; f++) {

        while (isspace((unsigned char) *p)) {
            p++;
        }

        if (*p == '*' && (f->offset == offsetof(recs_schedule_t, days)
                          || f->max == 7))
        {
            star = 1;
        }

        set = (uint64_t *) ((char *) s + f->offset);

        if (*p == '\0') {
            *err = RECS_SCHEDULE_NEITHER;
            return RECS_ERROR;
        }

        if (recs_cron_list(&p, f, set) != RECS_OK) {
            *err = f->name;
            return RECS_ERROR;
        }
    }

    while (isspace((unsigned char) *p)) {
        p++;
    }

    if (*p) {
        *err = "more than five fields";
        return RECS_ERROR;
    }

    s->weekdays = (s->weekdays | s->weekdays >> 7) & 0x7f;
    s->both = star;

    if (recs_cron_next(s, 0) < 0) {
        *err = "this day never comes";
        return RECS_ERROR;
    }

    return RECS_OK;
}


static int
recs_cron_list(const char **pos, const recs_cron_field_t *f, uint64_t *set)
{
    for ( ;; ) {

        if (recs_cron_range(pos, f, set) != RECS_OK) {
            return RECS_ERROR;
        }

        if (**pos != ',') {
            break;
        }

        (*pos)++;
    }

    return (**pos == '\0' || isspace((unsigned char) **pos)) ? RECS_OK
                                                             : RECS_ERROR;
}


static int
recs_cron_range(const char **pos, const recs_cron_field_t *f, uint64_t *set)
{
    unsigned  i, from, to, step;

    from = f->min;
    to = f->max;
    step = 1;

    if (**pos == '*') {
        (*pos)++;

    } else {

        if (recs_cron_value(pos, f, &from) != RECS_OK) {
            return RECS_ERROR;
        }

        to = (**pos == '/') ? f->max : from;

        if (**pos == '-') {
            (*pos)++;

            if (recs_cron_value(pos, f, &to) != RECS_OK || to < from) {
                return RECS_ERROR;
            }
        }
    }

    if (**pos == '/') {
        (*pos)++;

        if (recs_cron_number(pos, &step) != RECS_OK || step == 0) {
            return RECS_ERROR;
        }
    }

    for (i = from; i <= to; i += step) {
        *set |= (uint64_t) 1 << i;
    }

    return RECS_OK;
}


static int
recs_cron_value(const char **pos, const recs_cron_field_t *f, unsigned *value)
{
    unsigned  i;

    for (i = 0; f->names && f->names[i]; i++) {
        if (strncasecmp(*pos, f->names[i], 3) == 0) {
            *pos += 3;
            *value = f->min + i;
            return RECS_OK;
        }
    }

    if (recs_cron_number(pos, value) != RECS_OK) {
        return RECS_ERROR;
    }

    return (*value >= f->min && *value <= f->max) ? RECS_OK : RECS_ERROR;
}


static int
recs_cron_number(const char **pos, unsigned *value)
{
    const char  *p;

    *value = 0;

    for (p = *pos; isdigit((unsigned char) *p); p++) {

        if (p - *pos == 8) {
            return RECS_ERROR;
        }

        *value = *value * 10 + (unsigned) (*p - '0');
    }

    if (p == *pos) {
        return RECS_ERROR;
    }

    *pos = p;

    return RECS_OK;
}


int64_t
recs_schedule_next(const recs_schedule_t *s, int64_t after_ms)
{
    if (s->interval_ms) {
        return after_ms + s->interval_ms;
    }

    return recs_cron_next(s, after_ms / RECS_MINUTE_MS + 1) * RECS_MINUTE_MS;
}


/* The first minute since 1970 that is not before "minute", -1 for none. */

static int64_t
recs_cron_next(const recs_schedule_t *s, int64_t minute)
{
    int64_t   day, last;
    unsigned  i;

    day = minute / RECS_DAY_MINUTES;
    last = day + RECS_SCHEDULE_DAYS;
    i = (unsigned) (minute % RECS_DAY_MINUTES);

    for ( /* void */ ; day < last; day++, i = 0) {

        if (!recs_cron_day(s, day)) {
            continue;
        }

        for ( /* void */ ; i < RECS_DAY_MINUTES; i++) {
            if ((s->hours >> (i / 60) & 1) && (s->minutes >> (i % 60) & 1)) {
                return day * RECS_DAY_MINUTES + i;
            }
        }
    }

    return -1;
}


static int
recs_cron_day(const recs_schedule_t *s, int64_t day)
{
    unsigned  month, mday, wday, in_days, in_weekdays;

    recs_cron_date(day, &month, &mday);

    if (!(s->months >> month & 1)) {
        return 0;
    }

    /* 1 January 1970 was a Thursday */

    wday = (unsigned) ((day + 4) % 7);

    in_days = s->days >> mday & 1;
    in_weekdays = s->weekdays >> wday & 1;

    return s->both ? (in_days && in_weekdays) : (in_days || in_weekdays);
}


/* Years begin in March here, so that the leap day is the last of a year. */

static void
recs_cron_date(int64_t day, unsigned *month, unsigned *mday)
{
    unsigned  n, era, year, yday, m;

    n = (unsigned) (day + 719468);
    era = n % 146097;
    year = (era - era / 1460 + era / 36524 - era / 146096) / 365;
    yday = era - (365 * year + year / 4 - year / 100);
    m = (5 * yday + 2) / 153;

    *mday = yday - (153 * m + 2) / 5 + 1;
    *month = (m < 10) ? m + 3 : m - 9;
}
