/**
 * Certificates for tests: an authority, and what it and another one signed. Keys of P-256, PEM
 * files in a folder of their own.
 *
 *     ca.pem                    the authority
 *     server.pem    .key        for localhost and 127.0.0.1
 *     named.pem     .key        for redis.example
 *     expired.pem   .key        for localhost and 127.0.0.1, until yesterday
 *     early.pem     .key        likewise, from tomorrow on
 *     client.pem    .key        for a client
 *     stranger.pem  .key        for localhost and 127.0.0.1, signed by somebody else
 */
#ifndef FOOTFALL_TESTS_TLS_FILES_H
#define FOOTFALL_TESTS_TLS_FILES_H

#include "support/temp_folder.h"

struct tls_files {
    struct temp_folder folder;
};

void tls_files_make(struct tls_files *files);
void tls_files_remove(const struct tls_files *files);

/** The path of `name`; valid until the fourth call after this one. */
const char *tls_files_path(const struct tls_files *files, const char *name);

#endif
