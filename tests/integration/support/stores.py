"""The stores a test can run on, and what they say themselves about the count."""
import os
import sqlite3

from support.cutter import Cutter
from support.postgres import Postgres
from support.redis import Redis


class SqliteStore:
    name = "sqlite"
    cutter = None  # no network in between

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
    commit_marker = b"EVALSHA"  # in a request that commits, and in no other

    def __init__(self, folder):
        self.redis = Redis(folder)
        self.cutter = Cutter(self.redis.port)
        self.url = f"redis://127.0.0.1:{self.cutter.port}/?require=strict"

    def start(self):
        self.redis.start()

    def restart(self):
        self.redis.kill()
        self.redis.start()

    def kill(self):
        self.cutter.stop()
        self.redis.kill()

    def total(self):
        return int(self.redis.cli("GET", "footfall:total:default"))

    def is_sound(self):
        return self.redis.cli("PING") == "PONG"


class PostgresStore:
    """A PostgreSQL with its own settings, so one that waits for the disk, behind a proxy that cuts."""

    name = "postgres"
    commit_marker = b"\0footfall_co"  # of a message Bind: footfall_count, footfall_commit

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

    def kill(self):
        self.cutter.stop()
        self.postgres.remove()

    def total(self):
        return int(self.postgres.psql("SELECT views FROM footfall_counter"
                                      " WHERE site = 'default' AND dimension = 0"))

    def is_sound(self):
        return self.postgres.psql("SELECT count(*) FROM footfall_schema") == "1"
