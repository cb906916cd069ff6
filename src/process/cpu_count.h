/**
 * How many CPUs this process may use: the affinity mask, capped by the quota of its control group,
 * so that a container with half a machine does not start a worker for each CPU of the whole one.
 */
#ifndef FOOTFALL_PROCESS_CPU_COUNT_H
#define FOOTFALL_PROCESS_CPU_COUNT_H

/** At least 1. */
unsigned cpu_count(void);

/**
 * The quota of this process' control group, version 2 or 1, and of all groups above it, in CPUs,
 * rounded up.
 *
 * @param root  before /proc and /sys: "" for the real ones, a folder of samples in tests
 * @return      0 when there is no quota
 *
 * Source: Linux, Documentation/admin-guide/cgroup-v2.rst, "cpu.max"; scheduler/sched-bwc.rst.
 */
unsigned cgroup_cpu_quota(const char *root);

#endif
