/**
 * `footfall serve`: opens the listening sockets and runs the workers.
 */
#ifndef FOOTFALL_PROCESS_SERVE_H
#define FOOTFALL_PROCESS_SERVE_H

#include "base/err.h"
#include "process/config.h"
#include "process/exit_code.h"

/** Serves until told to end. The reason of every failure was said on stderr, in one sentence. */
enum exit_code serve(const struct config *config);

/** @param url  where it serves, for people: "http://localhost:8080" */
typedef void serve_ready_fn(void *ctx, const char *url);

/** As serve(); calls `on_ready` when it serves, instead of greeting. */
enum exit_code serve_telling(const struct config *config, serve_ready_fn *on_ready, void *ctx);

/** Settings that are right one by one and wrong together: ERR_CONFIG with the reason. */
enum err serve_check(const struct config *config, struct err_info *info) MUST_CHECK;

#endif
