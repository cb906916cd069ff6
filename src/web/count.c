#include <strings.h>

#include "base/percent.h"
#include "base/query.h"
#include "http/media_type.h"
#include "web/answer.h"
#include "web/counting.h"
#include "web/resources.h"

/* A value that is longer is too long for anything: decoding makes at most three bytes one. */
#define MAX_RAW_VALUE ((size_t)3 * HIT_MAX_PATH)

#define HEADERS       HEADER_NO_STORE HEADER_CORS "Vary: Accept\r\n"

/* A transparent picture of 1 by 1 (GIF89a), 43 bytes. */
static const char pixel[] = "GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\4\1\0\0\0\0,\0\0\0\0\1\0"
                            "\1\0\0\2\2D\1\0;";
_Static_assert(sizeof(pixel) - 1 == 43, "the pixel has 43 bytes");

static void answer_pixel(struct request *req)
{
    request_respond(req, &(struct response){.status = 200,
                                            .content_type = SLICE("image/gif"),
                                            .headers = SLICE(HEADERS),
                                            .body = slice_of(pixel, sizeof(pixel) - 1)});
}

static void on_counted_pixel(struct request *req, struct slice site, struct slice path,
                             const struct hit_answer *answer)
{
    (void)site;
    (void)path;
    (void)answer;
    answer_pixel(req);
}

static void on_counted_json(struct request *req, struct slice site, struct slice path,
                            const struct hit_answer *answer)
{
    char storage[6 * HIT_MAX_PATH + 512]; /* each byte escaped, and the rest */
    struct strbuf body;

    strbuf_init_fixed(&body, storage, sizeof(storage));
    strbuf_append(&body, SLICE("{\"site\":"));
    append_json_string(&body, site);
    strbuf_append(&body, SLICE(",\"path\":"));
    append_json_string(&body, path);
    strbuf_append(&body, SLICE(",\"count\":"));
    strbuf_append_int(&body, answer->count);
    strbuf_append(&body, SLICE(",\"site_count\":"));
    strbuf_append_int(&body, answer->site_count);
    strbuf_append(&body, answer->duplicate ? SLICE(",\"duplicate\":true}\n")
                                           : SLICE(",\"duplicate\":false}\n"));
    answer_json(req, 200, HEADERS, strbuf_slice(&body));
}

/* The keys of a hit, as GoatCounter names them. Those that describe the visit (t, r, e, s, q, b,
 * ns, rnd) are welcome and not looked at yet. */
static struct slice *key_place(struct hit_input *input, struct slice name)
{
    if (slice_eq(name, SLICE("p")))
        return &input->path;
    if (slice_eq(name, SLICE("site")))
        return &input->site;
    if (slice_eq(name, SLICE("id")))
        return &input->id;
    return NULL;
}

/* Notes the pairs of a query or a form, as they stand there; of a key given twice the last one
 * holds. */
static void note_pairs(struct slice query, struct hit_input *input)
{
    struct query_reader reader = query_reader_init(query);
    struct query_pair pair;

    while (query_next(&reader, &pair)) {
        struct slice *place = key_place(input, pair.name);

        if (place)
            *place = pair.value;
    }
}

static enum err decode(struct request *req, const char *name, struct slice *value,
                       struct err_info *info)
{
    char *decoded;

    if (value->len > MAX_RAW_VALUE)
        return ERR_OK; /* hit_check() says what is wrong with it */
    decoded = request_alloc(req, value->len + 1);
    if (!decoded)
        return ERR_NO_MEMORY;
    *value = percent_decode(*value, PERCENT_FORM, decoded);
    if (value->ptr)
        return ERR_OK;
    err_info_set(info, "%s has a %% that is not followed by two hex digits", name);
    return ERR_INVALID;
}

static bool is_form(const struct request *req)
{
    struct slice type = req->fields[FIELD_CONTENT_TYPE];
    const struct slice form = SLICE("application/x-www-form-urlencoded");

    return type.len >= form.len && strncasecmp(type.ptr, form.ptr, form.len) == 0;
}

static enum err read_hit(struct request *req, struct hit_input *input, struct err_info *info)
{
    enum err err;

    *input = (struct hit_input){.site = SLICE(SITE_DEFAULT)};
    note_pairs(req->query, input);
    if (is_form(req))
        note_pairs(req->body, input);
    err = decode(req, "p", &input->path, info);
    if (err == ERR_OK)
        err = decode(req, "site", &input->site, info);
    if (err == ERR_OK)
        err = decode(req, "id", &input->id, info);
    if (err == ERR_OK)
        err = hit_check(input, info);
    /* The address is right, so what it names wrongly is the client's mistake: 400. */
    return err == ERR_NOT_FOUND ? ERR_INVALID : err;
}

void count_hit(struct request *req)
{
    struct hit_input input;
    struct err_info info = {""};
    enum err err = read_hit(req, &input, &info);
    bool is_json = media_type_is_named(req->fields[FIELD_ACCEPT], SLICE("application/json"));

    if (err != ERR_OK)
        answer_err(req, err, &info);
    else
        counting_hit_or_look(req, &input, is_json ? on_counted_json : on_counted_pixel);
}
