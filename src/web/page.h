/**
 * Pages for people: the frame they share (pages/layout.html), filled templates, and the headers
 * that keep them safe. They work without script.
 */
#ifndef FOOTFALL_WEB_PAGE_H
#define FOOTFALL_WEB_PAGE_H

#include <jansson.h>

#include "base/err.h"
#include "base/strbuf.h"
#include "http/request.h"

/** What is told when a form was not made for this login (who_form_token_is()). */
#define FORM_IS_STALE "The form is of another login. Load the page anew, and try again."

/** Of one page. */
#define PAGE_MAX_BYTES ((size_t)1 << 20)

/** The templates of pages/, which are in the program (embed.S). */
enum page_template {

#define PAGE(name_, file_) PAGE_##name_,
#include "web/pages.inc"
#undef PAGE
    PAGE_COUNT_
};

struct slice page_text(enum page_template template);

struct page_answer {
    int status;
    const char *title;
    enum page_template template;
    json_t *data;         /* of the template; taken over. NULL: no memory, which is told */
    const char *message;  /* above the content, made a sentence; NULL: none */
    bool is_error;        /* of the message */
    struct slice headers; /* further lines, such as Set-Cookie */
    struct slice policy;  /* of a template that is a whole page, without the frame: the header line
                             Content-Security-Policy that it wants; empty: in the frame */
    bool has_script;      /* in the frame: with the script of pages (dashboard/page.js) */
    bool may_be_framed;   /* by who the policy says; else by nobody */
};

/**
 * Answers with a page. In the data of every template are also: name (of this server), user (his
 * e-mail; absent for nobody), is_admin, form_token, version.
 */
void page_respond(struct request *req, const struct page_answer *answer);

/** Appends where this browser finds the server: "https://stats.example.com". */
void page_append_base(const struct request *req, struct strbuf *out);

/** Answers with a page that only says what is wrong. */
void page_refuse(struct request *req, int status, const char *message);

/**
 * Answers 303: the browser goes to `path`.
 *
 * @param path     of this server (next_path_is_safe()), percent-encoded; another leads to
 *                 /dashboard
 * @param headers  further lines
 */
void page_redirect(struct request *req, struct slice path, struct slice headers);

#endif
