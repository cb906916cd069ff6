/**
 * The page that a hit is for, out of the address that was sent.
 *
 *     https://www.Example.com/blog/?utm_source=news&p=2#top   host "example.com", path "/blog?p=2"
 *     blog/                                                    host "",            path "/blog"
 *
 * As in GoatCounter a path begins with one slash and does not end with one, inner slashes and the
 * case of letters stay, and parameters that only track (count/tracking.h) are no part of it. The
 * others stay in their order. A fragment is left out, too, unless it is a route, as "#/about" and
 * "#!/about" are in applications of one page. What was normalized once, stays as it is.
 */
#ifndef FOOTFALL_COUNT_PAGE_H
#define FOOTFALL_COUNT_PAGE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

/** A page's path has at most so many bytes, once what only tracks is left out. */
#define PAGE_MAX_PATH 2048

struct page {
    struct slice path;  /* 1 to PAGE_MAX_PATH bytes of clean UTF-8, begins with '/' */
    struct slice host;  /* of a full address: in lower case, without "www." and port; else empty */
    struct slice query; /* raw, without '?', tracking and all: see count/campaign.h; may be empty */
};

/**
 * Normalizes the address of a page.
 *
 * @param sent   what the client gave as its page, decoded once: a path, or a full address that
 *               begins with http:// or https://; any bytes
 * @param arena  for what has to be put together anew; mostly nothing has
 * @param out    borrows from `sent` and `arena`
 * @param info   what is wrong, naming the query key; may be NULL
 * @return       ERR_OK; ERR_INVALID: nothing was sent, the path has over PAGE_MAX_PATH bytes, or is
 *               not UTF-8, or has control characters; ERR_NO_MEMORY
 */
enum err page_normalize(struct slice sent, struct arena *arena, struct page *out,
                        struct err_info *info) MUST_CHECK;

#endif
