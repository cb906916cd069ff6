#include "store/postgres_params.h"

#include <assert.h>
#include <endian.h>

/* The largest commit: 8,192 records of 16 KiB, 16,384 additions of 2 KiB; and more. */
#define MAX_BYTES ((size_t)320 << 20)

/* A buffer larger than this was for something rare: its memory is given back. */
#define KEPT_BYTES ((size_t)1 << 20)

void postgres_params_init(struct postgres_params *params)
{
    *params = (struct postgres_params){.count = 0};
    strbuf_init(&params->bytes, MAX_BYTES);
}

void postgres_params_fini(struct postgres_params *params)
{
    strbuf_fini(&params->bytes);
}

void postgres_params_clear(struct postgres_params *params)
{
    if (params->bytes.capacity > KEPT_BYTES)
        strbuf_fini(&params->bytes);
    strbuf_clear(&params->bytes);
    params->count = 0;
}

static void begin(struct postgres_params *params)
{
    assert(params->count < POSTGRES_MAX_PARAMS);
    params->starts[params->count++] = params->bytes.len;
}

static void put_u32(struct strbuf *out, uint32_t number)
{
    uint32_t bytes = htobe32(number);

    strbuf_append(out, slice_of(&bytes, sizeof(bytes)));
}

static void put_int8(struct strbuf *out, int64_t number)
{
    uint64_t bytes = htobe64((uint64_t)number);

    strbuf_append(out, slice_of(&bytes, sizeof(bytes)));
}

void postgres_param_bytes(struct postgres_params *params, struct slice bytes)
{
    begin(params);
    strbuf_append(&params->bytes, bytes);
}

void postgres_param_int8(struct postgres_params *params, int64_t number)
{
    begin(params);
    put_int8(&params->bytes, number);
}

/* One dimension, from 1 on; an empty array has none. That an element may be NULL is said always. */
void postgres_param_array(struct postgres_params *params, enum postgres_type element, size_t count)
{
    struct strbuf *out = &params->bytes;

    begin(params);
    put_u32(out, count > 0 ? 1 : 0);
    put_u32(out, 1);
    put_u32(out, (uint32_t)element);
    if (count == 0)
        return;
    put_u32(out, (uint32_t)count);
    put_u32(out, 1);
}

void postgres_element_bytes(struct postgres_params *params, struct slice bytes)
{
    if (!bytes.ptr) {
        put_u32(&params->bytes, UINT32_MAX); /* -1: NULL */
        return;
    }
    put_u32(&params->bytes, (uint32_t)bytes.len);
    strbuf_append(&params->bytes, bytes);
}

void postgres_element_int8(struct postgres_params *params, int64_t number)
{
    put_u32(&params->bytes, sizeof(number));
    put_int8(&params->bytes, number);
}

void postgres_element_int4(struct postgres_params *params, uint32_t number)
{
    put_u32(&params->bytes, sizeof(number));
    put_u32(&params->bytes, number);
}

void postgres_element_int2(struct postgres_params *params, uint16_t number)
{
    uint16_t bytes = htobe16(number);

    put_u32(&params->bytes, sizeof(bytes));
    strbuf_append(&params->bytes, slice_of(&bytes, sizeof(bytes)));
}
