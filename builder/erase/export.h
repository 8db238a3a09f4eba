/*
 * Copyright (C) recs authors
 *
 * Everything that is stored of somebody, for whoever asks what it is.
 */

#ifndef _RECS_BUILDER_EXPORT_H_INCLUDED_
#define _RECS_BUILDER_EXPORT_H_INCLUDED_


#include <stdio.h>
#include "erase.h"


/*
 * The events of whom "ask" names, by the same rule as they are erased, in the
 * event log and its archive: a line of JSON each, in the names of events.md.
 * Needs no lock.  *events: how many.
 */

int recs_export_events(const recs_config_t *config,
    const recs_erase_ask_t *ask, FILE *out, uint64_t *events,
    recs_error_t *e);

/* Bad lines of the quarantine that have a raw id. */

int recs_export_quarantine(const recs_config_t *config,
    const recs_erase_ask_t *ask, FILE *out, recs_error_t *e);


#endif /* _RECS_BUILDER_EXPORT_H_INCLUDED_ */
