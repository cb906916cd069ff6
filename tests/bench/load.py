"""One measurement: a server under wrk's load for some seconds, and what it cost."""
import dataclasses
import json
import os
import resource
import subprocess
import time

import machine
from processes import LOAD_CPU, SERVER_CPU, run_pinned
from servers import HERE

CONNECTIONS = 64


@dataclasses.dataclass(frozen=True)
class Shape:
    """What the visitors ask for; see load.lua."""

    name: str
    pages: int  # 0: the server's own path
    visitors: int  # 0: no X-Forwarded-For
    facts: str = "plain"  # or bare, or whole
    settings: tuple = ()  # of the site, as `footfall site set` takes them
    path: str = ""  # of what is asked for without pages; "": the server's own
    headers: tuple = ()  # "Name: value", of each request without pages


SHAPES = [
    Shape("GET /", 0, 0),
    Shape("GET /, 100,000 visitors", 0, 100_000),
    Shape("/count, 1 page", 1, 0),
    Shape("/count, 1,000 pages", 1_000, 0),
    Shape("/count, 1,000 pages, 100,000 visitors", 1_000, 100_000),
]

# What recognising visitors and telling hits apart by all dimensions costs, next to counting only.
BARE = Shape("/count, 1 page, counted only", 1, 0, "bare", ("collect=none",))
ONE_VISITOR = Shape("/count, 1 page, 1 visitor, all dimensions", 1, 1, "whole")
MANY_VISITORS = Shape("/count, 20 pages, 100,000 visitors, all dimensions", 20, 100_000, "whole")
TRACKED_SHAPES = [BARE, ONE_VISITOR, MANY_VISITORS]


@dataclasses.dataclass(frozen=True)
class Result:
    """Of one measurement. Times in microseconds; CPU times per answered request."""

    server_us: float
    store_us: float
    rate: float  # answers a second
    p50_ms: float
    p99_ms: float
    errors: int
    surplus: int | None  # counted in the store − answers that wrk saw; None when nothing is counted
    foreign: float  # share of a CPU that others took from the server or from wrk, whichever was hit harder
    answer_bytes: int  # head and body of one answer to the server's own path
    wrk_busy: float  # share of its CPU that wrk used: near 1, wrk was the limit

    @property
    def core_rate(self):
        """Answers a second if the server and its store had all of one core: what a busy neighbour hardly moves."""
        return 1e6 / (self.server_us + self.store_us)


class NoAnswers(RuntimeError):
    """wrk saw none in all its seconds, or did not end: a disk or a CPU that others kept busy, or a hang of either."""


def wrk(stand, shape, seconds, connections=CONNECTIONS, cpu=LOAD_CPU):
    """The line that load.lua prints, read. Raises NoAnswers."""
    headers = [word for header in shape.headers for word in ("--header", header)]
    command = ["wrk", "--threads", 1, "--connections", connections, "--duration", f"{seconds}s", "--latency",
               "--script", os.path.join(HERE, "load.lua"), *headers, stand.url(shape.path), "--", shape.pages,
               shape.visitors, shape.facts]
    try:
        out = run_pinned(command, timeout_s=seconds + 30, cpu=cpu)
    except subprocess.TimeoutExpired as error:
        raise NoAnswers(f"{stand.server.name}, {shape.name}: wrk did not end") from error
    figures = json.loads(out.strip().rpartition("\n")[2])
    if figures["answers"] == 0:
        raise NoAnswers(f"{stand.server.name}, {shape.name}: no answer within {seconds} s")
    return figures


class _Meter:
    """The clocks of a server, its store, wrk and both CPUs since its making."""

    def __init__(self, stand):
        self._server, self._store = stand.process.pids(), stand.store_pids()
        self._stand = stand
        self._start = self._read()

    def _read(self):
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)  # wrk is the only child that ends in between
        return (machine.settled_cpu_ns(self._server) / 1e9, machine.settled_cpu_ns(self._store) / 1e9,
                ended.ru_utime + ended.ru_stime, machine.busy_s(SERVER_CPU), machine.busy_s(LOAD_CPU))

    def spent(self):
        """CPU seconds of the server, of its store and of wrk; seconds that the server's and wrk's CPU were busy."""
        end = self._read()
        if self._stand.process.pids() != self._server:
            raise RuntimeError(f"{self._stand.server.name} lost or replaced a process under load")
        return [b - a for a, b in zip(self._start, end)]


def _settled_count(stand, limit_s=5):
    """What the store has counted, once the requests that wrk left behind are: a fifth of a second without change."""
    count, deadline = stand.counted(), time.monotonic() + limit_s
    if count is None:
        return None
    unchanged = 0
    while unchanged < 10 and time.monotonic() < deadline:
        time.sleep(0.02)
        before, count = count, stand.counted()
        unchanged = unchanged + 1 if count == before else 0
    return count


def measure(stand, shape, seconds, warm_s=1, cpu=LOAD_CPU):
    if shape.settings:
        stand.command("site", "set", "default", *shape.settings)
    wrk(stand, shape, warm_s, cpu=cpu)
    counted = _settled_count(stand)
    meter = _Meter(stand)
    figures = wrk(stand, shape, seconds, cpu=cpu)
    server_s, store_s, wrk_s, server_cpu_s, wrk_cpu_s = meter.spent()
    answers, span_s = figures["answers"], figures["duration_us"] / 1e6
    return Result(
        server_us=server_s / answers * 1e6,
        store_us=store_s / answers * 1e6,
        rate=answers / figures["duration_us"] * 1e6,
        p50_ms=figures["p50_us"] / 1e3,
        p99_ms=figures["p99_us"] / 1e3,
        errors=figures["errors"],
        surplus=None if counted is None else _settled_count(stand) - counted - answers,
        foreign=max(0.0, server_cpu_s - server_s - store_s, wrk_cpu_s - wrk_s) / span_s,
        answer_bytes=stand.answer_bytes(),
        wrk_busy=wrk_s / span_s,
    )
