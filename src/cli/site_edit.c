#include "cli/site_edit.h"

#include "count/site_field.h"

static enum err set_word(struct site *site, struct slice word, struct err_info *info)
{
    const char *sign = memchr(word.ptr, '=', word.len);
    size_t key_len = sign ? (size_t)(sign - word.ptr) : word.len;

    if (!sign) {
        err_info_set(info, "\"%.*s\" is no KEY=VALUE, as zone=Europe/Berlin is", SLICE_ARG(word));
        return ERR_INVALID;
    }
    return site_set(site, slice_of(word.ptr, key_len), slice_from(word, key_len + 1), info);
}

static enum err set_words(struct site *site, const struct site_words *words, struct err_info *info)
{
    enum err err = ERR_OK;

    for (unsigned i = 0; i < words->count && err == ERR_OK; i++)
        err = set_word(site, slice_str(words->words[i]), info);
    return err;
}

static enum err create(const struct site_words *words, struct site **out, struct err_info *info)
{
    struct site *site;
    enum err err = site_create(words->id, words->now_unix_s, &site, info);

    if (err != ERR_OK)
        return err;
    err = set_words(site, words, info);
    if (err == ERR_OK)
        err = site_check(site, info);
    if (err == ERR_OK)
        *out = site;
    else
        site_destroy(site);
    return err;
}

enum err site_words_check(const struct site_words *words, struct err_info *info)
{
    struct site *site = NULL;
    enum err err = create(words, &site, info);

    site_destroy(site);
    return err == ERR_OK || err == ERR_NO_MEMORY ? err : ERR_INVALID;
}

/* Whether all settings but the moment it was made are the same. */
static bool is_same(const struct site *a, const struct site *b)
{
    for (size_t i = 0; i < site_field_count; i++) {
        const struct site_field *field = &site_fields[i];

        if (!field->is_fixed && !site_field_is_same(field, a, b))
            return false;
    }
    return true;
}

/* The same once more finishes what was interrupted. */
static enum err keep_same(const struct site *now, struct site **out, struct err_info *info)
{
    bool is_right = is_same(now, *out);

    site_destroy(*out);
    *out = is_right ? site_dup(now) : NULL;
    if (*out)
        return ERR_OK;
    if (is_right)
        return ERR_NO_MEMORY;
    err_info_set(info,
                 "the site %s is there already; \"footfall site set %s KEY=VALUE\" changes it",
                 now->id, now->id);
    return ERR_INVALID;
}

enum err site_edit_add(void *ctx, const struct site *now, struct site **out, struct err_info *info)
{
    enum err err = create(ctx, out, info);

    return err == ERR_OK && now ? keep_same(now, out, info) : err;
}

enum err site_edit_set(void *ctx, const struct site *now, struct site **out, struct err_info *info)
{
    const struct site_words *words = ctx;
    struct site *site = now ? site_dup(now) : NULL;
    enum err err = site ? set_words(site, words, info) : ERR_NO_MEMORY;

    if (!now) {
        err_info_set(info, "there is no site %.*s; \"footfall site list\" names those there are",
                     SLICE_ARG(words->id));
        return ERR_NOT_FOUND;
    }
    if (err == ERR_OK)
        *out = site;
    else
        site_destroy(site);
    return err;
}

enum err site_edit_remove(void *ctx, const struct site *now, struct site **out,
                          struct err_info *info)
{
    (void)ctx;
    (void)now;
    (void)out;
    (void)info;
    return ERR_OK;
}
