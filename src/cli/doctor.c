#include "cli/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

#include "http/server.h"
#include "process/cpu_count.h"
#include "process/serve.h"

/* More workers than this for each CPU only take memory and turns from each other. */
#define WORKERS_PER_CPU 4

/* What a worker has open besides its connections. */
#define OTHER_FILES 256

/* 2026-01-01: a clock before this program was written is wrong. */
#define EARLIEST_UNIX_S 1767225600

void report_raise(struct report *report, enum exit_code code)
{
    if (report->code < code)
        report->code = code;
}

void report_add(struct report *report, enum verdict verdict, const char *what, const char *remedy,
                const char *format, ...)
{
    struct finding *finding = &report->list[report->count];
    va_list args;

    if (verdict == VERDICT_FAIL)
        report_raise(report, EXIT_CODE_FAILED);
    if (report->count == REPORT_MAX)
        return;
    report->count++;
    finding->verdict = verdict;
    finding->what = what;
    (void)snprintf(finding->remedy, sizeof(finding->remedy), "%s", remedy ? remedy : "");
    va_start(args, format);
    (void)vsnprintf(finding->text, sizeof(finding->text), format, args);
    va_end(args);
}

static void report_setting(const struct options *options, enum setting setting,
                           struct report *report)
{
    const struct option *option = options->chosen[setting];
    char shown[200];

    if (!option)
        return;
    option_show(option, options_text(options, option), shown, sizeof(shown));
    report_add(report, VERDICT_OK, option->variable, NULL, "%s (%s)", shown,
               option_source_name(options_source(options, option)));
}

static void report_unknown(const struct unknown_variable *unknown, struct report *report)
{
    char remedy[100] = "remove it";

    if (unknown->suggestion)
        (void)snprintf(remedy, sizeof(remedy), "did you mean %s?", unknown->suggestion);
    report_add(report, VERDICT_WARN, "environment", remedy, "%.*s is no setting of Footfall",
               unknown->name.len > 100 ? 100 : (int)unknown->name.len, unknown->name.ptr);
}

void doctor_check_settings(const struct options *options, struct report *report)
{
    struct err_info info;

    for (int setting = 0; setting < SETTING_COUNT_; setting++)
        report_setting(options, (enum setting)setting, report);
    for (unsigned i = 0; i < options->unknown_count; i++)
        report_unknown(&options->unknown[i], report);
    if (serve_check(&options->config, &info) == ERR_OK)
        return;
    report_add(report, VERDICT_FAIL, "settings", "WEB_CONCURRENCY=1", "%s", info.text);
    report_raise(report, EXIT_CODE_CONFIG);
}

void doctor_check_workers(const struct options *options, struct report *report)
{
    unsigned cpus = cpu_count();
    unsigned workers = options->config.workers;
    char remedy[64];

    (void)snprintf(remedy, sizeof(remedy), "WEB_CONCURRENCY=%u", cpus);
    if (workers > cpus * WORKERS_PER_CPU)
        report_add(report, VERDICT_WARN, "workers", remedy, "%u workers share %u CPUs", workers,
                   cpus);
    else
        report_add(report, VERDICT_OK, "workers", NULL, "%u on %u CPUs", workers, cpus);
}

void doctor_check_files(const struct options *options, struct report *report)
{
    const rlim_t wanted = http_default_limits.connections + OTHER_FILES;
    struct rlimit limit;

    (void)options;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    if (limit.rlim_max < wanted)
        report_add(report, VERDICT_WARN, "open files",
                   "LimitNOFILE=32768 in the unit, or ulimit -n",
                   "the limit of %llu is below the %llu that %zu connections need",
                   (unsigned long long)limit.rlim_max, (unsigned long long)wanted,
                   http_default_limits.connections);
    else
        report_add(report, VERDICT_OK, "open files", NULL, "enough for %zu connections a worker",
                   http_default_limits.connections);
}

void doctor_check_clock(const struct options *options, struct report *report)
{
    time_t now = time(NULL);
    struct tm utc;
    char text[40];

    (void)options;
    gmtime_r(&now, &utc);
    (void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &utc);
    if (now < EARLIEST_UNIX_S)
        report_add(report, VERDICT_FAIL, "clock", "timedatectl set-ntp true",
                   "%s is before this program was written", text);
    else
        report_add(report, VERDICT_OK, "clock", NULL, "%s", text);
}
