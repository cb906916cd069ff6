/**
 * Where a visit came from: the name of a well-known service, else the host of the page that led
 * here, else a name somebody chose. The path of that page is never part of it.
 *
 *     https://www.google.co.uk/                    "Google"
 *     https://old.reddit.com/r/programming         "Reddit"
 *     android-app://com.google.android.gm/         "Gmail"
 *     https://m.Example.org:8080/a?b               "example.org"
 *     Newsletter                                   "Newsletter"
 *     https://shop.example.com/, a host of ours    ""
 */
#ifndef FOOTFALL_COUNT_SOURCE_H
#define FOOTFALL_COUNT_SOURCE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

/** A source has at most so many bytes. */
#define SOURCE_MAX 255

/** The hosts of the site itself, in lower case, without ports; "www." and the like do not matter.
 */
struct source_own {
    const struct slice *hosts;
    size_t count;
};

struct source {
    struct slice name; /* 0 to SOURCE_MAX bytes of clean UTF-8; empty: nobody knows, or nobody */
    struct slice host; /* of the referrer, in lower case, without port, "www." kept: for the list of
                          referrer spam; empty when the referrer names none */
};

/**
 * Tells where a visit came from by its referrer.
 *
 * The name is empty for a referrer that is a host of the site, this machine (localhost and its
 * addresses: somebody at work on a site), neither http, https nor android-app, or nonsense.
 *
 * @param referrer  as the browser or the client told, decoded once: an address, a host with or
 *                  without a path, or a plain name; any bytes
 * @param out       borrows from `referrer` and `arena`, or lives for ever
 * @return          ERR_OK or ERR_NO_MEMORY
 */
enum err source_of_referrer(struct slice referrer, const struct source_own *own,
                            struct arena *arena, struct source *out) MUST_CHECK;

/**
 * The source that somebody wrote into a link: utm_source=fb and the like. What names a well-known
 * service or its host becomes the service's name, any other host is folded as a referrer's is, and
 * a plain name stays as it is; one that is too long or not clean UTF-8 becomes empty.
 *
 * @param out  borrows from `name` and `arena`, or lives for ever
 * @return     ERR_OK or ERR_NO_MEMORY
 */
enum err source_of_name(struct slice name, struct arena *arena, struct slice *out) MUST_CHECK;

#endif
