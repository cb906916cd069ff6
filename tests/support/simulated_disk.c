#include "support/simulated_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/cmocka.h"

#define SECTOR_BYTES 512

/* A write, or with `bytes` NULL a truncation to `offset`. */
struct change {
    struct change *next;
    uint64_t offset;
    size_t len;
    unsigned char *bytes;
};

struct disk_file {
    struct disk_file *next;
    char *path;
    bool is_there;        /* for those who look now */
    bool is_on_disk;      /* its name */
    unsigned char *bytes; /* that are on disk */
    size_t size;
    size_t capacity;
    struct change *first; /* that are not, in order */
    struct change **last;
};

struct disk {
    struct disk_file *files;
    uint64_t random;
};

struct disk *disk_create(uint64_t seed)
{
    struct disk *disk = calloc(1, sizeof(*disk));

    assert_non_null(disk);
    disk->random = seed;
    return disk;
}

/* SplitMix64, as in store/faulty.c. */
uint64_t disk_draw(struct disk *disk, uint64_t below)
{
    uint64_t z = disk->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % below;
}

/* ---- contents ------------------------------------------------------------------------------- */

static void resize(struct disk_file *file, size_t size)
{
    if (size > file->capacity) {
        file->capacity = 2 * size;
        file->bytes = realloc(file->bytes, file->capacity);
        assert_non_null(file->bytes);
    }
    if (size > file->size)
        memset(file->bytes + file->size, 0, size - file->size);
    file->size = size;
}

static void put(struct disk_file *file, const struct change *change, size_t from, size_t len)
{
    size_t end = (size_t)change->offset + from + len;

    if (end > file->size)
        resize(file, end);
    memcpy(file->bytes + change->offset + from, change->bytes + from, len);
}

/* Every sector of the change reaches the disk with a chance of `tenths` in ten. */
static void apply(struct disk *disk, struct disk_file *file, const struct change *change,
                  unsigned tenths)
{
    size_t from = 0;

    if (!change->bytes && disk_draw(disk, 10) < tenths)
        resize(file, (size_t)change->offset);
    while (change->bytes && from < change->len) {
        size_t len = SECTOR_BYTES - (size_t)(change->offset + from) % SECTOR_BYTES;

        if (len > change->len - from)
            len = change->len - from;
        if (disk_draw(disk, 10) < tenths)
            put(file, change, from, len);
        from += len;
    }
}

static void apply_all(struct disk *disk, struct disk_file *file, unsigned tenths)
{
    struct change *next;

    for (struct change *change = file->first; change; change = next) {
        next = change->next;
        apply(disk, file, change, tenths);
        free(change->bytes);
        free(change);
    }
    file->first = NULL;
    file->last = &file->first;
}

static void add_change(struct disk_file *file, const void *bytes, size_t len, uint64_t offset)
{
    struct change *change = calloc(1, sizeof(*change));

    assert_non_null(change);
    change->offset = offset;
    change->len = len;
    if (bytes) {
        change->bytes = malloc(len + 1);
        assert_non_null(change->bytes);
        memcpy(change->bytes, bytes, len);
    }
    *file->last = change;
    file->last = &change->next;
}

void disk_write(struct disk_file *file, const void *bytes, size_t len, uint64_t offset)
{
    add_change(file, bytes, len, offset);
}

void disk_truncate(struct disk_file *file, uint64_t size)
{
    add_change(file, NULL, 0, size);
}

void disk_sync(struct disk_file *file)
{
    struct disk certain = {0};

    apply_all(&certain, file, 10);
}

/* Nothing of it, all of it, or something between. */
static void apply_some(struct disk *disk, struct disk_file *file)
{
    static const unsigned chances[] = {0, 1, 5, 9, 10};

    apply_all(disk, file, chances[disk_draw(disk, sizeof(chances) / sizeof(chances[0]))]);
}

void disk_fail_sync(struct disk *disk, struct disk_file *file)
{
    apply_some(disk, file);
}

/* ---- names ---------------------------------------------------------------------------------- */

static struct disk_file *find(const struct disk *disk, const char *path, bool is_there)
{
    for (struct disk_file *file = disk->files; file; file = file->next) {
        if (file->is_there == is_there && strcmp(file->path, path) == 0)
            return file;
    }
    return NULL;
}

static void read_real(struct disk_file *file)
{
    FILE *real = fopen(file->path, "r");
    struct stat st;

    assert_non_null(real);
    assert_int_equal(fstat(fileno(real), &st), 0);
    resize(file, (size_t)st.st_size);
    assert_int_equal(fread(file->bytes, 1, file->size, real), file->size);
    (void)fclose(real);
}

struct disk_file *disk_open(struct disk *disk, const char *path)
{
    struct disk_file *file = find(disk, path, true);

    if (file)
        return file;
    file = calloc(1, sizeof(*file));
    assert_non_null(file);
    file->path = strdup(path);
    assert_non_null(file->path);
    file->last = &file->first;
    resize(file, 1); /* so that there is memory for an empty one, too */
    resize(file, 0);
    read_real(file);
    file->is_there = true;
    file->is_on_disk = file->size > 0;
    file->next = disk->files;
    disk->files = file;
    return file;
}

void disk_remove(struct disk *disk, const char *path)
{
    struct disk_file *file = find(disk, path, true);

    if (file)
        file->is_there = false;
}

static void file_free(struct disk_file *file)
{
    struct change *next;

    for (struct change *change = file->first; change; change = next) {
        next = change->next;
        free(change->bytes);
        free(change);
    }
    free(file->bytes);
    free(file->path);
    free(file);
}

void disk_sync_folder(struct disk *disk)
{
    struct disk_file **link = &disk->files;
    struct disk_file *file;

    while ((file = *link)) {
        file->is_on_disk = file->is_there;
        if (file->is_there) {
            link = &file->next;
        } else {
            *link = file->next;
            file_free(file);
        }
    }
}

static void forget_all(struct disk *disk)
{
    struct disk_file *next;

    for (struct disk_file *file = disk->files; file; file = next) {
        next = file->next;
        file_free(file);
    }
    disk->files = NULL;
}

void disk_destroy(struct disk *disk)
{
    if (!disk)
        return;
    forget_all(disk);
    free(disk);
}

/* ---- after the cut -------------------------------------------------------------------------- */

static void write_real(const struct disk_file *file)
{
    FILE *real = fopen(file->path, "w");

    assert_non_null(real);
    assert_int_equal(fwrite(file->bytes, 1, file->size, real), file->size);
    assert_int_equal(fclose(real), 0);
}

/* Which file has the name `path` now: the one that has it for readers, or the one on disk. */
static struct disk_file *choose(struct disk *disk, const char *path)
{
    struct disk_file *now = find(disk, path, true);
    struct disk_file *before = find(disk, path, false);

    if (before && !before->is_on_disk)
        before = NULL;
    if (now && now->is_on_disk)
        return now;
    return disk_draw(disk, 2) == 0 ? now : before;
}

/* Shared memory is not on disk; only SQLite's index of its log is in a file. */
static void remove_shared_memory(const char *path)
{
    char name[256];

    assert_in_range(snprintf(name, sizeof(name), "%s-shm", path), 1, sizeof(name) - 1);
    (void)unlink(name);
}

void disk_power_back(struct disk *disk)
{
    for (struct disk_file *file = disk->files; file; file = file->next) {
        struct disk_file *left;

        if (!file->is_there && find(disk, file->path, true))
            continue; /* of two with the same name the one that is there decides for both */
        left = choose(disk, file->path);
        remove_shared_memory(file->path);
        if (left) {
            apply_some(disk, left);
            write_real(left);
        } else {
            (void)unlink(file->path);
        }
    }
    forget_all(disk);
}
