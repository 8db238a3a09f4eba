/*
 * Copyright (C) recs authors
 *
 * The segments of users.  Rows of users come many at once, and each may change
 * all that its user has done: what they say is kept, and when somebody looks
 * everything is counted anew, once.
 */

#include "private.h"


void
recs_report_person(recs_report_t *r, uint64_t user, uint32_t segment,
    int64_t time)
{
    uint32_t              *at;
    recs_report_person_t  *p;

    at = recs_report_map_at(&r->by_person, user);

    if (*at == RECS_NONE) {
        recs_grow(&r->people, &r->people_cap, r->person_count + 1,
                  sizeof(recs_report_person_t));

        p = &r->people[r->person_count];
        p->user = user;
        p->time = INT64_MIN;
        p->segment = RECS_NONE;
        p->told = RECS_NONE;

        *at = (uint32_t) r->person_count++;
    }

    p = &r->people[*at];

    /* the latest row counts, of one moment the first name */

    if (time < p->time
        || (time == p->time
            && recs_report_name_compare(r, segment, p->told) >= 0))
    {
        return;
    }

    p->time = time;
    p->told = segment;
    r->people_told |= p->told != p->segment;
}


uint32_t
recs_report_segment(const recs_report_t *r, uint64_t user)
{
    uint32_t  n;

    n = user ? recs_report_map_get(&r->by_person, user) : RECS_NONE;

    return (n == RECS_NONE) ? RECS_NONE : r->people[n].segment;
}


void
recs_report_people_index(recs_report_t *r)
{
    size_t  i;

    recs_report_map_clear(&r->by_person);

    for (i = 0; i < r->person_count; i++) {
        *recs_report_map_at(&r->by_person, r->people[i].user) = (uint32_t) i;
    }
}


void
recs_report_people_rename(recs_report_t *r, const recs_report_names_t *names)
{
    size_t                 i, n;
    recs_report_person_t  *p;

    for (i = 0, n = 0; i < r->person_count; i++) {
        p = &r->people[i];
        p->user = recs_report_named(names, p->user);

        if (p->user) {
            r->people[n++] = *p;
        }
    }

    r->person_count = n;
    recs_report_people_index(r);
}


void
recs_report_people(recs_report_t *r)
{
    size_t  i;

    recs_report_back(r);

    if (!r->people_told) {
        return;
    }

    r->turn++;
    r->people_told = 0;

    recs_report_recount(r, -1);

    for (i = 0; i < r->person_count; i++) {
        r->people[i].segment = r->people[i].told;
    }

    recs_report_recount(r, 1);
}


void
recs_report_recount(recs_report_t *r, int sign)
{
    size_t  i;

    for (i = 0; i < r->touch_count; i++) {
        recs_report_touch_count(r, (uint32_t) i, sign);
    }

    for (i = 0; sign > 0 && i < r->outcome_count; i++) {
        recs_report_basket_given(r, (uint32_t) i);
    }

    for (i = 0; i < r->outcome_count; i++) {
        recs_report_outcome_count(r, (uint32_t) i, sign);
    }
}
