/*
 * What it costs to find countries:
 *
 *     bench_countries PATH|"" LOOKUPS
 *
 * PATH as in the setting; "" stands for the usual places. Prints one line of JSON: the CPU
 * milliseconds to open them, the KiB of this process' own memory that they take, and for addresses
 * drawn by chance, first of IPv4, then of IPv6, the CPU nanoseconds for each and the share that has
 * a country.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "count/country.h"

static uint64_t cpu_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Memory that no file is behind. */
static long private_kib(void)
{
    FILE *file = fopen("/proc/self/status", "re");
    char line[256];
    long kib = 0;

    while (file && fgets(line, sizeof(line), file)) {
        if (strncmp(line, "RssAnon:", 8) == 0)
            kib = strtol(line + 8, NULL, 10);
    }
    if (file)
        (void)fclose(file);
    return kib;
}

static uint32_t draw(uint64_t *random)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*random >> 32);
}

static struct address draw_ipv4(uint64_t *random)
{
    struct address address = {.bytes = {[10] = 0xff, [11] = 0xff}};
    uint32_t bits = draw(random);

    memcpy(address.bytes + 12, &bits, sizeof(bits));
    return address;
}

/* Of the blocks that are given to networks, in which not every address is. */
static struct address draw_ipv6(uint64_t *random)
{
    static const unsigned char blocks[][2] = {{0x20, 0x01}, {0x24, 0x00}, {0x26, 0x00},
                                              {0x28, 0x00}, {0x2a, 0x00}, {0x2c, 0x00}};
    const unsigned char *block = blocks[draw(random) % (sizeof(blocks) / sizeof(blocks[0]))];
    struct address address = {.bytes = {block[0], block[1]}};
    uint32_t bits = draw(random);

    memcpy(address.bytes + 2, &bits, sizeof(bits));
    if (block[0] != 0x20)
        address.bytes[1] = (unsigned char)(draw(random) % 16);
    return address;
}

static void measure(const char *name, const struct countries *countries, unsigned long lookups,
                    struct address (*draw_one)(uint64_t *random))
{
    struct address *addresses = calloc(lookups, sizeof(*addresses));
    uint64_t random = 1;
    unsigned long found = 0;
    uint64_t began;

    if (!addresses)
        abort();
    for (unsigned long i = 0; i < lookups; i++)
        addresses[i] = draw_one(&random);
    began = cpu_ns();
    for (unsigned long i = 0; i < lookups; i++) {
        char code[2];

        found += countries_find(countries, &addresses[i], code);
    }
    (void)printf(",\"%s_ns\":%.0f,\"%s_found\":%.3f", name,
                 (double)(cpu_ns() - began) / (double)lookups, name,
                 (double)found / (double)lookups);
    free(addresses);
}

int main(int argc, char **argv)
{
    struct countries_description description;
    struct countries *countries;
    struct err_info info;
    unsigned long lookups = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    long before_kib = private_kib();
    uint64_t began = cpu_ns();
    double open_ms;

    if (lookups == 0 || lookups > 100000000) {
        (void)fprintf(stderr, "usage: bench_countries PATH LOOKUPS\n");
        return 2;
    }
    if (countries_open(argv[1], &countries, &info) != ERR_OK) {
        (void)fprintf(stderr, "%s\n", info.text);
        return 1;
    }
    open_ms = (double)(cpu_ns() - began) / 1e6;
    countries_describe(countries, &description);
    (void)printf("{\"kind\":\"%s\",\"open_ms\":%.3f,\"private_kib\":%ld",
                 description.kind ? description.kind : "none", open_ms, private_kib() - before_kib);
    measure("ipv4", countries, lookups, draw_ipv4);
    measure("ipv6", countries, lookups, draw_ipv6);
    (void)printf("}\n");
    countries_close(countries);
    return 0;
}
