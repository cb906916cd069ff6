#include "count/country_places.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOR_FOLDER "/usr/share/tor"
#define TOR_TABLE  "/geoip"

/* The best first. */
static const char *const patterns[] = {
    "/GeoIP2-Country.mmdb", "/GeoLite2-Country.mmdb", "/GeoIP2-City.mmdb", "/GeoLite2-City.mmdb",
    "/dbip-country*.mmdb",  "/dbip-city*.mmdb",       "/ipinfo*.mmdb",     "/country*.mmdb",
};

static const char *const folders[] = {"/var/lib/GeoIP", "/usr/share/GeoIP"};

/* The last path in alphabetical order, which is that of the latest date. */
static enum err find(const char *root, const char *folder, const char *pattern, char **out)
{
    glob_t found = {.gl_pathc = 0};
    char *path = NULL;
    enum err err = ERR_NOT_FOUND;
    int status;

    if (asprintf(&path, "%s%s%s", root, folder, pattern) < 0)
        return ERR_NO_MEMORY;
    status = glob(path, 0, NULL, &found);
    free(path);
    if (status == GLOB_NOSPACE)
        err = ERR_NO_MEMORY;
    if (status == 0) {
        *out = strdup(found.gl_pathv[found.gl_pathc - 1]);
        err = *out ? ERR_OK : ERR_NO_MEMORY;
    }
    globfree(&found);
    return err;
}

static enum err find_tor(const char *root, char **out)
{
    enum err err = find(root, TOR_FOLDER, TOR_TABLE, out);

    if (err == ERR_OK)
        (*out)[strlen(*out) - strlen(TOR_TABLE)] = '\0';
    return err;
}

enum err country_places_find(const char *root, char **out)
{
    for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
        for (size_t j = 0; j < sizeof(folders) / sizeof(folders[0]); j++) {
            enum err err = find(root, folders[j], patterns[i], out);

            if (err != ERR_NOT_FOUND)
                return err;
        }
    }
    return find_tor(root, out);
}
