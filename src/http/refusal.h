/**
 * Why a request is not taken: what the layer itself answers before it closes the connection.
 */
#ifndef FOOTFALL_HTTP_REFUSAL_H
#define FOOTFALL_HTTP_REFUSAL_H

struct refusal {
    int status;         /* 4xx or 5xx; 0: nothing is wrong */
    const char *reason; /* one sentence for a person, a constant; NULL when status is 0 */
};

#define REFUSAL_NONE ((struct refusal){0, NULL})

#endif
