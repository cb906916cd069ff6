#include "count/hit.h"

#include <string.h>

#include "store/counter.h"

static bool is_site_text(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\0' || !strchr("abcdefghijklmnopqrstuvwxyz0123456789-_", text.ptr[i]))
            return false;
    }
    return true;
}

static bool is_visible_ascii(struct slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    }
    return true;
}

enum err hit_check_site(struct slice site, struct err_info *info)
{
    if (site.len == 0 || site.len > COUNTER_MAX_SITE || !is_site_text(site)) {
        err_info_set(info, "site must be the id of a site: 1 to %d of a-z 0-9 - _",
                     COUNTER_MAX_SITE);
        return ERR_INVALID;
    }
    return ERR_OK;
}

enum err hit_check_id(struct slice id, struct err_info *info)
{
    if (id.len <= HIT_MAX_ID && is_visible_ascii(id))
        return ERR_OK;
    err_info_set(info, "id must be 1 to %d visible ASCII characters", HIT_MAX_ID);
    return ERR_INVALID;
}
