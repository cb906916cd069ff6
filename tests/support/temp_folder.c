#include "support/temp_folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "support/cmocka.h"

void temp_folder_make(struct temp_folder *folder)
{
    const char *parent = getenv("TMPDIR");
    int len = snprintf(folder->path, sizeof(folder->path), "%s/footfall-XXXXXX",
                       parent ? parent : "/tmp");

    assert_in_range(len, 1, sizeof(folder->path) - 1);
    assert_non_null(mkdtemp(folder->path));
}

void temp_folder_remove(const struct temp_folder *folder)
{
    DIR *dir = opendir(folder->path);
    const struct dirent *entry;

    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        if (entry->d_type != DT_DIR)
            assert_int_equal(unlinkat(dirfd(dir), entry->d_name, 0), 0);
    }
    closedir(dir);
    assert_int_equal(rmdir(folder->path), 0);
}
