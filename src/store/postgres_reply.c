#include "store/postgres_reply.h"

#include <endian.h>

struct slice postgres_value(const PGresult *result, int row, int column)
{
    if (PQgetisnull(result, row, column))
        return slice_of(NULL, 0);
    return slice_of(PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column));
}

bool postgres_int8(struct slice value, int64_t *out)
{
    uint64_t bytes;

    if (!value.ptr || value.len != sizeof(bytes))
        return false;
    memcpy(&bytes, value.ptr, sizeof(bytes));
    *out = (int64_t)be64toh(bytes);
    return true;
}

bool postgres_metrics(struct metrics *out, const PGresult *result, int row, int column)
{
    return postgres_int8(postgres_value(result, row, column), &out->views) &&
           postgres_int8(postgres_value(result, row, column + 1), &out->visits) &&
           postgres_int8(postgres_value(result, row, column + 2), &out->visitors) &&
           postgres_int8(postgres_value(result, row, column + 3), &out->bounces) &&
           postgres_int8(postgres_value(result, row, column + 4), &out->seconds);
}

static bool take_u32(struct slice *text, uint32_t *out)
{
    uint32_t bytes;

    if (text->len < sizeof(bytes))
        return false;
    memcpy(&bytes, text->ptr, sizeof(bytes));
    *out = be32toh(bytes);
    *text = slice_from(*text, sizeof(bytes));
    return true;
}

/* Number of dimensions, "has NULLs", type of the elements; then for each dimension how many there
 * are and from which number on. */
bool postgres_array_begin(struct postgres_array *array, struct slice value)
{
    uint32_t dimensions;
    uint32_t ignored;
    uint32_t count = 0;

    if (!value.ptr || !take_u32(&value, &dimensions) || !take_u32(&value, &ignored) ||
        !take_u32(&value, &ignored) || dimensions > 1)
        return false;
    if (dimensions == 1 && (!take_u32(&value, &count) || !take_u32(&value, &ignored)))
        return false;
    *array = (struct postgres_array){.rest = value, .left = count};
    return true;
}

bool postgres_array_next(struct postgres_array *array, struct slice *out)
{
    uint32_t len;

    if (array->left == 0 || !take_u32(&array->rest, &len))
        return false;
    array->left--;
    if (len == UINT32_MAX) {
        *out = slice_of(NULL, 0);
        return true;
    }
    if (len > array->rest.len)
        return false;
    *out = slice_of(array->rest.ptr, len);
    array->rest = slice_from(array->rest, len);
    return true;
}
