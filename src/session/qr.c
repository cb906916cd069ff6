#include "session/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <sodium.h>

static void append_escaped(struct strbuf *out, struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '&')
            strbuf_append(out, SLICE("&amp;"));
        else if (c == '<')
            strbuf_append(out, SLICE("&lt;"));
        else if (c == '>')
            strbuf_append(out, SLICE("&gt;"));
        else if ((unsigned char)c < ' ' || c == 0x7f)
            strbuf_append_char(out, ' '); /* XML has no control characters at all */
        else
            strbuf_append_char(out, c);
    }
}

static bool is_dark(const QRcode *code, int x, int y)
{
    return code->data[y * code->width + x] & 1;
}

/* One row: from the middle of its left edge, dark modules are lines and light ones are jumps. */
static void append_row(struct strbuf *out, const QRcode *code, int y)
{
    int light = 0;

    strbuf_printf(out, "M%d %d.5", QR_QUIET_ZONE, QR_QUIET_ZONE + y);
    for (int x = 0; x < code->width;) {
        int from = x;
        bool dark = is_dark(code, x, y);

        while (x < code->width && is_dark(code, x, y) == dark)
            x++;
        if (dark && light > 0)
            strbuf_printf(out, "m%d 0", light);
        if (dark)
            strbuf_printf(out, "h%d", x - from);
        light = dark ? 0 : x - from;
    }
}

static void append_svg(struct strbuf *out, const QRcode *code, struct slice title)
{
    int side = code->width + 2 * QR_QUIET_ZONE;

    strbuf_printf(out,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                  "shape-rendering=\"crispEdges\"><title>",
                  side, side);
    append_escaped(out, title);
    strbuf_printf(out,
                  "</title><rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>"
                  "<path stroke=\"#000\" d=\"",
                  side, side);
    for (int y = 0; y < code->width; y++)
        append_row(out, code, y);
    strbuf_append(out, SLICE("\"/></svg>"));
}

enum err qr_append_svg(struct strbuf *out, struct slice text, struct slice title)
{
    QRcode *code;

    if (text.len == 0 || text.len > QR_MAX_TEXT || title.len > QR_MAX_TITLE)
        return ERR_INVALID;
    /* Version 0: the smallest that it fits in. */
    code = QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0, QR_ECLEVEL_M);
    if (!code)
        return errno == ENOMEM ? ERR_NO_MEMORY : ERR_INVALID;
    append_svg(out, code, title);
    sodium_memzero(code->data, (size_t)code->width * (size_t)code->width);
    QRcode_free(code);
    return out->failed ? ERR_NO_MEMORY : ERR_OK;
}
