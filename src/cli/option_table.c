#include <stdio.h>

#include "cli/option.h"
#include "store/store.h"
#include "web/web.h"

static const char *const switch_words[] = {"off", "on", NULL};
static const char *const format_words[] = {"logfmt", "json", NULL};
static const char *const level_words[] = {"debug", "info", "warn", "error", NULL};

/* In the order of auth_fields[] in process/worker.c. */
static const char *const auth_header_words[] = {"off",
                                                "Remote-User",
                                                "X-Remote-User",
                                                "X-Forwarded-User",
                                                "X-Forwarded-Email",
                                                "X-Auth-Request-Email",
                                                NULL};

static void set_auth_header(struct config *config, unsigned word)
{
    config->auth_header = word;
}

static void set_proxy_protocol(struct config *config, unsigned word)
{
    config->proxy_protocol = word == 1;
}

static void set_log_format(struct config *config, unsigned word)
{
    config->log_format = (enum log_format)word;
}

static void set_log_level(struct config *config, unsigned word)
{
    config->log_level = (enum log_level)word;
}

const struct option option_table[] = {
    {
        .setting = SETTING_LISTEN,
        .variable = "FOOTFALL_LISTEN",
        .metavar = "ADDRESS,...",
        .fallback = "localhost:8080",
        .example = "localhost:8080",
        .help = "Where to accept connections: HOST:PORT, [IPV6]:PORT, :PORT for all interfaces, or "
                "unix:/PATH. Port 0 lets the kernel choose. Not used when the service manager "
                "passes sockets.",
        .parse = option_parse_listen,
    },
    {
        .setting = SETTING_LISTEN,
        .variable = "PORT",
        .metavar = "PORT",
        .example = "8080",
        .help =
            "All interfaces on this port; many platforms set it. FOOTFALL_LISTEN goes before it.",
        .parse = option_parse_port,
        .max = UINT16_MAX,
    },
    {
        .setting = SETTING_STORE,
        .variable = "FOOTFALL_STORE",
        .metavar = "URL",
        .fallback = "sqlite:footfall.db",
        .example = "sqlite:footfall.db",
        .help =
            "Where everything is kept: sqlite:PATH, postgres://HOST:PORT/DB, redis://HOST:PORT/DB, "
            "rediss:// (TLS), redis+cluster://HOST:PORT,HOST:PORT, rediss+cluster://, unix:PATH "
            "(the socket of a Redis) or memory: (for tests, one worker). Give a password by the "
            "variable "
            "or the file, since others can read the flags of a process.",
        .parse = option_parse_store,
        .is_store_url = true,
    },
    {
        .setting = SETTING_STORE,
        .variable = "FOOTFALL_STORE_FILE",
        .metavar = "PATH",
        .example = "/run/secrets/footfall-store",
        .help = "A file that holds the URL of the store, for passwords kept as files.",
        .parse = option_parse_store_file,
    },
    {
        .setting = SETTING_STORE,
        .variable = "DATABASE_URL",
        .metavar = "URL",
        .example = "postgres://localhost/footfall",
        .help = "The store, when FOOTFALL_STORE is not set.",
        .parse = option_parse_store,
        .is_store_url = true,
    },
    {
        .setting = SETTING_STORE,
        .variable = "REDIS_URL",
        .metavar = "URL",
        .example = "redis://localhost:6379/0",
        .help = "The store, when neither FOOTFALL_STORE nor DATABASE_URL is set.",
        .parse = option_parse_store,
        .is_store_url = true,
    },
    {
        .setting = SETTING_REDIS_TOTAL_KEY,
        .variable = "FOOTFALL_REDIS_TOTAL_KEY",
        .metavar = "KEY",
        .default_text = "a key of Footfall's own",
        .example = "visitorCounter",
        .help = "With Redis: the key that holds the views of the default site as a plain number. A "
                "program that increments the same key counts on in the same number. In a Redis "
                "Cluster its name has the hash tag {30}, where the default site is.",
        .parse = option_parse_key,
    },
    {
        .setting = SETTING_NAME,
        .variable = "FOOTFALL_NAME",
        .metavar = "NAME",
        .fallback = "Footfall",
        .example = "Footfall",
        .help = "The name on the welcome page; at most 100 bytes.",
        .parse = option_parse_name,
    },
    {
        .setting = SETTING_SCRIPT_PATH,
        .variable = "FOOTFALL_SCRIPT_PATH",
        .metavar = "PATH",
        .fallback = SCRIPT_PATH,
        .example = "/f.js",
        .help = "Another path of the script that pages load, besides " SCRIPT_PATH ".",
        .parse = option_parse_path,
        .offset = offsetof(struct config, script_path),
    },
    {
        .setting = SETTING_COUNT_PATH,
        .variable = "FOOTFALL_COUNT_PATH",
        .metavar = "PATH",
        .fallback = COUNT_PATH,
        .example = "/f",
        .help = "Another path of the address that hits are sent to, besides " COUNT_PATH
                ". The script sends its own there.",
        .parse = option_parse_path,
        .offset = offsetof(struct config, count_path),
    },
    {
        .setting = SETTING_WORKERS,
        .variable = "WEB_CONCURRENCY",
        .metavar = "N",
        .default_text = "the CPUs it may use, by affinity and control group",
        .example = "2",
        .help = "Worker processes, 1 to 256. With 1 there is no master process.",
        .parse = option_parse_workers,
        .min = 1,
        .max = CONFIG_MAX_WORKERS,
    },
    {
        .setting = SETTING_TRUSTED_PROXIES,
        .variable = "FOOTFALL_TRUSTED_PROXIES",
        .metavar = "NETWORK,...",
        .fallback = "127.0.0.0/8, ::1, unix",
        .example = "10.0.0.0/8, ::1, unix",
        .help = "Whose X-Forwarded-For and Forwarded are believed: addresses, networks, unix, or "
                "none.",
        .parse = option_parse_networks,
    },
    {
        .setting = SETTING_PROXY_PROTOCOL,
        .variable = "FOOTFALL_PROXY_PROTOCOL",
        .metavar = "on|off",
        .fallback = "off",
        .example = "on",
        .help = "Every connection begins with a PROXY header, version 1 or 2, as HAProxy sends it.",
        .parse = option_parse_choice,
        .words = switch_words,
        .set = set_proxy_protocol,
    },
    {
        .setting = SETTING_HIT_TIMEOUT,
        .variable = "FOOTFALL_HIT_TIMEOUT",
        .metavar = "DURATION",
        .fallback = "5s",
        .example = "5s",
        .help =
            "How long a visit may wait for the store before it is answered 503 (not counted) or "
            "504 (not known).",
        .parse = option_parse_duration,
        .offset = offsetof(struct config, hit_timeout_ms),
        .min = 100,
        .max = 60000,
    },
    {
        .setting = SETTING_STORE_TIMEOUT,
        .variable = "FOOTFALL_STORE_TIMEOUT",
        .metavar = "DURATION",
        .fallback = "2s",
        .example = "2s",
        .help = "How long one operation of the store may take before it is tried again.",
        .parse = option_parse_duration,
        .offset = offsetof(struct config, store_timeout_ms),
        .min = 100,
        .max = 60000,
    },
    {
        .setting = SETTING_DRAIN_TIMEOUT,
        .variable = "FOOTFALL_DRAIN_TIMEOUT",
        .metavar = "DURATION",
        .fallback = "10s",
        .example = "10s",
        .help = "How long a worker that was told to end may finish what is under way.",
        .parse = option_parse_duration,
        .offset = offsetof(struct config, drain_timeout_ms),
        .min = 100,
        .max = 600000,
    },
    {
        .setting = SETTING_PRUNE_EVERY,
        .variable = "FOOTFALL_PRUNE_EVERY",
        .metavar = "DURATION",
        .fallback = "24h",
        .example = "24h",
        .help = "How often one of all workers drops the statistics that are older than their sites "
                "keep them; with 0s none does, and \"footfall db prune\" is left to you.",
        .parse = option_parse_duration,
        .offset = offsetof(struct config, prune_every_ms),
        .min = 0,
        .max = 604800000,
    },
    {
        .setting = SETTING_GEOIP,
        .variable = "FOOTFALL_GEOIP",
        .metavar = "PATH",
        .default_text = "what is found in the usual places",
        .example = "/var/lib/GeoIP/GeoLite2-Country.mmdb",
        .help = "Where the countries of addresses are looked up: a MaxMind DB file, the folder of "
                "the tables geoip and geoip6 (Debian: tor-geoipdb), or none. Read anew at a HUP.",
        .parse = option_parse_text,
        .offset = offsetof(struct config, geoip),
    },
    {
        .setting = SETTING_REFERRER_SPAM,
        .variable = "FOOTFALL_REFERRER_SPAM",
        .metavar = "PATH",
        .example = "/etc/footfall/spammers.txt",
        .help = "A list of hosts that fake visits to be seen in statistics, one a line; visits "
                "from there are counted as bots. Read anew at a HUP.",
        .parse = option_parse_text,
        .offset = offsetof(struct config, referrer_spam),
    },
    {
        .setting = SETTING_URL,
        .variable = "FOOTFALL_URL",
        .metavar = "URL",
        .default_text = "what browsers call it",
        .example = "https://stats.example.org",
        .help = "Where browsers find this server: scheme, host and port. With https:// logins go "
                "over https only. Set it where people log in.",
        .parse = option_parse_url,
    },
    {
        .setting = SETTING_SECRET_KEY,
        .variable = "FOOTFALL_SECRET_KEY",
        .metavar = "TEXT",
        .default_text = "made at the first start, and kept in the store",
        .example = "4f0c1d8a6b2e9f7351c0aa8e6d1b9420",
        .help =
            "Seals the secrets of second factors, so that the store alone does not tell them: "
            "32 characters or more, the same for all processes; behind a comma the one before, "
            "when it is changed. What was sealed before it was set opens still, and is sealed anew "
            "when it is used. Give it by the variable, since others can read the flags of a "
            "process.",
        .parse = option_parse_text,
        .offset = offsetof(struct config, secret_key),
        .is_secret = true,
    },
    {
        .setting = SETTING_AUTH_HEADER,
        .variable = "FOOTFALL_AUTH_HEADER",
        .metavar = "NAME|off",
        .fallback = "off",
        .example = "X-Forwarded-Email",
        .help = "A field in which a trusted proxy tells the e-mail of who is logged in there: "
                "Remote-User, X-Remote-User, X-Forwarded-User, X-Forwarded-Email or "
                "X-Auth-Request-Email. The proxy must take it away from what comes in. Only users "
                "that are there are let in.",
        .parse = option_parse_choice,
        .words = auth_header_words,
        .set = set_auth_header,
    },
    {
        .setting = SETTING_LOGIN_IDLE,
        .variable = "FOOTFALL_LOGIN_IDLE",
        .metavar = "DURATION",
        .fallback = "168h",
        .example = "168h",
        .help = "A login ends when it was not used for so long.",
        .parse = option_parse_duration,
        .offset = offsetof(struct config, login_idle_ms),
        .min = 60000,
        .max = 3600000000,
    },
    {
        .setting = SETTING_LOGIN_LIFETIME,
        .variable = "FOOTFALL_LOGIN_LIFETIME",
        .metavar = "DURATION",
        .fallback = "720h",
        .example = "720h",
        .help = "Every login ends after so long, used or not.",
        .parse = option_parse_duration,
        .offset = offsetof(struct config, login_lifetime_ms),
        .min = 60000,
        .max = 3600000000,
    },
    {
        .setting = SETTING_ADMIN_EMAIL,
        .variable = "FOOTFALL_ADMIN_EMAIL",
        .metavar = "EMAIL",
        .example = "me@example.org",
        .help =
            "Who is made the first user, an owner of all sites, when there is no user yet; with "
            "the password in FOOTFALL_ADMIN_PASSWORD_FILE.",
        .parse = option_parse_text,
        .offset = offsetof(struct config, admin_email),
    },
    {
        .setting = SETTING_ADMIN_PASSWORD_FILE,
        .variable = "FOOTFALL_ADMIN_PASSWORD_FILE",
        .metavar = "PATH",
        .example = "/run/secrets/footfall-password",
        .help =
            "A file whose first line is the password of the first user, of at most 1,024 bytes. "
            "Others should not be able to read it.",
        .parse = option_parse_text,
        .offset = offsetof(struct config, admin_password_file),
    },
    {
        .setting = SETTING_LOG_FORMAT,
        .variable = "FOOTFALL_LOG_FORMAT",
        .metavar = "logfmt|json",
        .fallback = "logfmt",
        .example = "json",
        .help = "How the log is written on standard output, one event a line.",
        .parse = option_parse_choice,
        .words = format_words,
        .set = set_log_format,
    },
    {
        .setting = SETTING_LOG_LEVEL,
        .variable = "FOOTFALL_LOG_LEVEL",
        .metavar = "debug|info|warn|error",
        .fallback = "info",
        .example = "info",
        .help = "From which level on events are logged.",
        .parse = option_parse_choice,
        .words = level_words,
        .set = set_log_level,
    },
};

const size_t option_count = sizeof(option_table) / sizeof(option_table[0]);

static char flag_letter(char c)
{
    if (c == '_')
        return '-';
    if (c >= 'A' && c <= 'Z')
        return (char)(c - 'A' + 'a');
    return c;
}

void option_flag(const struct option *option, char out[static OPTION_MAX_FLAG])
{
    static const char prefix[] = "FOOTFALL_";
    const char *name = option->variable;
    size_t len = 0;

    if (strncmp(name, prefix, sizeof(prefix) - 1) == 0)
        name += sizeof(prefix) - 1;
    for (; len < OPTION_MAX_FLAG - 1 && name[len] != '\0'; len++)
        out[len] = flag_letter(name[len]);
    out[len] = '\0';
}

const struct option *option_by_flag(struct slice flag)
{
    char known[OPTION_MAX_FLAG];

    for (size_t i = 0; i < option_count; i++) {
        option_flag(&option_table[i], known);
        if (slice_eq(slice_str(known), flag))
            return &option_table[i];
    }
    return NULL;
}

const struct option *option_by_variable(struct slice variable)
{
    for (size_t i = 0; i < option_count; i++) {
        if (slice_eq(slice_str(option_table[i].variable), variable))
            return &option_table[i];
    }
    return NULL;
}

void option_show(const struct option *option, const char *text, char *out, size_t size)
{
    if (option->is_secret)
        (void)snprintf(out, size, "***");
    else if (option->is_store_url)
        store_url_mask(text, out, size);
    else
        (void)snprintf(out, size, "%s", text);
    for (char *c = out; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = '?';
    }
}
