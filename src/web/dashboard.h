/**
 * The frame that the scripts of dashboard/ fill, for those that show it.
 */
#ifndef FOOTFALL_WEB_DASHBOARD_H
#define FOOTFALL_WEB_DASHBOARD_H

#include "http/request.h"

/** How it is shown without a login. */
struct dashboard_sharing {
    bool is_embedded;    /* in a frame, without what is around the numbers */
    struct slice theme;  /* "light", "dark"; empty: as the browser has it */
    struct slice frames; /* of site_append_frames(); empty: nobody has it in a frame */
};

/** @param sharing  NULL: to who was let in */
void dashboard_show(struct request *req, const struct dashboard_sharing *sharing);

#endif
