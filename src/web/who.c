/* What handlers ask of who was let in: admission.h. */
#include <sodium.h>

#include "web/admission.h"
#include "web/web.h"

bool who_may(const struct who *who, struct slice site, enum role role)
{
    switch (who->kind) {
    case WHO_USER:
        return user_role(&who->user, site) >= role;
    case WHO_PROGRAM:
        return slice_eq(slice_str(who->token.site), SLICE("*")) ||
               slice_eq(slice_str(who->token.site), site);
    case WHO_GUEST:
        return role <= ROLE_VIEWER;
    case WHO_VISITOR:
        return role <= ROLE_VIEWER && slice_eq(who->site, site);
    case WHO_NOBODY:
        break;
    }
    return false;
}

/* Processes have clocks of their own. */
#define CLOCKS_DIFFER_S 60

bool link_is_of_site(const struct api_token *link, const struct site *site)
{
    return strcmp(link->site, site->id) == 0 &&
           link->created_s + CLOCKS_DIFFER_S >= site->created_unix_s;
}

void who_form_token(const struct request *req, char out[static FORM_TOKEN_TEXT + 1])
{
    const struct who *who = admission_who(req);
    const struct web *web = req->app;
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash_state state;

    out[0] = '\0';
    if (who->kind != WHO_USER)
        return;
    /* Only this server and the browser can know it: of one the key, of the other the cookie. */
    (void)crypto_generichash_init(&state, web->identity->vault.key, VAULT_KEY_BYTES, sizeof(hash));
    (void)crypto_generichash_update(&state, (const unsigned char *)"form", 4);
    (void)crypto_generichash_update(&state, (const unsigned char *)who->user.id, USER_ID_TEXT);
    (void)crypto_generichash_update(&state, who->secret.random, sizeof(who->secret.random));
    (void)crypto_generichash_final(&state, hash, sizeof(hash));
    (void)sodium_bin2base64(out, FORM_TOKEN_TEXT + 1, hash, sizeof(hash),
                            sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

bool who_form_token_is(const struct request *req, struct slice text)
{
    char right[FORM_TOKEN_TEXT + 1];

    who_form_token(req, right);
    if (right[0] == '\0')
        return true;
    return text.len == FORM_TOKEN_TEXT && sodium_memcmp(text.ptr, right, FORM_TOKEN_TEXT) == 0;
}

bool request_is_secure(const struct request *req)
{
    const struct web *web = req->app;
    const char *url = web->identity->settings.url;

    return url ? strncmp(url, "https://", 8) == 0 : req->is_secure;
}

struct slice login_cookie_name(const struct request *req)
{
    return request_is_secure(req) ? SLICE("__Host-footfall") : SLICE("footfall");
}
