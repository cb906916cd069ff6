#include "http/guard.h"

/* Clients of old sent an empty line after a POST; RFC 9112, section 2.2 asks to pass over one. */
#define MAX_EMPTY_LINES 2

/* The longest of method and version and their spaces, to tell a long target from a long line. */
#define LINE_WITHOUT_TARGET 32

static enum guard_result refuse(struct refusal *out, int status, const char *reason)
{
    *out = (struct refusal){status, reason};
    return GUARD_REFUSED;
}

/* What a line may hold, wherever it ends: `line` is without its CRLF. */
static const char *bad_bytes(const struct guard *guard, struct slice line)
{
    if (memchr(line.ptr, '\r', line.len))
        return "A line has a bare CR.";
    if (guard->may_have_nul && memchr(line.ptr, '\0', line.len))
        return "The head has a NUL byte.";
    return NULL;
}

static enum guard_result take_request_line(struct guard *guard, struct slice line,
                                           const struct guard_limits *limits,
                                           struct refusal *refusal)
{
    struct request_line parsed = {0};

    *refusal = request_line_parse(line, &parsed);
    guard->method = (uint16_t)parsed.method;
    if (line.len > limits->target_bytes + LINE_WITHOUT_TARGET ||
        parsed.target.len > limits->target_bytes)
        return refuse(refusal, 414, "The target is too long.");
    if (refusal->status)
        return GUARD_REFUSED;
    guard->minor_version = (uint8_t)parsed.minor_version;
    guard->target_start = guard->line_start + (uint32_t)(parsed.target.ptr - line.ptr);
    guard->target_len = (uint32_t)parsed.target.len;
    guard->has_request_line = true;
    return GUARD_MORE;
}

static enum guard_result take_field_line(struct guard *guard, struct slice line,
                                         const struct guard_limits *limits, struct refusal *refusal)
{
    if (line.len == 0)
        return GUARD_WHOLE;
    if (line.ptr[0] == ' ' || line.ptr[0] == '\t')
        return refuse(refusal, 400, "A field line is folded.");
    if (line.ptr[0] == ':')
        return refuse(refusal, 400, "A field has no name.");
    if (++guard->fields > limits->field_count)
        return refuse(refusal, 431, "There are too many fields.");
    return GUARD_MORE;
}

/* One line with its LF, from line_start on. */
static enum guard_result take_line(struct guard *guard, struct slice line,
                                   const struct guard_limits *limits, struct refusal *refusal)
{
    const char *reason;

    if (line.len < 2 || line.ptr[line.len - 2] != '\r')
        return refuse(refusal, 400, "A line ends in a bare LF.");
    line.len -= 2;
    reason = bad_bytes(guard, line);
    if (reason)
        return refuse(refusal, 400, reason);
    if (guard->has_request_line)
        return take_field_line(guard, line, limits, refusal);
    if (line.len > 0)
        return take_request_line(guard, line, limits, refusal);
    if (guard->line_start >= 2 * MAX_EMPTY_LINES)
        return refuse(refusal, 400, "The request line is empty.");
    return GUARD_MORE;
}

/* The beginning of a line whose LF is not here yet: what can be said of it already is said, so
 * that garbage without any LF gets its answer now and not when the time is over. */
static enum guard_result judge_partial(const struct guard *guard, struct slice bytes,
                                       const struct guard_limits *limits, struct refusal *refusal)
{
    struct slice line = slice_from(bytes, guard->line_start);
    const char *reason;

    if (!guard->has_request_line && line.len > 0 && line.ptr[0] != '\r' &&
        !is_token_char(line.ptr[0]))
        return refuse(refusal, 400, "This is not HTTP.");
    if (!guard->has_request_line && line.len > limits->target_bytes + LINE_WITHOUT_TARGET)
        return refuse(refusal, 414, "The target is too long.");
    if (bytes.len > limits->head_bytes)
        return refuse(refusal, 431, "The head is too long.");
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    reason = bad_bytes(guard, line);
    return reason ? refuse(refusal, 400, reason) : GUARD_MORE;
}

enum guard_result guard_scan(struct guard *guard, struct slice bytes,
                             const struct guard_limits *limits, struct slice *head,
                             struct refusal *refusal)
{
    /* One look over all that is new spares one at each line; there hardly ever is a NUL. */
    guard->may_have_nul = memchr(bytes.ptr + guard->scanned, '\0', bytes.len - guard->scanned);
    for (;;) {
        const char *from = bytes.ptr + guard->scanned;
        const char *lf = memchr(from, '\n', bytes.len - guard->scanned);
        struct slice line;
        enum guard_result result;

        if (!lf) {
            guard->scanned = (uint32_t)bytes.len;
            return judge_partial(guard, bytes, limits, refusal);
        }
        line = slice_of(bytes.ptr + guard->line_start,
                        (size_t)(lf + 1 - bytes.ptr) - guard->line_start);
        result = take_line(guard, line, limits, refusal);
        guard->line_start += (uint32_t)line.len;
        guard->scanned = guard->line_start;
        if (result == GUARD_MORE && guard->line_start <= limits->head_bytes)
            continue;
        if (result != GUARD_REFUSED && guard->line_start > limits->head_bytes)
            return refuse(refusal, 431, "The head is too long.");
        *head = slice_of(bytes.ptr, guard->line_start);
        return result;
    }
}

struct request_line guard_request_line(const struct guard *guard, struct slice bytes)
{
    return (struct request_line){
        .method = (enum http_method)guard->method,
        .minor_version = guard->minor_version,
        .target = slice_of(bytes.ptr + guard->target_start, guard->target_len),
    };
}
