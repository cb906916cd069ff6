#include "store/rollup_pack.h"

#define METRICS ((size_t)5)

/* A byte tells each. */
#define PLACES 256

/* Of 64 bits, seven a byte. */
#define MAX_VARINT 10

/* A row without its texts: three bytes, the site, four numbers, the metrics, two lengths. */
#define MAX_ROW (3 + 1 + COUNTER_MAX_SITE + 4 * sizeof(uint64_t) + (METRICS + 2) * MAX_VARINT)

_Static_assert(COUNTER_MAX_SITE <= UINT8_MAX && DIMENSION_COUNT_ <= UINT8_MAX, "fits");

/* What is in a row: the first byte of it. */
enum mark {
    MARK_SITE = 1,   /* another one than that of the row before */
    MARK_BUCKET = 2, /* these four: the number itself, not its place in the table */
    MARK_PAGE = 4,
    MARK_CAP = 8,
    MARK_VALUE = 16,
    MARK_TEXT = 32,
    MARK_TITLE = 64,
    MARK_SAME_NAME = 128, /* text and title are those that the value had last */
};

/* What both sides know of the rows so far. Empty, it holds 0, at the place of 0. */
struct known {
    struct slice site;
    uint64_t numbers[PLACES];
    struct name names[PLACES]; /* that the number had last, as a value */
};

/* Multiplied by 2^64 / phi, any number's highest byte hangs on all of its bits (Knuth, The Art of
 * Computer Programming, volume 3, section 6.4). */
static size_t place_of(uint64_t number)
{
    return (size_t)((number * UINT64_C(11400714819323198485)) >> 56);
}

static void remember(struct known *known, uint64_t number)
{
    size_t place = place_of(number);

    known->numbers[place] = number;
    known->names[place] = (struct name){SLICE(""), SLICE("")};
}

/* ---- writing -------------------------------------------------------------------------------- */

/* Where the next byte of a row goes, and what its marks are so far. */
struct row {
    char *at;
    unsigned marks;
};

static void put_byte(struct row *row, size_t byte)
{
    *row->at++ = (char)(unsigned char)byte;
}

static void put_bytes(struct row *row, const void *bytes, size_t len)
{
    memcpy(row->at, bytes, len);
    row->at += len;
}

static void put_varint(struct row *row, uint64_t number)
{
    while (number >= 128) {
        put_byte(row, (number & 127) | 128);
        number >>= 7;
    }
    put_byte(row, number);
}

static void put_text(struct row *row, struct slice text, enum mark mark)
{
    if (text.len == 0)
        return;
    row->marks |= mark;
    put_varint(row, text.len);
    put_bytes(row, text.ptr, text.len);
}

static void put_number(struct row *row, struct known *known, uint64_t number, enum mark mark)
{
    if (known->numbers[place_of(number)] == number) {
        put_byte(row, place_of(number));
        return;
    }
    remember(known, number);
    row->marks |= mark;
    put_bytes(row, &number, sizeof(number));
}

static void put_site(struct row *row, struct known *known, struct slice site)
{
    if (slice_eq(known->site, site))
        return;
    known->site = site;
    row->marks |= MARK_SITE;
    put_byte(row, site.len);
    put_bytes(row, site.ptr, site.len);
}

/* Returns a bit for each of them that is written, the others are 0. A small number of either sign
 * becomes a small one without: 0, -1, 1, -2, 2 … (zigzag). */
static unsigned put_metrics(struct row *row, const struct metrics *metrics)
{
    const int64_t numbers[METRICS] = {metrics->views, metrics->visits, metrics->visitors,
                                      metrics->bounces, metrics->seconds};
    unsigned written = 0;

    for (size_t i = 0; i < METRICS; i++) {
        if (numbers[i] == 0)
            continue;
        written |= 1U << i;
        put_varint(row, (uint64_t)numbers[i] << 1 ^ (numbers[i] < 0 ? UINT64_MAX : 0));
    }
    return written;
}

static void put_name(struct row *row, struct known *known, const struct rollup_addition *addition)
{
    struct name *last = &known->names[place_of(addition->rollup.value)];

    if (addition->text.len == 0 && addition->title.len == 0)
        return;
    if (slice_eq(last->text, addition->text) && slice_eq(last->title, addition->title)) {
        row->marks |= MARK_SAME_NAME;
        return;
    }
    *last = (struct name){addition->text, addition->title};
    put_text(row, addition->text, MARK_TEXT);
    put_text(row, addition->title, MARK_TITLE);
}

/* Returns its end. */
static char *put_row(char *start, struct known *known, const struct rollup_addition *addition)
{
    const struct rollup *rollup = &addition->rollup;
    struct row row = {.at = start + 3};
    unsigned metrics;

    put_site(&row, known, rollup->site);
    put_number(&row, known, (uint64_t)rollup->bucket, MARK_BUCKET);
    put_number(&row, known, rollup->page, MARK_PAGE);
    put_number(&row, known, addition->cap, MARK_CAP);
    put_number(&row, known, rollup->value, MARK_VALUE);
    metrics = put_metrics(&row, &addition->delta);
    put_name(&row, known, addition);
    start[0] = (char)(unsigned char)row.marks;
    start[1] = (char)(unsigned char)rollup->dimension;
    start[2] = (char)(unsigned char)metrics;
    return row.at;
}

enum err rollup_pack_write(struct strbuf *out, const struct commit *commit)
{
    struct known known;

    if (commit->rollup_count == 0)
        return ERR_OK;
    memset(&known, 0, sizeof(known));
    for (size_t i = 0; i < commit->rollup_count; i++) {
        const struct rollup_addition *addition = &commit->rollups[i];

        if (!strbuf_reserve(out, MAX_ROW + addition->text.len + addition->title.len))
            return ERR_NO_MEMORY;
        out->len = (size_t)(put_row(out->ptr + out->len, &known, addition) - out->ptr);
    }
    return ERR_OK;
}

/* ---- reading -------------------------------------------------------------------------------- */

static unsigned char take_byte(const char **in)
{
    return (unsigned char)*(*in)++;
}

static struct slice take_bytes(const char **in, size_t len)
{
    struct slice bytes = slice_of(*in, len);

    *in += len;
    return bytes;
}

static uint64_t take_varint(const char **in)
{
    uint64_t number = 0;
    unsigned char byte;
    unsigned shift = 0;

    do {
        byte = take_byte(in);
        number |= (uint64_t)(byte & 127) << shift;
        shift += 7;
    } while (byte >= 128);
    return number;
}

static struct slice take_text(const char **in, bool is_there)
{
    return is_there ? take_bytes(in, take_varint(in)) : SLICE("");
}

static uint64_t take_number(const char **in, struct known *known, bool is_new)
{
    uint64_t number;

    if (!is_new)
        return known->numbers[take_byte(in)];
    memcpy(&number, take_bytes(in, sizeof(number)).ptr, sizeof(number));
    remember(known, number);
    return number;
}

static struct metrics take_metrics(const char **in, unsigned written)
{
    int64_t numbers[METRICS] = {0};

    for (size_t i = 0; i < METRICS; i++) {
        uint64_t zigzag = written >> i & 1 ? take_varint(in) : 0;

        numbers[i] = (int64_t)(zigzag >> 1 ^ (zigzag & 1 ? UINT64_MAX : 0));
    }
    return (struct metrics){numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]};
}

static struct name take_name(const char **in, struct name *last, unsigned marks)
{
    if (marks & MARK_SAME_NAME)
        return *last;
    if (!(marks & (MARK_TEXT | MARK_TITLE)))
        return (struct name){SLICE(""), SLICE("")};
    last->text = take_text(in, marks & MARK_TEXT);
    last->title = take_text(in, marks & MARK_TITLE);
    return *last;
}

static struct rollup_addition take_row(const char **in, struct known *known)
{
    struct rollup_addition addition = {.cap = 0};
    struct rollup *rollup = &addition.rollup;
    unsigned marks = take_byte(in);
    unsigned metrics;
    struct name name;

    rollup->dimension = (enum dimension)take_byte(in);
    metrics = take_byte(in);
    if (marks & MARK_SITE)
        known->site = take_bytes(in, take_byte(in));
    rollup->site = known->site;
    rollup->bucket = (int32_t)take_number(in, known, marks & MARK_BUCKET);
    rollup->page = take_number(in, known, marks & MARK_PAGE);
    addition.cap = (uint32_t)take_number(in, known, marks & MARK_CAP);
    rollup->value = take_number(in, known, marks & MARK_VALUE);
    addition.delta = take_metrics(in, metrics);
    name = take_name(in, &known->names[place_of(rollup->value)], marks);
    addition.text = name.text;
    addition.title = name.title;
    return addition;
}

enum err rollup_pack_read(const char *in, size_t count, struct commit *commit)
{
    struct known known;
    enum err err = ERR_OK;

    memset(&known, 0, sizeof(known));
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        struct rollup_addition addition = take_row(&in, &known);

        err = commit_roll_up(commit, &addition);
    }
    return err;
}
