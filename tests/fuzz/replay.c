/* Replays a corpus through a fuzz target where libFuzzer is not linked: every file of the folders
 * and every file named in the arguments. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_FILE_BYTES (4 << 20)

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(MAX_FILE_BYTES);
    uint8_t *exact;
    size_t size;

    if (!file || !data) {
        perror(path);
        exit(1);
    }
    size = fread(data, 1, MAX_FILE_BYTES, file);
    (void)fclose(file);
    /* A buffer of the exact size, so that a sanitizer sees a read behind its end. */
    exact = realloc(data, size > 0 ? size : 1);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    return 1;
}

static int replay_folder(const char *path)
{
    struct dirent **names;
    int count = scandir(path, &names, NULL, alphasort);
    int replayed = 0;

    if (count < 0)
        return replay_file(path);
    for (int i = 0; i < count; i++) {
        char file[4096];

        if (names[i]->d_name[0] != '.') {
            (void)snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
            replayed += replay_file(file);
        }
        free(names[i]);
    }
    free(names);
    return replayed;
}

int main(int argc, char **argv)
{
    int replayed = 0;

    for (int i = 1; i < argc; i++)
        replayed += replay_folder(argv[i]);
    printf("%d inputs replayed\n", replayed);
    return replayed > 0 ? 0 : 1; /* an empty corpus is a broken test */
}
