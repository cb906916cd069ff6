"""The stores a test can run on, and what they say themselves about the count."""
import os
import sqlite3

from support.cutter import Cutter
from support.redis import Redis


class SqliteStore:
    name = "sqlite"

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
