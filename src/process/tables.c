#include "process/tables.h"

#include "count/country.h"
#include "count/spam.h"

static void log_countries(const struct countries *countries)
{
    struct countries_description what;

    countries_describe(countries, &what);
    if (what.path)
        log_info("countries", LOG_STR("file", what.path), LOG_STR("kind", what.kind),
                 LOG_INT("made_unix_s", what.made_unix_s));
}

enum err tables_open(const struct config *config, struct tables *out, struct err_info *info)
{
    struct tables tables = {.countries = NULL};
    enum err err = countries_open(config->geoip, &tables.countries, info);

    if (err == ERR_OK && config->referrer_spam)
        err = spam_list_open(config->referrer_spam, &tables.spam, info);
    if (err != ERR_OK) {
        tables_close(&tables);
        return err;
    }
    log_countries(tables.countries);
    *out = tables;
    return ERR_OK;
}

void tables_close(struct tables *tables)
{
    countries_close(tables->countries);
    spam_list_close(tables->spam);
    *tables = (struct tables){.countries = NULL};
}

void tables_reopen(const struct config *config, struct tables *tables)
{
    struct err_info info = {.text = ""};
    struct tables opened;

    if (tables_open(config, &opened, &info) != ERR_OK) {
        log_error("tables not read anew, the old ones are kept", LOG_STR("reason", info.text));
        return;
    }
    tables_close(tables);
    *tables = opened;
}
