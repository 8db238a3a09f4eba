/*
 * Copyright (C) recs authors
 */

#include "synth.h"


#define RECS_SYNTH_DAY  ((int64_t) 86400 * 1000)


/*
 * All about a user follows from the number, so that none has to be kept.
 * Most were there before the events begin.
 */

void
recs_synth_user(const recs_synth_t *s, recs_synth_user_t *user,
    uint32_t number)
{
    double         at;
    unsigned       i;
    recs_random_t  r;

    static const char *const  devices[] = {
        "mobile", "mobile", "mobile", "mobile", "mobile", "desktop",
        "desktop", "desktop", "desktop", "tablet"
    };

    r.state = recs_random_mix(s->seed + 7) ^ recs_random_mix(number);

    user->number = number;
    user->hash = recs_random_next(&r);
    user->budget = 0.6 + recs_random_real(&r) * 1.2;
    user->device = devices[recs_random_below(&r, 10)];

    at = recs_random_real(&r);
    user->region = recs_synth_regions[(unsigned) (8 * at * at)];

    for (i = 0; i < RECS_SYNTH_FAVOURITES; i++) {
        user->favourites[i] = recs_synth_pick(s, s->usual,
                                              recs_random_real(&r));
    }

    at = recs_random_real(&r);

    if (at < 0.7) {
        user->created_ms = s->start_ms - (int64_t) (at * 730
                                                    * RECS_SYNTH_DAY);

    } else {
        user->created_ms = s->start_ms
                           + (int64_t) ((at - 0.7) / 0.3 * s->days
                                        * RECS_SYNTH_DAY);
    }
}


int
recs_synth_users(const recs_synth_t *s, recs_error_t *err)
{
    int                 rc;
    uint32_t            i;
    recs_synth_file_t   f;
    recs_synth_user_t   user;
    recs_synth_text_t  *t;

    static const char *const  cohorts[] = {
        "18-24", "25-34", "35-44", "45-54", "55-64", "65+"
    };

    static const char *const  channels[] = {
        "organic", "search", "social", "email", "affiliate"
    };

    if (recs_synth_open(&f, s->out, "users.jsonl", err) != RECS_OK) {
        return RECS_ERROR;
    }

    rc = RECS_OK;
    t = &f.text;

    for (i = 0; i < s->users && rc == RECS_OK; i++) {
        recs_synth_user(s, &user, i);

        recs_synth_room(t);
        recs_synth_put(t, "{\"userId\":\"u");
        recs_synth_number(t, 10001 + (int64_t) i);
        recs_synth_put(t, "\"");
        recs_synth_string(t, "cohort", cohorts[user.hash % 6]);
        recs_synth_string(t, "region", user.region);
        recs_synth_string(t, "segment",
                          (user.budget > 1.3) ? "premium"
                          : (user.budget > 0.9) ? "standard" : "value");
        recs_synth_string(t, "channel", channels[(user.hash >> 8) % 5]);
        recs_synth_put(t, ",\"optIn\":");
        recs_synth_put(t, ((user.hash >> 16) % 5 < 2) ? "true" : "false");
        recs_synth_count(t, "createdAt", user.created_ms);
        recs_synth_put(t, "}\n");

        rc = recs_synth_flush(&f, err);
    }

    return (recs_synth_close(&f, err) == RECS_OK) ? rc : RECS_ERROR;
}
