/*
 * Copyright (C) recs authors
 */

#include "recs_date.h"


#define RECS_DATE_DAY_MS  (24 * RECS_HOUR_MS)
#define RECS_DATE_MAX     INT64_C(253402300799999)


static uint8_t *recs_date_digits(uint8_t *p, uint32_t n, unsigned digits);


/* H. Hinnant, "chrono-compatible low-level date algorithms". */

void
recs_date(int64_t ms, int64_t *year, uint32_t *month, uint32_t *day)
{
    int64_t  days, era, day_of_era, year_of_era;

    days = (ms < 0 ? ms - (RECS_DATE_DAY_MS - 1) : ms) / RECS_DATE_DAY_MS
           + 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    day_of_era = days - era * 146097;
    year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524
                   - day_of_era / 146096) / 365;

    *day = (uint32_t) (day_of_era - (365 * year_of_era + year_of_era / 4
                                     - year_of_era / 100));
    *month = (5 * *day + 2) / 153;
    *year = year_of_era + era * 400 + (*month >= 10);
}


void
recs_out_time(recs_out_t *out, int64_t ms)
{
    int64_t    year;
    uint8_t    text[RECS_DATE_SIZE], *p;
    uint32_t   day, month, clock;

    ms = recs_max(ms, 0);
    ms = recs_min(ms, RECS_DATE_MAX);

    recs_date(ms, &year, &month, &day);
    clock = (uint32_t) (ms % RECS_DATE_DAY_MS);
    day -= (153 * month + 2) / 5;

    p = text;
    *p++ = '"';
    p = recs_date_digits(p, (uint32_t) year, 4);
    *p++ = '-';
    p = recs_date_digits(p, (month + 2) % 12 + 1, 2);
    *p++ = '-';
    p = recs_date_digits(p, day + 1, 2);
    *p++ = 'T';
    p = recs_date_digits(p, clock / 3600000, 2);
    *p++ = ':';
    p = recs_date_digits(p, clock / 60000 % 60, 2);
    *p++ = ':';
    p = recs_date_digits(p, clock / 1000 % 60, 2);

    if (clock % 1000) {
        *p++ = '.';
        p = recs_date_digits(p, clock % 1000, 3);
    }

    *p++ = 'Z';
    *p++ = '"';

    recs_out_bytes(out, text, p - text);
}


static uint8_t *
recs_date_digits(uint8_t *p, uint32_t n, unsigned digits)
{
    unsigned  i;

    for (i = digits; i; i--) {
        p[i - 1] = (uint8_t) ('0' + n % 10);
        n /= 10;
    }

    return p + digits;
}
