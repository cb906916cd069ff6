/**
 * A site: what is counted together, and how. Its settings are the record site/ID, a JSON object.
 *
 * A site is made by site_create() or site_decode() and changed by site_set(), so its fields are
 * always sound; whether the machine knows its zone too, site_check() says. What the fields are is
 * in one table: site_field.h.
 */
#ifndef FOOTFALL_COUNT_SITE_H
#define FOOTFALL_COUNT_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/address.h"
#include "base/err.h"
#include "base/strbuf.h"
#include "count/web_origin.h"
#include "count/zone.h"

/** The id of the site that is always there. */
#define SITE_DEFAULT     "default"

#define SITE_MAX_ID      64
#define SITE_MAX_NAME    100
#define SITE_MAX_HOSTS   20
#define SITE_MAX_ORIGINS 20
#define SITE_MAX_IGNORED 1000 /* bytes */

/** Longer is no site's record. */
#define SITE_MAX_JSON 16384

/** What may be collected of a hit, besides its page. */
enum site_collect {
    SITE_COLLECT_SOURCE,
    SITE_COLLECT_CAMPAIGN,
    SITE_COLLECT_COUNTRY,
    SITE_COLLECT_LANGUAGE,
    SITE_COLLECT_BROWSER,
    SITE_COLLECT_SYSTEM,
    SITE_COLLECT_DEVICE,
    SITE_COLLECT_SIZE,
    SITE_COLLECT_EVENT,
    SITE_COLLECT_TITLE,
    SITE_COLLECT_COUNT_ /* how many there are; none itself */
};

/** What to do with a hit whose browser asks for privacy. */
enum site_privacy {
    SITE_PRIVACY_IGNORE,     /* as with any other */
    SITE_PRIVACY_NO_VISITOR, /* count the view, and no visitor */
    SITE_PRIVACY_NO_COUNT,   /* count nothing */
};

/** Which numbers of a site everybody may see in its counters. */
enum site_public {
    SITE_PUBLIC_OFF,   /* none */
    SITE_PUBLIC_TOTAL, /* that of the whole site */
    SITE_PUBLIC_PAGES, /* those of its pages, too */
};

/** Who may see the dashboard of a site without logging in, /shared. */
enum site_dashboard {
    SITE_DASHBOARD_OFF,      /* nobody who has no link */
    SITE_DASHBOARD_ON,       /* everybody */
    SITE_DASHBOARD_ANYWHERE, /* everybody, and pages of any other site may have it in a frame */
};

/** All texts are NUL-terminated. */
struct site {
    char id[SITE_MAX_ID + 1];     /* of a-z 0-9 - _; never changes */
    char name[SITE_MAX_NAME + 1]; /* UTF-8 without control characters; may be empty */
    char zone[ZONE_MAX_NAME + 1]; /* whose days its statistics have; the name of one, see zone.h */
    char domains[SITE_MAX_HOSTS][WEB_HOST_MAX + 1]; /* the hosts it is reached by */
    size_t domain_count;
    char origins[SITE_MAX_ORIGINS][WEB_ORIGIN_MAX + 1]; /* whose scripts may count */
    size_t origin_count;                                /* 0: all may */
    unsigned collect;                   /* bit 1 << enum site_collect: it is collected */
    enum site_privacy gpc;              /* Sec-GPC: Global Privacy Control */
    enum site_privacy dnt;              /* DNT: Do Not Track */
    int64_t retention_days;             /* statistics older than that are dropped; 0: none are */
    int64_t page_cap;                   /* pages told apart in a day; what is beyond is (other) */
    int64_t value_cap;                  /* the same, for the values of any other dimension */
    char ignored[SITE_MAX_IGNORED + 1]; /* the set below, as text */
    struct address_set ignored_set;     /* hits from there are not counted */
    int64_t start_value;                /* added to the number that is shown */
    enum site_public public_counters;   /* what counters show to everybody */
    enum site_dashboard public_dashboard;
    int64_t created_unix_s; /* 0: it was always there */
};

/**
 * A site with all defaults.
 *
 * @param created_unix_s  from 0 to 10^12
 * @param out             to be freed with site_destroy()
 * @return                ERR_INVALID: no id of a site; ERR_NO_MEMORY
 */
enum err site_create(struct slice id, int64_t created_unix_s, struct site **out,
                     struct err_info *info) MUST_CHECK;

/** The site SITE_DEFAULT as it is without a record; NULL without memory. */
struct site *site_default(void);

/** A copy; NULL without memory. */
struct site *site_dup(const struct site *site);

/** NULL is fine. */
void site_destroy(struct site *site);

/**
 * Reads a record. Fields that are missing have their defaults; ones that are not known are ignored:
 * a later version may have written them.
 *
 * @param json  any bytes, checked here
 * @param info  the first thing that is wrong, a whole sentence
 * @return      ERR_INVALID: over SITE_MAX_JSON bytes, no JSON object, without an id, or a field
 * that is wrong; ERR_NO_MEMORY
 */
enum err site_decode(struct slice json, struct site **out, struct err_info *info) MUST_CHECK;

/** Appends the record, at most SITE_MAX_JSON bytes. ERR_NO_MEMORY, also when `out` has no room. */
enum err site_encode(const struct site *site, struct strbuf *out) MUST_CHECK;

/**
 * Changes one field, as in `footfall site set ID KEY=VALUE`.
 *
 * @param value  a number, a word, or a list by commas; any bytes, checked here
 * @param info   what is wrong, a whole sentence that names the key
 * @return       ERR_NOT_FOUND: there is no such field; ERR_INVALID: the value is wrong, or the
 * field cannot be changed. The site is as it was then
 */
enum err site_set(struct site *site, struct slice key, struct slice value,
                  struct err_info *info) MUST_CHECK;

/** Opens what a site needs of this machine, its zone: an error of zone_open(). */
enum err site_check(const struct site *site, struct err_info *info) MUST_CHECK;

/** True when scripts of pages with this origin may count: any, when none are listed.
 *  @param origin  the field Origin, any bytes */
bool site_allows_origin(const struct site *site, struct slice origin);

/** True when everybody may see the number of the whole site, or of one of its pages. */
bool site_public_shows(enum site_public shown, bool is_page);

/** True when the site is to be found by this host: it is one of its domains, "www." left aside.
 *  @param host  of web_host_bare() */
bool site_has_host(const struct site *site, struct slice host);

static inline bool site_collects(const struct site *site, enum site_collect what)
{
    return (site->collect & 1U << what) != 0;
}

#endif
