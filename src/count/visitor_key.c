#include "count/visitor_key.h"

#include <sodium.h>

#include "store/counter.h"

/* Of an address that is mapped IPv4 (RFC 4291, section 2.5.5.2) all of it counts. */
#define NETWORK_BYTES 8

static bool is_ipv4(const struct address *address)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};

    return memcmp(address->bytes, mapped, sizeof(mapped)) == 0;
}

void visitor_key(unsigned char out[static VISITOR_KEY_BYTES],
                 const unsigned char salt[static SALT_BYTES], struct slice site,
                 const struct address *address, const unsigned char agent[static 16])
{
    unsigned char text[sizeof(address->bytes) + 16 + COUNTER_MAX_SITE] = {0};

    memcpy(text, address->bytes, is_ipv4(address) ? sizeof(address->bytes) : NETWORK_BYTES);
    memcpy(text + sizeof(address->bytes), agent, 16);
    memcpy(text + sizeof(address->bytes) + 16, site.ptr, site.len);
    crypto_generichash(out, VISITOR_KEY_BYTES, text, sizeof(address->bytes) + 16 + site.len, salt,
                       SALT_BYTES);
    sodium_memzero(text, sizeof(text));
}

void visitor_key_of_session(unsigned char out[static VISITOR_KEY_BYTES],
                            const unsigned char salt[static SALT_BYTES], struct slice site,
                            struct slice session)
{
    struct address nobody; /* ff…, which is multicast: no client has it */
    unsigned char digest[16];

    memset(&nobody, 0xff, sizeof(nobody.bytes));
    nobody.is_unix = false;
    crypto_generichash(digest, sizeof(digest), (const unsigned char *)session.ptr, session.len,
                       salt, SALT_BYTES);
    visitor_key(out, salt, site, &nobody, digest);
    sodium_memzero(digest, sizeof(digest));
}
