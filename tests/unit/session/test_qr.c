#include "session/qr.h"

#include <qrencode.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/random.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

#define MAX_SIDE 185

/* The modules that an SVG paints, with the quiet zone. */
struct picture {
    int side;
    bool dark[MAX_SIDE][MAX_SIDE];
};

/* Follows the path as a browser does: M is a place, m a step without ink, h a line. */
static void paint(struct picture *picture, const char *path)
{
    int x = 0;
    int y = 0;

    while (*path != '"') {
        int a = 0;
        int b = 0;
        int len = 0;

        if (sscanf(path, "M%d %d.5%n", &a, &b, &len) == 2 && len > 0) {
            x = a;
            y = b;
        } else if (sscanf(path, "m%d 0%n", &a, &len) == 1 && len > 0) {
            x += a;
        } else {
            assert_int_equal(sscanf(path, "h%d%n", &a, &len), 1);
            assert_in_range(y, 0, picture->side - 1);
            for (; a > 0; a--, x++) {
                assert_in_range(x, 0, picture->side - 1);
                picture->dark[y][x] = true;
            }
        }
        path += len;
    }
}

static void read_svg(struct picture *picture, const char *svg, const char *title)
{
    char head[600];
    int side = 0;

    assert_int_equal(
        sscanf(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d ", &side), 1);
    assert_in_range(side, 21 + 8, MAX_SIDE);
    memset(picture, 0, sizeof(*picture));
    picture->side = side;
    (void)snprintf(head, sizeof(head),
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                   "shape-rendering=\"crispEdges\"><title>%s</title>"
                   "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/><path stroke=\"#000\" d=\"",
                   side, side, title, side, side);
    assert_memory_equal(svg, head, strlen(head));
    paint(picture, svg + strlen(head));
    assert_string_equal(strrchr(svg, '<'), "</svg>");
    assert_string_equal(strchr(svg + strlen(head), '"'), "\"/></svg>");
}

/* The modules are those of libqrencode, four from the edges, and nothing else is dark. */
static void assert_shows(const struct picture *picture, struct slice text)
{
    QRcode *code =
        QRcode_encodeData((int)text.len, (const unsigned char *)text.ptr, 0, QR_ECLEVEL_M);

    assert_non_null(code);
    assert_int_equal(picture->side, code->width + 8);
    for (int y = 0; y < picture->side; y++) {
        for (int x = 0; x < picture->side; x++) {
            bool is_inside = x >= 4 && y >= 4 && x < code->width + 4 && y < code->width + 4;
            bool is_dark = is_inside && (code->data[(y - 4) * code->width + x - 4] & 1);

            assert_int_equal(picture->dark[y][x], is_dark);
        }
    }
    QRcode_free(code);
}

static void test_pictures(void **state)
{
    static char long_text[QR_MAX_TEXT];

    static const struct {
        struct slice text;
        struct slice title;
        const char *escaped;
        size_t max_len;
    } cases[] = {
        {SLICE_INIT("otpauth://totp/Footfall:eva%40example.org"
                    "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Footfall"),
         SLICE_INIT("Scan me"), "Scan me", 6000},
        {SLICE_INIT("1"), SLICE_INIT(""), "", 2000},
        {SLICE_INIT("a\0\xff\xc3\xa4"), SLICE_INIT("</title><script>&\"'\x01\n\xc3\xa4"),
         "&lt;/title&gt;&lt;script&gt;&amp;\"'  \xc3\xa4", 2000},
        {{long_text, sizeof(long_text)}, SLICE_INIT("long"), "long", QR_MAX_SVG - 1},
    };
    static struct picture picture;
    struct strbuf out;

    (void)state;
    random_bytes(long_text, sizeof(long_text));
    strbuf_init(&out, QR_MAX_SVG);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        strbuf_clear(&out);
        assert_int_equal(qr_append_svg(&out, cases[i].text, cases[i].title), ERR_OK);
        assert_in_range(out.len, 300, cases[i].max_len);
        strbuf_append_char(&out, '\0');
        read_svg(&picture, out.ptr, cases[i].escaped);
        assert_shows(&picture, cases[i].text);
    }
    strbuf_fini(&out);
}

static void test_texts_that_are_refused(void **state)
{
    static char text[QR_MAX_TEXT + 1];
    struct strbuf out;

    (void)state;
    strbuf_init(&out, QR_MAX_SVG);
    assert_int_equal(qr_append_svg(&out, slice_of(text, sizeof(text)), SLICE("")), ERR_INVALID);
    assert_int_equal(qr_append_svg(&out, SLICE(""), SLICE("")), ERR_INVALID);
    assert_int_equal(qr_append_svg(&out, SLICE("a"), slice_of(text, QR_MAX_TITLE + 1)),
                     ERR_INVALID);
    assert_int_equal(out.len, 0);
    strbuf_fini(&out);
}

static void test_without_room_or_memory(void **state)
{
    struct strbuf out;

    (void)state;
    strbuf_init(&out, 500);
    assert_int_equal(qr_append_svg(&out, SLICE("text"), SLICE("title")), ERR_NO_MEMORY);
    strbuf_fini(&out);
    for (size_t k = 1;; k++) {
        enum err err;
        bool has_failed;

        strbuf_init(&out, QR_MAX_SVG);
        failing_malloc_at(k);
        err = qr_append_svg(&out, SLICE("text"), SLICE("title"));
        has_failed = failing_malloc_stop();
        strbuf_fini(&out);
        assert_int_equal(err, has_failed ? ERR_NO_MEMORY : ERR_OK);
        if (!has_failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pictures),
        cmocka_unit_test(test_texts_that_are_refused),
        cmocka_unit_test(test_without_room_or_memory),
    };

    random_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
