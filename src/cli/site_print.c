#include "cli/site_print.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "count/site_field.h"

/* Most names of zones are shorter. */
#define ZONE_WIDTH 20

/* ---- text ----------------------------------------------------------------------------------- */

/* A setting as text, in `storage`; "-" for an empty one. */
static struct slice text_of(const struct site_field *field, const struct site *site,
                            char storage[static SITE_FIELD_MAX_TEXT])
{
    struct strbuf text;

    strbuf_init_fixed(&text, storage, SITE_FIELD_MAX_TEXT);
    field->format(field, site, &text);
    return text.len > 0 ? strbuf_slice(&text) : SLICE("-");
}

/* Behind two blanks, and at least `width` bytes of it. */
static void print_field(const struct site *site, const char *key, int width)
{
    char storage[SITE_FIELD_MAX_TEXT];
    struct slice text = text_of(site_field_find(slice_str(key)), site, storage);

    (void)printf("  %-*.*s", width, SLICE_ARG(text));
}

static int longest_id(const struct stored_site *sites, size_t count)
{
    size_t longest = strlen("SITE");

    for (size_t i = 0; i < count; i++)
        longest = sites[i].id.len > longest ? sites[i].id.len : longest;
    return (int)longest;
}

static void print_line(const struct stored_site *stored, int id_width)
{
    struct err_info info = {.text = "out of memory"};
    struct site *site = NULL;

    (void)printf("%-*.*s  %12" PRId64, id_width, SLICE_ARG(stored->id), stored->views);
    if (stored_site_open(stored, &site, &info) == ERR_OK) {
        print_field(site, "zone", ZONE_WIDTH);
        print_field(site, "domains", 0);
        print_field(site, "name", 0);
    } else {
        (void)printf("  its record cannot be read: %s", info.text);
    }
    (void)putchar('\n');
    site_destroy(site);
}

bool site_print_list(const struct stored_site *sites, size_t count)
{
    int id_width = longest_id(sites, count);

    (void)printf("%-*s  %12s  %-*s  DOMAINS  NAME\n", id_width, "SITE", "VIEWS", ZONE_WIDTH,
                 "ZONE");
    for (size_t i = 0; i < count; i++)
        print_line(&sites[i], id_width);
    return fflush(stdout) == 0;
}

bool site_print(const struct site *site, int64_t views)
{
    char storage[SITE_FIELD_MAX_TEXT];

    for (size_t i = 0; i < site_field_count; i++) {
        struct slice text = text_of(&site_fields[i], site, storage);

        (void)printf("%-18s %.*s\n", site_fields[i].key, SLICE_ARG(text));
    }
    (void)printf("%-18s %" PRId64 "\n", "views", views);
    return fflush(stdout) == 0;
}

bool site_print_changes(const struct site *before, const struct site *after)
{
    char old[SITE_FIELD_MAX_TEXT];
    char new[SITE_FIELD_MAX_TEXT];
    bool has_changed = false;

    for (size_t i = 0; i < site_field_count; i++) {
        const struct site_field *field = &site_fields[i];

        if (site_field_is_same(field, before, after))
            continue;
        (void)printf("%s: %.*s -> %.*s\n", field->key, SLICE_ARG(text_of(field, before, old)),
                     SLICE_ARG(text_of(field, after, new)));
        has_changed = true;
    }
    if (!has_changed)
        (void)printf("nothing is different: %s was so already\n", after->id);
    return fflush(stdout) == 0;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static json_t *object_of(const struct site *site, int64_t views)
{
    struct strbuf text;
    json_t *object = NULL;

    strbuf_init(&text, SITE_MAX_JSON);
    if (site_encode(site, &text) == ERR_OK)
        object = json_loadb(text.ptr, text.len, 0, NULL);
    strbuf_fini(&text);
    if (object && json_object_set_new(object, "views", json_integer(views)) == 0)
        return object;
    json_decref(object);
    return NULL;
}

static bool print_object(json_t *object)
{
    bool is_written = object && json_dumpf(object, stdout, JSON_COMPACT) == 0 &&
                      putchar('\n') != EOF && fflush(stdout) == 0;

    json_decref(object);
    return is_written;
}

bool site_print_json(const struct site *site, int64_t views)
{
    return print_object(object_of(site, views));
}

bool site_print_list_json(const struct stored_site *sites, size_t count)
{
    json_t *list = json_array();
    bool has_failed = !list;

    for (size_t i = 0; i < count && !has_failed; i++) {
        struct site *site = NULL;
        enum err err = stored_site_open(&sites[i], &site, NULL);

        has_failed = err == ERR_NO_MEMORY ||
                     (site && json_array_append_new(list, object_of(site, sites[i].views)) != 0);
        site_destroy(site);
    }
    if (has_failed) {
        json_decref(list);
        return false;
    }
    return print_object(json_pack("{s:o}", "sites", list));
}
