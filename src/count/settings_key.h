/**
 * The record that says whether settings changed: one in each shard, its version is drawn anew with
 * every change of any site. A process keeps settings in memory, but reads this record with each
 * batch: when its version is another one, the settings are read again before anything is counted.
 */
#ifndef FOOTFALL_COUNT_SETTINGS_KEY_H
#define FOOTFALL_COUNT_SETTINGS_KEY_H

#include "store/store.h"

/** Its value when some site has a domain, so that hosts have to be looked up; else it is empty.
 * Where there are several shards, one that is not there says nothing: see directory_load.c. */
#define SETTINGS_HAVE_DOMAINS SLICE("domains")

#define SETTINGS_KEY_BYTES    24

/** settings/N with the smallest N that is in this shard. */
struct slice settings_key(const struct store *store, unsigned shard,
                          char out[static SETTINGS_KEY_BYTES]);

/** site/ID */
#define SITE_KEY_BYTES (5 + COUNTER_MAX_SITE)
struct slice site_key(struct slice id, char out[static SITE_KEY_BYTES]);

/** domain/HOST: its value is the id of the site. @param host  at most 253 bytes, in lower case */
#define DOMAIN_MAX_HOST  248
#define DOMAIN_KEY_BYTES (7 + DOMAIN_MAX_HOST)
struct slice domain_key(struct slice host, char out[static DOMAIN_KEY_BYTES]);

#endif
