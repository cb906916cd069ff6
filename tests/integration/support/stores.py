"""The stores a test can run on, and what they say themselves about the count."""
import os
import signal
import sqlite3

from support.cutter import Cutter
from support.postgres import Postgres
from support.redis import Redis
from support.redis_cluster import SPARE


class SqliteStore:
    name = "sqlite"
    can = ()  # it has no process and no connection of its own

    def __init__(self, folder):
        self.path = os.path.join(str(folder), "footfall.db")
        self.url = "sqlite:" + self.path

    def start(self):
        pass

    def kill(self):
        pass

    def _ask(self, question):
        database = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        try:
            return database.execute(question).fetchone()[0]
        finally:
            database.close()

    def total(self):
        return self._ask("SELECT views FROM counter WHERE site = 'default' AND dimension = 0")

    def is_sound(self):
        return self._ask("PRAGMA integrity_check") == "ok"


class RedisStore:
    """A Redis that writes every commit to disk before it answers, behind a proxy that cuts."""

    name = "redis"
    can = ("restart", "pause", "cut")
    commit_marker = b"EVALSHA"  # in every request that is a commit, and in no other

    def __init__(self, folder):
        self.redis = Redis(folder)
        self.cutter = Cutter(self.redis.port)
        self.url = f"redis://127.0.0.1:{self.cutter.port}/?require=strict"

    def start(self):
        self.redis.start()

    def restart(self):
        self.redis.kill()
        self.redis.start()

    def pause(self):
        self.redis.signal_all(signal.SIGSTOP)

    def resume(self):
        self.redis.signal_all(signal.SIGCONT)

    def kill(self):
        self.cutter.stop()
        self.redis.kill()

    def total(self):
        return int(self.redis.ask("GET", "footfall:total:default"))

    def is_sound(self):
        return self.redis.ask("PING") == "PONG"


class PostgresStore:
    """A PostgreSQL with its own settings, so one that waits for the disk, behind a proxy that cuts."""

    name = "postgres"
    can = ("restart", "pause", "cut")
    commit_marker = b"\0footfall_co"  # of a message Bind: footfall_count, footfall_commit…

    def __init__(self, folder):
        del folder  # it has one of its own
        self.postgres = Postgres()
        self.cutter = Cutter(self.postgres.port)
        self.url = f"postgres://footfall@127.0.0.1:{self.cutter.port}/postgres?require=strict"

    def start(self):
        self.postgres.start()

    def restart(self):
        self.postgres.kill()
        self.postgres.start()

    def pause(self):
        self.postgres.signal_all(signal.SIGSTOP)

    def resume(self):
        self.postgres.signal_all(signal.SIGCONT)

    def kill(self):
        self.cutter.stop()
        self.postgres.remove()

    def total(self):
        return int(self.postgres.psql("SELECT views FROM footfall_counter"
                                      " WHERE site = 'default' AND dimension = 0"))

    def is_sound(self):
        return self.postgres.psql("SELECT count(*) FROM footfall_schema") == "2"


class RedisClusterStore:
    """A Redis Cluster whose answers wait for a replica, so that a fail-over loses nothing. It tells
    its clients the addresses of its nodes, so there is no proxy in between that could cut."""

    name = "redis-cluster"
    can = ("restart", "fail over", "move", "pause")
    total_key = "footfall:{30}:total:default"  # of the shard of the default site

    def __init__(self, folder):
        del folder  # it has one of its own
        self.cluster = SPARE.take()
        self.url = self.cluster.url + "/?require=strict&wait=1"

    def start(self):
        pass  # it runs already

    def restart(self):
        self.cluster.kill_and_restart(self.total_key)

    def fail_over(self):
        self.cluster.fail_over(self.total_key)

    def move(self):
        self.cluster.move_slot(self.total_key)

    def pause(self):
        self.cluster.pause(self.total_key)

    def resume(self):
        self.cluster.resume()

    def kill(self):
        self.cluster.remove()

    def total(self):
        return int(self.cluster.ask("GET", self.total_key))

    def is_sound(self):
        self.cluster.wait_well()
        return True


STORES = {kind.name: kind for kind in (SqliteStore, RedisStore, RedisClusterStore, PostgresStore)}


def can(store, what):
    """What may be done to a store: restart, pause (until resume), cut its connections; have a replica
    take over (fail over), move what it holds to another node (move)."""
    return what in store.can


def stores_that(what):
    """The names of the stores to which that can be done, for parametrize."""
    return sorted(name for name, kind in STORES.items() if can(kind, what))
