/* How a commit is applied: the table of commit.h. */
#include <stdlib.h>

#include "store/memory_db.h"

/* A commit on its way: first everything that can fail is made ready, then all of it is applied. */
struct application {
    struct memory_db *db;
    struct commit *commit; /* a reference: the op may be finished first */
    struct memory_writer *writer;
    int64_t now_unix_ms;
    struct memory_counter **counters; /* one an addition; NULL: not made */
    struct memory_record **records;   /* one a write; NULL for a deletion */
    struct metrics **rollups;         /* one an addition to a rollup */
    int64_t *totals;
};

static bool versions_fit(const struct application *a)
{
    for (size_t i = 0; i < a->commit->write_count; i++) {
        const struct record_write *write = &a->commit->writes[i];

        if (!record_fits(write, memory_record_look(a->db, write->key, a->now_unix_ms).version))
            return false;
    }
    return true;
}

/* Two additions may go to one row, that of what a cap kept out: each is checked alone, since a row
 * that is that full is no matter of two batches. */
static bool prepare_rollups(struct application *a)
{
    const struct commit *c = a->commit;

    a->rollups = calloc(c->rollup_count + 1, sizeof(struct metrics *));
    if (!a->rollups)
        return false;
    for (size_t i = 0; i < c->rollup_count; i++) {
        struct metrics ignored;

        a->rollups[i] = memory_rollup_make(a->db, &c->rollups[i]);
        if (!a->rollups[i])
            return false;
        ignored = *a->rollups[i];
        if (!metrics_add_checked(&ignored, &c->rollups[i].delta))
            return false;
    }
    return true;
}

static bool prepare(struct application *a)
{
    const struct commit *c = a->commit;

    a->counters = calloc(c->addition_count + 1, sizeof(struct memory_counter *));
    a->records = calloc(c->write_count + 1, sizeof(struct memory_record *));
    a->totals = calloc(c->totals_wanted + 1, sizeof(*a->totals));
    if (!a->counters || !a->records || !a->totals ||
        hashmap_reserve(&a->db->records, c->write_count) != ERR_OK)
        return false;
    for (size_t i = 0; i < c->addition_count; i++) {
        int64_t ignored;

        if (memory_counter_make(a->db, &c->additions[i], &a->counters[i]) != ERR_OK)
            return false;
        if (a->counters[i] &&
            __builtin_add_overflow(a->counters[i]->views, c->additions[i].delta, &ignored))
            return false;
    }
    for (size_t i = 0; i < c->write_count; i++) {
        if (!c->writes[i].value.ptr)
            continue;
        a->records[i] = memory_record_create(&c->writes[i], c->version, a->now_unix_ms);
        if (!a->records[i])
            return false;
    }
    return prepare_rollups(a);
}

static void apply(struct application *a)
{
    const struct commit *c = a->commit;

    for (size_t i = 0; i < c->addition_count; i++) {
        struct memory_counter *counter = a->counters[i];

        if (counter)
            counter->views += c->additions[i].delta;
        if (i < c->totals_wanted)
            a->totals[i] = counter ? counter->views : COUNTER_NOT_MADE;
    }
    for (size_t i = 0; i < c->rollup_count; i++)
        metrics_add(a->rollups[i], &c->rollups[i].delta);
    for (size_t i = 0; i < c->write_count; i++) {
        if (c->writes[i].value.ptr)
            memory_record_put(a->db, a->records[i]);
        else
            memory_record_remove(a->db, c->writes[i].key);
        a->records[i] = NULL;
    }
}

static void remember(struct application *a, enum commit_status status)
{
    free(a->writer->totals);
    a->writer->number = a->commit->number;
    a->writer->status = status;
    a->writer->totals = a->totals;
    a->writer->total_count = status == COMMIT_DONE ? a->commit->totals_wanted : 0;
    a->totals = NULL;
}

static void application_fini(struct application *a)
{
    for (size_t i = 0; a->records && i < a->commit->write_count; i++)
        free(a->records[i]);
    free(a->records);
    free(a->counters);
    free(a->rollups);
    free(a->totals);
    commit_unref(a->commit);
}

/* Gives the result that is stored for the writer's last number. */
static void finish_stored(struct store_op *op, struct application *a)
{
    struct commit_result result = {.status = a->writer->status, .totals = a->writer->totals};
    struct record *records;

    if (a->writer->status == COMMIT_CONFLICT) {
        records = arena_alloc(&op->arena, (op->commit->write_count + 1) * sizeof(*records));
        if (!records) {
            op_finish_unknown(op, "out of memory");
            return;
        }
        for (size_t i = 0; i < op->commit->write_count; i++)
            records[i] = memory_record_look(a->db, op->commit->writes[i].key, a->now_unix_ms);
        result.records = records;
    }
    op_finish_commit(op, &result);
}

static void commit_new(struct store_op *op, struct application *a)
{
    if (!versions_fit(a)) {
        remember(a, COMMIT_CONFLICT);
    } else if (prepare(a)) {
        apply(a);
        remember(a, COMMIT_DONE);
    } else {
        op_finish_refused(op, "out of memory, or a counter is full");
        return;
    }
    finish_stored(op, a);
}

void memory_commit(struct memory_db *db, struct store_op *op, int64_t now_unix_ms)
{
    struct application a = {.db = db, .now_unix_ms = now_unix_ms};
    struct commit_result nothing = {0};

    a.writer = memory_writer_find(db, &op->commit->writer);
    if (!a.writer) {
        nothing.status = COMMIT_NO_WRITER;
        op_finish_commit(op, &nothing);
        return;
    }
    a.commit = commit_ref(op->commit);
    a.writer->seen_unix_ms = now_unix_ms;
    nothing.last_number = a.writer->number;
    if (db->ignores_numbers || a.writer->number == op->commit->number - 1) {
        commit_new(op, &a);
    } else if (a.writer->number == op->commit->number) {
        finish_stored(op, &a);
    } else {
        nothing.status = a.writer->number < op->commit->number ? COMMIT_BEHIND : COMMIT_AHEAD;
        op_finish_commit(op, &nothing);
    }
    application_fini(&a);
}
