#include "cli/terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/slice.h"

#define MIN_COLUMNS     40
#define MIN_ROWS        10
#define MAX_CELLS       400
#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS    24

/* ---- what there is -------------------------------------------------------------------------- */

static unsigned clamp(unsigned long number, unsigned min)
{
    if (number < min)
        return min;
    return number > MAX_CELLS ? MAX_CELLS : (unsigned)number;
}

/* 0: the variable is not set, or no number. */
static unsigned long read_variable(const char *name)
{
    const char *text = getenv(name);
    char *end = NULL;
    unsigned long number = text ? strtoul(text, &end, 10) : 0;

    return text && *end == '\0' ? number : 0;
}

static bool is_set(const char *name)
{
    const char *text = getenv(name);

    return text && text[0] != '\0';
}

static bool is_dumb(void)
{
    const char *kind = getenv("TERM");

    return !kind || strcmp(kind, "dumb") == 0;
}

void terminal_look(struct terminal *out)
{
    struct winsize size = {0};
    unsigned long columns = read_variable("COLUMNS");
    unsigned long rows = read_variable("LINES");

    out->is_terminal = isatty(STDOUT_FILENO) != 0;
    if (out->is_terminal)
        (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    if (columns == 0)
        columns = size.ws_col ? size.ws_col : DEFAULT_COLUMNS;
    if (rows == 0)
        rows = size.ws_row ? size.ws_row : DEFAULT_ROWS;
    out->columns = clamp(columns, MIN_COLUMNS);
    out->rows = clamp(rows, MIN_ROWS);
    out->has_colour = out->is_terminal && !is_set("NO_COLOR") && !is_dumb();
    /* Only letters: numbers keep their points, whatever the locale. */
    out->has_utf8 = setlocale(LC_CTYPE, "") && strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* ---- styles --------------------------------------------------------------------------------- */

void append_style(const struct terminal *terminal, struct strbuf *out, enum style style)
{
    static const char *const codes[] = {
        [STYLE_PLAIN] = "\x1b[0m", [STYLE_BOLD] = "\x1b[1m", [STYLE_DIM] = "\x1b[2m",
        [STYLE_BAR] = "\x1b[36m",  [STYLE_UP] = "\x1b[32m",  [STYLE_DOWN] = "\x1b[31m",
    };

    if (terminal->has_colour)
        strbuf_append(out, slice_str(codes[style]));
}

/* ---- text ----------------------------------------------------------------------------------- */

/* Marks that have no width but turn the direction of writing, or hide themselves. */
static bool is_hidden_mark(wchar_t c)
{
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/* One character off `rest`, and how wide it is; `*out` is what to show for it. */
static int next_character(const struct terminal *terminal, struct slice *rest, struct slice *out)
{
    mbstate_t state = {0};
    wchar_t c = 0;
    size_t len = mbrtowc(&c, rest->ptr, rest->len, &state);
    int width = len > 0 && len <= rest->len ? wcwidth(c) : -1;

    if (len == 0 || len > rest->len)
        len = 1;
    *out = slice_of(rest->ptr, len);
    *rest = slice_from(*rest, len);
    if (width >= 0 && !is_hidden_mark(c) && (terminal->has_utf8 || out->len == 1))
        return width;
    *out = SLICE("?");
    return 1;
}

static unsigned width_of(const struct terminal *terminal, struct slice text)
{
    struct slice character;
    unsigned width = 0;

    while (text.len > 0)
        width += (unsigned)next_character(terminal, &text, &character);
    return width;
}

unsigned append_cut(const struct terminal *terminal, struct strbuf *out, struct slice text,
                    unsigned width)
{
    bool is_cut = width_of(terminal, text) > width;
    unsigned room = is_cut && width > 0 ? width - 1 : width;
    unsigned used = 0;
    struct slice character;

    while (text.len > 0) {
        unsigned next = (unsigned)next_character(terminal, &text, &character);

        if (used + next > room)
            break;
        strbuf_append(out, character);
        used += next;
    }
    if (!is_cut || width == 0)
        return used;
    strbuf_append(out, terminal->has_utf8 ? SLICE("…") : SLICE("."));
    return used + 1;
}

void append_fitted(const struct terminal *terminal, struct strbuf *out, struct slice text,
                   unsigned width)
{
    for (unsigned used = append_cut(terminal, out, text, width); used < width; used++)
        strbuf_append_char(out, ' ');
}
