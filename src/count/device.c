#include "count/device.h"

#include <assert.h>

static const char *const names[DEVICE_CLASS_COUNT_] = {
    [DEVICE_OTHER] = "other",   [DEVICE_DESKTOP] = "desktop",       [DEVICE_PHONE] = "phone",
    [DEVICE_TABLET] = "tablet", [DEVICE_TELEVISION] = "television",
};

const char *device_class_name(enum device_class device)
{
    assert(device < DEVICE_CLASS_COUNT_);
    return names[device];
}

/* The first word that is there decides, unless the other one, which may be empty, is there too. */
static const struct device_word {
    struct slice word;
    struct slice unless;
    enum device_class device;
} device_words[] = {
    {SLICE_INIT("SMART-TV"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("Smart-TV"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("SmartTV"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("Smart TV"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("Android TV"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("GoogleTV"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("Google TV"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("AppleTV"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("Apple TV"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("HbbTV"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("LG Browser"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("NetCast"), SLICE_INIT(""), DEVICE_TELEVISION}, /* LG */
    {SLICE_INIT("Web0S"), SLICE_INIT(""), DEVICE_TELEVISION},   /* LG; with a zero */
    {SLICE_INIT("BRAVIA"), SLICE_INIT(""), DEVICE_TELEVISION},  /* Sony */
    {SLICE_INIT("VIDAA"), SLICE_INIT(""), DEVICE_TELEVISION},   /* Hisense */
    {SLICE_INIT("Roku"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("CrKey"), SLICE_INIT(""), DEVICE_TELEVISION}, /* Chromecast */
    {SLICE_INIT("; AFT"), SLICE_INIT(""), DEVICE_TELEVISION}, /* Amazon's Fire TV: AFTS, AFTT … */
    {SLICE_INIT("TV Safari"), SLICE_INIT(""), DEVICE_TELEVISION},
    {SLICE_INIT("PlayStation"), SLICE_INIT(""), DEVICE_OTHER},
    {SLICE_INIT("Xbox"), SLICE_INIT(""), DEVICE_OTHER},
    {SLICE_INIT("Nintendo"), SLICE_INIT(""), DEVICE_OTHER},
    {SLICE_INIT("iPad"), SLICE_INIT(""), DEVICE_TABLET},
    {SLICE_INIT("Tablet"), SLICE_INIT("Tablet PC"), DEVICE_TABLET}, /* the latter: any Windows */
    {SLICE_INIT("PlayBook"), SLICE_INIT(""), DEVICE_TABLET},
    {SLICE_INIT("Kindle"), SLICE_INIT(""), DEVICE_TABLET},
    {SLICE_INIT("iPhone"), SLICE_INIT(""), DEVICE_PHONE},
    {SLICE_INIT("iPod"), SLICE_INIT(""), DEVICE_PHONE},
    {SLICE_INIT("Opera Mini"), SLICE_INIT(""), DEVICE_PHONE},
    {SLICE_INIT("Opera Mobi"), SLICE_INIT(""), DEVICE_PHONE},
    {SLICE_INIT("Android"), SLICE_INIT("Mobile"), DEVICE_TABLET},
    {SLICE_INIT("Mobile"), SLICE_INIT("Windows NT"), DEVICE_PHONE},
    {SLICE_INIT("Windows Phone"), SLICE_INIT(""), DEVICE_PHONE},
    {SLICE_INIT("Windows CE"), SLICE_INIT(""), DEVICE_PHONE},
    {SLICE_INIT("BlackBerry"), SLICE_INIT(""), DEVICE_PHONE},
    {SLICE_INIT("Symb"), SLICE_INIT(""), DEVICE_PHONE},
    {SLICE_INIT("Nokia"), SLICE_INIT(""), DEVICE_PHONE},
    {SLICE_INIT("MIDP"), SLICE_INIT(""), DEVICE_PHONE}, /* Java on the phones before Android */
    {SLICE_INIT("Windows"), SLICE_INIT(""), DEVICE_DESKTOP},
    {SLICE_INIT("Macintosh"), SLICE_INIT(""), DEVICE_DESKTOP},
    {SLICE_INIT("CrOS"), SLICE_INIT(""), DEVICE_DESKTOP},
    {SLICE_INIT("X11"), SLICE_INIT(""), DEVICE_DESKTOP},
    {SLICE_INIT("Linux"), SLICE_INIT(""), DEVICE_DESKTOP},
};

static bool contains(struct slice text, struct slice word)
{
    return memmem(text.ptr, text.len, word.ptr, word.len) != NULL;
}

enum device_class device_of_agent(struct slice agent)
{
    if (agent.len == 0)
        return DEVICE_OTHER;
    for (size_t i = 0; i < sizeof(device_words) / sizeof(*device_words); i++) {
        const struct device_word *word = &device_words[i];

        if (contains(agent, word->word) &&
            (word->unless.len == 0 || !contains(agent, word->unless)))
            return word->device;
    }
    return DEVICE_OTHER;
}
