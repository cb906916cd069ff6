"""Stores that come back without what they had confirmed: it is replayed by the processes that live.

A fail-over to a replica that lagged behind, a snapshot that was restored, a log without its tail:
afterwards the store holds every hit that was answered."""
import glob
import os
import random
import shutil
import signal
import subprocess

import pytest

from support import matrix, prometheus
from support.clients import Clients
from support.cutter import Cutter
from support.faults import Faults
from support.footfall import Footfall
from support.program import wait_for
from support.postgres import Postgres
from support.redis import Redis
from test_exactly_once import TIMEOUT_S

WORKERS = 2
FAIL_OVERS = 18
SNAPSHOTS = 10
CUT_LOGS = 6
STANDBYS = 4
COPIES = 3

# So many answers come between what the store keeps and the moment it goes.
HITS_LOST_EACH_TIME = 200


class ReplicatedRedis:
    """A primary and a replica behind one address, which follows the fail-over."""

    def __init__(self, folder):
        self.folder = folder
        self.started = 0
        self.primary = self._start()
        self.replica = self._start("--replicaof", f"127.0.0.1 {self.primary.port}")
        self.address = Cutter(self.primary.port)
        self._wait_in_sync()

    def _start(self, *settings):
        folder = os.path.join(str(self.folder), f"redis{self.started}")
        os.makedirs(folder)
        self.started += 1
        return Redis(folder, "off", "--repl-diskless-sync-delay", "0", *settings).start()

    def _wait_in_sync(self):
        wait_for(lambda: "master_link_status:up" in self.replica.ask("INFO", "replication"),
                 "the replica")

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.address.port}/"

    def fail_over(self, wait_for_hits):
        """The replica lags behind from the first moment on, and is the primary in the end."""
        self.replica.ask("REPLICAOF", "NO", "ONE")
        wait_for_hits()
        self.primary.kill()
        self.address.target_port = self.replica.port
        self.primary = self.replica
        self.replica = self._start("--replicaof", f"127.0.0.1 {self.primary.port}")
        self._wait_in_sync()

    def ask(self, *command):
        return self.primary.ask(*command)

    def kill(self):
        self.address.stop()
        self.primary.kill()
        self.replica.kill()


def restore_snapshot(redis, wait_for_hits):
    """The server ends, and comes back with what it held some hits ago."""
    redis.ask("SAVE")
    dump = os.path.join(redis.folder, "dump.rdb")
    shutil.copy(dump, dump + ".kept")
    wait_for_hits()
    redis.kill()
    shutil.copy(dump + ".kept", dump)
    redis.start()


def cut_log(redis, wait_for_hits, chance):
    """The power goes: the tail of the log was not synced yet. Redis 7.0 leaves half a transaction in
    a log that is torn there, to be carried out at the start after the next one (mended in Valkey,
    pull request 4342), so the log is checked first, as docs/durability.md says."""
    wait_for_hits()
    redis.kill()
    folder = os.path.join(redis.folder, "appendonlydir")
    [log] = glob.glob(os.path.join(folder, "*.incr.aof"))
    os.truncate(log, max(0, os.path.getsize(log) - chance.randrange(1, 100_000)))
    subprocess.run(["redis-check-aof", "--fix", os.path.join(folder, "appendonly.aof.manifest")],
                   input="y\n", text=True, check=True, stdout=subprocess.DEVNULL, timeout=30)
    redis.start()


class ReplicatedPostgres:
    """A primary and an asynchronous standby behind one address, which follows the fail-over."""

    def __init__(self):
        self.primary = Postgres().start()
        self.address = Cutter(self.primary.port)
        self.standby = self._start_standby()

    def _start_standby(self):
        standby = Postgres(primary=self.primary).start()
        wait_for(lambda: self.primary.psql("SELECT state FROM pg_stat_replication") == "streaming",
                 "the standby", 30)
        return standby

    @property
    def url(self):
        return f"postgres://footfall@127.0.0.1:{self.address.port}/postgres"

    def fail_over(self, wait_for_hits):
        """The standby lags behind from the first moment on, and is the primary in the end."""
        self.standby.psql("SELECT pg_promote(wait => false)")
        wait_for(lambda: self.standby.psql("SELECT pg_is_in_recovery()") == "f", "the promotion", 60)
        wait_for_hits()
        self.primary.remove()
        self.address.target_port = self.standby.port
        self.primary = self.standby
        self.standby = self._start_standby()

    def total(self):
        return postgres_total(self.primary)

    def kill(self):
        self.address.stop()
        self.primary.remove()
        self.standby.remove()


def postgres_total(postgres):
    return int(postgres.psql("SELECT coalesce(max(views), 0) FROM footfall_counter"
                             " WHERE site = 'default' AND dimension = 0"))


def restore_copy(postgres, wait_for_hits):
    """The server ends, and comes back with the files it had some hits ago."""
    data, kept = (os.path.join(postgres.folder, name) for name in ("data", "kept"))
    postgres.end()
    subprocess.run(["cp", "-a", data, kept], check=True, timeout=60)
    postgres.start()
    wait_for_hits()
    postgres.kill()
    shutil.rmtree(data)
    os.rename(kept, data)
    postgres.start()


class Progress:
    """Waits for so many more answers."""

    def __init__(self, clients):
        self.clients = clients

    def wait_for_hits(self):
        goal = len(self.clients.told) + HITS_LOST_EACH_TIME
        wait_for(lambda: len(self.clients.told) >= goal, f"{HITS_LOST_EACH_TIME} more hits", 60)


def metric(footfall, name):
    """The sum over the workers; each is asked until all have been seen."""
    seen = {}

    def ask():
        for (sample, labels), value in prometheus.parse(footfall.get("/metrics").text()).items():
            if sample == name:
                seen[labels] = value
        return len(seen) == WORKERS

    wait_for(ask, f"{name} of all workers")
    return sum(seen.values())


def run(store, name, fault, times, tmp_path, seed, ending):
    """Counts while `fault` happens `times` times; `store` is (name, url, total()). A client asks again only when it was not answered,
    so nothing is counted twice either."""
    store_name, url, stored = store
    footfall = Footfall(tmp_path, store=url, workers=WORKERS)
    ending.append(footfall)
    footfall.start()
    clients = Clients(footfall.port, 16, seed, leave=0, give_up=0, repeat=0)
    progress = Progress(clients)
    goal = times * 2 * HITS_LOST_EACH_TIME
    faults = Faults(times * [(name, lambda: fault(progress.wait_for_hits))],
                    lambda: len(clients.told), goal)

    faults.start()
    try:
        clients.run(lambda: len(clients.told) < goal or not faults.are_over(), TIMEOUT_S,
                    faults.check)
    finally:
        faults.stop()
    faults.check()

    # A worker that has nothing to commit finds out within seconds by itself.
    wait_for(lambda: stored() >= len(clients.told),
             lambda: f"{len(clients.told)} answered hits, {stored()} are stored")
    replayed = metric(footfall, "footfall_store_replayed_commits_total")
    print(f"{times} times gone back: {len(clients.told)} hits answered, {stored()} stored, "
          f"{replayed:.0f} commits replayed; failed attempts {dict(clients.failures)}")
    matrix.add(store_name, name, times, len(clients.told), stored())
    assert footfall.value() == len(clients.told)
    assert metric(footfall, "footfall_store_lost_commits_total") == 0
    assert replayed > 0
    assert footfall.get("/readyz").json()["lost"] == []
    assert footfall.stop() == 0


def of(redis):
    """As run() wants it."""
    return "redis", redis.url, lambda: int(redis.ask("GET", "footfall:total:default") or 0)


class Removed:
    """Ends a PostgreSQL together with its folder."""

    def __init__(self, postgres):
        self.kill = postgres.remove


def test_fail_over_to_a_replica_that_lags_behind(tmp_path, seed, ending):
    redis = ReplicatedRedis(tmp_path)
    ending.append(redis)
    run(of(redis), "fail-over to a lagging replica", redis.fail_over, FAIL_OVERS, tmp_path, seed,
        ending)


@pytest.fixture
def redis(request, tmp_path, ending):
    redis = Redis(str(tmp_path), request.param)
    ending.append(redis)
    return redis.start()


@pytest.mark.parametrize("redis", ["off"], indirect=True)
def test_a_snapshot_is_restored(redis, tmp_path, seed, ending):
    run(of(redis), "snapshot restored", lambda wait: restore_snapshot(redis, wait), SNAPSHOTS, tmp_path,
        seed, ending)


@pytest.mark.parametrize("redis", ["everysec"], indirect=True)
def test_the_log_lost_its_tail(redis, tmp_path, seed, ending):
    chance = random.Random(seed)
    run(of(redis), "log lost its tail", lambda wait: cut_log(redis, wait, chance), CUT_LOGS, tmp_path,
        seed, ending)


def test_fail_over_to_a_standby_that_lags_behind(tmp_path, seed, ending):
    postgres = ReplicatedPostgres()
    ending.append(postgres)
    run(("postgres", postgres.url, postgres.total), "fail-over to a lagging replica",
        postgres.fail_over, STANDBYS, tmp_path, seed, ending)


def test_a_copy_of_the_files_is_restored(tmp_path, seed, ending):
    postgres = Postgres()
    ending.append(Removed(postgres))
    postgres.start()
    run(("postgres", postgres.url, lambda: postgres_total(postgres)), "snapshot restored",
        lambda wait: restore_copy(postgres, wait), COPIES, tmp_path, seed, ending)


@pytest.mark.parametrize("redis", ["off"], indirect=True)
def test_an_idle_process_finds_out_by_itself(redis, tmp_path, ending):
    footfall = Footfall(tmp_path, store=redis.url)
    ending.append(footfall)
    footfall.start()
    assert [footfall.hit()["site_count"] for _ in range(5)] == [1, 2, 3, 4, 5]
    redis.kill()
    redis.start()  # without a log it is empty
    wait_for(lambda: redis.ask("GET", "footfall:total:default") == "5", "the replay")
    assert footfall.hit()["site_count"] == 6
    assert footfall.stop() == 0


@pytest.mark.parametrize("redis", ["off"], indirect=True)
def test_a_process_that_is_told_to_end_waits_for_its_store_and_replays(redis, tmp_path, ending):
    """TERM comes while the store is away: whoever restarts both does that."""
    footfall = Footfall(tmp_path, store=redis.url)
    ending.append(footfall)
    footfall.start()
    for _ in range(50):
        footfall.hit()
    redis.kill()
    footfall.signal(signal.SIGTERM)
    footfall.wait_until(lambda: "draining" in footfall.log(), "the drain")
    redis.start()  # without a log it is empty
    assert footfall.process.wait(15) == 0
    assert redis.ask("GET", "footfall:total:default") == "50"


@pytest.mark.parametrize("redis", ["off"], indirect=True)
def test_a_process_that_is_told_to_end_replays_first(redis, tmp_path, ending):
    footfall = Footfall(tmp_path, store=redis.url)
    ending.append(footfall)
    footfall.start()
    for _ in range(50):
        footfall.hit()
    redis.ask("FLUSHALL")
    assert footfall.hit()["site_count"] == 51
    assert footfall.stop() == 0
    assert redis.ask("GET", "footfall:total:default") == "51"
