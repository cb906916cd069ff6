/* What a plan writes: kept apart until the plan has ended well, then added to the commit. */
#include "store/change_part.h"

#define CHUNK_BYTES 16384

/* CHANGE_MAX_KEYS values of the longest, each written twice. */
#define MAX_BYTES ((size_t)8 << 20)

void change_writes_init(struct change_writes *writes)
{
    arena_init(&writes->arena, CHUNK_BYTES, MAX_BYTES);
}

void change_writes_fini(struct change_writes *writes)
{
    arena_fini(&writes->arena);
}

static void begin(struct change_writes *writes, size_t count)
{
    arena_reset(&writes->arena);
    writes->err = ERR_OK;
    writes->count = count;
    for (size_t i = 0; i < count; i++)
        writes->planned[i] = (struct planned_write){.kind = PLANNED_NOTHING};
}

/* A plan that does not pass an error on must not be carried out in part: the error is kept. */
static enum err fail(struct change_writes *writes, enum err err)
{
    if (writes->err == ERR_OK)
        writes->err = err;
    return err;
}

enum err change_write(struct change_writes *out, size_t index, struct slice value, uint32_t ttl_s)
{
    struct slice copy;

    if (index >= out->count || !value.ptr || value.len > RECORD_MAX_VALUE ||
        !record_ttl_is_sound(ttl_s))
        return fail(out, ERR_INVALID);
    copy = arena_dup(&out->arena, value);
    if (!copy.ptr)
        return fail(out, ERR_NO_MEMORY);
    out->planned[index] =
        (struct planned_write){.kind = PLANNED_WRITE, .value = copy, .ttl_s = ttl_s};
    return ERR_OK;
}

enum err change_delete(struct change_writes *out, size_t index)
{
    if (index >= out->count)
        return fail(out, ERR_INVALID);
    out->planned[index] = (struct planned_write){.kind = PLANNED_DELETE};
    return ERR_OK;
}

static enum err add_to_commit(const struct planned_write *planned, struct slice key,
                              uint64_t version, struct commit *commit)
{
    struct record_write write = {.key = key, .expect_version = version};

    if (planned->kind == PLANNED_NOTHING)
        return ERR_OK;
    if (planned->kind == PLANNED_DELETE && version == RECORD_ABSENT)
        return ERR_OK;
    if (planned->kind == PLANNED_WRITE) {
        write.value = planned->value;
        write.ttl_s = planned->ttl_s;
    }
    return commit_write(commit, &write);
}

enum err change_writes_plan(struct change_writes *writes, struct change *change,
                            const struct record *now, struct commit *commit, bool *has_written)
{
    size_t before = commit->write_count;
    enum err err;

    begin(writes, change->key_count);
    err = change->plan(change->ctx, now, change->key_count, writes);
    if (err == ERR_OK)
        err = writes->err;
    for (size_t i = 0; err == ERR_OK && !change->is_detached && i < change->key_count; i++)
        err = add_to_commit(&writes->planned[i], change->keys[i], now[i].version, commit);
    if (err != ERR_OK)
        commit->write_count = before; /* the others' stay */
    *has_written = commit->write_count > before;
    return err;
}
