#include "session/account_roster.h"

_Static_assert(ROSTER_MAX_TEXT <= RECORD_MAX_VALUE, "fits into a record");

/* Takes the first entry off `rest`. */
static bool read_entry(struct slice *rest, struct roster_entry *out)
{
    struct slice id;
    size_t len = USER_ID_TEXT;

    if (rest->len <= USER_ID_TEXT)
        return false;
    id = slice_of(rest->ptr, USER_ID_TEXT);
    out->is_admin = rest->ptr[len] == '+';
    len += out->is_admin ? 1 : 0;
    if (!user_id_is_sound(id) || len >= rest->len || rest->ptr[len] != ';')
        return false;
    memcpy(out->id, id.ptr, id.len);
    out->id[id.len] = '\0';
    *rest = slice_from(*rest, len + 1);
    return true;
}

enum err roster_read(struct slice text, struct roster *out)
{
    out->count = 0;
    while (text.len > 0) {
        if (out->count == USER_MAX || !read_entry(&text, &out->entries[out->count]))
            return ERR_INVALID;
        out->count++;
    }
    return ERR_OK;
}

struct slice roster_write(const struct roster *roster, char room[static ROSTER_MAX_TEXT])
{
    struct strbuf text;

    strbuf_init_fixed(&text, room, ROSTER_MAX_TEXT);
    for (size_t i = 0; i < roster->count; i++) {
        strbuf_append(&text, slice_of(roster->entries[i].id, USER_ID_TEXT));
        strbuf_append(&text, roster->entries[i].is_admin ? SLICE("+;") : SLICE(";"));
    }
    return strbuf_slice(&text);
}

static size_t find(const struct roster *roster, struct slice id)
{
    size_t i = 0;

    while (i < roster->count && !slice_eq(slice_str(roster->entries[i].id), id))
        i++;
    return i;
}

enum err roster_set(struct roster *roster, struct slice id, bool is_admin)
{
    size_t i = find(roster, id);

    if (i == USER_MAX)
        return ERR_INVALID;
    if (i == roster->count) {
        memcpy(roster->entries[i].id, id.ptr, USER_ID_TEXT);
        roster->entries[i].id[USER_ID_TEXT] = '\0';
        roster->count++;
    }
    roster->entries[i].is_admin = is_admin;
    return ERR_OK;
}

void roster_remove(struct roster *roster, struct slice id)
{
    size_t i = find(roster, id);

    if (i == roster->count)
        return;
    roster->count--;
    memmove(&roster->entries[i], &roster->entries[i + 1],
            (roster->count - i) * sizeof(roster->entries[0]));
}

bool roster_has_other_admin(const struct roster *roster, struct slice id)
{
    for (size_t i = 0; i < roster->count; i++) {
        if (roster->entries[i].is_admin && !slice_eq(slice_str(roster->entries[i].id), id))
            return true;
    }
    return false;
}
