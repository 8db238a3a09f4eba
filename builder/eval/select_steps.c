/*
 * Copyright (C) recs authors
 *
 * What "auto" tries.  A new candidate is a line here; it is measured where
 * its cost allows it.
 */

#include "select.h"


/* The fusion is the best one on gowalla and amazonbeauty (docs/quality.md). */

static const char *const  recs_select_related[] = {
    "related=cosine",
    "related=tfidf",
    "related=rp3",
    "related=als",
    "related=ridge ridge=50 dropout=.3 user_power=.2",
    "related=fusion related_fusion=ridge:1,spectral:.5 ridge=50 dropout=.3 "
    "user_power=.2",
    NULL
};

static const char *const  recs_select_decay[] = {
    "history_decay=1",
    "history_decay=0.95",
    "history_decay=0.85",
    "history_decay=0.7",
    NULL
};

static const char *const  recs_select_next[] = {
    "next=slist",
    "next=sr",
    NULL
};

static const char *const  recs_select_rows[] = {
    "session_rows=0.5",
    "session_rows=0.2",
    "session_rows=0.8",
    "session_rows=0.3 session_walks=0.2",
    NULL
};


const recs_select_step_t  recs_select_steps[] = {
    { "related", RECS_LIST_RELATED, RECS_PERSONALIZED, "ndcg", 0,
      recs_select_users, recs_select_related },
    { "history", RECS_LIST_RELATED, RECS_PERSONALIZED, "ndcg", 1,
      recs_select_users, recs_select_decay },
    { "next", RECS_LIST_NEXT, RECS_SESSION, "mrr", 0,
      recs_select_sessions, recs_select_next },
    { "session", RECS_LIST_NEXT, RECS_SESSION, "mrr", 1,
      recs_select_sessions, recs_select_rows },
    { NULL, RECS_LIST_MAX, 0, NULL, 0, NULL, NULL }
};
