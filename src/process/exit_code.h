/**
 * How the program ends: the numbers that service managers and scripts may rely on (sysexits.h).
 */
#ifndef FOOTFALL_PROCESS_EXIT_CODE_H
#define FOOTFALL_PROCESS_EXIT_CODE_H

enum exit_code {
    EXIT_CODE_OK = 0,
    EXIT_CODE_FAILED = 1,       /* did not work, or a negative answer */
    EXIT_CODE_USAGE = 2,        /* an unknown command or flag */
    EXIT_CODE_UNAVAILABLE = 69, /* the store cannot be reached */
    EXIT_CODE_CONFIG = 78,      /* a setting is wrong: starting again does not help */
};

#endif
