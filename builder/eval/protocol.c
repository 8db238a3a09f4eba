/*
 * Copyright (C) recs authors
 *
 * The protocols, one row each; docs/quality.md says what they read.
 */

#include <string.h>

#include "split.h"


/* Nothing is old in a split without a clock. */

static const char *const  recs_protocol_still[] = {
    "half_life_days", "36500", NULL
};


static const recs_variant_t  recs_protocol_repeats[] = {
    { "repeats", "session_repeats", "yes" },
    { "others", "session_repeats", "others" },
    { "no repeats", "session_repeats", "no" },
    { NULL, NULL, NULL }
};


const recs_protocol_t  recs_protocols[] = {
    { "topn", "DIR of train and test lines \"user item item ...\": what a "
      "user has besides, all items ranked", "PERSONALIZED",
      "recall ndcg hr", 20, recs_split_topn, recs_protocol_still, NULL },
    { "session", "DIR of train_sessions and test_prefix_target, or of tables "
      "SessionId, ItemId, Time: the next item of a session", "SESSION",
      "mrr hr ndcg", 20, recs_split_session, recs_protocol_still,
      recs_protocol_repeats },
    { "leave-one-out", "FILE of lines \"user item item ...\", oldest first: "
      "the last item, all others ranked", "PERSONALIZED",
      "hr ndcg", 10, recs_split_last, recs_protocol_still, NULL },
    { "basket", "DIR of *_history.json.gz and *_future.json.gz: the next "
      "basket", "BUY_AGAIN",
      "recall ndcg_all hr ndcg", 10, recs_split_basket, recs_protocol_still,
      NULL },
    { "temporal", "EVENTS [CATALOG...]: any log, cut at one moment; with "
      "--strategy what is asked, users, baskets or sessions", "PERSONALIZED",
      "recall ndcg hr", 20, recs_split_temporal, NULL, NULL },
    { NULL, NULL, NULL, NULL, 0, NULL, NULL, NULL }
};


const recs_protocol_t *
recs_protocol_find(const char *name)
{
    const recs_protocol_t  *p;

    for (p = recs_protocols; p->name; p++) {
        if (strcmp(p->name, name) == 0) {
            return p;
        }
    }

    return NULL;
}
