#include "web/site_words.h"

static const struct {
    const char *key;
    struct site_words words;
} settings[] = {
    {"name", {"Site", "Name", "What people call it."}},
    {"domains",
     {NULL, "Domains",
      "The hosts it is reached by, one a line. A visit that comes from one of them has no other "
      "source."}},
    {"zone",
     {NULL, "Time zone", "Whose days and months the statistics have, for example Europe/Berlin."}},
    {"collect", {"What is counted", "Collected of each view, besides its page", ""}},
    {"gpc", {NULL, "When the browser sends Global Privacy Control", ""}},
    {"dnt", {NULL, "When the browser sends Do Not Track", ""}},
    {"retention_days",
     {NULL, "Keep statistics for", "Days. What is older is dropped; 0 keeps it for ever."}},
    {"allowed_origins",
     {"Who may count", "Allowed origins",
      "The origins whose scripts may count, one a line, for example https://example.com. Empty: "
      "all of them."}},
    {"ignored_addresses",
     {NULL, "Ignored addresses",
      "Addresses and networks whose hits are not counted, one a line, for example 192.0.2.0/24. "
      "Your own are good ones."}},
    {"page_cap",
     {"Limits", "Pages told apart in a day", "Further ones are counted together, as (other)."}},
    {"value_cap",
     {NULL, "Values told apart in a day", "The same of sources, campaigns and so on."}},
    {"start_value",
     {"Counters", "Start value",
      "Added to the number that is shown: what another counter had counted before."}},
    {"public_counters", {NULL, "Numbers that everybody may see in counters", ""}},
    {"public_dashboard",
     {"Dashboard", "Who may see it without logging in",
      "Links for single people, with an end, are made on the page Share."}},
};

struct site_words site_words_of(const struct site_field *field)
{
    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (strcmp(settings[i].key, field->key) == 0)
            return settings[i].words;
    }
    return (struct site_words){.label = field->key, .help = field->help};
}

static const struct {
    const struct site_choices *choices;
    const char *word;
    const char *text;
} choice_texts[] = {
    {&site_privacy_choices, "ignore", "Count it as any other"},
    {&site_privacy_choices, "no-visitor", "Count the view, and no visitor"},
    {&site_privacy_choices, "no-count", "Count nothing"},
    {&site_public_choices, "off", "None"},
    {&site_public_choices, "total", "That of the whole site"},
    {&site_public_choices, "pages", "Those of its pages, too"},
    {&site_dashboard_choices, "off", "Nobody who has no link"},
    {&site_dashboard_choices, "on", "Everybody"},
    {&site_dashboard_choices, "anywhere", "Everybody, also within pages of any other site"},
    {&site_collect_choices, "source", "Source"},
    {&site_collect_choices, "campaign", "Campaign"},
    {&site_collect_choices, "country", "Country"},
    {&site_collect_choices, "language", "Language"},
    {&site_collect_choices, "browser", "Browser"},
    {&site_collect_choices, "system", "System"},
    {&site_collect_choices, "device", "Device"},
    {&site_collect_choices, "size", "Screen size"},
    {&site_collect_choices, "event", "Events"},
    {&site_collect_choices, "title", "Title of the page"},
};

const char *site_choice_text(const struct site_choices *choices, struct slice word)
{
    for (size_t i = 0; i < sizeof(choice_texts) / sizeof(choice_texts[0]); i++) {
        if (choice_texts[i].choices == choices && slice_eq(slice_str(choice_texts[i].word), word))
            return choice_texts[i].text;
    }
    return word.ptr;
}
