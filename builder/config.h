/*
 * Copyright (C) recs authors
 *
 * The configuration of the builder, from defaults, a libconfuse file (-c)
 * and the command line, in this order.  One table in config.c has name,
 * type, default and range of each; docs/builder.md lists them.
 */

#ifndef _RECS_BUILDER_CONFIG_H_INCLUDED_
#define _RECS_BUILDER_CONFIG_H_INCLUDED_


#include "../core/snapshot/recs_cells.h"
#include "../core/snapshot/recs_forest.h"
#include "../core/snapshot/recs_format.h"
#include "message.h"


#define RECS_PATHS_MAX       64

#define RECS_LISTS_PERSONAL  0x80000000    /* lists made for one user */


typedef struct {
    /* where things are */

    const char  *events[RECS_PATHS_MAX];   /* --events, NULL-terminated */
    const char  *catalog[RECS_PATHS_MAX];  /* --catalog */
    const char  *users[RECS_PATHS_MAX];    /* --users */
    const char  *out;                      /* --out DIR of snapshots */
    const char  *log;                      /* --log DIR of the event log */
    const char  *key;                      /* --key FILE, default DIR/key */
    const char  *journal;                  /* DIR of segments (run) */
    const char  *redis;                    /* unix:PATH or HOST:PORT (run) */
    const char  *redis_user;               /* NULL: "default" */
    const char  *redis_password_file;
    long         redis_db;                 /* 0 */
    const char  *redis_counters;           /* prefix of keys, NULL: none */
    const char  *stream;                   /* "recs:events" */
    const char  *quarantine;               /* FILE of bad lines */
    const char  *rules;                    /* --rules FILE, NULL: none */
    const char  *hot;                      /* DIR of hot layers (run) */
    const char  *hot_updates[RECS_PATHS_MAX];  /* rows of products */
    const char  *hot_signals;              /* FILE of votes from elsewhere */
    const char  *metrics;                  /* FILE for Prometheus (run) */
    const char  *shop;                     /* "" is the nameless shop */

    const char  *archive;                  /* DIR of old files of the log */

    uint8_t      log_format;               /* RECS_LOG_FORMAT_* */
    double       log_max;                  /* bytes of the log, 0: any */
    double       disk_reserve;             /* bytes to be left, 0: none */

    /* when */

    double       retention_days;           /* of the log, 90; 0: for ever */

    const char  *schedule;                 /* "15m" or "0 2 * * *" */
    double       poll;                     /* seconds between polls, 0.5 */
    double       hot_every;                /* seconds between layers, 2 */
    int64_t      now_ms;                   /* --now, 0: newest event */

    /* how */

    long         threads;                  /* 2 */
    long         keep;                     /* snapshots, 5 */
    double       max_bad;                  /* share of bad lines, 0.05 */
    double       max_items_drop;           /* 0.10 */
    double       max_lists_drop;           /* 0.20 */
    int          force;                    /* --force */

    /* reports, report/report.h */

    uint8_t      attribution;              /* recs_attribution_e */
    double       report_click_days;        /* 7 */
    double       report_view_hours;        /* 24 */
    double       report_refund_days;       /* 90 */
    long         report_hours;             /* told apart, 168 */
    long         report_cells;             /* 1000000 */

    /* models, algorithms.md 1 */

    double       half_life_days;           /* of implicit feedback, 45 */
    double       similar_weights[5];       /* .40 .15 .20 .15 .10 */
    uint8_t      similar_behaviour;        /* RECS_BEHAVIOUR_* */
    uint8_t      together_score;           /* RECS_TOGETHER_* */
    double       together_beta;            /* .05 */
    double       together_smoothing;       /* 100 */
    double       together_size;            /* .5 */
    double       together_days;            /* half-life, 180; 0: none */
    double       together_min_g2;          /* 0 */
    long         together_min_count;       /* 3 */
    double       together_min_lift;        /* .5 */
    double       trending_hours;           /* half-life, 24; 0: from data */
    double       hot_hours;                /* the same of a hot layer, 6 */
    long         hot_max;                  /* rows of its lists, 50 */
    long         hot_votes;                /* remembered, 4000000 */
    long         hot_pairs;                /* products by region, 1000000 */
    uint8_t      hot_stock;                /* RECS_HOT_STOCK_* */
    int          trust;                    /* leave out whom not to believe */
    long         trust_minute;             /* 50 */
    long         trust_day;                /* 2000 */
    long         trust_repeat;             /* 50 */
    double       trust_crowd;              /* 3; 0: all are believed */
    long         trust_nameless;           /* 1; 0: nobody is no one */
    double       low_stock_days;           /* 14 */
    double       new_days;                 /* tau, 14 */
    double       drop_min;                 /* .05 */
    double       drop_days;                /* 30 */
    double       up_sell_min;              /* price ratio, 1.05 */
    double       up_sell_max;              /* 1.6 */
    double       up_sell_smoothing;        /* 20 */
    double       up_sell_coview;           /* .05 */
    const char  *tiers;                    /* names, lowest first */
    double       upgrade_smoothing;        /* 20 */
    double       high_value;               /* currency units, 1000 */
    double       complementary_days;       /* half-life, 60 */
    double       complementary_smoothing;  /* 20 */
    long         segment_people;           /* 30 */
    long         segment_orders;           /* 3 */
    double       segment_days;             /* 90 */
    long         list_max;                 /* rows of a ranked list, 200 */
    long         related_max;              /* 100 */
    const char  *related;                  /* "auto", a model of the list */
    const char  *next;                     /* "auto" */
    long         next_max;                 /* 100 */
    const char  *related_fusion;           /* "NAME:WEIGHT NAME:WEIGHT" */
    const char  *next_fusion;
    double       time_budget;              /* minutes, 10 */
    double       memory_budget;            /* GB, 8 */
    int          related_weights;
    double       ridge;
    double       dropout;
    double       relax;
    double       item_power;
    double       user_power;
    double       knn_shrink;
    double       bm25_k1;
    double       bm25_b;
    double       rp3_alpha;
    double       rp3_beta;
    long         ridge_support;
    long         spectral_rank;
    double       spectral_weight;
    double       spectral_pairs;
    double       spectral_sharpen;
    double       spectral_user_power;
    double       later_decay;
    double       later_together;
    double       later_from;
    double       later_to;
    double       related_trend;
    double       related_trend_days;
    long         basket_neighbours;        /* 300 */
    long         basket_groups;            /* 7 */
    double       basket_within;            /* .9 */
    double       basket_between;           /* .7 */
    double       basket_decay;             /* .95 */
    double       basket_own;
    double       basket_again;
    double       basket_due;
    double       basket_wait;
    double       basket_first;
    double       basket_grouped;
    double       basket_alike;
    double       basket_follow;
    long         slist_support;
    double       slist_lambda;
    double       slist_alpha;
    double       slist_tau;
    double       slist_days;               /* 0: age does not matter */
    long         walk_entries;
    double       walk_further;
    long         sansa_entries;
    long         sansa_steps;
    long         als_factors;
    long         als_iterations;
    double       als_unseen;
    double       als_ridge;
    long         user_neighbours;
    long         sessions_max;
    long         postings_max;
    double       next_recency;             /* days, 0: age does not matter */
    long         next_steps;
    double       next_power;

    char        *selection;                /* JSON of what "auto" chose and
                                              why, NULL: nothing was asked */
    uint32_t     lists;                    /* bits of the lists to build and
                                              RECS_LISTS_PERSONAL, 0 all;
                                              for selection */

    uint8_t      ranker;                   /* RECS_RANKER_* */
    long         ranker_trees;
    long         ranker_depth;
    double       ranker_rate;
    double       ranker_columns;
    double       ranker_weight;
    double       ranker_slope;
    long         ranker_candidates;        /* RECS_FOREST_CANDIDATES most */
    long         ranker_questions;
    double       content_weight;
    long         content_max;
    double       content_days;

    /*
     * What the ranker has learned, recs_forest_t padded, by strategy, and
     * JSON of what was taken and why; NULL: it is off.
     */

    char        *ranking;

    void        *forests[RECS_FORESTS];
    size_t       forest_sizes[RECS_FORESTS];

    const recs_cells_t  *report;           /* of a build, NULL: none */

    /* numbers of the keys of the key file, 0: it was not read */

    long         key_count;
    uint8_t      key_numbers[4];

    /* what the snapshot hands on to who serves from it */

    recs_format_serving_t  serving;
} recs_config_t;


/* hot_stock, in the order of its words. */

#define RECS_HOT_STOCK_UPDATES    0
#define RECS_HOT_STOCK_PURCHASES  1

/* similar_behaviour and together_score, in the order of their words. */

#define RECS_BEHAVIOUR_AUTO       0
#define RECS_BEHAVIOUR_COSINE     1
#define RECS_BEHAVIOUR_SMOOTHED   2

#define RECS_TOGETHER_SMOOTHED    0
#define RECS_TOGETHER_WILSON      1
#define RECS_TOGETHER_CONFIDENCE  2
#define RECS_TOGETHER_LIFT        3
#define RECS_TOGETHER_COSINE      4
#define RECS_TOGETHER_LLR         5
#define RECS_TOGETHER_SCORES      6


/* Strings of a configuration live as long as the program. */

void recs_config_init(recs_config_t *c);

/* Reads a file over what is there; the message names file and line. */

int recs_config_read(recs_config_t *c, const char *path, recs_error_t *e);

/*
 * Sets one option from its text, the same for the file and the command line;
 * "nth" is the place in a list of paths or weights, 0 begins it anew.
 */

int recs_config_set(recs_config_t *c, const char *name, const char *text,
    unsigned nth, recs_error_t *e);

/*
 * The parameters that shape a snapshot, in the order of the table: calls
 * visit(ctx, name, text) with the value as recs_config_set() takes it.
 */

typedef void (*recs_config_visit_pt)(void *ctx, const char *name,
    const char *text);

void recs_config_each(const recs_config_t *c, recs_config_visit_pt visit,
    void *ctx);

/* Checks ranges and what must be there for a command ("build", "run"). */

int recs_config_check(const recs_config_t *c, const char *command,
    recs_error_t *e);


#endif /* _RECS_BUILDER_CONFIG_H_INCLUDED_ */
