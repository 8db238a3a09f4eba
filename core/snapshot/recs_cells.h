/*
 * Copyright (C) recs authors
 *
 * The cells of a report (recs_cell.h) as a reader has them: those of a
 * snapshot, checked when it was opened and used in place, or those that a
 * report in memory has.
 */

#ifndef _RECS_CELLS_H_INCLUDED_
#define _RECS_CELLS_H_INCLUDED_


#include "recs_cell.h"


/* The cells of one hour or one day; none where it has become empty. */

typedef struct {
    uint8_t                   section;   /* RECS_CELL_DAY, RECS_CELL_HOUR, 0:
                                            of all hours and days */
    uint32_t                  number;    /* of the hour or the day */
    uint32_t                  count;
    const uint8_t            *cells;     /* recs_cell_t of any alignment */
} recs_cells_part_t;


/* A report as it is served. */

typedef struct {
    recs_str_t                name;
    recs_str_t                text;      /* JSON */
} recs_cells_report_t;


typedef struct {
    const recs_cells_part_t    *parts;   /* days, then hours, ascending */
    const recs_str_t           *names;   /* by number */
    const recs_cells_report_t  *reports; /* by name, ascending */
    uint32_t                    part_count;
    uint32_t                    name_count;
    uint32_t                    report_count;
    recs_cell_meta_t            meta;    /* made_ms 0: nothing is there */
} recs_cells_t;


/* The cell i of a part, copied. */

static inline void
recs_cells_get(const recs_cells_part_t *part, uint32_t i, recs_cell_t *cell)
{
    __builtin_memcpy(cell, part->cells + (size_t) i * sizeof(recs_cell_t),
                     sizeof(recs_cell_t));
}


/*
 * Cells in memory, all of them and in order, as the only part of *c; "part"
 * and what it points to live as long as *c.
 */

static inline void
recs_cells_flat(recs_cells_t *c, recs_cells_part_t *part,
    const recs_cell_t *cells, uint32_t count, const recs_str_t *names,
    uint32_t name_count, const recs_cell_meta_t *meta)
{
    part->section = 0;
    part->number = 0;
    part->count = count;
    part->cells = (const uint8_t *) cells;

    c->parts = part;
    c->part_count = 1;
    c->names = names;
    c->name_count = name_count;
    c->reports = NULL;
    c->report_count = 0;
    c->meta = *meta;
}


/*
 * The layer of a base, where it has a report that is no older: a builder that
 * has stopped leaves a layer that the base is ahead of.  Both may be NULL.
 */

static inline const recs_cells_t *
recs_cells_layer(const recs_cells_t *base, const recs_cells_t *hot)
{
    if (hot == NULL || hot->meta.made_ms == 0
        || (base && hot->meta.made_ms < base->meta.made_ms))
    {
        return NULL;
    }

    return hot;
}


/* The text of a report; RECS_DECLINED where there is none of that name. */

int recs_cells_report(const recs_cells_t *c, const recs_str_t *name,
    recs_str_t *text);


/*
 * Section 'S' of a file: count() for each key, memory of recs_cells_size()
 * bytes aligned to 16 for begin(), take() for each value, and end(), which
 * checks them all.  Keys and values come in the order of the keys both times
 * and stay where they are; the memory lives as long as the cells.  Each
 * returns NULL, or why the section is no good as a static string.
 */

typedef struct {
    recs_cells_t         *cells;
    recs_cells_part_t    *parts;
    recs_str_t           *names;
    recs_cells_report_t  *reports;
    uint32_t              part_max;
    uint32_t              name_max;
    uint32_t              report_max;
    uint32_t              meta_max;
} recs_cells_load_t;

const char *recs_cells_count(recs_cells_load_t *load, const recs_str_t *key);
size_t recs_cells_size(const recs_cells_load_t *load);
void recs_cells_begin(recs_cells_load_t *load, void *memory,
    recs_cells_t *cells);
const char *recs_cells_take(recs_cells_load_t *load, const recs_str_t *key,
    const recs_str_t *value);
const char *recs_cells_end(const recs_cells_load_t *load);


#endif /* _RECS_CELLS_H_INCLUDED_ */
