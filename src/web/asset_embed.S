/* The files of assets.inc, in their three forms, become part of the program; asset.c finds them. */
    .section .rodata
#define FORM(label_, file_)                                                                        \
    .balign 16;                                                                                    \
    asset_start_##label_:;                                                                         \
    .incbin file_;                                                                                 \
    asset_end_##label_:;
#define ASSET(name_, address_, type_, hash_, plain_, gzip_, brotli_)                               \
    FORM(name_##_none, plain_)                                                                     \
    FORM(name_##_gzip, gzip_)                                                                      \
    FORM(name_##_brotli, brotli_)
#include "web/assets.inc"
#undef ASSET
#undef FORM

    .section .data.rel.ro, "aw"
    .global asset_ends
    .balign 16
asset_ends:
#define FORM(label_)                                                                               \
    .dc.a asset_start_##label_;                                                                    \
    .dc.a asset_end_##label_;
#define ASSET(name_, address_, type_, hash_, plain_, gzip_, brotli_)                               \
    FORM(name_##_none) FORM(name_##_gzip) FORM(name_##_brotli)
#include "web/assets.inc"
#undef ASSET

    .section .note.GNU-stack, "", %progbits
