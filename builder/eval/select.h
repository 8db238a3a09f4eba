/*
 * Copyright (C) recs authors
 *
 * "auto": the candidates of a list are built from what was known before the
 * last tenth of the records, asked what came then, and the best one is taken
 * for the whole.  What was chosen and why goes into the snapshot's metadata
 * and the manifest.
 *
 * A candidate is measured only where its cost on the whole dataset
 * (recs_model_cost_pt) is within the budgets; measuring uses a share of the
 * users so that it stays cheap, and a directory ".tmp-select" beside the
 * snapshots (below TMPDIR where c->out is NULL).  Nothing here looks at the
 * clock: what is chosen depends on the input and the configuration alone.
 */

#ifndef _RECS_BUILDER_SELECT_H_INCLUDED_
#define _RECS_BUILDER_SELECT_H_INCLUDED_


#include "eval.h"


/*
 * Sets the options of "c" that are "auto" and those that were tried with
 * them, and c->selection, JSON text to be freed by the caller, NULL where
 * nothing is "auto":
 *
 * {"before":MS,"share":S,"steps":[{"step":"related","type":"PERSONALIZED",
 *  "metric":"ndcg","at":20,"cases":N,"chosen":"...","why":"...",
 *  "candidates":[{"set":"related=cosine","value":.1,"half":.01},
 *                {"set":"related=ease","left_out":"..."}]}]}
 *
 * Steps come one after the other, each with what those before it chose.
 * Where there are fewer than RECS_SELECT_CASES questions the first candidate
 * stays, and that is the reason given.
 */

#define RECS_SELECT_CASES  200

int recs_select(const recs_dataset_t *d, recs_config_t *c, recs_error_t *err);


/* One step: what is tried for which questions; the table is in select.c. */

typedef void (*recs_select_cases_pt)(const recs_dataset_t *d,
    const recs_dataset_t *part, uint32_t cut, uint32_t max,
    recs_cases_t *cases);

typedef struct {
    const char             *name;
    recs_list_e             list;      /* where "auto" has to stand */
    unsigned                strategy;
    const char             *metric;
    unsigned                serving;   /* candidates differ only in
                                          recs_format_serving_t: one build */
    recs_select_cases_pt    cases;
    const char *const      *candidates;    /* "NAME=VALUE NAME=VALUE", NULL
                                              ends; the first one is what
                                              stays without questions */
} recs_select_step_t;

extern const recs_select_step_t  recs_select_steps[];    /* name NULL ends */


/*
 * The questions, select_cases.c: at most "max" users (drawn by number) who
 * are in "part" (what is known, recs_dataset_part()) and came to items new
 * to them since "cut" (epoch seconds); or the clicks of at most "max"
 * sessions begun since, each asked from those before it, and no further
 * session where there are RECS_SELECT_CLICKS x "max": an order of a wholesaler
 * is a session of hundreds.
 */

#define RECS_SELECT_CLICKS  5

void recs_select_users(const recs_dataset_t *d, const recs_dataset_t *part,
    uint32_t cut, uint32_t max, recs_cases_t *cases);
void recs_select_sessions(const recs_dataset_t *d,
    const recs_dataset_t *part, uint32_t cut, uint32_t max,
    recs_cases_t *cases);


#endif /* _RECS_BUILDER_SELECT_H_INCLUDED_ */
