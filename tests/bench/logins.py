"""What checking a session costs, how many a store takes, and what hits notice of a flood of logins."""
import contextlib
import dataclasses
import http.client
import json
import os
import statistics
import threading
import urllib.parse

import costs
import load
import machine
from dashboard import STEADY_PATH, STEADY_RATE, STEADY_SECONDS
from processes import BOTH_CPUS, LOAD_CPU, SERVER_CPU, run_pinned
from servers import Server, stand

SECONDS, ROUNDS = 3, 3
STORES = ("sqlite", "postgres", "redis")
SESSION = {"user": "ada", "data": {"city": "Bern"}}

# One read of the store each: of a session, of a number, and what a hit has to do.
CHECKED, UNCHECKED, COUNTED = "/auth", "/c/default.json", "/"

GUESSERS = 4


@dataclasses.dataclass(frozen=True)
class Check:
    store: str
    us: dict  # {path: CPU of the server per request}, medians of the rounds

    @property
    def ratio(self):
        return self.us[CHECKED] / self.us[UNCHECKED]


@dataclasses.dataclass(frozen=True)
class Reads:
    """Session reads with everything on both CPUs: two workers, the store and the load."""

    store: str
    rate: float
    server_us: float
    store_us: float


@dataclasses.dataclass(frozen=True)
class Flood:
    """p99 of hits at a steady rate: alone, and while GUESSERS log in without a pause; medians of the rounds."""

    store: str
    alone_p99_ms: float
    beside_p99_ms: float
    difference_ms: float
    checked: int  # passwords that were checked in all
    refused: int  # tries that the throttle refused


def _session_token(running):
    """That of a session of an application, which a new API token makes."""
    token = running.command("token", "add", "bench", "--scopes=sessions").strip()
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    with contextlib.closing(connection):
        connection.request("POST", "/api/v1/sessions", json.dumps(SESSION),
                           {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 201:
            raise RuntimeError(f"no session: {answer.status} {body[:200]}")
        return json.loads(body)["token"]


def _measure(store, binary, path, workers=1, server_cpu=SERVER_CPU, load_cpu=LOAD_CPU):
    server = Server(f"footfall {store}", "footfall", workers, store=store, path="/healthz")
    with stand(server, binary, cpu=server_cpu) as running:
        shape = load.Shape(path, 0, 0, path=path, headers=(f"Cookie: session={_session_token(running)}",))
        result = load.measure(running, shape, SECONDS, cpu=load_cpu)
    if result.errors:
        raise RuntimeError(f"{path}: {result.errors} requests were not answered with 2xx")
    return result


def checks(binary):
    rows = []
    for store in STORES:
        us = {path: [] for path in (CHECKED, UNCHECKED, COUNTED)}
        for _ in range(ROUNDS):
            for path, spent in us.items():
                spent.append(_measure(store, binary, path).server_us)
        rows.append(Check(store, {path: statistics.median(spent) for path, spent in us.items()}))
    return rows


def reads(binary):
    rows = []
    for store in STORES:
        result = _measure(store, binary, CHECKED, 2, BOTH_CPUS, BOTH_CPUS)
        rows.append(Reads(store, result.rate, result.server_us, result.store_us))
    return rows


class _Guesser:
    """Tries to log in as somebody else, from another address, each time; on the CPU of the load, and gives way to it."""

    def __init__(self, port, number):
        self._port, self._number, self._tries = port, number, 0
        self.statuses = []

    def run(self, over):
        thread_id = threading.get_native_id()
        os.sched_setaffinity(thread_id, {LOAD_CPU})
        os.setpriority(os.PRIO_PROCESS, thread_id, 19)
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
            while not over.is_set():
                self._guess(connection)

    def _guess(self, connection):
        self._tries += 1
        who = f"{self._number}-{self._tries}"
        connection.request("POST", "/login", urllib.parse.urlencode(
            {"email": f"{who}@example.org", "password": f"a guess of {who}"}),
            {"Origin": f"http://127.0.0.1:{self._port}", "Content-Type": "application/x-www-form-urlencoded",
             "X-Forwarded-For": f"203.{self._number}.{self._tries % 250}.7"})
        answer = connection.getresponse()
        answer.read()
        self.statuses.append(answer.status)


@contextlib.contextmanager
def _guessing(port, first):
    over = threading.Event()
    guessers = [_Guesser(port, first + n) for n in range(GUESSERS)]
    threads = [threading.Thread(target=guesser.run, args=(over,)) for guesser in guessers]
    for thread in threads:
        thread.start()
    try:
        yield guessers
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _p99_ms(running, client):
    out = json.loads(run_pinned([client, running.port, STEADY_PATH, STEADY_RATE, STEADY_SECONDS, load.CONNECTIONS],
                                STEADY_SECONDS + 30))
    if out["answers"] != out["planned"]:
        raise RuntimeError(f"{out['planned'] - out['answers']} hits were not counted")
    return out["p99_us"] / 1e3


def _flood(store, binary, client):
    alone, beside, statuses = [], [], []
    for number in range(ROUNDS):
        # A new store each time: its throttle has all of its guesses.
        with stand(Server(f"footfall {store}", "footfall", 1, store=store), binary) as running:
            machine.wait_until_quiet((0, 1), 5)
            alone.append(_p99_ms(running, client))
            with _guessing(running.port, number * GUESSERS) as guessers:
                beside.append(_p99_ms(running, client))
            if not any(guesser.statuses for guesser in guessers):
                raise RuntimeError("nobody tried to log in")
            statuses += [status for guesser in guessers for status in guesser.statuses]
    return Flood(store, statistics.median(alone), statistics.median(beside),
                 statistics.median(b - a for a, b in zip(alone, beside)),
                 statuses.count(403), statuses.count(429))


def floods(binary, directory):
    client = costs.build_steady(directory)
    return [_flood(store, binary, client) for store in STORES]
