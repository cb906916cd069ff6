#include "web/hit_list.h"

#include "web/json_body.h"

/* What one call works on. */
struct reading {
    const struct hit_dialect *dialect;
    const struct hit_sender *sender;
    struct arena *arena;
    struct hit_terms terms;
};

static enum err read_fields(const struct reading *r, json_t *value, struct hit_fields *fields,
                            struct hit_request *hit, struct err_info *info)
{
    const struct hit_dialect *dialect = r->dialect;
    enum err err =
        hit_fields_read(value, dialect->fields, dialect->field_count, r->arena, fields, info);

    if (err == ERR_OK && dialect->adapt)
        err = dialect->adapt(&r->terms, fields, hit, info);
    return err;
}

static enum err read_hit(const struct reading *r, json_t *value, struct run_hit *out)
{
    struct hit_fields fields;
    struct err_info info = {""};
    enum err err;

    memset(out, 0, sizeof(*out));
    err = read_fields(r, value, &fields, &out->request, &info);
    if (err == ERR_OK)
        return hit_make(&fields, r->sender, r->arena, out);
    return err == ERR_INVALID ? hit_refuse(out, &info, r->arena) : err;
}

static enum err read_hits(const struct reading *r, struct hit_list *out, struct err_info *info)
{
    json_t *hits = r->terms.hits;
    size_t count = json_is_array(hits) ? json_array_size(hits) : 1;
    struct run_hit *made;
    enum err err = ERR_OK;

    if (count == 0 || count > HIT_LIST_MAX) {
        err_info_set(info, "a request has 1 to %d hits, and this one has %zu", HIT_LIST_MAX, count);
        return ERR_INVALID;
    }
    made = arena_alloc(r->arena, count * sizeof(*made));
    if (!made)
        return ERR_NO_MEMORY;
    for (size_t i = 0; i < count && err == ERR_OK; i++)
        err = read_hit(r, json_is_array(hits) ? json_array_get(hits, i) : hits, &made[i]);
    if (err == ERR_OK)
        *out = (struct hit_list){made, count};
    return err;
}

enum err hit_list_read(const struct hit_dialect *dialect, struct slice body,
                       const struct hit_sender *sender, struct arena *arena, struct hit_list *out,
                       struct err_info *info)
{
    struct reading r = {.dialect = dialect, .sender = sender, .arena = arena};
    json_t *root;
    enum err err = json_body_parse(body, &root, info);

    if (err != ERR_OK)
        return err;
    err = dialect->find(root, &r.terms, info);
    if (err == ERR_OK)
        err = read_hits(&r, out, info);
    json_decref(root);
    return err;
}
