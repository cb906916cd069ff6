/**
 * The pages for owners of all sites about users, for those that show them again with a message.
 */
#ifndef FOOTFALL_WEB_USERS_H
#define FOOTFALL_WEB_USERS_H

#include <jansson.h>

#include "http/request.h"
#include "session/user.h"

struct task;

/** The list. @param message  copied; NULL: none */
void users_show(struct request *req, int status, const char *message);

/** One of them. @param id  copied */
void user_show(struct request *req, const char *id, int status, const char *message);

/** What both say of a user; NULL without memory. */
json_t *user_data(const struct request *req, const struct user *user);

/** True for who asks himself. */
bool user_is_oneself(const struct request *req, const char *id);

/** Goes to the page of the user, which then says what was done (a word of user_page.c). */
void user_redirect(struct request *req, const char *id, const char *done);

/** Makes a link to set a new password with, and shows it, once. The task waits for nothing else.
 * @param id  lives as long as the request */
void user_make_link(struct task *task, const char *id);

/** Writes to the log who changed whom (A10). */
void user_log(const struct request *req, const char *id, const char *what);

#endif
