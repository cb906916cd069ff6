/* Records of sites. What is taken is written and taken again, the same. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "count/site.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void encode(const struct site *site, struct strbuf *out)
{
    strbuf_init(out, SITE_MAX_JSON);
    if (site_encode(site, out) != ERR_OK)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err_info info = {""};
    struct site *site = NULL;
    struct site *again = NULL;
    struct strbuf first;
    struct strbuf second;

    if (site_decode(slice_of(data, size), &site, &info) != ERR_OK) {
        assert(info.text[0] != '\0');
        return 0;
    }
    encode(site, &first);
    if (site_decode(strbuf_slice(&first), &again, NULL) != ERR_OK)
        abort();
    encode(again, &second);
    assert(slice_eq(strbuf_slice(&first), strbuf_slice(&second)));
    strbuf_fini(&first);
    strbuf_fini(&second);
    site_destroy(site);
    site_destroy(again);
    return 0;
}
