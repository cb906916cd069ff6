#include "store/redis_commit.h"

#include "store/redis_command.h"
#include "store/redis_listed.h"
#include "store/redis_script.h"
#include "store/store.h"

#define NUMBER_DIGITS 16

_Static_assert(STORE_WRITER_TTL_S == 604800, "as redis_commit.lua has it");
_Static_assert(COMMIT_MAX_ADDITIONS < 65536 && COMMIT_MAX_WRITES < 65536, "counts of two bytes");

/* A delta that the script takes as one byte. */
static bool is_small(int64_t delta)
{
    return delta > 0 && delta < 256;
}

static const struct counter *addition_counter(const void *commit, size_t i, uint32_t *cap)
{
    const struct addition *addition = &((const struct commit *)commit)->additions[i];

    *cap = addition->cap;
    return &addition->counter;
}

enum err redis_commit_plan(struct redis_commit_plan *plan, const struct commit *commit,
                           const struct redis_prefix *prefix, const char *total_key,
                           struct arena *arena)
{
    enum err err = redis_plan_make(&plan->counters, commit, addition_counter,
                                   commit->addition_count, prefix, total_key, arena);

    return err == ERR_OK ? redis_row_plan_make(&plan->rows, commit, arena) : err;
}

/* ---- encoding ------------------------------------------------------------------------------- */

static int64_t delta_at(const struct commit *commit, const struct redis_plan *plan, size_t place)
{
    return commit->additions[plan->order[place]].delta;
}

/* How many of the `count` counters from place `first` on are wanted. They are in the order of the
 * additions, so the wanted ones come first. */
static size_t count_wanted(const struct commit *commit, const struct redis_plan *plan, size_t first,
                           size_t count)
{
    size_t wanted = 0;

    while (wanted < count && plan->order[first + wanted] < commit->totals_wanted)
        wanted++;
    return wanted;
}

static bool is_small_group(const struct commit *commit, const struct redis_plan *plan,
                           const struct redis_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        if (!is_small(delta_at(commit, plan, group->first + i)))
            return false;
    }
    return true;
}

static void format_number(char out[static NUMBER_DIGITS], uint64_t number)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = NUMBER_DIGITS; i > 0; i--) {
        out[i - 1] = digits[number & 15];
        number >>= 4;
    }
}

/* In two bytes, the higher one first; returns what is behind them. */
static char *put_count(char *out, size_t count)
{
    out[0] = (char)(unsigned char)(count >> 8);
    out[1] = (char)(unsigned char)count;
    return out + 2;
}

/* As the script takes them. */
static struct slice version_bytes(const uint64_t *version)
{
    if (*version == RECORD_ANY)
        return SLICE("*");
    return *version == RECORD_ABSENT ? SLICE("") : slice_of(version, sizeof(*version));
}

static void put_keys(struct strbuf *out, const struct commit *commit,
                     const struct redis_commit_plan *plan, bool has_listed)
{
    const struct redis_plan *counters = &plan->counters;
    char writer[REDIS_WRITER_KEY_BYTES];
    char record[REDIS_RECORD_PREFIX_BYTES];
    struct slice record_prefix = redis_record_prefix(&counters->prefix, record);
    char listed[REDIS_RECORD_PREFIX_BYTES];

    redis_arg(out, redis_writer_key(&counters->prefix, &commit->writer, writer));
    for (size_t i = 0; i < counters->string_count; i++)
        redis_arg(out, counters->string_keys[i]);
    for (size_t i = 0; i < commit->write_count; i++)
        redis_arg2(out, record_prefix, commit->writes[i].key);
    for (size_t i = 0; i < counters->group_count; i++)
        redis_arg(out, counters->groups[i].key);
    if (has_listed)
        redis_arg(out, redis_listed_key(&counters->prefix, listed));
    redis_row_plan_put_keys(out, &plan->rows, &counters->prefix);
}

static void put_write(struct strbuf *out, const struct commit *commit,
                      const struct record_write *write)
{
    redis_arg(out, version_bytes(&write->expect_version));
    if (!write->value.ptr) {
        redis_arg(out, SLICE(""));
        redis_arg(out, SLICE(""));
        return;
    }
    if (write->ttl_s == RECORD_FOREVER)
        redis_arg(out, SLICE("*"));
    else
        redis_arg_int(out, write->ttl_s);
    redis_arg2(out, version_bytes(&commit->version), write->value);
}

static void put_head(struct strbuf *out, const struct commit *commit, const struct redis_plan *plan,
                     enum redis_repeat repeat)
{
    char head[2 * NUMBER_DIGITS + 9];
    char *end = head + (ptrdiff_t)(2 * NUMBER_DIGITS);

    format_number(head, commit->number - 1);
    format_number(head + NUMBER_DIGITS, commit->number);
    end = put_count(end, plan->string_count);
    end = put_count(end, count_wanted(commit, plan, 0, plan->string_count));
    end = put_count(end, commit->write_count);
    end = put_count(end, plan->group_count);
    if (repeat == REDIS_REPEAT_WRITES)
        *end++ = 'w';
    redis_arg(out, slice_of(head, (size_t)(end - head)));
}

static void put_group(struct strbuf *out, const struct commit *commit,
                      const struct redis_plan *plan, const struct redis_group *group)
{
    bool small = is_small_group(commit, plan, group);
    char head[8 + REDIS_GROUP_MAX];
    char *end = put_count(head, group->count);

    end = put_count(end, count_wanted(commit, plan, group->first, group->count));
    end = put_count(end, group->cap >> 16);
    end = put_count(end, group->cap & UINT16_MAX);
    for (size_t i = 0; small && i < group->count; i++)
        *end++ = (char)delta_at(commit, plan, group->first + i);
    redis_arg(out, slice_of(head, (size_t)(end - head)));
    for (size_t i = 0; i < group->count; i++)
        redis_arg(out, commit->additions[plan->order[group->first + i]].counter.value);
    for (size_t i = 0; !small && i < group->count; i++)
        redis_arg_int(out, delta_at(commit, plan, group->first + i));
}

/* What make_commands() of the script takes. */
static void put_rest(struct strbuf *out, const struct commit *commit,
                     const struct redis_row_plan *rows, const struct redis_listed *listed)
{
    char head[6];
    char *end = put_count(head, listed->added);

    end = put_count(end, listed->removed);
    end = put_count(end, rows->site_count);
    redis_arg(out, slice_of(head, (size_t)(end - head)));
    redis_listed_put(out, commit);
    redis_row_plan_put_args(out, rows, commit);
}

/* As many as the functions above put, but put_rest(). */
static size_t count_args(const struct commit *commit, const struct redis_plan *plan,
                         size_t key_count)
{
    size_t args = 3 + key_count + 1 + plan->string_count + 3 * commit->write_count;

    for (size_t i = 0; i < plan->group_count; i++) {
        size_t fields = plan->groups[i].count;

        args += 1 + (is_small_group(commit, plan, &plan->groups[i]) ? fields : 2 * fields);
    }
    return args;
}

void redis_register_encode(struct strbuf *out, struct slice writer_key, uint64_t number)
{
    char digits[NUMBER_DIGITS];

    format_number(digits, number);
    redis_command(out, 6);
    redis_arg(out, SLICE("EVAL"));
    redis_arg(out, redis_register_script());
    redis_arg_int(out, 1);
    redis_arg(out, writer_key);
    redis_arg(out, slice_of(digits, sizeof(digits)));
    redis_arg_int(out, STORE_WRITER_TTL_S);
}

void redis_commit_encode(struct strbuf *out, const struct commit *commit,
                         const struct redis_commit_plan *plan, enum redis_script_form form,
                         enum redis_repeat repeat)
{
    const struct redis_plan *counters = &plan->counters;
    const struct redis_listed listed = redis_listed_count(commit);
    bool has_listed = listed.added + listed.removed > 0;
    bool has_rest = has_listed || commit->rollup_count > 0;
    size_t key_count = 1 + counters->string_count + commit->write_count + counters->group_count +
                       has_listed + redis_row_plan_keys(&plan->rows);
    size_t arg_count = count_args(commit, counters, key_count);

    if (has_rest)
        arg_count += 1 + listed.added + listed.removed + redis_row_plan_args(&plan->rows, commit);
    redis_command(out, arg_count);
    redis_arg(out, form == REDIS_BY_SHA ? SLICE("EVALSHA") : SLICE("EVAL"));
    redis_arg(out, form == REDIS_BY_SHA ? redis_commit_script_sha() : redis_commit_script());
    redis_arg_int(out, (int64_t)key_count);
    put_keys(out, commit, plan, has_listed);
    put_head(out, commit, counters, repeat);
    for (size_t i = 0; i < counters->string_count; i++)
        redis_arg_int(out, delta_at(commit, counters, i));
    for (size_t i = 0; i < commit->write_count; i++)
        put_write(out, commit, &commit->writes[i]);
    for (size_t i = 0; i < counters->group_count; i++)
        put_group(out, commit, counters, &counters->groups[i]);
    if (has_rest)
        put_rest(out, commit, &plan->rows, &listed);
}

/* ---- decoding ------------------------------------------------------------------------------- */

bool redis_parse_int(struct slice text, int64_t *out)
{
    bool negative = text.len > 0 && text.ptr[0] == '-';
    int64_t number = 0;

    if (text.len == (negative ? 1 : 0))
        return false;
    for (size_t i = negative; i < text.len; i++) {
        int digit = text.ptr[i] - '0';

        if (digit < 0 || digit > 9 || __builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, negative ? -digit : digit, &number))
            return false;
    }
    *out = number;
    return true;
}

/* Takes " NUMBER" off the front of `text`. */
static bool take_total(struct slice *text, int64_t *out)
{
    struct slice number;
    const char *space;

    if (text->len == 0 || text->ptr[0] != ' ')
        return false;
    number = slice_from(*text, 1);
    space = memchr(number.ptr, ' ', number.len);
    if (space)
        number.len = (size_t)(space - number.ptr);
    *text = slice_from(*text, 1 + number.len);
    return redis_parse_int(number, out);
}

static enum err decode_totals(struct commit_result *result, const struct commit *commit,
                              const struct redis_plan *plan, struct slice text, struct arena *arena)
{
    int64_t *totals = arena_alloc(arena, (commit->totals_wanted + 1) * sizeof(*totals));

    if (!totals)
        return ERR_NO_MEMORY;
    for (size_t place = 0; place < plan->count; place++) {
        size_t i = plan->order[place];

        if (i < commit->totals_wanted && !take_total(&text, &totals[i]))
            return ERR_INVALID;
    }
    result->status = COMMIT_DONE;
    result->totals = totals;
    return text.len == 0 ? ERR_OK : ERR_INVALID;
}

static bool parse_number(struct slice text, uint64_t *out)
{
    uint64_t number = 0;

    if (text.len != NUMBER_DIGITS)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;

        if (digit < 0)
            return false;
        number = number << 4 | (unsigned)digit;
    }
    *out = number;
    return true;
}

static enum err decode_last_number(struct commit_result *result, const struct commit *commit,
                                   struct slice text)
{
    if (!parse_number(text, &result->last_number))
        return ERR_INVALID;
    result->status = result->last_number < commit->number ? COMMIT_BEHIND : COMMIT_AHEAD;
    return ERR_OK;
}

static enum err decode_text(struct commit_result *result, const struct commit *commit,
                            const struct redis_plan *plan, struct slice text, struct arena *arena,
                            struct err_info *detail)
{
    struct slice rest = text.len > 0 ? slice_from(text, 1) : text;

    switch (text.len > 0 ? text.ptr[0] : '\0') {
    case 'D':
        return decode_totals(result, commit, plan, rest, arena);
    case 'L':
        return decode_last_number(result, commit, rest);
    case 'N':
        result->status = COMMIT_NO_WRITER;
        return rest.len == 0 ? ERR_OK : ERR_INVALID;
    case 'R':
        err_info_set(detail, "Redis: %.*s", rest.len > 200 ? 200 : (int)rest.len, rest.ptr);
        result->status = COMMIT_REFUSED;
        result->detail = detail->text;
        return ERR_OK;
    default:
        return ERR_INVALID;
    }
}

struct record redis_record_decode(struct slice key, const struct redis_value *reply)
{
    struct record record = {.key = key, .value = SLICE(""), .version = RECORD_ABSENT};

    /* Something shorter than a version was not written by us; a write on it is refused. */
    if (reply->type != REDIS_STRING || reply->text.len < sizeof(record.version))
        return record;
    memcpy(&record.version, reply->text.ptr, sizeof(record.version));
    record.value = slice_from(reply->text, sizeof(record.version));
    return record;
}

static enum err decode_records(struct commit_result *result, const struct commit *commit,
                               const struct redis_value *reply, struct arena *arena)
{
    struct record *records = arena_alloc(arena, (reply->count + 1) * sizeof(*records));

    if (!records)
        return ERR_NO_MEMORY;
    if (reply->count != commit->write_count)
        return ERR_INVALID;
    for (size_t i = 0; i < reply->count; i++) {
        enum redis_type type = reply->elements[i].type;

        if (type != REDIS_STRING && type != REDIS_NIL)
            return ERR_INVALID;
        records[i] = redis_record_decode(commit->writes[i].key, &reply->elements[i]);
    }
    result->status = COMMIT_CONFLICT;
    result->records = records;
    return ERR_OK;
}

enum err redis_commit_decode(struct commit_result *result, const struct commit *commit,
                             const struct redis_commit_plan *plan, const struct redis_value *reply,
                             struct arena *arena, struct err_info *detail)
{
    *result = (struct commit_result){0};
    if (reply->type == REDIS_ARRAY)
        return decode_records(result, commit, reply, arena);
    if (reply->type == REDIS_STRING)
        return decode_text(result, commit, &plan->counters, reply->text, arena, detail);
    return ERR_INVALID;
}
