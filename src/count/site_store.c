#include "count/site_store.h"

#include <stdlib.h>

#include "count/site_store_part.h"

struct site_store *site_store_create(struct store *store, const struct store_env *env)
{
    struct site_store *sites = calloc(1, sizeof(*sites));

    if (!sites)
        return NULL;
    sites->store = store;
    sites->env = *env;
    sites->shard_count = store_shard_count(store);
    return sites;
}

void site_store_destroy(struct site_store *sites)
{
    if (!sites)
        return;
    for (unsigned i = 0; i < sites->shard_count; i++)
        writer_destroy(sites->writers[i]);
    while (sites->first) {
        struct site_change *change = sites->first;

        sites->first = change->next;
        site_change_destroy(change);
    }
    while (sites->readings)
        site_reading_destroy(sites->readings);
    free(sites);
}

bool site_store_is_idle(const struct site_store *sites)
{
    for (unsigned i = 0; i < sites->shard_count; i++) {
        if (sites->writers[i] && !writer_is_settled(sites->writers[i]))
            return false;
    }
    return !sites->first;
}

enum err stored_site_open(const struct stored_site *stored, struct site **out,
                          struct err_info *info)
{
    if (stored->record.len > 0 || !slice_eq(stored->id, SLICE(SITE_DEFAULT)))
        return site_decode(stored->record, out, info);
    *out = site_default();
    return *out ? ERR_OK : ERR_NO_MEMORY;
}
