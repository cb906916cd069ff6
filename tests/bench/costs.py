"""What is measured apart from wrk's rounds: start, memory, idle connections, latency at a steady rate, fairness."""
import contextlib
import dataclasses
import http.client
import json
import os
import re
import socket
import sqlite3
import statistics
import subprocess
import tempfile
import time

import load
import machine
from processes import BOTH_CPUS, SERVER_CPU, bench_program, run_pinned
from servers import BROWSER, HERE, SERVERS, STORE_SERVERS, STORE_SETTINGS, Server, Stand, stand

IDLE_CONNECTIONS = 10_000
STARTS = 10
STEADY_ROUNDS = 3
FAIR_WORKERS = 4
CROWD = 512
MANY = 10_000
SITES_HITS = 200_000


def _server(name):
    return next(s for s in SERVERS if s.name == name)


def starts(binary):
    """{store: milliseconds from fork to the first counted answer, median of ten starts}."""
    return {store: statistics.median(_start_ms(Server("start", "footfall", 1, store=store), binary)
                                     for _ in range(STARTS))
            for store in ("memory", "redis", "sqlite", "postgres")}


def _start_ms(server, binary):
    with stand(server, binary, step_s=0.0005) as running:
        return running.start_ms


def memory(binary):
    """Rows (server, [(RSS, PSS) of each worker], (RSS, PSS) of the master or None), in KiB, just started."""
    rows = []
    for store in ("redis", "sqlite", "postgres"):
        server = Server(f"footfall {store} ×2", "footfall", 2, store=store)
        with stand(server, binary) as running:
            master, *workers = (machine.memory_kib(p) for p in running.process.pids())
            rows.append((server.name, workers, master))
    return rows


def idle_connections_kib(binary):
    """{store: resident KiB more per connection, of IDLE_CONNECTIONS that made one request each and stay open}."""
    return {store: _idle_connection_kib(Server("idle connections", "footfall", 1, store=store), binary)
            for store in ("memory", "redis")}


def _idle_connection_kib(server, binary):
    fields = "".join(f"{name}: {value}\r\n" for name, value in BROWSER.items())
    request = f"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{fields}\r\n".encode()
    with stand(server, binary) as running, contextlib.ExitStack() as stack:
        before, _ = machine.memory_kib(running.process.pid)
        for number in range(1, IDLE_CONNECTIONS + 1):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", running.port), timeout=5))
            connection.sendall(request)
            if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"connection {number} got no count")
        after, _ = machine.memory_kib(running.process.pid)
    return (after - before) / IDLE_CONNECTIONS


@dataclasses.dataclass(frozen=True)
class Crowd:
    """Many connections, and everything on both CPUs: server, store and load."""

    server: str
    rate: float  # committed hits a second
    p50_ms: float
    p99_ms: float
    errors: int


def crowds(binary, seconds=4):
    """Each store with CROWD connections and two workers."""
    rows = []
    for store in ("postgres", "redis", "sqlite"):
        with stand(Server(f"footfall {store} ×2", "footfall", 2, store=store), binary, cpu=BOTH_CPUS) as running:
            load.wrk(running, load.SHAPES[0], 1, CROWD, BOTH_CPUS)
            before = running.counted()
            start = time.monotonic()
            figures = load.wrk(running, load.SHAPES[0], seconds, CROWD, BOTH_CPUS)
            committed = (running.counted() - before) / (time.monotonic() - start)
            rows.append(Crowd(running.server.name, committed, figures["p50_us"] / 1e3, figures["p99_us"] / 1e3,
                              figures["errors"]))
    return rows


@dataclasses.dataclass(frozen=True)
class Sites:
    """The counting part alone, without HTTP."""

    store: str
    sites: int
    pages: int  # of each site
    server_us: float
    store_us: float | None  # None: its processes end with our connections, and their times with them


def sites(rounds=3):
    """Hits spread over one site with one page, over one with MANY pages, and over MANY sites: medians."""
    rows = []
    for store in ("memory", "redis", "postgres", "sqlite"):
        for site_count, pages in ((1, 1), (1, MANY), (MANY, 1)):
            runs = [_sites_run(store, site_count, pages) for _ in range(rounds)]
            server_us, store_us = (statistics.median(column) for column in zip(*runs))
            rows.append(Sites(store, site_count, pages, server_us, None if store == "postgres" else store_us))
    return rows


def _sites_run(store, site_count, pages):
    server = Server("sites", "sites", 1, store=store)
    with tempfile.TemporaryDirectory(prefix="footfall-bench-") as directory, contextlib.ExitStack() as stack:
        running = Stand(server, directory, None)
        if store in STORE_SERVERS:
            running.store = stack.enter_context(
                STORE_SERVERS[store](server, os.path.join(directory, "store"), SERVER_CPU))
        url = STORE_SETTINGS[store](running)["FOOTFALL_STORE"]
        before = machine.settled_cpu_ns(running.store_pids())
        out = json.loads(run_pinned([bench_program("sites"), url, site_count, pages, SITES_HITS], 120, SERVER_CPU))
        spent_us = (machine.settled_cpu_ns(running.store_pids()) - before) / 1e3
        return out["cpu_us"], spent_us / out["hits"]


def fairness(binary, seconds=4):
    """Rows (process, hits, commits, seconds no commit was longer than) of four processes on one SQLite file."""
    with stand(Server("fairness", "footfall", FAIR_WORKERS, store="sqlite"), binary) as running:
        load.wrk(running, load.SHAPES[0], seconds)
        return [_fairness_row(worker, text) for worker, text in sorted(_metrics_of_all(running).items())]


def _metrics_of_all(running):
    """{worker: its /metrics}. Whoever accepts a connection answers, so connections stay open until all did."""
    found = {}
    with contextlib.ExitStack() as stack:
        for _ in range(400):
            connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=5)
            stack.callback(connection.close)
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
            found[re.search(r'worker="(\d+)"', text).group(1)] = text
            if len(found) == FAIR_WORKERS:
                break
    return found


def _fairness_row(worker, text):
    def value(name):
        return int(re.search(rf"^{name}{{[^}}]*}} (\d+)$", text, re.M).group(1))

    buckets = re.findall(r'^footfall_commit_seconds_bucket{.*le="(.*)"} (\d+)$', text, re.M)
    longest = next(bound for bound, below in buckets if int(below) == value("footfall_commit_seconds_count"))
    return worker, value("footfall_hits_total"), value("footfall_batches_total"), longest


@dataclasses.dataclass(frozen=True)
class Steady:
    """Latency at a constant rate beside the store's own round trip; milliseconds."""

    server: str
    rate: int
    p50_ms: float
    p99_ms: float
    lost: int  # planned requests without a 2xx
    paused_ms: float  # the client was kept from its CPU for so long, in the median round
    store_p50_ms: float
    store_p99_ms: float


def build_steady(directory):
    """Compiles the client of constant rate; its path."""
    program = os.path.join(directory, "steady")
    subprocess.run(["cc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program,
                    os.path.join(HERE, "steady.c")], check=True)
    return program


def steady(binary, client, name, rate, seconds):
    """`name` at `rate` requests a second: the round whose p99 is the median one."""
    server, rounds = _server(name), []
    for _ in range(STEADY_ROUNDS):
        machine.wait_until_quiet((0, 1), 5)
        with stand(server, binary) as running:
            load.wrk(running, load.SHAPES[0], 1)
            trips = ROUND_TRIPS[server.store](running)
            out = run_pinned([client, running.port, server.path, rate, seconds, load.CONNECTIONS], seconds + 30)
            rounds.append((json.loads(out), trips))
    figures, trips = sorted(rounds, key=lambda r: r[0]["p99_us"])[len(rounds) // 2]
    return Steady(name, rate, figures["p50_us"] / 1e3, figures["p99_us"] / 1e3,
                  figures["planned"] - figures["answers"], figures["paused_us"] / 1e3,
                  statistics.median(trips), statistics.quantiles(trips, n=100)[98])


def _redis_round_trips_ms(running, count=1000):
    trips = []
    with socket.create_connection(("127.0.0.1", running.store.port), timeout=5) as s:
        for _ in range(count):
            start = time.perf_counter()
            s.sendall(b"INCR benchmark-round-trip\r\n")
            s.recv(64)
            trips.append((time.perf_counter() - start) * 1e3)
    return trips


def _sqlite_round_trips_ms(running, count=200):
    """Commits of one row to another database beside the measured one, in the same mode."""
    trips = []
    with tempfile.TemporaryDirectory(dir=running.directory) as directory:
        db = sqlite3.connect(os.path.join(directory, "round-trip.db"), isolation_level=None)
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        db.execute("create table counter (id integer primary key, n integer not null)")
        db.execute("insert into counter values (1, 0)")
        for _ in range(count):
            start = time.perf_counter()
            db.execute("update counter set n = n + 1")
            trips.append((time.perf_counter() - start) * 1e3)
        db.close()
    return trips


ROUND_TRIPS = {"redis": _redis_round_trips_ms, "sqlite": _sqlite_round_trips_ms}
