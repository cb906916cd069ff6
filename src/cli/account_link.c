#include "cli/account_link.h"

#include <stdio.h>
#include <string.h>

#include "process/listen_address.h"

static bool is_everywhere(const char *host)
{
    return host[0] == '\0' || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
}

/* Behind a unix socket there is a proxy whose name nobody told. */
static void origin_of(const char *listen, char *out, size_t size)
{
    struct listen_address address;
    bool is_v6;

    if (!listen || listen_address_parse(slice_str(listen), &address, NULL) != ERR_OK ||
        address.is_unix) {
        (void)snprintf(out, size, "http://localhost");
        return;
    }
    is_v6 = strchr(address.host, ':') && !is_everywhere(address.host);
    (void)snprintf(out, size, "http://%s%s%s:%u", is_v6 ? "[" : "",
                   is_everywhere(address.host) ? "localhost" : address.host, is_v6 ? "]" : "",
                   (unsigned)address.port);
}

void account_link(const struct config *config, const char *page, const char *code,
                  char out[static ACCOUNT_LINK_TEXT])
{
    char origin[LISTEN_MAX_HOST + 20];

    origin_of(config->listen_count > 0 ? config->listen[0] : NULL, origin, sizeof(origin));
    (void)snprintf(out, ACCOUNT_LINK_TEXT, "%s/%s?code=%s", config->url ? config->url : origin,
                   page, code);
}
