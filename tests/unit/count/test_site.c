#include "count/site.h"

#include <stdio.h>

#include "count/hit.h"
#include "count/site_field.h"
#include "support/cmocka.h"

#define DEFAULTS                                                                                   \
    "\"name\":\"\",\"domains\":[],\"zone\":\"UTC\",\"collect\":[\"all\"],\"gpc\":\"no-visitor\","  \
    "\"dnt\":\"ignore\",\"retention_days\":0,\"page_cap\":10000,\"value_cap\":2000,"               \
    "\"allowed_origins\":[],\"ignored_addresses\":[],\"start_value\":0,"                           \
    "\"public_counters\":\"total\",\"public_dashboard\":\"off\","

static struct site *make_site(void)
{
    struct site *site = NULL;

    assert_int_equal(site_create(SLICE("blog"), 1795611600, &site, NULL), ERR_OK);
    return site;
}

static struct site *decode(const char *json)
{
    struct err_info info = {""};
    struct site *site = NULL;

    if (site_decode(slice_str(json), &site, &info) != ERR_OK)
        fail_msg("%s: %s", json, info.text);
    return site;
}

static void assert_json(const struct site *site, const char *expected)
{
    struct strbuf json;

    strbuf_init(&json, SITE_MAX_JSON);
    assert_int_equal(site_encode(site, &json), ERR_OK);
    if (!slice_eq(strbuf_slice(&json), slice_str(expected)))
        fail_msg("%.*s", (int)json.len, json.ptr);
    strbuf_fini(&json);
}

/* The value of a field, as text. */
static void assert_field(const struct site *site, const char *key, const char *expected)
{
    static char storage[SITE_FIELD_MAX_TEXT];
    const struct site_field *field = site_field_find(slice_str(key));
    struct strbuf text;

    assert_non_null(field);
    strbuf_init_fixed(&text, storage, sizeof(storage));
    field->format(field, site, &text);
    if (text.failed || !slice_eq(strbuf_slice(&text), slice_str(expected)))
        fail_msg("%s is %.*s", key, (int)text.len, text.ptr);
}

static void test_the_default_site_has_all_defaults(void **state)
{
    struct site *site = site_default();

    (void)state;
    assert_non_null(site);
    assert_string_equal(site->id, SITE_DEFAULT);
    assert_string_equal(site->zone, "UTC");
    assert_int_equal(site->gpc, SITE_PRIVACY_NO_VISITOR);
    assert_int_equal(site->dnt, SITE_PRIVACY_IGNORE);
    assert_int_equal(site->page_cap, 10000);
    assert_int_equal(site->value_cap, 2000);
    for (unsigned i = 0; i < SITE_COLLECT_COUNT_; i++)
        assert_true(site_collects(site, (enum site_collect)i));
    assert_json(site, "{\"id\":\"default\"," DEFAULTS "\"created_unix_s\":0}");
    assert_int_equal(site_check(site, NULL), ERR_OK);
    site_destroy(site);
    site_destroy(NULL);
}

static void test_ids_have_few_characters(void **state)
{
    static const char *const good[] = {
        "a", "0",         "-",
        "_", "my-blog_2", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
    static const struct slice bad[] = {
        SLICE_INIT(""),
        SLICE_INIT("A"),
        SLICE_INIT("a b"),
        SLICE_INIT("a/b"),
        SLICE_INIT("a."),
        SLICE_INIT("a\0"),
        SLICE_INIT("\xc3\xa9"),
        SLICE_INIT("\xff\n"),
        SLICE_INIT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    };
    struct site *site = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(site_create(slice_str(good[i]), 0, &site, NULL), ERR_OK);
        assert_string_equal(site->id, good[i]);
        site_destroy(site);
    }
    site = NULL;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct err_info info = {""};

        assert_int_equal(site_create(bad[i], 0, &site, &info), ERR_INVALID);
        assert_null(site);
        assert_non_null(strstr(info.text, "1 to 64 of the characters"));
    }
}

static void test_fields_are_set_from_text(void **state)
{
    static const struct {
        const char *key;
        const char *value;
        const char *shown;
    } cases[] = {
        {"name", "", ""},
        {"name", "Caf\xc3\xa9 \"X\", <b>", "Caf\xc3\xa9 \"X\", <b>"},
        {"domains", "", "none"},
        {"domains", " none ", "none"},
        {"domains", "Example.com,\twww.example.com ", "example.com, www.example.com"},
        {"domains", "a,a", "a, a"},
        {"zone", "Europe/Berlin", "Europe/Berlin"},
        {"zone", "Etc/GMT+12", "Etc/GMT+12"},
        {"collect", "all", "all"},
        {"collect", "none", "none"},
        {"collect", "", "none"},
        {"collect", "title, source,country", "source, country, title"},
        {"collect", "source,all", "all"},
        {"collect", "source,campaign,country,language,browser,system,device,size,event,title",
         "all"},
        {"gpc", "ignore", "ignore"},
        {"gpc", "no-visitor", "no-visitor"},
        {"dnt", "no-count", "no-count"},
        {"retention_days", "0", "0"},
        {"retention_days", "730", "730"},
        {"retention_days", "99999", "99999"},
        {"page_cap", "100", "100"},
        {"page_cap", "100000", "100000"},
        {"value_cap", "000500", "500"},
        {"allowed_origins", "none", "none"},
        {"allowed_origins", "HTTPS://Example.com:443, http://localhost:8080",
         "https://example.com, http://localhost:8080"},
        {"ignored_addresses", "", "none"},
        {"ignored_addresses", "none", "none"},
        {"ignored_addresses", "192.0.2.0/24,2001:db8::1 ,unix", "192.0.2.0/24, 2001:db8::1, unix"},
        {"start_value", "0", "0"},
        {"start_value", "1000000000000000", "1000000000000000"},
        {"public_counters", "off", "off"},
        {"public_counters", "total", "total"},
        {"public_counters", "pages", "pages"},
        {"public_dashboard", "off", "off"},
        {"public_dashboard", "on", "on"},
        {"public_dashboard", "anywhere", "anywhere"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct site *site = make_site();
        struct err_info info = {""};

        if (site_set(site, slice_str(cases[i].key), slice_str(cases[i].value), &info) != ERR_OK)
            fail_msg("%s=%s: %s", cases[i].key, cases[i].value, info.text);
        assert_field(site, cases[i].key, cases[i].shown);
        site_destroy(site);
    }
}

static char long_list[20000];

static void test_values_that_are_wrong_are_refused_and_say_why(void **state)
{
    static const struct {
        const char *key;
        struct slice value;
        const char *why; /* part of the message */
    } cases[] = {
        {"name", SLICE_INIT("a\nb"), "name: this is not at most 100 bytes of UTF-8"},
        {"name", SLICE_INIT("\xff"), "name: this is not"},
        {"name", {long_list, 101}, "name: this is not at most 100 bytes"},
        {"domains", SLICE_INIT("https://example.com"), "domains: \"https://example.com\" is not"},
        {"domains", SLICE_INIT("a,,b"), "domains: \"\" is not the name of a host"},
        {"domains", SLICE_INIT("a,"), "a right value is example.com, www.example.com"},
        {"domains", SLICE_INIT("none,a b"), "domains: \"a b\" is not"},
        {"domains", SLICE_INIT("a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a"), "at most 20"},
        {"domains", {long_list, sizeof(long_list)}, "domains: this is not"},
        {"zone", SLICE_INIT(""), "zone: \"\" is not a time zone"},
        {"zone", SLICE_INIT("../UTC"), "a right value is Europe/Berlin"},
        {"zone", SLICE_INIT("europe/berlin"), "zone: \"europe/berlin\" is not"},
        {"zone", SLICE_INIT("UTC\0"), "zone: this is not"},
        {"collect", SLICE_INIT("everything"), "collect: \"everything\" is not all, none, source"},
        {"collect", SLICE_INIT("Source"), "event or title"},
        {"collect", SLICE_INIT("source,none"), "collect: \"none\" is not"},
        {"gpc", SLICE_INIT(""), "gpc: \"\" is not ignore, no-visitor or no-count"},
        {"gpc", SLICE_INIT("NO_VISITOR"), "gpc: \"NO_VISITOR\" is not"},
        {"dnt", SLICE_INIT("yes"), "dnt: \"yes\" is not ignore, no-visitor or no-count"},
        {"public_counters", SLICE_INIT("all"),
         "public_counters: \"all\" is not off, total or pages"},
        {"public_dashboard", SLICE_INIT("yes"),
         "public_dashboard: \"yes\" is not off, on or anywhere"},
        {"retention_days", SLICE_INIT("-1"), "retention_days: \"-1\" is not a whole number from 0"},
        {"retention_days", SLICE_INIT("100000"), "to 99999"},
        {"page_cap", SLICE_INIT("99"), "page_cap: \"99\" is not a whole number from 100 to 100000"},
        {"page_cap", SLICE_INIT("100001"), "a right value is 10000"},
        {"value_cap", SLICE_INIT(""), "value_cap: \"\" is not"},
        {"value_cap", SLICE_INIT("1e3"), "value_cap: \"1e3\" is not"},
        {"value_cap", SLICE_INIT(" 500"), "value_cap: \" 500\" is not"},
        {"value_cap", SLICE_INIT("0x500"), "value_cap: \"0x500\" is not"},
        {"allowed_origins", SLICE_INIT("example.com"), "\"example.com\" is not an origin"},
        {"allowed_origins", SLICE_INIT("https://example.com/"), "a right value is https://"},
        {"allowed_origins", SLICE_INIT("*"), "allowed_origins: \"*\" is not an origin"},
        {"ignored_addresses", SLICE_INIT("localhost"), "ignored_addresses: \"localhost\" is not"},
        {"ignored_addresses", SLICE_INIT("::1,"), "a list of at most 64 addresses"},
        {"ignored_addresses", SLICE_INIT("none,::1"), "ignored_addresses: \"none,::1\" is not"},
        {"ignored_addresses", {long_list, sizeof(long_list)}, "this is not a list"},
        {"start_value", SLICE_INIT("1000000000000001"), "from 0 to 1000000000000000"},
        {"start_value", SLICE_INIT("99999999999999999999"), "start_value: "},
        {"id", SLICE_INIT("other"), "id: this cannot be changed"},
        {"created_unix_s", SLICE_INIT("1"), "created_unix_s: this cannot be changed"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct site *site = make_site();
        struct err_info info = {""};

        if (site_set(site, slice_str(cases[i].key), cases[i].value, &info) != ERR_INVALID)
            fail_msg("%s: %.*s was taken", cases[i].key, SLICE_ARG(cases[i].value));
        if (!strstr(info.text, cases[i].why))
            fail_msg("%s", info.text);
        assert_json(site, "{\"id\":\"blog\"," DEFAULTS "\"created_unix_s\":1795611600}");
        assert_int_equal(site_set(site, slice_str(cases[i].key), cases[i].value, NULL),
                         ERR_INVALID);
        site_destroy(site);
    }
}

static void test_an_unknown_field_is_told_which_there_are(void **state)
{
    struct site *site = make_site();
    struct err_info info = {""};

    (void)state;
    assert_int_equal(site_set(site, SLICE("colour"), SLICE("red"), &info), ERR_NOT_FOUND);
    assert_string_equal(info.text,
                        "a site has no such setting; it has name, domains, zone, "
                        "collect, gpc, dnt, retention_days, page_cap, value_cap, "
                        "allowed_origins, ignored_addresses, start_value, public_counters, "
                        "public_dashboard");
    assert_int_equal(site_set(site, SLICE(""), SLICE(""), NULL), ERR_NOT_FOUND);
    site_destroy(site);
}

static void test_examples_and_defaults_are_right(void **state)
{
    (void)state;
    for (size_t i = 0; i < site_field_count; i++) {
        const struct site_field *field = &site_fields[i];
        struct site *site = make_site();

        assert_true(field->set(field, site, slice_str(field->example), NULL));
        assert_field(site, field->key, field->example);
        assert_true(!field->fallback || field->set(field, site, slice_str(field->fallback), NULL));
        assert_true(!field->fallback || strlen(field->help) > 10);
        site_destroy(site);
    }
}

static void test_a_zone_that_is_not_known_here_is_found_by_the_check(void **state)
{
    struct site *site = make_site();
    struct err_info info = {""};

    (void)state;
    assert_int_equal(site_set(site, SLICE("zone"), SLICE("Europe/Atlantis"), NULL), ERR_OK);
    assert_int_equal(site_check(site, &info), ERR_NOT_FOUND);
    assert_non_null(strstr(info.text, "Europe/Atlantis"));
    assert_int_equal(site_set(site, SLICE("zone"), SLICE("Europe/Berlin"), NULL), ERR_OK);
    assert_int_equal(site_check(site, &info), ERR_OK);
    site_destroy(site);
}

static void test_a_record_comes_back_as_it_was(void **state)
{
    static const char json[] =
        "{\"id\":\"blog\",\"name\":\"My \\\"blog\\\" \xc3\xa9\","
        "\"domains\":[\"example.com\",\"www.example.com\"],\"zone\":\"Europe/Berlin\","
        "\"collect\":[\"source\",\"title\"],\"gpc\":\"ignore\",\"dnt\":\"no-count\","
        "\"retention_days\":730,\"page_cap\":100,\"value_cap\":100000,"
        "\"allowed_origins\":[\"https://example.com\",\"http://localhost:8080\"],"
        "\"ignored_addresses\":[\"192.0.2.0/24\",\"unix\"],\"start_value\":41230,"
        "\"public_counters\":\"pages\",\"public_dashboard\":\"on\",\"created_unix_s\":1795611600}";
    struct site *site = decode(json);
    struct address address;

    (void)state;
    assert_string_equal(site->name, "My \"blog\" \xc3\xa9");
    assert_int_equal(site->domain_count, 2);
    assert_string_equal(site->domains[1], "www.example.com");
    assert_int_equal(site->origin_count, 2);
    assert_true(site_collects(site, SITE_COLLECT_TITLE));
    assert_false(site_collects(site, SITE_COLLECT_EVENT));
    assert_true(address_parse(SLICE("192.0.2.77"), &address));
    assert_true(address_set_has(&site->ignored_set, &address));
    assert_int_equal(site->start_value, 41230);
    assert_json(site, json);
    site_destroy(site);
}

static void test_fields_that_are_missing_or_unknown_are_no_mistake(void **state)
{
    struct site *site =
        decode(" {\"id\":\"blog\",\"later\":{\"a\":[1,2.5,null]},\"created_unix_s\":1795611600}\n");

    (void)state;
    assert_json(site, "{\"id\":\"blog\"," DEFAULTS "\"created_unix_s\":1795611600}");
    site_destroy(site);
}

static void test_records_that_are_wrong_are_refused_and_say_why(void **state)
{
    static const struct {
        struct slice json;
        const char *why;
    } cases[] = {
        {SLICE_INIT(""), "JSON object"},
        {{NULL, 0}, "JSON object"},
        {SLICE_INIT("null"), "JSON object"},
        {SLICE_INIT("[]"), "JSON object"},
        {SLICE_INIT("{\"id\":\"a\"} x"), "JSON object"},
        {SLICE_INIT("{\"id\":\"a\"}\0"), "JSON object"},
        {SLICE_INIT("{\"id\":\"a\",\"id\":\"b\"}"), "JSON object"},
        {SLICE_INIT("{\"id\":\"a\",\"name\":\"\\u0000\"}"), "JSON object"},
        {SLICE_INIT("{\"id\":\"a\",\"name\":\"\xff\"}"), "JSON object"},
        {SLICE_INIT("{\"id\":\"a\",\"page_cap\":99999999999999999999}"), "JSON object"},
        {{long_list, sizeof(long_list)}, "at most 16384 bytes"},
        {SLICE_INIT("{}"), "id is missing"},
        {SLICE_INIT("{\"id\":\"\"}"), "id: "},
        {SLICE_INIT("{\"id\":\"A\"}"), "id: \"A\" is not"},
        {SLICE_INIT("{\"id\":7}"), "id has to be a text in JSON"},
        {SLICE_INIT("{\"id\":\"a\",\"zone\":null}"), "zone has to be a text"},
        {SLICE_INIT("{\"id\":\"a\",\"domains\":\"a\"}"), "domains has to be a list of texts"},
        {SLICE_INIT("{\"id\":\"a\",\"domains\":[1]}"), "domains has to be a list of texts"},
        {SLICE_INIT("{\"id\":\"a\",\"domains\":[[]]}"), "domains has to be a list of texts"},
        {SLICE_INIT("{\"id\":\"a\",\"domains\":[\"a,b\"]}"), "domains has to be a list of texts"},
        {SLICE_INIT("{\"id\":\"a\",\"domains\":[\"a\",\"\"]}"), "domains: \"\" is not"},
        {SLICE_INIT("{\"id\":\"a\",\"page_cap\":\"500\"}"), "page_cap has to be a whole number"},
        {SLICE_INIT("{\"id\":\"a\",\"page_cap\":500.0}"), "page_cap has to be a whole number"},
        {SLICE_INIT("{\"id\":\"a\",\"page_cap\":-500}"), "page_cap: \"-500\" is not"},
        {SLICE_INIT("{\"id\":\"a\",\"created_unix_s\":9223372036854775807}"), "created_unix_s: "},
        {SLICE_INIT("{\"id\":\"a\",\"gpc\":\"maybe\"}"), "gpc: \"maybe\" is not"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct err_info info = {""};
        struct site *site = NULL;

        if (site_decode(cases[i].json, &site, &info) != ERR_INVALID)
            fail_msg("%.*s was taken", SLICE_ARG(cases[i].json));
        if (!strstr(info.text, cases[i].why))
            fail_msg("%.*s: %s", SLICE_ARG(cases[i].json), info.text);
        assert_null(site);
    }
}

/* `count` items, each of `len` letters between `before` and `after`. */
static void fill(struct site *site, const char *key, const char *before, size_t count)
{
    static char storage[SITE_FIELD_MAX_TEXT];
    struct strbuf text;

    strbuf_init_fixed(&text, storage, sizeof(storage));
    for (size_t i = 0; i < count; i++) {
        strbuf_append(&text, i > 0 ? SLICE(",") : SLICE(""));
        strbuf_append(&text, slice_str(before));
        for (size_t j = 0; j < WEB_HOST_MAX; j++)
            strbuf_append_char(&text, j % 50 == 49 ? '.' : 'x');
        strbuf_append(&text, before[0] == '\0' ? SLICE("") : SLICE(":12345"));
    }
    assert_int_equal(site_set(site, slice_str(key), strbuf_slice(&text), NULL), ERR_OK);
}

static void test_the_largest_site_fits_its_record(void **state)
{
    struct site *site = make_site();
    struct site *again = NULL;
    char addresses[SITE_MAX_IGNORED + 1] = "";
    struct strbuf json;

    (void)state;
    fill(site, "domains", "", SITE_MAX_HOSTS);
    fill(site, "allowed_origins", "https://", SITE_MAX_ORIGINS);
    for (size_t i = 0; i < 166; i++)
        strcat(addresses, i > 0 ? ", unix" : "unix");
    assert_int_equal(site_set(site, SLICE("ignored_addresses"), slice_str(addresses), NULL),
                     ERR_OK);
    memset(addresses, '"', SITE_MAX_NAME);
    assert_int_equal(site_set(site, SLICE("name"), slice_of(addresses, SITE_MAX_NAME), NULL),
                     ERR_OK);
    strbuf_init(&json, SITE_MAX_JSON);
    assert_int_equal(site_encode(site, &json), ERR_OK);
    assert_int_equal(site_decode(strbuf_slice(&json), &again, NULL), ERR_OK);
    assert_memory_equal(again, site, sizeof(*site));
    strbuf_fini(&json);
    site_destroy(again);
    site_destroy(site);
}

static void test_a_buffer_without_room_is_told(void **state)
{
    struct site *site = make_site();
    char storage[40];
    struct strbuf json;

    (void)state;
    strbuf_init_fixed(&json, storage, sizeof(storage));
    assert_int_equal(site_encode(site, &json), ERR_NO_MEMORY);
    site_destroy(site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_default_site_has_all_defaults),
        cmocka_unit_test(test_ids_have_few_characters),
        cmocka_unit_test(test_fields_are_set_from_text),
        cmocka_unit_test(test_values_that_are_wrong_are_refused_and_say_why),
        cmocka_unit_test(test_an_unknown_field_is_told_which_there_are),
        cmocka_unit_test(test_examples_and_defaults_are_right),
        cmocka_unit_test(test_a_zone_that_is_not_known_here_is_found_by_the_check),
        cmocka_unit_test(test_a_record_comes_back_as_it_was),
        cmocka_unit_test(test_fields_that_are_missing_or_unknown_are_no_mistake),
        cmocka_unit_test(test_records_that_are_wrong_are_refused_and_say_why),
        cmocka_unit_test(test_the_largest_site_fits_its_record),
        cmocka_unit_test(test_a_buffer_without_room_is_told),
    };

    memset(long_list, 'x', sizeof(long_list));
    return cmocka_run_group_tests_name("site", tests, NULL, NULL);
}
