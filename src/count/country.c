#include "count/country.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "count/country_code.h"
#include "count/country_key.h"
#include "count/country_mmdb.h"
#include "count/country_places.h"
#include "count/country_text.h"

struct countries {
    char *path;                /* NULL: there is no source */
    struct country_mmdb *mmdb; /* at most one of these two is not NULL */
    struct country_text *text;
};

/* IPv4 networks that are nobody's place (IANA's registry of special-purpose addresses, RFC 6890).
 */
static const struct {
    uint32_t address;
    unsigned prefix_bits; /* 1 to 32 */
} special_ipv4[] = {
    {0x00000000, 8},  /* 0.0.0.0, this network */
    {0x0a000000, 8},  /* 10.0.0.0, private */
    {0x64400000, 10}, /* 100.64.0.0, behind a provider's translator */
    {0x7f000000, 8},  /* 127.0.0.0, loopback */
    {0xa9fe0000, 16}, /* 169.254.0.0, link-local */
    {0xac100000, 12}, /* 172.16.0.0, private */
    {0xc0000000, 24}, /* 192.0.0.0, protocols */
    {0xc0000200, 24}, /* 192.0.2.0, documentation */
    {0xc0a80000, 16}, /* 192.168.0.0, private */
    {0xc6120000, 15}, /* 198.18.0.0, benchmarks */
    {0xc6336400, 24}, /* 198.51.100.0, documentation */
    {0xcb007100, 24}, /* 203.0.113.0, documentation */
    {0xe0000000, 3},  /* 224.0.0.0 and up: multicast, reserved, broadcast */
};

static bool is_special_ipv4(uint32_t address)
{
    for (size_t i = 0; i < sizeof(special_ipv4) / sizeof(special_ipv4[0]); i++) {
        if ((address ^ special_ipv4[i].address) >> (32 - special_ipv4[i].prefix_bits) == 0)
            return true;
    }
    return false;
}

/* Whether an address can have a country. Of IPv6 only 2000::/3 is given to networks (RFC 4291). */
static bool is_public(const struct address *address)
{
    enum country_family family;
    struct country_key key = country_key_of(address, &family);

    if (address->is_unix)
        return false;
    if (family == COUNTRY_IPV4)
        return !is_special_ipv4((uint32_t)key.low);
    return key.high >> 61 == 1 && key.high >> 32 != 0x20010db8; /* the latter is documentation */
}

static enum err open_source(struct countries *countries, struct err_info *info)
{
    struct stat status;

    if (stat(countries->path, &status) == 0 && S_ISDIR(status.st_mode))
        return country_text_open(countries->path, &countries->text, info);
    return country_mmdb_open(countries->path, &countries->mmdb, info);
}

/* The path that a setting stands for, which the caller frees; ERR_NOT_FOUND: none. */
static enum err choose_path(const char *setting, char **out)
{
    if (!setting || setting[0] == '\0')
        return country_places_find("", out);
    if (strcmp(setting, COUNTRIES_NONE) == 0)
        return ERR_NOT_FOUND;
    *out = strdup(setting);
    return *out ? ERR_OK : ERR_NO_MEMORY;
}

enum err countries_open(const char *path, struct countries **out, struct err_info *info)
{
    struct countries *countries = calloc(1, sizeof(*countries));
    enum err err = countries ? choose_path(path, &countries->path) : ERR_NO_MEMORY;

    if (err == ERR_NO_MEMORY)
        err_info_set(info, "no memory for the countries");
    if (err == ERR_OK)
        err = open_source(countries, info);
    if (err != ERR_OK && err != ERR_NOT_FOUND) {
        countries_close(countries);
        return err;
    }
    *out = countries;
    return ERR_OK;
}

void countries_close(struct countries *countries)
{
    if (!countries)
        return;
    country_mmdb_close(countries->mmdb);
    country_text_close(countries->text);
    free(countries->path);
    free(countries);
}

bool countries_find(const struct countries *countries, const struct address *address,
                    char out[static 2])
{
    uint16_t code = COUNTRY_NONE;

    if (!is_public(address))
        return false;
    if (countries->mmdb)
        code = country_mmdb_find(countries->mmdb, address);
    else if (countries->text)
        code = country_text_find(countries->text, address);
    if (code == COUNTRY_NONE)
        return false;
    country_code_write(code, out);
    return true;
}

void countries_describe(const struct countries *countries, struct countries_description *out)
{
    *out = (struct countries_description){.path = countries->path};
    if (countries->mmdb) {
        out->kind = country_mmdb_kind(countries->mmdb);
        out->made_unix_s = country_mmdb_made_unix_s(countries->mmdb);
    } else if (countries->text) {
        out->kind = "tor-geoipdb";
        out->made_unix_s = country_text_modified_unix_s(countries->text);
    }
}

enum err countries_check(const struct countries *countries, size_t *ranges, struct err_info *info)
{
    if (countries->mmdb)
        return country_mmdb_check(countries->mmdb, ranges, info);
    if (countries->text)
        return country_text_check(countries->text, ranges, info);
    *ranges = 0;
    return ERR_OK;
}
