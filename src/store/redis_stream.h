/**
 * One attempt to reach a Redis server, and the bytes that go to and fro when it succeeds.
 *
 * A stream is used once. After redis_stream_close() none of its callbacks is ever called again; it
 * frees itself, now or on the loop. So whoever keeps only the current stream can never be handed
 * the bytes of an earlier one.
 */
#ifndef FOOTFALL_STORE_REDIS_STREAM_H
#define FOOTFALL_STORE_REDIS_STREAM_H

#include "base/err.h"
#include "base/slice.h"
#include "store/redis_url.h"

struct redis_stream;
struct uv_loop_s;

/** What its owner is told; none is called inside a call of this header. */
struct redis_stream_events {
    void (*on_open)(void *ctx);
    void (*on_data)(void *ctx, struct slice bytes);
    void (*on_written)(void *ctx); /* what redis_stream_write() took is gone */
    /** By the peer, or it could not be opened: the owner calls redis_stream_close() in there. */
    void (*on_closed)(void *ctx, const char *reason);
    void *ctx;
};

/** Starts to connect. `target` and `events` are copied. NULL without memory. */
struct redis_stream *redis_stream_open(struct uv_loop_s *loop, const struct redis_target *target,
                                       const struct redis_stream_events *events);

/**
 * Writes as much of `bytes` as the kernel takes at once, and goes on in the background with the
 * rest. Only on an open stream, and not again until on_written when that is announced.
 *
 * @param bytes    stays as it is until on_written when *pending
 * @param pending  true: on_written will be called; false: all of it went out already
 * @return         ERR_UNAVAILABLE: the stream is broken; on_closed follows from reading
 */
enum err redis_stream_write(struct redis_stream *stream, struct slice bytes,
                            bool *pending) MUST_CHECK;

/** NULL is fine. */
void redis_stream_close(struct redis_stream *stream);

#endif
