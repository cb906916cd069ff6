#include "web/site_frames.h"

/* A name without a scheme is that of https, and of http where this server is reached by http. */
static void append(struct strbuf *out, size_t start, struct slice prefix, struct slice source)
{
    bool is_first = out->len == start;

    if (out->len - start + 1 + prefix.len + source.len > SITE_FRAMES_MAX)
        return;
    strbuf_append(out, is_first ? SLICE("") : SLICE(" "));
    strbuf_append(out, prefix);
    strbuf_append(out, source);
}

void site_append_frames(const struct site *site, struct strbuf *out)
{
    size_t start = out->len;

    if (site->public_dashboard == SITE_DASHBOARD_ANYWHERE) {
        strbuf_append_char(out, '*');
        return;
    }
    for (size_t i = 0; i < site->origin_count; i++)
        append(out, start, SLICE(""), slice_str(site->origins[i]));
    for (size_t i = 0; i < site->domain_count; i++) {
        struct slice host = web_host_bare(slice_str(site->domains[i]));

        append(out, start, SLICE(""), host);
        append(out, start, SLICE("www."), host);
    }
}
