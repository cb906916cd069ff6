/* GET /assets/NAME.HASH.js: files of pages, as the client can take them: brotli, gzip, or as they
 * are. All three were made when the program was. */
#include "web/asset.h"

#include <stdio.h>
#include <string.h>

#include "base/slice.h"
#include "http/content_coding.h"
#include "web/answer.h"
#include "web/resources.h"

/* They never change: the address does. */
#define HEADERS                                                                                    \
    "Cache-Control: public, max-age=31536000, immutable\r\n"                                       \
    "Cross-Origin-Resource-Policy: same-origin\r\n"

#define MAX_HEADERS 400

/* A hash, what a caller adds to it, and the name of a form. */
#define MAX_TAG 60

static const struct {
    struct slice name;
    const char *tag; /* of an entity tag: each form has its own (RFC 9110, section 8.8.1) */
} codings[ASSET_CODING_COUNT_] = {
    [ASSET_PLAIN] = {SLICE_INIT(""), ""},
    [ASSET_GZIP] = {SLICE_INIT("gzip"), "-gzip"},
    [ASSET_BROTLI] = {SLICE_INIT("br"), "-br"},
};

static const struct {
    struct slice address;
    struct slice type;
    const char *hash;
} assets[ASSET_COUNT_] = {

#define ASSET(name_, address_, type_, hash_, plain_, gzip_, brotli_)                               \
    [ASSET_##name_] = {SLICE_INIT(address_), SLICE_INIT(type_), hash_},
#include "web/assets.inc"
#undef ASSET
};

/* asset_embed.S: where each form of each asset begins and ends. */
extern const char *const asset_ends[2 * ASSET_CODING_COUNT_ * ASSET_COUNT_];

const char *asset_address(enum asset asset)
{
    return assets[asset].address.ptr;
}

const char *asset_hash(enum asset asset)
{
    return assets[asset].hash;
}

struct slice asset_bytes(enum asset asset, enum asset_coding coding)
{
    const char *const *ends =
        &asset_ends[2 * (ASSET_CODING_COUNT_ * (size_t)asset + (size_t)coding)];

    return slice_of(ends[0], (size_t)(ends[1] - ends[0]));
}

enum asset_coding asset_choose(const struct request *req, enum asset_coding best)
{
    enum asset_coding coding = best;

    while (coding != ASSET_PLAIN &&
           !content_coding_is_welcome(req->fields[FIELD_ACCEPT_ENCODING], codings[coding].name))
        coding--;
    return coding;
}

void asset_respond(struct request *req, enum asset asset, enum asset_coding coding, const char *tag,
                   const char *headers, struct slice body)
{
    struct slice known = req->fields[FIELD_IF_NONE_MATCH];
    char storage[MAX_HEADERS];
    struct strbuf lines;
    char quoted[MAX_TAG];
    bool is_known;

    (void)snprintf(quoted, sizeof(quoted), "\"%s%s\"", tag, codings[coding].tag);
    is_known = known.ptr && memmem(known.ptr, known.len, quoted, strlen(quoted));
    strbuf_init_fixed(&lines, storage, sizeof(storage));
    strbuf_printf(&lines,
                  "%sVary: Accept-Encoding\r\nX-Content-Type-Options: nosniff\r\nETag: %s\r\n",
                  headers, quoted);
    if (coding != ASSET_PLAIN && !is_known)
        strbuf_printf(&lines, "Content-Encoding: %s\r\n", codings[coding].name.ptr);
    request_respond(req, &(struct response){
                             .status = is_known ? 304 : 200,
                             .content_type = is_known ? SLICE("") : assets[asset].type,
                             .headers = strbuf_slice(&lines),
                             .body = is_known ? SLICE("") : body,
                         });
}

static void respond(struct request *req, enum asset asset)
{
    enum asset_coding coding = asset_choose(req, ASSET_BROTLI);

    asset_respond(req, asset, coding, assets[asset].hash, HEADERS, asset_bytes(asset, coding));
}

void asset_get(struct request *req)
{
    enum asset asset = 0;

    while (asset < ASSET_COUNT_ && !slice_eq(assets[asset].address, req->path))
        asset++;
    if (asset < ASSET_COUNT_)
        respond(req, asset);
    else
        answer_error(req, 404,
                     "There is no such file: the page that names it is of another version.",
                     HEADER_NO_STORE);
}
