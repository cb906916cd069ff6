/* cmocka wants these before it. */
#ifndef FOOTFALL_TESTS_CMOCKA_H
#define FOOTFALL_TESTS_CMOCKA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
