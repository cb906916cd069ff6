#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/demo.h"

bool demo_folder_make(struct demo_folder *folder)
{
    const char *root = getenv("TMPDIR");
    int len = snprintf(folder->path, sizeof(folder->path), "%s/footfall-demo-XXXXXX",
                       root && root[0] == '/' ? root : "/tmp");

    if (len < 0 || (size_t)len >= sizeof(folder->path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (!mkdtemp(folder->path))
        return false;
    (void)snprintf(folder->store, sizeof(folder->store), "sqlite:%s/footfall.db", folder->path);
    return true;
}

/* There are no folders in it. */
void demo_folder_remove(const struct demo_folder *folder)
{
    DIR *dir = opendir(folder->path);
    struct dirent *entry;

    while (dir && (entry = readdir(dir)) != NULL)
        (void)unlinkat(dirfd(dir), entry->d_name, 0); /* of "." and ".." it fails */
    if (dir)
        (void)closedir(dir);
    if (rmdir(folder->path) != 0)
        (void)fprintf(stderr, "footfall: %s is not removed: %s\n", folder->path, strerror(errno));
}
