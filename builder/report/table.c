/*
 * Copyright (C) recs authors
 *
 * The reports, and what is said of each number in them.
 */

#include "../../core/answer/recs_stats.h"
#include "private.h"


static json_t *recs_report_definitions(recs_report_t *r);


static const recs_report_definition_t  recs_definitions_quality[] = {
    { "bots", "events of programs, of all but rows and lists; \"agent\": "
      "their clients say that they are robots, they are counted nowhere "
      "else; \"pace\": of a user or session that looks, in a minute or on a "
      "day (UTC), in more seconds than trust_minute and trust_day allow: "
      "nothing of that day is in a rate" },
    { "missing", "events without a field that their type should have; "
      "\"price\": a line of it has none" },
    { "unknownProducts", "lines of products that no catalogue row has told "
      "of; null where there is no catalogue" },
    { "doubleClicks", "clicks within 30 s of one by the same person on the "
      "same item of the same answer, of all clicks" },
    { "notShown", "views, clicks and dismissals of products that the answer "
      "they name did not hold: they count nowhere" },
    { "clicksOfUnknownAnswers", "clicks that name an answer whose list is "
      "not in the log; they count" },
    { "refundsNotSold", "lines of refunds of products that no order in the "
      "log has: nothing is taken off" },
    { "clicksByCart", "products that were put into a cart under the "
      "recommendationId of an answer without a click on them there: each is "
      "counted as one" },
    { "repeatedOrderLines", "lines of orders and refunds that were told "
      "before; events of one messageId are dropped before they get here" },
    { "refundsBeyond", "refunds of a line of an order beyond the earliest 100 "
      "of it: nothing is taken off" },
    { "late", "arrival less the time of the event; of events that were not "
      "imported" },
    { "fromTheFuture", "events whose time is after their arrival" },
    { "outOfOrder", "events that arrived in a later hour than they happened "
      "in" },
    { "clockBehind", "arrival less the client's clock when it sent the "
      "event, of events that tell it (sentAt)" },
    { "clockAhead", "the other way round" },
    { "overflow", "counts that found no room in report_cells" },
    { NULL, NULL }
};

static const recs_report_definition_t  recs_definitions_bias[] = {
    { "ctr", "clicks / served at the place" },
    { "ctrOfFirst", "ctr / ctr of the first place: place and quality of what "
      "stands there, mixed" },
    { "examination", "how much less a product is clicked at the place than "
      "the same product in the same type of list at the first place: ratio "
      "of rates of Mantel and Haenszel with products as strata, interval of "
      "Greenland and Robins, 95 %; null without clicks at both places" },
    { "products", "products that were served at both places" },
    { "served", "how often at these two places" },
    { NULL, NULL }
};


/* Models with their formula, in the order of recs_attribution_e. */

static const recs_report_definition_t  recs_definitions_models[] = {
    { "last", "all to the last click before the sale" },
    { "first", "all to the first one within the window" },
    { "linear", "the same to each of them" },
    { "decay", "2^-(days before the last one), divided by the sum" },
    { "position", "40 % to the first, 40 % to the last, 20 % to those "
      "between; half and half where there are two" },
    { NULL, NULL }
};


const recs_report_row_t  recs_reports[] = {
    { "data-quality", "How good the events are", recs_report_quality_make,
      recs_definitions_quality },
    { "position-bias", "How clicks depend on the place", recs_report_bias_make,
      recs_definitions_bias },
    { "definitions", "What the numbers mean", recs_report_definitions, NULL },
    { NULL, NULL, NULL, NULL }
};


static json_t *
recs_report_texts(const recs_report_definition_t *d)
{
    json_t  *o;

    for (o = json_object(); d->name; d++) {
        json_object_set_new(o, d->name, json_string(d->text));
    }

    return o;
}


json_t *
recs_report_make(recs_report_t *r, const recs_report_row_t *row)
{
    json_t  *j;

    recs_report_back(r);
    j = row->make(r);

    if (row->definitions) {
        json_object_set_new(j, "definitions",
                            recs_report_texts(row->definitions));
    }

    return j;
}


/* Of the sums; who asks for those gets the same texts. */

static json_t *
recs_report_counts(void)
{
    json_t      *o;
    unsigned     i;
    recs_str_t   name, text;

    o = json_object();

    for (i = 0; recs_stats_definition(i, &name, &text) == RECS_OK; i++) {
        json_object_set_new(o, (const char *) name.data,
                            json_stringn((const char *) text.data, text.len));
    }

    return o;
}


static json_t *
recs_report_definitions(recs_report_t *r)
{
    const recs_config_t             *c;
    const recs_report_definition_t  *model;

    c = r->config;
    model = &recs_definitions_models[c->attribution];

    return json_pack("{s:o, s:{s:s, s:s, s:o}, s:{s:f, s:f, s:f, s:i, s:i}}",
                     "counts", recs_report_counts(),
                     "attribution", "model", model->name,
                     "means", model->text,
                     "models", recs_report_texts(recs_definitions_models),
                     "windows", "clickDays", c->report_click_days,
                     "viewHours", c->report_view_hours,
                     "refundDays", c->report_refund_days,
                     "doubleClickSeconds", RECS_REPORT_DOUBLE / 1000,
                     "lateHours", (int) (RECS_REPORT_LATE
                                         / RECS_REPORT_HOUR));
}
