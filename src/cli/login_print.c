/* The sessions of account_print.h. */
#include <stdio.h>

#include "cli/account_print.h"

static const char *const strengths[] = {
    [SESSION_PENDING] = "half",
    [SESSION_PASSWORD] = "password",
    [SESSION_SECOND_FACTOR] = "second factor",
    [SESSION_PROXY] = "proxy",
};

#define STRENGTH_WIDTH 13

static void print_line(const struct session *session)
{
    char rooms[3][PRINT_TIME_TEXT];

    (void)printf("%-16s  %-16s  %-16s  %-*s  %-7.*s  %.*s\n",
                 print_time(session->created_s, rooms[0]), print_time(session->seen_s, rooms[1]),
                 print_time(session->expires_s, rooms[2]), STRENGTH_WIDTH,
                 strengths[session->strength],
                 SLICE_ARG(session->country.len > 0 ? session->country : SLICE("-")),
                 SLICE_ARG(session->device.len > 0 ? session->device : SLICE("-")));
}

bool login_print_list(const struct listed_session *list, size_t count)
{
    (void)printf("%-16s  %-16s  %-16s  %-*s  COUNTRY  DEVICE\n", "BEGAN", "LAST USED", "ENDS",
                 STRENGTH_WIDTH, "BY");
    for (size_t i = 0; i < count; i++)
        print_line(&list[i].session);
    return fflush(stdout) == 0;
}

static json_t *text_json(struct slice text)
{
    return text.len > 0 ? json_stringn(text.ptr, text.len) : json_null();
}

static json_t *login_json(const void *list, size_t i)
{
    const struct listed_session *listed = (const struct listed_session *)list + i;
    const struct session *session = &listed->session;

    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "id", listed->hash, "strength",
                     strengths[session->strength], "country", text_json(session->country), "device",
                     text_json(session->device), "created_unix_s", json_time(session->created_s),
                     "seen_unix_s", json_time(session->seen_s), "expires_unix_s",
                     json_time(session->expires_s));
}

bool login_print_list_json(const struct listed_session *list, size_t count)
{
    return print_json_list("sessions", list, count, login_json);
}
