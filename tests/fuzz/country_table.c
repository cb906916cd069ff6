/* Tables of countries. The first byte says of which family; what is a table has to be read as the
 * C library reads it. */
#include <arpa/inet.h>
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "count/country_code.h"
#include "count/country_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice take_until(struct slice *text, char separator)
{
    const char *end = memchr(text->ptr, separator, text->len);
    struct slice part;

    assert(end);
    part = slice_of(text->ptr, (size_t)(end - text->ptr));
    *text = slice_from(*text, part.len + 1);
    return part;
}

static struct country_key read_address(struct slice text, enum country_family family)
{
    struct country_key key = {0, 0};
    unsigned char bytes[16];
    char copy[64];

    assert(text.len > 0 && text.len < sizeof(copy));
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (family == COUNTRY_IPV4)
        return (struct country_key){0, strtoull(copy, NULL, 10)};
    assert(inet_pton(AF_INET6, copy, bytes) == 1);
    for (size_t i = 0; i < 8; i++) {
        key.high = key.high << 8 | bytes[i];
        key.low = key.low << 8 | bytes[i + 8];
    }
    return key;
}

static void compare(const struct country_table *table, size_t ranges)
{
    struct slice rest = table->lines;

    for (size_t i = 0; i < ranges; i++) {
        struct slice line = take_until(&rest, '\n');
        struct slice first = take_until(&line, ',');
        struct slice last = take_until(&line, ',');
        uint16_t code = country_code_read(line);

        assert(country_table_find(table, read_address(first, table->family)) == code);
        assert(country_table_find(table, read_address(last, table->family)) == code);
    }
    assert(rest.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum country_family family = size > 0 && data[0] == '6' ? COUNTRY_IPV6 : COUNTRY_IPV4;
    struct country_table table;
    struct err_info info = {""};
    size_t ranges;

    if (size == 0)
        return 0;
    if (country_table_init(&table, family, slice_of(data + 1, size - 1), &info) != ERR_OK)
        return 0;
    for (uint64_t i = 0; i < 64; i++) {
        (void)country_table_find(&table, (struct country_key){i << 58 | i, i << 26});
        (void)country_table_find(&table, (struct country_key){0, i << 26 | i});
    }
    if (country_table_check(&table, &ranges, &info) == ERR_OK)
        compare(&table, ranges);
    country_table_fini(&table);
    return 0;
}
