/**
 * What api_token*.c share.
 */
#ifndef FOOTFALL_SESSION_API_TOKEN_PART_H
#define FOOTFALL_SESSION_API_TOKEN_PART_H

#include "base/arena.h"
#include "session/api_token.h"
#include "session/user.h"

#define API_TOKEN_KEY_BYTES 96
#define API_TOKENS_KEY      SLICE("tokens/accounts")

/** Calls under way in one process, and of them those that find; beyond that they return NULL. */
#define API_TOKEN_MAX_CALLS 1024

/** Tokens in one read; those beyond go in the next one. */
#define API_TOKEN_MAX_BATCH 64

/** Uses that are being noted at the same moment; beyond that one is not noted. */
#define API_TOKEN_MAX_TOUCHES 16

/** A use is noted when the last one that was is so long ago. */
#define API_TOKEN_TOUCH_S 60

/* ---- records: api_token.c ------------------------------------------------------------------- */

struct slice api_token_key(const char hash[static SECRET_HASH_TEXT + 1],
                           char room[static API_TOKEN_KEY_BYTES]);

/** Of the index that names it. */
struct slice api_token_index_key(const struct api_token *token,
                                 char room[static API_TOKEN_KEY_BYTES]);

bool api_token_id_is_sound(struct slice id);

/** ERR_INVALID, with `info`, when there is no such token. */
enum err api_token_check(const struct api_token *token, struct err_info *info) MUST_CHECK;

/** Appends the JSON; without memory `out` is failed. */
void api_token_encode(const struct api_token *token, struct strbuf *out);

/** Reads what api_token_encode() writes, and nothing else. ERR_INVALID, ERR_NO_MEMORY */
enum err api_token_decode(struct slice json, struct api_token *out) MUST_CHECK;

/** Writes the record of a token that has not ended. */
enum err api_token_write(const struct api_token *token, int64_t now_s, size_t index,
                         struct change_writes *out) MUST_CHECK;

/* ---- the index: api_token_index.c ----------------------------------------------------------- */

struct api_token_entry {
    char id[API_TOKEN_ID_TEXT + 1];
    char hash[SECRET_HASH_TEXT + 1];
    int64_t expires_s; /* 0: never */
};

/** The record tokens/accounts or links/accounts/SITE, the oldest first: ID HASH EXPIRES; */
struct api_token_index {
    struct api_token_entry entries[API_TOKEN_MAX];
    size_t count;
};

/** ERR_INVALID: that is no index. The slice that is nothing is an empty one. */
enum err api_token_index_read(struct slice text, struct api_token_index *out) MUST_CHECK;

/** Writes it to the record with this key index. */
enum err api_token_index_write(const struct api_token_index *index, size_t at,
                               struct change_writes *out) MUST_CHECK;

/** NULL: it is not there. */
struct api_token_entry *api_token_index_find(struct api_token_index *index, struct slice id);

void api_token_index_remove(struct api_token_index *index, struct api_token_entry *entry);

/** Drops those that have ended. */
void api_token_index_expire(struct api_token_index *index, int64_t now_s);

/* ---- calls: api_token_store.c --------------------------------------------------------------- */

/** The tokens of one read. */
struct api_token_batch {
    struct api_token_store *tokens;
    struct api_token_batch *prev;
    struct api_token_batch *next;
    struct timer timer; /* begins it at the end of the turn */
    struct store_op *op;
    bool is_begun;                /* nobody joins it any more */
    struct api_token_call *finds; /* the last one comes first */
    char hashes[API_TOKEN_MAX_BATCH][SECRET_HASH_TEXT + 1];
    size_t count;

    struct { /* what each of them is */
        enum err err;
        struct api_token token;
    } found[API_TOKEN_MAX_BATCH];
};

/** A use that is being noted. */
struct api_token_touch {
    struct api_token_store *tokens;
    struct change *change; /* NULL: this one is free */
    char hash[SECRET_HASH_TEXT + 1];
};

struct api_token_store {
    struct store *store;
    struct store_env env;
    struct changer *changer;
    unsigned shard;
    struct api_token_call *calls; /* those that do not find */
    size_t call_count;            /* all of them */
    struct api_token_batch *batches;
    struct api_token_touch touches[API_TOKEN_MAX_TOUCHES];
};

struct api_token_call {
    struct api_token_store *tokens;
    struct api_token_call **list; /* which it is in */
    struct api_token_call *prev;
    struct api_token_call *next;
    api_token_done_fn *done;      /* NULL: */
    api_token_list_fn *list_done; /* it lists */
    void *ctx;

    /* One of these is in flight, or it is part of a batch. */
    struct store_op *op;
    struct change *change;
    struct timer later; /* to tell `err` on the loop */

    enum err err;
    struct err_info why;
    size_t place; /* of its hash in the batch */
    char hash[SECRET_HASH_TEXT + 1];
    struct api_token token;
    bool is_gone; /* what is revoked had ended */

    /* Of a list. */
    struct arena arena;
    struct api_token *found;
    size_t found_count;
};

/** NULL: no memory, or too many. @param list  which it is added to */
struct api_token_call *api_token_call_create(struct api_token_store *tokens,
                                             struct api_token_call **list, void *ctx);

/** The call; when nothing of it was begun NULL: then it is gone. */
struct api_token_call *api_token_call_begun(struct api_token_call *call, bool is_begun);

/** The same for one that is told this in a later turn. */
struct api_token_call *api_token_call_fail(struct api_token_call *call, enum err err);

/** The call is about the links of this site. False: there can be none. */
bool api_token_call_of_links(struct api_token_call *call, struct slice site) MUST_CHECK;

/** Reads the record of the index of call->token. False: nothing was begun. */
bool api_token_read_index(struct api_token_call *call, store_read_fn *done);

/** ERR_INVALID, with `why`: that is no index. */
enum err api_token_look_at_index(struct api_token_call *call, const struct record *record,
                                 struct api_token_index *out) MUST_CHECK;

/** Tells, and ends it. */
void api_token_call_finish(struct api_token_call *call, enum err err);

int64_t api_token_now_s(const struct api_token_store *tokens);

/** Cancels it with all that are in it: api_token_find.c. */
void api_token_batch_destroy(struct api_token_batch *batch);

/** Notes that a token was used, when that is due: api_token_touch.c. */
void api_token_touch(struct api_token_store *tokens, const char hash[static SECRET_HASH_TEXT + 1],
                     const struct api_token *token);

#endif
