/* The tokens of account_print.h. */
#include <stdio.h>

#include "cli/account_print.h"

/* All scopes, with commas. */
#define SCOPES_TEXT 64
#define TIME_WIDTH  16

static void scopes_of(const struct api_token *token, char room[static SCOPES_TEXT])
{
    struct strbuf text;

    strbuf_init_fixed(&text, room, SCOPES_TEXT - 1);
    api_scopes_format(token->scopes, &text);
    room[text.len] = '\0';
}

/* ---- text ----------------------------------------------------------------------------------- */

static const char *maker_of(const struct token_list *list, const struct api_token *token)
{
    const struct user *user = user_find(list->users, list->user_count, token->user);

    if (token->user[0] == '\0')
        return "command line";
    return user ? user->email : "nobody any more";
}

struct widths {
    int scopes;
    int site;
    int maker;
};

static struct widths widths_of(const struct token_list *list)
{
    struct widths widths = {.scopes = (int)strlen("SCOPES"),
                            .site = (int)strlen("SITE"),
                            .maker = (int)strlen("MADE BY")};

    for (size_t i = 0; i < list->count; i++) {
        char scopes[SCOPES_TEXT];

        scopes_of(&list->tokens[i], scopes);
        widths.scopes = print_width(widths.scopes, scopes);
        widths.site = print_width(widths.site, list->tokens[i].site);
        widths.maker = print_width(widths.maker, maker_of(list, &list->tokens[i]));
    }
    return widths;
}

static void print_line(const struct api_token *token, const char *maker,
                       const struct widths *widths)
{
    char scopes[SCOPES_TEXT];
    char expires[PRINT_TIME_TEXT];
    char used[PRINT_TIME_TEXT];

    scopes_of(token, scopes);
    (void)printf("%-8s  %-*s  %-*s  %-*s  %-*s  %-*s  %s\n", token->id, widths->scopes, scopes,
                 widths->site, token->site, TIME_WIDTH, print_time(token->expires_s, expires),
                 TIME_WIDTH, print_time(token->last_used_s, used), widths->maker, maker,
                 token->name);
}

bool token_print_list(const struct token_list *list)
{
    struct widths widths = widths_of(list);

    (void)printf("%-8s  %-*s  %-*s  %-*s  %-*s  %-*s  NAME\n", "ID", widths.scopes, "SCOPES",
                 widths.site, "SITE", TIME_WIDTH, "EXPIRES", TIME_WIDTH, "LAST USED", widths.maker,
                 "MADE BY");
    for (size_t i = 0; i < list->count; i++)
        print_line(&list->tokens[i], maker_of(list, &list->tokens[i]), &widths);
    return fflush(stdout) == 0;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static json_t *scopes_json(unsigned scopes)
{
    json_t *array = json_array();

    for (unsigned bit = 1; bit <= scopes; bit <<= 1) {
        struct api_token one = {.scopes = scopes & bit};
        char name[SCOPES_TEXT];

        scopes_of(&one, name);
        if (one.scopes != 0 && json_array_append_new(array, json_string(name)) != 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *token_json(const void *ctx, size_t i)
{
    const struct token_list *list = ctx;
    const struct api_token *token = &list->tokens[i];
    const struct user *user = user_find(list->users, list->user_count, token->user);

    return json_pack("{s:s, s:s, s:o, s:s, s:o, s:s?, s:o, s:o, s:o}", "id", token->id, "name",
                     token->name, "scopes", scopes_json(token->scopes), "site", token->site, "user",
                     token->user[0] != '\0' ? json_string(token->user) : json_null(), "user_email",
                     user ? user->email : NULL, "created_unix_s", json_time(token->created_s),
                     "expires_unix_s", json_time(token->expires_s), "last_used_unix_s",
                     json_time(token->last_used_s));
}

bool token_print_list_json(const struct token_list *list)
{
    return print_json_list("tokens", list, list->count, token_json);
}
