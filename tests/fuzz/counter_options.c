/* The options of a counter, as an address has them, and the picture that comes of them. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "web/badge.h"
#include "web/badge_width.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What options may be, whoever asks. */
static void check(const struct counter_options *options)
{
    assert(options->style < COUNTER_STYLE_COUNT_ && options->metric < COUNTER_METRIC_COUNT_);
    assert(options->form < COUNTER_FORM_COUNT_ && options->theme < COUNTER_THEME_COUNT_);
    assert(options->language < COUNTER_LANGUAGE_COUNT_ && options->period < PERIOD_COUNT_);
    assert(options->digits <= COUNTER_MAX_DIGITS && options->start >= 0);
    assert(options->max_age_s >= COUNTER_MIN_AGE_S && options->max_age_s <= COUNTER_MAX_AGE_S);
    assert(options->color <= 0xffffff && options->label_color <= 0xffffff);
    assert(badge_characters(options->label) <= COUNTER_MAX_LABEL);
    assert(utf8_is_clean(options->label));
}

static void draw(const struct counter_options *options)
{
    static const int64_t days[] = {3, 0, INT64_MAX, -1, 7};
    char text[COUNTER_TEXT_BYTES];
    struct strbuf out;

    strbuf_init(&out, BADGE_MAX_BYTES);
    badge_append(&out,
                 &(struct badge){.options = options,
                                 .label = options->label,
                                 .text = counter_number(options->start, options->form,
                                                        options->language, options->digits, text),
                                 .number = options->start,
                                 .days = days,
                                 .day_count = 5});
    assert(!out.failed);
    strbuf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct counter_options options;
    char storage[512];
    struct strbuf warning;

    counter_options_init(&options);
    counter_options_read(&options, slice_of(data, size));
    check(&options);
    draw(&options);
    strbuf_init_fixed(&warning, storage, sizeof(storage));
    counter_options_append_warning(&options, &warning);
    assert(!warning.failed);
    return 0;
}
