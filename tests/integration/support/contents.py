"""What a store holds, to compare two stores: the counters and the records, read past Footfall, and
the rollups, read by its driver."""
import re
import sqlite3
import time

from support import store_tool

NEVER_MS = 2**63 - 1  # as SQLite's store says that a record does not expire


class Contents:
    """counters  (site, dimension, value) -> views; those of 0 left out
    records   key -> (value, seconds left to live; -1: it does not expire)
    rollups   as store_tool.rollups() gives them"""

    def __init__(self, counters, records):
        self.counters = {name: views for name, views in counters.items() if views}
        self.records = records
        self.rollups = {}

    def assert_same(self, other, tolerance_s=30):
        """The same, but for the time that went by between the two."""
        assert self.counters == other.counters
        assert self.rollups == other.rollups
        assert self.records.keys() == other.records.keys()
        for key, (value, left_s) in self.records.items():
            other_value, other_left_s = other.records[key]
            assert value == other_value, key
            assert abs(left_s - other_left_s) < tolerance_s, (key, left_s, other_left_s)


def of_sqlite(path):
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        counters = {(site, dimension, value): views for site, dimension, value, views in
                    database.execute("SELECT site, dimension, value, views FROM counter")}
        records = {bytes(key): (bytes(value), -1 if expires_ms == NEVER_MS else
                                expires_ms / 1000 - time.time())
                   for key, value, expires_ms in
                   database.execute("SELECT key, value, expires_unix_ms FROM record")}
    finally:
        database.close()
    return Contents(counters, records)


def add_redis(redis, prefix, counters, records):
    """What one server has under `prefix`, a regular expression. Keys may be any bytes."""
    for key in redis.call("KEYS", "footfall:*"):
        match = re.fullmatch(prefix + b"(total|page|record):(.*)", key, re.DOTALL)
        if not match:
            continue
        kind, name = match.groups()
        if kind == b"total":
            counters[(name.decode(), 0, "")] = int(redis.call("GET", key))
        elif kind == b"page":
            fields = redis.call("HGETALL", key)
            counters.update({(name.decode(), 1, path.decode()): int(views)
                             for path, views in zip(fields[::2], fields[1::2])})
        else:
            # Versions are random bytes, so the value is asked for without them.
            value = redis.call("GETRANGE", key, "8", "-1")
            records[name] = (value, int(redis.call("TTL", key)))


def of_redis(redis):
    counters, records = {}, {}
    add_redis(redis, b"footfall:", counters, records)
    return Contents(counters, records)


def of_cluster(cluster):
    counters, records = {}, {}
    for node in cluster.primaries():
        add_redis(node, rb"footfall:\{\d\d\}:", counters, records)
    return Contents(counters, records)


def of_postgres(postgres):
    rows = [row.split("|") for row in postgres.psql(
        "SELECT site, dimension, value, views FROM footfall_counter").splitlines()]
    counters = {(site, int(dimension), value): int(views) for site, dimension, value, views in rows}
    rows = [row.split("|") for row in postgres.psql(
        "SELECT encode(key, 'hex'), encode(value, 'hex'),"
        " CASE expires WHEN 'infinity' THEN -1 ELSE extract(epoch FROM expires - now()) END"
        " FROM footfall_record WHERE expires > now()").splitlines()]
    records = {bytes.fromhex(key): (bytes.fromhex(value), float(left_s))
               for key, value, left_s in rows}
    return Contents(counters, records)


def without_rollups(store):
    """Counters and records of a store of support/stores.py."""
    readers = {"sqlite": lambda: of_sqlite(store.path), "redis": lambda: of_redis(store.redis),
               "redis-cluster": lambda: of_cluster(store.cluster),
               "postgres": lambda: of_postgres(store.postgres)}
    return readers[store.name]()


def of(store):
    """Of a store of support/stores.py."""
    contents = without_rollups(store)
    contents.rollups = store_tool.rollups(store.url)
    return contents
