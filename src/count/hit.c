#include "count/hit.h"

#include "base/utf8.h"

static bool is_visible_ascii(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    }
    return true;
}

static enum err check_site(struct slice site, struct err_info *info)
{
    if (slice_eq(site, SLICE(SITE_DEFAULT)))
        return ERR_OK;
    err_info_set(info, "there is no such site; this server has the site \"" SITE_DEFAULT "\"");
    return ERR_NOT_FOUND;
}

static enum err check_path(struct slice path, struct err_info *info)
{
    if (path.len == 0) {
        err_info_set(info, "p, the path of the page, is missing; send for example p=/about");
        return ERR_INVALID;
    }
    if (path.len > HIT_MAX_PATH) {
        err_info_set(info, "p, the path of the page, has %zu bytes; at most %d are taken", path.len,
                     HIT_MAX_PATH);
        return ERR_INVALID;
    }
    if (!utf8_is_clean(path)) {
        err_info_set(info, "p, the path of the page, is not UTF-8 or has control characters");
        return ERR_INVALID;
    }
    return ERR_OK;
}

enum err hit_check_page(struct slice site, struct slice path, struct err_info *info)
{
    enum err err = check_site(site, info);

    return err == ERR_OK ? check_path(path, info) : err;
}

enum err hit_check(const struct hit_input *input, struct err_info *info)
{
    enum err err = hit_check_page(input->site, input->path, info);

    if (err != ERR_OK)
        return err;
    if (input->id.len > HIT_MAX_ID || !is_visible_ascii(input->id)) {
        err_info_set(info, "id must be 1 to %d visible ASCII characters", HIT_MAX_ID);
        return ERR_INVALID;
    }
    return ERR_OK;
}
