/*
 * Copyright (C) recs authors
 *
 * The part of a product that changes while the rest does not, as JSON: the
 * builder stores it behind the static members of a fragment.
 */

#ifndef _RECS_OFFER_H_INCLUDED_
#define _RECS_OFFER_H_INCLUDED_


#include "../recs_out.h"
#include "recs_format.h"


typedef struct {
    int64_t          price;            /* micro, RECS_NO_MONEY */
    int64_t          list_price;       /* shown where above the price */
    int64_t          reference_price;  /* likewise */
    const uint8_t   *currency;         /* 3 letters, or a NUL for none */
    int32_t          stock;            /* RECS_NO_STOCK */
    uint32_t         rating_count;
    uint16_t         rating;           /* stars x 1000, 0 none */
    unsigned         available;
} recs_offer_t;


/* At most so many bytes. */

#define RECS_OFFER_SIZE  320

/*
 * Writes members without braces: price, currency, listPrice, referencePrice,
 * rating, ratingCount, stock as far as they are known, and available.
 */

void recs_offer_json(recs_out_t *out, const recs_offer_t *offer);


#endif /* _RECS_OFFER_H_INCLUDED_ */
