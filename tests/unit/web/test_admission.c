/* Who is let in where: policies of routes, and what a request shows (Z01, S14). */
#include <stdio.h>

#include "support/cmocka.h"
#include "support/failing_malloc.h"
#include "who_fixture.h"

/* ---- routes --------------------------------------------------------------------------------- */

/* Says who asks: in the state of the fixture, since it has no other way to tell. */
static void tell_who(struct request *req)
{
    enum who_kind *seen = req->handler_data;

    *seen = admission_who(req)->kind;
    request_respond(req, &(struct response){.status = 200});
}

/* In the order of the columns below. */
static const unsigned policies[] = {
    POLICY_ANYONE,
    POLICY_MAYBE | POLICY_TOKEN(SCOPE_COUNT),
    POLICY_USER | POLICY_TOKEN(SCOPE_STATS),
    POLICY_TOKEN(SCOPE_COUNT),
    POLICY_USER,
    POLICY_ADMIN,
    POLICY_PAGE | POLICY_MAYBE,
    POLICY_PAGE | POLICY_USER,
    POLICY_PAGE | POLICY_PENDING,
    POLICY_PAGE | POLICY_ADMIN,
    POLICY_USER | POLICY_VISITOR | POLICY_TOKEN(SCOPE_STATS),
    0, /* forgotten: nobody is let in */
};

#define POLICIES (sizeof(policies) / sizeof(policies[0]))

/* Asks for a route with this policy. What comes of it, as a letter:
 *
 *     n u p g v  let in as nobody, a user, a program, a guest, a visitor
 *     1 3        401, 403
 *     L C A D    led to the login, to its second factor, to the login again, to the dashboard
 */
static char ask(struct who_fixture *w, enum http_method method, unsigned policy, enum showing what,
                struct slice origin)
{
    const struct route route = {
        .path = SLICE("/x"), .methods = (unsigned)method, .handler = tell_who, .policy = policy};
    struct fake_request *fake = prepare(w->f, method, "/x", "site=default");
    enum who_kind seen = WHO_NOBODY;

    show(w, what);
    fake->req.handler_data = &seen;
    fake->req.fields[FIELD_HOST] = SLICE("stats.example");
    fake->req.fields[FIELD_ORIGIN] = origin;
    admission_admit(&fake->req, &route);
    web_settle(w->f);
    switch (fake->status) {
    case 200:
        return "nupgv"[seen];
    case 401:
        if (!fake->headers.failed) /* for want of memory */
            assert_has(&fake->headers, "WWW-Authenticate: Bearer realm=\"Footfall\"");
        return '1';
    case 403:
        return '3';
    case 303:
        if (memmem(fake->headers.ptr, fake->headers.len, "/login/code", 11))
            return 'C';
        if (memmem(fake->headers.ptr, fake->headers.len, "Location: /dashboard", 20))
            return 'D';
        return memmem(fake->headers.ptr, fake->headers.len, "again=1", 7) ? 'A' : 'L';
    default:
        return '?';
    }
}

static char get_as(struct who_fixture *w, unsigned policy, enum showing what)
{
    return ask(w, HTTP_GET, policy, what, slice_of(NULL, 0));
}

/* ---- the table ------------------------------------------------------------------------------ */

static const struct {
    enum showing shows;
    const char *name;
    const char *expected; /* ANYONE, MAYBE+COUNT, USER+STATS, COUNT, USER, ADMIN, of pages MAYBE,
                             USER, PENDING, ADMIN, USER+VISITOR+STATS, and none */
} rows[] = {
    {SHOW_NOTHING, "nothing", "nn1111nLLL11"},
    {SHOW_VIEWER, "viewer", "nnu1u3uuD3u1"},
    {SHOW_EDITOR, "editor", "nnu1u3uuD3u1"},
    {SHOW_SITE_OWNER, "owner of a site", "nnu1u3uuD3u1"},
    {SHOW_OWNER, "owner", "nnu1uuuuDuu1"},
    {SHOW_PENDING, "pending", "nn1111uCuC11"},
    {SHOW_DISABLED, "disabled", "nn1111nLLL11"},
    {SHOW_ENDED, "ended login", "nn1111nLLL11"},
    {SHOW_MADE_UP_LOGIN, "made-up login", "nn1111nLLL11"},
    {SHOW_STATS_TOKEN, "token for statistics", "n3p311nLLLp1"},
    {SHOW_COUNT_TOKEN, "token for hits", "np3p11nLLL31"},
    {SHOW_BLOG_TOKEN, "token of a site", "nppp11nLLLp1"},
    {SHOW_EXPIRED_TOKEN, "expired token", "n11111nLLL11"},
    {SHOW_REVOKED_TOKEN, "revoked token", "n11111nLLL11"},
    {SHOW_LINK, "link", "n33311nLLLv1"},
    {SHOW_OTHER_LINK, "link of no site", "n33311nLLL11"},
    {SHOW_MADE_UP_TOKEN, "made-up token", "n11111nLLL11"},
    {SHOW_NO_TOKEN, "what is no token", "n11111nLLL11"},
    {SHOW_OTHER_SCHEME, "other scheme", "nn1111nLLL11"},
    {SHOW_TOKEN_AS_COOKIE, "token as cookie", "nn1111nLLL11"},
    {SHOW_COOKIE_AS_TOKEN, "cookie as token", "n11111nLLL11"},
    {SHOW_TOKEN_AND_LOGIN, "made-up token and login", "n111uuuuDu11"},
    {SHOW_PROXY_OWNER, "owner by proxy", "nnu1uuuuDuu1"},
    {SHOW_PROXY_STRANGER, "stranger by proxy", "nn3133333331"},
    {SHOW_PROXY_DISABLED, "disabled by proxy", "nn3133333331"},
    {SHOW_PROXY_ID, "an id by proxy", "nn3133333331"},
    {SHOW_ANYBODY_AS_PROXY, "no proxy", "nn1111nLLL11"},
};

/* Z01, S14 */
static void test_each_is_let_in_where_the_policy_says(void **state)
{
    struct who_fixture *w = *state;

    assert_int_equal(sizeof(rows) / sizeof(rows[0]), SHOW_COUNT_);
    for (size_t i = 0; i < SHOW_COUNT_; i++) {
        char got[POLICIES + 1] = "";

        assert_int_equal(rows[i].shows, i);
        for (size_t p = 0; p < POLICIES; p++)
            got[p] = get_as(w, policies[p], rows[i].shows);
        if (strcmp(got, rows[i].expected) != 0)
            fail_msg("%s: %s is not %s", rows[i].name, got, rows[i].expected);
    }
}

/* Whose site it is comes from the link, whatever is asked for. */
static void test_a_visitor_looks_at_one_site_and_changes_nothing(void **state)
{
    const unsigned policy = POLICY_USER | POLICY_VISITOR | POLICY_TOKEN(SCOPE_STATS);
    const struct who visitor = {.kind = WHO_VISITOR, .site = SLICE("blog")};
    struct who_fixture *w = *state;

    assert_true(who_may(&visitor, SLICE("blog"), ROLE_VIEWER));
    assert_false(who_may(&visitor, SLICE("blog"), ROLE_EDITOR));
    assert_false(who_may(&visitor, SLICE("shop"), ROLE_VIEWER));
    assert_false(who_may(&visitor, SLICE("*"), ROLE_VIEWER));
    assert_int_equal(ask(w, HTTP_POST, policy, SHOW_LINK, slice_of(NULL, 0)), '3');
    assert_int_equal(get_as(w, policy, SHOW_LINK), 'v');
    revoke_link(w);
    assert_int_equal(get_as(w, policy, SHOW_LINK), '1');
}

/* Of another site with the same id, which was removed. Clocks of processes may differ. */
static void test_a_link_is_of_the_site_it_was_made_for(void **state)
{
    struct api_token link = {.site = "blog", .scopes = SCOPE_SHARE, .created_s = 1000};
    struct site *site = NULL;

    (void)state;
    assert_int_equal(site_create(SLICE("blog"), 1060, &site, NULL), ERR_OK);
    assert_true(link_is_of_site(&link, site));
    link.created_s = 999;
    assert_false(link_is_of_site(&link, site));
    link.created_s = 2000;
    (void)snprintf(link.site, sizeof(link.site), "shop");
    assert_false(link_is_of_site(&link, site));
    site_destroy(site);
}

/* Only where there are guests, and only what changes nothing. */
static void test_guests_are_let_in_where_there_are_some(void **state)
{
    const unsigned policy = POLICY_USER | POLICY_GUEST | POLICY_TOKEN(SCOPE_STATS);
    struct who_fixture *w = *state;

    assert_int_equal(get_as(w, policy, SHOW_NOTHING), '1');
    w->f->web.has_guests = true;
    assert_int_equal(get_as(w, policy, SHOW_NOTHING), 'g');
    assert_int_equal(get_as(w, policy, SHOW_ENDED), 'g');
    assert_int_equal(get_as(w, policy, SHOW_VIEWER), 'u');
    assert_int_equal(get_as(w, policy, SHOW_MADE_UP_TOKEN), '1');
    assert_int_equal(get_as(w, POLICY_PAGE | POLICY_USER | POLICY_GUEST, SHOW_NOTHING), 'g');
    assert_int_equal(get_as(w, POLICY_USER, SHOW_NOTHING), '1');
    assert_int_equal(ask(w, HTTP_POST, policy, SHOW_NOTHING, slice_of(NULL, 0)), '1');
}

static void test_a_guest_sees_and_changes_nothing(void **state)
{
    const struct who guest = {.kind = WHO_GUEST};

    (void)state;
    assert_true(who_may(&guest, SLICE("blog"), ROLE_VIEWER));
    assert_false(who_may(&guest, SLICE("blog"), ROLE_EDITOR));
    assert_false(who_may(&guest, SLICE("*"), ROLE_OWNER));
}

/* Who follows a link into the statistics is there after the login. */
static void test_a_page_is_gone_to_with_its_query_after_the_login(void **state)
{
    struct who_fixture *w = *state;
    char query[600] = "site=blog&country=DE";

    assert_int_equal(get(w->f, "/dashboard", query), 303);
    assert_has(&w->f->fake.headers,
               "Location: /login?next=/dashboard%3Fsite%3Dblog%26country%3DDE\r\n");
    memset(query, 'a', sizeof(query) - 1);
    assert_int_equal(get(w->f, "/dashboard", query), 303);
    assert_has(&w->f->fake.headers, "Location: /login?next=/dashboard\r\n");
}

/* Z01: no route is open by mistake. */
static void test_each_route_has_a_policy(void **state)
{
    (void)state;
    assert_ptr_equal(web_router.admit, admission_admit);
    for (size_t i = 0; i < web_router.count; i++) {
        if (web_router.routes[i].policy == 0)
            fail_msg("%.*s", SLICE_ARG(web_router.routes[i].path));
    }
}

/* RFC 6750, section 2.1; RFC 9110, section 11.1 */
static void test_the_scheme_is_read_in_any_case(void **state)
{
    static const struct {
        const char *scheme;
        const char *end;
        char expected;
    } cases[] = {{"bearer ", "", 'p'},  {"BEARER ", "", 'p'}, {"Bearer  ", " ", 'p'},
                 {"Bearer", "", '1'},   {"", "", '1'},        {"Bearer ", "A", '1'},
                 {"Bearer x ", "", '1'}};
    struct who_fixture *w = *state;
    char token[SECRET_TEXT + 1];

    memcpy(token, w->shown[SHOW_STATS_TOKEN] + 7, sizeof(token));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void)snprintf(w->shown[SHOW_NO_TOKEN], sizeof(w->shown[SHOW_NO_TOKEN]), "%s%s%s",
                       cases[i].scheme, token, cases[i].end);
        assert_int_equal(get_as(w, POLICY_TOKEN(SCOPE_STATS), SHOW_NO_TOKEN), cases[i].expected);
    }
}

/* S11 */
static void test_what_wants_a_recent_password_is_refused_later(void **state)
{
    struct who_fixture *w = *state;

    assert_int_equal(get_as(w, POLICY_USER | POLICY_RECENT, SHOW_OWNER), 'u');
    virtual_loop_pass(&w->f->loop, INT64_C(1000) * (RECENT_S + 1));
    assert_int_equal(get_as(w, POLICY_USER | POLICY_RECENT, SHOW_OWNER), '3');
    assert_int_equal(get_as(w, POLICY_PAGE | POLICY_USER | POLICY_RECENT, SHOW_OWNER), 'A');
    assert_int_equal(get_as(w, POLICY_USER | POLICY_RECENT, SHOW_PROXY_OWNER), 'u');
}

/* Z01: it holds with the next request. */
static void test_what_is_taken_away_is_gone_at_once(void **state)
{
    struct who_fixture *w = *state;

    assert_int_equal(get_as(w, POLICY_ADMIN, SHOW_EDITOR), '3');
    set_role(w, w->editor, "*", ROLE_OWNER);
    assert_int_equal(get_as(w, POLICY_ADMIN, SHOW_EDITOR), 'u');
    set_role(w, w->editor, "blog", ROLE_OWNER);
    assert_int_equal(get_as(w, POLICY_ADMIN, SHOW_EDITOR), '3');
    end_logins(w, w->editor);
    assert_int_equal(get_as(w, POLICY_USER, SHOW_EDITOR), '1');
    assert_int_equal(get_as(w, POLICY_TOKEN(SCOPE_STATS), SHOW_STATS_TOKEN), 'p');
    revoke_token(w, SHOW_STATS_TOKEN);
    assert_int_equal(get_as(w, POLICY_TOKEN(SCOPE_STATS), SHOW_STATS_TOKEN), '1');
}

/* ---- other sites' pages --------------------------------------------------------------------- */

/* C02, C04 */
static void test_other_pages_do_nothing_in_the_name_of_who_is_logged_in(void **state)
{
    static const struct {
        unsigned policy;
        char here, elsewhere;
    } cases[] = {
        {POLICY_PAGE | POLICY_USER, 'u', '3'},
        {POLICY_PAGE | POLICY_MAYBE, 'u', '3'},
        {POLICY_USER | POLICY_TOKEN(SCOPE_STATS), 'u', '3'},
        {POLICY_ADMIN, 'u', '3'},
        {POLICY_MAYBE | POLICY_TOKEN(SCOPE_COUNT), 'n', 'n'},
    };
    const struct slice here = SLICE("http://stats.example");
    const struct slice elsewhere = SLICE("https://blog.example");
    struct who_fixture *w = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static const enum showing logins[] = {SHOW_OWNER, SHOW_PROXY_OWNER};

        for (size_t l = 0; l < 2; l++) {
            assert_int_equal(ask(w, HTTP_POST, cases[i].policy, logins[l], here), cases[i].here);
            assert_int_equal(ask(w, HTTP_POST, cases[i].policy, logins[l], elsewhere),
                             cases[i].elsewhere);
        }
    }
    assert_int_equal(ask(w, HTTP_POST, POLICY_TOKEN(SCOPE_COUNT), SHOW_COUNT_TOKEN, elsewhere),
                     'p');
}

static int post_hit(struct who_fixture *w, const char *path, const char *body, enum showing what)
{
    struct request *req = &prepare(w->f, HTTP_POST, path, "")->req;

    req->fields[FIELD_CONTENT_TYPE] = SLICE("application/json");
    req->fields[FIELD_ORIGIN] = SLICE("https://blog.example");
    req->fields[FIELD_SEC_FETCH_SITE] = SLICE("cross-site");
    req->body = slice_str(body);
    show(w, what);
    return dispatch(w->f);
}

/* A visitor of another site may be logged in here: he is counted as anybody. */
static void test_hits_of_who_is_logged_in_are_counted(void **state)
{
    static const enum showing all[] = {SHOW_NOTHING,     SHOW_OWNER,       SHOW_PENDING,
                                       SHOW_DISABLED,    SHOW_PROXY_OWNER, SHOW_PROXY_STRANGER,
                                       SHOW_OTHER_SCHEME};
    struct who_fixture *w = *state;
    int64_t counted = 0;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_int_equal(post_hit(w, "/api/v1/hits", "{\"path\":\"/a\"}", all[i]), 200);
        assert_has(&w->f->fake.body, "\"counted\":1}");
        assert_int_equal(post_hit(w, "/api/v1/hits", "{\"path\":\"/a\",\"time\":9}", all[i]), 200);
        assert_has(&w->f->fake.body, "\"unauthorized\"");
        counted++;
    }
    assert_total(w->f, counted);
}

/* Who shows a token is not taken for just anybody. */
static void test_hits_with_a_token_that_does_not_fit_are_refused(void **state)
{
    static const char own[] = "{\"path\":\"/a\",\"ip\":\"192.0.2.1\"}";
    static const char goatcounter[] = "{\"no_sessions\":true,\"hits\":[{\"path\":\"/a\"}]}";

    static const struct {
        enum showing shows;
        int status; /* of both addresses; 0: let in */
    } cases[] = {
        {SHOW_STATS_TOKEN, 403},   {SHOW_EXPIRED_TOKEN, 401},   {SHOW_REVOKED_TOKEN, 401},
        {SHOW_MADE_UP_TOKEN, 401}, {SHOW_COOKIE_AS_TOKEN, 401}, {SHOW_NO_TOKEN, 401},
        {SHOW_COUNT_TOKEN, 0},
    };
    struct who_fixture *w = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int status = cases[i].status;

        assert_int_equal(post_hit(w, "/api/v1/hits", own, cases[i].shows), status ? status : 200);
        assert_int_equal(post_hit(w, "/api/v0/count", goatcounter, cases[i].shows),
                         status ? status : 202);
    }
    assert_total(w->f, 2);
}

/* ---- memory --------------------------------------------------------------------------------- */

/* The hot path of hits: nothing is kept, nothing is allocated, nothing has to be undone. */
static void test_who_shows_no_token_costs_nothing(void **state)
{
    const struct route route = {.path = SLICE("/x"),
                                .methods = HTTP_GET,
                                .handler = tell_who,
                                .policy = POLICY_MAYBE | POLICY_TOKEN(SCOPE_COUNT)};
    struct who_fixture *w = *state;
    struct fake_request *fake = prepare(w->f, HTTP_GET, "/x", "");
    enum who_kind seen = WHO_USER;

    show(w, SHOW_OWNER);
    fake->req.handler_data = &seen;
    fake->cannot_keep = true;
    failing_malloc_at(1);
    admission_admit(&fake->req, &route);
    assert_false(failing_malloc_stop());
    assert_int_equal(fake->status, 200); /* at once */
    assert_int_equal(seen, WHO_NOBODY);
}

/* Without memory nobody is let in as somebody else, and each is answered. */
static void test_without_memory_nobody_is_mistaken(void **state)
{
    static const struct {
        enum showing shows;
        char expected;
    } cases[] = {{SHOW_COUNT_TOKEN, 'p'},
                 {SHOW_OWNER, 'u'},
                 {SHOW_PROXY_OWNER, 'u'},
                 {SHOW_MADE_UP_LOGIN, '1'},
                 {SHOW_MADE_UP_TOKEN, '1'}};

    const unsigned policy = POLICY_USER | POLICY_TOKEN(SCOPE_COUNT);
    struct who_fixture *w = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool has_failed = true;
        size_t refused = 0;

        for (size_t k = 1; has_failed; k++) {
            char got;

            failing_malloc_at(k);
            got = get_as(w, policy, cases[i].shows);
            has_failed = failing_malloc_stop();
            assert_true(got == cases[i].expected || (has_failed && w->f->fake.status == 503));
            refused += got == '?' ? 1 : 0;
        }
        assert_true(refused > 0);
        assert_int_equal(get_as(w, policy, cases[i].shows), cases[i].expected);
    }
}

static void test_a_request_that_cannot_be_kept_is_refused(void **state)
{
    struct who_fixture *w = *state;
    struct fake_request *fake = prepare(w->f, HTTP_GET, "/api/v1/stats", "");

    show(w, SHOW_STATS_TOKEN);
    fake->cannot_keep = true;
    assert_int_equal(dispatch(w->f), 503);
}

/* ---- leaving -------------------------------------------------------------------------------- */

static void test_who_leaves_before_it_is_known_who_he_is(void **state)
{
    static const enum showing all[] = {SHOW_STATS_TOKEN, SHOW_OWNER, SHOW_PROXY_OWNER};
    struct who_fixture *w = *state;

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        prepare(w->f, HTTP_GET, "/api/v1/stats", "");
        show(w, all[i]);
        send_off(w->f);
        assert_int_equal(w->f->fake.status, 0);
        prepare(w->f, HTTP_GET, "/", "");
        web_settle(w->f);
        assert_int_equal(w->f->fake.status, 0);
    }
}

#define CASE(test_) cmocka_unit_test_setup_teardown(test_, who_set_up, who_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_each_is_let_in_where_the_policy_says),
        CASE(test_a_visitor_looks_at_one_site_and_changes_nothing),
        cmocka_unit_test(test_a_link_is_of_the_site_it_was_made_for),
        CASE(test_guests_are_let_in_where_there_are_some),
        cmocka_unit_test(test_a_guest_sees_and_changes_nothing),
        CASE(test_a_page_is_gone_to_with_its_query_after_the_login),
        cmocka_unit_test(test_each_route_has_a_policy),
        CASE(test_the_scheme_is_read_in_any_case),
        CASE(test_what_wants_a_recent_password_is_refused_later),
        CASE(test_what_is_taken_away_is_gone_at_once),
        CASE(test_other_pages_do_nothing_in_the_name_of_who_is_logged_in),
        CASE(test_hits_of_who_is_logged_in_are_counted),
        CASE(test_hits_with_a_token_that_does_not_fit_are_refused),
        CASE(test_who_shows_no_token_costs_nothing),
        CASE(test_without_memory_nobody_is_mistaken),
        CASE(test_a_request_that_cannot_be_kept_is_refused),
        CASE(test_who_leaves_before_it_is_known_who_he_is),
    };

    return cmocka_run_group_tests_name("admission", tests, NULL, NULL);
}
