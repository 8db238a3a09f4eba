/*
 * Copyright (C) recs authors
 */

#include <string.h>

#include "recs_event_json.h"


int
recs_event_json_scan(const uint8_t *data, size_t len, const char **err)
{
    unsigned        depth;
    const uint8_t  *p, *last;

    if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0) {
        *err = "byte order mark";
        return RECS_ERROR;
    }

    /* jansson loses one that stands behind a number */

    if (memchr(data, '\0', len)) {
        *err = "NUL character";
        return RECS_ERROR;
    }

    depth = 0;
    last = data + len;

    for (p = data; p < last; p++) {

        switch (*p) {

        case '"':

            for (p++; p < last && *p != '"'; p++) {
                if (*p == '\\' && ++p == last) {
                    return RECS_OK;
                }
            }

            break;

        case '[':
        case '{':

            if (++depth > RECS_JSON_DEPTH_MAX) {
                *err = "nested too deep";
                return RECS_ERROR;
            }

            break;

        case ']':
        case '}':
            depth -= (depth > 0);
            break;

        case '-':

            if (last - p > 1 && p[1] == '0'
                && !(last - p > 2 && (p[2] == '.' || (p[2] | 0x20) == 'e')))
            {
                *err = "negative zero";
                return RECS_ERROR;
            }

            break;
        }
    }

    return RECS_OK;
}
