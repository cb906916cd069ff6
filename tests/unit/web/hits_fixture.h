/**
 * Requests that bring hits, and what the store has of them then.
 */
#ifndef FOOTFALL_TESTS_HITS_FIXTURE_H
#define FOOTFALL_TESTS_HITS_FIXTURE_H

#include "web_fixture.h"

/** A request with JSON that is not sent yet. */
struct request *prepare_post(struct web_fixture *f, const char *path, const char *query,
                             const char *body);

/** Sends hits to /api/v1/hits, as a browser; returns the status. */
int post(struct web_fixture *f, const char *body);

/** Sends hits as an application that has an API token for all sites. */
int post_with_token(struct web_fixture *f, const char *path, const char *query, const char *body);

int64_t now_s(const struct web_fixture *f);

/** The day bucket. */
int32_t today(const struct web_fixture *f);

/** A rollup of the default site. @param text  empty: all values of the dimension */
struct metrics sum_of(struct web_fixture *f, enum dimension dimension, int32_t day,
                      const char *text);

/** Writes the record of a site. */
void write_site(struct web_fixture *f, const char *key, const char *json);

/** What counters of the default site show to everybody: "off", "total" or "pages". */
void set_public_counters(struct web_fixture *f, const char *what);

#endif
