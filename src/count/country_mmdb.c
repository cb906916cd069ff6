#include "count/country_mmdb.h"

#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "count/country_code.h"
#include "count/country_file.h"
#include "count/country_key.h"

/* A file that has countries has one for nearly each of its first networks. */
#define NODES_LOOKED_AT 4096

struct country_mmdb {
    MMDB_s db;
};

/* Where the files of different makers have the code. */
static const char *const paths[][3] = {
    {"country", "iso_code", NULL},
    {"country_code", NULL},
    {"country", NULL},
};

/* The code in the record of a network. */
static uint16_t read_code(MMDB_entry_s *entry)
{
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        MMDB_entry_data_s data;

        if (MMDB_aget_value(entry, &data, paths[i]) == MMDB_SUCCESS && data.has_data &&
            data.type == MMDB_DATA_TYPE_UTF8_STRING)
            return country_code_read(slice_of(data.utf8_string, data.data_size));
    }
    return COUNTRY_NONE;
}

/* Counts the countries of the records of the first `nodes` nodes; an error of the library. */
static int walk(const MMDB_s *db, uint32_t nodes, size_t *networks)
{
    size_t count = 0;

    for (uint32_t i = 0; i < nodes; i++) {
        MMDB_search_node_s node;
        int status = MMDB_read_node(db, i, &node);

        if (status != MMDB_SUCCESS)
            return status;
        if (node.left_record_type == MMDB_RECORD_TYPE_INVALID ||
            node.right_record_type == MMDB_RECORD_TYPE_INVALID)
            return MMDB_CORRUPT_SEARCH_TREE_ERROR;
        if (node.left_record_type == MMDB_RECORD_TYPE_DATA)
            count += read_code(&node.left_record_entry) != COUNTRY_NONE;
        if (node.right_record_type == MMDB_RECORD_TYPE_DATA)
            count += read_code(&node.right_record_entry) != COUNTRY_NONE;
    }
    *networks = count;
    return MMDB_SUCCESS;
}

static enum err refuse(const char *path, int status, struct err_info *info)
{
    err_info_set(info, "%s: %s", path, MMDB_strerror(status));
    return status == MMDB_OUT_OF_MEMORY_ERROR ? ERR_NO_MEMORY : ERR_CONFIG;
}

static enum err check_beginning(const MMDB_s *db, struct err_info *info)
{
    uint32_t nodes = db->metadata.node_count;
    size_t networks = 0;
    int status = walk(db, nodes < NODES_LOOKED_AT ? nodes : NODES_LOOKED_AT, &networks);

    if (status != MMDB_SUCCESS)
        return refuse(db->filename, status, info);
    if (networks > 0)
        return ERR_OK;
    err_info_set(info, "%s: has no countries; it calls itself %.64s", db->filename,
                 db->metadata.database_type);
    return ERR_CONFIG;
}

/* Whether the file is one that may be opened at all; the library asks nothing. */
static enum err check_file(const char *path, struct err_info *info)
{
    struct country_file file;
    enum err err = country_file_map(path, &file, info);

    if (err == ERR_OK)
        country_file_unmap(&file);
    return err;
}

enum err country_mmdb_open(const char *path, struct country_mmdb **out, struct err_info *info)
{
    struct country_mmdb *mmdb;
    enum err err = check_file(path, info);
    int status;

    if (err != ERR_OK)
        return err;
    mmdb = calloc(1, sizeof(*mmdb));
    status = mmdb ? MMDB_open(path, MMDB_MODE_MMAP, &mmdb->db) : MMDB_OUT_OF_MEMORY_ERROR;
    if (status != MMDB_SUCCESS) {
        free(mmdb); /* a file that was not opened needs no MMDB_close() */
        return refuse(path, status, info);
    }
    err = check_beginning(&mmdb->db, info);
    if (err != ERR_OK) {
        country_mmdb_close(mmdb);
        return err;
    }
    *out = mmdb;
    return ERR_OK;
}

void country_mmdb_close(struct country_mmdb *mmdb)
{
    if (!mmdb)
        return;
    MMDB_close(&mmdb->db);
    free(mmdb);
}

static MMDB_lookup_result_s look_up(const MMDB_s *db, const struct address *address, int *status)
{
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    struct sockaddr_in in = {.sin_family = AF_INET};
    enum country_family family;

    (void)country_key_of(address, &family);
    if (family == COUNTRY_IPV4) {
        memcpy(&in.sin_addr, address->bytes + 12, sizeof(in.sin_addr));
        return MMDB_lookup_sockaddr(db, (const struct sockaddr *)&in, status);
    }
    memcpy(&in6.sin6_addr, address->bytes, sizeof(in6.sin6_addr));
    return MMDB_lookup_sockaddr(db, (const struct sockaddr *)&in6, status);
}

uint16_t country_mmdb_find(const struct country_mmdb *mmdb, const struct address *address)
{
    int status = MMDB_SUCCESS;
    MMDB_lookup_result_s result = look_up(&mmdb->db, address, &status);

    return status == MMDB_SUCCESS && result.found_entry ? read_code(&result.entry) : COUNTRY_NONE;
}

enum err country_mmdb_check(const struct country_mmdb *mmdb, size_t *networks,
                            struct err_info *info)
{
    int status = walk(&mmdb->db, mmdb->db.metadata.node_count, networks);

    return status == MMDB_SUCCESS ? ERR_OK : refuse(mmdb->db.filename, status, info);
}

const char *country_mmdb_kind(const struct country_mmdb *mmdb)
{
    return mmdb->db.metadata.database_type;
}

int64_t country_mmdb_made_unix_s(const struct country_mmdb *mmdb)
{
    return (int64_t)mmdb->db.metadata.build_epoch;
}
