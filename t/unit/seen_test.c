/*
 * Copyright (C) recs authors
 *
 * What was seen lately is found, what was not is not.
 */

#include <stdlib.h>

#include "core/recs_seen.h"
#include "tap.h"


#define SIZE  (64 * 1024)


static uint64_t
hash_of(uint64_t n)
{
    n = (n + 1) * 0x9e3779b97f4a7c15ULL;
    n ^= n >> 29;

    return n * 0xbf58476d1ce4e5b9ULL;
}


int
main(void)
{
    uint64_t      n, again, invented, room;
    recs_seen_t  *seen;

    seen = calloc(1, SIZE);

    ok(!recs_seen(seen, 1), "no room");
    ok(!recs_seen(seen, 1), "is no memory");

    recs_seen_create(seen, 10);
    is_int(seen->lines, 0, "too small");

    recs_seen_create(seen, SIZE);
    room = seen->lines * RECS_SEEN_WAYS;
    ok(room > 8000, "room for %u", (unsigned) room);

    ok(!recs_seen(seen, 0), "zero is a hash");
    ok(recs_seen(seen, 0), "as any other");

    invented = 0;
    again = 0;

    for (n = 0; n < 10 * room; n++) {
        invented += recs_seen(seen, hash_of(n));
        again += recs_seen(seen, hash_of(n));
    }

    is_int(invented, 0, "nothing is invented");
    is_int(again, 10 * room, "what came a moment ago is known");

    for (n = 0, again = 0; n < room / 4; n++) {
        again += recs_seen(seen, hash_of(10 * room - 1 - n));
    }

    ok(again > room / 4 * 99 / 100, "as is what came lately: %u of %u",
       (unsigned) again, (unsigned) (room / 4));

    for (n = 0, again = 0; n < room; n++) {
        again += recs_seen(seen, hash_of(n));
    }

    ok(again < room / 100, "what is old is forgotten");

    free(seen);

    return done_testing();
}
