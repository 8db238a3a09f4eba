/*
 * Copyright (C) recs authors
 *
 * A document, for tests that what a table has stands in it.
 */

#ifndef _RECS_DOCUMENT_H_INCLUDED_
#define _RECS_DOCUMENT_H_INCLUDED_


#include <stdio.h>
#include <stdlib.h>


#define DOCUMENT_MAX  (1 << 20)


/* The text of a file below the top, to be freed; NULL: not there, or empty. */

static char *
document_read(const char *path)
{
    char    *text;
    FILE    *f;
    size_t   n;

    f = fopen(path, "rb");

    if (f == NULL) {
        return NULL;
    }

    text = malloc(DOCUMENT_MAX);
    n = fread(text, 1, DOCUMENT_MAX - 1, f);
    text[n] = '\0';
    fclose(f);

    if (n == 0) {
        free(text);
        return NULL;
    }

    return text;
}


#endif /* _RECS_DOCUMENT_H_INCLUDED_ */
