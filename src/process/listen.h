/**
 * Listening sockets. The process that starts first opens them once, before it forks; all workers
 * accept from the same ones, so a connection that waits in the kernel's queue belongs to no worker
 * and outlives them all.
 *
 * All descriptors are close-on-exec and non-blocking from birth.
 */
#ifndef FOOTFALL_PROCESS_LISTEN_H
#define FOOTFALL_PROCESS_LISTEN_H

#include <sys/types.h>

#include "process/listen_address.h"

/** One setting may give several: localhost is 127.0.0.1 and ::1. */
#define LISTEN_MAX_SOCKETS 32

/** "[IPV6]:PORT", or "unix:PATH". */
#define LISTEN_MAX_TEXT 128

struct listener {
    int fd;                        /* -1 when closed */
    char address[LISTEN_MAX_TEXT]; /* as bound: "127.0.0.1:8080", "unix:/run/footfall.sock" */
    char url[LISTEN_MAX_TEXT];     /* for people: "http://localhost:8080" */
    char path[LISTEN_MAX_PATH];    /* the unix socket file that we made; else empty */
    dev_t device;                  /* of that file, to know it again */
    ino_t inode;
};

struct listeners {
    struct listener list[LISTEN_MAX_SOCKETS];
    unsigned count;
    bool inherited; /* from the service manager: not ours to remove */
};

/**
 * Opens, binds and listens. A unix socket whose server is gone is replaced, gets mode 0660.
 *
 * @param addresses  as in settings, see listen_address.h; at least one
 * @param out        written on success; end with listeners_close() and listeners_remove()
 * @return           ERR_BUSY: an address is in use; ERR_CONFIG: it is not one of this machine, or
 *                   wrong; ERR_UNAVAILABLE: anything else. `info` names the address
 */
enum err listeners_open(struct listeners *out, const char *const *addresses, unsigned count,
                        struct err_info *info) MUST_CHECK;

/**
 * Takes the sockets that a service manager opened (socket activation, sd_listen_fds(3)), and
 * removes the variables that told of them.
 *
 * @param out  count 0 when there are none
 * @return     ERR_CONFIG when what was passed is no listening stream socket
 */
enum err listeners_inherit(struct listeners *out, struct err_info *info) MUST_CHECK;

/** Closes this process' descriptors; others' copies go on. May be called twice. */
void listeners_close(struct listeners *listeners);

/** Removes the unix socket files that listeners_open() made, unless somebody else's are there now.
 */
void listeners_remove(const struct listeners *listeners);

/** For listeners_inherit() and listeners_open(): fills in how a bound socket is called. */
void listener_describe(struct listener *listener);

#endif
