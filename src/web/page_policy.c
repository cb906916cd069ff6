#include "web/page_policy.h"

#include <sodium.h>
#include <stdio.h>

static struct slice between(struct slice text, struct slice before, struct slice after)
{
    const char *start = memmem(text.ptr, text.len, before.ptr, before.len);
    const char *end = memmem(text.ptr, text.len, after.ptr, after.len);

    return slice_of(start + before.len, (size_t)(end - start) - before.len);
}

#define SCRIPT_POLICY                                                                              \
    " script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'; trusted-types "   \
    "'none';"

void page_policy_make(struct slice page, unsigned parts, char out[static PAGE_POLICY_BYTES])
{
    struct slice style = between(page, SLICE("<style>"), SLICE("</style>"));
    unsigned char hash[crypto_hash_sha256_BYTES];
    char base64[64];

    crypto_hash_sha256(hash, (const unsigned char *)style.ptr, style.len);
    sodium_bin2base64(base64, sizeof(base64), hash, sizeof(hash), sodium_base64_VARIANT_ORIGINAL);
    (void)snprintf(out, PAGE_POLICY_BYTES,
                   "Content-Security-Policy: default-src 'none';%s style-src 'sha256-%s'; img-src "
                   "'self' data:; base-uri 'none'; form-action %s; frame-ancestors 'none'\r\n",
                   parts & PAGE_HAS_SCRIPT ? SCRIPT_POLICY : "", base64,
                   parts & PAGE_HAS_FORMS ? "'self'" : "'none'");
}
