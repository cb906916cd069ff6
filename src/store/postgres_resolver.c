#include "store/postgres_resolver.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

/* More hosts than this are left out, and more addresses of one. */
#define MAX_HOSTS     16
#define MAX_ADDRESSES 8

/* Of a name (RFC 1035, section 2.3.4), or the path of a socket's folder. */
#define HOST_BYTES 256

#define LIST_BYTES 32768

struct host {
    char name[HOST_BYTES];
    char address[HOST_BYTES]; /* hostaddr of the url; empty: to be looked up */
    char port[8];             /* empty: the default */
};

struct postgres_resolver {
    uv_loop_t *loop;
    uv_getaddrinfo_t request;
    uv_timer_t later; /* done is called from there */
    postgres_resolved_fn *done;
    void *ctx;
    struct host hosts[MAX_HOSTS];
    size_t host_count;
    size_t first;       /* of the hosts, where the lists begin */
    size_t step;        /* so many hosts are done */
    size_t place_count; /* in the lists */
    bool is_looking;    /* the thread pool has `request` */
    bool is_canceled;   /* nobody listens any more */
    struct strbuf host_list;
    struct strbuf address_list;
    struct strbuf port_list;
    char reason[160]; /* of the last host that was not found */
};

static void step(struct postgres_resolver *resolver);

static void on_later_closed(uv_handle_t *handle)
{
    struct postgres_resolver *resolver = handle->data;

    strbuf_fini(&resolver->host_list);
    strbuf_fini(&resolver->address_list);
    strbuf_fini(&resolver->port_list);
    free(resolver);
}

static void end(struct postgres_resolver *resolver)
{
    uv_close((uv_handle_t *)&resolver->later, on_later_closed);
}

void postgres_resolver_cancel(struct postgres_resolver *resolver)
{
    if (!resolver)
        return;
    resolver->is_canceled = true;
    if (!resolver->is_looking)
        end(resolver);
    else
        (void)uv_cancel((uv_req_t *)&resolver->request); /* too late is fine: on_found() comes */
}

/* ---- the lists ------------------------------------------------------------------------------ */

/* The part of a list up to the next comma; *list is behind it, or NULL at the end. */
static void take_part(const char **list, char *out, size_t size)
{
    size_t len = *list ? strcspn(*list, ",") : 0;

    (void)snprintf(out, size, "%.*s", (int)len, *list ? *list : "");
    if (*list)
        *list = (*list)[len] == ',' ? *list + len + 1 : NULL;
}

/* libpq has checked that the lists are of one length, or the ports one for all. */
static void split_hosts(struct postgres_resolver *resolver, const struct postgres_target *target)
{
    const char *names = postgres_target_value(target, "host");
    const char *addresses = postgres_target_value(target, "hostaddr");
    const char *ports = postgres_target_value(target, "port");
    bool one_port = !strchr(ports, ',');

    do {
        struct host *host = &resolver->hosts[resolver->host_count++];
        const char *port = ports;

        take_part(&names, host->name, sizeof(host->name));
        take_part(&addresses, host->address, sizeof(host->address));
        take_part(one_port ? &port : &ports, host->port, sizeof(host->port));
    } while ((names || addresses) && resolver->host_count < MAX_HOSTS);
}

/* Adds a host under one of its addresses; empty: a socket, or libpq's default. */
static void add_place(struct postgres_resolver *resolver, const struct host *host,
                      const char *address)
{
    if (resolver->place_count++ > 0) {
        strbuf_append_char(&resolver->host_list, ',');
        strbuf_append_char(&resolver->address_list, ',');
        strbuf_append_char(&resolver->port_list, ',');
    }
    strbuf_append(&resolver->host_list, slice_str(host->name));
    strbuf_append(&resolver->address_list, slice_str(address));
    strbuf_append(&resolver->port_list, slice_str(host->port));
}

static void tell(struct postgres_resolver *resolver)
{
    struct postgres_places places;

    strbuf_append_char(&resolver->host_list, '\0');
    strbuf_append_char(&resolver->address_list, '\0');
    strbuf_append_char(&resolver->port_list, '\0');
    if (resolver->host_list.failed || resolver->address_list.failed || resolver->port_list.failed) {
        resolver->done(resolver->ctx, NULL, "no memory left to connect to PostgreSQL");
        return;
    }
    places = (struct postgres_places){.host = resolver->host_list.ptr,
                                      .hostaddr = resolver->address_list.ptr,
                                      .port = resolver->port_list.ptr};
    if (resolver->place_count > 0)
        resolver->done(resolver->ctx, &places, NULL);
    else
        resolver->done(resolver->ctx, NULL, resolver->reason);
}

static void on_later(uv_timer_t *later)
{
    struct postgres_resolver *resolver = later->data;

    tell(resolver);
    end(resolver);
}

/* ---- looking up ----------------------------------------------------------------------------- */

static struct host *current_host(struct postgres_resolver *resolver)
{
    return &resolver->hosts[(resolver->first + resolver->step) % resolver->host_count];
}

static void fail_host(struct postgres_resolver *resolver, const struct host *host, int status)
{
    (void)snprintf(resolver->reason, sizeof(resolver->reason),
                   "the host %.60s of PostgreSQL is not known: %s", host->name,
                   uv_strerror(status));
}

static void add_found(struct postgres_resolver *resolver, const struct addrinfo *found)
{
    char address[NI_MAXHOST];

    for (size_t i = 0; found && i < MAX_ADDRESSES; found = found->ai_next, i++) {
        if (getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof(address), NULL, 0,
                        NI_NUMERICHOST) == 0)
            add_place(resolver, current_host(resolver), address);
    }
}

static void on_found(uv_getaddrinfo_t *request, int status, struct addrinfo *found)
{
    struct postgres_resolver *resolver = request->data;

    resolver->is_looking = false;
    if (resolver->is_canceled) {
        uv_freeaddrinfo(found);
        end(resolver);
        return;
    }
    if (status < 0)
        fail_host(resolver, current_host(resolver), status);
    add_found(resolver, found);
    uv_freeaddrinfo(found); /* NULL is fine */
    resolver->step++;
    step(resolver);
}

static bool is_name(const struct host *host)
{
    return host->address[0] == '\0' && host->name[0] != '\0' && host->name[0] != '/' &&
           host->name[0] != '@';
}

/* True when a host is being looked up. */
static bool look_up(struct postgres_resolver *resolver, const struct host *host)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    int status =
        uv_getaddrinfo(resolver->loop, &resolver->request, on_found, host->name, NULL, &hints);

    resolver->is_looking = status == 0;
    if (status < 0)
        fail_host(resolver, host, status);
    return resolver->is_looking;
}

static void step(struct postgres_resolver *resolver)
{
    for (; resolver->step < resolver->host_count; resolver->step++) {
        const struct host *host = current_host(resolver);

        if (!is_name(host))
            add_place(resolver, host, host->address);
        else if (look_up(resolver, host))
            return;
    }
    (void)uv_timer_start(&resolver->later, on_later, 0, 0); /* cannot fail */
}

struct postgres_resolver *postgres_resolver_start(uv_loop_t *loop,
                                                  const struct postgres_target *target,
                                                  unsigned first, postgres_resolved_fn *done,
                                                  void *ctx)
{
    struct postgres_resolver *resolver = calloc(1, sizeof(*resolver));

    if (!resolver)
        return NULL;
    resolver->loop = loop;
    resolver->done = done;
    resolver->ctx = ctx;
    resolver->request.data = resolver;
    strbuf_init(&resolver->host_list, LIST_BYTES);
    strbuf_init(&resolver->address_list, LIST_BYTES);
    strbuf_init(&resolver->port_list, LIST_BYTES);
    (void)uv_timer_init(loop, &resolver->later); /* cannot fail */
    resolver->later.data = resolver;
    split_hosts(resolver, target);
    resolver->first = first;
    step(resolver);
    return resolver;
}
