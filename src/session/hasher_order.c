#include <sodium.h>
#include <stdlib.h>

#include "session/hasher_queue.h"

struct hash_order *hash_order_create(struct slice password)
{
    struct hash_order *order = calloc(1, sizeof(*order) + password.len);

    if (!order)
        return NULL;
    order->password_len = password.len;
    if (password.len > 0)
        memcpy(order->password, password.ptr, password.len);
    return order;
}

void hash_order_free(struct hash_order *order)
{
    sodium_memzero(order, sizeof(*order) + order->password_len);
    free(order);
}

/* Without memory there is no hash, whatever was written to it. */
static enum err make(struct hash_order *order, struct slice password)
{
    enum err err = password_hash(password, order->made);

    if (err != ERR_OK)
        order->made[0] = '\0';
    return err;
}

static void check(struct hash_order *order, struct slice password)
{
    order->is_right = password_is(password, order->hash);
    /* The new hash is only a wish: who is right is right without it. */
    if (order->is_right && password_wants_rehash(order->hash))
        (void)make(order, password);
}

void hash_order_work(struct hash_order *order)
{
    struct slice password = slice_of(order->password, order->password_len);

    if (order->is_check)
        check(order, password);
    else
        order->err = make(order, password);
    sodium_memzero(order->password, order->password_len);
}
