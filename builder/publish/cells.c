/*
 * Copyright (C) recs authors
 *
 * Section 'S' (core/snapshot/recs_cell.h).
 */

#include "assemble.h"


int
recs_assemble_cells(recs_writer_t *w, const recs_cells_t *c,
    recs_error_t *err)
{
    uint8_t                     key[RECS_FORMAT_KEY_MAX];
    uint32_t                    i;
    const recs_cells_part_t    *part;
    const recs_cells_report_t  *report;

    if (c == NULL || c->meta.made_ms <= 0) {
        return RECS_OK;
    }

    for (i = 0; i < c->part_count; i++) {
        part = &c->parts[i];

        if (recs_writer_put(w, key,
                            recs_format_cell_key(key, part->section,
                                                 part->number),
                            part->cells,
                            (size_t) part->count * sizeof(recs_cell_t), err)
            != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    for (i = 0; i < c->name_count; i++) {
        if (recs_writer_put(w, key,
                            recs_format_cell_key(key, RECS_CELL_NAME, i),
                            c->names[i].data, c->names[i].len, err)
            != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    for (i = 0; i < c->report_count; i++) {
        report = &c->reports[i];

        if (recs_writer_put(w, key, recs_format_report_key(key, &report->name),
                            report->text.data, report->text.len, err)
            != RECS_OK)
        {
            return RECS_ERROR;
        }
    }

    return recs_writer_put(w, key, recs_format_report_meta_key(key), &c->meta,
                           sizeof(recs_cell_meta_t), err);
}
