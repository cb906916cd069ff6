/**
 * The directory: the sites as this process knows them, with the salts of their days.
 *
 *     directory_look()  -> known: go on
 *                       -> not known: directory_load(), which reads the store; then look again
 *
 * What is known may be out of date. So each hit carries the version of the settings it was made
 * under (settings_key.h), its batch reads the version that is, and a hit of another one is told
 * ERR_STALE and not counted; then: directory_expire(), and begin again. Salts never change.
 *
 * A site is found by its id, else by the host of the page, else it is SITE_DEFAULT, which is always
 * there.
 */
#ifndef FOOTFALL_COUNT_DIRECTORY_H
#define FOOTFALL_COUNT_DIRECTORY_H

#include "base/err.h"
#include "count/site.h"
#include "count/visitor_key.h"
#include "store/store.h"

/** When more sites, or hosts, are known all are forgotten, and looked up anew. */
#define DIRECTORY_MAX 20000

struct directory;
struct directory_wait;

/** Which site, and when. */
struct site_wish {
    struct slice id;    /* empty: by the host */
    struct slice host;  /* of the page, in lower case; may be empty */
    int64_t unix_s;     /* of the hit */
    int64_t now_unix_s; /* never before `unix_s`; 0: the hit is of this moment */
};

/** A site at a moment. Borrowed from the directory until the loop's turn ends. */
struct site_now {
    const struct site *settings;
    uint64_t version; /* of the settings */
    struct moment moment;
    const unsigned char *salt;        /* of the moment's day; NULL: that is an earlier day than
                                         today, on which nobody is recognised any more */
    const unsigned char *salt_before; /* of the day before; NULL: there was none, or it is over */
};

enum site_found {
    SITE_FOUND,
    SITE_NOT_THERE, /* no site has this id */
    SITE_NOT_KNOWN, /* yet: load it */
};

/** @param store  borrowed, outlives the directory; NULL is returned without memory */
struct directory *directory_create(struct store *store, const struct store_env *env);

/** Nobody who waits is told. NULL is fine. */
void directory_destroy(struct directory *directory);

enum site_found directory_look(struct directory *directory, const struct site_wish *wish,
                               struct site_now *out);

typedef void directory_done_fn(void *ctx, enum err err);

/**
 * Reads what directory_look() did not know.
 *
 * @param wish  copied
 * @param done  called once, never inside this call: ERR_OK: look again; ERR_UNAVAILABLE,
 *              ERR_NO_MEMORY
 * @return      for directory_cancel(); NULL without memory, or when too many are being loaded
 */
struct directory_wait *directory_load(struct directory *directory, const struct site_wish *wish,
                                      directory_done_fn *done, void *ctx);

/** `done` is not called. NULL is fine. */
void directory_cancel(struct directory_wait *wait);

/** Forgets what was read under this version of the settings. */
void directory_expire(struct directory *directory, uint64_t version);

/** Forgets salts of days that ended more than a day ago. Call now and then. */
void directory_forget_salts(struct directory *directory, int64_t unix_s);

/** True when no salt is being made, so that the process may end. */
bool directory_is_idle(const struct directory *directory);

#endif
