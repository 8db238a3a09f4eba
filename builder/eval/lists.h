/*
 * Copyright (C) recs authors
 *
 * What goes with a result: the lists themselves, the parameters in words.
 * Inside of builder/eval/.
 */

#ifndef _RECS_BUILDER_LISTS_H_INCLUDED_
#define _RECS_BUILDER_LISTS_H_INCLUDED_


#include "ask.h"


/*
 * Appends to the file ask->lists a line a case: number of the case, a
 * tab, the listed product ids with blanks between, best first.
 */

int recs_eval_lists(const recs_ask_t *ask, const recs_result_t *r,
    const recs_item_t *lists, recs_error_t *err);

/* "name=value ..." of what is not at its default; to be freed. */

char *recs_eval_parameters(const recs_config_t *c);


#endif /* _RECS_BUILDER_LISTS_H_INCLUDED_ */
