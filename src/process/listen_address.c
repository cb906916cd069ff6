#include "process/listen_address.h"

static const char *const no_port_hint = "an address is HOST:PORT, [IPV6]:PORT or unix:/PATH";

static enum err parse_unix(struct slice path, struct listen_address *out, struct err_info *info)
{
    if (path.len == 0 || path.len >= sizeof(out->path) || memchr(path.ptr, '\0', path.len)) {
        err_info_set(info, "the path of a unix socket has 1 to %d bytes", LISTEN_MAX_PATH - 1);
        return ERR_INVALID;
    }
    *out = (struct listen_address){.is_unix = true};
    memcpy(out->path, path.ptr, path.len);
    return ERR_OK;
}

static bool parse_port(struct slice text, uint16_t *out)
{
    unsigned port = 0;

    if (text.len == 0 || text.len > 5)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        port = port * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *out = (uint16_t)port;
    return port <= UINT16_MAX;
}

/* Letters, digits, and what names and addresses are made of; the resolver judges the rest. */
static bool is_host(struct slice host)
{
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (c == '\0')
            return false;
        if (!is_letter && !(c >= '0' && c <= '9') && !strchr(".-_:%", c))
            return false;
    }
    return host.len < LISTEN_MAX_HOST;
}

enum err listen_address_parse(struct slice text, struct listen_address *out, struct err_info *info)
{
    struct listen_address address = {0};
    const char *colon;
    struct slice host;

    if (slice_starts_with(text, SLICE("unix:")))
        return parse_unix(slice_from(text, 5), out, info);
    colon = text.len > 0 ? memrchr(text.ptr, ':', text.len) : NULL;
    if (!colon) {
        err_info_set(info, "%s", no_port_hint);
        return ERR_INVALID;
    }
    host = slice_of(text.ptr, (size_t)(colon - text.ptr));
    if (!parse_port(slice_from(text, host.len + 1), &address.port)) {
        err_info_set(info, "a port is a number from 0 to 65535");
        return ERR_INVALID;
    }
    if (host.len >= 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = slice_of(host.ptr + 1, host.len - 2);
    else if (memchr(host.ptr, ':', host.len))
        host = SLICE("?"); /* an IPv6 address without brackets: where would its port begin? */
    if (slice_eq(host, SLICE("*")) || slice_eq(host, SLICE("::")))
        host = SLICE("");
    if (!is_host(host)) {
        err_info_set(info, "%s", no_port_hint);
        return ERR_INVALID;
    }
    memcpy(address.host, host.ptr, host.len);
    *out = address;
    return ERR_OK;
}
