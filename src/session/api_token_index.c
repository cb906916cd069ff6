/* The record that names all tokens. */
#include "base/ascii.h"
#include "session/api_token_part.h"
#include "session/session_names.h"

#define ENTRY_TEXT (API_TOKEN_ID_TEXT + 1 + SECRET_HASH_TEXT + 1 + 12 + 1)
#define MAX_TEXT   ((size_t)API_TOKEN_MAX * ENTRY_TEXT)

/* Later is no time of a token. */
#define MAX_EXPIRES INT64_C(999999999999)

_Static_assert(MAX_TEXT <= RECORD_MAX_VALUE, "fits into a record");

/* ---- reading -------------------------------------------------------------------------------- */

/* Takes a text of this length, and the letter behind it, off `rest`. */
static bool take_text(struct slice *rest, size_t len, char behind, char *out)
{
    if (rest->len <= len || rest->ptr[len] != behind)
        return false;
    memcpy(out, rest->ptr, len);
    out[len] = '\0';
    *rest = slice_from(*rest, len + 1);
    return true;
}

static bool take_number(struct slice *rest, char behind, int64_t *out)
{
    size_t len = 0;

    *out = 0;
    while (len < rest->len && ascii_is_digit(rest->ptr[len]) && *out <= MAX_EXPIRES / 10)
        *out = *out * 10 + (rest->ptr[len++] - '0');
    if (len == 0 || len == rest->len || rest->ptr[len] != behind)
        return false;
    *rest = slice_from(*rest, len + 1);
    return true;
}

enum err api_token_index_read(struct slice text, struct api_token_index *out)
{
    out->count = 0;
    while (text.len > 0) {
        struct api_token_entry *entry = &out->entries[out->count];

        if (out->count == API_TOKEN_MAX || !take_text(&text, API_TOKEN_ID_TEXT, ' ', entry->id) ||
            !take_text(&text, SECRET_HASH_TEXT, ' ', entry->hash) ||
            !take_number(&text, ';', &entry->expires_s) ||
            !api_token_id_is_sound(slice_of(entry->id, API_TOKEN_ID_TEXT)) ||
            !session_hash_is_sound(slice_of(entry->hash, SECRET_HASH_TEXT)))
            return ERR_INVALID;
        out->count++;
    }
    return ERR_OK;
}

/* ---- writing -------------------------------------------------------------------------------- */

enum err api_token_index_write(const struct api_token_index *index, size_t at,
                               struct change_writes *out)
{
    char room[MAX_TEXT];
    struct strbuf text;

    strbuf_init_fixed(&text, room, sizeof(room));
    for (size_t i = 0; i < index->count; i++) {
        const struct api_token_entry *entry = &index->entries[i];

        strbuf_append(&text, slice_str(entry->id));
        strbuf_append_char(&text, ' ');
        strbuf_append(&text, slice_str(entry->hash));
        strbuf_append_char(&text, ' ');
        strbuf_append_int(&text, entry->expires_s);
        strbuf_append_char(&text, ';');
    }
    return text.failed ? ERR_INVALID : change_write(out, at, strbuf_slice(&text), RECORD_FOREVER);
}

/* ---- entries -------------------------------------------------------------------------------- */

struct api_token_entry *api_token_index_find(struct api_token_index *index, struct slice id)
{
    for (size_t i = 0; i < index->count; i++) {
        if (slice_eq(slice_str(index->entries[i].id), id))
            return &index->entries[i];
    }
    return NULL;
}

void api_token_index_remove(struct api_token_index *index, struct api_token_entry *entry)
{
    size_t behind = (size_t)(&index->entries[index->count] - (entry + 1));

    memmove(entry, entry + 1, behind * sizeof(*entry));
    index->count--;
}

void api_token_index_expire(struct api_token_index *index, int64_t now_s)
{
    size_t kept = 0;

    for (size_t i = 0; i < index->count; i++) {
        const struct api_token_entry *entry = &index->entries[i];

        if (entry->expires_s == 0 || entry->expires_s > now_s)
            index->entries[kept++] = *entry;
    }
    index->count = kept;
}
