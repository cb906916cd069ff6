/* Slots, and what a cluster says about who has them. */
#include "store/redis_map.h"

#include <stdio.h>
#include <stdlib.h>

#include "store/redis_keys.h"
#include "store/redis_slot.h"
#include "support/cmocka.h"

static void test_a_slot_is_that_of_the_key_or_of_its_hash_tag(void **state)
{
    static const struct {
        const char *key;
        unsigned slot;
    } cases[] = {
        {"", 0},
        {"123456789", 12739}, /* 0x31c3, as the specification has it */
        {"foo", 12182},
        {"{user1000}.following", 3443},
        {"{user1000}.followers", 3443},
        {"user1000", 3443},
        {"foo{}{bar}", 8363}, /* an empty tag is none: the whole key */
        {"foo{{bar}}zap", 4015},
        {"{bar", 4015},
        {"foo{bar}{zap}", 5061},
        {"bar", 5061},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (redis_slot_of_key(slice_str(cases[i].key)) != cases[i].slot)
            fail_msg("%s: %u", cases[i].key, redis_slot_of_key(slice_str(cases[i].key)));
    }
}

static void test_all_keys_of_a_shard_are_in_its_slot_and_no_two_shards_share_one(void **state)
{
    static bool taken[REDIS_SLOTS];
    const struct writer_id writer = {{0xab}};

    (void)state;
    for (unsigned shard = 0; shard < STORE_MAX_SHARDS; shard++) {
        struct redis_prefix prefix = redis_prefix_of_shard(shard);
        char tag[8];
        char key[REDIS_WRITER_KEY_BYTES];
        char record[REDIS_RECORD_PREFIX_BYTES];
        unsigned slot;

        (void)snprintf(tag, sizeof(tag), "%02u", shard);
        slot = redis_slot_of_key(slice_str(tag));
        assert_false(taken[slot]);
        taken[slot] = true;
        assert_int_equal(redis_slot_of_key(redis_writer_key(&prefix, &writer, key)), slot);
        assert_int_equal(redis_slot_of_key(redis_record_prefix(&prefix, record)), slot);
        assert_int_equal(redis_slot_of_key(redis_probe_key(&prefix, record)), slot);
    }
}

static void test_keys_are_where_they_always_were(void **state)
{
    const struct writer_id writer = {{0x0f, 0xf0}};
    const struct redis_prefix alone = redis_prefix_alone();
    const struct redis_prefix tagged = redis_prefix_of_shard(7);
    char key[REDIS_WRITER_KEY_BYTES];
    char record[REDIS_RECORD_PREFIX_BYTES];

    (void)state;
    assert_true(slice_eq(redis_writer_key(&alone, &writer, key),
                         SLICE("footfall:writer:0ff00000000000000000000000000000")));
    assert_true(slice_eq(redis_record_prefix(&alone, record), SLICE("footfall:record:")));
    assert_true(slice_eq(redis_writer_key(&tagged, &writer, key),
                         SLICE("footfall:{07}:writer:0ff00000000000000000000000000000")));
    assert_true(slice_eq(redis_record_prefix(&tagged, record), SLICE("footfall:{07}:record:")));
}

/* ---- CLUSTER SLOTS -------------------------------------------------------------------------- */

static struct redis_map map;

/* Reads the bytes of a reply as such a map; shards 0, 1, 2 … have the slots 0, 100, 200 … */
static enum err read_map(const char *bytes)
{
    unsigned slots[STORE_MAX_SHARDS];
    struct redis_reader reader;
    const struct redis_value *reply;
    enum err err;

    for (unsigned i = 0; i < STORE_MAX_SHARDS; i++)
        slots[i] = i * 100;
    assert_int_equal(redis_reader_init(&reader), ERR_OK);
    assert_true(redis_reader_feed(&reader, slice_str(bytes)));
    assert_int_equal(redis_reader_next(&reader, &reply), REDIS_READ_REPLY);
    err = redis_map_read(&map, reply, "asked.example", slots);
    redis_reader_fini(&reader);
    return err;
}

#define NODE(host_, port_) "*4\r\n" host_ "\r\n:" port_ "\r\n$2\r\nid\r\n*0\r\n"

static void expect_node(size_t i, const char *host, unsigned port, bool is_primary)
{
    assert_in_range(i, 0, map.node_count - 1);
    assert_string_equal(map.nodes[i].address.host, host);
    assert_int_equal(map.nodes[i].address.port, port);
    assert_int_equal(map.nodes[i].is_primary, is_primary);
}

static void test_a_map_tells_the_owner_of_each_shard(void **state)
{
    (void)state;
    assert_int_equal(
        read_map("*3\r\n"
                 "*4\r\n:0\r\n:100\r\n" NODE("$1\r\na", "7000")
                     NODE("$1\r\nb", "7001") "*3\r\n:101\r\n:250\r\n" NODE(
                         "$3\r\n::1", "7002") "*4\r\n:251\r\n:16383\r\n" NODE("$1\r\na", "7000")
                         NODE("$1\r\nb", "7001")),
        ERR_OK);
    assert_int_equal(map.node_count, 3);
    expect_node(0, "a", 7000, true);
    expect_node(1, "b", 7001, false);
    expect_node(2, "::1", 7002, true);
    assert_int_equal(map.owners[0], 0);
    assert_int_equal(map.owners[1], 0);
    assert_int_equal(map.owners[2], 2);
    assert_int_equal(map.owners[3], 0);
    assert_int_equal(map.owners[63], 0);
}

static void test_a_slot_without_a_node_has_nobody(void **state)
{
    (void)state;
    assert_int_equal(read_map("*1\r\n*3\r\n:100\r\n:199\r\n" NODE("$1\r\na", "1")), ERR_OK);
    assert_int_equal(map.owners[0], REDIS_MAP_NOBODY);
    assert_int_equal(map.owners[1], 0);
    assert_int_equal(map.owners[2], REDIS_MAP_NOBODY);
}

static void test_a_node_without_a_name_is_the_one_that_was_asked(void **state)
{
    static const char *const names[] = {"$-1", "$0\r\n", "$1\r\n?"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char bytes[128];

        (void)snprintf(bytes, sizeof(bytes), "*1\r\n*3\r\n:0\r\n:9\r\n*2\r\n%s\r\n:7000\r\n",
                       names[i]);
        assert_int_equal(read_map(bytes), ERR_OK);
        expect_node(0, "asked.example", 7000, true);
    }
}

static void test_what_is_no_map_is_refused(void **state)
{
    static const char *const replies[] = {
        "*0\r\n",
        ":1\r\n",
        "-ERR This instance has cluster support disabled\r\n",
        "*1\r\n:1\r\n",
        "*1\r\n*2\r\n:0\r\n:1\r\n",
        "*1\r\n*3\r\n+0\r\n:1\r\n" NODE("$1\r\na", "1"),
        "*1\r\n*3\r\n:0\r\n:1\r\n:2\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n*1\r\n$1\r\na\r\n",
        "*1\r\n*3\r\n:0\r\n:1\r\n" NODE("$1\r\na", "0"),
        "*1\r\n*3\r\n:0\r\n:1\r\n" NODE("$1\r\na", "65536"),
        "*1\r\n*3\r\n:0\r\n:1\r\n" NODE(":7", "1"),
        "*1\r\n*4\r\n:0\r\n:1\r\n" NODE("$1\r\na", "1") "$1\r\nb\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        if (read_map(replies[i]) != ERR_INVALID)
            fail_msg("accepted: %s", replies[i]);
    }
}

/* ---- redirections --------------------------------------------------------------------------- */

static void test_a_redirection_tells_where_to_go(void **state)
{
    static const struct {
        const char *error;
        enum redis_redirection_kind kind;
        const char *host;
        unsigned port;
    } cases[] = {
        {"MOVED 3999 127.0.0.1:6381", REDIS_MOVED, "127.0.0.1", 6381},
        {"ASK 0 redis.example:1", REDIS_ASK, "redis.example", 1},
        {"MOVED 16383 ::1:65535", REDIS_MOVED, "::1", 65535},
        {"MOVED 1 :7000", REDIS_MOVED, "asked.example", 7000},
        {"ASK 1 ?:7000", REDIS_ASK, "asked.example", 7000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct redis_redirection got;

        assert_true(redis_redirection_read(&got, slice_str(cases[i].error), "asked.example"));
        assert_int_equal(got.kind, cases[i].kind);
        assert_string_equal(got.address.host, cases[i].host);
        assert_int_equal(got.address.port, cases[i].port);
    }
}

static void test_what_is_no_redirection_is_told_apart(void **state)
{
    static const char *const errors[] = {
        "",
        "MOVED",
        "MOVED 1",
        "MOVED 1 a",
        "MOVED 1 a:",
        "MOVED 1 a:0",
        "MOVED 1 a:65536",
        "MOVED 1 a:x",
        "MOVED x a:1",
        "MOVED -1 a:1",
        "MOVED 16384 a:1",
        "MOVEDX 1 a:1",
        "TRYAGAIN Multiple keys request during rehashing of slot",
        "CLUSTERDOWN The cluster is down",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        struct redis_redirection got;

        if (redis_redirection_read(&got, slice_str(errors[i]), "asked.example"))
            fail_msg("accepted: %s", errors[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_slot_is_that_of_the_key_or_of_its_hash_tag),
        cmocka_unit_test(test_all_keys_of_a_shard_are_in_its_slot_and_no_two_shards_share_one),
        cmocka_unit_test(test_keys_are_where_they_always_were),
        cmocka_unit_test(test_a_map_tells_the_owner_of_each_shard),
        cmocka_unit_test(test_a_slot_without_a_node_has_nobody),
        cmocka_unit_test(test_a_node_without_a_name_is_the_one_that_was_asked),
        cmocka_unit_test(test_what_is_no_map_is_refused),
        cmocka_unit_test(test_a_redirection_tells_where_to_go),
        cmocka_unit_test(test_what_is_no_redirection_is_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
