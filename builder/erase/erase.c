/*
 * Copyright (C) recs authors
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "erase.h"


int
recs_erase(recs_erase_t *erase, recs_error_t *e)
{
    const recs_config_t  *c;

    if (recs_erase_who(&erase->who, erase->asks, erase->count,
                       recs_erase_each, erase, e)
        != RECS_OK
        || recs_erase_logs(erase, e) != RECS_OK)
    {
        return RECS_ERROR;
    }

    recs_erase_redis(erase);
    recs_erase_journal(erase);
    recs_erase_quarantine(erase);

    c = erase->config;

    if (c->events[0] || c->users[0]) {
        recs_erase_left(erase, RECS_ERASE_INPUT, "\"events\" and \"users\" "
                        "are your own files: take them out there, too");
    }

    return RECS_OK;
}


void
recs_erase_free(recs_erase_t *erase)
{
    size_t  i;

    for (i = 0; i < erase->count; i++) {
        recs_erase_ask_free(&erase->asks[i]);
    }

    recs_erase_who_free(&erase->who);
    free(erase->asks);
    erase->asks = NULL;
    erase->count = 0;
}


/* The first thing counts: the others follow from it in most cases. */

void
recs_erase_left(recs_erase_t *erase, recs_erase_place_e place,
    const char *fmt, ...)
{
    char     *left;
    va_list   args;

    left = erase->places[place].left;

    if (left[0]) {
        return;
    }

    va_start(args, fmt);
    vsnprintf(left, sizeof(erase->places[place].left), fmt, args);
    va_end(args);
}
