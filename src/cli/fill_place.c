#include "cli/fill_place.h"

#include <sodium.h>

#include "base/random.h"
#include "count/bucket.h"
#include "count/settings_key.h"

/* ---- reading -------------------------------------------------------------------------------- */

struct reading {
    struct db_session *session;
    struct fill_place *place;
    struct slice id;
    struct err_info *info;
    size_t pending;
    enum err err;
};

static enum err take_site(struct reading *reading, const struct record *record)
{
    struct fill_place *place = reading->place;

    if (record->version != RECORD_ABSENT)
        return site_decode(record->value, &place->settings, reading->info);
    if (!slice_eq(reading->id, SLICE(SITE_DEFAULT))) {
        err_info_set(reading->info, "there is no site \"%.*s\"", SLICE_ARG(reading->id));
        return ERR_NOT_FOUND;
    }
    place->settings = site_default();
    return place->settings ? ERR_OK : ERR_NO_MEMORY;
}

static void on_records(void *ctx, enum err err, const struct record *records, size_t count)
{
    struct reading *reading = ctx;

    reading->err = err;
    if (err == ERR_OK && count == 2) {
        reading->place->version = records[0].version;
        reading->err = take_site(reading, &records[1]);
    }
    db_told(reading->session, &reading->pending);
}

static enum err read_records(struct reading *reading, struct store *store)
{
    unsigned shard = store_shard_of(store, reading->id);
    char settings[SETTINGS_KEY_BYTES];
    char site[SITE_KEY_BYTES];
    const struct slice keys[2] = {settings_key(store, shard, settings),
                                  site_key(reading->id, site)};

    do {
        reading->err = ERR_UNAVAILABLE;
        err_info_set(reading->info, "the store does not answer");
        reading->pending = store_read(store, shard, keys, 2, on_records, reading) ? 1 : 0;
        while (reading->pending > 0) /* it ends by its own deadline */
            loop_run(&reading->session->loop);
    } while (reading->err == ERR_UNAVAILABLE && db_pause(reading->session));
    return reading->err;
}

enum err fill_place_read(struct db_session *session, struct store *store, struct slice id,
                         struct fill_place *out, struct err_info *info)
{
    struct reading reading = {.session = session, .place = out, .id = id, .info = info};
    enum err err;

    *out = (struct fill_place){.day = -1};
    err = read_records(&reading, store);
    if (err == ERR_OK)
        err = zone_open(out->settings->zone, &out->zone, info);
    if (err == ERR_OK)
        return ERR_OK;
    return err == ERR_NOT_FOUND || err == ERR_NO_MEMORY || err == ERR_UNAVAILABLE ? err
                                                                                  : ERR_CONFIG;
}

void fill_place_fini(struct fill_place *place)
{
    site_destroy(place->settings);
    zone_close(place->zone);
    sodium_memzero(place, sizeof(*place));
}

/* ---- days ----------------------------------------------------------------------------------- */

static void begin_day(struct fill_place *place, int32_t day)
{
    place->day = day;
    memcpy(place->salt_before, place->salt, SALT_BYTES);
    random_bytes(place->salt, SALT_BYTES);
}

void fill_place_at(struct fill_place *place, int64_t unix_s, struct site_now *out, bool *is_new_day)
{
    *out = (struct site_now){.settings = place->settings, .version = place->version};
    moment_of(place->zone, unix_s, &out->moment);
    *is_new_day = out->moment.day != place->day;
    if (*is_new_day)
        begin_day(place, out->moment.day);
    out->salt = place->salt;
    if (unix_s - bucket_start_unix_s(place->zone, place->day) < VISIT_GAP_S)
        out->salt_before = place->salt_before;
}
