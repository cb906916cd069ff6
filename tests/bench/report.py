"""The report: Markdown, made of nothing but what the run measured."""
import dataclasses
import statistics

import counters
import dashboard
import disk
import goals
import load
import logins
from costs import CROWD, FAIR_WORKERS, IDLE_CONNECTIONS, STARTS, STEADY_ROUNDS
from rounds import FOREIGN_LIMIT, Rounds
from servers import SERVERS


@dataclasses.dataclass
class Measured:
    """What goals and report are made of; what was not measured is empty."""

    machine: list
    settings: str
    rounds: Rounds = dataclasses.field(default_factory=Rounds)
    starts_ms: dict = dataclasses.field(default_factory=dict)
    memory: list = dataclasses.field(default_factory=list)
    idle_kib: dict = dataclasses.field(default_factory=dict)
    steady: list = dataclasses.field(default_factory=list)
    fairness: list = dataclasses.field(default_factory=list)
    crowds: list = dataclasses.field(default_factory=list)
    sites: list = dataclasses.field(default_factory=list)
    added: list = dataclasses.field(default_factory=list)
    throughput: list = dataclasses.field(default_factory=list)
    agents: dict = dataclasses.field(default_factory=dict)
    countries: list = dataclasses.field(default_factory=list)
    disk: list = dataclasses.field(default_factory=list)
    dashboards: list = dataclasses.field(default_factory=list)
    counters: list = dataclasses.field(default_factory=list)
    checks: list = dataclasses.field(default_factory=list)
    reads: list = dataclasses.field(default_factory=list)
    floods: list = dataclasses.field(default_factory=list)


METHOD = f"""\
The server and its store are held on CPU 0, wrk (one thread, {load.CONNECTIONS} keep-alive connections, no pipelining) on
CPU 1, all on loopback. Each round takes every row of the first table once, in random order; every measurement has a fresh
server and an empty store, and one second of warm-up. The figures are medians of the rounds. A ratio is the median of the
rounds' own ratios; the ratio of the medians is given where it differs.

*CPU per hit* is the time of all threads of all the server's processes (`/proc/PID/task/TID/schedstat`; it includes the
kernel's work for its sockets) divided by the answers that wrk saw. It is the figure to trust: a busy neighbour hardly
moves it. *Hits a second* is the rate of one core that the server shares with its store; *of a whole core*, and in the
goals' table in square brackets, is the rate that the CPU times give, had nobody else used that core. Where wrk used nearly
all of its own core, wrk was the limit, not the server: only CPU per hit tells such rows apart.

*Counted − answered* is the number that the store itself gives (Redis: `GET` of the key; SQLite and PostgreSQL: the row of the site's
total; memory: `/c/default.txt`) less the answers that wrk saw. wrk leaves up to {load.CONNECTIONS} requests in flight when
it stops, which are counted and not seen: 0 to {load.CONNECTIONS} is exact.

All requests are of a browser, which is a visitor. *Counted only* is a site that collects nothing (`collect=none`) and a
browser that asks not to be recognised (`Sec-GPC: 1`): the numbers of the site and the page move, in the counters and in
the statistics. *All dimensions* adds what the other rows of /count do not send: title, referrer, campaign and screen, of
people with five browsers and languages, from addresses all over the world, whose countries are looked up where Debian's
tables are installed. The 100,000 visitors ask in turn, each for another page when it is his turn again: nearly every hit
is a new visitor's, or writes his record anew.

Limits: the load is a loop on the same machine, without network, TLS or browsers, and shares caches and memory with the
server. Peers other than Footfall do less: they add one to one number, have no site, no page, no second delivery to guard
against, and no limits to keep. Flask, webdis and nginx+Lua run 2 workers or threads; `return 200` runs as many workers as
the Footfall it is compared with, and answers about as many bytes.
"Taken by others" is the largest share of either core, in any round, that went to other programs; a measurement above
{FOREIGN_LIMIT:.0%} is repeated, as far as the time allows, and the better one kept."""


def _table(head, rows, text_columns=1):
    rule = ["---"] * text_columns + ["---:"] * (len(head) - text_columns)
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in (head, rule, *rows)) + "\n"


def _median(results, figure):
    return statistics.median(map(figure, results))


def _span(values):
    return f"{values[0]}" if values[0] == values[-1] else f"{values[0]}…{values[-1]}"


def _exactness(results):
    surplus = sorted(r.surplus for r in results if r.surplus is not None)
    if not surplus:
        return "–"
    exact = surplus[0] >= 0 and surplus[-1] <= load.CONNECTIONS
    return _span(surplus) + ("" if exact else " **not exact**")


def _ratio_cell(measured, name, shape, other):
    """Only for the shape that all servers have."""
    ratio = measured.rounds.ratio(goals.server_us, (name,), (other,)) if shape == load.SHAPES[0].name else None
    return f"{ratio[0]:.2f}" if ratio else ""


def _answer_bytes(shape, results):
    return results[0].answer_bytes if shape == load.SHAPES[0].name else ""


def _rounds_rows(measured):
    for (name, shape), results in measured.rounds.rows():
        costs = [r.server_us for r in results]
        yield (name, shape, f"{statistics.median(costs):.2f} ({min(costs):.1f}…{max(costs):.1f})",
               _ratio_cell(measured, name, shape, "footfall memory"),
               _ratio_cell(measured, name, shape, "nginx return 200"),
               f"{_median(results, goals.store_us):.2f}", f"{_median(results, goals.rate):,.0f}",
               f"{_median(results, goals.core_rate):,.0f}",
               f"{_median(results, lambda r: r.p50_ms):.2f}", f"{_median(results, lambda r: r.p99_ms):.2f}",
               _exactness(results), sum(r.errors for r in results), _answer_bytes(shape, results),
               f"{_median(results, lambda r: r.wrk_busy):.0%}", f"{max(r.foreign for r in results):.0%}")


def _rounds_section(measured):
    places = [server.name for server in SERVERS], [shape.name for shape in load.SHAPES + load.TRACKED_SHAPES]
    rows = sorted(_rounds_rows(measured), key=lambda row: [place.index(key) for place, key in zip(places, row)])
    head = ["server", "load", "server CPU µs/hit (best…worst)", "× memory", "× return 200", "store's own CPU µs/hit",
            "hits/s", "of a whole core", "p50 ms", "p99 ms", "counted − answered", "errors", "answer bytes", "wrk's core", "taken by others"]
    return "## All rounds\n\n" + _table(head, rows, 2)


def _memory_section(measured):
    rows = []
    for name, workers, master in measured.memory:
        rss, pss = max(w[0] for w in workers), max(w[1] for w in workers)
        rows.append((name, *(f"{kib / 1024:.2f}" for kib in (rss, pss, *master))))
    return "## Memory at start (MiB)\n\n" + _table(
        ["server", "a worker's RSS", "a worker's PSS", "master's RSS", "master's PSS"], rows)


def _idle_section(measured):
    rows = [(store, f"{kib:.2f}") for store, kib in measured.idle_kib.items()]
    return f"## {IDLE_CONNECTIONS:,} idle keep-alive connections, each after one request\n\n" + _table(
        ["store", "KiB more per connection (RSS, user space)"], rows)


def _starts_section(measured):
    rows = [(store, f"{ms:.1f}") for store, ms in measured.starts_ms.items()]
    return f"## Start to the first counted answer (median of {STARTS})\n\n" + _table(["store", "ms"], rows)


def _steady_section(measured):
    rows = [(s.server, f"{s.rate:,}", f"{s.p50_ms:.2f}", f"{s.p99_ms:.2f}", s.lost, f"{s.paused_ms:.1f}",
             f"{s.store_p50_ms:.3f}", f"{s.store_p99_ms:.3f}") for s in measured.steady]
    return f"## Latency at half of the maximum rate (the median of {STEADY_ROUNDS} rounds by p99)\n\n" + (
        "Requests leave on a fixed schedule and a latency runs from when its request was due, so a server that stands\n"
        "still is charged for all that should have been sent meanwhile. The round trip is one command, or one commit, to\n"
        "the idle store; its median is what the goal uses.\n\n") + _table(
        ["server", "requests/s", "p50 ms", "p99 ms", "not answered 2xx", "client itself paused ms",
         "store's round trip p50 ms", "p99 ms"], rows)


def _fairness_section(measured):
    rows = [(worker, f"{hits:,}", f"{commits:,}", "over 65 ms" if bound == "+Inf" else f"≤ {float(bound) * 1e3:.3g} ms")
            for worker, hits, commits, bound in measured.fairness]
    return f"## SQLite with {FAIR_WORKERS} processes\n\n" + (
        "From each process' `/metrics`; a commit's time runs from the start of its batch to the answers, the wait for the\n"
        "lock between processes included, and is known to a power of two.\n\n") + _table(
        ["process", "hits", "commits", "longest commit"], rows)


def _crowds_section(measured):
    rows = [(c.server, f"{c.rate:,.0f}", f"{c.p50_ms:.2f}", f"{c.p99_ms:.2f}", c.errors) for c in measured.crowds]
    return f"## {CROWD} connections, server, store and load on both CPUs\n\n" + _table(
        ["server", "committed hits/s", "p50 ms", "p99 ms", "errors"], rows)


def _sites_section(measured):
    rows = [(s.store, f"{s.sites:,}", f"{s.pages:,}", f"{s.server_us:.2f}",
             "–" if s.store_us is None else f"{s.store_us:.2f}") for s in measured.sites]
    return "## Many sites in one store\n\n" + (
        "The counting part alone (tests/bench/sites.c), without HTTP: 64 hits in flight, spread by chance. Hits on one page\n"
        "fold into one addition a batch; on many pages or sites they cannot.\n\n") + _table(
        ["store", "sites", "pages of each", "CPU µs/hit", "store's own CPU µs/hit"], rows)


VISITS = """\
The counting part alone (tests/bench/visits.c): hits of visitors drawn by chance, with all dimensions, become facts
and batches. First with as many hits waiting as there are connections in the rounds; counted only is here a hit
without facts. Then with so many that batches are full; Redis and PostgreSQL have the other CPU, SQLite's threads
both. Hits a second are by the clock.
"""


def _visits_row(v):
    store_us = "–" if v.store_us is None else f"{v.store_us:.2f}"
    return v.store, v.what, f"{v.ahead:,}", f"{v.rate:,.0f}", f"{v.server_us:.2f}", store_us, f"{v.batch_hits:,.0f}"


def _visits_section(measured):
    head = ["store", "hits of", "waiting", "hits/s", "CPU µs/hit", "store's own CPU µs/hit", "hits a batch"]
    rows = map(_visits_row, measured.added + measured.throughput)
    return f"## Visitors, without HTTP\n\n{VISITS}\n" + _table(head, rows, 2)


AGENTS = {"parsed_us": "an ordinary one, new", "parsed_512_us": "one of 512 bytes, of an application, new",
          "worst_us": "the worst of some hostile ones of 512 bytes, new", "cached_us": "an ordinary one, known",
          "cached_512_us": "one of 512 bytes, known"}


def _agents_section(measured):
    rows = [(what, f"{measured.agents[key]:.2f}") for key, what in AGENTS.items()]
    return "## User agents\n\n" + (
        "What is known was parsed before by the same process. The first agent of a process compiles patterns and takes\n"
        f"{measured.agents['first_ms']:.1f} ms.\n\n") + _table(["agent", "µs"], rows)


COUNTRIES = """\
Addresses drawn by chance; Debian's tables of tor-geoipdb, where they are installed, and a MaxMind DB file as large
and as deep as those of cities, made for the test.
"""


def _countries_section(measured):
    rows = [(c["kind"], f"{c['open_ms']:.1f}", f"{c['private_kib']:,}", f"{c['ipv4_ns'] / 1e3:.2f}",
             f"{c['ipv6_ns'] / 1e3:.2f}") for c in measured.countries]
    return f"## Countries of addresses\n\n{COUNTRIES}\n" + _table(
        ["data", "ms to open", "KiB of the process' own", "µs, IPv4", "µs, IPv6"], rows)


DISK = f"""\
`footfall demo --into=default --until={disk.UNTIL}` into a new SQLite file, which is then checkpointed; hits are views,
events and robots. In use is what is not free for new data: visitors live for two days at most, and the file keeps the
room they had. A single day pays alone for the rows of its month.
"""


def _disk_section(measured):
    rows = [(f"{d.days} × {d.hits_per_day:,}", f"{d.hits:,}", f"{d.rows:,}", f"{d.used_bytes / 2**20:.1f}",
             f"{d.file_bytes / 2**20:.1f}", f"{d.hit_bytes:.1f}") for d in measured.disk]
    head = ["days × views", "hits", "rows", "MiB in use", "MiB of the file", "bytes in use per hit"]
    return f"## Statistics on disk\n\n{DISK}\n" + _table(head, rows)


DASHBOARDS = f"""\
{dashboard.HITS_PER_DAY:,} hits a day on {dashboard.PAGES:,} pages, written as the sums that they come to
(tests/bench/year.c): all rows of the site, and of those within pages, which no question about a year reads, the last
week's. Asked through `/api/v1/stats` and `/api/v1/stats/top`, one after the other on one connection: totals and series
by day, and the first ten of {len(dashboard.LISTS)} lists ({', '.join(dashboard.LISTS)});
the median of {dashboard.ASKED}. Then {dashboard.STEADY_RATE:,} hits a second on a fixed schedule, without dashboards and
with one after the other, all on the CPU of the server and its store: medians of {dashboard.STEADY_ROUNDS} rounds.
"""


def _dashboards_section(measured):
    rows = [(d.store, f"{d.hits:,}", f"{d.rows:,}", f"{d.ms:.0f}", d.slowest, f"{d.alone_p99_ms:.2f}",
             f"{d.beside_p99_ms:.2f}", f"{d.difference_ms:+.2f}") for d in measured.dashboards]
    head = ["store", "hits", "rows", "ms", "slowest question, ms", "hits' p99 ms without", "with", "difference"]
    return f"## The dashboard of {dashboard.DAYS} days\n\n{DASHBOARDS}\n" + _table(head, rows)


COUNTERS = f"""\
`{counters.TEXT}`, and the same counter as a picture in each style, from {counters.STORE}; medians of {counters.ROUNDS} rounds.
"""


def _counters_section(measured):
    rows = [(c.name, f"{c.us:.2f}", f"{c.ratio:.2f}") for c in measured.counters]
    return f"## Counters as pictures\n\n{COUNTERS}\n" + _table(["style", "CPU µs/request", "× the number alone"], rows)


CHECKS = f"""\
`{logins.CHECKED}` with the cookie of a session, which is read from the store for each request, beside
`{logins.UNCHECKED}`, which reads a number there, and `{logins.COUNTED}`, which counts a hit; medians of {logins.ROUNDS} rounds.
"""


def _checks_section(measured):
    rows = [(c.store, *(f"{c.us[path]:.2f}" for path in (logins.CHECKED, logins.UNCHECKED, logins.COUNTED)),
             f"{c.ratio:.2f}") for c in measured.checks]
    return f"## What checking a session costs\n\n{CHECKS}\n" + _table(
        ["store", "CPU µs/request, session checked", "a number read", "a hit counted", "checked × read"], rows)


def _reads_section(measured):
    rows = [(r.store, f"{r.rate:,.0f}", f"{r.server_us:.2f}", f"{r.store_us:.2f}") for r in measured.reads]
    return "## Sessions read by two workers, everything on both CPUs\n\n" + _table(
        ["store", "reads/s", "server CPU µs", "store's own CPU µs"], rows)


FLOODS = f"""\
{logins.STEADY_RATE:,} hits a second on a fixed schedule, alone and while {logins.GUESSERS} clients on the load's CPU try
passwords without a pause, each time another account from another network; medians of {logins.ROUNDS} rounds.
"""


def _floods_section(measured):
    rows = [(f.store, f"{f.alone_p99_ms:.2f}", f"{f.beside_p99_ms:.2f}", f"{f.difference_ms:+.2f}", f.checked,
             f.refused) for f in measured.floods]
    return f"## Hits during a flood of logins\n\n{FLOODS}\n" + _table(
        ["store", "hits' p99 ms without", "with", "difference", "passwords checked", "refused by the throttle"], rows)


SECTIONS = [
    (lambda m: m.rounds.rows(), _rounds_section),
    (lambda m: m.steady, _steady_section),
    (lambda m: m.crowds, _crowds_section),
    (lambda m: m.sites, _sites_section),
    (lambda m: m.added + m.throughput, _visits_section),
    (lambda m: m.dashboards, _dashboards_section),
    (lambda m: m.counters, _counters_section),
    (lambda m: m.checks, _checks_section),
    (lambda m: m.reads, _reads_section),
    (lambda m: m.floods, _floods_section),
    (lambda m: m.disk, _disk_section),
    (lambda m: m.agents, _agents_section),
    (lambda m: m.countries, _countries_section),
    (lambda m: m.fairness, _fairness_section),
    (lambda m: m.memory, _memory_section),
    (lambda m: m.idle_kib, _idle_section),
    (lambda m: m.starts_ms, _starts_section),
]


def markdown(measured):
    parts = [
        "# Benchmarks\n\nWritten by `make bench` (" + measured.settings + "); changes by hand are lost.\n",
        _table(["what", "which"], measured.machine, 2),
        "## Goals\n\nPer counted and committed hit; server process only, the store's own CPU apart.\n\n"
        + _table(["goal", "measured", "verdict"], goals.verdicts(measured), 3),
        *(section(measured) for there, section in SECTIONS if there(measured)),
        "## Method and its limits\n\n" + METHOD + "\n",
    ]
    return "\n".join(parts)
