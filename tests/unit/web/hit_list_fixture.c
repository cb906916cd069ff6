#include "hit_list_fixture.h"

#include <stdlib.h>

#include "support/cmocka.h"

int list_set_up(void **state)
{
    struct list_fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    arena_init(&f->arena, 8192, HIT_LIST_MAX_BYTES);
    f->sender = (struct hit_sender){
        .claim = {.user_agent = SLICE("Own/1"), .languages = SLICE("de"), .address = &f->address},
        .host = SLICE("own.example"),
        .site = SLICE(""),
        .now_unix_s = NOW_S,
    };
    *state = f;
    return 0;
}

int list_tear_down(void **state)
{
    struct list_fixture *f = *state;

    arena_fini(&f->arena);
    free(f);
    return 0;
}

enum err read_in(struct list_fixture *f, const struct hit_dialect *dialect, const char *body)
{
    f->info.text[0] = '\0';
    arena_reset(&f->arena);
    return hit_list_read(dialect, slice_str(body), &f->sender, &f->arena, &f->list, &f->info);
}

enum err read_own(struct list_fixture *f, const char *body)
{
    return read_in(f, &hit_dialect_own, body);
}

const struct hit_request *read_one(struct list_fixture *f, const char *body)
{
    if (read_own(f, body) != ERR_OK || f->list.hits[0].stage != HIT_TO_BEGIN)
        fail_msg("%s: %s", body, f->list.hits ? f->list.hits[0].why : f->info.text);
    return &f->list.hits[0].request;
}

void assert_slice(struct slice text, const char *expected)
{
    if (!slice_eq(text, slice_str(expected)))
        fail_msg("\"%.*s\" is not \"%s\"", SLICE_ARG(text), expected);
}
