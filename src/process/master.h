/**
 * The master: starts workers, starts them again when they die, replaces them one by one, and ends
 * them. It never reads from the network, so nothing that comes from there can reach it.
 *
 *     STARTING -- every worker was ready --> RUNNING -- TERM --> STOPPING -- the last one left -->
 * end
 */
#ifndef FOOTFALL_PROCESS_MASTER_H
#define FOOTFALL_PROCESS_MASTER_H

#include "process/config.h"
#include "process/exit_code.h"
#include "process/listen.h"
#include "process/tables.h"

/**
 * Runs `config->workers` workers until told to end.
 *
 * @param tables    opened anew at a HUP, before the workers are replaced
 * @param on_ready  called once, when all of them serve
 * @return          the exit code of the process (in a worker this never returns)
 */
enum exit_code master_run(const struct config *config, struct tables *tables,
                          struct listeners *listeners, void (*on_ready)(void *ctx), void *ctx);

#endif
