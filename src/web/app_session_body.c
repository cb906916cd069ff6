#include "web/app_session_body.h"

#include "base/ascii.h"
#include "base/utf8.h"
#include "session/session_names.h"
#include "web/answer.h"
#include "web/json_body.h"

enum form { FORM_TEXT, FORM_NUMBER, FORM_OBJECT };

struct member {
    struct slice name;
    enum app_session_member bit;
    enum form form;
    size_t offset; /* in struct app_session_body: of a slice, or an int64_t */
};

#define MEMBER(name_, bit_, form_, member_)                                                        \
    {                                                                                              \
        SLICE_INIT(name_), (bit_), (form_), offsetof(struct app_session_body, member_)             \
    }

static const struct member members[] = {
    MEMBER("token", MEMBER_TOKEN, FORM_TEXT, token),
    MEMBER("user", MEMBER_USER, FORM_TEXT, user),
    MEMBER("data", MEMBER_DATA, FORM_OBJECT, data),
    MEMBER("idle", MEMBER_IDLE, FORM_NUMBER, idle_s),
    MEMBER("absolute", MEMBER_ABSOLUTE, FORM_NUMBER, absolute_s),
    MEMBER("country", MEMBER_COUNTRY, FORM_TEXT, country),
    MEMBER("device", MEMBER_DEVICE, FORM_TEXT, device),
    MEMBER("version", MEMBER_VERSION, FORM_NUMBER, version),
    MEMBER("id", MEMBER_ID, FORM_TEXT, id),
    MEMBER("except", MEMBER_EXCEPT, FORM_TEXT, except),
};
#define MEMBERS (sizeof(members) / sizeof(members[0]))

/* A body that is being read. */
struct reading {
    struct request *req;
    unsigned may;
    struct app_session_body *out;
    struct err_info *info;
};

/* ---- data, as they were sent ---------------------------------------------------------------- */

/* Where the text that begins at `start` with its quote is over. The JSON is known to be sound. */
static size_t text_end(struct slice json, size_t start)
{
    size_t i = start + 1;

    while (i < json.len && json.ptr[i] != '"')
        i += json.ptr[i] == '\\' ? 2 : 1;
    return i + 1;
}

/* In the outer object. */
struct walk {
    int depth;
    bool at_name;   /* the next text is the name of a member */
    bool is_wanted; /* that was the name of the one that is looked for */
    bool copies;    /* what comes is its value */
};

static void walk_text(struct walk *walk, struct slice text, struct slice name, struct strbuf *out)
{
    if (walk->depth == 1 && walk->at_name)
        walk->is_wanted = slice_eq(slice_of(text.ptr + 1, text.len - 2), name);
    else if (walk->copies)
        strbuf_append(out, text);
}

static void walk_char(struct walk *walk, char c, struct strbuf *out)
{
    if (walk->depth == 1 && c == ':') {
        walk->copies = walk->is_wanted;
        walk->at_name = false;
        return;
    }
    if (walk->depth == 1 && (c == ',' || c == '}')) {
        walk->copies = false;
        walk->at_name = true;
    }
    if (walk->copies)
        strbuf_append_char(out, c);
    if (c == '{' || c == '[')
        walk->at_name = ++walk->depth == 1;
    else if (c == '}' || c == ']')
        walk->depth--;
}

/* Copies the value of a member: all but the blanks between its parts. Read and written again, a
 * number as 0.10 would become another text. */
static void copy_value(struct slice json, struct slice name, struct strbuf *out)
{
    struct walk walk = {.depth = 0};
    size_t i = 0;

    while (i < json.len) {
        size_t end = json.ptr[i] == '"' ? text_end(json, i) : i + 1;

        if (end > json.len)
            return;
        if (json.ptr[i] == '"')
            walk_text(&walk, slice_of(json.ptr + i, end - i), name, out);
        else if (!ascii_is_blank(json.ptr[i]))
            walk_char(&walk, json.ptr[i], out);
        i = end;
    }
}

static enum err read_data(const struct reading *r, struct slice name, struct slice *out)
{
    char *room = request_alloc(r->req, SESSION_MAX_DATA);
    struct strbuf text;

    if (!room)
        return ERR_NO_MEMORY;
    strbuf_init_fixed(&text, room, SESSION_MAX_DATA);
    copy_value(r->req->body, name, &text);
    if (text.failed || text.len == 0) { /* nothing: its name was sent escaped */
        err_info_set(r->info, "data is an object of at most %d bytes", SESSION_MAX_DATA);
        return ERR_INVALID;
    }
    *out = strbuf_slice(&text);
    return ERR_OK;
}

/* ---- members -------------------------------------------------------------------------------- */

static enum err refuse(const struct reading *r, const struct member *member, const char *form)
{
    err_info_set(r->info, "%s has to be %s", member->name.ptr, form);
    return ERR_INVALID;
}

static enum err read_member(const struct reading *r, const struct member *member,
                            const json_t *value)
{
    void *place = (char *)r->out + member->offset;

    switch (member->form) {
    case FORM_TEXT:
        if (!json_is_string(value))
            return refuse(r, member, "a text");
        *(struct slice *)place = slice_of(json_string_value(value), json_string_length(value));
        return ERR_OK;
    case FORM_NUMBER:
        if (!json_is_integer(value) || json_integer_value(value) < 1)
            return refuse(r, member, "a whole number from 1");
        *(int64_t *)place = json_integer_value(value);
        return ERR_OK;
    case FORM_OBJECT:
        if (!json_is_object(value))
            return refuse(r, member, "an object");
        return read_data(r, member->name, place);
    }
    return ERR_INVALID;
}

static const struct member *find_member(const char *name)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if (slice_eq(members[i].name, slice_str(name)))
            return &members[i];
    }
    return NULL;
}

static enum err read_members(const struct reading *r)
{
    const char *name;
    json_t *value;

    json_object_foreach(r->out->root, name, value)
    {
        const struct member *member = find_member(name);
        enum err err;

        if (!member || !(r->may & (unsigned)member->bit)) {
            err_info_set(r->info, "the body has a member that this address does not take");
            return ERR_INVALID;
        }
        err = read_member(r, member, value);
        if (err != ERR_OK)
            return err;
        r->out->given |= (unsigned)member->bit;
    }
    return ERR_OK;
}

static enum err check_given(const struct reading *r, unsigned must)
{
    const struct app_session_body *body = r->out;

    for (size_t i = 0; i < MEMBERS; i++) {
        if (must & ~body->given & (unsigned)members[i].bit) {
            err_info_set(r->info, "%s is missing", members[i].name.ptr);
            return ERR_INVALID;
        }
    }
    if (body->given & MEMBER_USER &&
        (body->user.len < 1 || body->user.len > SESSION_MAX_USER || !utf8_is_clean(body->user))) {
        err_info_set(r->info, "user is 1 to %d bytes of UTF-8 without control characters",
                     SESSION_MAX_USER);
        return ERR_INVALID;
    }
    /* What is no id would keep no session. */
    if (body->given & MEMBER_EXCEPT && !session_hash_is_sound(body->except)) {
        err_info_set(r->info, "except is the id of a session");
        return ERR_INVALID;
    }
    return ERR_OK;
}

static enum err read_body(const struct reading *r, unsigned must)
{
    enum err err = json_body_parse(r->req->body, &r->out->root, r->info);

    if (err == ERR_OK && !json_is_object(r->out->root)) {
        err_info_set(r->info, "the body has to be an object");
        err = ERR_INVALID;
    }
    if (err == ERR_OK)
        err = read_members(r);
    return err == ERR_OK ? check_given(r, must) : err;
}

bool app_session_body_read(struct request *req, unsigned must, unsigned may,
                           struct app_session_body *out)
{
    struct err_info info = {""};
    const struct reading r = {.req = req, .may = must | may, .out = out, .info = &info};
    enum err err;

    *out = (struct app_session_body){.token = SLICE(""),
                                     .user = SLICE(""),
                                     .data = SLICE("{}"),
                                     .country = SLICE(""),
                                     .device = SLICE(""),
                                     .id = SLICE(""),
                                     .except = SLICE("")};
    if (!json_body_is_named(req)) {
        answer_error(req, 415, "The body has to be sent as Content-Type: application/json.", "");
        return false;
    }
    if (req->body.len > APP_SESSION_MAX_BODY) {
        answer_error(req, 413, "The body is too large: at most 64 KiB are taken.", "");
        return false;
    }
    err = read_body(&r, must);
    if (err == ERR_OK)
        return true;
    app_session_body_fini(out);
    answer_err(req, err, &info);
    return false;
}

void app_session_body_fini(struct app_session_body *body)
{
    json_decref(body->root);
    body->root = NULL;
}
