#include "count/site_field.h"

#include <stddef.h>

#include "count/bucket.h"

/* So that total and start value, added, still are a whole number in a browser (below 2^53). */
#define MAX_START_VALUE INT64_C(1000000000000000)

/* 33,000 years: enough, and no overflow in milliseconds. */
#define MAX_UNIX_S INT64_C(1000000000000)

const struct site_field site_fields[] = {
    {
        .key = "id",
        .example = "my-blog",
        .help = "What the site is called in addresses and in the store.",
        .set = site_set_id,
        .format = site_format_id,
        .is_fixed = true,
    },
    {
        .key = "name",
        .fallback = "",
        .example = "My blog",
        .help = "What people call it; at most 100 bytes.",
        .set = site_set_name,
        .format = site_format_name,
    },
    {
        .key = "domains",
        .fallback = "none",
        .example = "example.com, www.example.com",
        .help =
            "The hosts it is reached by, at most 20. A visit that comes from one of them has no "
            "other source.",
        .set = site_set_domains,
        .format = site_format_domains,
        .form = SITE_FIELD_LIST,
    },
    {
        .key = "zone",
        .fallback = "UTC",
        .example = "Europe/Berlin",
        .help = "The time zone whose days and months the statistics have.",
        .set = site_set_zone,
        .format = site_format_zone,
    },
    {
        .key = "collect",
        .fallback = "all",
        .example = "source, country",
        .help = "What is collected of a hit besides its page: all, none, or some of source, "
                "campaign, country, language, browser, system, device, size, event and title.",
        .set = site_set_collect,
        .format = site_format_collect,
        .form = SITE_FIELD_LIST,
        .choices = &site_collect_choices,
    },
    {
        .key = "gpc",
        .fallback = "no-visitor",
        .example = "no-visitor",
        .help = "What a browser's Global Privacy Control does: ignore, no-visitor (the view is "
                "counted, no visitor is) or no-count.",
        .set = site_set_choice,
        .format = site_format_choice,
        .offset = offsetof(struct site, gpc),
        .choices = &site_privacy_choices,
    },
    {
        .key = "dnt",
        .fallback = "ignore",
        .example = "ignore",
        .help = "The same for a browser's Do Not Track.",
        .set = site_set_choice,
        .format = site_format_choice,
        .offset = offsetof(struct site, dnt),
        .choices = &site_privacy_choices,
    },
    {
        .key = "retention_days",
        .fallback = "0",
        .example = "730",
        .help = "After how many days statistics are dropped; 0 keeps them for ever.",
        .set = site_set_number,
        .format = site_format_number,
        .form = SITE_FIELD_NUMBER,
        .offset = offsetof(struct site, retention_days),
        .max = BUCKET_MAX_DAY,
    },
    {
        .key = "page_cap",
        .fallback = "10000",
        .example = "10000",
        .help = "How many pages are told apart in a day; the others are counted as (other).",
        .set = site_set_number,
        .format = site_format_number,
        .form = SITE_FIELD_NUMBER,
        .offset = offsetof(struct site, page_cap),
        .min = 100,
        .max = 100000,
    },
    {
        .key = "value_cap",
        .fallback = "2000",
        .example = "2000",
        .help = "The same for sources, campaigns and all else that is collected.",
        .set = site_set_number,
        .format = site_format_number,
        .form = SITE_FIELD_NUMBER,
        .offset = offsetof(struct site, value_cap),
        .min = 100,
        .max = 100000,
    },
    {
        .key = "allowed_origins",
        .fallback = "none",
        .example = "https://example.com",
        .help = "The origins whose scripts may count, at most 20; none lets all of them.",
        .set = site_set_origins,
        .format = site_format_origins,
        .form = SITE_FIELD_LIST,
    },
    {
        .key = "ignored_addresses",
        .fallback = "none",
        .example = "192.0.2.0/24, 2001:db8::1",
        .help = "The addresses and networks whose hits are not counted, your own for example.",
        .set = site_set_ignored,
        .format = site_format_ignored,
        .form = SITE_FIELD_LIST,
    },
    {
        .key = "start_value",
        .fallback = "0",
        .example = "41230",
        .help = "Added to the number that is shown: what another counter had counted before.",
        .set = site_set_number,
        .format = site_format_number,
        .form = SITE_FIELD_NUMBER,
        .offset = offsetof(struct site, start_value),
        .max = MAX_START_VALUE,
    },
    {
        .key = "public_counters",
        .fallback = "total",
        .example = "total",
        .help = "Which numbers everybody may see in counters, at /c/SITE.svg: off (none), total "
                "(that of the whole site) or pages (those of its pages, too).",
        .set = site_set_choice,
        .format = site_format_choice,
        .offset = offsetof(struct site, public_counters),
        .choices = &site_public_choices,
    },
    {
        .key = "public_dashboard",
        .fallback = "off",
        .example = "on",
        .help = "Who may see the dashboard without logging in, at /shared?site=SITE: off (nobody "
                "who has no link), on (everybody) or anywhere (everybody, and pages of any other "
                "site may have it in a frame).",
        .set = site_set_choice,
        .format = site_format_choice,
        .offset = offsetof(struct site, public_dashboard),
        .choices = &site_dashboard_choices,
    },
    {
        .key = "created_unix_s",
        .fallback = "0",
        .example = "1795611600",
        .help = "When it was made, in seconds since 1970.",
        .set = site_set_number,
        .format = site_format_number,
        .form = SITE_FIELD_NUMBER,
        .is_fixed = true,
        .offset = offsetof(struct site, created_unix_s),
        .max = MAX_UNIX_S,
    },
};

const size_t site_field_count = sizeof(site_fields) / sizeof(site_fields[0]);

bool site_field_is_same(const struct site_field *field, const struct site *a, const struct site *b)
{
    char text_a[SITE_FIELD_MAX_TEXT];
    char text_b[SITE_FIELD_MAX_TEXT];
    struct strbuf out_a;
    struct strbuf out_b;

    strbuf_init_fixed(&out_a, text_a, sizeof(text_a));
    strbuf_init_fixed(&out_b, text_b, sizeof(text_b));
    field->format(field, a, &out_a);
    field->format(field, b, &out_b);
    return slice_eq(strbuf_slice(&out_a), strbuf_slice(&out_b));
}

const struct site_field *site_field_find(struct slice key)
{
    for (size_t i = 0; i < site_field_count; i++) {
        if (slice_eq(key, slice_str(site_fields[i].key)))
            return &site_fields[i];
    }
    return NULL;
}
