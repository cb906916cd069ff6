/**
 * The sites in the store: which there are, and how they are changed.
 *
 * A site is its record, site/ID. Beside it stand
 *
 *     domain/HOST   the id of the site that has this domain, "www." left aside; no two sites do
 *     settings/N    one in each shard: settings_key.h
 *
 * A change is one commit where the store has one shard. Where it has more it is several, and each
 * leaves the store in a state that serves:
 *
 *     1  domain/HOST   domains that the site is to get are claimed, for some minutes; those that it
 *                      is to lose are given up
 *     2  site/ID
 *     3  domain/HOST   what was claimed is the site's, for good
 *     4  settings/N    all of them: from now on everybody sees the change
 *
 * A claim alone moves no hit: domain/HOST is only believed when the site itself has the domain.
 * What was interrupted is finished by asking for the same change again.
 */
#ifndef FOOTFALL_COUNT_SITE_STORE_H
#define FOOTFALL_COUNT_SITE_STORE_H

#include "count/site.h"
#include "store/store.h"

struct site_store;
struct site_reading;
struct site_change;

/** @param store  borrowed, outlives it; NULL is returned without memory */
struct site_store *site_store_create(struct store *store, const struct store_env *env);

/** Nobody is told any more; what was being changed may be changed or not. NULL is fine. */
void site_store_destroy(struct site_store *sites);

/** True when nothing is being changed, and nothing that was is in doubt: the process may end. */
bool site_store_is_idle(const struct site_store *sites);

/* ---- reading -------------------------------------------------------------------------------- */

/** A site as it is stored. */
struct stored_site {
    struct slice id;
    struct slice record; /* empty: SITE_DEFAULT, which nobody has changed yet */
    int64_t views;       /* counted so far, without the start value */
};

/**
 * @param err    ERR_OK; ERR_UNAVAILABLE, ERR_NO_MEMORY with none
 * @param sites  in the order of their ids; borrowed for the call
 */
typedef void sites_read_fn(void *ctx, enum err err, const struct stored_site *sites, size_t count);

/** Reads all sites. `done` is called once, never inside this call. NULL without memory, or when too
 * much is in flight. */
struct site_reading *site_store_list(struct site_store *sites, sites_read_fn *done, void *ctx);

/** Reads one: `done` is told it, or none. As above. */
struct site_reading *site_store_find(struct site_store *sites, struct slice id, sites_read_fn *done,
                                     void *ctx);

/** `done` is not called. NULL is fine. */
void site_reading_cancel(struct site_reading *reading);

/** The site itself. ERR_INVALID: its record is none; ERR_NO_MEMORY.
 *  @param out  to be freed with site_destroy() */
enum err stored_site_open(const struct stored_site *stored, struct site **out,
                          struct err_info *info) MUST_CHECK;

/* ---- changing ------------------------------------------------------------------------------- */

/**
 * Says what a site is to be. May be called again, when somebody else has changed it meanwhile.
 *
 * @param now   the site as it is; NULL: it is not there
 * @param out   NULL so far: it is to be removed, with all that was counted for it. Else what it is
 * to be, made by site_create() or site_dup(), with the same id; owned by the caller then
 * @param info  why not
 * @return      anything but ERR_OK ends the change
 */
typedef enum err site_edit_fn(void *ctx, const struct site *now, struct site **out,
                              struct err_info *info);

/** What came of a change. All of it is borrowed for the length of the callback. */
struct site_outcome {
    enum err err;              /* ERR_OK; what the edit returned; ERR_INVALID: a domain belongs to
                                  another site; ERR_UNAVAILABLE: ask again, it may be half done;
                                  ERR_BUSY: others change sites at the same moment, ask again;
                                  ERR_NO_MEMORY */
    const char *why;           /* of an error, a sentence; may be empty */
    const struct site *before; /* NULL: it was not there */
    const struct site *after;  /* NULL: it is removed; SITE_DEFAULT is then as if it were new */
    int64_t views;             /* that were counted for it before */
};

typedef void site_changed_fn(void *ctx, const struct site_outcome *outcome);

/**
 * Changes, adds or removes a site. Changes are made one after the other.
 *
 * @param id    of a site; copied
 * @param done  called once, never inside this call
 * @return      for site_change_cancel(); NULL without memory
 */
struct site_change *site_store_change(struct site_store *sites, struct slice id, site_edit_fn *edit,
                                      void *edit_ctx, site_changed_fn *done, void *ctx);

/** `done` is not called, and neither is the edit any more. NULL is fine. */
void site_change_cancel(struct site_change *change);

#endif
