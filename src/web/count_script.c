/* GET /count.js: the script that other sites load to count their visits (dashboard/count.js). */
#include <stdio.h>
#include <string.h>

#include "base/strbuf.h"
#include "web/answer.h"
#include "web/asset.h"
#include "web/resources.h"
#include "web/web.h"

/* Its name has no hash, since it stands in pages of others: a new one is with everybody after an
 * hour. Until a day later nobody waits for it. Any page may load it, also with crossorigin. */
#define HEADERS "Cache-Control: public, max-age=3600, stale-while-revalidate=86400\r\n" HEADER_CORS

/* The longest path that the options let through, and the text around it. */
#define MAX_PREFACE 256

/* ---- gzip ----------------------------------------------------------------------------------- */

/* RFC 1952: a member begins with ten bytes, when it has no name, and ends with eight. */
#define GZIP_HEAD 10
#define GZIP_TAIL 8

/* RFC 1951, section 3.2.4: a block that is not packed, and not the last one, begins with five. */
#define STORED_HEAD 5

static uint32_t crc_go_on(uint32_t crc, struct slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        crc ^= (unsigned char)bytes.ptr[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320U : crc >> 1;
    }
    return crc;
}

/* Of what `preface` and `rest` are together. */
static uint32_t crc_of(struct slice preface, struct slice rest)
{
    return ~crc_go_on(crc_go_on(~0U, preface), rest);
}

static void append_little_endian(struct strbuf *out, uint32_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        strbuf_append_char(out, (char)(number >> 8 * i & 0xff));
}

/* `packed` is a member that holds `plain`: what it refers back to lies within itself, so a block
 * that is stored may go before it. */
static void append_gzip(struct strbuf *out, struct slice preface, struct slice plain,
                        struct slice packed)
{
    strbuf_append(out, slice_of(packed.ptr, GZIP_HEAD));
    strbuf_append_char(out, 0);
    append_little_endian(out, (uint32_t)preface.len, 2);
    append_little_endian(out, ~(uint32_t)preface.len, 2);
    strbuf_append(out, preface);
    strbuf_append(out, slice_of(packed.ptr + GZIP_HEAD, packed.len - GZIP_HEAD - GZIP_TAIL));
    append_little_endian(out, crc_of(preface, plain), 4);
    append_little_endian(out, (uint32_t)(preface.len + plain.len), 4);
}

/* ---- the script ----------------------------------------------------------------------------- */

/* The script sends to its own address without ".js", unless it is told otherwise. */
static bool is_found_by_address(const struct web *web)
{
    return slice_starts_with(web->script_path, web->count_path) &&
           slice_eq(slice_from(web->script_path, web->count_path.len), SLICE(".js"));
}

/* Says where hits go; the page's own attribute goes before that. */
static struct slice preface_for(const struct web *web, char out[static MAX_PREFACE])
{
    struct strbuf preface;

    strbuf_init_fixed(&preface, out, MAX_PREFACE);
    strbuf_printf(&preface,
                  "(d=>{d.endpoint=d.endpoint||\"%.*s\"})(document.currentScript.dataset);",
                  SLICE_ARG(web->count_path));
    return strbuf_slice(&preface);
}

static void respond_with(struct request *req, struct slice preface)
{
    enum asset_coding coding = asset_choose(req, ASSET_GZIP);
    struct slice plain = asset_bytes(ASSET_COUNT_JS, ASSET_PLAIN);
    size_t size = preface.len + plain.len + STORED_HEAD;
    char *storage = request_alloc(req, size);
    struct strbuf body;
    char tag[40];

    if (!storage) {
        answer_err(req, ERR_NO_MEMORY, NULL);
        return;
    }
    strbuf_init_fixed(&body, storage, size);
    if (coding == ASSET_GZIP) {
        append_gzip(&body, preface, plain, asset_bytes(ASSET_COUNT_JS, ASSET_GZIP));
    } else {
        strbuf_append(&body, preface);
        strbuf_append(&body, plain);
    }
    (void)snprintf(tag, sizeof(tag), "%s-%08x", asset_hash(ASSET_COUNT_JS),
                   (unsigned)crc_of(preface, SLICE("")));
    asset_respond(req, ASSET_COUNT_JS, coding, tag, HEADERS, strbuf_slice(&body));
}

void count_script_get(struct request *req)
{
    const struct web *web = req->app;
    char storage[MAX_PREFACE];
    enum asset_coding coding;

    if (!is_found_by_address(web)) {
        respond_with(req, preface_for(web, storage));
        return;
    }
    coding = asset_choose(req, ASSET_BROTLI);
    asset_respond(req, ASSET_COUNT_JS, coding, asset_hash(ASSET_COUNT_JS), HEADERS,
                  asset_bytes(ASSET_COUNT_JS, coding));
}
