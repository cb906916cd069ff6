#include "count/page.h"

#include "base/ascii.h"
#include "base/query.h"
#include "base/utf8.h"
#include "count/tracking.h"
#include "count/url.h"
#include "count/web_origin.h"

/* An address behind its host, cut into its parts; each is empty when there is none. */
struct parts {
    struct slice path;     /* without the slashes at its ends */
    struct slice query;    /* without '?' */
    struct slice fragment; /* without '#' */
};

/* A text that is put together from parts of another. As long as one part follows the other there,
 * it borrows; a part from elsewhere makes it a copy. */
struct joined {
    struct slice text;
    char *copy; /* room for all that will come; NULL: `text` is borrowed */
    size_t max_bytes;
    struct arena *arena;
    bool failed; /* no memory */
};

static void start_copy(struct joined *joined)
{
    joined->copy = arena_alloc(joined->arena, joined->max_bytes);
    joined->failed = !joined->copy;
    if (!joined->copy)
        return;
    memcpy(joined->copy, joined->text.ptr, joined->text.len);
    joined->text.ptr = joined->copy;
}

static void join(struct joined *joined, struct slice part)
{
    if (part.len == 0)
        return;
    if (joined->text.len == 0) {
        joined->text = part;
        return;
    }
    if (!joined->copy && joined->text.ptr + joined->text.len != part.ptr)
        start_copy(joined);
    if (joined->failed)
        return;
    if (joined->copy)
        memcpy(joined->copy + joined->text.len, part.ptr, part.len);
    joined->text.len += part.len;
}

/* `mark` and `part`, which it mostly stands before already. */
static void join_behind(struct joined *joined, struct slice mark, struct slice part,
                        struct slice whole)
{
    bool is_there = part.ptr > whole.ptr && part.ptr[-1] == mark.ptr[0];

    if (!is_there)
        join(joined, mark);
    join(joined, is_there ? slice_of(part.ptr - 1, part.len + 1) : part);
}

static bool is_edge(char c)
{
    return c == '/' || ascii_is_blank(c);
}

static struct slice trim_edges(struct slice path)
{
    while (path.len > 0 && is_edge(path.ptr[0]))
        path = slice_from(path, 1);
    while (path.len > 0 && is_edge(path.ptr[path.len - 1]))
        path.len--;
    return path;
}

/* Takes what is behind the first `mark` off `text`; empty when there is no mark. */
static struct slice cut_behind(struct slice *text, char mark)
{
    const char *found = memchr(text->ptr, mark, text->len);
    size_t len = found ? (size_t)(found - text->ptr) : text->len;
    struct slice behind = slice_from(*text, found ? len + 1 : len);

    text->len = len;
    return behind;
}

/* The fragment when it is a route, without the slashes at its end; else empty. */
static struct slice route(struct slice fragment)
{
    if (fragment.len == 0 || (fragment.ptr[0] != '/' && fragment.ptr[0] != '!'))
        return SLICE("");
    while (fragment.len > 0 && is_edge(fragment.ptr[fragment.len - 1]))
        fragment.len--;
    return slice_eq(fragment, SLICE("!")) ? SLICE("") : fragment;
}

static struct parts split(struct slice address)
{
    struct parts parts = {.path = address};

    parts.fragment = route(cut_behind(&parts.path, '#'));
    parts.query = cut_behind(&parts.path, '?');
    parts.path = trim_edges(parts.path);
    return parts;
}

static struct slice whole_pair(const struct query_pair *pair)
{
    const char *end = pair->value.ptr + pair->value.len;

    return ascii_trim(slice_of(pair->name.ptr, (size_t)(end - pair->name.ptr)));
}

/* The pairs that belong to the page. */
static void join_query(struct joined *joined, struct slice query, struct slice whole)
{
    struct query_reader reader = query_reader_init(query);
    struct query_pair pair;
    struct slice mark = SLICE("?");

    while (query_next(&reader, &pair)) {
        struct slice kept = whole_pair(&pair);

        if (kept.len == 0 || tracking_find(ascii_trim(pair.name)))
            continue;
        join_behind(joined, mark, kept, whole);
        mark = SLICE("&");
    }
}

static enum err normalize_path(struct slice address, struct arena *arena, struct page *page)
{
    struct parts parts = split(address);
    /* A slash before the path is all that can be new. */
    struct joined joined = {.arena = arena, .max_bytes = address.len + 1};

    join_behind(&joined, SLICE("/"), parts.path, address);
    join_query(&joined, parts.query, address);
    if (parts.fragment.len > 0)
        join_behind(&joined, SLICE("#"), parts.fragment, address);
    if (joined.failed)
        return ERR_NO_MEMORY;
    page->path = joined.text;
    page->query = parts.query;
    return ERR_OK;
}

static enum err check_path(struct slice path, struct err_info *info)
{
    if (path.len > PAGE_MAX_PATH) {
        err_info_set(info, "the path of the page has %zu bytes; at most %d are taken", path.len,
                     PAGE_MAX_PATH);
        return ERR_INVALID;
    }
    if (!utf8_is_clean(path)) {
        err_info_set(info, "the path of the page is not UTF-8 or has control characters");
        return ERR_INVALID;
    }
    return ERR_OK;
}

static enum err normalize_host(struct slice host, struct arena *arena, struct slice *out)
{
    enum err err = url_lower(host, arena, out);

    if (err == ERR_OK)
        *out = web_host_bare(*out);
    return err;
}

enum err page_normalize(struct slice sent, struct arena *arena, struct page *out,
                        struct err_info *info)
{
    struct slice address = ascii_trim(sent);
    struct page page = {.host = SLICE("")};
    struct url url;
    enum err err = ERR_OK;

    if (address.len == 0) {
        err_info_set(info, "p, the path of the page, is missing; send for example p=/about");
        return ERR_INVALID;
    }
    if (url_split(address, &url) && url_is_web(url.scheme)) {
        address = url.rest;
        err = normalize_host(url.host, arena, &page.host);
    }
    if (err == ERR_OK)
        err = normalize_path(address, arena, &page);
    if (err == ERR_OK)
        err = check_path(page.path, info);
    if (err == ERR_OK)
        *out = page;
    return err;
}
