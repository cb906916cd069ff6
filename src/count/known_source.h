/**
 * The well-known services that send visitors, and their names.
 */
#ifndef FOOTFALL_COUNT_KNOWN_SOURCE_H
#define FOOTFALL_COUNT_KNOWN_SOURCE_H

#include <stdbool.h>

#include "base/slice.h"

struct known_source {
    struct slice key; /* in lower case */
    struct slice name;
    bool is_alone; /* a host that stands for itself alone, not for those below it */
};

/** What the keys of a table are. */
enum known_source_kind {
    KNOWN_HOST, /* "reddit.com", which old.reddit.com is below */
    KNOWN_APP,  /* an Android package */
    KNOWN_WORD, /* what people write into links: "fb", "hackernews" */
    KNOWN_KIND_COUNT_
};

/**
 * The name of the service that `host` belongs to. Those that have a domain for each country
 * (google.de, yandex.com.tr) are known by one rule each.
 *
 * @param host  in lower case, folded by url_fold_host()
 * @return      lives for ever; empty when it is not known
 */
struct slice known_source_of_host(struct slice host);

/** The name of the service of an app, or of a word; `key` in any case. As above. */
struct slice known_source_of_app(struct slice key);
struct slice known_source_of_word(struct slice key);

/** All of one kind, sorted by key: for tests, and whoever writes them down. */
const struct known_source *known_source_all(enum known_source_kind kind, size_t *count);

#endif
