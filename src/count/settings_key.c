#include "count/settings_key.h"

#include <stdio.h>

struct slice settings_key(const struct store *store, unsigned shard,
                          char out[static SETTINGS_KEY_BYTES])
{
    struct slice key = SLICE("");

    for (unsigned n = 0; key.len == 0 || store_shard_of(store, record_owner(key)) != shard; n++)
        key = slice_of(out, (size_t)snprintf(out, SETTINGS_KEY_BYTES, "settings/%u", n));
    return key;
}

static struct slice join(struct slice kind, struct slice name, char *out)
{
    memcpy(out, kind.ptr, kind.len);
    memcpy(out + kind.len, name.ptr, name.len);
    return slice_of(out, kind.len + name.len);
}

struct slice site_key(struct slice id, char out[static SITE_KEY_BYTES])
{
    return join(SLICE("site/"), id, out);
}

struct slice domain_key(struct slice host, char out[static DOMAIN_KEY_BYTES])
{
    return join(SLICE("domain/"), host, out);
}
