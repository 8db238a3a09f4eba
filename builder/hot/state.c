/*
 * Copyright (C) recs authors
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>

#include "../../core/event/recs_event_type.h"
#include "../publish/open.h"
#include "private.h"


#define RECS_HOT_SLOTS       1024
#define RECS_HOT_EXPONENT    500.0     /* then the origin moves */


static void recs_hot_activity(recs_hot_state_t *h, const recs_event_t *e);
static void recs_hot_grow(recs_hot_state_t *h);
static void recs_hot_move(recs_hot_state_t *h);
static void recs_hot_scale(recs_hot_counts_t *c, const double *by);
static int recs_hot_base_open(const recs_hot_state_t *h, unsigned trusted,
    recs_snapshot_t **s, int64_t *written_ms, recs_error_t *err);


recs_hot_state_t *
recs_hot_state_create(const recs_config_t *config, int64_t now_ms)
{
    recs_hot_state_t  *h;

    h = recs_calloc(1, sizeof(recs_hot_state_t));

    h->config = config;
    h->now_ms = now_ms;
    h->origin = now_ms / 1000.0;
    h->since = h->origin;
    h->fast = config->hot_hours * 3600;

    h->mask = RECS_HOT_SLOTS - 1;
    h->slots = recs_calloc(RECS_HOT_SLOTS, sizeof(uint32_t));
    h->pair_mask = RECS_HOT_SLOTS - 1;
    h->pair_slots = recs_calloc(RECS_HOT_SLOTS, sizeof(uint32_t));

    recs_hot_votes_init(&h->votes, (uint32_t) config->hot_votes);
    recs_hot_crowd_init(&h->crowd, (uint32_t) config->hot_votes);

    h->regions = recs_names_create();
    h->catalog = recs_catalog_create();
    h->answers = recs_calloc(RECS_HOT_ANSWERS, sizeof(recs_hot_answer_t));
    h->ring = recs_calloc(RECS_HOT_RING, sizeof(uint32_t));

    return h;
}


void
recs_hot_state_destroy(recs_hot_state_t *h)
{
    uint32_t  i;

    for (i = 0; i < h->count; i++) {
        free(h->records[i].prices);
    }

    for (i = 0; i < RECS_FORMAT_REGIONS; i++) {
        recs_hot_order_free(&h->region_rising[i]);
    }

    if (h->base) {
        recs_snapshot_close(h->base);
    }

    recs_report_section_free(&h->section);
    recs_hot_votes_free(&h->votes);
    recs_hot_crowd_free(&h->crowd);
    recs_hot_order_free(&h->rising);
    recs_hot_order_free(&h->low);
    recs_names_destroy(h->regions);
    recs_catalog_destroy(h->catalog);

    free(h->records);
    free(h->slots);
    free(h->pairs);
    free(h->pair_slots);
    free(h->voted.n);
    free(h->pairs_voted.n);
    free(h->offers.n);
    free(h->sold.n);
    free(h->shown.n);
    free(h->answers);
    free(h->ring);
    free(h->signals);
    free(h->signalled.n);
    free(h->rows);
    free(h->marks);
    free(h);
}


int
recs_hot_state_config(recs_hot_state_t *h, const recs_config_t *config)
{
    const recs_config_t  *c;

    c = h->config;

    if (config->hot_hours != c->hot_hours
        || config->hot_votes != c->hot_votes
        || config->hot_pairs != c->hot_pairs
        || strcmp(config->shop ? config->shop : "", c->shop ? c->shop : ""))
    {
        return RECS_DECLINED;
    }

    h->config = config;
    h->signal_stamp = 0;
    h->changed = 1;

    return RECS_OK;
}


const recs_hot_stats_t *
recs_hot_state_stats(const recs_hot_state_t *h)
{
    return &h->stats;
}


void
recs_hot_state_clock(recs_hot_state_t *h, int64_t now_ms)
{
    h->now_ms = recs_max(h->now_ms, now_ms);

    if (h->now_ms / 1000.0 - h->origin
        > RECS_HOT_EXPONENT * h->fast / RECS_HOT_QUICK)
    {
        recs_hot_move(h);
    }
}


void
recs_hot_state_live(recs_hot_state_t *h)
{
    h->live = 1;
}


void
recs_hot_state_report(recs_hot_state_t *h, recs_report_t *report)
{
    h->report = report;
    h->changed = 1;
}


void
recs_hot_state_missing(recs_hot_state_t *h, uint64_t lost, uint64_t gaps)
{
    h->changed |= h->report && (lost != h->lost || gaps != h->gaps);
    h->lost = lost;
    h->gaps = gaps;
}


void
recs_hot_state_building(recs_hot_state_t *h)
{
    h->turn_built = h->report ? recs_report_turn(h->report) : 0;
}


int64_t
recs_hot_arrived(const recs_hot_state_t *h, const recs_event_t *e)
{
    if (h->live || e->received_ms == 0) {
        return h->now_ms;
    }

    return recs_min(e->received_ms, h->now_ms);
}


int
recs_hot_state_add(void *ctx, const recs_event_t *e, recs_error_t *err)
{
    size_t             len;
    const char        *shop;
    recs_hot_state_t  *h;

    h = ctx;
    shop = h->config->shop ? h->config->shop : "";
    len = strlen(shop);

    if (e->shop.len != len || (len && memcmp(e->shop.data, shop, len) != 0)) {
        return RECS_OK;
    }

    switch (e->class) {

    case RECS_CLASS_ACTIVITY:
        recs_hot_activity(h, e);
        break;

    case RECS_CLASS_PRODUCT:
        recs_hot_update(h, e);
        break;

    case RECS_CLASS_LIST:
        recs_hot_answer(h, e);
        break;

    case RECS_CLASS_EXPOSURE:
        recs_hot_exposure(h, e);
        break;

    default:
        break;
    }

    return RECS_OK;
}


/* What a bot does is no demand. */

static void
recs_hot_activity(recs_hot_state_t *h, const recs_event_t *e)
{
    const recs_event_type_t  *type;

    type = recs_event_type(e->type);

    if (type == NULL || e->item_count == 0 || e->device == RECS_DEVICE_BOT) {
        return;
    }

    h->stats.events++;
    recs_hot_vote(h, e);

    if (type->signal & RECS_SIGNAL_PURCHASE) {
        recs_hot_sale(h, e);
    }

    if (type->signal & RECS_SIGNAL_RATING) {
        recs_hot_rate(h, e);
    }

    if ((type->signal & RECS_SIGNAL_CLICK) && e->recommendation.len) {
        recs_hot_click(h, e);
    }
}


double
recs_hot_weight(const recs_hot_state_t *h, double time, double half_life)
{
    return exp2((time - h->origin) / half_life);
}


double
recs_hot_now(const recs_hot_state_t *h, double half_life)
{
    return exp2((h->origin - h->now_ms / 1000.0) / half_life);
}


/* Before the weights of votes leave the range of a number. */

static void
recs_hot_move(recs_hot_state_t *h)
{
    double    by[5];
    uint32_t  i;

    by[0] = recs_hot_now(h, h->fast / RECS_HOT_QUICK);
    by[1] = recs_hot_now(h, h->fast);
    by[2] = recs_hot_now(h, recs_hot_slow);
    by[3] = recs_hot_now(h, RECS_HOT_SOLD_DAYS * RECS_HOT_DAY);
    by[4] = recs_hot_now(h, h->fast * RECS_HOT_RECENT);

    for (i = 0; i < h->count; i++) {
        recs_hot_scale(&h->records[i].counts, by);
        h->records[i].sold *= by[3];
        h->records[i].shown *= by[3];
        h->records[i].clicked *= by[3];
    }

    for (i = 0; i < h->pair_count; i++) {
        recs_hot_scale(&h->pairs[i].counts, by);
    }

    for (i = 0; i < RECS_FORMAT_REGIONS; i++) {
        h->region_sums[i].fast *= by[1];
        h->region_sums[i].slow *= by[2];
        h->region_sums[i].recent *= by[4];
    }

    h->sums.fast *= by[1];
    h->sums.slow *= by[2];
    h->sums.recent *= by[4];
    h->all_shown *= by[3];
    h->all_clicked *= by[3];

    h->origin = h->now_ms / 1000.0;
}


static void
recs_hot_scale(recs_hot_counts_t *c, const double *by)
{
    c->quick *= by[0];
    c->fast *= by[1];
    c->slow *= by[2];
    c->recent *= by[4];
}


uint32_t
recs_hot_record(recs_hot_state_t *h, uint64_t key64)
{
    uint32_t            i;
    recs_hot_record_t  *r;

    for (i = (uint32_t) key64 & h->mask; h->slots[i]; i = (i + 1) & h->mask) {
        if (h->records[h->slots[i] - 1].key64 == key64) {
            return h->slots[i] - 1;
        }
    }

    recs_grow(&h->records, &h->cap, (size_t) h->count + 1,
              sizeof(recs_hot_record_t));

    r = &h->records[h->count++];
    memset(r, 0, sizeof(recs_hot_record_t));

    r->key64 = key64;
    r->item = h->base ? recs_snapshot_item(h->base, key64) : RECS_NONE;
    r->category = (r->item == RECS_NONE) ? RECS_NONE
                  : recs_column(h->base, RECS_COLUMN_CATEGORY, uint32_t,
                                r->item);
    r->stock = RECS_NO_STOCK;
    r->price = RECS_NO_MONEY;
    r->list_price = RECS_NO_MONEY;

    h->slots[i] = h->count;

    if (h->count > h->mask / 2) {
        recs_hot_grow(h);
    }

    return h->count - 1;
}


static void
recs_hot_grow(recs_hot_state_t *h)
{
    uint32_t  i, k;

    h->mask = h->mask * 2 + 1;

    free(h->slots);
    h->slots = recs_calloc((size_t) h->mask + 1, sizeof(uint32_t));

    for (k = 0; k < h->count; k++) {
        i = (uint32_t) h->records[k].key64 & h->mask;

        while (h->slots[i]) {
            i = (i + 1) & h->mask;
        }

        h->slots[i] = k + 1;
    }
}


unsigned
recs_hot_shown(const recs_hot_state_t *h, uint32_t record)
{
    recs_hot_offer_t          offer;
    const recs_hot_record_t  *r;

    r = &h->records[record];

    if (r->item == RECS_NONE) {
        return 0;
    }

    if (r->known == 0) {
        return (recs_column(h->base, RECS_COLUMN_FLAGS, uint8_t, r->item)
                & RECS_ITEM_SHOWN) == RECS_ITEM_SHOWN;
    }

    recs_hot_offer(h, record, &offer);

    return offer.listed && (offer.stock == RECS_NO_STOCK || offer.stock > 0);
}


void
recs_hot_push(recs_hot_numbers_t *numbers, uint32_t n)
{
    recs_grow(&numbers->n, &numbers->cap, (size_t) numbers->count + 1,
              sizeof(uint32_t));

    numbers->n[numbers->count++] = n;
}


void
recs_hot_mark(recs_hot_state_t *h, recs_hot_numbers_t *numbers,
    uint32_t record, unsigned bit)
{
    h->changed = 1;

    if (!(h->records[record].in & bit)) {
        h->records[record].in |= bit;
        recs_hot_push(numbers, record);
    }
}


int
recs_hot_state_base(recs_hot_state_t *h, unsigned trusted, recs_error_t *err)
{
    int                 rc;
    int64_t             written_ms;
    uint32_t            i;
    recs_snapshot_t    *s;
    recs_hot_record_t  *r;

    rc = recs_hot_base_open(h, trusted, &s, &written_ms, err);

    if (rc != RECS_OK) {
        return rc;
    }

    if (h->base) {
        recs_snapshot_close(h->base);
    }

    h->base = s;
    h->base_ms = trusted ? s->header.now_ms
                         : recs_max(s->header.now_ms, written_ms);
    h->stats.base = s->header.id;
    h->turn_since = trusted ? h->turn_built : 0;
    h->changed = 1;

    i = s->header.rows[RECS_DOMAIN_ITEMS];
    free(h->rows);
    free(h->marks);
    h->rows = recs_calloc((size_t) i + 1, sizeof(uint32_t));
    h->marks = recs_calloc((size_t) i + 1, 1);

    for (i = 0; i < h->count; i++) {
        r = &h->records[i];
        r->item = recs_snapshot_item(s, r->key64);
        r->category = (r->item == RECS_NONE) ? RECS_NONE
                      : recs_column(s, RECS_COLUMN_CATEGORY, uint32_t,
                                    r->item);
    }

    recs_hot_offers_base(h);
    recs_hot_trend_base(h);

    return RECS_OK;
}


/* Nothing is opened where the link names the base that is open. */

static int
recs_hot_base_open(const recs_hot_state_t *h, unsigned trusted,
    recs_snapshot_t **s, int64_t *written_ms, recs_error_t *err)
{
    int               fd, rc;
    char              path[4200], name[RECS_NAME_MAX];
    ssize_t           n;
    uint64_t          id;
    const char       *why;
    struct stat       st;
    recs_manifest_t   m;

    snprintf(path, sizeof(path), "%s/current", h->config->out);
    n = readlink(path, name, sizeof(name));

    if (n <= 0 || recs_manifest_name(name, (size_t) n, &id) != RECS_OK
        || id == h->stats.base)
    {
        return RECS_DECLINED;
    }

    if (recs_open_path(path, &fd, &m, err) != RECS_OK) {
        return RECS_ERROR;
    }

    *written_ms = (fstat(fd, &st) == 0) ? (int64_t) st.st_mtim.tv_sec * 1000
                                        : 0;

    rc = trusted ? RECS_OK : recs_manifest_check(fd, &m, &why);

    if (rc == RECS_OK) {
        rc = recs_snapshot_open(s, fd, &why);
    }

    (void) close(fd);

    return (rc == RECS_OK) ? RECS_OK
           : recs_error(err, "%s: refused: %s", path, why);
}


int
recs_hot_state_publish(recs_hot_state_t *h, recs_error_t *err)
{
    uint64_t  id;

    if (h->report) {
        recs_report_clock(h->report, h->now_ms);
        h->changed |= recs_report_turn(h->report) != h->turn_told;
    }

    if (h->base == NULL
        || (!h->changed
            && h->now_ms - h->stats.published_ms < RECS_HOT_ANEW_MS))
    {
        return RECS_DECLINED;
    }

    recs_hot_signals_apply(h);
    recs_hot_trend(h);
    recs_hot_low(h);

    if (recs_hot_layer(h, &id, err) != RECS_OK) {
        return RECS_ERROR;
    }

    h->changed = 0;
    h->turn_told = h->report ? recs_report_turn(h->report) : 0;
    h->stats.layers++;
    h->stats.published_ms = h->now_ms;

    return RECS_OK;
}
