"""The goals, and what the run says of each."""
import dataclasses
import operator
from collections.abc import Callable

import disk
import load
import visits

AT_MOST, AT_LEAST = operator.le, operator.ge


def server_us(result):
    return result.server_us


def store_us(result):
    return result.store_us


def rate(result):
    return result.rate


def core_rate(result):
    return result.core_rate


@dataclasses.dataclass(frozen=True)
class Figure:
    """A number to hold against a limit, and how it is printed; None: not measured."""

    value: float | None
    text: str


@dataclasses.dataclass(frozen=True)
class Goal:
    text: str
    kept: Callable  # AT_MOST or AT_LEAST
    limit: float
    figures: Callable  # of all measured → {what: Figure}


NOT_MEASURED = Figure(None, "not measured")


def _ratios(figure, pairs):
    """Figures of goals that compare two servers: {what: (server, other)}."""

    def of(measured):
        return {what: _ratio(measured.rounds.ratio(figure, *_named(pair))) for what, pair in pairs.items()}
    return of


def _named(pair):
    """As Rounds.ratio() takes them: a name alone stands for the first shape."""
    return [(side,) if isinstance(side, str) else side for side in pair]


def _rates(pairs):
    """Of visits a second; in brackets what the CPU times say, which is what a busy machine leaves to go by."""

    def of(measured):
        return {what: _with_core_rate(figure, measured.rounds.ratio(core_rate, *_named(pairs[what])))
                for what, figure in _ratios(rate, pairs)(measured).items()}
    return of


def _with_core_rate(figure, ratio):
    return dataclasses.replace(figure, text=f"{figure.text} [{ratio[0]:.2f}]") if ratio else figure


def _ratio(both):
    if both is None:
        return NOT_MEASURED
    paired, of_medians = (f"{r:.2f}" for r in both)
    return Figure(both[0], paired if paired == of_medians else f"{paired} (of the medians: {of_medians})")


def _numbers(unit, of):
    """Figures of goals that are plain numbers; `of(measured)` → {what: number}."""
    return lambda measured: {what: Figure(n, f"{n:.2f} {unit}") for what, n in of(measured).items()}


def _worker_mib(measured):
    return {name: max(rss for rss, _ in workers) / 1024 for name, workers, _ in measured.memory}


def _latency(measured):
    """p99 over what is allowed: twice the store's round trip plus 2 ms."""
    return {s.server: Figure(s.p99_ms / (2 * s.store_p50_ms + 2),
                             f"{s.p99_ms:.2f} ms of {2 * s.store_p50_ms + 2:.2f} ms") for s in measured.steady}


def _crowd(measured):
    return {c.server: Figure(c.rate, f"{c.rate:,.0f}/s") for c in measured.crowds if c.server == "footfall postgres ×2"}


def _tracked(shape):
    """What a hit of `shape` costs over one that is counted only, on the same server."""
    servers = ("footfall redis", "footfall sqlite", "footfall postgres")
    return _ratios(server_us, {name: ((name, shape.name), (name, load.BARE.name)) for name in servers})


def _throughput(store):
    def of(measured):
        return {v.what: Figure(v.rate, f"{v.rate:,.0f}/s") for v in measured.throughput if v.store == store}
    return of


def _agents(keys):
    return _numbers("µs", lambda measured: {what: measured.agents[key] for what, key in keys.items() if measured.agents})


def _countries(measured):
    return {f"{c['kind']}, {family}": c[f"{family.lower()}_ns"] / 1e3
            for c in measured.countries for family in ("IPv4", "IPv6")}


def _disk(hits_per_day):
    return _numbers("bytes", lambda measured: {
        f"{d.hits:,} hits": d.hit_bytes for d in measured.disk if d.hits_per_day == hits_per_day})


def _dashboards(*stores):
    def of(measured):
        return {d.store: Figure(d.ms, f"{d.ms:.0f} ms") for d in measured.dashboards if d.store in stores}
    return of


def _noticed(measured):
    return {d.store: d.difference_ms for d in measured.dashboards}


def _counters(measured):
    return {c.name: Figure(c.ratio, f"{c.ratio:.2f}") for c in measured.counters[1:]}


def _checks(measured):
    return {c.store: Figure(c.ratio, f"{c.ratio:.2f}") for c in measured.checks}


def _reads(measured):
    return {r.store: Figure(r.rate, f"{r.rate:,.0f}/s") for r in measured.reads if r.store == "redis"}


def _flooded(measured):
    return {f.store: f.difference_ms for f in measured.floods}


def _sites(measured):
    """What a hit on one of many sites costs over one on one of as many pages."""
    by_shape = {(s.store, s.sites, s.pages): s.server_us for s in measured.sites}
    return {store: Figure(cost / by_shape[store, 1, sites], f"{cost / by_shape[store, 1, sites]:.2f}")
            for (store, sites, _), cost in by_shape.items() if sites > 1}


def _against(other, one="footfall redis", two="footfall redis ×2"):
    return {"1 process": (one, other), "2 processes": (two, other)}


GOALS = [
    Goal("CPU per hit, Redis store ≤ 1.10 × memory store", AT_MOST, 1.10,
         _ratios(server_us, _against("footfall memory"))),
    Goal("CPU per hit, Redis store ≤ 1.0 × nginx `return 200`", AT_MOST, 1.0,
         _ratios(server_us, {"1 process": ("footfall redis", "nginx return 200"),
                             "2 processes": ("footfall redis ×2", "nginx return 200 ×2")})),
    Goal("Redis' own CPU per hit ≤ what it spends in the webdis run", AT_MOST, 1.0,
         _ratios(store_us, _against("webdis"))),
    Goal("CPU per hit, SQLite with `synchronous=FULL` ≤ 1.5 × memory store", AT_MOST, 1.5,
         _ratios(server_us, _against("footfall memory", "footfall sqlite", "footfall sqlite ×2"))),
    Goal("CPU per hit, PostgreSQL store ≤ 1.3 × memory store", AT_MOST, 1.3,
         _ratios(server_us, _against("footfall memory", "footfall postgres", "footfall postgres ×2"))),
    Goal("visits a second ≥ 30 × Flask+gunicorn", AT_LEAST, 30, _rates(_against("Flask+gunicorn"))),
    Goal("visits a second ≥ 3 × nginx+Lua", AT_LEAST, 3, _rates(_against("nginx+Lua"))),
    Goal("visits a second ≥ 1.8 × webdis", AT_LEAST, 1.8, _rates(_against("webdis"))),
    Goal("visits a second with `appendfsync always` ≥ 2 × webdis", AT_LEAST, 2,
         _rates(_against("webdis, always", "footfall redis, always", "footfall redis ×2, always"))),
    Goal("PostgreSQL, 512 connections, everything on 2 CPUs: ≥ 30,000 committed hits/s", AT_LEAST, 30_000, _crowd),
    Goal("CPU of the counting part per hit: 10,000 sites ≤ 1.0 × one site with as many pages", AT_MOST, 1.0, _sites),
    Goal("resident memory ≤ 8 MiB a worker at start", AT_MOST, 8, _numbers("MiB", _worker_mib)),
    Goal("≤ 2 KiB more per idle keep-alive connection (10,000 of them)", AT_MOST, 2,
         _numbers("KiB", lambda measured: measured.idle_kib)),
    Goal("start to first answer ≤ 50 ms", AT_MOST, 50, _numbers("ms", lambda measured: measured.starts_ms)),
    Goal("p99 at a steady 50 % of the maximum rate ≤ 2 × the store's own round trip plus 2 ms", AT_MOST, 1, _latency),
    Goal("CPU per hit, 1 visitor with all dimensions ≤ 1.5 × counted only", AT_MOST, 1.5, _tracked(load.ONE_VISITOR)),
    Goal(f"CPU per hit, {visits.VISITORS:,} visitors with all dimensions ≤ 2.5 × counted only", AT_MOST, 2.5,
         _tracked(load.MANY_VISITORS)),
    Goal("Redis takes ≥ 100,000 hits of visitors a second from one process", AT_LEAST, 100_000, _throughput("redis")),
    Goal("SQLite takes ≥ 20,000 hits of visitors a second", AT_LEAST, 20_000, _throughput("sqlite")),
    Goal("a user agent of 512 bytes that is new ≤ 60 µs", AT_MOST, 60,
         _agents({"of an application": "parsed_512_us"})),
    Goal("a user agent that is known ≤ 0.3 µs", AT_MOST, 0.3,
         _agents({"ordinary": "cached_us", "of 512 bytes": "cached_512_us"})),
    Goal("the country of an address ≤ 0.5 µs", AT_MOST, 0.5, _numbers("µs", _countries)),
    Goal("a year of 1,000 hits a day takes ≤ 120 bytes a hit (SQLite)", AT_MOST, 120, _disk(disk.SMALL)),
    Goal("1,000,000 hits a day take ≤ 10 bytes a hit (SQLite)", AT_MOST, 10, _disk(disk.LARGE)),
    Goal("the dashboard of a year of 10 million hits ≤ 150 ms", AT_MOST, 150, _dashboards("sqlite", "postgres")),
    Goal("the same on Redis ≤ 300 ms", AT_MOST, 300, _dashboards("redis")),
    Goal("p99 of hits while dashboards are asked for ≤ 5 ms later than without", AT_MOST, 5, _numbers("ms", _noticed)),
    Goal("CPU per request, a counter as SVG ≤ 2 × its number alone", AT_MOST, 2, _counters),
    Goal("CPU per request with a session check ≤ 1.5 × one without", AT_MOST, 1.5, _checks),
    Goal("Redis, everything on 2 CPUs: ≥ 20,000 session reads a second", AT_LEAST, 20_000, _reads),
    Goal("p99 of hits during a flood of logins ≤ 10 ms later than without", AT_MOST, 10, _numbers("ms", _flooded)),
]


def verdicts(measured):
    """Rows (goal, figures, met or not)."""
    rows = []
    for goal in GOALS:
        figures = goal.figures(measured)
        text = "; ".join(f"{what}: {figure.text}" for what, figure in figures.items()) or NOT_MEASURED.text
        rows.append((goal.text, text, _verdict(goal, figures)))
    return rows


def _verdict(goal, figures):
    met = {what: goal.kept(figure.value, goal.limit) for what, figure in figures.items() if figure.value is not None}
    if not met:
        return "–"
    if all(met.values()):
        return "met"
    if not any(met.values()):
        return "**not met**"
    return "**not met** with " + ", ".join(what for what, kept in met.items() if not kept)
