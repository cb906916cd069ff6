/**
 * Tells the service manager how we are, by datagrams to $NOTIFY_SOCKET: sd_notify(3). Without that
 * variable nothing happens. No library is needed for these few lines.
 */
#ifndef FOOTFALL_PROCESS_NOTIFY_H
#define FOOTFALL_PROCESS_NOTIFY_H

#include <stdint.h>

/** Serving; also ends a reload. */
void notify_ready(void);

/** Replacing the workers. */
void notify_reloading(void);

void notify_stopping(void);

/** Alive. */
void notify_watchdog(void);

/**
 * How often notify_watchdog() has to be called: half of what the manager allows
 * (sd_watchdog_enabled(3)).
 *
 * @return milliseconds; 0 when nobody waits for it
 */
int64_t notify_watchdog_ms(void);

#endif
