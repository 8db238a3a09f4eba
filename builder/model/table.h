/*
 * Copyright (C) recs authors
 *
 * The build functions of recs_models[], one file each.
 */

#ifndef _RECS_BUILDER_TABLE_H_INCLUDED_
#define _RECS_BUILDER_TABLE_H_INCLUDED_


#include "model.h"


int recs_model_similar(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_together(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_cosine(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_later(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
void recs_later_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);
int recs_model_tfidf(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_bm25(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_rp3(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_sansa(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
void recs_sansa_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);
int recs_model_ridge(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
void recs_ridge_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);
int recs_model_spectral(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
void recs_spectral_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);
int recs_model_ease(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
void recs_ease_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);
int recs_model_fusion_related(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
void recs_fusion_related_cost(const recs_dataset_t *d,
    const recs_config_t *c, recs_model_cost_t *cost);
void recs_fusion_next_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);
int recs_model_fusion_next(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_slist(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
void recs_slist_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);
int recs_model_walk(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
void recs_walk_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);
int recs_model_ar(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_sr(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
void recs_sequence_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);
int recs_model_smoothed(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_view_buy(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_cart_buy(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_trending(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_region_trending(const recs_dataset_t *d,
    const recs_config_t *c, recs_model_list_t *list, recs_error_t *err);
int recs_model_low_stock(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_bestsellers(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_top_rated(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_new_arrivals(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_price_drop(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_up_sell(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_upgrade(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_complementary(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
int recs_model_seasonal(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);

void recs_knn_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);
int recs_model_als(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_list_t *list, recs_error_t *err);
void recs_als_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);


/* RECS_PERSONAL_BASKET */
int recs_model_tifuknn(const recs_dataset_t *d, const recs_config_t *c,
    recs_personal_t *p, recs_error_t *err);
void recs_tifuknn_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);


/* RECS_PERSONAL_NEIGHBOURS */

#define RECS_NEIGHBOURS_GROUPS  12     /* of users, that are looked at */

int recs_model_neighbours(const recs_dataset_t *d, const recs_config_t *c,
    recs_personal_t *p, recs_error_t *err);
void recs_neighbours_cost(const recs_dataset_t *d, const recs_config_t *c,
    recs_model_cost_t *cost);


/*
 * Rows of users become records by identity; who has an empty row has none.
 */

void recs_personal_fill(const recs_dataset_t *d,
    const recs_model_list_t *list, recs_personal_t *out);


/* Says why a list is empty, where it is. */

void recs_model_empty(const recs_model_list_t *list, const char *model,
    const char *why);


#endif /* _RECS_BUILDER_TABLE_H_INCLUDED_ */
