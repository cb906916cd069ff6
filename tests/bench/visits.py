"""What recognising visitors costs apart from HTTP: the counting part, user agents, countries."""
import contextlib
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile

import machine
from processes import BOTH_CPUS, LOAD_CPU, SERVER_CPU, bench_program, run_pinned
from servers import STORE_SERVERS, STORE_SETTINGS, Server, Stand

VISITORS, PAGES = 100_000, 20
AHEAD = 16_384  # hits that wait: some batches, so that the store always has work
FEW_AHEAD = 64  # as many as wrk's connections
HITS = 150_000
LOOKUPS = 1_000_000
MMDB_WRITER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration", "support", "mmdb.py")


@dataclasses.dataclass(frozen=True)
class Visits:
    """The counting part alone: medians of some runs."""

    store: str
    what: str
    ahead: int
    rate: float  # hits a second, by the clock
    server_us: float
    store_us: float | None  # None: it is no process of its own, or one that ends with our connections
    batch_hits: float


def added():
    """What visitors and dimensions add, as many hits waiting as there are connections in the rounds."""
    return [_median("memory", what, FEW_AHEAD, shape, 3)
            for what, shape in (("counted only", (1, 1, "bare")), ("1 visitor, 1 page", (1, 1, "whole")),
                                (f"{VISITORS:,} visitors, {PAGES} pages", (VISITORS, PAGES, "whole")))]


def throughput(rounds=3):
    """As fast as each store takes them."""
    what = f"{VISITORS:,} visitors, {PAGES} pages"
    return [_median(store, what, AHEAD, (VISITORS, PAGES, "whole"), rounds)
            for store in ("memory", "redis", "sqlite", "postgres")]


def _median(store, what, ahead, shape, rounds):
    runs = [_run(store, ahead, shape) for _ in range(rounds)]
    rate, server_us, store_us, batch_hits = (statistics.median(column) for column in zip(*runs))
    return Visits(store, what, ahead, rate, server_us, store_us if store == "redis" else None, batch_hits)


def _run(store, ahead, shape):
    """Hits a second, CPU µs of the program and of the store's for each, hits a batch. A store that is a program of its
    own has the other CPU; the threads of one that is not have both."""
    server = Server("visits", "visits", 1, store=store)
    with tempfile.TemporaryDirectory(prefix="footfall-bench-") as directory, contextlib.ExitStack() as stack:
        running = Stand(server, directory, None)
        if store in STORE_SERVERS:
            running.store = stack.enter_context(
                STORE_SERVERS[store](server, os.path.join(directory, "store"), LOAD_CPU))
        url = STORE_SETTINGS[store](running)["FOOTFALL_STORE"]
        machine.wait_until_quiet((SERVER_CPU, LOAD_CPU), 5)
        before = machine.settled_cpu_ns(running.store_pids())
        visitors, pages, facts = shape
        out = json.loads(run_pinned([bench_program("visits"), url, HITS, visitors, pages, ahead, facts], 120,
                                    SERVER_CPU if running.store else BOTH_CPUS))
        spent_us = (machine.settled_cpu_ns(running.store_pids()) - before) / 1e3
        return out["hits_per_s"], out["cpu_us"], spent_us / out["hits"], out["hits"] / out["batches"]


def agents(rounds=3):
    """{what: µs}, medians; milliseconds and KiB for those named so."""
    runs = [json.loads(run_pinned([bench_program("agents")], 60, SERVER_CPU)) for _ in range(rounds)]
    return {key: statistics.median(run[key] for run in runs) for key in runs[0]}


def countries():
    """What bench_countries says of Debian's tables, if they are there, and of a large MaxMind DB file, made here."""
    with tempfile.TemporaryDirectory(prefix="footfall-bench-") as directory:
        large = os.path.join(directory, "large.mmdb")
        subprocess.run([sys.executable, MMDB_WRITER, "large", large], check=True, timeout=120)
        return [json.loads(run_pinned([bench_program("countries"), path, LOOKUPS], 60, SERVER_CPU))
                for path in ("/usr/share/tor", large) if os.path.exists(path)]
