#include "session/session_names.h"

#include "base/ascii.h"

#define EXPIRES_DIGITS 11
#define MAX_EXPIRES    INT64_C(99999999999)

#define PENDING        '?' /* in the place of the colon */

/* The list stays so much longer than the last session that it names. */
#define SLACK_S   3600

#define MAX_TTL_S ((int64_t)RECORD_MAX_TTL_S)

_Static_assert(SESSION_MAX_OF_LOGIN + SESSION_MAX_PENDING <= SESSION_NAMES_MAX, "room for all");
_Static_assert(SESSION_NAMES_TEXT <= RECORD_MAX_VALUE, "fits into a record");

static bool is_letter_of_hash(char c)
{
    return ascii_is_letter(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

bool session_hash_is_sound(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_letter_of_hash(text.ptr[i]))
            return false;
    }
    return text.len == SECRET_HASH_TEXT;
}

/* 0 of what is no list. */
static size_t count_names(struct slice list)
{
    return list.len % SESSION_NAME_BYTES == 0 ? list.len / SESSION_NAME_BYTES : 0;
}

bool session_names_has(struct slice list, struct slice hash)
{
    size_t count = hash.len == SECRET_HASH_TEXT ? count_names(list) : 0;

    for (size_t i = 0; i < count; i++) {
        if (memcmp(list.ptr + i * SESSION_NAME_BYTES, hash.ptr, SECRET_HASH_TEXT) == 0)
            return true;
    }
    return false;
}

static bool read_name(const char *entry, struct session_name *out)
{
    const char *digits = entry + SECRET_HASH_TEXT + 1;

    out->expires_s = 0;
    for (size_t i = 0; i < EXPIRES_DIGITS; i++) {
        if (!ascii_is_digit(digits[i]))
            return false;
        out->expires_s = out->expires_s * 10 + (digits[i] - '0');
    }
    memcpy(out->hash, entry, SECRET_HASH_TEXT);
    out->hash[SECRET_HASH_TEXT] = '\0';
    out->is_pending = entry[SECRET_HASH_TEXT] == PENDING;
    return session_hash_is_sound(slice_of(entry, SECRET_HASH_TEXT)) &&
           (out->is_pending || entry[SECRET_HASH_TEXT] == ':') && digits[EXPIRES_DIGITS] == ';';
}

void session_names_read(struct slice list, struct session_names *out)
{
    size_t count = count_names(list);
    size_t first = count > SESSION_NAMES_MAX ? count - SESSION_NAMES_MAX : 0;

    out->count = 0;
    for (size_t i = first; i < count; i++) {
        if (read_name(list.ptr + i * SESSION_NAME_BYTES, &out->names[out->count]))
            out->count++;
    }
}

static void write_name(const struct session_name *name, char *entry)
{
    char *digits = entry + SECRET_HASH_TEXT + 1;
    int64_t rest = name->expires_s;

    memcpy(entry, name->hash, SECRET_HASH_TEXT);
    entry[SECRET_HASH_TEXT] = name->is_pending ? PENDING : ':';
    for (size_t i = EXPIRES_DIGITS; i > 0; i--) {
        digits[i - 1] = (char)('0' + rest % 10);
        rest /= 10;
    }
    digits[EXPIRES_DIGITS] = ';';
}

struct slice session_names_write(const struct session_names *names,
                                 char room[static SESSION_NAMES_TEXT])
{
    for (size_t i = 0; i < names->count; i++)
        write_name(&names->names[i], room + i * SESSION_NAME_BYTES);
    return slice_of(room, names->count * SESSION_NAME_BYTES);
}

static void remove_at(struct session_names *names, size_t i)
{
    names->count--;
    memmove(&names->names[i], &names->names[i + 1], (names->count - i) * sizeof(names->names[0]));
}

static size_t count_kind(const struct session_names *names, bool is_pending)
{
    size_t count = 0;

    for (size_t i = 0; i < names->count; i++)
        count += names->names[i].is_pending == is_pending ? 1 : 0;
    return count;
}

/* There is one of this kind. A clock that is wrong picks another one, but never one more. */
static size_t pick_one_to_end(const struct session_names *names, bool is_pending, int64_t now_s)
{
    size_t oldest = names->count;

    for (size_t i = 0; i < names->count; i++) {
        if (names->names[i].is_pending != is_pending)
            continue;
        if (names->names[i].expires_s <= now_s)
            return i;
        if (oldest == names->count)
            oldest = i;
    }
    return oldest;
}

void session_names_add(struct session_names *names, struct slice hash, int64_t expires_s,
                       bool is_pending, size_t max, int64_t now_s)
{
    struct session_name *name;

    while (count_kind(names, is_pending) >= max)
        remove_at(names, pick_one_to_end(names, is_pending, now_s));
    if (names->count == SESSION_NAMES_MAX) /* of a list that somebody else wrote */
        remove_at(names, 0);
    name = &names->names[names->count++];
    name->is_pending = is_pending;
    memcpy(name->hash, hash.ptr, SECRET_HASH_TEXT);
    name->hash[SECRET_HASH_TEXT] = '\0';
    name->expires_s = expires_s < 0 ? 0 : expires_s > MAX_EXPIRES ? MAX_EXPIRES : expires_s;
}

bool session_names_remove(struct session_names *names, struct slice hash)
{
    for (size_t i = 0; i < names->count; i++) {
        if (slice_eq(slice_of(names->names[i].hash, SECRET_HASH_TEXT), hash)) {
            remove_at(names, i);
            return true;
        }
    }
    return false;
}

uint32_t session_names_ttl_s(const struct session_names *names, int64_t now_s)
{
    int64_t ttl_s = 0;

    for (size_t i = 0; i < names->count; i++) {
        if (names->names[i].expires_s - now_s > ttl_s)
            ttl_s = names->names[i].expires_s - now_s;
    }
    ttl_s += SLACK_S;
    return (uint32_t)(ttl_s < MAX_TTL_S ? ttl_s : MAX_TTL_S);
}
