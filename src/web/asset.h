/**
 * Scripts and style sheets of pages: they are in the program (asset_embed.S), made by
 * tools/bundle-assets.mjs. An address has the hash of its bytes in it, so browsers keep what they
 * got for good, and see a new program's at once.
 */
#ifndef FOOTFALL_WEB_ASSET_H
#define FOOTFALL_WEB_ASSET_H

enum asset {

#define ASSET(name_, address_, type_, hash_, plain_, gzip_, brotli_) ASSET_##name_,
#include "web/assets.inc"
#undef ASSET
    ASSET_COUNT_
};

/** "/assets/dashboard.0123456789abcdef.js" */
const char *asset_address(enum asset asset);

#endif
