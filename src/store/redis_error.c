#include "store/redis_error.h"

/*
 * The errors of Redis 6.2 to 7.2 (shared objects in server.c, cluster.c, acl.c, script.c).
 *
 * An error that our script raises itself never shows here as long as nothing was written: the
 * script answers such a refusal in its own words (redis_commit.lua). So an error of a script that
 * does show, ERR or WRONGTYPE among them, may have come after a write: unknown.
 */
static const struct {
    struct slice word;
    enum redis_verdict verdict;
} errors[] = {
    {SLICE_INIT("NOSCRIPT"), REDIS_NOSCRIPT}, /* its cache of scripts was emptied */
    {SLICE_INIT("LOADING"), REDIS_REFUSED},   /* it reads its data back after a start */
    {SLICE_INIT("READONLY"), REDIS_REFUSED},  /* a replica */
    {SLICE_INIT("MISCONF"), REDIS_REFUSED},   /* it cannot write its snapshots or its log */
    {SLICE_INIT("OOM"), REDIS_REFUSED},       /* maxmemory is reached */
    {SLICE_INIT("BUSY"), REDIS_REFUSED},      /* a slow script of somebody else runs */
    {SLICE_INIT("NOAUTH"), REDIS_REFUSED},    /* it wants a password */
    {SLICE_INIT("WRONGPASS"), REDIS_REFUSED},
    {SLICE_INIT("NOPERM"), REDIS_REFUSED},     /* the user may not; see redis.h */
    {SLICE_INIT("MASTERDOWN"), REDIS_REFUSED}, /* a replica without its primary */
    {SLICE_INIT("NOREPLICAS"), REDIS_REFUSED}, /* fewer replicas than min-replicas-to-write */
    {SLICE_INIT("EXECABORT"), REDIS_REFUSED},
    {SLICE_INIT("CLUSTERDOWN"), REDIS_REFUSED},
    {SLICE_INIT("CROSSSLOT"), REDIS_REFUSED},
    {SLICE_INIT("MOVED"), REDIS_REFUSED}, /* a cluster: another node has the key */
    {SLICE_INIT("ASK"), REDIS_REFUSED},
    {SLICE_INIT("TRYAGAIN"), REDIS_REFUSED},
    {SLICE_INIT("WRONGTYPE"), REDIS_UNKNOWN},
    {SLICE_INIT("UNKILLABLE"), REDIS_UNKNOWN},
    {SLICE_INIT("ERR"), REDIS_UNKNOWN},
    {SLICE_INIT("NOPROTO"), REDIS_BUG},   /* we never say HELLO */
    {SLICE_INIT("NOTBUSY"), REDIS_BUG},   /* we never kill scripts */
    {SLICE_INIT("BUSYKEY"), REDIS_BUG},   /* nor restore keys */
    {SLICE_INIT("BUSYGROUP"), REDIS_BUG}, /* nor use streams */
    {SLICE_INIT("NOGROUP"), REDIS_BUG},
    {SLICE_INIT("INPROG"), REDIS_BUG}, /* nor start a fail-over */
    {SLICE_INIT("NOGOODSLAVE"), REDIS_BUG},
    {SLICE_INIT("DENIED"), REDIS_REFUSED}, /* protected mode, before the connection is closed */
};

static struct slice first_word(struct slice text)
{
    const char *space = text.len > 0 ? memchr(text.ptr, ' ', text.len) : NULL;

    return space ? slice_of(text.ptr, (size_t)(space - text.ptr)) : text;
}

enum redis_verdict redis_error_verdict(struct slice text)
{
    struct slice word = first_word(text);

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (slice_eq(word, errors[i].word))
            return errors[i].verdict;
    }
    return REDIS_UNKNOWN;
}

bool redis_error_is_redirection(struct slice text)
{
    static const struct slice words[] = {SLICE_INIT("MOVED"), SLICE_INIT("ASK"),
                                         SLICE_INIT("TRYAGAIN"), SLICE_INIT("CLUSTERDOWN")};
    struct slice word = first_word(text);

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (slice_eq(word, words[i]))
            return true;
    }
    return false;
}
