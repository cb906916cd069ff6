#include "count/country_key.h"

/* Of an IPv6 address, 16 bits each. */
#define GROUPS 8
#define NO_GAP (GROUPS + 1)

/* Of a hex digit its value and one more, of all else 0. */
static const unsigned char digits_plus_one[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,  ['7'] = 8,
    ['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static uint64_t big_endian(const unsigned char *bytes, size_t count)
{
    uint64_t value = 0;

    for (size_t i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

struct country_key country_key_of(const struct address *address, enum country_family *family)
{
    struct country_key key = {big_endian(address->bytes, 8), big_endian(address->bytes + 8, 8)};

    *family = key.high == 0 && key.low >> 32 == 0xffff ? COUNTRY_IPV4 : COUNTRY_IPV6;
    if (*family == COUNTRY_IPV4)
        key.low &= UINT32_MAX;
    return key;
}

static bool take_ipv4(struct slice *text, struct country_key *out)
{
    uint64_t value = 0;
    size_t len = 0;

    /* Ten digits are enough for 32 bits and too few for 64. */
    while (len < text->len && len < 10 && text->ptr[len] >= '0' && text->ptr[len] <= '9')
        value = value * 10 + (uint64_t)(text->ptr[len++] - '0');
    *text = slice_from(*text, len);
    *out = (struct country_key){0, value};
    return len > 0 && value <= UINT32_MAX;
}

/* Shifts a group into an address from the right. */
static struct country_key append(struct country_key key, unsigned group)
{
    return (struct country_key){key.high << 16 | key.low >> 48, key.low << 16 | group};
}

/* Takes one to four hex digits off `text`; false when there is none. */
static bool take_group(struct slice *text, struct country_key *key)
{
    unsigned group = 0;
    size_t len = 0;

    /* What most groups are: the ends of ranges are full of them. */
    if (slice_starts_with(*text, SLICE("ffff"))) {
        *text = slice_from(*text, 4);
        *key = append(*key, 0xffff);
        return true;
    }
    for (; len < text->len && len < 4; len++) {
        unsigned digit = digits_plus_one[(unsigned char)text->ptr[len]];

        if (digit == 0)
            break;
        group = group << 4 | (digit - 1);
    }
    *text = slice_from(*text, len);
    *key = append(*key, group);
    return len > 0;
}

static bool take_char(struct slice *text, char c)
{
    if (text->len == 0 || text->ptr[0] != c)
        return false;
    *text = slice_from(*text, 1);
    return true;
}

/* The groups before a gap and those behind it: what "::" stands for is zeros. */
static struct country_key join(struct country_key before, size_t gap, struct country_key behind)
{
    for (size_t i = gap; i < GROUPS; i++)
        before = append(before, 0);
    return (struct country_key){before.high | behind.high, before.low | behind.low};
}

static bool take_ipv6(struct slice *text, struct country_key *out)
{
    struct country_key before_gap = {0, 0};
    struct country_key key = {0, 0};
    size_t gap = NO_GAP;
    size_t count = 0;
    bool is_open = true; /* another group has to follow */

    if (slice_starts_with(*text, SLICE("::"))) {
        *text = slice_from(*text, 2);
        gap = 0;
        is_open = false;
    }
    while (count < GROUPS && take_group(text, &key)) {
        count++;
        is_open = take_char(text, ':');
        if (!is_open)
            break;
        if (gap == NO_GAP && take_char(text, ':')) {
            gap = count;
            is_open = false;
            before_gap = key;
            key = (struct country_key){0, 0};
        }
    }
    *out = gap == NO_GAP ? key : join(before_gap, gap, key);
    return !is_open && (count == GROUPS) == (gap == NO_GAP);
}

bool country_key_take(struct slice *text, enum country_family family, struct country_key *out)
{
    struct slice rest = *text; /* one of our own can stay in registers */
    bool is_address = family == COUNTRY_IPV4 ? take_ipv4(&rest, out) : take_ipv6(&rest, out);

    *text = rest;
    return is_address;
}
