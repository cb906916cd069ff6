#include "support/tls_files.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>

#include "support/cmocka.h"

#define DAY_S 86400L

struct identity {
    X509 *cert;
    EVP_PKEY *key;
};

const char *tls_files_path(const struct tls_files *files, const char *name)
{
    static char paths[4][128];
    static unsigned next;
    char *path = paths[next++ % 4];

    (void)snprintf(path, sizeof(paths[0]), "%s/%s", files->folder.path, name);
    return path;
}

static void add_extension(X509 *cert, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(cert, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void set_name(X509_NAME *name, const char *text)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)text, -1, -1, 0),
                     1);
}

/* A certificate for `alt_names` (NULL: an authority), valid from and to so many days from now,
 * which `issuer` signs; NULL: itself. */
static struct identity make(const char *name, const char *alt_names, const struct identity *issuer,
                            long from_days, long to_days)
{
    static long serial;
    struct identity made = {.cert = X509_new(), .key = EVP_EC_gen("P-256")};
    const struct identity *signer = issuer ? issuer : &made;

    assert_non_null(made.cert);
    assert_non_null(made.key);
    assert_int_equal(X509_set_version(made.cert, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(made.cert), ++serial), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(made.cert), from_days * DAY_S));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(made.cert), to_days * DAY_S));
    assert_int_equal(X509_set_pubkey(made.cert, made.key), 1);
    set_name(X509_get_subject_name(made.cert), name);
    assert_int_equal(X509_set_issuer_name(made.cert, X509_get_subject_name(signer->cert)), 1);
    if (alt_names)
        add_extension(made.cert, NID_subject_alt_name, alt_names);
    else
        add_extension(made.cert, NID_basic_constraints, "critical,CA:TRUE");
    assert_true(X509_sign(made.cert, signer->key, EVP_sha256()) > 0);
    return made;
}

static void forget(struct identity *identity)
{
    X509_free(identity->cert);
    EVP_PKEY_free(identity->key);
}

static FILE *create(const struct tls_files *files, const char *name, const char *ending)
{
    char file_name[32];
    FILE *file;

    (void)snprintf(file_name, sizeof(file_name), "%s.%s", name, ending);
    file = fopen(tls_files_path(files, file_name), "we");
    assert_non_null(file);
    return file;
}

static void save(const struct tls_files *files, const char *name, const struct identity *identity)
{
    FILE *cert = create(files, name, "pem");
    FILE *key = create(files, name, "key");

    assert_int_equal(PEM_write_X509(cert, identity->cert), 1);
    assert_int_equal(PEM_write_PrivateKey(key, identity->key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(cert), 0);
    assert_int_equal(fclose(key), 0);
}

void tls_files_make(struct tls_files *files)
{
    static const struct {
        const char *name;
        const char *alt_names;
        bool by_stranger;
        long from_days;
        long to_days;
    } kinds[] = {
        {"server", "DNS:localhost,IP:127.0.0.1", false, -1, 30},
        {"named", "DNS:redis.example", false, -1, 30},
        {"expired", "DNS:localhost,IP:127.0.0.1", false, -30, -1},
        {"early", "DNS:localhost,IP:127.0.0.1", false, 1, 30},
        {"client", "DNS:client.example", false, -1, 30},
        {"stranger", "DNS:localhost,IP:127.0.0.1", true, -1, 30},
    };
    struct identity authority = make("Footfall's tests", NULL, NULL, -30, 30);
    struct identity stranger = make("Somebody else", NULL, NULL, -30, 30);

    temp_folder_make(&files->folder);
    save(files, "ca", &authority);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct identity made =
            make(kinds[i].name, kinds[i].alt_names, kinds[i].by_stranger ? &stranger : &authority,
                 kinds[i].from_days, kinds[i].to_days);

        save(files, kinds[i].name, &made);
        forget(&made);
    }
    forget(&authority);
    forget(&stranger);
}

void tls_files_remove(const struct tls_files *files)
{
    temp_folder_remove(&files->folder);
}
