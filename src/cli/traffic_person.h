/**
 * Somebody who visits: where they are, and with what. Nobody real.
 */
#ifndef FOOTFALL_CLI_TRAFFIC_PERSON_H
#define FOOTFALL_CLI_TRAFFIC_PERSON_H

#include <stddef.h>

#include "base/address.h"
#include "base/strbuf.h"
#include "cli/traffic_draw.h"

/** Bytes that a user agent takes at most. */
#define TRAFFIC_MAX_AGENT 256

struct traffic_country {
    const char *code;      /* ISO 3166-1 */
    const char *languages; /* what browsers send there */
    int offset_h;          /* of its clocks, from UTC: mostly, and for most of its people */
    double weight;         /* visitors of some thousand */
};

struct traffic_agent {
    const char *text; /* '#' stands for the version */
    int versions;     /* how they are numbered: enum version of traffic_person.c */
    double weight;    /* within its class of device */
};

struct traffic_person {
    const struct traffic_country *country;
    const struct traffic_agent *agent;
    int version;            /* of the agent's browser */
    const char *screen;     /* "1920,1080,1" */
    struct address address; /* of the network for documents, 2001:db8::/32 (RFC 3849) */
};

extern const struct traffic_country traffic_countries[];
extern const size_t traffic_country_count;

/** What programs send, the busiest first. */
extern const char *const traffic_robots[];
extern const size_t traffic_robot_count;

/**
 * @param country  index of traffic_countries
 * @param part     of the traffic that is over, 0 to 1: phones get more
 * @param day      days since 1970-01-01: which versions are current
 */
void traffic_person_draw(struct draw *draw, size_t country, double part, int32_t day,
                         struct traffic_person *out);

/** Any address of the network for documents. */
struct address traffic_address_draw(struct draw *draw);

/** Appends the user agent: at most TRAFFIC_MAX_AGENT bytes. */
void traffic_person_agent(const struct traffic_person *person, struct strbuf *out);

#endif
