/*
 * Copyright (C) recs authors
 *
 * Dates of the civil calendar, UTC.
 */

#ifndef _RECS_DATE_H_INCLUDED_
#define _RECS_DATE_H_INCLUDED_


#include "recs_out.h"


#define RECS_HOUR_MS  INT64_C(3600000)


/*
 * The date of a time: the month is counted from March, 0, the day from the
 * first of March, 0; the year is that of January.
 */

void recs_date(int64_t ms, int64_t *year, uint32_t *month, uint32_t *day);

/*
 * A time by RFC 3339 in quotes, "2026-11-20T20:00:00Z", with milliseconds
 * where it has some; one outside of the years 1970 to 9999 is written as the
 * first or last of these.
 */

#define RECS_DATE_SIZE  26

void recs_out_time(recs_out_t *out, int64_t ms);


#endif /* _RECS_DATE_H_INCLUDED_ */
