#include "web/app_session_json.h"

#include "count/rfc3339.h"
#include "web/answer.h"

static void append_time(struct strbuf *out, struct slice name, int64_t unix_s)
{
    char text[RFC3339_UTC_TEXT + 1];

    rfc3339_format(unix_s, text);
    strbuf_append(out, name);
    strbuf_append(out, slice_of(text, RFC3339_UTC_TEXT));
}

static void append_number(struct strbuf *out, struct slice name, int64_t number)
{
    strbuf_append(out, name);
    strbuf_append_int(out, number);
}

void app_session_append(struct strbuf *out, const char *token, const char *id,
                        const struct session *session)
{
    strbuf_append_char(out, '{');
    if (token) {
        strbuf_append(out, SLICE("\"token\":\""));
        strbuf_append(out, slice_str(token));
        strbuf_append(out, SLICE("\","));
    }
    strbuf_append(out, SLICE("\"id\":\""));
    strbuf_append(out, slice_str(id));
    strbuf_append(out, SLICE("\",\"user\":"));
    append_json_string(out, session->user);
    strbuf_append(out, SLICE(",\"data\":"));
    strbuf_append(out, session->data);
    append_number(out, SLICE(",\"version\":"), (int64_t)session->version);
    append_time(out, SLICE(",\"created\":\""), session->created_s);
    append_time(out, SLICE("\",\"seen\":\""), session->seen_s);
    append_time(out, SLICE("\",\"expires\":\""), session->expires_s);
    append_number(out, SLICE("\",\"idle\":"), session->idle_s);
    append_number(out, SLICE(",\"absolute\":"), session->absolute_s);
    strbuf_append(out, SLICE(",\"country\":"));
    append_json_string(out, session->country);
    strbuf_append(out, SLICE(",\"device\":"));
    append_json_string(out, session->device);
    strbuf_append_char(out, '}');
}
