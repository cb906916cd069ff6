#include "web/template.h"

#include "support/cmocka.h"

static const struct {
    const char *text;
    const char *data;
    const char *result; /* NULL: the template is wrong */
} rows[] = {
    {"", "{}", ""},
    {"plain { } text", "{}", "plain { } text"},
    {"{{a}}", "{\"a\":\"x\"}", "x"},
    {"{{a}}", "{\"a\":-12}", "-12"},
    {"[{{a}}]", "{}", "[]"},
    {"{{a}}", "{\"a\":\"<b> & \\\"'\"}", "&lt;b&gt; &amp; &quot;&#39;"},
    {"{{&a}}", "{\"a\":\"<b>\"}", "<b>"},
    {"{{a}}", "{\"a\":\"{{b}}\",\"b\":\"no\"}", "{{b}}"},
    {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":true}", "yes"},
    {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":false}", "no"},
    {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{}", "no"},
    {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":\"\"}", "no"},
    {"{{#a}}{{a}}{{/a}}", "{\"a\":\"x\"}", "x"},
    {"{{#a}}yes{{/a}}{{^a}}no{{/a}}", "{\"a\":[]}", "no"},
    {"{{#a}}({{b}}{{c}}){{/a}}", "{\"a\":[{\"b\":1},{\"b\":2,\"c\":4}],\"c\":3}", "(13)(24)"},
    {"{{#a}}{{#b}}{{c}}{{/b}}{{/a}}", "{\"a\":{\"b\":[{\"c\":1},{\"c\":2}]}}", "12"},
    {"{{#a}}{{#a}}x{{/a}}{{/a}}y", "{\"a\":true}", "xy"},
    {"{{#a}}", "{\"a\":true}", NULL},
    {"{{/a}}", "{\"a\":true}", NULL},
    {"{{#a}}{{#b}}{{/a}}{{/b}}", "{\"a\":true,\"b\":true}", NULL},
    {"{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}x{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}{{/a}}"
     "{{/a}}",
     "{\"a\":[{}]}", NULL}, /* deeper than TEMPLATE_MAX_DEPTH */
    {"{{a", "{\"a\":\"x\"}", "{{a"},
};

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_t *data = json_loads(rows[i].data, 0, NULL);
        struct strbuf out;

        assert_non_null(data);
        strbuf_init(&out, 1000);
        template_render(&out, slice_str(rows[i].text), data);
        if (out.failed != !rows[i].result ||
            (rows[i].result && !slice_eq(strbuf_slice(&out), slice_str(rows[i].result))))
            fail_msg("row %zu: %s -> %.*s", i, rows[i].text, SLICE_ARG(strbuf_slice(&out)));
        strbuf_fini(&out);
        json_decref(data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
