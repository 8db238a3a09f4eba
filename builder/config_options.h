/*
 * Copyright (C) recs authors
 *
 * Between config.c and the table of options; nobody else needs it.
 */

#ifndef _RECS_BUILDER_CONFIG_OPTIONS_H_INCLUDED_
#define _RECS_BUILDER_CONFIG_OPTIONS_H_INCLUDED_


#include "config.h"


#define RECS_WEIGHTS       5
#define RECS_SHOP_MAX      64


typedef enum {
    RECS_OPTION_STRING = 0,      /* const char * */
    RECS_OPTION_PATHS,           /* const char *[RECS_PATHS_MAX] */
    RECS_OPTION_NUMBER,          /* double */
    RECS_OPTION_FLOAT,           /* float */
    RECS_OPTION_WEIGHTS,         /* double[RECS_WEIGHTS] */
    RECS_OPTION_COUNT,           /* long */
    RECS_OPTION_WORD32,          /* uint32_t, a whole number */
    RECS_OPTION_WORD,            /* uint8_t, the place in "words" */
    RECS_OPTION_FLAG,            /* int */
    RECS_OPTION_TIME             /* int64_t, ms */
} recs_option_e;


typedef struct {
    const char         *name;
    recs_option_e       type;
    size_t              offset;
    const char         *value;   /* the default, NULL: none */
    double              min;     /* of a string: of its length */
    double              max;
    const char         *help;
    const char *const  *words;   /* of a word, NULL ends */
    unsigned            shapes;  /* what a snapshot says depends on it */
} recs_config_option_t;

extern const recs_config_option_t  recs_config_options[];  /* name NULL ends */
extern const size_t                recs_config_options_count;


#endif /* _RECS_BUILDER_CONFIG_OPTIONS_H_INCLUDED_ */
