/*
 * Copyright (C) recs authors
 *
 * A shop that does not exist, to try things on: products with names, brands,
 * tiers, stock and changing prices; visitors with tastes who search, look,
 * compare, buy what goes together, rate it and sometimes send it back; all
 * of it with seasons, and the same again for the same seed.
 */

#ifndef _RECS_BUILDER_SYNTH_H_INCLUDED_
#define _RECS_BUILDER_SYNTH_H_INCLUDED_


#include "../memory.h"
#include "../message.h"
#include "random.h"


#define RECS_SYNTH_LEAVES      64
#define RECS_SYNTH_FAVOURITES  3
#define RECS_SYNTH_TIERS       3
#define RECS_SYNTH_CART        12
#define RECS_SYNTH_LINE        4096      /* more than the longest line */


/* What attributes a product has. */

typedef enum {
    RECS_SYNTH_CLOTHES = 0,
    RECS_SYNTH_SHOES,
    RECS_SYNTH_DEVICE,
    RECS_SYNTH_THING,
    RECS_SYNTH_USED_UP
} recs_synth_kind_e;


/* A deepest category; "group" may be NULL. */

typedef struct {
    const char         *department;
    const char         *group;
    const char         *name;
    const char         *noun;            /* ends the name of a product */
    float               price;           /* in the middle */
    float               traffic;
    uint8_t             peak;            /* week of the year */
    float               season;          /* 0 none .. 1 */
    recs_synth_kind_e   kind;
    const char         *with[2];         /* names of what goes with it */
} recs_synth_leaf_t;

extern const recs_synth_leaf_t  recs_synth_leaves[];   /* name NULL ends */

extern const char *const  recs_synth_brand_heads[24];
extern const char *const  recs_synth_brand_tails[16];
extern const char *const  recs_synth_stems[32];
extern const char *const  recs_synth_tails[16];
extern const char *const  recs_synth_models[16];
extern const char *const  recs_synth_colours[10];
extern const char *const  recs_synth_materials[5][4];
extern const char *const  recs_synth_sizes[6];
extern const char *const  recs_synth_praise[8];
extern const char *const  recs_synth_regions[8];


/* A buffer of text, and a file that takes it. */

typedef struct {
    uint8_t  *data;
    size_t    len;
    size_t    cap;
} recs_synth_text_t;

/* Room for one more line; the others then need no check. */

void recs_synth_room(recs_synth_text_t *t);
void recs_synth_put(recs_synth_text_t *t, const char *text);
void recs_synth_number(recs_synth_text_t *t, int64_t n);
void recs_synth_cents(recs_synth_text_t *t, int64_t cents);
void recs_synth_hex(recs_synth_text_t *t, uint64_t n);

/* ,"name":"value", ,"name":1.23 and ,"name":5 */

void recs_synth_string(recs_synth_text_t *t, const char *name,
    const char *value);
void recs_synth_price(recs_synth_text_t *t, const char *name, int64_t cents);
void recs_synth_count(recs_synth_text_t *t, const char *name, int64_t n);

typedef struct {
    int                fd;
    const char        *path;
    recs_synth_text_t  text;
} recs_synth_file_t;

int recs_synth_open(recs_synth_file_t *f, const char *dir, const char *name,
    recs_error_t *err);
int recs_synth_flush(recs_synth_file_t *f, recs_error_t *err);
int recs_synth_close(recs_synth_file_t *f, recs_error_t *err);


typedef struct {
    uint32_t    leaf;
    uint32_t    brand;
    uint64_t    hash;                    /* what else is random about it */
    int64_t     price;                   /* cents */
    int64_t     before;                  /* price until "changed", or 0 */
    int64_t     changed_ms;
    int64_t     created_ms;
    float       quality;                 /* stars */
} recs_synth_product_t;

typedef struct {
    uint32_t    first;                   /* products, by falling demand */
    uint32_t    count;
    uint32_t    with[2];                 /* leaves, RECS_NONE */
    uint32_t    department;
    double      log_count;
} recs_synth_shelf_t;

typedef struct {
    uint32_t    number;
    uint64_t    hash;
    double      budget;                  /* share of the usual price */
    int64_t     created_ms;
    uint32_t    favourites[RECS_SYNTH_FAVOURITES];
    const char *region;
    const char *device;
} recs_synth_user_t;

typedef struct {
    uint32_t               users;
    uint32_t               items;
    uint64_t               events;
    uint64_t               seed;
    uint32_t               days;
    int64_t                now_ms;
    const char            *out;

    int64_t                start_ms;
    uint32_t               leaves;
    uint32_t               departments;
    uint32_t               brands;
    uint64_t               step;             /* of ids, prime to items */
    recs_synth_shelf_t     shelves[RECS_SYNTH_LEAVES];
    double                 usual[RECS_SYNTH_LEAVES];  /* traffic, cumulated */
    double                 topic[RECS_SYNTH_LEAVES];  /* of this week */
    recs_synth_product_t  *products;
} recs_synth_t;


/* shop.c: shelves and products, and what belongs to a product. */

void recs_synth_stock(recs_synth_t *s);
uint32_t recs_synth_id(const recs_synth_t *s, uint32_t product);
unsigned recs_synth_tier(const recs_synth_t *s,
    const recs_synth_product_t *p);
int64_t recs_synth_price_at(const recs_synth_product_t *p, int64_t ms);
void recs_synth_season(recs_synth_t *s, int64_t ms);
uint32_t recs_synth_pick(const recs_synth_t *s, const double *traffic,
    double at);
unsigned recs_synth_week(int64_t ms);

/* catalog.c and user.c: the files of products and users. */

int recs_synth_catalog(const recs_synth_t *s, recs_error_t *err);
int recs_synth_users(const recs_synth_t *s, recs_error_t *err);
void recs_synth_user(const recs_synth_t *s, recs_synth_user_t *user,
    uint32_t number);


/*
 * queue.c: lines wait until their time has come.  A later event (a refund, a
 * rating) waits as what it is about.
 */

typedef enum {
    RECS_SYNTH_REFUND = 0,
    RECS_SYNTH_RATING,
    RECS_SYNTH_REVIEW
} recs_synth_later_e;

typedef struct {
    int64_t             ms;
    uint64_t            order;
    uint32_t            user;
    uint32_t            product;
    uint32_t            quantity;
    uint32_t            known;           /* was logged in */
    int64_t             price;
    recs_synth_later_e  kind;
} recs_synth_later_t;

typedef struct {
    int64_t   ms;
    uint64_t  number;                    /* of arrival */
    size_t    offset;
    size_t    len;
} recs_synth_line_t;

typedef struct {
    recs_synth_text_t    text;
    recs_synth_text_t    spare;
    recs_synth_line_t   *lines;
    size_t               count;
    size_t               cap;
    recs_synth_later_t  *later;          /* a heap, the next one first */
    size_t               later_count;
    size_t               later_cap;
    uint64_t             queued;         /* ever */
    uint64_t             written;
} recs_synth_queue_t;

void recs_synth_queue_line(recs_synth_queue_t *q, int64_t ms, size_t offset);
int recs_synth_queue_flush(recs_synth_queue_t *q, recs_synth_file_t *f,
    int64_t before_ms, uint64_t most, recs_error_t *err);
void recs_synth_queue_later(recs_synth_queue_t *q,
    const recs_synth_later_t *later);
unsigned recs_synth_queue_due(recs_synth_queue_t *q, int64_t before_ms,
    recs_synth_later_t *later);
void recs_synth_queue_free(recs_synth_queue_t *q);


/*
 * visit.c: one visit.  guest.c: what a visitor does in it, an event each.
 * order.c: what is bought, and what follows it days later.
 */

typedef struct {
    const recs_synth_t  *shop;
    recs_synth_queue_t  *queue;
    recs_random_t        random;
    uint64_t             orders;         /* numbered so far */
    uint64_t             visits;
} recs_synth_visits_t;

typedef struct {
    uint32_t  product;
    uint32_t  quantity;
} recs_synth_piece_t;

typedef struct {
    recs_synth_visits_t  *visits;
    recs_synth_user_t     user;
    int64_t               ms;
    uint64_t              session;       /* 0: none */
    unsigned              known;         /* the user id is sent */
    unsigned              anonymous;     /* the anonymous id is sent */
    uint32_t              leaf;          /* what this visit is about */
    uint32_t              last;          /* product, RECS_NONE */
    const char           *source;
    size_t                offset;        /* of the line in the making */
    uint32_t              cart_count;
    recs_synth_piece_t    cart[RECS_SYNTH_CART];
} recs_synth_guest_t;

recs_synth_text_t *recs_synth_begin(recs_synth_guest_t *g, const char *type);
void recs_synth_end(recs_synth_guest_t *g, unsigned seconds);
void recs_synth_product_id(recs_synth_guest_t *g, const char *before,
    uint32_t product);
void recs_synth_do(recs_synth_guest_t *g, const char *type,
    unsigned seconds);
void recs_synth_do_product(recs_synth_guest_t *g, const char *type,
    uint32_t product, unsigned seconds);
void recs_synth_look(recs_synth_guest_t *g, uint32_t product);
uint32_t recs_synth_choose(recs_synth_guest_t *g);
uint32_t recs_synth_partner(recs_synth_guest_t *g, uint32_t product);

void recs_synth_visit(recs_synth_visits_t *v, int64_t ms);
void recs_synth_order(recs_synth_guest_t *g);
void recs_synth_follow(recs_synth_visits_t *v,
    const recs_synth_later_t *later);


/* synth.c: all of it, as files in s->out. */

int recs_synth_write(recs_synth_t *s, recs_error_t *err);


#endif /* _RECS_BUILDER_SYNTH_H_INCLUDED_ */
