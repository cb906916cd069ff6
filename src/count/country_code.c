#include "count/country_code.h"

/* Letters as bits. */
enum {
    A = 1 << 0,
    B = 1 << 1,
    C = 1 << 2,
    D = 1 << 3,
    E = 1 << 4,
    F = 1 << 5,
    G = 1 << 6,
    H = 1 << 7,
    I = 1 << 8,
    J = 1 << 9,
    K = 1 << 10,
    L = 1 << 11,
    M = 1 << 12,
    N = 1 << 13,
    O = 1 << 14,
    P = 1 << 15,
    Q = 1 << 16,
    R = 1 << 17,
    S = 1 << 18,
    T = 1 << 19,
    U = 1 << 20,
    V = 1 << 21,
    W = 1 << 22,
    X = 1 << 23,
    Y = 1 << 24,
    Z = 1 << 25,
};

/* For each first letter, from A on, the second letters that ISO 3166-1 assigns; and XK. */
static const uint32_t second_letters[26] = {
    /* A */ D | E | F | G | I | L | M | O | Q | R | S | T | U | W | X | Z,
    /* B */ A | B | D | E | F | G | H | I | J | L | M | N | O | Q | R | S | T | V | W | Y | Z,
    /* C */ A | C | D | F | G | H | I | K | L | M | N | O | R | U | V | W | X | Y | Z,
    /* D */ E | J | K | M | O | Z,
    /* E */ C | E | G | H | R | S | T,
    /* F */ I | J | K | M | O | R,
    /* G */ A | B | D | E | F | G | H | I | L | M | N | P | Q | R | S | T | U | W | Y,
    /* H */ K | M | N | R | T | U,
    /* I */ D | E | L | M | N | O | Q | R | S | T,
    /* J */ E | M | O | P,
    /* K */ E | G | H | I | M | N | P | R | W | Y | Z,
    /* L */ A | B | C | I | K | R | S | T | U | V | Y,
    /* M */ A | C | D | E | F | G | H | K | L | M | N | O | P | Q | R | S | T | U | V | W | X | Y |
        Z,
    /* N */ A | C | E | F | G | I | L | O | P | R | U | Z,
    /* O */ M,
    /* P */ A | E | F | G | H | K | L | M | N | R | S | T | W | Y,
    /* Q */ A,
    /* R */ E | O | S | U | W,
    /* S */ A | B | C | D | E | G | H | I | J | K | L | M | N | O | R | S | T | V | X | Y | Z,
    /* T */ C | D | F | G | H | J | K | L | M | N | O | R | T | V | W | Z,
    /* U */ A | G | M | S | Y | Z,
    /* V */ A | C | E | G | I | N | U,
    /* W */ F | S,
    /* X */ K,
    /* Y */ E | T,
    /* Z */ A | M | W,
};

static bool is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

uint16_t country_code_read(struct slice letters)
{
    char first;
    char second;

    if (letters.len != 2 || !is_capital(letters.ptr[0]) || !is_capital(letters.ptr[1]))
        return COUNTRY_NONE;
    first = letters.ptr[0];
    second = letters.ptr[1];
    if (first == 'U' && second == 'K')
        return 'G' << 8 | 'B';
    if (!(second_letters[first - 'A'] & UINT32_C(1) << (second - 'A')))
        return COUNTRY_NONE;
    return (uint16_t)(first << 8 | second);
}
