#include "count/country_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* By enum country_family. */
static const char *const names[2] = {"geoip", "geoip6"};

/* The error of a table as that of its file. */
static enum err refuse(enum country_family family, enum err err, const struct err_info *why,
                       struct err_info *info)
{
    err_info_set(info, "%s %s", names[family], why->text);
    return err == ERR_INVALID ? ERR_CONFIG : err;
}

static enum err open_table(struct country_text *text, const char *folder,
                           enum country_family family, struct err_info *info)
{
    struct country_file *file = &text->files[family];
    struct err_info why = {""};
    char path[4096];
    int len = snprintf(path, sizeof(path), "%s/%s", folder, names[family]);
    enum err err;

    if (len < 0 || (size_t)len >= sizeof(path)) {
        err_info_set(info, "the path of the tables of countries is too long");
        return ERR_CONFIG;
    }
    err = country_file_map(path, file, info);
    if (err != ERR_OK)
        return err;
    err = country_table_init(&text->tables[family], family, file->bytes, &why);
    if (err != ERR_OK)
        return refuse(family, err, &why, info);
    /* The index took a look at every page; none of them needs to stay in this process' memory. */
    (void)madvise(file->map, file->bytes.len, MADV_DONTNEED);
    return ERR_OK;
}

enum err country_text_open(const char *folder, struct country_text **out, struct err_info *info)
{
    struct country_text *text = calloc(1, sizeof(*text));
    enum err err;

    if (!text) {
        err_info_set(info, "no memory for the tables of countries");
        return ERR_NO_MEMORY;
    }
    err = open_table(text, folder, COUNTRY_IPV4, info);
    if (err == ERR_OK)
        err = open_table(text, folder, COUNTRY_IPV6, info);
    if (err != ERR_OK) {
        country_text_close(text);
        return err;
    }
    *out = text;
    return ERR_OK;
}

void country_text_close(struct country_text *text)
{
    if (!text)
        return;
    for (size_t i = 0; i < 2; i++) {
        country_table_fini(&text->tables[i]);
        country_file_unmap(&text->files[i]);
    }
    free(text);
}

uint16_t country_text_find(const struct country_text *text, const struct address *address)
{
    enum country_family family;
    struct country_key key = country_key_of(address, &family);

    return country_table_find(&text->tables[family], key);
}

int64_t country_text_modified_unix_s(const struct country_text *text)
{
    int64_t ipv4 = text->files[COUNTRY_IPV4].modified_unix_s;
    int64_t ipv6 = text->files[COUNTRY_IPV6].modified_unix_s;

    return ipv4 < ipv6 ? ipv4 : ipv6;
}

enum err country_text_check(const struct country_text *text, size_t *ranges, struct err_info *info)
{
    size_t counts[2];

    for (size_t i = 0; i < 2; i++) {
        struct err_info why = {""};
        enum err err = country_table_check(&text->tables[i], &counts[i], &why);

        if (err != ERR_OK)
            return refuse(text->tables[i].family, err, &why, info);
    }
    *ranges = counts[0] + counts[1];
    return ERR_OK;
}
