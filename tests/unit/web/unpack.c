#include "unpack.h"

#include <brotli/decode.h>
#include <zlib.h>

#include "support/cmocka.h"

/* Any window, and only gzip. */
#define WINDOW_BITS (15 + 16)

struct slice unpack_gzip(struct slice packed, char *out, size_t size)
{
    z_stream stream = {.avail_in = (uInt)packed.len, .avail_out = (uInt)size};

    memcpy(&stream.next_in, &packed.ptr, sizeof(stream.next_in)); /* not const, but only read */
    stream.next_out = (Bytef *)out;
    assert_int_equal(inflateInit2(&stream, WINDOW_BITS), Z_OK);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    assert_int_equal(inflateEnd(&stream), Z_OK);
    return slice_of(out, stream.total_out);
}

struct slice unpack_brotli(struct slice packed, char *out, size_t size)
{
    assert_int_equal(
        BrotliDecoderDecompress(packed.len, (const uint8_t *)packed.ptr, &size, (uint8_t *)out),
        BROTLI_DECODER_RESULT_SUCCESS);
    return slice_of(out, size);
}
