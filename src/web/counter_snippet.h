/**
 * What an owner copies into a page to have a counter there: its address, and that in the languages
 * of pages.
 */
#ifndef FOOTFALL_WEB_COUNTER_SNIPPET_H
#define FOOTFALL_WEB_COUNTER_SNIPPET_H

#include "web/counter_options.h"

/** A counter that somebody has put together. */
struct counter_wish {
    struct slice base; /* of the server, as "https://stats.example.com"; empty: this one */
    struct slice site;
    struct slice path; /* of the page; empty: the whole site */
    struct counter_options options;
};

/** Appends the address: only options that are not the defaults. @param extension  as ".svg" */
void counter_append_address(struct strbuf *out, const struct counter_wish *wish,
                            const char *extension);

/** Append an image: its text for who does not see it, and its size as far as it stays. */
void counter_append_html(struct strbuf *out, const struct counter_wish *wish);
void counter_append_markdown(struct strbuf *out, const struct counter_wish *wish);
void counter_append_bbcode(struct strbuf *out, const struct counter_wish *wish);

/** Appends the address of shields.io's badge for it. */
void counter_append_shields(struct strbuf *out, const struct counter_wish *wish);

#endif
