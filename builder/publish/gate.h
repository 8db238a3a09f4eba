/*
 * Copyright (C) recs authors
 *
 * Gates: what must not be published, however well formed it is.
 */

#ifndef _RECS_BUILDER_GATE_H_INCLUDED_
#define _RECS_BUILDER_GATE_H_INCLUDED_


#include "../../core/snapshot/recs_manifest.h"
#include "../config.h"


/* An empty snapshot, which --force does not publish either. */

int recs_gate_empty(uint64_t items, uint64_t listed, recs_error_t *err);

/* What the next manifest lost against the one before (NULL: the first). */

int recs_gate_drop(const recs_manifest_t *next, const recs_manifest_t *before,
    const recs_config_t *config, recs_error_t *err);


#endif /* _RECS_BUILDER_GATE_H_INCLUDED_ */
