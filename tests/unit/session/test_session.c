#include "session/session.h"

#include "session/session_names.h"
#include "support/cmocka.h"
#include "support/failing_malloc.h"

static struct session sound(void)
{
    return (struct session){
        .user = SLICE("\"Ada\" \\ <ada@example.org> é"),
        .data = SLICE("{ \"a\": [1, 2.50, \"x\\u00e9\\\"\"],\n \"b\": {} }"),
        .country = SLICE("DE"),
        .device = SLICE("Firefox on Linux"),
        .created_s = 1700000000,
        .seen_s = 1700000001,
        .proved_s = 1700000002,
        .expires_s = 1702592000,
        .idle_s = SESSION_IDLE_S,
        .absolute_s = SESSION_ABSOLUTE_S,
        .strength = SESSION_SECOND_FACTOR,
        .version = 17,
    };
}

static enum err decode(struct slice record, struct session *out, struct arena *arena)
{
    struct session unused;

    arena_init(arena, 1024, 65536);
    return session_decode(record, arena, out ? out : &unused);
}

static void check_same(const struct session *a, const struct session *b)
{
    assert_true(slice_eq(a->user, b->user));
    assert_true(slice_eq(a->data, b->data));
    assert_true(slice_eq(a->country, b->country));
    assert_true(slice_eq(a->device, b->device));
    assert_int_equal(a->created_s, b->created_s);
    assert_int_equal(a->seen_s, b->seen_s);
    assert_int_equal(a->proved_s, b->proved_s);
    assert_int_equal(a->expires_s, b->expires_s);
    assert_int_equal(a->idle_s, b->idle_s);
    assert_int_equal(a->absolute_s, b->absolute_s);
    assert_int_equal(a->strength, b->strength);
    assert_int_equal(a->version, b->version);
}

static void check_round_trip(const struct session *session)
{
    struct session read;
    struct strbuf record;
    struct arena arena;

    strbuf_init(&record, RECORD_MAX_VALUE);
    session_encode(session, &record);
    assert_false(record.failed);
    assert_int_equal(decode(strbuf_slice(&record), &read, &arena), ERR_OK);
    check_same(session, &read);
    arena_fini(&arena);
    strbuf_fini(&record);
}

static void test_a_session_is_read_as_it_was_written(void **state)
{
    struct session session = sound();

    (void)state;
    for (int i = SESSION_PENDING; i <= SESSION_PROXY; i++) {
        session.strength = (enum session_strength)i;
        check_round_trip(&session);
    }
    session.country = SLICE("");
    session.device = SLICE("");
    session.data = SLICE("{}");
    check_round_trip(&session);
}

static void test_the_largest_session_fits_into_a_record(void **state)
{
    static char data[SESSION_MAX_DATA];
    char user[SESSION_MAX_USER];
    char device[SESSION_MAX_DEVICE];
    struct session session = sound();

    (void)state;
    memset(user, '"', sizeof(user));
    memset(device, '\\', sizeof(device));
    memset(data, ' ', sizeof(data));
    data[0] = '{';
    data[sizeof(data) - 1] = '}';
    session.user = slice_of(user, sizeof(user));
    session.device = slice_of(device, sizeof(device));
    session.data = slice_of(data, sizeof(data));
    session.created_s = session.seen_s = session.proved_s = session.expires_s =
        (INT64_C(1) << 53) - 1;
    session.version = (UINT64_C(1) << 53) - 1;
    check_round_trip(&session);
}

static void refuse_data(const char *data)
{
    struct session session = sound();
    struct err_info info = {""};

    session.data = slice_str(data);
    assert_int_equal(session_check(&session, &info), ERR_INVALID);
    assert_string_not_equal(info.text, "");
}

static void test_what_is_not_sound_is_refused(void **state)
{
    static char long_text[SESSION_MAX_DATA + 2];
    struct session good = sound();

    const struct {
        struct slice user, country, device;
        uint32_t idle_s, absolute_s;
    } cases[] = {
        {SLICE(""), good.country, good.device, 60, 60},
        {slice_of(long_text, SESSION_MAX_USER + 1), good.country, good.device, 60, 60},
        {SLICE("a\nb"), good.country, good.device, 60, 60},
        {SLICE("\xff"), good.country, good.device, 60, 60},
        {good.user, SLICE("D"), good.device, 60, 60},
        {good.user, SLICE("de"), good.device, 60, 60},
        {good.user, SLICE("DEU"), good.device, 60, 60},
        {good.user, good.country, slice_of(long_text, SESSION_MAX_DEVICE + 1), 60, 60},
        {good.user, good.country, SLICE("a\tb"), 60, 60},
        {good.user, good.country, good.device, 59, 60},
        {good.user, good.country, good.device, 61, 60},
        {good.user, good.country, good.device, 60, SESSION_MAX_ABSOLUTE_S + 1},
    };

    (void)state;
    memset(long_text, 'x', sizeof(long_text));
    assert_int_equal(session_check(&good, NULL), ERR_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct session bad = good;
        struct err_info info = {""};

        bad.user = cases[i].user;
        bad.country = cases[i].country;
        bad.device = cases[i].device;
        bad.idle_s = cases[i].idle_s;
        bad.absolute_s = cases[i].absolute_s;
        assert_int_equal(session_check(&bad, &info), ERR_INVALID);
        assert_string_not_equal(info.text, "");
    }
    refuse_data("");
    refuse_data("[]");
    refuse_data("{");
    refuse_data("{} {}");
    refuse_data("{\"a\":1,\"a\":2}");
    refuse_data("{\"a\":\"\xff\"}");
    memset(long_text, ' ', sizeof(long_text) - 1);
    long_text[SESSION_MAX_DATA + 1] = '\0';
    long_text[0] = '{';
    long_text[SESSION_MAX_DATA] = '}';
    refuse_data(long_text);
}

/* A record, and the same with `from` once replaced. */
#define RECORD                                                                                     \
    "{\"user\":\"ada\",\"country\":\"\",\"device\":\"\",\"strength\":\"password\",\"created\":1,"  \
    "\"seen\":2,\"proved\":3,\"expires\":4,\"idle\":60,\"absolute\":61,\"version\":1}\n{}"

static enum err decode_with(const char *from, const char *to)
{
    const char *at = strstr(RECORD, from);
    struct strbuf record;
    struct arena arena;
    enum err err;

    assert_non_null(at);
    strbuf_init(&record, 65536);
    strbuf_append(&record, slice_of(RECORD, (size_t)(at - RECORD)));
    strbuf_append(&record, slice_str(to));
    strbuf_append(&record, slice_str(at + strlen(from)));
    err = decode(strbuf_slice(&record), NULL, &arena);
    arena_fini(&arena);
    strbuf_fini(&record);
    return err;
}

static void test_records_are_read_strictly(void **state)
{
    static const char *const cases[][2] = {
        {RECORD, ""},
        {RECORD, "\n"},
        {RECORD, "{}"},
        {"\n{}", ""},
        {"\n{}", "\n"},
        {"\n{}", "\n[]"},
        {"\n", ""},
        {"\n", " "},
        {"\"user\":\"ada\",", ""},
        {"\"user\":\"ada\"", "\"user\":7"},
        {"\"user\":\"ada\"", "\"user\":null"},
        {"\"user\":\"ada\"", "\"user\":\"\""},
        {"\"user\":\"ada\"", "\"user\":\"ada\",\"more\":1"},
        {"\"user\":\"ada\"", "\"user\":\"ada\",\"user\":\"bob\""},
        {"\"user\":\"ada\"", "\"userx\":\"ada\""},
        {"\"country\":\"\"", "\"country\":\"xyz\""},
        {"\"strength\":\"password\"", "\"strength\":\"strong\""},
        {"\"strength\":\"password\"", "\"strength\":1"},
        {"\"created\":1", "\"created\":-1"},
        {"\"created\":1", "\"created\":1.0"},
        {"\"created\":1", "\"created\":\"1\""},
        {"\"created\":1", "\"created\":9007199254740992"},
        {"\"idle\":60", "\"idle\":59"},
        {"\"idle\":60", "\"idle\":4294967356"},
        {"\"absolute\":61", "\"absolute\":59"},
        {"\"version\":1", "\"version\":0"},
    };

    (void)state;
    assert_int_equal(decode_with("ada", "bob"), ERR_OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(decode_with(cases[i][0], cases[i][1]), ERR_INVALID);
}

static void test_reading_without_memory(void **state)
{
    (void)state;
    for (size_t k = 1;; k++) {
        enum err err;
        struct arena arena;
        struct session session = {.version = 0};

        arena_init(&arena, 1024, 65536);
        failing_malloc_at(k);
        err = session_decode(SLICE(RECORD "\n"), &arena, &session);
        if (!failing_malloc_stop()) {
            assert_int_equal(err, ERR_OK);
            arena_fini(&arena);
            break;
        }
        assert_int_equal(err, ERR_NO_MEMORY);
        arena_fini(&arena);
    }
}

/* ---- the list ------------------------------------------------------------------------------- */

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_"
#define HASH_C "ccccccccccccccccccccccccccccccccccccccccc-c"

static void test_a_list_names_what_was_added(void **state)
{
    char room[SESSION_NAMES_TEXT];
    struct session_names names = {.count = 0};
    struct slice text;

    (void)state;
    session_names_add(&names, SLICE(HASH_A), 2000, false, 2, 1000);
    session_names_add(&names, SLICE(HASH_B), 1500, false, 2, 1000);
    text = session_names_write(&names, room);
    assert_true(slice_eq(text, SLICE(HASH_A ":00000002000;" HASH_B ":00000001500;")));
    assert_true(session_names_has(text, SLICE(HASH_A)));
    assert_true(session_names_has(text, SLICE(HASH_B)));
    assert_false(session_names_has(text, SLICE(HASH_C)));
    assert_false(session_names_has(text, slice_of(HASH_A, 16)));
    assert_int_equal(session_names_ttl_s(&names, 1000), 1000 + 3600);
    /* The third ends the oldest, or one that has ended. */
    session_names_add(&names, SLICE(HASH_C), 3000, false, 2, 1000);
    assert_string_equal(names.names[0].hash, HASH_B);
    session_names_add(&names, SLICE(HASH_A), INT64_MAX, false, 2, 3000);
    assert_string_equal(names.names[0].hash, HASH_C);
    session_names_read(session_names_write(&names, room), &names);
    assert_int_equal(names.count, 2);
    assert_true(session_names_remove(&names, SLICE(HASH_C)));
    assert_false(session_names_remove(&names, SLICE(HASH_C)));
    assert_string_equal(names.names[0].hash, HASH_A);
    assert_int_equal(session_names_ttl_s(&names, 3000), RECORD_MAX_TTL_S);
}

static void test_each_kind_of_name_has_a_limit_of_its_own(void **state)
{
    char room[SESSION_NAMES_TEXT];
    struct session_names names = {.count = 0};

    (void)state;
    session_names_add(&names, SLICE(HASH_A), 2000, false, 1, 1000);
    session_names_add(&names, SLICE(HASH_B), 1500, true, 1, 1000);
    assert_true(slice_eq(session_names_write(&names, room),
                         SLICE(HASH_A ":00000002000;" HASH_B "?00000001500;")));
    session_names_read(session_names_write(&names, room), &names);
    session_names_add(&names, SLICE(HASH_C), 1600, true, 1, 1000);
    assert_int_equal(names.count, 2);
    assert_string_equal(names.names[0].hash, HASH_A);
    assert_string_equal(names.names[1].hash, HASH_C);
    session_names_add(&names, SLICE(HASH_B), 1700, false, 1, 1000);
    assert_string_equal(names.names[0].hash, HASH_C);
    assert_true(names.names[0].is_pending);
    assert_false(names.names[1].is_pending);
}

/* Whoever wrote it, and whatever limits he had. */
static void test_a_list_that_is_full_takes_one_more_in_the_place_of_the_oldest(void **state)
{
    struct session_names names = {.count = SESSION_NAMES_MAX};

    (void)state;
    for (size_t i = 0; i < SESSION_NAMES_MAX; i++)
        names.names[i] = (struct session_name){.hash = HASH_A, .expires_s = 2000};
    session_names_add(&names, SLICE(HASH_B), 2000, true, SESSION_MAX_PENDING, 1000);
    assert_int_equal(names.count, SESSION_NAMES_MAX);
    assert_string_equal(names.names[SESSION_NAMES_MAX - 1].hash, HASH_B);
}

static void test_garbage_names_nothing(void **state)
{
    static const char *const cases[] = {
        HASH_A,
        HASH_A ":00000002000",
        HASH_A ":0000000200x;",
        HASH_A ";00000002000;",
        HASH_A ":00000002000:",
        "/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0:00000002000;",
        "x" HASH_A ":00000002000;",
    };
    struct session_names names;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        session_names_read(slice_str(cases[i]), &names);
        assert_int_equal(names.count, 0);
    }
    assert_false(session_names_has(SLICE("x" HASH_A ":00000002000;"), SLICE(HASH_A)));
    assert_false(session_names_has(SLICE(""), SLICE("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_is_read_as_it_was_written),
        cmocka_unit_test(test_the_largest_session_fits_into_a_record),
        cmocka_unit_test(test_what_is_not_sound_is_refused),
        cmocka_unit_test(test_records_are_read_strictly),
        cmocka_unit_test(test_reading_without_memory),
        cmocka_unit_test(test_a_list_names_what_was_added),
        cmocka_unit_test(test_each_kind_of_name_has_a_limit_of_its_own),
        cmocka_unit_test(test_a_list_that_is_full_takes_one_more_in_the_place_of_the_oldest),
        cmocka_unit_test(test_garbage_names_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
