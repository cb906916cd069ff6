/**
 * The clock of the machine.
 */
#ifndef FOOTFALL_PROCESS_SYSTEM_CLOCK_H
#define FOOTFALL_PROCESS_SYSTEM_CLOCK_H

#include "base/clock.h"

extern const struct clock system_clock;

#endif
