#include "store/sqlite_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* The places in the file; it stays empty, since locks may lie beyond its end. */
enum place { PLACE_ROOM, PLACE_GATE, PLACE_OPEN };

static bool set(const struct sqlite_lock *lock, int command, short type, enum place place)
{
    struct flock range = {
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)place, .l_len = 1};

    while (fcntl(lock->fd, command, &range) != 0) {
        if (errno != EINTR)
            return false;
    }
    return true;
}

static bool pass(const struct sqlite_lock *lock, int command)
{
    bool passed;

    if (!set(lock, command, F_WRLCK, PLACE_GATE))
        return false;
    passed = set(lock, command, F_WRLCK, PLACE_ROOM);
    (void)set(lock, F_OFD_SETLK, F_UNLCK, PLACE_GATE);
    return passed;
}

bool sqlite_lock_open(struct sqlite_lock *lock, const char *path, mode_t mode)
{
    lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode);
    return lock->fd >= 0;
}

void sqlite_lock_close(struct sqlite_lock *lock)
{
    if (lock->fd >= 0)
        (void)close(lock->fd);
    lock->fd = -1;
}

bool sqlite_lock_take(const struct sqlite_lock *lock)
{
    return pass(lock, F_OFD_SETLKW);
}

bool sqlite_lock_try(const struct sqlite_lock *lock)
{
    return pass(lock, F_OFD_SETLK);
}

void sqlite_lock_release(const struct sqlite_lock *lock)
{
    (void)set(lock, F_OFD_SETLK, F_UNLCK, PLACE_ROOM);
}

bool sqlite_lock_join(const struct sqlite_lock *lock, bool *is_first)
{
    *is_first = sqlite_lock_join_alone(lock);
    return set(lock, F_OFD_SETLK, F_RDLCK, PLACE_OPEN);
}

void sqlite_lock_leave(const struct sqlite_lock *lock)
{
    if (lock->fd >= 0)
        (void)set(lock, F_OFD_SETLK, F_UNLCK, PLACE_OPEN);
}

bool sqlite_lock_join_alone(const struct sqlite_lock *lock)
{
    return set(lock, F_OFD_SETLK, F_WRLCK, PLACE_OPEN);
}
