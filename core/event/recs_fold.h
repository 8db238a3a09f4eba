/*
 * Copyright (C) recs authors
 *
 * Names as people write them: "Product Viewed", "product_viewed" and
 * "productViewed" are one.  Case, blanks, "-" and "_" do not count.
 */

#ifndef _RECS_FOLD_H_INCLUDED_
#define _RECS_FOLD_H_INCLUDED_


#include "../recs_types.h"


#define RECS_FOLD_MAX  40        /* no name of ours is as long */


static inline unsigned
recs_fold_skips(uint8_t c)
{
    return c == ' ' || c == '-' || c == '_';
}


static inline uint8_t
recs_fold_lower(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') ? (uint8_t) (c | 0x20) : c;
}


/*
 * Folds into buf (RECS_FOLD_MAX bytes with the NUL), returns the length;
 * RECS_FOLD_MAX where it is longer.
 */

static inline size_t
recs_fold(const recs_str_t *name, char *buf)
{
    size_t  i, n;

    for (i = 0, n = 0; i < name->len; i++) {

        if (recs_fold_skips(name->data[i])) {
            continue;
        }

        if (n == RECS_FOLD_MAX - 1) {
            return RECS_FOLD_MAX;
        }

        buf[n++] = (char) recs_fold_lower(name->data[i]);
    }

    buf[n] = '\0';

    return n;
}


/* Whether a name, folded on the way, is the folded text. */

static inline unsigned
recs_fold_equal(const char *folded, const char *name)
{
    for ( ;; ) {

        while (recs_fold_skips((uint8_t) *name)) {
            name++;
        }

        if (*folded != (char) recs_fold_lower((uint8_t) *name)) {
            return 0;
        }

        if (*folded == '\0') {
            return 1;
        }

        folded++;
        name++;
    }
}


/* The same among the names of a NULL-terminated list, which may be NULL. */

static inline unsigned
recs_fold_among(const char *folded, const char *const *names)
{
    for ( /* void */ ; names && *names; names++) {
        if (recs_fold_equal(folded, *names)) {
            return 1;
        }
    }

    return 0;
}


#endif /* _RECS_FOLD_H_INCLUDED_ */
