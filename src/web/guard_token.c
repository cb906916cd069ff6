#include "web/guard_token.h"

#include <sodium.h>

#include "base/ascii.h"
#include "web/answer.h"
#include "web/web.h"

/* The scheme is read in any case, and spaces follow it (RFC 9110, section 11.1). */
static struct slice bearer_of(const struct request *req)
{
    const struct slice scheme = SLICE("Bearer ");
    struct slice field = req->fields[FIELD_AUTHORIZATION];

    if (!field.ptr || field.len < scheme.len ||
        ascii_compare(slice_of(field.ptr, scheme.len), SLICE("bearer ")) != 0)
        return slice_of(NULL, 0);
    return ascii_trim(slice_from(field, scheme.len));
}

/* Hashes are compared, which have one length: so not even that of the token is told. */
static void hash(struct slice text, unsigned char out[static crypto_generichash_BYTES])
{
    crypto_generichash(out, crypto_generichash_BYTES, (const unsigned char *)text.ptr, text.len,
                       NULL, 0);
}

bool token_is_right(const struct request *req)
{
    const struct web *web = req->app;
    struct slice sent = bearer_of(req);
    unsigned char of_sent[crypto_generichash_BYTES];
    unsigned char of_token[crypto_generichash_BYTES];

    if (!web->api_token || !sent.ptr)
        return false;
    hash(sent, of_sent);
    hash(slice_str(web->api_token), of_token);
    return sodium_memcmp(of_sent, of_token, sizeof(of_sent)) == 0;
}

bool token_guard(struct request *req)
{
    const struct web *web = req->app;

    if (token_is_right(req))
        return true;
    if (!web->api_token)
        answer_error(req, 403, "Nobody may use this address: set FOOTFALL_API_TOKEN first.", "");
    else if (!req->fields[FIELD_AUTHORIZATION].ptr)
        answer_error(req, 401, "This address wants the token of FOOTFALL_API_TOKEN.",
                     "WWW-Authenticate: Bearer realm=\"Footfall\"\r\n");
    else
        answer_error(req, 401, "This is not the token of FOOTFALL_API_TOKEN.",
                     "WWW-Authenticate: Bearer realm=\"Footfall\", error=\"invalid_token\"\r\n");
    return false;
}
