/*
 * Copyright (C) recs authors
 *
 * What "auto" tries.  A new candidate is a line here; it is measured where
 * its cost allows it.
 */

#include "select.h"


static const char *const  recs_select_related[] = {
    "related=cosine",
    "related=cosine history_decay=0.9",
    "related=tfidf",
    "related=rp3",
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
    "next=sr",
    "next=ar",
    NULL
};

static const char *const  recs_select_rows[] = {
    "session_rows=0.5",
    "session_rows=0.2",
    "session_rows=0.8",
    NULL
};


const recs_select_step_t  recs_select_steps[] = {
    { "related", RECS_LIST_RELATED, RECS_PERSONALIZED, "ndcg",
      recs_select_users, recs_select_related },
    { "history", RECS_LIST_RELATED, RECS_PERSONALIZED, "ndcg",
      recs_select_users, recs_select_decay },
    { "next", RECS_LIST_NEXT, RECS_SESSION, "mrr",
      recs_select_sessions, recs_select_next },
    { "session", RECS_LIST_NEXT, RECS_SESSION, "mrr",
      recs_select_sessions, recs_select_rows },
    { NULL, RECS_LIST_MAX, 0, NULL, NULL, NULL }
};
