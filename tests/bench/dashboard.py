"""How long the statistics of a year take to ask for, and what hits notice of it."""
import contextlib
import dataclasses
import http.client
import json
import os
import statistics
import threading
import time

import costs
import load
import machine
from processes import LOAD_CPU, bench_program, run_pinned
from servers import STORE_SETTINGS, Server, stand

HITS_PER_DAY, PAGES, DAYS = 27_400, 1_000, 365
LISTS = ("page", "entry", "exit", "source", "campaign", "country", "browser", "system", "device")
ASKED = 5
STEADY_RATE, STEADY_SECONDS, STEADY_ROUNDS = 1_000, 3, 3
STEADY_PATH = "/count?p=/section-1/page-1"


@dataclasses.dataclass(frozen=True)
class Dashboard:
    store: str
    hits: int
    rows: int
    ms: float  # median of ASKED, all questions of one dashboard
    slowest: str  # the question that took longest, as "page 12.3"
    alone_p99_ms: float  # of hits at a steady rate
    beside_p99_ms: float  # while dashboards are asked for, one after the other
    difference_ms: float  # the median of the rounds'


class _Asker:
    """Asks for dashboards on one connection."""

    def __init__(self, port, token, first, last):
        self._fields = {"Authorization": f"Bearer {token}"}
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        days = f"site=default&from={first}&to={last}"
        self._questions = {"series": f"/api/v1/stats?{days}&by=day"}
        self._questions |= {name: f"/api/v1/stats/top?{days}&dimension={name}&limit=10" for name in LISTS}

    def _ask(self, path):
        self._connection.request("GET", path, headers=self._fields)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]}")
        return body

    def total(self):
        return json.loads(self._ask(self._questions["series"]))["totals"]["views"]

    def dashboard_ms(self):
        """{question: milliseconds}"""
        spent = {}
        for name, path in self._questions.items():
            begin = time.perf_counter()
            self._ask(path)
            spent[name] = (time.perf_counter() - begin) * 1e3
        return spent

    def close(self):
        self._connection.close()


@contextlib.contextmanager
def _asking(port, token, days):
    """Asks for dashboards without a pause. Who asks runs on the CPU of the load, and gives way to it: beside the
    server, even a client that asks for nothing but /healthz makes hits wait for 10 to 50 ms."""
    over = threading.Event()

    def ask():
        thread_id = threading.get_native_id()
        os.sched_setaffinity(thread_id, {LOAD_CPU})
        os.setpriority(os.PRIO_PROCESS, thread_id, 19)
        with contextlib.closing(_Asker(port, token, *days)) as asker:
            while not over.is_set():
                asker.dashboard_ms()

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _p99_ms(running, client):
    out = json.loads(run_pinned([client, running.port, STEADY_PATH, STEADY_RATE, STEADY_SECONDS, load.CONNECTIONS],
                                STEADY_SECONDS + 30))
    if out["answers"] != out["planned"]:
        raise RuntimeError(f"{running.server.name}: {out['planned'] - out['answers']} hits were not counted")
    return out["p99_us"] / 1e3


def _fill(running):
    url = STORE_SETTINGS[running.server.store](running)["FOOTFALL_STORE"]
    out = json.loads(run_pinned([bench_program("year"), url, HITS_PER_DAY, PAGES, DAYS], 300))
    if running.server.store == "postgres":
        running.store.ask("VACUUM ANALYZE")  # as autovacuum would within a minute
    return out


def _latencies(running, client, token, days):
    """p99 of hits, milliseconds of each round: without dashboards, and with them."""
    alone, beside = [], []
    for _ in range(STEADY_ROUNDS):
        alone.append(_p99_ms(running, client))
        with _asking(running.port, token, days):
            beside.append(_p99_ms(running, client))
    return alone, beside


def _slowest(asked):
    """The question that takes longest, and its median."""
    by_question = {name: statistics.median(one[name] for one in asked) for name in asked[0]}
    name = max(by_question, key=by_question.get)
    return f"{name} {by_question[name]:.1f}"


def _measure(store, binary, client):
    with stand(Server(f"footfall {store}", "footfall", 1, store=store), binary) as running:
        filled = _fill(running)
        days = filled["first"], filled["last"]
        token = running.command("token", "add", "bench", "--scopes=stats").strip()
        machine.wait_until_quiet((0, 1), 10)
        with contextlib.closing(_Asker(running.port, token, *days)) as asker:
            if asker.total() < filled["hits"]:
                raise RuntimeError(f"{store}: the year has fewer hits than were written")
            asked = [asker.dashboard_ms() for _ in range(ASKED)]
        alone, beside = _latencies(running, client, token, days)
        return Dashboard(store, filled["hits"], filled["rows"], statistics.median(sum(one.values()) for one in asked),
                         _slowest(asked), statistics.median(alone), statistics.median(beside),
                         statistics.median(b - a for a, b in zip(alone, beside)))


def dashboards(binary, directory):
    """Each store; `directory` is for the client that sends hits."""
    client = costs.build_steady(directory)
    return [_measure(store, binary, client) for store in ("sqlite", "postgres", "redis")]
