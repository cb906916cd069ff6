/* OPTIONS of what scripts of other pages may send: before a body in JSON a browser asks whether it
 * may (Fetch Standard, "CORS-preflight request"). Whether a site takes hits from the page is said
 * when they are there. */
#include "web/resources.h"

/* It need not ask again for a day; most browsers do so after two hours. */
#define HEADERS                                                                                    \
    "Access-Control-Allow-Origin: *\r\n"                                                           \
    "Access-Control-Allow-Methods: POST\r\n"                                                       \
    "Access-Control-Allow-Headers: Authorization, Content-Type\r\n"                                \
    "Access-Control-Max-Age: 86400\r\n"                                                            \
    "Allow: POST, OPTIONS\r\n"

void preflight_post(struct request *req)
{
    request_respond(req, &(struct response){.status = 204, .headers = SLICE(HEADERS)});
}
