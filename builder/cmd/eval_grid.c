/*
 * Copyright (C) recs authors
 *
 * Every combination of --try.
 */

#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "eval.h"


#define RECS_GRID_VALUES  64


typedef struct {
    char         *name;          /* "NAME=" */
    unsigned      count;
    char         *values[RECS_GRID_VALUES];
    unsigned      serving;       /* changes the header of a snapshot alone */
} recs_grid_axis_t;


typedef struct {
    recs_eval_cmd_t   *cmd;
    unsigned           count;
    recs_grid_axis_t   axes[RECS_EVAL_SETTINGS_MAX];
    unsigned           at[RECS_EVAL_SETTINGS_MAX];
    unsigned           done;     /* combinations */
    recs_result_t      first[RECS_EVAL_VARIANTS_MAX];
    recs_config_t      config;   /* of the best of the first variant */
} recs_grid_t;


/* "NAME=A,B,C", which is cut into pieces. */

static int
recs_grid_axis(recs_grid_axis_t *axis, const char *text, recs_error_t *e)
{
    char  *p, *last;

    axis->name = recs_alloc(strlen(text) + 2);
    strcpy(axis->name, text);

    p = strchr(axis->name, '=');

    if (p == NULL) {
        return recs_error(e, "--try \"%s\" must be NAME=A,B,C", text);
    }

    *p = '\0';

    for (p = strtok_r(p + 1, ",", &last);
         p;
         p = strtok_r(NULL, ",", &last))
    {
        if (axis->count == RECS_GRID_VALUES) {
            return recs_error(e, "--try \"%s\" has more than %d values",
                              axis->name, RECS_GRID_VALUES);
        }

        axis->values[axis->count++] = p;
    }

    if (axis->count == 0) {
        return recs_error(e, "--try \"%s\" has no value", axis->name);
    }

    return RECS_OK;
}


static int
recs_grid_set(const recs_grid_axis_t *axis, unsigned n, recs_config_t *c,
    recs_error_t *e)
{
    return recs_config_set(c, axis->name, axis->values[n], 0, e);
}


/* Values are checked before the first snapshot is built. */

static int
recs_grid_check(recs_grid_t *g, recs_grid_axis_t *axis, recs_error_t *e)
{
    unsigned        i;
    recs_config_t   c;

    axis->serving = 1;

    for (i = 0; i < axis->count; i++) {
        c = g->cmd->config;

        if (recs_grid_set(axis, i, &c, e) != RECS_OK) {
            return RECS_ERROR;
        }

        c.serving = g->cmd->config.serving;

        if (memcmp(&c, &g->cmd->config, sizeof(recs_config_t)) != 0) {
            axis->serving = 0;
        }
    }

    return RECS_OK;
}


/* What is only served changes fastest, so that few snapshots are built. */

static void
recs_grid_order(recs_grid_t *g)
{
    unsigned           i, j;
    recs_grid_axis_t   axis;

    for (i = 1; i < g->count; i++) {
        axis = g->axes[i];

        for (j = i; j > 0 && g->axes[j - 1].serving > axis.serving; j--) {
            g->axes[j] = g->axes[j - 1];
        }

        g->axes[j] = axis;
    }
}


static unsigned
recs_grid_next(recs_grid_t *g)
{
    unsigned  i;

    for (i = g->count; i > 0; i--) {
        if (++g->at[i - 1] < g->axes[i - 1].count) {
            return 1;
        }

        g->at[i - 1] = 0;
    }

    return 0;
}


static void
recs_grid_judge(recs_grid_t *g, unsigned v, const recs_config_t *config,
    recs_result_t *r)
{
    recs_result_t  *best;

    best = &g->cmd->best[v];

    if (g->done == 0) {
        g->first[v] = *r;
        *best = *r;

    } else if (r->mean[0] > best->mean[0]) {

        if (best->values[0] != g->first[v].values[0]) {
            recs_result_free(best);
        }

        *best = *r;

    } else {
        recs_result_free(r);
        return;
    }

    if (v == 0) {
        g->config = *config;
    }
}


static int
recs_grid_combination(recs_grid_t *g, recs_error_t *e)
{
    unsigned        i;
    recs_result_t   r;
    recs_config_t   config;

    config = g->cmd->config;

    for (i = 0; i < g->count; i++) {
        if (recs_grid_set(&g->axes[i], g->at[i], &config, e) != RECS_OK) {
            return RECS_ERROR;
        }
    }

    for (i = 0; i < g->cmd->variant_count; i++) {
        if (recs_eval_run(g->cmd->split, &config, g->cmd->variants[i], 0, &r,
                          e)
            != RECS_OK)
        {
            recs_result_free(&r);
            return RECS_ERROR;
        }

        recs_eval_print(g->cmd, &r, NULL, "try");
        recs_grid_judge(g, i, &config, &r);
    }

    g->done++;

    return RECS_OK;
}


static void
recs_grid_end(recs_grid_t *g, int rc)
{
    unsigned        v;
    recs_result_t  *best;

    for (v = 0; g->done && v < g->cmd->variant_count; v++) {
        best = &g->cmd->best[v];

        if (rc == RECS_OK) {
            recs_eval_print(g->cmd, best, &g->first[v], "best");
        }

        if (best->values[0] != g->first[v].values[0]) {
            recs_result_free(&g->first[v]);
        }
    }

    for (v = 0; v < g->count; v++) {
        free(g->axes[v].name);
    }
}


int
recs_eval_grid(recs_eval_cmd_t *c, recs_error_t *e)
{
    int           rc;
    unsigned      i;
    recs_grid_t  *g;

    g = recs_calloc(1, sizeof(recs_grid_t));
    g->cmd = c;
    rc = RECS_OK;

    for (i = 0; i < c->try_count && rc == RECS_OK; i++) {
        rc = recs_grid_axis(&g->axes[g->count++], c->tries[i], e);

        if (rc == RECS_OK) {
            rc = recs_grid_check(g, &g->axes[i], e);
        }
    }

    recs_grid_order(g);

    while (rc == RECS_OK) {
        rc = recs_grid_combination(g, e);

        if (rc != RECS_OK || !recs_grid_next(g)) {
            break;
        }
    }

    recs_grid_end(g, rc);

    if (rc == RECS_OK) {
        c->config = g->config;
    }

    free(g);

    return rc;
}
