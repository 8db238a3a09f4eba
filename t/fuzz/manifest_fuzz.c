/*
 * Copyright (C) recs authors
 *
 * A manifest, or the name of a snapshot.  What is accepted says the same
 * when it is written down and read again.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../core/snapshot/recs_manifest.h"


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
require(int condition)
{
    if (!condition) {
        abort();
    }
}


static void
again(const recs_manifest_t *m)
{
    int              n;
    char             text[1024], hex[2 * RECS_SHA256_SIZE + 1];
    unsigned         i;
    const char      *err;
    recs_manifest_t  back;

    for (i = 0; i < RECS_SHA256_SIZE; i++) {
        sprintf(hex + 2 * i, "%02x", m->sha256[i]);
    }

    n = snprintf(text, sizeof(text), "{\"id\":\"%016llx\",\"sha256\":\"%s\","
                 "\"format\":%u,\"generation\":%llu,\"size\":%llu,"
                 "\"created\":%lld,\"items\":%llu,\"listed\":%llu,"
                 "\"events\":%llu,\"lists\":%llu}",
                 (unsigned long long) m->id, hex, m->format,
                 (unsigned long long) m->generation,
                 (unsigned long long) m->size, (long long) m->created_ms,
                 (unsigned long long) m->items,
                 (unsigned long long) m->listed,
                 (unsigned long long) m->events,
                 (unsigned long long) m->lists);

    memset(&back, 0, sizeof(back));

    require(recs_manifest_parse(&back, (const uint8_t *) text, n, &err)
            == RECS_OK);
    require(back.id == m->id && back.format == m->format
            && back.generation == m->generation && back.size == m->size
            && back.created_ms == m->created_ms && back.items == m->items
            && back.listed == m->listed && back.events == m->events
            && back.lists == m->lists
            && memcmp(back.sha256, m->sha256, RECS_SHA256_SIZE) == 0);
}


static void
name(const uint8_t *data, size_t size)
{
    char      text[RECS_NAME_MAX];
    uint64_t  id;

    if (recs_manifest_name((const char *) data, size, &id) != RECS_OK) {
        return;
    }

    snprintf(text, sizeof(text), "snap-%016llx.mdb", (unsigned long long) id);

    require(strlen(text) == size && memcmp(text, data, size) == 0);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char       *err;
    recs_manifest_t   m;

    err = NULL;
    memset(&m, 0, sizeof(m));

    if (recs_manifest_parse(&m, data, size, &err) == RECS_OK) {
        require(m.created_ms >= 0);
        again(&m);

    } else {
        require(err != NULL);
    }

    name(data, size);

    return 0;
}
