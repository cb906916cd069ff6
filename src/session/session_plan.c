#include "session/session_store_part.h"

enum err session_plan_names(const struct session_names *names, int64_t now_s, size_t index,
                            struct change_writes *out)
{
    char room[SESSION_NAMES_TEXT];

    if (names->count == 0)
        return change_delete(out, index);
    return change_write(out, index, session_names_write(names, room),
                        session_names_ttl_s(names, now_s));
}

enum err session_plan_session(const struct session *session, size_t index,
                              struct change_writes *out)
{
    struct strbuf record;
    enum err err = ERR_NO_MEMORY;

    strbuf_init(&record, RECORD_MAX_VALUE);
    session_encode(session, &record);
    if (!record.failed)
        err = change_write(out, index, strbuf_slice(&record), session->idle_s);
    strbuf_fini(&record);
    return err;
}

enum err session_read(struct slice record, struct arena *arena, struct session *out)
{
    enum err err = session_decode(record, arena, out);

    if (err != ERR_INVALID)
        return err;
    log_warn("a session in the store cannot be read", LOG_INT("bytes", record.len));
    return ERR_NOT_FOUND;
}

enum err session_look(const struct record *now, struct slice hash, struct arena *arena,
                      struct session *out)
{
    if (now[SESSION_KEY_SESSION].version == RECORD_ABSENT ||
        now[SESSION_KEY_LIFE].version == RECORD_ABSENT ||
        !session_names_has(now[SESSION_KEY_LIST].value, hash))
        return ERR_NOT_FOUND;
    return session_read(now[SESSION_KEY_SESSION].value, arena, out);
}

struct session session_begun(const struct session *fresh, int64_t now_s)
{
    struct session session = *fresh;

    session.created_s = now_s;
    session.seen_s = now_s;
    if (session.proved_s == 0 || session.proved_s > now_s)
        session.proved_s = now_s;
    session.expires_s = now_s + fresh->absolute_s;
    session.version = 1;
    return session;
}

static size_t max_of(enum session_realm realm, bool is_pending)
{
    if (realm == SESSION_OF_APP)
        return SESSION_MAX_OF_APP;
    return is_pending ? SESSION_MAX_PENDING : SESSION_MAX_OF_LOGIN;
}

static enum err write_begun(const struct session *session, size_t first, struct change_writes *out)
{
    enum err err = session_plan_session(session, first + SESSION_KEY_SESSION, out);

    if (err != ERR_OK)
        return err;
    return change_write(out, first + SESSION_KEY_LIFE, SLICE("1"), session->absolute_s);
}

enum err session_plan_begin(const struct session_owner *owner, const struct secret *secret,
                            const struct session *fresh, int64_t now_s, const struct record *now,
                            size_t first, struct change_writes *out)
{
    struct session session = session_begun(fresh, now_s);
    char hash[SECRET_HASH_TEXT + 1];
    bool is_pending = fresh->strength == SESSION_PENDING && owner->realm == SESSION_OF_LOGIN;
    struct session_names names;
    enum err err = session_check(&session, NULL);

    if (err != ERR_OK)
        return err;
    /* A token begins one session. */
    if (now[first + SESSION_KEY_SESSION].version != RECORD_ABSENT ||
        now[first + SESSION_KEY_LIFE].version != RECORD_ABSENT)
        return ERR_INVALID;
    secret_hash(secret, session_secret_kind(owner->realm), hash);
    session_names_read(now[first + SESSION_KEY_LIST].value, &names);
    session_names_add(&names, slice_of(hash, SECRET_HASH_TEXT), session.expires_s, is_pending,
                      max_of(owner->realm, is_pending), now_s);
    err = session_plan_names(&names, now_s, first + SESSION_KEY_LIST, out);
    return err == ERR_OK ? write_begun(&session, first, out) : err;
}

enum err session_plan_end_all(const struct record *now, size_t index, struct change_writes *out)
{
    return now[index].version == RECORD_ABSENT ? ERR_OK : change_delete(out, index);
}
