/*
 * Copyright (C) recs authors
 */

#include <stdio.h>
#include <string.h>

#include "reasons.h"


void
recs_reasons_add(recs_reasons_t *reasons, const char *text, uint64_t n)
{
    char      cut[RECS_REASON_TEXT];
    unsigned  i;

    if (reasons == NULL) {
        return;
    }

    (void) snprintf(cut, sizeof(cut), "%s", text);

    for (i = 0; i < reasons->count; i++) {
        if (strcmp(reasons->rows[i].text, cut) == 0) {
            reasons->rows[i].count += n;
            return;
        }
    }

    if (i == RECS_REASONS_MAX - 1) {
        strcpy(cut, "other");
    }

    if (i == RECS_REASONS_MAX) {
        i--;

    } else {
        strcpy(reasons->rows[i].text, cut);
        reasons->count++;
    }

    reasons->rows[i].count += n;
}
