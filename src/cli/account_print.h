/**
 * How "footfall user" and "footfall token" show what they look after, for people and as JSON. False
 * of each: it could not be written.
 */
#ifndef FOOTFALL_CLI_ACCOUNT_PRINT_H
#define FOOTFALL_CLI_ACCOUNT_PRINT_H

#include <jansson.h>

#include "session/api_token.h"
#include "session/session_store.h"
#include "session/user.h"

/** Tokens, and the users of whom some made them. */
struct token_list {
    const struct api_token *tokens;
    size_t count;
    const struct user *users;
    size_t user_count;
};

/** A line each, under a heading. */
bool token_print_list(const struct token_list *list);

/** {"tokens":[…]} */
bool token_print_list_json(const struct token_list *list);

/** Likewise. {"users":[…]}: of the password and the second factor only that there is one. */
bool user_print_list(const struct user *users, size_t count);
bool user_print_list_json(const struct user *users, size_t count);

/** Likewise. {"sessions":[…]} */
bool login_print_list(const struct listed_session *list, size_t count);
bool login_print_list_json(const struct listed_session *list, size_t count);

/* ---- for these ------------------------------------------------------------------------------ */

#define PRINT_TIME_TEXT 20

/** "2026-11-26 06:28", UTC; "never" for 0. */
const char *print_time(int64_t unix_s, char room[static PRINT_TIME_TEXT]);

/** The larger of the width and the length of the text. */
int print_width(int width, const char *text);

/** null for 0. */
json_t *json_time(int64_t unix_s);

/** {NAME:[…]}: `make` is asked for each of them. */
typedef json_t *json_item_fn(const void *list, size_t i);
bool print_json_list(const char *name, const void *list, size_t count, json_item_fn *make);

#endif
