/*
 * Copyright (C) recs authors
 *
 * The options of the builder, one row each.
 */

#include <stddef.h>

#include "config_options.h"


#define recs_option_row(name, type, value, min, max, help)                   \
    { #name, RECS_OPTION_##type, offsetof(recs_config_t, name), value, min,  \
      max, help, NULL, 0 }

#define recs_option_word(name, value, words, help)                           \
    { #name, RECS_OPTION_WORD, offsetof(recs_config_t, name), value, 0, 0,   \
      help, words, 0 }

/* A parameter of models: what is built depends on it. */

#define recs_model_row(name, type, value, min, max, help)                    \
    { #name, RECS_OPTION_##type, offsetof(recs_config_t, name), value, min,  \
      max, help, NULL, 1 }

#define recs_model_word(name, value, words, help)                            \
    { #name, RECS_OPTION_WORD, offsetof(recs_config_t, name), value, 0, 0,   \
      help, words, 1 }

/* A parameter that the snapshot hands on to who serves from it. */

#define recs_serving_row(name, field, type, value, min, max, help)           \
    { #name, RECS_OPTION_##type,                                             \
      offsetof(recs_config_t, serving)                                       \
      + offsetof(recs_format_serving_t, field),                              \
      value, min, max, help, NULL, 1 }

#define recs_serving_word(name, field, value, words, help)                   \
    { #name, RECS_OPTION_WORD,                                               \
      offsetof(recs_config_t, serving)                                       \
      + offsetof(recs_format_serving_t, field),                              \
      value, 0, 0, help, words, 1 }


static const char *const  recs_words_format[] = { "text", "json", NULL };

static const char *const  recs_words_ranker[] = {
    "off", "time", "last", NULL
};

static const char *const  recs_words_weight[] = {
    "same", "linear", "share", "square", "exp", "distinct", "inverse",
    "inverse2", NULL
};

static const char *const  recs_words_behaviour[] = {
    "auto", "cosine", "smoothed", NULL
};

static const char *const  recs_words_together[] = {
    "smoothed", "wilson", "confidence", "lift", "cosine", "llr", NULL
};

static const char *const  recs_words_similarity[] = {
    "dot", "cosine", NULL
};

static const char *const  recs_words_stock[] = {
    "updates", "purchases", NULL
};

/* in the order of recs_attribution_e */

static const char *const  recs_words_attribution[] = {
    "last", "first", "linear", "decay", "position", NULL
};

static const char *const  recs_words_repeats[] = {
    "no", "yes", "others", NULL
};


const recs_config_option_t  recs_config_options[] = {

    recs_option_row(events, PATHS, NULL, 1, 4096,
                    "files or directories of events"),
    recs_option_row(catalog, PATHS, NULL, 1, 4096,
                    "files or directories of products"),
    recs_option_row(users, PATHS, NULL, 1, 4096,
                    "files or directories of users"),
    recs_option_row(out, STRING, NULL, 1, 4096,
                    "directory of the snapshots"),
    recs_option_row(log, STRING, NULL, 1, 4096,
                    "directory of the event log"),
    recs_option_row(key, STRING, NULL, 1, 4096,
                    "key file of identities, default \"key\" beside the "
                    "snapshots"),
    recs_option_row(journal, STRING, NULL, 1, 4096,
                    "directory of the workers' journal"),
    recs_option_row(redis, STRING, NULL, 1, 4096,
                    "unix:PATH or HOST:PORT"),
    recs_option_row(redis_user, STRING, NULL, 1, 255,
                    "user of Redis, default \"default\""),
    recs_option_row(redis_password_file, STRING, NULL, 1, 4096,
                    "file whose first line is the password of Redis"),
    recs_option_row(redis_db, COUNT, "0", 0, 65535,
                    "number of the database in Redis"),
    recs_option_row(redis_counters, STRING, NULL, 1, 255,
                    "prefix of the keys of counters in Redis"),
    recs_option_row(stream, STRING, "recs:events", 1, 4096,
                    "stream of events in Redis"),
    recs_option_row(quarantine, STRING, NULL, 1, 4096,
                    "file that bad lines are appended to"),
    recs_option_row(rules, STRING, NULL, 1, 4096,
                    "file of merchandising rules"),
    recs_option_row(hot, STRING, NULL, 1, 4096,
                    "directory of the hot layers"),
    recs_option_row(hot_updates, PATHS, NULL, 1, 4096,
                    "files or directories of changes of products"),
    recs_option_row(hot_signals, STRING, NULL, 1, 4096,
                    "file of votes from elsewhere"),
    recs_option_row(metrics, STRING, NULL, 1, 4096,
                    "file of metrics for Prometheus"),
    recs_option_row(log_max, NUMBER, "0", 0, 1e15,
                    "bytes that the event log may have, 0: any"),
    recs_option_row(disk_reserve, NUMBER, "0", 0, 1e15,
                    "bytes that the event log leaves of its file system"),
    recs_option_word(log_format, "text", recs_words_format,
                     "form of messages"),
    recs_option_row(shop, STRING, "", 0, RECS_SHOP_MAX,
                    "name of the shop, \"\" where there is one only"),

    recs_option_row(archive, STRING, NULL, 1, 4096,
                    "directory that old files of the log are moved to"),
    recs_option_row(retention_days, NUMBER, "90", 0, 36500,
                    "days that files of the log are kept, 0: for ever"),
    recs_option_row(schedule, STRING, "15m", 2, 255,
                    "when the base is built: \"15m\" or \"0 2 * * *\""),
    recs_option_row(poll, NUMBER, "0.5", 0.01, 3600,
                    "seconds between looks at the journal"),
    recs_option_row(hot_every, NUMBER, "2", 0.05, 3600,
                    "seconds between two hot layers, where one is due"),
    recs_option_row(now_ms, TIME, NULL, 0, 0,
                    "the clock of the build, default the newest event"),

    recs_option_row(threads, COUNT, "2", 1, 256, "threads"),
    recs_option_row(keep, COUNT, "5", 1, 10000, "snapshots to keep"),
    recs_option_row(max_bad, NUMBER, "0.05", 0, 1,
                    "share of bad lines that refuses a build"),
    recs_option_row(max_items_drop, NUMBER, "0.10", 0, 1,
                    "share of products lost that refuses a build"),
    recs_option_row(max_lists_drop, NUMBER, "0.20", 0, 1,
                    "share of lists lost that refuses a build"),
    recs_option_row(force, FLAG, "false", 0, 1,
                    "publish what the gates refuse"),

    recs_option_word(attribution, "last", recs_words_attribution,
                     "who is given a sale that several clicks led to"),
    recs_option_row(report_click_days, NUMBER, "7", 0.01, 90,
                    "days after a click that a sale is its own"),
    recs_option_row(report_view_hours, NUMBER, "24", 0, 720,
                    "hours after a product was shown that a sale is told "
                    "apart, 0: never"),
    recs_option_row(report_refund_days, NUMBER, "90", 3, 3650,
                    "days that an order is remembered for refunds"),
    recs_option_row(report_hours, COUNT, "168", 72, 87600,
                    "hours that reports tell apart, older ones are days"),
    recs_option_row(report_cells, COUNT, "1000000", 100, 100000000,
                    "cells of reports, at most"),

    recs_model_row(half_life_days, NUMBER, "45", 0.01, 36500,
                   "half-life of implicit feedback"),
    recs_model_row(similar_weights, WEIGHTS, ".40 .15 .20 .15 .10", 0, 1,
                   "category, brand, price, specification, behaviour"),
    recs_model_word(similar_behaviour, "auto", recs_words_behaviour,
                    "similar: what behaviour is"),
    recs_model_word(together_score, "smoothed", recs_words_together,
                    "bought together: what ranks"),
    recs_model_row(together_beta, NUMBER, ".05", 0, 1,
                   "bought together: exponent of popularity"),
    recs_model_row(together_smoothing, NUMBER, "100", 0, 1e9,
                   "bought together: weight of what is expected"),
    recs_model_row(together_size, NUMBER, ".5", 0, 2,
                   "bought together: exponent of a basket's size"),
    recs_model_row(together_days, NUMBER, "180", 0, 36500,
                   "bought together: half-life of a basket, 0: none"),
    recs_model_row(together_min_g2, NUMBER, "0", 0, 1e9,
                   "bought together: least log-likelihood ratio"),
    recs_model_row(together_min_count, COUNT, "3", 1, 1000000,
                   "bought together: least number of baskets"),
    recs_model_row(together_min_lift, NUMBER, ".5", 0, 1e6,
                   "bought together: least lift"),
    recs_model_row(trending_hours, NUMBER, "24", 0, 87600,
                   "half-life of trends, 0: from the data"),
    recs_model_row(hot_hours, NUMBER, "6", 0.01, 72,
                   "half-life of the trends of a hot layer"),
    recs_model_row(hot_max, COUNT, "50", 1, 10000,
                   "rows of a list of a hot layer"),
    recs_model_row(hot_votes, COUNT, "4000000", 1000, 1000000000,
                   "votes that a hot layer knows not to count twice"),
    recs_model_row(hot_pairs, COUNT, "1000000", 1000, 1000000000,
                   "products by region that a hot layer counts"),
    recs_model_word(hot_stock, "updates", recs_words_stock,
                    "what changes the stock of a hot layer"),
    recs_model_row(trust, FLAG, "true", 0, 1,
                   "leave out what programs and crowds of one product do"),
    recs_model_row(trust_minute, COUNT, "50", 2, 61,
                   "a program looks in as many seconds of a minute"),
    recs_model_row(trust_day, COUNT, "2000", 2, 86400,
                   "or in as many seconds of a day"),
    recs_model_row(trust_repeat, COUNT, "50", 2, 86400,
                   "or as often on a day at nothing but one product"),
    recs_model_row(trust_crowd, NUMBER, "3", 0, 1e6,
                   "people of one product as a multiple of the usual, 0: all"),
    recs_model_row(trust_nameless, COUNT, "1", 0, 1000000000,
                   "lines of nobody of one product and day that are believed"),
    recs_model_row(low_stock_days, NUMBER, "14", 0.01, 3650,
                   "products that are sold out sooner are low in stock"),
    recs_model_row(new_days, NUMBER, "14", 0.01, 36500,
                   "how long a product is new"),
    recs_model_row(drop_min, NUMBER, ".05", 0, 1,
                   "least share that a price drop takes off"),
    recs_model_row(drop_days, NUMBER, "30", 0.01, 3650,
                   "how long a price drop is shown"),
    recs_model_row(up_sell_min, NUMBER, "1.05", 1, 1000,
                   "up-sell: least price, as a multiple"),
    recs_model_row(up_sell_max, NUMBER, "1.6", 1, 1000,
                   "up-sell: highest price, as a multiple"),
    recs_model_row(up_sell_smoothing, NUMBER, "20", 0, 1e9,
                   "up-sell: weight of what the category sells"),
    recs_model_row(up_sell_coview, NUMBER, ".05", 0, 1,
                   "up-sell: purchases that a view of both stands for"),
    recs_model_row(tiers, STRING, "", 0, 255,
                   "names of tiers, the lowest first, between commas"),
    recs_model_row(upgrade_smoothing, NUMBER, "20", 0, 1e9,
                   "upgrade path: weight of the affinity of a tier"),
    recs_model_row(high_value, NUMBER, "1000", 0, 1e12,
                   "what a customer of high value has spent, 0: none is"),
    recs_model_row(complementary_days, NUMBER, "60", 0, 36500,
                   "complementary: half-life of the time between, 0: none"),
    recs_model_row(complementary_smoothing, NUMBER, "20", 0, 1e9,
                   "complementary: weight of what is bought anyway"),
    recs_model_row(segment_people, COUNT, "30", 1, 1000000000,
                   "least customers of a segment"),
    recs_model_row(segment_orders, COUNT, "3", 1, 1000000,
                   "orders of a loyal customer"),
    recs_model_row(segment_days, NUMBER, "90", 0, 36500,
                   "days since the last order of a loyal customer"),
    recs_model_row(list_max, COUNT, "200", 1, 10000,
                   "rows of a ranked list"),
    recs_model_row(related_max, COUNT, "100", 1, 100000,
                   "entries of a product's row for PERSONALIZED"),

    /* which model of builder/model/model.c fills a list */

    recs_model_row(related, STRING, "auto", 1, 32,
                   "model of PERSONALIZED rows, or \"auto\""),
    recs_model_row(next, STRING, "auto", 1, 32,
                   "model of SESSION rows, or \"auto\""),
    recs_model_row(next_max, COUNT, "100", 1, 100000,
                   "entries of a product's row for SESSION"),
    recs_model_row(related_fusion, STRING, "cosine:1", 1, 200,
                   "related = fusion: \"NAME:WEIGHT NAME:WEIGHT\""),
    recs_model_row(next_fusion, STRING, "slist:1", 1, 200,
                   "next = fusion: \"NAME:WEIGHT NAME:WEIGHT\""),
    recs_option_row(time_budget, NUMBER, "10", 0, 100000,
                    "minutes that a build may take, every model included"),
    recs_option_row(memory_budget, NUMBER, "8", 0.01, 100000,
                    "GB that a build may take"),

    /* the linear models, algorithms.md 1.1 */

    recs_model_row(related_weights, FLAG, "false", 0, 1,
                   "feedback as it is weighted, rather than yes or no"),
    recs_model_row(ridge, NUMBER, "20", 0, 1e9,
                   "ease, ridge: lambda"),
    recs_model_row(dropout, NUMBER, "0", 0, 0.99,
                   "ease, ridge: share of a history left out (EDLAE)"),
    recs_model_row(relax, NUMBER, "0", 0, 1,
                   "ease: xi of the relaxed diagonal (RDLAE)"),
    recs_model_row(item_power, NUMBER, "0", 0, 1,
                   "ease, ridge: alpha, exponent of the item's number (DAN)"),
    recs_model_row(user_power, NUMBER, "0", 0, 1,
                   "linear models: beta, exponent of the user's number"),
    recs_model_row(later_decay, NUMBER, ".8", 0, 1,
                   "later: weight of a pair by the places between"),
    recs_model_row(later_together, NUMBER, "1", 0, 1e6,
                   "later: weight of a pair of the same moment"),
    recs_model_row(later_from, NUMBER, ".5", 0, 2,
                   "later: exponent of the earlier item's number"),
    recs_model_row(later_to, NUMBER, ".2", 0, 2,
                   "later: exponent of the later item's number"),
    recs_model_row(related_trend, NUMBER, "0", 0, 4,
                   "exponent of how much more a product is wanted lately"),
    recs_model_row(related_trend_days, NUMBER, "7", 0.01, 36500,
                   "half-life behind related_trend"),
    recs_model_row(knn_shrink, NUMBER, "5", 0, 1e9,
                   "cosine: added to the denominator"),
    recs_model_row(bm25_k1, NUMBER, "1.2", 0, 1e6,
                   "bm25: K1, how late feedback saturates"),
    recs_model_row(bm25_b, NUMBER, ".75", 0, 1,
                   "bm25: B, weight of the item's number"),
    recs_model_row(rp3_alpha, NUMBER, ".6", 0, 10,
                   "rp3: exponent of probabilities"),
    recs_model_row(rp3_beta, NUMBER, ".2", 0, 10,
                   "rp3: exponent of the item's number"),
    recs_model_row(ridge_support, COUNT, "100", 1, 2000,
                   "ridge: items that an item is explained by"),
    recs_model_row(spectral_rank, COUNT, "64", 1, 4096,
                   "spectral: directions that pass the ideal filter"),
    recs_model_row(spectral_weight, NUMBER, "1", 0, 1e6,
                   "spectral: weight of the ideal filter"),
    recs_model_row(spectral_pairs, NUMBER, "0", 0, 1e6,
                   "spectral: weight of the linear filter"),
    recs_model_row(spectral_sharpen, NUMBER, "0", 0, 4,
                   "spectral: time of sharpening"),
    recs_model_row(spectral_user_power, NUMBER, ".5", 0, 2,
                   "spectral: beta, exponent of the user's number"),
    recs_model_row(sansa_entries, COUNT, "100", 1, 10000,
                   "sansa: entries of a column of the factors"),
    recs_model_row(sansa_steps, COUNT, "4", 0, 1000,
                   "sansa: steps towards the inverse"),
    recs_model_row(als_factors, COUNT, "64", 1, 4096,
                   "als: factors, rounded up to a multiple of 16"),
    recs_model_row(als_iterations, COUNT, "12", 1, 1000,
                   "als: iterations"),
    recs_model_row(als_unseen, NUMBER, ".01", 1e-9, 1e6,
                   "als: weight of what a user has not"),
    recs_model_row(als_ridge, NUMBER, ".01", 1e-9, 1e6,
                   "als: lambda, times entries of a row"),
    recs_model_row(user_neighbours, COUNT, "100", 1, 10000,
                   "neighbours: users alike, by factors of als"),

    /* the next basket, builder/model/tifuknn.c */

    recs_model_row(basket_neighbours, COUNT, "300", 0, 10000,
                   "next basket: users alike, 0: none"),
    recs_model_row(basket_groups, COUNT, "7", 1, 100,
                   "next basket: groups of baskets in a user's vector"),
    recs_model_row(basket_within, NUMBER, ".9", 0, 1,
                   "next basket: decay by baskets in the vector"),
    recs_model_row(basket_between, NUMBER, ".7", 0, 1,
                   "next basket: decay by groups in the vector"),
    recs_model_row(basket_decay, NUMBER, ".95", 0, 1,
                   "next basket: decay of one's own baskets"),
    recs_model_row(basket_own, NUMBER, "1", 0, 1e6,
                   "next basket: weight of what one bought"),
    recs_model_row(basket_again, NUMBER, "13.5", 0, 1e6,
                   "next basket: more for what is bought again at once"),
    recs_model_row(basket_due, NUMBER, "2.5", 0, 1e6,
                   "next basket: more for what is due"),
    recs_model_row(basket_wait, NUMBER, "0", 0, 1,
                   "next basket: share taken off what was just bought"),
    recs_model_row(basket_first, NUMBER, "0", 0, 1e6,
                   "next basket: weight of what one bought first"),
    recs_model_row(basket_grouped, NUMBER, "0", 0, 1e6,
                   "next basket: weight of one's own vector"),
    recs_model_row(basket_alike, NUMBER, "18", 0, 1e6,
                   "next basket: weight of the vectors of users alike"),
    recs_model_row(basket_follow, NUMBER, "3.2", 0, 1e6,
                   "next basket: weight of what follows one's baskets"),

    /* the rows of SESSION, builder/model/slist.c, walk.c */

    recs_model_row(slist_support, COUNT, "100", 1, 1000,
                   "slist: products that speak for a product, at most"),
    recs_model_row(slist_lambda, NUMBER, "10", 0.001, 1e9,
                   "slist: lambda"),
    recs_model_row(slist_alpha, NUMBER, ".5", 0, 1,
                   "slist: share of sessions whatever their order"),
    recs_model_row(slist_tau, NUMBER, "1", 0.01, 1000,
                   "slist: places behind that count"),
    recs_model_row(slist_days, NUMBER, "60", 0, 36500,
                   "slist: days after which a session counts 1/e, 0: never"),
    recs_model_row(walk_entries, COUNT, "50", 1, 1000,
                   "walk: entries of a row that are followed"),
    recs_model_row(walk_further, NUMBER, "1", 0, 1000,
                   "walk: weight of a third step"),

    /* sessions */

    recs_model_row(sessions_max, COUNT, "1000000", 1, 100000000,
                   "latest sessions that are kept"),
    recs_model_row(postings_max, COUNT, "500", 1, 100000,
                   "latest sessions of a product that are kept"),
    recs_model_row(next_recency, NUMBER, "0", 0, 1e6,
                   "ar, sr: days after which a session counts 1/e, 0: never"),
    recs_model_row(next_steps, COUNT, "20", 1, 200,
                   "sr: clicks that what comes later is away"),
    recs_model_row(next_power, NUMBER, "2", 0, 10,
                   "sr: exponent of the distance in clicks"),

    /* the second ranking */

    recs_model_word(ranker, "off", recs_words_ranker,
                    "rank the best candidates anew, learned from the last "
                    "tenth of time, or the last visit of each user"),
    recs_model_row(ranker_trees, COUNT, "120", 1, 1000,
                   "ranker: trees"),
    recs_model_row(ranker_depth, COUNT, "5", 3, 8,
                   "ranker: depth of a tree"),
    recs_model_row(ranker_rate, NUMBER, "0.1", 0.001, 1,
                   "ranker: learning rate"),
    recs_model_row(ranker_columns, NUMBER, "0.5", 0.01, 1,
                   "ranker: share of the features that a tree sees"),
    recs_model_row(ranker_weight, NUMBER, "10", 0, 1e6,
                   "ranker: least weight of a leaf"),
    recs_model_row(ranker_slope, NUMBER, "1", 0, 100,
                   "ranker: what the score of the components counts"),
    recs_model_row(ranker_candidates, COUNT, "100", 10, 300,
                   "ranker: candidates of an answer"),
    recs_model_row(ranker_questions, COUNT, "12000", 400, 1000000,
                   "ranker: questions that are learned from, at most"),

    /* cold start */

    recs_model_row(content_weight, NUMBER, "0.5", 0, 100,
                   "weight of new products nobody had to do with in rows of "
                   "those like them"),
    recs_model_row(content_days, NUMBER, "30", 0.01, 36500,
                   "how long such a product is new"),
    recs_model_row(content_max, COUNT, "10", 1, 1000,
                   "most of them in a row"),

    /* what is served, recs_format_serving_t */

    recs_serving_row(history_decay, history_decay, FLOAT, "1", 0, 1,
                     "weight of a history's entry by its place"),
    recs_serving_row(related_weight, related, FLOAT, "1", 0, 1e6,
                     "weight of the rows of \"related\""),
    recs_serving_row(next_weight, next, FLOAT, "0", 0, 1e6,
                     "weight of the rows of \"next\" in PERSONALIZED"),
    recs_serving_row(view_buy_weight, view_buy, FLOAT, "0", 0, 1e6,
                     "weight of what was bought after views"),
    recs_serving_row(basket_weight, basket, FLOAT, "0", 0, 1e6,
                     "weight of the next basket in PERSONALIZED"),
    recs_serving_row(popularity_weight, favourites, FLOAT, "0", 0, 1e6,
                     "weight of popularity in PERSONALIZED"),
    recs_serving_row(personalized_bought, bought, FLOAT, "0", 0, 1e6,
                     "factor of what one has bought, 0: it is not listed"),
    recs_serving_row(cart_buy_weight, cart_buy, FLOAT, "0", 0, 1e6,
                     "weight of what was bought after carts"),
    recs_serving_row(query_buy_weight, query_buy, FLOAT, "0", 0, 1e6,
                     "weight of what was bought after searches"),
    recs_serving_row(neighbours_weight, neighbours, FLOAT, "0", 0, 1e6,
                     "weight of what users alike have"),
    recs_serving_row(diversity, diversity, FLOAT, "0", 0, 1,
                     "all lists: strength of diversity, where no rule says "
                     "other"),
    recs_serving_row(session_rows, rows, FLOAT, ".18", 0, 1,
                     "SESSION: share of the rows of \"next\""),
    recs_serving_row(session_rows_decay, rows_decay, FLOAT, "1", 0, 1000,
                     "SESSION: decay of the rows by place, 0: last only"),
    recs_serving_row(session_sample, sample, WORD32, "1000", 1,
                     RECS_SAMPLE_MAX,
                     "SESSION: sessions looked at, the latest"),
    recs_serving_row(session_neighbours, neighbours_max, WORD32, "100", 1,
                     RECS_SAMPLE_MAX,
                     "SESSION: sessions used, the most similar"),
    recs_serving_row(session_last, last, WORD32, "10", 1, 50,
                     "SESSION: clicks that neighbours are found by"),
    recs_serving_word(session_position, position, "exp", recs_words_weight,
                      "SESSION: weight of an item by its age"),
    recs_serving_row(session_position_scale, position_scale, FLOAT, "8", 0,
                     1e6, "SESSION: of session_position"),
    recs_serving_word(session_match, match, "exp", recs_words_weight,
                      "SESSION: weight of a neighbour by the age of the "
                      "latest item in common"),
    recs_serving_row(session_match_scale, match_scale, FLOAT, "2", 0, 1e6,
                     "SESSION: of session_match"),
    recs_serving_word(session_similarity, similarity, "dot",
                      recs_words_similarity,
                      "SESSION: likeness of two sessions"),
    recs_serving_word(session_repeats, repeats, "no", recs_words_repeats,
                      "SESSION: list items of the session again; others: "
                      "but the last"),
    recs_serving_row(session_distance, distance_scale, FLOAT, "4", 0, 1e6,
                     "SESSION: places behind the match that count, 0: all"),
    recs_serving_row(session_recency, recency_days, FLOAT, "30", 0, 1e6,
                     "SESSION: days after which a neighbour counts 1/e, "
                     "0: never"),
    recs_serving_row(session_idf, idf, FLOAT, "1", -1, 1e6,
                     "SESSION: weight of rarity; -1: rarity itself"),
    recs_serving_row(session_reminder, reminder, FLOAT, ".05", 0, 1e6,
                     "SESSION: added to items of the session"),
    recs_serving_row(session_reminder_scale, reminder_scale, FLOAT, "8", 0,
                     1e6, "SESSION: decay of session_reminder by age"),
    recs_serving_row(session_popularity, popularity, FLOAT, "0", 0, 1e6,
                     "SESSION: weight of popularity"),
    recs_serving_row(session_before, before, FLOAT, "1.2", 0, 1e6,
                     "SESSION: weight of what is before the match"),
    recs_serving_row(session_before_distance, before_scale, FLOAT, "2", 0,
                     1e6, "SESSION: places before the match that count, "
                     "0: all"),
    recs_serving_row(session_rarity, rarity, FLOAT, "1.25", 0, 10,
                     "SESSION: exponent of rarity in an item's weight"),
    recs_serving_row(session_power, power, FLOAT, "2", 0, 10,
                     "SESSION: exponent of likeness"),
    recs_serving_row(session_without, without, FLOAT, ".75", 0, 1e6,
                     "SESSION: factor of neighbours without the last item"),
    recs_serving_row(session_current, current, FLOAT, ".6", 0, 1e6,
                     "SESSION: factor of the last item's own score"),
    recs_serving_row(session_walks, walks, FLOAT, ".13", 0, 1,
                     "SESSION: share of the rows of \"walk\""),
    recs_serving_row(session_walks_decay, walks_decay, FLOAT, ".8", 0, 1000,
                     "SESSION: their decay by place, 0: last only"),
    recs_serving_row(session_rows_power, rows_power, FLOAT, "1", 0, 10,
                     "SESSION: exponent of the scores of both rows"),

    recs_serving_row(margin_power, margin, FLOAT, "1", 0, 4,
                     "CROSS_SELL, UP_SELL: exponent of the margin"),

    { NULL, RECS_OPTION_STRING, 0, NULL, 0, 0, NULL, NULL, 0 }
};

const size_t  recs_config_options_count =
    sizeof(recs_config_options) / sizeof(recs_config_options[0]) - 1;
