#include "count/campaign.h"

#include "base/ascii.h"
#include "base/percent.h"
#include "base/query.h"
#include "base/utf8.h"
#include "count/source.h"
#include "count/tracking.h"

/* What the query says of each part, as it stands there. */
struct found {
    const struct tracking *by[TRACKING_PART_COUNT_]; /* NULL: nothing */
    struct slice raw[TRACKING_PART_COUNT_];
};

static void note(struct found *found, const struct tracking *tracking, struct slice raw)
{
    const struct tracking *before = found->by[tracking->part];

    if (raw.len == 0 || (before && before->rank <= tracking->rank))
        return;
    found->by[tracking->part] = tracking;
    found->raw[tracking->part] = raw;
}

static void note_pairs(struct found *found, struct slice query)
{
    struct query_reader reader = query_reader_init(query);
    struct query_pair pair;

    while (query_next(&reader, &pair)) {
        const struct tracking *tracking = tracking_find(pair.name);

        if (tracking)
            note(found, tracking, pair.value);
    }
}

static bool is_encoded(struct slice raw)
{
    return memchr(raw.ptr, '%', raw.len) || memchr(raw.ptr, '+', raw.len);
}

/* The decoded text without blanks around it; empty when it may not be counted. */
static enum err decode(struct slice raw, struct arena *arena, struct slice *out)
{
    struct slice text = raw;

    *out = SLICE("");
    /* Decoding makes at most three bytes one. */
    if (raw.len == 0 || raw.len > (size_t)3 * CAMPAIGN_MAX)
        return ERR_OK;
    if (is_encoded(raw)) {
        char *decoded = arena_alloc(arena, raw.len);

        if (!decoded)
            return ERR_NO_MEMORY;
        text = percent_decode(raw, PERCENT_FORM, decoded);
    }
    text = ascii_trim(text);
    if (text.len > 0 && text.len <= CAMPAIGN_MAX && utf8_is_clean(text))
        *out = text;
    return ERR_OK;
}

static enum err decode_source(struct slice raw, struct arena *arena, struct slice *out)
{
    struct slice name;
    enum err err = decode(raw, arena, &name);

    return err == ERR_OK ? source_of_name(name, arena, out) : err;
}

/* A click id tells what the link does not say itself. */
static void add_click(struct campaign *campaign, const struct tracking *click)
{
    if (click->medium.len == 0) {
        campaign->hint = click->source;
        return;
    }
    if (campaign->source.len == 0)
        campaign->source = click->source;
    if (campaign->medium.len == 0)
        campaign->medium = click->medium;
}

static enum err decode_all(const struct found *found, struct arena *arena, struct campaign *out)
{
    const struct {
        enum tracking_part part;
        struct slice *out;
    } parts[] = {
        {TRACKING_MEDIUM, &out->medium},
        {TRACKING_NAME, &out->name},
        {TRACKING_TERM, &out->term},
        {TRACKING_CONTENT, &out->content},
    };
    enum err err = decode_source(found->raw[TRACKING_SOURCE], arena, &out->source);

    for (size_t i = 0; err == ERR_OK && i < sizeof(parts) / sizeof(parts[0]); i++)
        err = decode(found->raw[parts[i].part], arena, parts[i].out);
    return err;
}

enum err campaign_read(struct slice query, struct arena *arena, struct campaign *out)
{
    struct slice nothing = SLICE("");
    struct campaign campaign = {nothing, nothing, nothing, nothing, nothing, nothing};
    struct found found = {.by = {NULL}};
    enum err err;

    note_pairs(&found, slice_starts_with(query, SLICE("?")) ? slice_from(query, 1) : query);
    err = decode_all(&found, arena, &campaign);
    if (err != ERR_OK)
        return err;
    if (found.by[TRACKING_CLICK])
        add_click(&campaign, found.by[TRACKING_CLICK]);
    *out = campaign;
    return ERR_OK;
}

struct slice campaign_source(const struct campaign *campaign, struct slice referrer)
{
    if (campaign->source.len > 0)
        return campaign->source;
    return referrer.len > 0 ? referrer : campaign->hint;
}
