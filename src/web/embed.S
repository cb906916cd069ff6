/* Files that become part of the program, as they are. */
    .section .rodata
    .global welcome_html
    .global welcome_html_end
    .balign 16
welcome_html:
    .incbin "welcome.html"
welcome_html_end:
    .byte 0
    .section .note.GNU-stack, "", %progbits
