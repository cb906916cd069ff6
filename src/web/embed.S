/* Files that become part of the program, as they are; page_text() finds them. */
    .section .rodata
#define PAGE(name_, file_)                                                                         \
    .balign 16;                                                                                    \
    page_start_##name_:;                                                                           \
    .incbin file_;                                                                                 \
    page_end_##name_:;                                                                             \
    .byte 0;
#include "web/pages.inc"
#undef PAGE

    .section .data.rel.ro, "aw"
    .global page_ends
    .balign 16
page_ends:
#define PAGE(name_, file_)                                                                         \
    .dc.a page_start_##name_;                                                                      \
    .dc.a page_end_##name_;
#include "web/pages.inc"

    .section .note.GNU-stack, "", %progbits
