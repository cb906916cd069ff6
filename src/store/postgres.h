/**
 * The PostgreSQL store: one database, over TCP, TLS or a unix socket.
 *
 *     commits    one connection: commits, registrations, sweeps, checks
 *     reads      another one: records and totals, which so never wait behind a commit
 *     queries    a third one: rollups, names, scans and purges, which take long
 *
 * A commit is one statement and one transaction; see postgres_statement.c, and postgres_schema.h
 * for what is kept where. All connections are libpq's, in pipeline mode, on the loop, which never
 * waits for them: host names are looked up by postgres_resolver.h, and a statement that takes too
 * long is not canceled but left behind with its connection, since libpq's cancel waits.
 *
 * Durability is the server's: it is asked for its settings after each connect and each minute, and
 * with `require=` in the url commits are refused while they are not good enough. With several hosts
 * in the url the one that takes writes is used, also after a fail-over. The process has to ignore
 * SIGPIPE. A pooler in between must keep a session together (pgbouncer: pool_mode=session).
 *
 * The user needs SELECT on footfall_schema, and SELECT, INSERT, UPDATE and DELETE on the other
 * tables footfall_*; to make them the first time, CREATE on the first schema of its search_path.
 */
#ifndef FOOTFALL_STORE_POSTGRES_H
#define FOOTFALL_STORE_POSTGRES_H

#include "store/driver.h"

/** postgres://… and postgresql://…; see postgres_url.h. */
store_open_fn postgres_open;
store_url_check_fn postgres_url_check;

#endif
