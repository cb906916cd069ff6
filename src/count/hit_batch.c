#include "count/hit_batch.h"

#include <stdlib.h>

/* A batch of 64 hits on short paths fits into one chunk; one of 4,096 with the longest paths, ids
 * and a few conflicts stays below the ceiling. */
#define CHUNK_BYTES 32768
#define MAX_BYTES   ((size_t)128 << 20)

struct hit_batch *hit_batch_create(void)
{
    struct hit_batch *batch = calloc(1, sizeof(*batch));

    if (!batch)
        return NULL;
    arena_init(&batch->arena, CHUNK_BYTES, MAX_BYTES);
    plan_init(&batch->plan, &batch->arena);
    return batch;
}

void hit_batch_destroy(struct hit_batch *batch)
{
    if (!batch)
        return;
    commit_unref(batch->commit);
    plan_fini(&batch->plan);
    arena_fini(&batch->arena);
    free(batch);
}

void hit_batch_clear(struct hit_batch *batch)
{
    commit_unref(batch->commit);
    batch->commit = NULL;
    plan_clear(&batch->plan);
    arena_reset(&batch->arena);
    batch->untold = NULL;
    batch->hit_count = 0;
    batch->untold_count = 0;
    batch->next = NULL;
}

static struct slice put_text(char **end, struct slice text)
{
    struct slice copy = slice_of(*end, text.len);

    if (text.len > 0)
        memcpy(*end, text.ptr, text.len);
    *end += text.len;
    return copy;
}

/* A copy of the hit in the arena of `batch`, its texts behind it; NULL without memory. */
static struct hit *copy_hit(struct hit_batch *batch, const struct hit_input *input)
{
    size_t text_bytes = input->site.len + input->path.len + input->id.len;
    struct hit *hit = arena_alloc(&batch->arena, sizeof(*hit) + text_bytes);
    char *end;

    if (!hit)
        return NULL;
    *hit = (struct hit){.batch = batch};
    end = (char *)(hit + 1);
    hit->planned.input.site = put_text(&end, input->site);
    hit->planned.input.path = put_text(&end, input->path);
    hit->planned.input.id = put_text(&end, input->id);
    return hit;
}

struct hit *hit_batch_add(struct hit_batch *batch, const struct hit_input *input,
                          const struct hit_facts *facts)
{
    struct hit *hit = copy_hit(batch, input);

    if (!hit || plan_hit(&batch->plan, &hit->planned, facts) != ERR_OK)
        return NULL;
    if (!batch->untold)
        batch->untold = hit;
    batch->hit_count++;
    batch->untold_count++;
    return hit;
}
