/**
 * What standard output can show: how wide it is, whether it has colours, whether it knows UTF-8.
 */
#ifndef FOOTFALL_CLI_TERMINAL_H
#define FOOTFALL_CLI_TERMINAL_H

#include <stdbool.h>

#include "base/strbuf.h"

struct terminal {
    unsigned columns; /* COLUMNS, else the terminal's, else 80; from 40 to 400 */
    unsigned rows;    /* LINES, else the terminal's, else 24; from 10 to 400 */
    bool is_terminal; /* else a file or a pipe */
    bool has_colour; /* a terminal that is not dumb, and NO_COLOR is empty (https://no-color.org) */
    bool has_utf8;   /* by the locale of the environment */
};

void terminal_look(struct terminal *out);

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_BAR, STYLE_UP, STYLE_DOWN };

/** Begins a style; STYLE_PLAIN ends it. Appends nothing without colours. */
void append_style(const struct terminal *terminal, struct strbuf *out, enum style style);

/**
 * Appends `text` so that it takes exactly `width` columns: cut, with an ellipsis, or filled up with
 * spaces behind it. What a terminal would not show as a letter, and what it cannot, becomes "?": no
 * text can move the cursor or turn the direction of writing.
 *
 * @param text  any bytes; some visitor made it
 */
void append_fitted(const struct terminal *terminal, struct strbuf *out, struct slice text,
                   unsigned width);

/** The same, but not filled up. @return  how many columns it takes */
unsigned append_cut(const struct terminal *terminal, struct strbuf *out, struct slice text,
                    unsigned width);

#endif
