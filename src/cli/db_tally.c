#include "cli/db_tally.h"

void db_tally_init(struct db_tally *tally)
{
    *tally = (struct db_tally){.counters = 0};
}

void db_tally_fini(struct db_tally *tally)
{
    db_tally_end(tally);
    db_tally_init(tally);
}

void db_tally_end(struct db_tally *tally)
{
    number_set_fini(&tally->seen);
}

enum err db_tally_add_counter(struct db_tally *tally, const struct scanned_counter *scanned)
{
    char key[COUNTER_KEY_MAX];
    uint64_t number = number_of_text('c', counter_key(&scanned->counter, key));
    bool is_new;

    if (scanned->views == 0)
        return ERR_OK;
    if (number_set_add(&tally->seen, number, &is_new) != ERR_OK)
        return ERR_NO_MEMORY;
    if (!is_new)
        return ERR_OK;
    tally->counters++;
    tally->views = (int64_t)((uint64_t)tally->views + (uint64_t)scanned->views);
    tally->checksum += number_of_pair(number, (uint64_t)scanned->views);
    return ERR_OK;
}

uint64_t db_tally_rollup_number(const struct rollup *rollup)
{
    char key[ROLLUP_KEY_MAX];

    return number_of_text('u', rollup_key(rollup, key));
}

uint64_t db_tally_metrics_number(uint64_t rollup_number, const struct metrics *metrics)
{
    uint64_t number = number_of_pair(rollup_number, (uint64_t)metrics->views);

    number = number_of_pair(number, (uint64_t)metrics->visits);
    number = number_of_pair(number, (uint64_t)metrics->visitors);
    number = number_of_pair(number, (uint64_t)metrics->bounces);
    return number_of_pair(number, (uint64_t)metrics->seconds);
}

enum err db_tally_add_rollup(struct db_tally *tally, const struct scanned_rollup *scanned)
{
    uint64_t number = db_tally_rollup_number(&scanned->rollup);
    bool is_new;

    if (metrics_are_zero(&scanned->metrics))
        return ERR_OK;
    if (number_set_add(&tally->seen, number, &is_new) != ERR_OK)
        return ERR_NO_MEMORY;
    if (!is_new)
        return ERR_OK;
    tally->rollups++;
    number = db_tally_metrics_number(number, &scanned->metrics);
    number = number_of_pair(number, number_of_text('n', scanned->name.text));
    tally->checksum += number_of_pair(number, number_of_text('t', scanned->name.title));
    return ERR_OK;
}

enum err db_tally_add_record(struct db_tally *tally, struct slice key)
{
    bool is_new;

    if (number_set_add(&tally->seen, number_of_text('r', key), &is_new) != ERR_OK)
        return ERR_NO_MEMORY;
    tally->records += is_new ? 1 : 0;
    return ERR_OK;
}

bool db_tally_same_counts(const struct db_tally *a, const struct db_tally *b)
{
    return a->counters == b->counters && a->views == b->views && a->rollups == b->rollups &&
           a->checksum == b->checksum;
}
