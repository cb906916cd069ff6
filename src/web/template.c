#include "web/template.h"

#include "web/answer.h"

/* What is being filled in: the objects around this place, the outermost first. */
struct scope {
    const json_t *objects[TEMPLATE_MAX_DEPTH];
    size_t depth;
};

/* A {{tag}}, and what is left behind it. */
struct tag {
    char kind; /* one of # ^ / &, or 0 */
    struct slice name;
    struct slice before; /* text up to it */
    struct slice rest;
};

static void render(struct strbuf *out, struct slice text, struct scope *scope);

static bool find_tag(struct slice text, struct tag *out)
{
    const char *open = memmem(text.ptr, text.len, "{{", 2);
    const char *close = open ? memmem(open, text.len - (size_t)(open - text.ptr), "}}", 2) : NULL;

    if (!close)
        return false;
    out->before = slice_of(text.ptr, (size_t)(open - text.ptr));
    out->name = slice_of(open + 2, (size_t)(close - open) - 2);
    out->rest = slice_from(text, (size_t)(close - text.ptr) + 2);
    out->kind = 0;
    if (out->name.len > 0 && strchr("#^/&", out->name.ptr[0])) {
        out->kind = out->name.ptr[0];
        out->name = slice_from(out->name, 1);
    }
    return true;
}

/* Cuts the block that `open` begins off: its content, and what is behind its end. */
static bool cut_block(const struct tag *open, struct slice *content, struct slice *rest)
{
    struct tag tag = {.rest = open->rest};
    unsigned depth = 1;

    while (find_tag(tag.rest, &tag)) {
        if (!slice_eq(tag.name, open->name) || tag.kind == 0 || tag.kind == '&')
            continue;
        depth += tag.kind == '/' ? -1U : 1U;
        if (depth > 0)
            continue;
        *content =
            slice_of(open->rest.ptr, (size_t)(tag.before.ptr + tag.before.len - open->rest.ptr));
        *rest = tag.rest;
        return true;
    }
    return false;
}

static const json_t *look_up(const struct scope *scope, struct slice name)
{
    for (size_t i = scope->depth; i > 0; i--) {
        const json_t *value = json_object_getn(scope->objects[i - 1], name.ptr, name.len);

        if (value)
            return value;
    }
    return NULL;
}

static void append_value(struct strbuf *out, const json_t *value, bool is_html)
{
    struct slice text;

    if (json_is_integer(value))
        strbuf_append_int(out, json_integer_value(value));
    if (!json_is_string(value))
        return;
    text = slice_of(json_string_value(value), json_string_length(value));
    if (is_html)
        strbuf_append(out, text);
    else
        append_html(out, text);
}

static bool is_there(const json_t *value)
{
    if (json_is_array(value))
        return json_array_size(value) > 0;
    if (json_is_string(value))
        return json_string_length(value) > 0;
    return json_is_true(value) || json_is_object(value);
}

static void render_in(struct strbuf *out, struct slice content, struct scope *scope,
                      const json_t *object)
{
    if (scope->depth == TEMPLATE_MAX_DEPTH) {
        out->failed = true;
        return;
    }
    scope->objects[scope->depth++] = object;
    render(out, content, scope);
    scope->depth--;
}

static void render_block(struct strbuf *out, struct slice content, struct scope *scope,
                         const json_t *value)
{
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++)
            render_in(out, content, scope, json_array_get(value, i));
    } else if (json_is_object(value)) {
        render_in(out, content, scope, value);
    } else {
        render(out, content, scope);
    }
}

/* @return what is left of the text */
static struct slice render_tag(struct strbuf *out, const struct tag *tag, struct scope *scope)
{
    const json_t *value = look_up(scope, tag->name);
    struct slice content;
    struct slice rest = tag->rest;

    if (tag->kind == 0 || tag->kind == '&') {
        append_value(out, value, tag->kind == '&');
    } else if (tag->kind == '/' || !cut_block(tag, &content, &rest)) {
        out->failed = true; /* an end without a beginning, or the other way round */
    } else if (tag->kind == '#' && is_there(value)) {
        render_block(out, content, scope, value);
    } else if (tag->kind == '^' && !is_there(value)) {
        render(out, content, scope);
    }
    return rest;
}

/* As deep as blocks are in templates of ours. */
static void render(struct strbuf *out, struct slice text, struct scope *scope)
{
    struct tag tag;

    while (!out->failed && find_tag(text, &tag)) {
        strbuf_append(out, tag.before);
        text = render_tag(out, &tag, scope);
    }
    strbuf_append(out, text);
}

void template_render(struct strbuf *out, struct slice text, const json_t *data)
{
    struct scope scope = {.objects = {data}, .depth = 1};

    render(out, text, &scope);
}
