#include "store/redis_tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

struct redis_tls_context {
    SSL_CTX *ssl;
    char server_name[256];
};

struct redis_tls {
    SSL *ssl;
    BIO *from_network; /* both owned by `ssl` */
    BIO *to_network;
    bool is_open;
    char host[256]; /* that the certificate must be for */
    char reason[200];
};

/* ---- the files ------------------------------------------------------------------------------ */

/* Nobody is asked for the password of a key: that would wait for a terminal. */
/* NOLINTNEXTLINE(readability-non-const-parameter): a pem_password_cb may write to `buf` */
static int refuse_password(char *buf, int size, int rwflag, void *ctx)
{
    (void)buf;
    (void)size;
    (void)rwflag;
    (void)ctx;
    return -1;
}

static bool fail(struct err_info *info, const char *what, const char *file)
{
    unsigned long error = ERR_peek_error();
    const char *why =
        ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);

    err_info_set(info, "%s %.100s: %s", what, file, why ? why : "it cannot be read");
    ERR_clear_error();
    return false;
}

static bool load_authorities(SSL_CTX *ssl, const char *ca, struct err_info *info)
{
    if (ca[0] == '\0')
        return SSL_CTX_set_default_verify_paths(ssl) == 1 ||
               fail(info,
                    "the certificate authorities of the system are of no use, name some by "
                    "?ca=FILE;",
                    "");
    return SSL_CTX_load_verify_file(ssl, ca) == 1 ||
           fail(info, "ca= must name a PEM file of certificate authorities, not", ca);
}

static bool load_certificate(SSL_CTX *ssl, const struct redis_tls_files *files,
                             struct err_info *info)
{
    if (files->cert[0] == '\0')
        return true;
    if (SSL_CTX_use_certificate_chain_file(ssl, files->cert) != 1)
        return fail(info, "cert= must name a PEM file with our certificate, not", files->cert);
    if (SSL_CTX_use_PrivateKey_file(ssl, files->key, SSL_FILETYPE_PEM) != 1)
        return fail(info, "key= must name a PEM file with the key of cert=, unencrypted, not",
                    files->key);
    return true;
}

static bool load(SSL_CTX *ssl, const struct redis_tls_files *files, struct err_info *info)
{
    ERR_clear_error();
    SSL_CTX_set_default_passwd_cb(ssl, refuse_password);
    return load_authorities(ssl, files->ca, info) && load_certificate(ssl, files, info);
}

enum err redis_tls_context_create(const struct redis_tls_files *files,
                                  struct redis_tls_context **out, struct err_info *info)
{
    struct redis_tls_context *context = calloc(1, sizeof(*context));

    if (!context)
        return ERR_NO_MEMORY;
    context->ssl = SSL_CTX_new(TLS_client_method());
    if (!context->ssl || SSL_CTX_set_min_proto_version(context->ssl, TLS1_2_VERSION) != 1) {
        redis_tls_context_destroy(context);
        return ERR_NO_MEMORY;
    }
    SSL_CTX_set_verify(context->ssl, SSL_VERIFY_PEER, NULL);
    (void)SSL_CTX_set_options(context->ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET);
    (void)SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
    if (!load(context->ssl, files, info)) {
        redis_tls_context_destroy(context);
        return ERR_CONFIG;
    }
    (void)snprintf(context->server_name, sizeof(context->server_name), "%s", files->server_name);
    *out = context;
    return ERR_OK;
}

void redis_tls_context_destroy(struct redis_tls_context *context)
{
    if (!context)
        return;
    SSL_CTX_free(context->ssl);
    free(context);
}

/* ---- beginning and end ---------------------------------------------------------------------- */

static bool add_bios(struct redis_tls *tls)
{
    tls->from_network = BIO_new(BIO_s_mem());
    tls->to_network = BIO_new(BIO_s_mem());
    if (!tls->from_network || !tls->to_network) {
        BIO_free(tls->from_network);
        BIO_free(tls->to_network);
        return false;
    }
    SSL_set_bio(tls->ssl, tls->from_network, tls->to_network);
    return true;
}

/* An address is no name: it stands elsewhere in a certificate, and is not sent ahead. */
static bool expect_host(struct redis_tls *tls)
{
    X509_VERIFY_PARAM *param = SSL_get0_param(tls->ssl);
    bool is_address = X509_VERIFY_PARAM_set1_ip_asc(param, tls->host) == 1;

    ERR_clear_error();
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return is_address || (X509_VERIFY_PARAM_set1_host(param, tls->host, 0) == 1 &&
                          SSL_set_tlsext_host_name(tls->ssl, tls->host) == 1);
}

struct redis_tls *redis_tls_create(const struct redis_tls_context *context, const char *host)
{
    struct redis_tls *tls = calloc(1, sizeof(*tls));

    if (!tls)
        return NULL;
    (void)snprintf(tls->host, sizeof(tls->host), "%s",
                   context->server_name[0] ? context->server_name : host);
    tls->ssl = SSL_new(context->ssl);
    if (!tls->ssl || !add_bios(tls) || !expect_host(tls)) {
        redis_tls_destroy(tls);
        return NULL;
    }
    SSL_set_connect_state(tls->ssl);
    return tls;
}

void redis_tls_destroy(struct redis_tls *tls)
{
    if (!tls)
        return;
    SSL_free(tls->ssl);
    free(tls);
}

/* ---- why it failed -------------------------------------------------------------------------- */

/* A certificate of the server that is not accepted; the %s is the host that was expected. */
static const struct {
    long result; /* X509_V_ERR_… of x509_vfy.h */
    const char *reason;
} rejections[] = {
    {X509_V_ERR_CERT_HAS_EXPIRED,
     "the certificate of Redis has expired: renew it on the server of %s"},
    {X509_V_ERR_CERT_NOT_YET_VALID,
     "the certificate of Redis is not valid yet: compare the clocks here and at %s"},
    {X509_V_ERR_HOSTNAME_MISMATCH,
     "the certificate of Redis is not for %s: use the name in it, or add ?server_name=NAME"},
    {X509_V_ERR_IP_ADDRESS_MISMATCH,
     "the certificate of Redis is not for %s: use the name in it, or add ?server_name=NAME"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
     "nobody we trust signed the certificate of %s: name its authority by ?ca=FILE"},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
     "nobody we trust signed the certificate of %s: name its authority by ?ca=FILE"},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE,
     "nobody we trust signed the certificate of %s: name its authority by ?ca=FILE"},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
     "nobody we trust signed the certificate of %s: name its authority by ?ca=FILE"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
     "the certificate of %s signed itself: name it by ?ca=FILE to trust it"},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE,
     "the certificate of %s is not from the authority in ?ca=FILE: name the right one"},
};

/* What else ends a handshake; the reasons of the alerts that a server sends are OpenSSL's. */
static const struct {
    int reason; /* SSL_R_… of sslerr.h */
    const char *text;
} failures[] = {
    {SSL_R_WRONG_VERSION_NUMBER,
     "what listens there does not speak TLS: use its TLS port, or redis:// instead of rediss://"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED,
     "Redis wants a client certificate: add ?cert=FILE&key=FILE, or set its tls-auth-clients"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
     "Redis refuses TLS with us: it may want a client certificate, ?cert=FILE&key=FILE"},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
     "Redis does not accept our client certificate: have it signed by the authority it trusts"},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA,
     "Redis does not know who signed our client certificate: see its tls-ca-cert-file"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
     "our client certificate has expired: renew what ?cert=FILE names"},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, "Redis offers no TLS 1.2 or newer: set its tls-protocols"},
    {SSL_R_UNSUPPORTED_PROTOCOL, "Redis offers no TLS 1.2 or newer: set its tls-protocols"},
};

static bool explain_rejection(struct redis_tls *tls)
{
    long result = SSL_get_verify_result(tls->ssl);

    for (size_t i = 0; i < sizeof(rejections) / sizeof(rejections[0]); i++) {
        const char *end = strstr(rejections[i].reason, "%s");
        int before = (int)(end - rejections[i].reason);

        if (rejections[i].result != result)
            continue;
        (void)snprintf(tls->reason, sizeof(tls->reason), "%.*s%.64s%s", before,
                       rejections[i].reason, tls->host, end + 2);
        return true;
    }
    if (result == X509_V_OK)
        return false;
    (void)snprintf(tls->reason, sizeof(tls->reason), "the certificate of %.64s is refused: %s",
                   tls->host, X509_verify_cert_error_string(result));
    return true;
}

static void explain(struct redis_tls *tls)
{
    unsigned long error = ERR_peek_error();
    const char *text = ERR_reason_error_string(error);

    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
        if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == failures[i].reason)
            text = failures[i].text;
    }
    (void)snprintf(tls->reason, sizeof(tls->reason), "%s",
                   text ? text : "Redis ended TLS in the midst");
}

/* ---- bytes ---------------------------------------------------------------------------------- */

bool redis_tls_feed(struct redis_tls *tls, struct slice bytes)
{
    return BIO_write(tls->from_network, bytes.ptr, (int)bytes.len) == (int)bytes.len;
}

static enum redis_tls_read sort_result(struct redis_tls *tls, int result)
{
    int error = SSL_get_error(tls->ssl, result);

    /* A memory BIO takes all that is written, so only reading ever waits. */
    if (error == SSL_ERROR_WANT_READ)
        return REDIS_TLS_MORE;
    if (error == SSL_ERROR_ZERO_RETURN)
        (void)snprintf(tls->reason, sizeof(tls->reason), "Redis ended the connection");
    else if (!explain_rejection(tls))
        explain(tls);
    return REDIS_TLS_FAILED;
}

enum redis_tls_read redis_tls_read(struct redis_tls *tls, char *out, size_t size, size_t *len)
{
    int result;

    ERR_clear_error(); /* what is in there is not about us */
    if (!tls->is_open) {
        result = SSL_do_handshake(tls->ssl);
        tls->is_open = result == 1;
        return tls->is_open ? REDIS_TLS_OPEN : sort_result(tls, result);
    }
    result = SSL_read(tls->ssl, out, size > INT32_MAX ? INT32_MAX : (int)size);
    if (result <= 0)
        return sort_result(tls, result);
    *len = (size_t)result;
    return REDIS_TLS_BYTES;
}

bool redis_tls_write(struct redis_tls *tls, struct slice plain)
{
    ERR_clear_error();
    return SSL_write(tls->ssl, plain.ptr, (int)plain.len) == (int)plain.len;
}

size_t redis_tls_take(struct redis_tls *tls, char *out, size_t size)
{
    int taken = BIO_read(tls->to_network, out, (int)size);

    return taken > 0 ? (size_t)taken : 0;
}

const char *redis_tls_reason(const struct redis_tls *tls)
{
    return tls->reason;
}
