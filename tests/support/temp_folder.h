/**
 * A folder for the files of a test.
 */
#ifndef FOOTFALL_TESTS_TEMP_FOLDER_H
#define FOOTFALL_TESTS_TEMP_FOLDER_H

struct temp_folder {
    char path[64];
};

/** Makes an empty one under $TMPDIR, or /tmp. */
void temp_folder_make(struct temp_folder *folder);

/** Removes it with the files in it (no folders). */
void temp_folder_remove(const struct temp_folder *folder);

#endif
