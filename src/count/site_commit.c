/* The commits of a change: what each stage writes, shard by shard. */
#include "count/settings_key.h"
#include "count/site_store_part.h"

/* A claim that nobody came back for is free again. Longer than any command waits for its store. */
#define CLAIM_TTL_S 300

/* ---- what is written ------------------------------------------------------------------------ */

/* All of it is one commit. */
static bool is_atomic(const struct site_change *change)
{
    return change->sites->shard_count == 1;
}

static bool is_ours(const struct site_change *change, const struct site_record *record)
{
    return record->version != RECORD_ABSENT && slice_eq(record->value, slice_str(change->id));
}

static bool write_host(const struct site_change *change, const struct site_record *record,
                       enum site_stage stage, struct record_write *out)
{
    bool is_there = record->version != RECORD_ABSENT;

    if (!record->is_wanted)
        return stage == SITE_STAGE_CLAIM && is_ours(change, record); /* `out` deletes it */
    out->value = slice_str(change->id);
    if (stage == SITE_STAGE_CLAIM)
        out->ttl_s = CLAIM_TTL_S;
    return stage == SITE_STAGE_CLAIM
               ? !is_there && !is_atomic(change)
               : stage == SITE_STAGE_KEEP && (!is_there || !is_atomic(change));
}

static bool write_site(const struct site_change *change, const struct site_record *record,
                       struct record_write *out)
{
    out->value = change->after ? change->json : slice_of(NULL, 0);
    return change->after || record->version != RECORD_ABSENT;
}

/* What the stage writes to the record; false: nothing. */
static bool write_of(const struct site_change *change, const struct site_record *record,
                     enum site_stage stage, struct record_write *out)
{
    *out = (struct record_write){
        .key = record->key, .expect_version = record->version, .ttl_s = RECORD_FOREVER};
    switch (record->kind) {
    case SITE_RECORD_SITE:
        return stage == SITE_STAGE_SITE && write_site(change, record, out);
    case SITE_RECORD_SETTINGS:
        out->value = change->has_domains ? SETTINGS_HAVE_DOMAINS : SLICE("");
        return stage == SITE_STAGE_SETTINGS;
    case SITE_RECORD_HOST:
        return write_host(change, record, stage, out);
    }
    return false;
}

/* The same, of all stages that go together: none writes a record twice then. */
static bool write_in_commit(const struct site_change *change, const struct site_record *record,
                            struct record_write *out)
{
    if (!is_atomic(change))
        return write_of(change, record, change->stage, out);
    if (change->stage != SITE_STAGE_CLAIM)
        return false;
    for (enum site_stage stage = SITE_STAGE_CLAIM; stage <= SITE_STAGE_SETTINGS; stage++) {
        if (write_of(change, record, stage, out))
            return true;
    }
    return false;
}

/* ---- committing ----------------------------------------------------------------------------- */

static void note_versions(struct site_change *change, const struct commit *commit)
{
    for (size_t i = 0; i < change->record_count; i++) {
        struct site_record *record = &change->records[i];
        struct record_write write;

        if (record->shard != commit->shard || !write_in_commit(change, record, &write))
            continue;
        record->version = write.value.ptr ? commit->version : RECORD_ABSENT;
        record->value = write.value;
    }
}

static void on_committed(void *ctx, const struct commit_result *result)
{
    struct site_part *part = ctx;
    struct site_change *change = part->change;
    enum err err = result->status == COMMIT_REFUSED ? ERR_UNAVAILABLE : ERR_OK;

    if (result->status == COMMIT_DONE)
        note_versions(change, part->commit);
    else if (result->status == COMMIT_CONFLICT)
        change->has_conflict = true;
    commit_unref(part->commit);
    part->commit = NULL;
    site_change_landed(change, err, result->detail);
}

static enum err fill(const struct site_change *change, struct commit *commit)
{
    enum err err = ERR_OK;

    for (size_t i = 0; i < change->record_count && err == ERR_OK; i++) {
        const struct site_record *record = &change->records[i];
        struct record_write write;

        if (record->shard == commit->shard && write_in_commit(change, record, &write))
            err = commit_write(commit, &write);
    }
    return err;
}

static enum err make_commit(const struct site_change *change, struct site_part *part)
{
    part->commit = commit_create();
    if (!part->commit)
        return ERR_NO_MEMORY;
    part->commit->shard = part->shard;
    return fill(change, part->commit);
}

static bool has_writer(struct site_store *sites, unsigned shard)
{
    if (!sites->writers[shard])
        sites->writers[shard] = writer_create(sites->store, shard, &sites->env);
    return sites->writers[shard] != NULL;
}

static enum err commit_part(struct site_change *change, struct site_part *part)
{
    enum err err = make_commit(change, part);
    bool is_needed = err == ERR_OK && part->commit->write_count > 0;

    if (is_needed && !has_writer(change->sites, part->shard))
        err = ERR_NO_MEMORY;
    if (err == ERR_OK && is_needed) {
        change->pending++;
        writer_commit(change->sites->writers[part->shard], part->commit, on_committed, part);
        return ERR_OK;
    }
    commit_unref(part->commit);
    part->commit = NULL;
    return err;
}

void site_change_commit(struct site_change *change)
{
    for (unsigned i = 0; i < change->sites->shard_count && change->err == ERR_OK; i++)
        change->err = commit_part(change, &change->parts[i]);
}
