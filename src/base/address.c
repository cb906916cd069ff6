#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>

/* The longest text form, with brackets, zone and port, is shorter than this. */
#define MAX_TEXT 96

static const unsigned char mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static struct address from_ipv4(const void *four_bytes)
{
    struct address address = {0};

    memcpy(address.bytes, mapped_prefix, sizeof(mapped_prefix));
    memcpy(address.bytes + sizeof(mapped_prefix), four_bytes, 4);
    return address;
}

struct address address_from_sockaddr(const struct sockaddr *sa)
{
    struct address address = {0};
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (sa->sa_family == AF_INET) {
        memcpy(&in, sa, sizeof(in));
        return from_ipv4(&in.sin_addr);
    }
    if (sa->sa_family == AF_INET6) {
        memcpy(&in6, sa, sizeof(in6));
        memcpy(address.bytes, &in6.sin6_addr, sizeof(address.bytes));
        return address;
    }
    address.is_unix = true;
    return address;
}

/* What inet_pton knows, whole: no NUL hides what follows it. */
static bool parse_bare(struct slice text, struct address *out)
{
    char copy[MAX_TEXT];
    unsigned char bytes[16];

    if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.ptr, '\0', text.len))
        return false;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (inet_pton(AF_INET, copy, bytes) == 1) {
        *out = from_ipv4(bytes);
        return true;
    }
    if (inet_pton(AF_INET6, copy, bytes) != 1)
        return false;
    *out = (struct address){0};
    memcpy(out->bytes, bytes, sizeof(bytes));
    return true;
}

static bool has(struct slice text, char c)
{
    return text.len > 0 && memchr(text.ptr, c, text.len);
}

/* What stands in the brackets that `text` begins with, and behind them. Only IPv6 does. */
static bool split_brackets(struct slice text, struct slice *host, struct slice *tail)
{
    struct slice inside = slice_from(text, 1);
    const char *end = memchr(inside.ptr, ']', inside.len);

    if (!end)
        return false;
    *host = slice_of(inside.ptr, (size_t)(end - inside.ptr));
    *tail = slice_from(inside, host->len + 1);
    return has(*host, ':');
}

/* Cuts `text` into the host, without its brackets, and what follows it. */
static bool split(struct slice text, struct slice *host, struct slice *tail)
{
    const char *colon = memchr(text.ptr, ':', text.len);

    if (text.ptr[0] == '[')
        return split_brackets(text, host, tail);
    *host = text;
    /* A single colon ends an IPv4 address; more of them are IPv6's own. */
    if (colon && !has(slice_from(text, (size_t)(colon + 1 - text.ptr)), ':'))
        host->len = (size_t)(colon - text.ptr);
    *tail = slice_from(text, host->len);
    return true;
}

/* Nothing, or a colon and one to five digits. */
static bool is_port(struct slice tail)
{
    if (tail.len == 0)
        return true;
    if (tail.ptr[0] != ':' || tail.len < 2 || tail.len > 6)
        return false;
    for (size_t i = 1; i < tail.len; i++) {
        if (tail.ptr[i] < '0' || tail.ptr[i] > '9')
            return false;
    }
    return true;
}

/* Takes off IPv6's %zone, which means nothing on another machine (RFC 4007, section 11.2). */
static bool drop_zone(struct slice *host)
{
    const char *percent = memchr(host->ptr, '%', host->len);
    size_t len = percent ? (size_t)(percent - host->ptr) : host->len;
    bool is_sound = !percent || (len + 1 < host->len && has(slice_of(host->ptr, len), ':'));

    host->len = len;
    return is_sound;
}

bool address_parse(struct slice text, struct address *out)
{
    struct slice host;
    struct slice tail;

    return text.len > 0 && split(text, &host, &tail) && is_port(tail) && drop_zone(&host) &&
           parse_bare(host, out);
}

static bool parse_prefix(struct slice text, unsigned max, unsigned *out)
{
    unsigned bits = 0;

    if (text.len == 0 || text.len > 3)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        bits = bits * 10 + (unsigned)(text.ptr[i] - '0');
    }
    *out = bits;
    return bits <= max;
}

static bool parse_network(struct slice text, struct address_network *out)
{
    const char *slash = memchr(text.ptr, '/', text.len);
    struct slice host = slash ? slice_of(text.ptr, (size_t)(slash - text.ptr)) : text;
    bool is_ipv4 = !memchr(host.ptr, ':', host.len);
    struct address_network network = {.prefix_bits = 128};

    if (!parse_bare(host, &network.address))
        return false;
    if (slash) {
        struct slice bits = slice_from(text, host.len + 1);

        if (!parse_prefix(bits, is_ipv4 ? 32 : 128, &network.prefix_bits))
            return false;
        if (is_ipv4)
            network.prefix_bits += 96;
    }
    *out = network;
    return true;
}

static struct slice trim(struct slice text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = slice_from(text, 1);
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t'))
        text.len--;
    return text;
}

enum err address_set_parse(struct slice text, struct address_set *out, struct err_info *info)
{
    struct address_set set = {0};

    if (slice_eq(trim(text), SLICE("none"))) {
        *out = set;
        return ERR_OK;
    }
    while (text.len > 0) {
        const char *comma = memchr(text.ptr, ',', text.len);
        size_t len = comma ? (size_t)(comma - text.ptr) : text.len;
        struct slice item = trim(slice_of(text.ptr, len));

        text = slice_from(text, comma ? len + 1 : len);
        if (slice_eq(item, SLICE("unix"))) {
            set.has_unix = true;
            continue;
        }
        if (set.count == ADDRESS_MAX_NETWORKS || item.len == 0 ||
            !parse_network(item, &set.networks[set.count])) {
            err_info_set(info, "\"%.*s\" is not an address or network, as 10.0.0.0/8, ::1 or unix",
                         item.len > 64 ? 64 : (int)item.len, item.ptr);
            return ERR_INVALID;
        }
        set.count++;
    }
    *out = set;
    return ERR_OK;
}

static bool network_has(const struct address_network *network, const struct address *address)
{
    unsigned whole = network->prefix_bits / 8;
    unsigned rest = network->prefix_bits % 8;
    unsigned mask = (0xff00U >> rest) & 0xffU;

    if (memcmp(network->address.bytes, address->bytes, whole) != 0)
        return false;
    return rest == 0 || ((network->address.bytes[whole] ^ address->bytes[whole]) & mask) == 0;
}

bool address_set_has(const struct address_set *set, const struct address *address)
{
    if (address->is_unix)
        return set->has_unix;
    for (size_t i = 0; i < set->count; i++) {
        if (network_has(&set->networks[i], address))
            return true;
    }
    return false;
}
