/**
 * QR codes as SVG, by libqrencode: what shows the secret of a second factor to a telephone.
 */
#ifndef FOOTFALL_SESSION_QR_H
#define FOOTFALL_SESSION_QR_H

#include "base/err.h"
#include "base/slice.h"
#include "base/strbuf.h"

#define QR_MAX_TEXT   1024 /* then it has 121 modules at a side, with the quiet zone 129 */
#define QR_MAX_TITLE  200
#define QR_QUIET_ZONE 4

/** No SVG is longer. One of a common link has 5 kB. */
#define QR_MAX_SVG (64 << 10)

/**
 * Appends the QR code of a text (level M: 15 % of it may be dirt) as an SVG element: one path, dark
 * on white, with a quiet zone of four modules, a role and a title.
 *
 * @param title  UTF-8; what HTML needs escaped is
 * @return       ERR_INVALID: nothing, or too long; ERR_NO_MEMORY: also when `out` is full
 */
enum err qr_append_svg(struct strbuf *out, struct slice text, struct slice title) MUST_CHECK;

#endif
