#include "http/client_address.h"

#include "http/field.h"

/* No honest chain of proxies is longer; a longer one is not believed. */
#define MAX_HOPS 32

/* Addresses in the order of the field, as text. */
struct hops {
    struct slice text[MAX_HOPS];
    size_t count;
};

static bool add_hop(struct hops *hops, struct slice text)
{
    if (hops->count == MAX_HOPS)
        return false;
    hops->text[hops->count++] = text;
    return true;
}

/* From the last hop back, as long as the one who vouches is trusted. */
static struct address walk(const struct address *peer, const struct hops *hops,
                           const struct address_set *trusted)
{
    struct address address = *peer;

    for (size_t i = hops->count; i > 0 && address_set_has(trusted, &address); i--) {
        if (!address_parse(hops->text[i - 1], &address))
            break;
    }
    return address;
}

/* The last element of a list; the rest keeps what is before it. */
static struct slice take_last(struct slice *rest)
{
    const char *comma = memrchr(rest->ptr, ',', rest->len);
    size_t start = comma ? (size_t)(comma - rest->ptr) + 1 : 0;
    struct slice last = field_trim(slice_from(*rest, start));

    rest->len = comma ? start - 1 : 0;
    return last;
}

static struct address by_x_forwarded_for(const struct address *peer, struct slice value,
                                         const struct address_set *trusted)
{
    struct address address = *peer;

    for (size_t i = 0; i < MAX_HOPS && value.len > 0 && address_set_has(trusted, &address); i++) {
        if (!address_parse(take_last(&value), &address))
            break;
    }
    return address;
}

/* The bytes of a token or a quoted string at the start of `text`, quotes included; 0 for neither.
 */
static size_t value_length(struct slice text)
{
    size_t len = 0;

    if (text.len == 0 || text.ptr[0] != '"') {
        while (len < text.len && !strchr(",; \t\"", text.ptr[len]))
            len++;
        return len;
    }
    for (len = 1; len < text.len && text.ptr[len] != '"'; len++) {
        if (text.ptr[len] == '\\') /* no address needs an escape */
            return 0;
    }
    return len < text.len ? len + 1 : 0;
}

static struct slice unquote(struct slice value)
{
    return value.len >= 2 && value.ptr[0] == '"' ? slice_of(value.ptr + 1, value.len - 2) : value;
}

/* One name=value off the front of `rest`. */
static bool take_pair(struct slice *rest, struct slice *name, struct slice *value)
{
    const char *equals = memchr(rest->ptr, '=', rest->len);
    size_t len;

    if (!equals)
        return false;
    *name = slice_of(rest->ptr, (size_t)(equals - rest->ptr));
    *rest = slice_from(*rest, name->len + 1);
    len = value_length(*rest);
    *value = unquote(slice_of(rest->ptr, len));
    *rest = field_trim(slice_from(*rest, len));
    return len > 0;
}

/* One element, for=…;by=…;proto=…, off the front; its `for` becomes a hop, an empty one without. */
static bool take_element(struct slice *rest, struct hops *hops)
{
    struct slice hop = SLICE("");

    for (;;) {
        struct slice name;
        struct slice value;

        if (!take_pair(rest, &name, &value))
            return false;
        if (field_text_eq(field_trim(name), SLICE("for")))
            hop = value;
        if (rest->len == 0 || rest->ptr[0] != ';')
            return add_hop(hops, hop);
        *rest = slice_from(*rest, 1);
    }
}

static struct address by_forwarded(const struct address *peer, struct slice value,
                                   const struct address_set *trusted)
{
    struct hops hops = {.count = 0};
    struct slice rest = field_trim(value);

    while (rest.len > 0) {
        if (!take_element(&rest, &hops) || (rest.len > 0 && rest.ptr[0] != ','))
            return *peer; /* broken somewhere: where its elements end is not known */
        if (rest.len > 0)
            rest = field_trim(slice_from(rest, 1));
    }
    return walk(peer, &hops, trusted);
}

static bool same(const struct address *a, const struct address *b)
{
    return a->is_unix == b->is_unix && memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

struct address client_address(const struct address *peer, struct slice x_forwarded_for,
                              struct slice forwarded, const struct address_set *trusted)
{
    struct address first;
    struct address second;

    if ((!x_forwarded_for.ptr && !forwarded.ptr) || !address_set_has(trusted, peer))
        return *peer;
    if (!forwarded.ptr)
        return by_x_forwarded_for(peer, x_forwarded_for, trusted);
    second = by_forwarded(peer, forwarded, trusted);
    if (!x_forwarded_for.ptr)
        return second;
    first = by_x_forwarded_for(peer, x_forwarded_for, trusted);
    return same(&first, &second) ? first : *peer;
}

bool client_is_secure(const struct address *peer, struct slice x_forwarded_proto,
                      const struct address_set *trusted)
{
    struct slice element;
    bool is_secure = false;

    if (!x_forwarded_proto.ptr || !address_set_has(trusted, peer))
        return false;
    while (field_list_next(&x_forwarded_proto, &element)) {
        if (!field_text_eq(element, SLICE("https")))
            return false;
        is_secure = true;
    }
    return is_secure;
}
