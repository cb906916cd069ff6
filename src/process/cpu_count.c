#include "process/cpu_count.h"

#include <inttypes.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 512

static bool read_line(const char *path, char line[static LINE_BYTES])
{
    FILE *file = fopen(path, "re");
    bool ok;

    if (!file)
        return false;
    ok = fgets(line, LINE_BYTES, file) != NULL;
    fclose(file);
    return ok;
}

static unsigned cpus_of(int64_t quota_us, int64_t period_us)
{
    int64_t cpus;

    if (quota_us <= 0 || period_us <= 0)
        return 0;
    cpus = quota_us / period_us + (quota_us % period_us > 0);
    return cpus > UINT16_MAX ? UINT16_MAX : (unsigned)cpus;
}

/* Version 2: "max 100000" or "50000 100000". */
static unsigned quota_v2(const char *folder)
{
    char path[PATH_MAX + 32];
    char line[LINE_BYTES];
    int64_t quota_us;
    int64_t period_us;

    (void)snprintf(path, sizeof(path), "%s/cpu.max", folder);
    if (!read_line(path, line) || sscanf(line, "%" SCNd64 " %" SCNd64, &quota_us, &period_us) != 2)
        return 0;
    return cpus_of(quota_us, period_us);
}

/* Version 1: -1 for no quota, and the period in a file of its own. */
static unsigned quota_v1(const char *folder)
{
    char path[PATH_MAX + 32];
    char line[LINE_BYTES];
    int64_t quota_us;
    int64_t period_us;

    (void)snprintf(path, sizeof(path), "%s/cpu.cfs_quota_us", folder);
    if (!read_line(path, line) || sscanf(line, "%" SCNd64, &quota_us) != 1)
        return 0;
    (void)snprintf(path, sizeof(path), "%s/cpu.cfs_period_us", folder);
    if (!read_line(path, line) || sscanf(line, "%" SCNd64, &period_us) != 1)
        return 0;
    return cpus_of(quota_us, period_us);
}

static unsigned smaller_quota(unsigned a, unsigned b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

/* The group and all above it limit; in a container the upper ones cannot be seen, which is fine. */
static unsigned quota_of_path(const char *mount, const char *group,
                              unsigned (*quota_of_folder)(const char *folder))
{
    char folder[PATH_MAX];
    size_t mount_len = strlen(mount);
    unsigned quota = 0;
    char *slash;

    if (snprintf(folder, sizeof(folder), "%s%s", mount, group) >= (int)sizeof(folder))
        return 0;
    do {
        quota = smaller_quota(quota, quota_of_folder(folder));
        slash = strrchr(folder + mount_len, '/');
        if (slash)
            *slash = '\0';
    } while (slash);
    return quota;
}

/* One line of /proc/self/cgroup, "ID:CONTROLLERS:/PATH"; version 2 has no controllers. */
static unsigned quota_of_line(const char *root, char *line)
{
    char mount[PATH_MAX];
    char *controllers = strchr(line, ':');
    char *group = controllers ? strchr(controllers + 1, ':') : NULL;

    if (!group)
        return 0;
    *controllers++ = '\0';
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    if (*controllers == '\0') {
        (void)snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup", root);
        return quota_of_path(mount, group, quota_v2);
    }
    for (char *rest = controllers, *name; (name = strsep(&rest, ",")) != NULL;) {
        if (strcmp(name, "cpu") == 0) {
            (void)snprintf(mount, sizeof(mount), "%s/sys/fs/cgroup/cpu", root);
            return quota_of_path(mount, group, quota_v1);
        }
    }
    return 0;
}

unsigned cgroup_cpu_quota(const char *root)
{
    char path[PATH_MAX];
    char line[LINE_BYTES];
    unsigned quota = 0;
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s/proc/self/cgroup", root);
    file = fopen(path, "re");
    if (!file)
        return 0;
    while (fgets(line, sizeof(line), file))
        quota = smaller_quota(quota, quota_of_line(root, line));
    fclose(file);
    return quota;
}

unsigned cpu_count(void)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned count = online > 0 ? (unsigned)online : 1;
    cpu_set_t set;

    /* On more than 1,024 CPUs the mask does not fit and the call fails; then all of them count. */
    if (sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 0)
        count = (unsigned)CPU_COUNT(&set);
    return smaller_quota(count, cgroup_cpu_quota(""));
}
