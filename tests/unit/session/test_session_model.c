/* Two processes do at random what may be done with sessions of one user, and are compared with a
 * model: an array. */
#include "session_fixture.h"
#include "support/cmocka.h"

#define SEQUENCES  64
#define STEPS      250
#define IDLE_S     INT64_C(600)
#define ABSOLUTE_S INT64_C(1500)
#define ADA        "00112233445566ff"

struct model_session {
    struct secret secret;
    char hash[SECRET_HASH_TEXT + 1];
    int64_t begun_ms;
    int64_t used_ms; /* its record was written */
    uint64_t version;
    bool is_listed;
};

struct model {
    struct session_fixture f;
    struct session_owner owner;
    struct model_session sessions[STEPS]; /* the oldest first */
    size_t count;
    uint64_t random;
};

static unsigned draw(struct model *m, unsigned below)
{
    m->random = m->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(m->random >> 33) % below;
}

static bool is_there(const struct model *m, const struct model_session *s)
{
    return s->is_listed && m->f.loop.now_ms < s->used_ms + IDLE_S * 1000 &&
           m->f.loop.now_ms < s->begun_ms + ABSOLUTE_S * 1000;
}

/* The oldest that has ended by the clock, else the oldest, goes for the new one. */
static void make_room(struct model *m)
{
    struct model_session *victim = NULL;
    size_t listed = 0;

    for (size_t i = 0; i < m->count; i++) {
        struct model_session *s = &m->sessions[i];
        bool has_ended = s->begun_ms / 1000 + ABSOLUTE_S <= m->f.loop.now_ms / 1000;

        if (!s->is_listed)
            continue;
        listed++;
        if (!victim ||
            (has_ended && victim->begun_ms / 1000 + ABSOLUTE_S > m->f.loop.now_ms / 1000))
            victim = s;
    }
    if (listed >= SESSION_MAX_OF_LOGIN)
        victim->is_listed = false;
}

static void do_begin(struct model *m, int process)
{
    struct session fresh = session_of("ada", IDLE_S, ABSOLUTE_S);
    struct model_session *s = &m->sessions[m->count];

    make_room(m);
    m->count++;
    *s = (struct model_session){.begun_ms = m->f.loop.now_ms, .used_ms = m->f.loop.now_ms};
    s->version = 1;
    s->is_listed = true;
    assert_int_equal(begin(&m->f, process, &m->owner, &fresh, &s->secret), ERR_OK);
    hash_of(&s->secret, SESSION_OF_LOGIN, s->hash);
}

static void do_find(struct model *m, int process, struct model_session *s)
{
    bool is_expected = is_there(m, s);
    struct told told;

    assert_int_equal(find(&m->f, process, SESSION_OF_LOGIN, &s->secret, &told),
                     is_expected ? ERR_OK : ERR_NOT_FOUND);
    if (!is_expected)
        return;
    assert_int_equal(told.version, s->version);
    if (m->f.loop.now_ms / 1000 - s->used_ms / 1000 >= IDLE_S / 20)
        s->used_ms = m->f.loop.now_ms;
}

static void do_update(struct model *m, int process, struct model_session *s)
{
    uint64_t version = s->version - (draw(m, 3) == 0 ? 1 : 0);
    enum err expected = !is_there(m, s)         ? ERR_NOT_FOUND
                        : version != s->version ? ERR_STALE
                                                : ERR_OK;
    struct told told;

    assert_int_equal(
        update(&m->f, process, SESSION_OF_LOGIN, &s->secret, version, "{\"u\":1}", &told),
        expected);
    if (expected != ERR_OK)
        return;
    s->version++;
    s->used_ms = m->f.loop.now_ms;
}

/* A name stays in the list until it is taken out, so one that ended can be ended too. The list
 * itself may be gone by then. */
static void do_end(struct model *m, int process, struct model_session *s)
{
    bool was_there = is_there(m, s);
    enum err err = end(&m->f, process, &m->owner, s->hash);

    assert_true(err == ERR_OK || (err == ERR_NOT_FOUND && !was_there));
    s->is_listed = false;
}

static void do_end_all(struct model *m, int process, const struct model_session *kept)
{
    assert_int_equal(end_all(&m->f, process, &m->owner, kept ? kept->hash : ""), ERR_OK);
    for (size_t i = 0; i < m->count; i++)
        m->sessions[i].is_listed = m->sessions[i].is_listed && &m->sessions[i] == kept;
}

static void do_list(struct model *m, int process)
{
    struct told told;
    size_t found = 0;

    assert_int_equal(list(&m->f, process, &m->owner, &told), ERR_OK);
    for (size_t i = m->count; i > 0; i--) {
        if (!is_there(m, &m->sessions[i - 1]))
            continue;
        assert_true(found < told.listed);
        assert_string_equal(told.hashes[found++], m->sessions[i - 1].hash);
    }
    assert_int_equal(found, told.listed);
}

static void do_step(struct model *m)
{
    unsigned kind = draw(m, 100);
    int process = (int)draw(m, PROCESSES);
    struct model_session *s;

    if (m->count == 0 || kind < 30) {
        do_begin(m, process);
        return;
    }
    s = &m->sessions[draw(m, 3) > 0
                         ? m->count - 1 - draw(m, m->count > 25 ? 25 : (unsigned)m->count)
                         : draw(m, (unsigned)m->count)];
    if (kind < 55)
        do_find(m, process, s);
    else if (kind < 70)
        do_update(m, process, s);
    else if (kind < 75)
        do_end(m, process, s);
    else if (kind < 77)
        do_end_all(m, process, draw(m, 2) ? s : NULL);
    else if (kind < 85)
        do_list(m, process);
    else
        virtual_loop_pass(&m->f.loop, draw(m, kind < 97 ? 60000 : 500000));
}

static void test_two_processes_do_what_the_model_does(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= SEQUENCES; seed++) {
        struct model m = {.count = 0, .random = seed};

        session_fixture_init(&m.f);
        m.owner = owner_of_login(ADA);
        for (int i = 0; i < STEPS; i++)
            do_step(&m);
        session_fixture_fini(&m.f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_processes_do_what_the_model_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
