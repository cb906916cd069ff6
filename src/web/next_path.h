/**
 * Where to go after a login: `next=`, which anybody can write into a link to us, so it must not
 * lead away from us (an open redirect).
 */
#ifndef FOOTFALL_WEB_NEXT_PATH_H
#define FOOTFALL_WEB_NEXT_PATH_H

#include <stdbool.h>

#include "base/slice.h"

#define NEXT_PATH_MAX_BYTES 1024

/**
 * True when `text` may stand in Location as it is: a path of ours, with its query and fragment.
 *
 * It begins with one '/', and is of the bytes of a URI, so without spaces, backslashes, control
 * characters or letters that are not ASCII and not percent-encoded. No segment of the path is
 * empty but the last, "." or "..", so that nobody who tidies it up gets two slashes at its start.
 * All of this also holds when it is decoded once more, but then UTF-8 is fine.
 *
 * @param text  as the field of a form or a query gives it: decoded once
 */
bool next_path_is_safe(struct slice text);

#endif
