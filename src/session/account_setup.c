#include "session/account_setup.h"

#include <sodium.h>

#include "base/ascii.h"
#include "base/random.h"
#include "session/account_store_part.h"
#include "session/session_names.h"

#define GROUPS        3
#define GROUP_LETTERS 4
#define LETTERS       ((size_t)GROUPS * GROUP_LETTERS)

_Static_assert(SETUP_CODE_TEXT >= LETTERS + GROUPS, "a hyphen between groups, and the NUL");
_Static_assert(SETUP_MAX_CODES <= SESSION_NAMES_MAX, "room for all");

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";

/* ---- codes ---------------------------------------------------------------------------------- */

void setup_code_make(char out[static SETUP_CODE_TEXT])
{
    unsigned char bytes[LETTERS];
    char *end = out;

    random_bytes(bytes, sizeof(bytes));
    for (size_t i = 0; i < LETTERS; i++) {
        if (i > 0 && i % GROUP_LETTERS == 0)
            *end++ = '-';
        *end++ = alphabet[bytes[i] % 32];
    }
    *end = '\0';
    sodium_memzero(bytes, sizeof(bytes));
}

/* The letters alone, in lower case. */
static bool read_letters(struct slice code, char out[static LETTERS])
{
    size_t count = 0;

    for (size_t i = 0; i < code.len; i++) {
        char c = ascii_lower(code.ptr[i]);

        if (c == ' ' || c == '-')
            continue;
        if (count == LETTERS || !memchr(alphabet, c, sizeof(alphabet) - 1))
            return false;
        out[count++] = c;
    }
    return count == LETTERS;
}

bool setup_code_hash(struct slice code, char out[static SECRET_HASH_TEXT + 1])
{
    static const unsigned char domain[crypto_generichash_KEYBYTES] = "footfall setup code";
    unsigned char hash[crypto_generichash_BYTES];
    char letters[LETTERS];

    if (!read_letters(code, letters))
        return false;
    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)letters, sizeof(letters),
                             domain, sizeof(domain));
    (void)sodium_bin2base64(out, SECRET_HASH_TEXT + 1, hash, sizeof(hash),
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(letters, sizeof(letters));
    return true;
}

bool setup_code_is_in(struct slice record, const char hash[static SECRET_HASH_TEXT + 1],
                      int64_t now_s)
{
    struct session_names codes;
    bool is_in = false;

    session_names_read(record, &codes);
    for (size_t i = 0; i < codes.count; i++) {
        bool is_it = sodium_memcmp(codes.names[i].hash, hash, SECRET_HASH_TEXT) == 0;

        is_in |= is_it & (codes.names[i].expires_s > now_s);
    }
    return is_in;
}

/* ---- making one ----------------------------------------------------------------------------- */

enum setup_key { KEY_USERS, KEY_SETUP, KEY_COUNT_ };

static enum err plan_code(void *ctx, const struct record *now, size_t count,
                          struct change_writes *out)
{
    struct account_call *call = ctx;
    int64_t now_s = account_now_s(call->accounts);
    char room[SESSION_NAMES_TEXT];
    struct session_names codes;
    struct roster roster;
    enum err err = account_plan_roster(call, &now[KEY_USERS], &roster);

    (void)count;
    if (err != ERR_OK)
        return err;
    if (roster.count > 0)
        return ERR_STALE;
    session_names_read(now[KEY_SETUP].value, &codes);
    session_names_add(&codes, slice_str(call->hash), now_s + SETUP_CODE_TTL_S, false,
                      SETUP_MAX_CODES, now_s);
    return change_write(out, KEY_SETUP, session_names_write(&codes, room), SETUP_CODE_TTL_S);
}

static bool begin_code(struct account_call *call)
{
    const struct slice keys[] = {[KEY_USERS] = USERS_KEY, [KEY_SETUP] = SETUP_KEY};

    return account_begin_change(call, keys, KEY_COUNT_, plan_code);
}

struct account_call *account_make_setup_code(struct account_store *accounts, account_code_fn *done,
                                             void *ctx)
{
    struct account_call *call =
        account_call_create(accounts, ACCOUNT_TELLS_CODE, (union account_done){.code = done}, ctx);

    if (!call)
        return NULL;
    setup_code_make(call->code);
    (void)setup_code_hash(slice_str(call->code), call->hash);
    return account_call_begin(call, begin_code);
}
