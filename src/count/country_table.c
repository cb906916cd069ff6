#include "count/country_table.h"

#include <stdlib.h>

#include "count/country_code.h"

/* A page: of IPv4 160 lines, of IPv6 70, so seven steps in the text; 100 KiB for the index of both
 * tables. With smaller blocks the index takes longer to make, and answers are no faster. */
#define BLOCK_BYTES 4096

struct range {
    struct country_key first;
    struct country_key last;
    uint16_t code;
};

static bool take_comma(struct slice *text)
{
    if (!slice_starts_with(*text, SLICE(",")))
        return false;
    *text = slice_from(*text, 1);
    return true;
}

/* Takes a line off `text`. */
static bool take_range(struct slice *text, enum country_family family, struct range *out)
{
    if (!country_key_take(text, family, &out->first) || !take_comma(text) ||
        !country_key_take(text, family, &out->last) || !take_comma(text))
        return false;
    if (text->len < 3 || memchr(text->ptr, '\n', 3) != text->ptr + 2)
        return false;
    out->code = country_code_read(slice_of(text->ptr, 2));
    *text = slice_from(*text, 3);
    return true;
}

/* Says what is wrong with the line that begins at `at`. */
static enum err refuse(const struct country_table *table, const char *at, const char *what,
                       struct err_info *info)
{
    size_t line = 1;

    for (const char *c = table->text.ptr; c < at; c++)
        line += *c == '\n';
    err_info_set(info, "line %zu %s", line, what);
    return ERR_INVALID;
}

/* Reads the range at the beginning of `rest`; it has to be behind `before`, when that is one. */
static enum err read_next(const struct country_table *table, struct slice *rest,
                          const struct range *before, struct range *out, struct err_info *info)
{
    const char *at = rest->ptr;

    if (!take_range(rest, table->family, out))
        return refuse(table, at, "is not a range of addresses and its country", info);
    if (country_key_less(out->last, out->first))
        return refuse(table, at, "has a range that ends before it begins", info);
    if (before && !country_key_less(before->last, out->first))
        return refuse(table, at, "has a range that is not behind the ones before", info);
    return ERR_OK;
}

/*
 * Where the first line begins that begins in or behind a block; NULL when the line there is too
 * long.
 */
static const char *line_of_block(struct slice lines, size_t block)
{
    size_t offset = block * BLOCK_BYTES;
    size_t rest = lines.len - offset;
    const char *end;

    if (block == 0)
        return lines.ptr;
    end = memchr(lines.ptr + offset - 1, '\n',
                 rest < COUNTRY_TABLE_MAX_LINE ? rest + 1 : COUNTRY_TABLE_MAX_LINE);
    return end ? end + 1 : NULL;
}

static enum err make_index(struct country_table *table, struct err_info *info)
{
    const char *end = table->lines.ptr + table->lines.len;
    struct range ranges[2]; /* this one and the one before, in turn */

    for (size_t offset = 0; offset < table->lines.len; offset += BLOCK_BYTES) {
        size_t i = table->blocks;
        const char *at = line_of_block(table->lines, i);
        struct slice rest;
        enum err err;

        if (!at)
            return refuse(table, table->lines.ptr + offset, "is too long", info);
        if (at == end)
            break;
        rest = slice_of(at, (size_t)(end - at));
        err = read_next(table, &rest, i > 0 ? &ranges[(i - 1) % 2] : NULL, &ranges[i % 2], info);
        if (err != ERR_OK)
            return err;
        table->starts[table->blocks++] = ranges[i % 2].first;
    }
    return ERR_OK;
}

static struct slice skip_comments(struct slice text)
{
    while (slice_starts_with(text, SLICE("#"))) {
        const char *end = memchr(text.ptr, '\n', text.len);

        text = slice_from(text, end ? (size_t)(end - text.ptr) + 1 : text.len);
    }
    return text;
}

enum err country_table_init(struct country_table *table, enum country_family family,
                            struct slice text, struct err_info *info)
{
    struct slice lines = skip_comments(text);
    enum err err;

    *table = (struct country_table){.family = family, .text = text, .lines = lines};
    if (lines.len == 0) {
        err_info_set(info, "has no ranges of addresses");
        return ERR_INVALID;
    }
    if (lines.ptr[lines.len - 1] != '\n') {
        err_info_set(info, "ends within a line");
        return ERR_INVALID;
    }
    table->starts = calloc(lines.len / BLOCK_BYTES + 1, sizeof(*table->starts));
    if (!table->starts) {
        err_info_set(info, "no memory for its index");
        return ERR_NO_MEMORY;
    }
    err = make_index(table, info);
    if (err != ERR_OK)
        country_table_fini(table);
    return err;
}

void country_table_fini(struct country_table *table)
{
    free(table->starts);
    *table = (struct country_table){.family = table->family};
}

/* How many blocks begin with a range that begins at `address` or before. */
static size_t blocks_up_to(const struct country_table *table, struct country_key address)
{
    size_t low = 0;
    size_t high = table->blocks;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (country_key_less(address, table->starts[middle]))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The lines that begin in a block; false: the text is not what it was. */
static bool lines_of_block(const struct country_table *table, size_t block, struct slice *out)
{
    const char *begin = line_of_block(table->lines, block);
    const char *end = table->lines.ptr + table->lines.len;

    if (block + 1 < table->blocks)
        end = line_of_block(table->lines, block + 1);
    if (!begin || !end)
        return false;
    *out = slice_of(begin, (size_t)(end - begin));
    return true;
}

/* The line of `lines` in which the byte at `offset` is, up to the end of `lines`. */
static struct slice line_around(struct slice lines, size_t offset)
{
    const char *before = memrchr(lines.ptr, '\n', offset);

    return slice_from(lines, before ? (size_t)(before + 1 - lines.ptr) : 0);
}

/* What is behind the line in which the byte at `offset` is. */
static struct slice lines_behind(struct slice lines, size_t offset)
{
    const char *end = memchr(lines.ptr + offset, '\n', lines.len - offset);

    return slice_from(lines, end ? (size_t)(end + 1 - lines.ptr) : lines.len);
}

/* The last line that begins at `address` or before, of a block whose first line does; and more. */
static bool find_line(struct slice lines, enum country_family family, struct country_key address,
                      struct slice *out)
{
    *out = lines;
    while (lines.len > 0) {
        size_t middle = lines.len / 2;
        struct slice line = line_around(lines, middle);
        struct slice text = line;
        struct country_key first;

        if (!country_key_take(&text, family, &first))
            return false;
        if (country_key_less(address, first)) {
            lines.len -= line.len;
        } else {
            *out = line;
            lines = lines_behind(lines, middle);
        }
    }
    return true;
}

uint16_t country_table_find(const struct country_table *table, struct country_key address)
{
    size_t blocks = blocks_up_to(table, address);
    struct slice lines;
    struct slice found;
    struct range range;

    if (blocks == 0 || !lines_of_block(table, blocks - 1, &lines) ||
        !find_line(lines, table->family, address, &found) ||
        !take_range(&found, table->family, &range))
        return COUNTRY_NONE;
    return country_key_less(range.last, address) ? COUNTRY_NONE : range.code;
}

enum err country_table_check(const struct country_table *table, size_t *ranges,
                             struct err_info *info)
{
    struct slice rest = table->lines;
    struct range read[2]; /* this one and the one before, in turn */
    size_t count = 0;

    while (rest.len > 0) {
        enum err err = read_next(table, &rest, count > 0 ? &read[(count - 1) % 2] : NULL,
                                 &read[count % 2], info);

        if (err != ERR_OK)
            return err;
        count++;
    }
    *ranges = count;
    return ERR_OK;
}
