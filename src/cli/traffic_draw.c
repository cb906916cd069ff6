#include "cli/traffic_draw.h"

#include <math.h>

#define GOLDEN_GAMMA UINT64_C(0x9e3779b97f4a7c15)

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t draw_seed(uint64_t seed, uint64_t number)
{
    return mix(mix(seed + GOLDEN_GAMMA) + (number + 1) * GOLDEN_GAMMA);
}

uint64_t draw_bits(struct draw *draw)
{
    draw->state += GOLDEN_GAMMA;
    return mix(draw->state);
}

/* The remainder favours small numbers by n in 2^64, which nobody will see. */
uint64_t draw_below(struct draw *draw, uint64_t n)
{
    return draw_bits(draw) % n;
}

int64_t draw_between(struct draw *draw, int64_t first, int64_t last)
{
    return first + (int64_t)draw_below(draw, (uint64_t)(last - first + 1));
}

/* 53 bits are those of a double. */
double draw_unit(struct draw *draw)
{
    return (double)(draw_bits(draw) >> 11) * 0x1p-53;
}

bool draw_chance(struct draw *draw, double chance)
{
    return draw_unit(draw) < chance;
}

size_t draw_from(struct draw *draw, const double *sums, size_t count)
{
    double at = draw_unit(draw) * sums[count - 1];
    size_t first = 0;
    size_t last = count - 1;

    while (first < last) {
        size_t middle = (first + last) / 2;

        if (sums[middle] > at)
            last = middle;
        else
            first = middle + 1;
    }
    return first;
}

double draw_exponential(struct draw *draw, double mean)
{
    return -mean * log(1.0 - draw_unit(draw));
}

int64_t draw_rounded(struct draw *draw, double mean)
{
    return (int64_t)floor(mean + draw_unit(draw));
}
