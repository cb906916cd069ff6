"""footfall db backup and restore: what was answered before a backup began is in it, and a database is
replaced whole or not at all."""
import os
import random
import sqlite3
import stat
import subprocess
import threading

import pytest

from support.clients import Clients
from support.deployment import Apart
from support.footfall import RELEASE, SANITIZED, Footfall
from support.stores import SqliteStore

CLIENTS = 16
BACKUPS = 6


def db(folder, *words, binary=RELEASE, **settings):
    """Runs `footfall db WORDS` on sqlite:footfall.db of `folder`, to its end."""
    return subprocess.run([binary, "db", *words], cwd=folder, env=settings, text=True, timeout=60,
                          capture_output=True, check=False)


def store_at(folder, name):
    store = SqliteStore(folder)
    store.path = os.path.join(str(folder), name)
    store.url = "sqlite:" + store.path
    return store


def count(folder, hits, name="footfall"):
    """A Footfall in `folder` counts some hits and ends; its store."""
    footfall = Footfall(folder, name=name)
    footfall.start()
    for _ in range(hits):
        footfall.hit()
    assert footfall.stop() == 0
    return store_at(folder, "footfall.db")


class Load(threading.Thread):
    """Clients that count until they are told to stop."""

    def __init__(self, ports, seed):
        super().__init__(daemon=True)
        self.all = [Clients(port, CLIENTS // len(ports), seed + port, leave=0, give_up=0, repeat=0)
                    for port in ports]
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=clients.run, daemon=True,
                                         args=(lambda: not self.stopped.is_set(), 60))
                        for clients in self.all]

    def start(self):
        for thread in self.threads:
            thread.start()

    def answered(self):
        return sum(len(clients.told) for clients in self.all)

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()


# Backup


@pytest.mark.parametrize("binary", [RELEASE, SANITIZED], ids=["release", "asan"])
def test_a_backup_while_four_processes_count_has_all_that_was_answered_before(
        tmp_path, seed, ending, binary):
    store = SqliteStore(tmp_path)
    deployment = Apart(tmp_path / "run", 4, store=store.url)
    ending.append(deployment)
    deployment.start()
    load = Load(deployment.ports, seed)
    load.start()
    backups = []
    for number in range(BACKUPS):
        while load.answered() < 200 * (number + 1):
            assert all(thread.is_alive() for thread in load.threads)
        before = load.answered()
        done = db(tmp_path, "backup", f"backup-{number}.db", binary=binary)
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"footfall.db is backed up in backup-{number}.db\n"
        backups.append((store_at(tmp_path, f"backup-{number}.db"), before))
    load.stop()

    for clients in load.all:
        assert not clients.failures, "counting was held up"
    assert store.total() == load.answered()
    for backup, before in backups:
        assert backup.is_sound()
        assert before <= backup.total() <= load.answered()
        mode = os.stat(backup.path).st_mode
        assert stat.S_IMODE(mode) == 0o600, "visitors' records are nobody else's business"
    assert sorted(name for name in os.listdir(tmp_path) if name.startswith("backup")) == [
        f"backup-{number}.db" for number in range(BACKUPS)], "something was left behind"
    deployment.stop()


def test_a_restored_backup_counts_on_and_knows_its_ids(tmp_path, ending):
    footfall = Footfall(tmp_path)
    ending.append(footfall)
    footfall.start()
    footfall.hit("/a", "&id=one")
    assert db(tmp_path, "backup", "backup.db").returncode == 0
    footfall.hit("/a", "&id=two")
    assert footfall.stop() == 0
    done = db(tmp_path, "restore", "backup.db")
    assert done.returncode == 0, done.stderr
    assert "what was there is in footfall.db.before-restore" in done.stdout
    footfall.start()
    assert footfall.value() == 1
    assert footfall.hit("/a", "&id=one")["duplicate"]
    assert not footfall.hit("/a", "&id=two")["duplicate"], "it came after the backup"
    assert footfall.stop() == 0
    assert store_at(tmp_path, "footfall.db.before-restore").total() == 2
    assert store_at(tmp_path, "footfall.db").is_sound()


def test_a_backup_never_takes_the_place_of_a_file(tmp_path):
    count(tmp_path, 1)
    (tmp_path / "mine.txt").write_text("my own")
    done = db(tmp_path, "backup", "mine.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is there already" in done.stderr
    assert (tmp_path / "mine.txt").read_text() == "my own"


def test_a_backup_that_is_killed_leaves_no_half_of_one(tmp_path, seed):
    chance = random.Random(seed)
    store = count(tmp_path, 3)
    database = sqlite3.connect(store.path)
    database.executemany("INSERT INTO counter VALUES ('default', 1, ?, 1)",
                         [(f"/page/{number}",) for number in range(20_000)])
    database.commit()
    database.close()
    kills = 0
    for number in range(20):
        with subprocess.Popen([RELEASE, "db", "backup", f"b{number}.db"], cwd=tmp_path, env={},
                              stdout=subprocess.DEVNULL) as process:
            try:
                process.wait(chance.random() * 0.05)
            except subprocess.TimeoutExpired:
                process.kill()
        kills += process.returncode == -9
        if os.path.exists(tmp_path / f"b{number}.db"):
            backup = store_at(tmp_path, f"b{number}.db")
            assert backup.is_sound() and backup.total() == 3
    assert kills >= 3
    assert store.is_sound()


# Restore


def test_nothing_is_restored_while_a_process_has_it_open(tmp_path, ending):
    count(tmp_path, 2)
    assert db(tmp_path, "backup", "backup.db").returncode == 0
    footfall = Footfall(tmp_path)
    ending.append(footfall)
    footfall.start()
    footfall.hit()
    done = db(tmp_path, "restore", "backup.db")
    assert (done.returncode, done.stdout) == (1, "")
    assert "a Footfall has it open" in done.stderr
    assert footfall.hit()["site_count"] == 4, "it counts on as if nothing had been"
    footfall.kill()
    done = db(tmp_path, "restore", "backup.db")
    assert done.returncode == 0, done.stderr
    assert store_at(tmp_path, "footfall.db").total() == 2
    kept = store_at(tmp_path, "footfall.db.before-restore")
    assert kept.is_sound() and kept.total() == 4, "what a killed process had answered is kept"


def test_a_database_that_is_broken_is_replaced_and_kept_as_it_is(tmp_path):
    store = count(tmp_path, 2)
    assert db(tmp_path, "backup", "backup.db").returncode == 0
    with open(store.path, "r+b") as file:
        file.write(b"something else entirely")
    with open(store.path, "rb") as file:
        broken = file.read()
    done = db(tmp_path, "restore", "backup.db")
    assert done.returncode == 0, done.stderr
    assert store.is_sound() and store.total() == 2
    assert (tmp_path / "footfall.db.before-restore").read_bytes() == broken


def test_the_new_one_belongs_to_whom_the_old_one_did(tmp_path):
    store = count(tmp_path, 1)
    assert db(tmp_path, "backup", "backup.db").returncode == 0
    os.chmod(store.path, 0o640)
    if os.geteuid() == 0:
        os.chown(store.path, 65534, 65534)
    before = os.stat(store.path)
    assert db(tmp_path, "restore", "backup.db").returncode == 0
    after = os.stat(store.path)
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid,
                                                           before.st_gid)


def of_another_program(path):
    database = sqlite3.connect(path)
    database.execute("CREATE TABLE aunt (letter TEXT)")
    database.commit()
    database.close()


def of_a_newer_footfall(path):
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 99")
    database.close()


def damaged(path):
    """A page in the midst is overwritten: what no look at the beginning would find."""
    database = sqlite3.connect(path)
    database.executemany("INSERT INTO counter VALUES ('default', 1, ?, 1)",
                         [(f"/page/{number}",) for number in range(2000)])
    database.commit()
    database.close()
    with open(path, "r+b") as file:
        file.seek(os.path.getsize(path) // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)


@pytest.mark.parametrize("spoil, says", [
    (os.unlink, "is not there"),
    (lambda path: os.truncate(path, 0), "it is empty"),
    (lambda path: os.truncate(path, 8192), ""),
    (lambda path: (os.unlink(path), of_another_program(path)), "another program"),
    (of_a_newer_footfall, "newer Footfall"),
    (damaged, "it is damaged"),
], ids=["missing", "empty", "cut", "other", "newer", "damaged"])
def test_what_is_no_sound_backup_is_refused(tmp_path, spoil, says):
    store = count(tmp_path, 2)
    assert db(tmp_path, "backup", "backup.db").returncode == 0
    spoil(str(tmp_path / "backup.db"))
    done = db(tmp_path, "restore", "backup.db")
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    assert says in done.stderr and done.stderr.count("\n") == 1
    assert store.is_sound() and store.total() == 2
    assert not [name for name in os.listdir(tmp_path) if name.startswith("footfall.db.") and
                name != "footfall.db.lock"], "something was left behind"


def test_two_restores_do_not_lose_the_first_database(tmp_path):
    count(tmp_path, 2)
    assert db(tmp_path, "backup", "backup.db").returncode == 0
    assert db(tmp_path, "restore", "backup.db").returncode == 0
    done = db(tmp_path, "restore", "backup.db")
    assert (done.returncode, done.stdout) == (1, "")
    assert "move it away" in done.stderr


def test_kill_9_of_a_restore_leaves_the_old_one_or_the_new_one(tmp_path, seed):
    chance = random.Random(seed)
    store = count(tmp_path, 2)
    assert db(tmp_path, "backup", "backup.db").returncode == 0
    count(tmp_path, 1, name="more")
    seen = set()
    for _ in range(40):
        with subprocess.Popen([RELEASE, "db", "restore", "backup.db"], cwd=tmp_path, env={},
                              stdout=subprocess.DEVNULL) as process:
            try:
                process.wait(chance.random() * 0.04)
            except subprocess.TimeoutExpired:
                process.kill()
        assert process.returncode in (0, -9)
        assert store.is_sound() and store.total() in (2, 3)
        seen.add((process.returncode, store.total()))
        if os.path.exists(store.path + ".before-restore"):
            os.replace(store.path + ".before-restore", store.path)
        if store.total() == 2:
            count(tmp_path, 1, name="more")
        for name in os.listdir(tmp_path):
            if name.startswith("footfall.db.") and name != "footfall.db.lock":
                os.unlink(tmp_path / name)
    print(seen)
    assert (-9, 3) in seen and (0, 2) in seen, seen


# Other stores


@pytest.mark.parametrize("store, says", [
    ("postgres://127.0.0.1/db", "pg_dump"),
    ("redis://127.0.0.1", "redis-cli"),
    ("unix:/run/redis.sock", "redis-cli"),
    ("memory:", "keeps nothing"),
])
@pytest.mark.parametrize("verb", ["backup", "restore"])
def test_other_stores_have_ways_of_their_own(tmp_path, store, says, verb):
    done = db(tmp_path, verb, "file", FOOTFALL_STORE=store, WEB_CONCURRENCY="1")
    assert (done.returncode, done.stdout) == (78, "")
    assert (says if verb == "backup" else "SQLite") in done.stderr
    assert os.listdir(tmp_path) == []


def test_there_is_nothing_to_back_up_where_nothing_is(tmp_path):
    done = db(tmp_path, "backup", "backup.db")
    assert (done.returncode, done.stdout) == (69, "")
    assert "nothing to back up" in done.stderr
    assert os.listdir(tmp_path) == []


def test_a_backup_can_be_restored_where_no_database_is(tmp_path):
    count(tmp_path, 2)
    assert db(tmp_path, "backup", "backup.db").returncode == 0
    done = db(tmp_path, "restore", "backup.db", FOOTFALL_STORE="sqlite:new.db")
    assert (done.returncode, done.stdout) == (0, "new.db is restored from backup.db\n")
    assert store_at(tmp_path, "new.db").total() == 2
