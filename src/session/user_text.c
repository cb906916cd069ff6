/* Which users may be. */
#include "base/ascii.h"
#include "base/utf8.h"
#include "session/user.h"

static enum err refuse(struct err_info *info, const char *why)
{
    err_info_set(info, "%s", why);
    return ERR_INVALID;
}

static bool has_one_at_within(struct slice text)
{
    const char *at = memchr(text.ptr, '@', text.len);
    const char *end = text.ptr + text.len;

    return at && at > text.ptr && at + 1 < end && !memchr(at + 1, '@', (size_t)(end - at - 1));
}

enum err user_email_check(struct slice text, char out[static USER_MAX_EMAIL + 1],
                          struct err_info *info)
{
    if (text.len > USER_MAX_EMAIL)
        return refuse(info, "an e-mail address has at most 254 bytes");
    if (text.len == 0 || !has_one_at_within(text))
        return refuse(info, "an e-mail address is like somebody@example.org");
    if (!utf8_is_clean(text) || memchr(text.ptr, ' ', text.len))
        return refuse(info, "an e-mail address is UTF-8 without spaces and control characters");
    for (size_t i = 0; i < text.len; i++)
        out[i] = ascii_lower(text.ptr[i]);
    out[text.len] = '\0';
    return ERR_OK;
}

enum err user_name_check(struct slice text, struct err_info *info)
{
    if (text.len > USER_MAX_NAME)
        return refuse(info, "a name has at most 100 bytes");
    if (text.len > 0 && !utf8_is_clean(text))
        return refuse(info, "a name is UTF-8 without control characters");
    return ERR_OK;
}

static bool language_is_sound(struct slice language)
{
    for (size_t i = 0; i < language.len; i++) {
        char c = language.ptr[i];

        if (!ascii_is_letter(c) && !ascii_is_digit(c) && c != '-')
            return false;
    }
    return true;
}

static bool has_sound_grants(const struct user *user)
{
    if (user->grant_count > USER_MAX_GRANTS)
        return false;
    for (size_t i = 0; i < user->grant_count; i++) {
        if (!user_site_is_sound(slice_str(user->grants[i].site)))
            return false;
    }
    return true;
}

static bool has_sound_factors(const struct user *user)
{
    return user->recovery_count <= RECOVERY_CODES && user->totp_step >= 0 &&
           (!user->has_totp || (user->totp_len > 0 && user->totp_len <= sizeof(user->totp)));
}

enum err user_check(const struct user *user, struct err_info *info)
{
    char email[USER_MAX_EMAIL + 1];
    enum err err = user_email_check(slice_str(user->email), email, info);

    if (err == ERR_OK && !slice_eq(slice_str(email), slice_str(user->email)))
        err = refuse(info, "an e-mail address is kept in lower case");
    if (err == ERR_OK)
        err = user_name_check(slice_str(user->name), info);
    if (err != ERR_OK)
        return err;
    if (!language_is_sound(slice_str(user->language)))
        return refuse(info, "a language is like de or pt-BR");
    if (!has_sound_grants(user))
        return refuse(info, "a role is for the id of a site, or for *");
    if (!user_id_is_sound(slice_str(user->id)) || user->created_s < 0 || user->password_s < 0 ||
        !has_sound_factors(user))
        return refuse(info, "there is no such user");
    return ERR_OK;
}
