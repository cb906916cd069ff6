#include "cli/fill_visitors.h"

#include <stdlib.h>

#define FIRST_CAPACITY 4096

/* A store of one thread is not to be kept for long by one commit. */
#define MAX_DROPS 2000

void fill_visitors_init(struct fill_visitors *visitors)
{
    *visitors = (struct fill_visitors){.count = 0};
    number_set_init(&visitors->today);
}

void fill_visitors_fini(struct fill_visitors *visitors)
{
    number_set_fini(&visitors->today);
    free(visitors->keys);
}

static enum err reserve(struct fill_visitors *visitors)
{
    size_t capacity = visitors->capacity ? 2 * visitors->capacity : FIRST_CAPACITY;
    void *keys;

    if (visitors->count < visitors->capacity)
        return ERR_OK;
    keys = realloc(visitors->keys, capacity * VISITOR_KEY_BYTES);
    if (!keys)
        return ERR_NO_MEMORY;
    visitors->keys = keys;
    visitors->capacity = capacity;
    return ERR_OK;
}

enum err fill_visitors_note(struct fill_visitors *visitors, const struct visitor_keys *keys)
{
    uint64_t number;
    bool is_new;
    enum err err;

    if (!keys->is_known)
        return ERR_OK;
    memcpy(&number, keys->today, sizeof(number)); /* a hash, so the half of it does as well */
    err = number_set_add(&visitors->today, number ? number : 1, &is_new);
    if (err != ERR_OK || !is_new)
        return err;
    err = reserve(visitors);
    if (err == ERR_OK)
        memcpy(visitors->keys[visitors->count++], keys->today, VISITOR_KEY_BYTES);
    return err;
}

void fill_visitors_next_day(struct fill_visitors *visitors)
{
    visitors->before_first = visitors->today_first;
    visitors->today_first = visitors->count;
    number_set_fini(&visitors->today);
}

void fill_visitors_end_days(struct fill_visitors *visitors)
{
    fill_visitors_next_day(visitors);
    fill_visitors_next_day(visitors);
}

/* ---- dropping ------------------------------------------------------------------------------- */

struct drop {
    struct db_session *session;
    size_t pending;
    enum commit_status status;
};

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct drop *drop = ctx;

    drop->status = result->status;
    db_told(drop->session, &drop->pending);
}

/* visitor/SITE/KEY, as in ledger.c */
static enum err add_drop(struct commit *commit, struct slice site, const unsigned char *key)
{
    char text[RECORD_MAX_KEY];
    struct strbuf name;

    strbuf_init_fixed(&name, text, sizeof(text));
    strbuf_append(&name, SLICE("visitor/"));
    strbuf_append(&name, site);
    strbuf_append_char(&name, '/');
    strbuf_append(&name, slice_of(key, VISITOR_KEY_BYTES));
    return commit_write(commit, &(struct record_write){.key = strbuf_slice(&name),
                                                       .expect_version = RECORD_ANY,
                                                       .ttl_s = 1});
}

static enum err drop_some(struct db_session *session, struct writer *writer, struct commit *commit)
{
    struct drop drop = {.session = session, .pending = 1};

    writer_commit(writer, commit, on_committed, &drop);
    db_went_well(session);
    if (!db_wait(session, &drop.pending))
        return ERR_UNAVAILABLE;
    return drop.status == COMMIT_DONE ? ERR_OK : ERR_UNAVAILABLE;
}

enum err fill_visitors_drop(struct fill_visitors *visitors, struct db_session *session,
                            struct writer *writer, struct slice site)
{
    size_t left = visitors->before_first;
    enum err err = ERR_OK;

    for (size_t i = 0; i < left && err == ERR_OK;) {
        struct commit *commit = commit_create();

        err = commit ? ERR_OK : ERR_NO_MEMORY;
        for (size_t n = 0; n < MAX_DROPS && i < left && err == ERR_OK; n++)
            err = add_drop(commit, site, visitors->keys[i++]);
        if (err == ERR_OK)
            err = drop_some(session, writer, commit);
        commit_unref(commit);
    }
    if (err != ERR_OK)
        return err;
    visitors->count -= left;
    memmove(visitors->keys, visitors->keys + left, visitors->count * VISITOR_KEY_BYTES);
    visitors->today_first -= left;
    visitors->before_first = 0;
    return ERR_OK;
}
