/*
 * GET /shared?site=SITE: the dashboard without a login, of a site that shows it to everybody, or by
 * a link, /shared?site=SITE#TOKEN. Browsers send nobody what is behind '#', so the token is in no
 * log and no Referer; the page's script sends it along with its questions, as Authorization, which
 * works in a frame of another site, too, where no cookie does.
 *
 * So the frame itself is nothing to hide, and is the same for all, whoever is logged in.
 */
#include "base/query.h"
#include "count/hit.h"
#include "web/answer.h"
#include "web/dashboard.h"
#include "web/resources.h"
#include "web/site_frames.h"
#include "web/task.h"

struct sharing {
    struct task task;
    struct dashboard_sharing look;
    struct slice site;
};

/* All else in the query is for the script. */
static void read_query(struct request *req, struct sharing *sharing)
{
    struct query_reader reader = query_reader_init(req->query);
    struct query_pair pair;

    while (query_next(&reader, &pair)) {
        bool is_theme = slice_eq(pair.value, SLICE("light")) || slice_eq(pair.value, SLICE("dark"));

        if (slice_eq(pair.name, SLICE("site")))
            sharing->site = request_dup(req, pair.value);
        else if (slice_eq(pair.name, SLICE("embed")))
            sharing->look.is_embedded = slice_eq(pair.value, SLICE("1"));
        else if (slice_eq(pair.name, SLICE("theme")) && is_theme)
            sharing->look.theme = request_dup(req, pair.value);
    }
}

/* A site that is not there is framed by nobody. */
static void on_site(void *ctx, enum err err, const struct stored_site *sites, size_t count)
{
    struct sharing *sharing = ctx;
    char storage[SITE_FRAMES_MAX];
    struct site *site = NULL;
    struct strbuf frames;

    sharing->task.reading = NULL;
    strbuf_init_fixed(&frames, storage, sizeof(storage));
    if (err == ERR_OK && count > 0)
        err = stored_site_open(&sites[0], &site, NULL);
    if (site)
        site_append_frames(site, &frames);
    site_destroy(site);
    sharing->look.frames = strbuf_slice(&frames);
    if (err == ERR_OK || err == ERR_INVALID)
        dashboard_show(sharing->task.req, &sharing->look);
    else
        answer_err(sharing->task.req, err, NULL);
}

void shared_get(struct request *req)
{
    const struct web *web = req->app;
    struct sharing *sharing = task_start(req, sizeof(*sharing));

    if (!sharing)
        return;
    sharing->look.theme = SLICE("");
    read_query(req, sharing);
    if (!sharing->look.is_embedded || hit_check_site(sharing->site, NULL) != ERR_OK) {
        dashboard_show(req, &sharing->look);
        return;
    }
    sharing->task.reading = site_store_find(web->sites, sharing->site, on_site, sharing);
    task_wait(&sharing->task, sharing->task.reading);
}
