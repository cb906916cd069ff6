"""The servers compared: one table of how each is started, and how what it counted is read from its store."""
import contextlib
import dataclasses
import http.client
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time

import postgres_server
import redis_server
from processes import SERVER_CPU, Process, free_port, wait_for

HERE = os.path.dirname(os.path.abspath(__file__))
PEERS = os.path.join(HERE, "peers")
TOTAL_KEY = "visitorCounter"

# A request without a browser's agent is a program's, and is not tracked as a visitor's.
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
           "Accept-Language": "en-US,en;q=0.5"}


@dataclasses.dataclass(frozen=True)
class Server:
    """One row of the comparison."""

    name: str
    kind: str  # a key of COMMANDS
    workers: int
    store: str = "redis"  # redis, sqlite, postgres, memory; none: counts nothing
    durability: str = "none"  # of Redis: a key of redis_server.DURABILITY
    path: str = "/"

    @property
    def is_footfall(self):
        return self.kind == "footfall"


SERVERS = [
    Server("footfall memory", "footfall", 1, store="memory"),
    Server("footfall redis", "footfall", 1),
    Server("footfall redis ×2", "footfall", 2),
    Server("footfall sqlite", "footfall", 1, store="sqlite"),
    Server("footfall sqlite ×2", "footfall", 2, store="sqlite"),
    Server("footfall postgres", "footfall", 1, store="postgres"),
    Server("footfall postgres ×2", "footfall", 2, store="postgres"),
    Server("nginx return 200", "nginx-200", 1, store="none"),
    Server("nginx return 200 ×2", "nginx-200", 2, store="none"),
    Server("webdis", "webdis", 2, path=f"/INCR/{TOTAL_KEY}"),
    Server("nginx+Lua", "nginx-lua", 2),
    Server("Flask+gunicorn", "flask", 2),
    Server("footfall redis, always", "footfall", 1, durability="always"),
    Server("footfall redis ×2, always", "footfall", 2, durability="always"),
    Server("webdis, always", "webdis", 2, durability="always", path=f"/INCR/{TOTAL_KEY}"),
]


class Stand:
    """A server that runs, with its store."""

    def __init__(self, server, directory, store, binary=None):
        self.server, self.directory, self.store = server, directory, store  # a Process, or None
        self._binary = binary
        self.port = free_port()
        self.process = None  # set by stand()
        self.start_ms = None  # from fork to the first answer; set by stand()

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path or self.server.path}"

    def get(self, path=None, accept="*/*"):
        """Status and text of one answer on a connection of its own; None when there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path or self.server.path, headers={"Accept": accept})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def answer_bytes(self):
        """Size of a whole answer, head and body."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as s:
            s.sendall(f"GET {self.server.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            return len(s.makefile("rb").read())

    def answers(self):
        answer = self.get()
        return answer is not None and answer[0] == 200

    def counted(self):
        """The number of hits in the store, asked of the store itself where it is another program's or a file."""
        return COUNTED[self.server.store](self)

    def command(self, *words):
        """Runs a command of Footfall on the same store; what it says."""
        return subprocess.run([self._binary, *words], env={**os.environ, **STORE_SETTINGS[self.server.store](self)},
                              check=True, capture_output=True, timeout=20, text=True).stdout

    def store_pids(self):
        return self.store.pids() if self.store else []


def _counted_by_redis(stand):
    return stand.store.counter(TOTAL_KEY)


def _counted_by_sqlite(stand):
    with contextlib.closing(sqlite3.connect(f"file:{_database(stand)}?mode=ro", uri=True, timeout=5)) as db:
        return db.execute("select coalesce(sum(views), 0) from counter where site = 'default' and dimension = 0"
                          ).fetchone()[0]


def _counted_by_itself(stand):
    return int(stand.get("/c/default.txt")[1])


COUNTED = {
    "redis": _counted_by_redis,
    "postgres": lambda stand: stand.store.total(),
    "sqlite": _counted_by_sqlite,
    "memory": _counted_by_itself,
    "none": lambda stand: None,
}


def _database(stand):
    return os.path.join(stand.directory, "footfall.db")


STORE_SETTINGS = {
    "memory": lambda stand: {"FOOTFALL_STORE": "memory:"},
    "redis": lambda stand: {"FOOTFALL_STORE": f"redis://127.0.0.1:{stand.store.port}",
                            "FOOTFALL_REDIS_TOTAL_KEY": TOTAL_KEY},
    "postgres": lambda stand: {"FOOTFALL_STORE": stand.store.url},
    "sqlite": lambda stand: {"FOOTFALL_STORE": f"sqlite:{_database(stand)}"},
}


def _footfall(stand, binary):
    return [binary, "serve"], {
        "FOOTFALL_LISTEN": f"127.0.0.1:{stand.port}",
        "WEB_CONCURRENCY": str(stand.server.workers),
        **STORE_SETTINGS[stand.server.store](stand),
    }


def _filled(stand, name):
    """A copy of a peer's settings with the blanks filled."""
    blanks = {
        "@PORT@": stand.port,
        "@REDIS_PORT@": stand.store.port if stand.store else 0,
        "@WORKERS@": stand.server.workers,
        "@DIR@": stand.directory,
    }
    with open(os.path.join(PEERS, name), encoding="utf-8") as f:
        text = f.read()
    for blank, value in blanks.items():
        text = text.replace(blank, str(value))
    path = os.path.join(stand.directory, name)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)
    return path


def _nginx(stand, settings):
    return ["nginx", "-e", os.path.join(stand.directory, "nginx-error.log"), "-p", stand.directory,
            "-c", _filled(stand, settings), "-g", "daemon off;"], {}


def _flask(stand):
    return ["/usr/bin/python3", "-B", "/usr/bin/gunicorn", "--chdir", PEERS, "--bind", f"127.0.0.1:{stand.port}",
            "--workers", stand.server.workers, "--worker-class", "sync", "flask_redis:app"], \
           {"REDIS_PORT": str(stand.store.port)}


COMMANDS = {
    "footfall": _footfall,
    "nginx-200": lambda stand, _: _nginx(stand, "nginx-200.conf"),
    "nginx-lua": lambda stand, _: _nginx(stand, "nginx-lua.conf"),
    "webdis": lambda stand, _: (["webdis", _filled(stand, "webdis.json")], {}),
    "flask": lambda stand, _: _flask(stand),
}


# Stores that are programs of their own.
STORE_SERVERS = {
    "redis": lambda server, directory, cpu: redis_server.Redis(directory, server.durability, cpu),
    "postgres": lambda server, directory, cpu: postgres_server.Postgres(directory, cpu),
}


@contextlib.contextmanager
def stand(server, binary, step_s=0.01, cpu=SERVER_CPU):
    """Starts `server` and its store in a new directory, on `cpu`; both end, and the directory goes, on leaving."""
    directory = tempfile.mkdtemp(prefix="footfall-bench-")
    try:
        with contextlib.ExitStack() as stack:
            store = None
            if server.store in STORE_SERVERS:
                store = stack.enter_context(STORE_SERVERS[server.store](server, os.path.join(directory, "store"), cpu))
            running = Stand(server, directory, store, binary)
            command, env = COMMANDS[server.kind](running, binary)
            begin = time.perf_counter()
            running.process = stack.enter_context(Process(command, os.path.join(directory, "server.log"), env, cpu))
            wait_for(server.name, running.process, running.answers, step_s=step_s)
            running.start_ms = (time.perf_counter() - begin) * 1e3
            yield running
    finally:
        shutil.rmtree(directory, ignore_errors=True)
