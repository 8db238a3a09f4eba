/*
 * Copyright (C) recs authors
 *
 * From a dataset to the values of a snapshot; between the parts of publish.
 */

#ifndef _RECS_BUILDER_ASSEMBLE_H_INCLUDED_
#define _RECS_BUILDER_ASSEMBLE_H_INCLUDED_


#include "publish.h"


/* What was put together, for the header, metadata, gates and manifest. */

typedef struct {
    recs_format_header_t  header;
    uint64_t              listed;          /* products that may be shown */
    uint64_t              lists;           /* rows of models not empty */
    uint64_t              rules;
    unsigned              diverse;         /* a rule asks for diversity */
    struct {
        uint64_t          rows;            /* not empty */
        uint64_t          entries;
    }                     models[RECS_LIST_MAX];
} recs_assembly_t;


/*
 * Builds all models and hands everything but the header to the writer.
 * "positions" may be NULL.
 */

int recs_assemble(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, const char *positions, recs_assembly_t *a,
    recs_error_t *err);


/* The same for a hot layer. */

int recs_assemble_hot(recs_writer_t *w, const recs_publish_hot_t *hot,
    const recs_config_t *config, recs_assembly_t *a, recs_error_t *err);


/* Parts of it, one file each. */

void recs_assemble_header(recs_format_header_t *h, const recs_dataset_t *d,
    const recs_config_t *config);

int recs_assemble_columns(recs_writer_t *w, const recs_dataset_t *d,
    recs_assembly_t *a, recs_error_t *err);
int recs_assemble_orders(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err);
int recs_assemble_fragments(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err);
int recs_assemble_names(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err);
int recs_assemble_tags(recs_writer_t *w, const recs_dataset_t *d,
    recs_error_t *err);
int recs_assemble_cells(recs_writer_t *w, const recs_cells_t *c,
    recs_error_t *err);
int recs_assemble_meta(recs_writer_t *w, const recs_dataset_t *d,
    const recs_config_t *config, const char *positions,
    const recs_assembly_t *a, recs_error_t *err);


/* The last element of a category's path. */

recs_str_t recs_assemble_leaf(const recs_dataset_t *d, uint32_t category);


#endif /* _RECS_BUILDER_ASSEMBLE_H_INCLUDED_ */
