/**
 * Chance that can be repeated: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
 * generators, 2014). Nothing secret depends on it.
 */
#ifndef FOOTFALL_CLI_TRAFFIC_DRAW_H
#define FOOTFALL_CLI_TRAFFIC_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Any state is a good one: the seed. */
struct draw {
    uint64_t state;
};

/** A seed for part `number` of what `seed` stands for, so that parts do not depend on how much the
 * others draw. */
uint64_t draw_seed(uint64_t seed, uint64_t number);

uint64_t draw_bits(struct draw *draw);

/** 0 … n - 1; n is not 0. */
uint64_t draw_below(struct draw *draw, uint64_t n);

/** first … last */
int64_t draw_between(struct draw *draw, int64_t first, int64_t last);

/** From 0 up to, and without, 1. */
double draw_unit(struct draw *draw);

bool draw_chance(struct draw *draw, double chance);

/**
 * One of several that are not equally likely.
 *
 * @param sums   of the weights up to and with each; the last one is not 0
 * @return       0 … count - 1
 */
size_t draw_from(struct draw *draw, const double *sums, size_t count);

/** A time to wait for what comes once in `mean`: mostly short, now and then long. */
double draw_exponential(struct draw *draw, double mean);

/** A whole number that is `mean` on average: one of its two neighbours. */
int64_t draw_rounded(struct draw *draw, double mean);

#endif
