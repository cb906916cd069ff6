/**
 * The addresses that browsers send, of pages and of referrers, taken apart (RFC 3986, section 3):
 *
 *     https://user@www.Example.com:8080/a?b=c#d
 *     scheme       host                rest
 *
 * Nothing is decoded, and all parts are borrowed. User, password and port are left out: nobody is
 * counted by them.
 */
#ifndef FOOTFALL_COUNT_URL_H
#define FOOTFALL_COUNT_URL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

/** The longest name of a host (RFC 1035, section 2.3.4), in the text form without its last dot. */
#define URL_MAX_HOST 253

struct url {
    struct slice scheme; /* as sent, without "://" */
    struct slice host;   /* as sent, in any case; empty when it is none, see url_host() */
    struct slice rest;   /* what follows the authority: begins with '/', '?' or '#', or is empty */
};

/** Takes `text` apart; false, with nothing written, when it does not begin with SCHEME://. */
bool url_split(struct slice text, struct url *out);

/** True when `scheme` is http or https, in any case. */
bool url_is_web(struct slice scheme);

/**
 * The host that `text` begins with: [USER[:PASSWORD]@]HOST[:PORT], up to a slash, '?' or '#'.
 *
 * @param rest  what follows that; may be NULL
 * @return      a name of labels made of letters, digits, '-' and '_' (names in other scripts come
 *              as punycode), an IPv4 address, or an IPv6 address in brackets; without the dot at
 *              the end of a full name. Empty when there is none
 */
struct slice url_host(struct slice text, struct slice *rest);

/**
 * Puts a host into lower case.
 *
 * @param out  borrowed from `host` when it is so already; else in `arena`
 * @return     ERR_OK or ERR_NO_MEMORY
 */
enum err url_lower(struct slice host, struct arena *arena, struct slice *out) MUST_CHECK;

/**
 * Without "www." and the like for other devices ("m.", "amp.") and for links that leave ("l."),
 * as long as a name that could be somebody's is left: "m.example.com" but not "m.me" or "m.co.uk".
 *
 * @param host  in lower case
 */
struct slice url_fold_host(struct slice host);

#endif
