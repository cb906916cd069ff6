/**
 * Finds the addresses of the hosts of a PostgreSQL url, since libpq itself would wait for them:
 * each host that is a name is looked up in a thread of libuv, one after the other. What comes out
 * are libpq's lists, in which a host with two addresses stands twice:
 *
 *     host      db1,db1,db2,/run/postgresql    for TLS and for the password file
 *     hostaddr  ::1,127.0.0.1,10.0.0.7,        where to connect
 *     port      5432,5432,5433,5432
 */
#ifndef FOOTFALL_STORE_POSTGRES_RESOLVER_H
#define FOOTFALL_STORE_POSTGRES_RESOLVER_H

#include "base/strbuf.h"
#include "store/postgres_url.h"

struct postgres_resolver;
struct uv_loop_s;

/** Each list is NUL-terminated, and empty when libpq's own default is to be used. */
struct postgres_places {
    const char *host;
    const char *hostaddr;
    const char *port;
};

/**
 * @param places  borrowed for the call; NULL: no host is known
 * @param reason  then: a sentence, borrowed for the call
 */
typedef void postgres_resolved_fn(void *ctx, const struct postgres_places *places,
                                  const char *reason);

/**
 * Begins; `done` is called once, on the loop, never inside this call, unless it is canceled.
 *
 * @param first  so many hosts at the front go to the end: those that were silent before
 * @return       the caller's until `done` is called, or until it is canceled; NULL: no memory
 */
struct postgres_resolver *postgres_resolver_start(struct uv_loop_s *loop,
                                                  const struct postgres_target *target,
                                                  unsigned first, postgres_resolved_fn *done,
                                                  void *ctx);

/** NULL is fine. */
void postgres_resolver_cancel(struct postgres_resolver *resolver);

#endif
