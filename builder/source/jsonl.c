/*
 * Copyright (C) recs authors
 */

#include "row.h"


int
recs_jsonl_read(recs_source_t *source, recs_input_t *in, recs_file_e kind,
    recs_error_t *err)
{
    int         rc;
    recs_row_t  row;

    row.in = in;
    row.lines = 1;

    for ( ;; ) {
        rc = recs_input_line(in, &row.text, err);

        if (rc == RECS_DONE) {
            return RECS_OK;
        }

        if (rc == RECS_ERROR) {
            return RECS_ERROR;
        }

        row.line = recs_input_number(in);

        if (rc == RECS_DECLINED) {
            recs_row_count(source, &row);
            rc = recs_row_bad(source, &row, NULL, "longer than 1 MB", err);

        } else if (recs_input_blank(&row.text)) {
            continue;

        } else {
            recs_row_count(source, &row);
            rc = recs_row_json(source, kind, &row.text, &row, err);
        }

        if (rc != RECS_OK) {
            return rc;
        }
    }
}
