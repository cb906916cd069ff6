/* Bodies with hits, of anybody and of who has the token, in both dialects. What is taken is sound,
 * what is refused is told why in UTF-8. */
#include <assert.h>
#include <stdint.h>

#include "base/utf8.h"
#include "web/hit_list.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct address address = {.bytes = {[15] = 1}};

static void check_hit(const struct run_hit *hit, int64_t now_unix_s)
{
    const struct hit_request *request = &hit->request;

    if (hit->stage == HIT_REFUSED) {
        assert(hit->status >= 400 && hit->why[0] != '\0' && utf8_is_clean(slice_str(hit->why)));
        return;
    }
    assert(hit->stage == HIT_TO_BEGIN);
    assert(request->page.path.len > 0 && request->page.path.ptr[0] == '/');
    assert(request->page.path.len <= PAGE_MAX_PATH && utf8_is_clean(request->page.path));
    assert(request->site.len == 0 || hit_check_site(request->site, NULL) == ERR_OK);
    assert(hit_check_id(request->id, NULL) == ERR_OK);
    assert(request->unix_s > 0 && request->unix_s <= now_unix_s);
    assert(request->claim.event.name.len == 0 ||
           event_check(&request->claim.event, NULL) == ERR_OK);
}

static void check(const struct hit_dialect *dialect, struct slice body, bool has_token)
{
    const struct hit_sender sender = {.has_token = has_token,
                                      .claim = {.address = &address},
                                      .host = SLICE("example.com"),
                                      .site = SLICE(""),
                                      .now_unix_s = INT64_C(1700000000)};
    struct err_info info = {""};
    struct hit_list list;
    struct arena arena;

    arena_init(&arena, 4096, HIT_LIST_MAX_BYTES);
    if (hit_list_read(dialect, body, &sender, &arena, &list, &info) == ERR_OK) {
        assert(list.count >= 1 && list.count <= HIT_LIST_MAX);
        for (size_t i = 0; i < list.count; i++)
            check_hit(&list.hits[i], sender.now_unix_s);
    } else {
        assert(info.text[0] != '\0' && utf8_is_clean(slice_str(info.text)));
    }
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct slice body = slice_of(data, size);

    check(&hit_dialect_own, body, false);
    check(&hit_dialect_own, body, true);
    check(&hit_dialect_goatcounter, body, true);
    return 0;
}
