/* Rollups in and out of the replay ring: each row of a commit is made of eight bytes of the input,
 * and comes out as it went in, whatever rows came before it. */
#include "store/rollup_pack.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROW_BYTES ((size_t)8)
#define MAX_BYTES ((size_t)4 << 20)

/* Not assert(): it has to hold in every build. */
static void expect(bool holds)
{
    if (!holds)
        abort();
}

/* Small ones; large ones, of which some share a place; and those that a sign makes. */
static uint64_t number_of(uint8_t byte)
{
    return byte < 128 ? byte : ~(uint64_t)(byte & 15) << (byte & 48);
}

static struct slice text_of(uint8_t byte)
{
    static const char text[] = "/a/b/c/d/e/f/g/h";

    return slice_of(text + (byte & 3), byte >> 2 & 7);
}

static struct rollup_addition row_of(const uint8_t *bytes)
{
    static const struct slice sites[] = {SLICE_INIT("a"), SLICE_INIT("b-1")};
    int64_t metric = (int64_t)number_of(bytes[5]);

    return (struct rollup_addition){
        .rollup = {sites[bytes[0] & 1], bytes[1], (enum dimension)(bytes[0] % DIMENSION_COUNT_),
                   number_of(bytes[2]), number_of(bytes[3])},
        .delta = {metric, bytes[0] & 2 ? metric : 0, -(metric / 2), bytes[0] & 4, bytes[5]},
        .cap = bytes[4],
        .text = text_of(bytes[6]),
        .title = text_of(bytes[7]),
    };
}

static void compare(const struct rollup_addition *a, const struct rollup_addition *b)
{
    char texts[2][ROLLUP_KEY_MAX];

    expect(slice_eq(rollup_key(&a->rollup, texts[0]), rollup_key(&b->rollup, texts[1])));
    expect(memcmp(&a->delta, &b->delta, sizeof(a->delta)) == 0);
    expect(a->cap == b->cap);
    expect(slice_eq(a->text, b->text) && slice_eq(a->title, b->title));
}

static void check(const struct commit *in, struct commit *out)
{
    struct strbuf packed;
    char *exact;

    strbuf_init(&packed, MAX_BYTES);
    expect(rollup_pack_write(&packed, in) == ERR_OK);
    exact = malloc(packed.len > 0 ? packed.len : 1); /* a sanitizer sees a read behind its end */
    expect(exact != NULL);
    memcpy(exact, packed.ptr ? packed.ptr : "", packed.len);
    expect(rollup_pack_read(exact, in->rollup_count, out) == ERR_OK);
    expect(out->rollup_count == in->rollup_count);
    for (size_t i = 0; i < in->rollup_count; i++)
        compare(&in->rollups[i], &out->rollups[i]);
    free(exact);
    strbuf_fini(&packed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct commit *in = commit_create();
    struct commit *out = commit_create();

    expect(in && out);
    for (size_t at = 0; at + ROW_BYTES <= size && at < 1024 * ROW_BYTES; at += ROW_BYTES) {
        struct rollup_addition row = row_of(data + at);

        expect(commit_roll_up(in, &row) == ERR_OK);
    }
    check(in, out);
    commit_unref(in);
    commit_unref(out);
    return 0;
}
