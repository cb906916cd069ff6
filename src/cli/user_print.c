/* The users of account_print.h. */
#include <stdio.h>

#include "cli/account_print.h"

/* Whoever has roles on more sites sees them all in the JSON. */
#define ROLES_TEXT 60
#define ROLES_CUT  "..."

/* ---- text ----------------------------------------------------------------------------------- */

/* "owner", "viewer, editor of blog": what he is of all sites goes without saying. */
static void append_grant(struct strbuf *out, const struct grant *grant)
{
    if (out->len > 0)
        strbuf_append(out, SLICE(", "));
    strbuf_append(out, slice_str(role_name(grant->role)));
    if (strcmp(grant->site, "*") == 0)
        return;
    strbuf_append(out, SLICE(" of "));
    strbuf_append(out, slice_str(grant->site));
}

static void roles_of(const struct user *user, char room[static ROLES_TEXT])
{
    char all[USER_MAX_GRANTS * (USER_MAX_SITE + 20)];
    struct strbuf text;

    strbuf_init_fixed(&text, all, sizeof(all));
    for (size_t i = 0; i < user->grant_count; i++)
        append_grant(&text, &user->grants[i]);
    if (text.len == 0)
        strbuf_append(&text, SLICE("none"));
    if (text.len < ROLES_TEXT)
        (void)snprintf(room, ROLES_TEXT, "%.*s", (int)text.len, all);
    else
        (void)snprintf(room, ROLES_TEXT, "%.*s" ROLES_CUT, ROLES_TEXT - (int)sizeof(ROLES_CUT),
                       all);
}

static const char *state_of(const struct user *user)
{
    if (user->is_disabled)
        return "disabled";
    return user->password[0] != '\0' ? "active" : "invited";
}

struct widths {
    int email;
    int roles;
};

static struct widths widths_of(const struct user *users, size_t count)
{
    struct widths widths = {.email = (int)strlen("EMAIL"), .roles = (int)strlen("ROLES")};

    for (size_t i = 0; i < count; i++) {
        char roles[ROLES_TEXT];

        roles_of(&users[i], roles);
        widths.email = print_width(widths.email, users[i].email);
        widths.roles = print_width(widths.roles, roles);
    }
    return widths;
}

static void print_line(const struct user *user, const struct widths *widths)
{
    char roles[ROLES_TEXT];
    char created[PRINT_TIME_TEXT];

    roles_of(user, roles);
    (void)printf("%-*s  %-8s  %-6s  %-16s  %-*s  %s\n", widths->email, user->email, state_of(user),
                 user->has_totp ? "yes" : "no", print_time(user->created_s, created), widths->roles,
                 roles, user->name[0] != '\0' ? user->name : "-");
}

bool user_print_list(const struct user *users, size_t count)
{
    struct widths widths = widths_of(users, count);

    (void)printf("%-*s  %-8s  %-6s  %-16s  %-*s  NAME\n", widths.email, "EMAIL", "STATE", "FACTOR",
                 "CREATED", widths.roles, "ROLES");
    for (size_t i = 0; i < count; i++)
        print_line(&users[i], &widths);
    return fflush(stdout) == 0;
}

/* ---- JSON ----------------------------------------------------------------------------------- */

static json_t *grants_json(const struct user *user)
{
    json_t *array = json_array();

    for (size_t i = 0; i < user->grant_count && array; i++) {
        const struct grant *grant = &user->grants[i];

        if (json_array_append_new(array, json_pack("{s:s, s:s}", "site", grant->site, "role",
                                                   role_name(grant->role))) != 0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

static json_t *user_json(const void *list, size_t i)
{
    const struct user *user = (const struct user *)list + i;

    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:b, s:b, s:b, s:o, s:o}", "id", user->id, "email",
                     user->email, "name", user->name, "language", user->language, "grants",
                     grants_json(user), "disabled", user->is_disabled, "has_password",
                     user->password[0] != '\0', "second_factor", user->has_totp, "created_unix_s",
                     json_time(user->created_s), "password_unix_s", json_time(user->password_s));
}

bool user_print_list_json(const struct user *users, size_t count)
{
    return print_json_list("users", users, count, user_json);
}
