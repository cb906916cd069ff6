#include "http/proxy_header.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#define V1_MAX_BYTES    107 /* with CRLF: specification, section 2.1 */
#define V2_FIXED_BYTES  16
#define V2_VERSION      2
#define V2_LOCAL        0
#define V2_PROXY        1
#define MAX_PORT_DIGITS 5

static const struct slice v1_signature = SLICE_INIT("PROXY ");
static const struct slice v2_signature = SLICE_INIT("\r\n\r\n\0\r\nQUIT\n");

/* Both have begun alike as far as the shorter one goes. */
static bool may_start_with(struct slice bytes, struct slice prefix)
{
    size_t len = bytes.len < prefix.len ? bytes.len : prefix.len;

    return memcmp(bytes.ptr, prefix.ptr, len) == 0;
}

static struct slice take_word(struct slice *rest)
{
    const char *space = memchr(rest->ptr, ' ', rest->len);
    size_t len = space ? (size_t)(space - rest->ptr) : rest->len;
    struct slice word = slice_of(rest->ptr, len);

    *rest = slice_from(*rest, space ? len + 1 : len);
    return word;
}

static bool is_port(struct slice text)
{
    unsigned number = 0;

    if (text.len == 0 || text.len > MAX_PORT_DIGITS || (text.len > 1 && text.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        number = number * 10 + (unsigned)(text.ptr[i] - '0');
    }
    return number <= UINT16_MAX;
}

/* An address in its bare form: address_parse() alone would take brackets, ports and zones too. */
static bool parse_bare(struct slice text, bool is_ipv6, struct address *out)
{
    static const char digits[] = "0123456789abcdefABCDEF.:";

    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\0' || !strchr(digits, text.ptr[i]))
            return false;
    }
    if ((memchr(text.ptr, ':', text.len) != NULL) != is_ipv6)
        return false;
    return address_parse(text, out);
}

/* "TCP4 source destination port port" */
static enum proxy_header_result parse_v1_line(struct slice line, struct address *source)
{
    struct slice protocol = take_word(&line);
    bool is_ipv6 = slice_eq(protocol, SLICE("TCP6"));
    struct address from;
    struct address to;
    bool are_addresses;

    if (slice_eq(protocol, SLICE("UNKNOWN")))
        return PROXY_HEADER_LOCAL; /* the rest of the line is to be ignored */
    if (!is_ipv6 && !slice_eq(protocol, SLICE("TCP4")))
        return PROXY_HEADER_INVALID;
    are_addresses = parse_bare(take_word(&line), is_ipv6, &from);
    are_addresses = parse_bare(take_word(&line), is_ipv6, &to) && are_addresses;
    if (!are_addresses || !is_port(take_word(&line)) || !is_port(line))
        return PROXY_HEADER_INVALID;
    *source = from;
    return PROXY_HEADER_ADDRESS;
}

static enum proxy_header_result parse_v1(struct slice bytes, struct address *source, size_t *used)
{
    const char *lf = memchr(bytes.ptr, '\n', bytes.len < V1_MAX_BYTES ? bytes.len : V1_MAX_BYTES);
    struct slice line;

    if (!lf)
        return bytes.len < V1_MAX_BYTES ? PROXY_HEADER_MORE : PROXY_HEADER_INVALID;
    line = slice_of(bytes.ptr, (size_t)(lf - bytes.ptr));
    if (line.ptr[line.len - 1] != '\r')
        return PROXY_HEADER_INVALID;
    line.len--;
    *used = line.len + 2;
    return parse_v1_line(slice_from(line, v1_signature.len), source);
}

/* What a version 2 header may carry: family and protocol in one byte, and room for both ends. */
static const struct {
    size_t address_bytes; /* at least; what follows are TLVs, passed over */
    int socket_family;    /* AF_UNSPEC: no address that means anything to us */
    unsigned char family;
} families[] = {
    {0, AF_UNSPEC, 0x00},
    {12, AF_INET, 0x11},
    {36, AF_INET6, 0x21},
    {216, AF_UNIX, 0x31},
};

static struct address address_of(int family, const char *raw)
{
    struct sockaddr_in in = {.sin_family = AF_INET};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct sockaddr other = {.sa_family = AF_UNIX};

    if (family == AF_INET) {
        memcpy(&in.sin_addr, raw, sizeof(in.sin_addr));
        return address_from_sockaddr((const struct sockaddr *)&in);
    }
    if (family == AF_INET6) {
        memcpy(&in6.sin6_addr, raw, sizeof(in6.sin6_addr));
        return address_from_sockaddr((const struct sockaddr *)&in6);
    }
    return address_from_sockaddr(&other);
}

static enum proxy_header_result read_v2_address(struct slice payload, unsigned char family,
                                                struct address *source)
{
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (families[i].family != family)
            continue;
        if (payload.len < families[i].address_bytes)
            return PROXY_HEADER_INVALID;
        if (families[i].socket_family == AF_UNSPEC)
            return PROXY_HEADER_LOCAL;
        *source = address_of(families[i].socket_family, payload.ptr);
        return PROXY_HEADER_ADDRESS;
    }
    return PROXY_HEADER_INVALID;
}

static enum proxy_header_result parse_v2(struct slice bytes, struct address *source, size_t *used)
{
    const unsigned char *raw = (const unsigned char *)bytes.ptr;
    unsigned command;
    size_t length;

    if (bytes.len < V2_FIXED_BYTES)
        return PROXY_HEADER_MORE;
    command = raw[12] & 0x0fU;
    length = (size_t)raw[14] << 8 | raw[15];
    if (raw[12] >> 4 != V2_VERSION || command > V2_PROXY ||
        V2_FIXED_BYTES + length > PROXY_HEADER_MAX_BYTES)
        return PROXY_HEADER_INVALID;
    if (bytes.len < V2_FIXED_BYTES + length)
        return PROXY_HEADER_MORE;
    *used = V2_FIXED_BYTES + length;
    if (command == V2_LOCAL)
        return PROXY_HEADER_LOCAL;
    return read_v2_address(slice_of(bytes.ptr + V2_FIXED_BYTES, length), raw[13], source);
}

enum proxy_header_result proxy_header_parse(struct slice bytes, struct address *source,
                                            size_t *used)
{
    if (bytes.len == 0)
        return PROXY_HEADER_MORE;
    if (may_start_with(bytes, v2_signature))
        return bytes.len < v2_signature.len ? PROXY_HEADER_MORE : parse_v2(bytes, source, used);
    if (may_start_with(bytes, v1_signature))
        return bytes.len < v1_signature.len ? PROXY_HEADER_MORE : parse_v1(bytes, source, used);
    return PROXY_HEADER_INVALID;
}
