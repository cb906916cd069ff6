#include "web/badge_width.h"

#include <stdint.h>

/* From the space to the tilde. */
#define FIRST 0x20
#define LAST  0x7e

static const uint16_t advances[][LAST - FIRST + 1] = {
    [BADGE_REGULAR] =
        {
            318,  401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
            636,  636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
            1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
            603,  787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
            500,  613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
            635,  635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
        },
    [BADGE_BOLD] =
        {
            348,  456, 521, 838, 696, 1002, 872, 306,  457, 457, 523, 838, 380, 415,  380, 365,
            696,  696, 696, 696, 696, 696,  696, 696,  696, 696, 400, 400, 838, 838,  838, 580,
            1000, 774, 762, 734, 830, 683,  683, 821,  837, 372, 372, 775, 637, 995,  837, 850,
            733,  850, 770, 720, 682, 812,  774, 1103, 771, 724, 725, 457, 365, 457,  838, 500,
            500,  675, 716, 593, 716, 678,  435, 716,  712, 343, 343, 665, 343, 1042, 712, 687,
            716,  716, 493, 595, 478, 712,  652, 924,  645, 652, 582, 712, 365, 712,  838,
        },
};

/* What is no ASCII: narrow no-break space and other spaces, letters of Europe, and all that is as
 * wide as it is high, such as Han and pictures. */
static unsigned wide(uint32_t code)
{
    if (code == 0x202f || code == 0x2009)
        return 200;
    if (code == 0xa0)
        return 318;
    return code < 0x1100 ? 640 : 1000;
}

/* The character that clean UTF-8 begins with, and its length. */
static uint32_t decode(struct slice text, size_t *len)
{
    unsigned char first = (unsigned char)text.ptr[0];
    uint32_t code;

    *len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    code = *len == 1 ? first : first & (0x7fU >> *len);
    for (size_t i = 1; i < *len && i < text.len; i++)
        code = code << 6 | ((unsigned char)text.ptr[i] & 0x3fU);
    return code;
}

unsigned badge_width(struct slice text, enum badge_weight weight)
{
    unsigned width = 0;
    size_t len;

    for (size_t i = 0; i < text.len; i += len) {
        uint32_t code = decode(slice_from(text, i), &len);

        width += code >= FIRST && code <= LAST ? advances[weight][code - FIRST] : wide(code);
    }
    return width;
}

size_t badge_characters(struct slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.ptr[i] & 0xc0U) != 0x80;
    return count;
}
