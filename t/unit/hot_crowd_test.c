/*
 * Copyright (C) recs authors
 *
 * People whom the hot layer remembers, and how many it believes.
 */

#include "builder/hot/crowd.h"
#include "core/recs_types.h"
#include "tap.h"


int
main(void)
{
    uint32_t            lost;
    uint64_t            who;
    recs_hot_crowd_t    c;
    recs_hot_person_t  *p;

    recs_hot_crowd_init(&c, 4096);

    p = recs_hot_crowd_person(&c, 77);
    is_int(p->record, RECS_NONE, "somebody new");
    p->record = 5;
    p->held = 1;

    for (who = 1000; who < 1000 + 2000; who++) {
        recs_hot_crowd_person(&c, who * 0x9e3779b97f4a7c15)->record = 1;
    }

    p = recs_hot_crowd_person(&c, 77);
    ok(p->record == 5 && p->held == 1, "is known after two thousand others");

    for (lost = 0, who = 1000; who < 1000 + 2000; who++) {
        lost += recs_hot_crowd_person(&c, who * 0x9e3779b97f4a7c15)->record
                != 1;
    }

    is_int(lost, 0, "and so are they");

    for (who = 10000; who < 20000; who++) {
        (void) recs_hot_crowd_person(&c, who * 0x9e3779b97f4a7c15);
    }

    is_int(recs_hot_crowd_person(&c, 77)->record, RECS_NONE,
           "forgotten after ten thousand");
    ok(c.count <= 2048, "memory does not grow");

    ok(recs_hot_crowd_most(&c, 3, 0) == 1.25, "nobody else: one");
    ok(recs_hot_crowd_most(&c, 3, 10) == 6.25, "half as many as others");

    c.alone = 300;
    c.others = 100;
    ok(recs_hot_crowd_most(&c, 3, 10) == 1 + 9 * 10.5,
       "more where most look at one product only");

    recs_hot_crowd_free(&c);

    return done_testing();
}
