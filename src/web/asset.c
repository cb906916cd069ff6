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
    "Cache-Control: public, max-age=31536000, immutable\r\nVary: Accept-Encoding\r\n"              \
    "Cross-Origin-Resource-Policy: same-origin\r\n"

#define MAX_HEADERS 400

enum coding { CODING_NONE, CODING_GZIP, CODING_BROTLI, CODING_COUNT_ };

static const struct {
    struct slice name;
    const char *tag; /* of an entity tag: each form has its own (RFC 9110, section 8.8.1) */
} codings[CODING_COUNT_] = {
    [CODING_NONE] = {SLICE_INIT(""), ""},
    [CODING_GZIP] = {SLICE_INIT("gzip"), "-gzip"},
    [CODING_BROTLI] = {SLICE_INIT("br"), "-br"},
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
extern const char *const asset_ends[2 * CODING_COUNT_ * ASSET_COUNT_];

const char *asset_address(enum asset asset)
{
    return assets[asset].address.ptr;
}

static struct slice bytes_of(enum asset asset, enum coding coding)
{
    const char *const *ends = &asset_ends[2 * (CODING_COUNT_ * (size_t)asset + (size_t)coding)];

    return slice_of(ends[0], (size_t)(ends[1] - ends[0]));
}

static enum coding choose(const struct request *req)
{
    enum coding coding = CODING_BROTLI;

    while (coding != CODING_NONE &&
           !content_coding_is_welcome(req->fields[FIELD_ACCEPT_ENCODING], codings[coding].name))
        coding--;
    return coding;
}

static void respond(struct request *req, enum asset asset)
{
    enum coding coding = choose(req);
    struct slice known = req->fields[FIELD_IF_NONE_MATCH];
    char storage[MAX_HEADERS];
    struct strbuf headers;
    char tag[40];
    bool is_known;

    (void)snprintf(tag, sizeof(tag), "\"%s%s\"", assets[asset].hash, codings[coding].tag);
    is_known = known.ptr && memmem(known.ptr, known.len, tag, strlen(tag));
    strbuf_init_fixed(&headers, storage, sizeof(storage));
    strbuf_printf(&headers, HEADERS "ETag: %s\r\n", tag);
    if (coding != CODING_NONE && !is_known)
        strbuf_printf(&headers, "Content-Encoding: %s\r\n", codings[coding].name.ptr);
    request_respond(req, &(struct response){
                             .status = is_known ? 304 : 200,
                             .content_type = is_known ? SLICE("") : assets[asset].type,
                             .headers = strbuf_slice(&headers),
                             .body = is_known ? SLICE("") : bytes_of(asset, coding),
                         });
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
