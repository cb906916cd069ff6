/* Traffic that is made up: always the same, and believable. */
#include <stdlib.h>

#include "base/hashmap.h"
#include "cli/traffic.h"
#include "cli/traffic_channel.h"
#include "cli/traffic_person.h"
#include "count/civil_date.h"
#include "count/event.h"
#include "support/cmocka.h"

#define FIRST_DAY 20500
#define DAYS      120
#define VIEWS     400

/* A number for all that a hit says. */
static uint64_t digest(uint64_t sum, const struct traffic_hit *hit)
{
    const struct slice texts[] = {hit->address,    hit->title,     hit->referrer, hit->screen,
                                  hit->user_agent, hit->languages, hit->country,  hit->event.name};

    sum = draw_seed(sum, (uint64_t)hit->unix_s);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (size_t c = 0; c < texts[i].len; c++)
            sum = draw_seed(sum, (unsigned char)texts[i].ptr[c]);
    }
    for (size_t i = 0; i < sizeof(hit->client.bytes); i++)
        sum = draw_seed(sum, hit->client.bytes[i]);
    return sum;
}

static struct traffic_plan plan_of(enum traffic_kind kind, uint64_t seed)
{
    return (struct traffic_plan){
        .seed = seed,
        .kind = kind,
        .first_day = FIRST_DAY,
        .days = DAYS,
        .until_unix_s = DAY_S * (FIRST_DAY + DAYS),
        .hits_per_day = VIEWS,
    };
}

typedef void hit_fn(void *ctx, const struct traffic_hit *hit);

static void each_hit(const struct traffic_plan *plan, hit_fn *fn, void *ctx)
{
    struct traffic *traffic = traffic_create(plan);
    struct traffic_hit hit;
    bool is_end = false;

    assert_non_null(traffic);
    for (;;) {
        assert_int_equal(traffic_next(traffic, &hit, &is_end), ERR_OK);
        if (is_end)
            break;
        fn(ctx, &hit);
    }
    traffic_destroy(traffic);
}

static void add_digest(void *ctx, const struct traffic_hit *hit)
{
    uint64_t *sum = ctx;

    *sum = digest(*sum, hit);
}

static uint64_t digest_of(enum traffic_kind kind, uint64_t seed)
{
    struct traffic_plan plan = plan_of(kind, seed);
    uint64_t sum = 0;

    each_hit(&plan, add_digest, &sum);
    return sum;
}

static void the_same_seed_gives_the_same_hits_and_another_one_others(void **state)
{
    (void)state;
    for (enum traffic_kind kind = 0; kind < TRAFFIC_KIND_COUNT_; kind++) {
        uint64_t sum = digest_of(kind, 7);

        assert_true(sum == digest_of(kind, 7));
        assert_true(sum != digest_of(kind, 8));
    }
    assert_true(digest_of(TRAFFIC_BLOG, 7) != digest_of(TRAFFIC_SHOP, 7));
}

/* ---- order and form ------------------------------------------------------------------------- */

struct order {
    int64_t last_unix_s;
    const struct traffic_plan *plan;
};

static void check_form(void *ctx, const struct traffic_hit *hit)
{
    struct order *order = ctx;

    assert_true(hit->unix_s >= order->last_unix_s);
    assert_true(hit->unix_s >= DAY_S * order->plan->first_day);
    assert_true(hit->unix_s < order->plan->until_unix_s);
    order->last_unix_s = hit->unix_s;
    assert_true(slice_starts_with(hit->address, SLICE("https://")));
    assert_true(hit->title.len > 0);
    assert_int_equal(hit->country.len, 2);
    assert_false(hit->client.is_unix);
    assert_true(hit->is_robot == (hit->screen.len == 0));
    assert_true(hit->is_robot || hit->user_agent.len > 40);
    assert_null(
        memchr(hit->user_agent.len > 0 ? hit->user_agent.ptr : "", '#', hit->user_agent.len));
    if (hit->event.name.len > 0)
        assert_int_equal(event_check(&hit->event, NULL), ERR_OK);
}

static void hits_come_in_the_order_of_their_time_and_are_sound(void **state)
{
    (void)state;
    for (enum traffic_kind kind = 0; kind < TRAFFIC_KIND_COUNT_; kind++) {
        struct traffic_plan plan = plan_of(kind, 3);
        struct order order = {.last_unix_s = 0, .plan = &plan};

        plan.until_unix_s -= 25200;
        each_hit(&plan, check_form, &order);
    }
}

/* ---- shares --------------------------------------------------------------------------------- */

struct shares {
    double views;
    double events;
    double robots;
    double german;
    double phones;
    double searches;
    double weekend;
    double letters;
    double days[DAYS];
    double hours[24];
    struct hashmap visitors; /* client and day */
    struct arena arena;
};

static void note_visitor(struct shares *s, const struct traffic_hit *hit)
{
    char key[24];
    int64_t day = hit->unix_s / DAY_S;
    struct slice found;

    memcpy(key, hit->client.bytes, 16);
    memcpy(key + 16, &day, 8);
    found = arena_dup(&s->arena, slice_of(key, sizeof(key)));
    assert_non_null(hashmap_put(&s->visitors, found));
}

static bool has(struct slice text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static void add_shares(void *ctx, const struct traffic_hit *hit)
{
    struct shares *s = ctx;
    int32_t day = (int32_t)(hit->unix_s / DAY_S);

    s->robots += hit->is_robot;
    if (hit->is_robot)
        return;
    s->events += hit->event.name.len > 0;
    if (hit->event.name.len > 0)
        return;
    note_visitor(s, hit);
    s->views++;
    s->german += slice_eq(hit->country, SLICE("DE"));
    s->phones += has(hit->user_agent, "Mobile");
    s->searches += has(hit->referrer, "google");
    s->letters += has(hit->address, "utm_source=newsletter");
    s->weekend += civil_weekday(day) >= 5;
    s->days[day - FIRST_DAY]++;
    s->hours[hit->unix_s % DAY_S / 3600]++;
}

static void assert_between(double value, double least, double most)
{
    if (value < least || value > most)
        fail_msg("%f is not from %f to %f", value, least, most);
}

static void shares_are_believable(void **state)
{
    struct traffic_plan plan = plan_of(TRAFFIC_PRODUCT, 1);
    struct shares s = {.views = 0};
    int32_t launch = (int32_t)(0.37 * DAYS);

    (void)state;
    arena_init(&s.arena, 65536, (size_t)1 << 28);
    hashmap_init(&s.visitors);
    each_hit(&plan, add_shares, &s);
    assert_between(s.views, 0.93 * DAYS * VIEWS, 1.07 * DAYS * VIEWS);
    assert_between(s.events / s.views, 0.005, 0.1);
    assert_between(s.robots / s.views, 0.05, 0.3);
    assert_between(s.german / s.views, 0.08, 0.16);
    assert_between(s.phones / s.views, 0.3, 0.5);
    assert_between(s.searches / s.views, 0.08, 0.3);
    assert_between(s.letters / s.views, 0.002, 0.05);
    assert_between(s.weekend / s.views, 0.15, 0.25);
    assert_between((double)s.visitors.count / s.views, 0.3, 0.6);
    assert_true(s.days[launch] > 3 * s.days[launch - 1]);
    assert_true(s.days[launch + 7] < s.days[launch] / 2);
    assert_true(s.hours[15] > 2 * s.hours[4]);
    hashmap_fini(&s.visitors);
    arena_fini(&s.arena);
}

static void a_day_of_few_hits_and_a_single_day_are_fine(void **state)
{
    struct traffic_plan plan = plan_of(TRAFFIC_BLOG, 5);
    struct order order = {.last_unix_s = 0, .plan = &plan};

    (void)state;
    plan.hits_per_day = 1;
    each_hit(&plan, check_form, &order);
    plan.days = 1;
    plan.until_unix_s = DAY_S * FIRST_DAY; /* at once */
    order.last_unix_s = 0;
    each_hit(&plan, check_form, &order);
    assert_int_equal(order.last_unix_s, 0);
}

/* ---- the tables ----------------------------------------------------------------------------- */

static void actions_are_on_pages_that_there_are(void **state)
{
    (void)state;
    for (enum traffic_kind kind = 0; kind < TRAFFIC_KIND_COUNT_; kind++) {
        const struct traffic_site *site = &traffic_sites[kind];

        for (size_t a = 0; a < site->action_count; a++) {
            bool is_there = false;

            for (size_t page = 0; page < site->page_count; page++)
                is_there = is_there || traffic_page_action(site, page) == &site->actions[a];
            assert_true(is_there);
        }
        for (size_t page = 0; page < site->page_count; page++)
            assert_int_equal(site->pages[page].path[0], '/');
    }
}

static void draws_are_within_their_bounds(void **state)
{
    static const double sums[] = {0, 1, 1, 4};
    struct draw draw = {1};
    size_t met[4] = {0};

    (void)state;
    for (int i = 0; i < 4000; i++) {
        met[draw_from(&draw, sums, 4)]++;
        assert_in_range(draw_between(&draw, 5, 7), 5, 7);
        assert_true(draw_below(&draw, 3) < 3);
        assert_true(draw_exponential(&draw, 2) >= 0);
        assert_in_range(draw_rounded(&draw, 1.5), 1, 2);
    }
    assert_int_equal(met[0], 0); /* without weight */
    assert_int_equal(met[2], 0);
    assert_in_range(met[1], 850, 1150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_hits_and_another_one_others),
        cmocka_unit_test(hits_come_in_the_order_of_their_time_and_are_sound),
        cmocka_unit_test(shares_are_believable),
        cmocka_unit_test(a_day_of_few_hits_and_a_single_day_are_fine),
        cmocka_unit_test(actions_are_on_pages_that_there_are),
        cmocka_unit_test(draws_are_within_their_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
