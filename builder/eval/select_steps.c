/*
 * Copyright (C) recs authors
 *
 * What "auto" tries.  A new candidate is a line here; it is measured where
 * its cost allows it.
 */

#include "select.h"


/* The fusions are those that are best on published splits (quality.md). */

static const char *const  recs_select_related[] = {
    "related=cosine",
    "related=rp3",
    "related=smoothed",
    "related=als",
    "related=ridge ridge=50 dropout=.3 user_power=.2",
    "related=later history_decay=.7",
    "related=fusion related_fusion=ridge:1,spectral:.5 ridge=50 dropout=.3 "
    "user_power=.2",
    "related=fusion related_fusion=later:1,ridge:.5 dropout=.5 "
    "user_power=.5 history_decay=.7",
    NULL
};

static const char *const  recs_select_trend[] = {
    "related_trend=0",
    "related_trend=.5 related_trend_days=7",
    "related_trend=1 related_trend_days=3",
    NULL
};

static const char *const  recs_select_popular[] = {
    "popularity_weight=0",
    "popularity_weight=.2",
    "popularity_weight=1.5",
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

/*
 * The defaults, then what was best for a shop of electronics where news count
 * (yoochoose), for one of many products and few sessions (diginetica), and
 * for one of a single day (serenade): docs/quality.md, "Sessions".
 */

static const char *const  recs_select_rows[] = {
    "session_rows=0.18 session_walks=0.13",
    "session_rows=0.31 session_walks=0.06 session_recency=7 session_rarity=1 "
        "session_match_scale=1 session_without=0.5 session_distance=8 "
        "session_before=1.3",
    "session_rows=0.1 session_walks=0.14 session_recency=90 "
        "session_position_scale=4 session_rarity=1.5 session_power=1.5 "
        "session_match_scale=4 session_without=1 session_idf=5",
    "session_rows=0.12 session_walks=0.08 session_recency=0 "
        "session_position_scale=15 session_rarity=1.5 session_power=3 "
        "session_match_scale=8 session_without=1 session_distance=2 "
        "session_before=0.3 session_before_distance=4 session_idf=5",
    "session_rows=0.6 session_walks=0.2",
    NULL
};


const recs_select_step_t  recs_select_steps[] = {
    { "related", RECS_LIST_RELATED, RECS_PERSONALIZED, "ndcg", 0,
      recs_select_users, recs_select_related },
    { "history", RECS_LIST_RELATED, RECS_PERSONALIZED, "ndcg", 1,
      recs_select_users, recs_select_decay },
    { "trend", RECS_LIST_RELATED, RECS_PERSONALIZED, "ndcg", 0,
      recs_select_users, recs_select_trend },
    { "popularity", RECS_LIST_RELATED, RECS_PERSONALIZED, "ndcg", 1,
      recs_select_users, recs_select_popular },
    { "next", RECS_LIST_NEXT, RECS_SESSION, "mrr", 0,
      recs_select_sessions, recs_select_next },
    { "session", RECS_LIST_NEXT, RECS_SESSION, "mrr", 1,
      recs_select_sessions, recs_select_rows },
    { NULL, RECS_LIST_MAX, 0, NULL, 0, NULL, NULL }
};
