"""The goals, and what the run says of each."""
import dataclasses
import operator
from collections.abc import Callable

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
        return {what: _ratio(measured.rounds.ratio(figure, *pair)) for what, pair in pairs.items()}
    return of


def _rates(pairs):
    """Of visits a second; in brackets what the CPU times say, which is what a busy machine leaves to go by."""

    def of(measured):
        return {what: _with_core_rate(figure, measured.rounds.ratio(core_rate, *pairs[what]))
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
