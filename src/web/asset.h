/**
 * Scripts and style sheets of pages: they are in the program (asset_embed.S), made by
 * tools/bundle-assets.mjs. An address has the hash of its bytes in it, so browsers keep what they
 * got for good, and see a new program's at once.
 */
#ifndef FOOTFALL_WEB_ASSET_H
#define FOOTFALL_WEB_ASSET_H

#include "http/request.h"

enum asset {

#define ASSET(name_, address_, type_, hash_, plain_, gzip_, brotli_) ASSET_##name_,
#include "web/assets.inc"
#undef ASSET
    ASSET_COUNT_
};

/** How the bytes of a file are packed: each later one is shorter. */
enum asset_coding { ASSET_PLAIN, ASSET_GZIP, ASSET_BROTLI, ASSET_CODING_COUNT_ };

/** "/assets/dashboard.0123456789abcdef.js" */
const char *asset_address(enum asset asset);

/** The file, which lives for ever. */
struct slice asset_bytes(enum asset asset, enum asset_coding coding);

/** A text that changes with the file, without quotes. */
const char *asset_hash(enum asset asset);

/** The shortest one, up to `best`, that the client can undo. */
enum asset_coding asset_choose(const struct request *req, enum asset_coding best);

/**
 * Answers with a file, or 304 to who has it already. Compresses nothing: `body` is packed.
 *
 * @param tag      a text that changes with the file, without quotes, at most 40 bytes
 * @param headers  lines about who may keep it, and who may load it
 * @param body     copied
 */
void asset_respond(struct request *req, enum asset asset, enum asset_coding coding, const char *tag,
                   const char *headers, struct slice body);

#endif
