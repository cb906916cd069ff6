#include "store/redis_script.h"

/* The build gives the folder of the scripts, and the SHA-1 of the first (src/store/CMakeLists.txt).
 */
#define INCLUDE(file_) ".incbin \"" REDIS_SCRIPT_FOLDER "/" file_ "\"\n"

#define EMBED(name_, bytes_)                                                                       \
    __asm__(".section .rodata\n" #name_ "_start:\n" bytes_ #name_ "_end:\n.previous\n");           \
    extern const char name_##_start[];                                                             \
    extern const char name_##_end[]

EMBED(redis_commit_lua, INCLUDE("redis_rollups.lua") INCLUDE("redis_commit.lua"));
EMBED(redis_register_lua, INCLUDE("redis_register.lua"));
EMBED(redis_probe_lua, INCLUDE("redis_probe.lua"));
EMBED(redis_scan_lua, INCLUDE("redis_scan.lua"));
EMBED(redis_purge_lua, INCLUDE("redis_purge.lua"));

struct slice redis_commit_script(void)
{
    return slice_of(redis_commit_lua_start,
                    (size_t)(redis_commit_lua_end - redis_commit_lua_start));
}

struct slice redis_commit_script_sha(void)
{
    return SLICE(REDIS_COMMIT_SCRIPT_SHA1);
}

struct slice redis_register_script(void)
{
    return slice_of(redis_register_lua_start,
                    (size_t)(redis_register_lua_end - redis_register_lua_start));
}

struct slice redis_probe_script(void)
{
    return slice_of(redis_probe_lua_start, (size_t)(redis_probe_lua_end - redis_probe_lua_start));
}

struct slice redis_scan_script(void)
{
    return slice_of(redis_scan_lua_start, (size_t)(redis_scan_lua_end - redis_scan_lua_start));
}

struct slice redis_purge_script(void)
{
    return slice_of(redis_purge_lua_start, (size_t)(redis_purge_lua_end - redis_purge_lua_start));
}
