#include "process/cpu_count.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/cmocka.h"

/* A file of the sample tree; its folders are made. */
struct sample {
    const char *path;
    const char *content;
};

struct quota_case {
    const char *name;
    struct sample files[6];
    unsigned cpus;
};

static const struct quota_case cases[] = {
    {"nothing is known", {{NULL, NULL}}, 0},
    {"version 2, no quota",
     {{"/proc/self/cgroup", "0::/app\n"}, {"/sys/fs/cgroup/app/cpu.max", "max 100000\n"}},
     0},
    {"version 2, one CPU and a half is two",
     {{"/proc/self/cgroup", "0::/app\n"}, {"/sys/fs/cgroup/app/cpu.max", "150000 100000\n"}},
     2},
    {"version 2, a tenth of a CPU is one",
     {{"/proc/self/cgroup", "0::/app\n"}, {"/sys/fs/cgroup/app/cpu.max", "10000 100000\n"}},
     1},
    {"version 2, the group above limits",
     {{"/proc/self/cgroup", "0::/pod/app\n"},
      {"/sys/fs/cgroup/pod/app/cpu.max", "max 100000\n"},
      {"/sys/fs/cgroup/pod/cpu.max", "300000 100000\n"}},
     3},
    {"version 2, the smaller of two limits",
     {{"/proc/self/cgroup", "0::/pod/app\n"},
      {"/sys/fs/cgroup/pod/app/cpu.max", "200000 100000\n"},
      {"/sys/fs/cgroup/pod/cpu.max", "800000 100000\n"}},
     2},
    {"version 2 in a container, where the path is the root",
     {{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/cpu.max", "400000 100000\n"}},
     4},
    {"version 2, the path is not visible, the root is",
     {{"/proc/self/cgroup", "0::/gone/away\n"}, {"/sys/fs/cgroup/cpu.max", "500000 100000\n"}},
     5},
    {"version 1, with accounting in the same group",
     {{"/proc/self/cgroup", "5:devices:/x\n3:cpu,cpuacct:/app\n2:cpuset:/y\n"},
      {"/sys/fs/cgroup/cpu/app/cpu.cfs_quota_us", "250000\n"},
      {"/sys/fs/cgroup/cpu/app/cpu.cfs_period_us", "100000\n"}},
     3},
    {"version 1, no quota",
     {{"/proc/self/cgroup", "1:cpu:/\n"},
      {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"},
      {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}},
     0},
    {"version 1, cpuset is not cpu",
     {{"/proc/self/cgroup", "1:cpuset:/\n"},
      {"/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "100000\n"},
      {"/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"}},
     0},
    {"a period of zero does not divide",
     {{"/proc/self/cgroup", "0::/\n"}, {"/sys/fs/cgroup/cpu.max", "100000 0\n"}},
     0},
    {"rubbish", {{"/proc/self/cgroup", "rubbish\n::\n0:\n"}, {"/sys/fs/cgroup/cpu.max", "x\n"}}, 0},
};

static void write_sample(const char *root, const struct sample *sample)
{
    char path[512];
    FILE *file;

    (void)snprintf(path, sizeof(path), "%s%s", root, sample->path);
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(sample->content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void the_quota_of_every_sample_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char root[] = "/tmp/footfall-cgroup-XXXXXX";
        char command[64];
        unsigned found;

        assert_non_null(mkdtemp(root));
        for (const struct sample *sample = cases[i].files; sample->path; sample++)
            write_sample(root, sample);
        found = cgroup_cpu_quota(root);
        (void)snprintf(command, sizeof(command), "rm -r %s", root);
        assert_int_equal(system(command), 0);
        if (found != cases[i].cpus)
            fail_msg("%s: %u instead of %u", cases[i].name, found, cases[i].cpus);
    }
}

static void this_machine_has_a_cpu(void **state)
{
    (void)state;
    assert_in_range(cpu_count(), 1, 1 << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_quota_of_every_sample_is_found),
        cmocka_unit_test(this_machine_has_a_cpu),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
