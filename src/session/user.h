/**
 * A user of Footfall, as a record: a JSON object.
 *
 *     user/accounts/ID      the user
 *     email/accounts/HASH   the id of the user who has this e-mail
 *     users/accounts        the ids of all users, and who of them are owners of all sites
 *
 * They are in one shard, that of "accounts", so a change of several is one commit.
 */
#ifndef FOOTFALL_SESSION_USER_H
#define FOOTFALL_SESSION_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"
#include "base/strbuf.h"
#include "session/password.h"
#include "session/recovery.h"
#include "session/secret.h"
#include "session/totp.h"
#include "session/vault.h"

#define ACCOUNTS          SLICE("accounts") /* owner of the shard */

#define USER_MAX          500
#define USER_ID_TEXT      SECRET_OWNER_TEXT
#define USER_MAX_EMAIL    254
#define USER_MAX_NAME     100
#define USER_MAX_LANGUAGE 12
#define USER_MAX_GRANTS   64
#define USER_MAX_SITE     64
#define USER_KEY_BYTES    96

/** What a user may do on a site; each may do what those before it may. */
enum role {
    ROLE_NONE,
    ROLE_VIEWER, /* sees the statistics */
    ROLE_EDITOR, /* changes settings of the site */
    ROLE_OWNER,  /* also users and API tokens; of all sites: everything */
};

/** "none", "viewer", "editor", "owner". */
const char *role_name(enum role role);

/** ERR_INVALID. */
enum err role_parse(struct slice text, enum role *out) MUST_CHECK;

struct grant {
    char site[USER_MAX_SITE + 1]; /* "*": all sites, also those that are yet to come */
    enum role role;
};

struct user {
    char id[USER_ID_TEXT + 1]; /* 16 hex digits, random */
    char email[USER_MAX_EMAIL + 1];
    char name[USER_MAX_NAME + 1];
    char language[USER_MAX_LANGUAGE + 1]; /* BCP 47; empty: what the browser asks for */
    char password[PASSWORD_HASH_TEXT];    /* PHC string; empty: no login by password */
    struct grant grants[USER_MAX_GRANTS];
    size_t grant_count;
    bool is_disabled;
    int64_t created_s;
    int64_t password_s; /* when the password was last changed */

    /* The second factor. */
    bool has_totp;
    unsigned char totp[VAULT_MAX_SEALED]; /* sealed for "totp/ID" */
    size_t totp_len;
    int64_t totp_step;                                           /* the last one that was used */
    unsigned char recovery[RECOVERY_CODES][RECOVERY_HASH_BYTES]; /* those not used yet */
    size_t recovery_count;
};

/** What a user may do on a site: the most of the grants for it and for all sites. */
enum role user_role(const struct user *user, struct slice site);

/** True for an owner of all sites: who may look after users. */
bool user_is_admin(const struct user *user);

/** True for the id of a site, and for "*". */
bool user_site_is_sound(struct slice site);

/** Grants a role (ROLE_NONE: takes it away). ERR_INVALID: too many, or no id of a site. */
enum err user_grant(struct user *user, struct slice site, enum role role) MUST_CHECK;

/** The one with this id; NULL: none of them. */
const struct user *user_find(const struct user *users, size_t count, const char *id);

/** Takes the second factor and its recovery codes away. */
void user_drop_factor(struct user *user);

/** One @ with something before and behind it, no spaces or control characters, UTF-8 (not RFC
 * 5322: the mail server decides). Writes it to `out` in lower case (ASCII only). ERR_INVALID */
enum err user_email_check(struct slice text, char out[static USER_MAX_EMAIL + 1],
                          struct err_info *info) MUST_CHECK;
enum err user_name_check(struct slice text, struct err_info *info) MUST_CHECK;

void user_make_id(char out[static USER_ID_TEXT + 1]);
bool user_id_is_sound(struct slice id);

/** Keys of records; they point into `room`. */
struct slice user_key(struct slice id, char room[static USER_KEY_BYTES]);
struct slice user_email_key(struct slice email_in_lower_case, char room[static USER_KEY_BYTES]);
#define USERS_KEY SLICE("users/accounts")

/** ERR_OK when he may be written, and read again. ERR_INVALID: `info` says what is not sound. */
enum err user_check(const struct user *user, struct err_info *info) MUST_CHECK;

/** Appends the JSON; without memory `out` is failed. */
void user_encode(const struct user *user, struct strbuf *out);

/** Reads what user_encode() writes, and nothing else. ERR_INVALID, ERR_NO_MEMORY */
enum err user_decode(struct slice json, struct user *out, struct err_info *info) MUST_CHECK;

#endif
