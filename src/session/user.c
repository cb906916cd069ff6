#include "session/user.h"

#include <sodium.h>
#include <stdio.h>

#include "base/ascii.h"
#include "base/random.h"

static const char *const role_names[] = {
    [ROLE_NONE] = "none",
    [ROLE_VIEWER] = "viewer",
    [ROLE_EDITOR] = "editor",
    [ROLE_OWNER] = "owner",
};

#define ROLES (sizeof(role_names) / sizeof(role_names[0]))

const char *role_name(enum role role)
{
    return role_names[role];
}

enum err role_parse(struct slice text, enum role *out)
{
    for (size_t i = 0; i < ROLES; i++) {
        if (!slice_eq(text, slice_str(role_names[i])))
            continue;
        *out = (enum role)i;
        return ERR_OK;
    }
    return ERR_INVALID;
}

/* ---- grants --------------------------------------------------------------------------------- */

enum role user_role(const struct user *user, struct slice site)
{
    enum role most = ROLE_NONE;

    for (size_t i = 0; i < user->grant_count; i++) {
        const struct grant *grant = &user->grants[i];
        struct slice granted = slice_str(grant->site);

        if ((slice_eq(granted, site) || slice_eq(granted, SLICE("*"))) && grant->role > most)
            most = grant->role;
    }
    return most;
}

const struct user *user_find(const struct user *users, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(users[i].id, id) == 0)
            return &users[i];
    }
    return NULL;
}

bool user_is_admin(const struct user *user)
{
    return user_role(user, SLICE("*")) == ROLE_OWNER;
}

bool user_site_is_sound(struct slice site)
{
    if (slice_eq(site, SLICE("*")))
        return true;
    for (size_t i = 0; i < site.len; i++) {
        char c = site.ptr[i];

        if (!(c >= 'a' && c <= 'z') && !ascii_is_digit(c) && c != '-' && c != '_')
            return false;
    }
    return site.len > 0 && site.len <= USER_MAX_SITE;
}

static struct grant *find_grant(struct user *user, struct slice site)
{
    for (size_t i = 0; i < user->grant_count; i++) {
        if (slice_eq(slice_str(user->grants[i].site), site))
            return &user->grants[i];
    }
    return NULL;
}

static void drop_grant(struct user *user, struct grant *grant)
{
    size_t behind = (size_t)(&user->grants[user->grant_count] - (grant + 1));

    memmove(grant, grant + 1, behind * sizeof(*grant));
    user->grant_count--;
}

enum err user_grant(struct user *user, struct slice site, enum role role)
{
    struct grant *grant = find_grant(user, site);

    if (!user_site_is_sound(site))
        return ERR_INVALID;
    if (role == ROLE_NONE) {
        if (grant)
            drop_grant(user, grant);
        return ERR_OK;
    }
    if (!grant) {
        if (user->grant_count == USER_MAX_GRANTS)
            return ERR_INVALID;
        grant = &user->grants[user->grant_count++];
        memcpy(grant->site, site.ptr, site.len);
        grant->site[site.len] = '\0';
    }
    grant->role = role;
    return ERR_OK;
}

void user_drop_factor(struct user *user)
{
    user->has_totp = false;
    sodium_memzero(user->totp, sizeof(user->totp));
    user->totp_len = 0;
    user->totp_step = 0;
    sodium_memzero(user->recovery, sizeof(user->recovery));
    user->recovery_count = 0;
}

/* ---- ids and keys --------------------------------------------------------------------------- */

void user_make_id(char out[static USER_ID_TEXT + 1])
{
    unsigned char bytes[USER_ID_TEXT / 2];

    random_bytes(bytes, sizeof(bytes));
    (void)sodium_bin2hex(out, USER_ID_TEXT + 1, bytes, sizeof(bytes));
}

bool user_id_is_sound(struct slice id)
{
    for (size_t i = 0; i < id.len; i++) {
        if (!ascii_is_digit(id.ptr[i]) && !(id.ptr[i] >= 'a' && id.ptr[i] <= 'f'))
            return false;
    }
    return id.len == USER_ID_TEXT;
}

struct slice user_key(struct slice id, char room[static USER_KEY_BYTES])
{
    return slice_of(room,
                    (size_t)snprintf(room, USER_KEY_BYTES, "user/accounts/%.*s", SLICE_ARG(id)));
}

struct slice user_email_key(struct slice email_in_lower_case, char room[static USER_KEY_BYTES])
{
    unsigned char hash[crypto_generichash_BYTES];
    char text[sodium_base64_ENCODED_LEN(sizeof(hash), sodium_base64_VARIANT_URLSAFE_NO_PADDING)];

    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)email_in_lower_case.ptr,
                             email_in_lower_case.len, NULL, 0);
    (void)sodium_bin2base64(text, sizeof(text), hash, sizeof(hash),
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return slice_of(room, (size_t)snprintf(room, USER_KEY_BYTES, "email/accounts/%s", text));
}
