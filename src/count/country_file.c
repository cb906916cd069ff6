#include "count/country_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is wrong with a file; NULL: nothing. */
static const char *judge(const struct stat *status)
{
    if (!S_ISREG(status->st_mode))
        return "is not a file";
    if (status->st_size == 0)
        return "is empty";
    if (status->st_size > COUNTRY_FILE_MAX_BYTES)
        return "is over 256 MiB";
    return NULL;
}

/* As country_file_map(), but returns what is wrong; NULL: nothing. */
static const char *map(int fd, struct country_file *out)
{
    struct stat status;
    const char *wrong;
    void *mapped;

    if (fstat(fd, &status) != 0)
        return strerror(errno);
    wrong = judge(&status);
    if (wrong)
        return wrong;
    mapped = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED)
        return strerror(errno);
    *out = (struct country_file){
        .map = mapped,
        .bytes = slice_of(mapped, (size_t)status.st_size),
        .modified_unix_s = status.st_mtime,
    };
    return NULL;
}

enum err country_file_map(const char *path, struct country_file *out, struct err_info *info)
{
    /* Not blocking: a pipe of that name would have the program wait for somebody who writes. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    const char *wrong = fd < 0 ? strerror(errno) : map(fd, out);

    if (fd >= 0)
        (void)close(fd);
    if (!wrong)
        return ERR_OK;
    err_info_set(info, "%s: %s", path, wrong);
    return ERR_CONFIG;
}

void country_file_unmap(struct country_file *file)
{
    if (file->map)
        (void)munmap(file->map, file->bytes.len);
    *file = (struct country_file){.map = NULL};
}
