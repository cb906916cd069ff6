#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/doctor.h"

static doctor_check_fn *const checks[] = {
    doctor_check_settings, doctor_check_store, doctor_check_listen,
    doctor_check_workers,  doctor_check_files, doctor_check_clock,
};

static const char *const verdict_names[] = {
    [VERDICT_OK] = "ok", [VERDICT_WARN] = "warn", [VERDICT_FAIL] = "fail"};

static void examine(struct options *options, struct report *report)
{
    struct options_error error;

    options_read_environment(options, environ);
    if (options_resolve(options, &error) != ERR_OK) {
        report_add(report, VERDICT_FAIL, "settings", NULL, "%s", error.text);
        report_raise(report, EXIT_CODE_CONFIG);
        return;
    }
    log_off(); /* the report tells, not the log */
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
        checks[i](options, report);
}

static int print_text(const struct report *report)
{
    for (unsigned i = 0; i < report->count; i++) {
        const struct finding *finding = &report->list[i];

        (void)printf("%-4s  %s: %s%s%s\n", verdict_names[finding->verdict], finding->what,
                     finding->text, finding->remedy[0] != '\0' ? " — " : "", finding->remedy);
    }
    return fflush(stdout);
}

/* Texts may come from the environment and need not be UTF-8; "?" takes the place of what is not. */
static json_t *finding_json(const struct finding *finding)
{
    json_t *text = json_string(finding->text);

    return json_pack("{s:s, s:s, s:o, s:s*}", "verdict", verdict_names[finding->verdict], "check",
                     finding->what, "text", text ? text : json_string("?"), "remedy",
                     finding->remedy[0] != '\0' ? finding->remedy : NULL);
}

static int print_json(const struct report *report)
{
    enum verdict worst = VERDICT_OK;
    json_t *list = json_array();
    json_t *object;
    int failed = 0;

    for (unsigned i = 0; i < report->count; i++) {
        if (report->list[i].verdict > worst)
            worst = report->list[i].verdict;
        failed |= json_array_append_new(list, finding_json(&report->list[i]));
    }
    object = json_pack("{s:s, s:o}", "verdict", verdict_names[worst], "findings", list);
    failed |= !object || json_dumpf(object, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF;
    json_decref(object);
    return failed;
}

enum exit_code cmd_doctor(const struct invocation *invocation)
{
    struct report report = {.count = 0};

    examine(invocation->options, &report);
    if ((invocation->json ? print_json(&report) : print_text(&report)) != 0)
        return EXIT_CODE_FAILED;
    return report.code;
}
