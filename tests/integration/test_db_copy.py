"""footfall db copy: everything arrives once, whatever interrupts it."""
import os
import pty
import random
import re
import sqlite3
import subprocess
import threading

import pytest

from support import contents, store_tool
from support.footfall import RELEASE, SANITIZED, Footfall
from support.program import free_port, wait_for
from support.redis import Redis
from support.stores import STORES, SqliteStore, stores_that

PAGES = 20_000
HITS = 40
ROLLUPS = 6_000


@pytest.fixture
def source(tmp_path):
    """An SQLite store that counted hits with ids, and has many pages and statistics besides."""
    store = SqliteStore(tmp_path)
    footfall = Footfall(tmp_path, store=store.url, name="source")
    footfall.start()
    for number in range(HITS):
        footfall.hit(f"/hit/{number % 7}", f"&id=id-{number}")
    assert footfall.stop() == 0
    database = sqlite3.connect(store.path)
    database.executemany("INSERT INTO counter VALUES (?, 1, ?, ?)", [
        ("default" if number % 3 else f"site-{number % 50}", f"/page/{number}/\u00e9?", number + 1)
        for number in range(PAGES)])
    database.execute("INSERT INTO counter VALUES ('default', 1, '/back-to-nothing', 0)")
    database.commit()
    database.close()
    store_tool.fill(store.url, ROLLUPS)
    return store


@pytest.fixture(params=sorted(STORES))
def target(request, tmp_path):
    """Each store in turn, empty."""
    folder = tmp_path / "target"
    folder.mkdir()
    store = STORES[request.param](folder)
    store.start()
    yield store
    store.kill()


@pytest.fixture
def copy(tmp_path):
    """Starts `footfall db copy FROM TO`; a Popen whose output is text."""
    started = []

    def start(source, target, binary=RELEASE, **settings):
        process = subprocess.Popen([binary, "db", "copy", source, target], cwd=tmp_path,
                                   env={"PATH": os.environ["PATH"], **settings}, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def outcome(process, timeout_s=60):
    """(exit code, standard output, standard error)"""
    out, err = process.communicate(timeout=timeout_s)
    return process.returncode, out, err


def expect_copied(process, target):
    code, out, err = outcome(process)
    assert code == 0, err
    last = out.splitlines()[-1]
    assert re.fullmatch(r"copied (before, )?and compared: \d+ counters with \d+ views, \d+ rows of statistics, "
                        r"and \d+ records are in .*", last), last
    return last


def wait_for_the_midst(process, target):
    """Something of the copy has arrived, and it is not complete."""
    if target.name == "redis-cluster":
        wait_for(lambda: target.cluster.ask("EXISTS", target.total_key) == "1", "the first counters")
    else:
        wait_for(lambda: target.cutter.bytes_passed > 300_000, "the midst of the copy")
    assert process.poll() is None, "it was faster"


def kill_in_the_midst(process, target):
    wait_for_the_midst(process, target)
    process.kill()
    assert outcome(process)[0] == -9, "it was faster"


def test_everything_arrives_and_can_be_counted_on(source, target, copy, tmp_path, ending):
    before = contents.of(source)
    last = expect_copied(copy(source.url, target.url), target)
    assert f"{len(before.counters)} counters with {sum(before.counters.values())} views" in last
    assert f"{len(before.rollups)} rows of statistics" in last and len(before.rollups) > ROLLUPS / 2
    assert f"{len(before.records)} records" in last and len(before.records) > HITS
    contents.of(target).assert_same(before)
    contents.of(source).assert_same(before)

    footfall = Footfall(tmp_path, store=target.url, name="goes-on")
    ending.append(footfall)
    footfall.start()
    assert footfall.value() == HITS
    again = footfall.hit("/hit/1", "&id=id-1")
    assert again["duplicate"] and again["site_count"] == HITS, "ids are known there, too"
    assert footfall.hit("/hit/1", "&id=new")["site_count"] == HITS + 1
    assert footfall.stop() == 0


def test_once_more_copies_nothing_and_finds_all_well(source, target, copy):
    expect_copied(copy(source.url, target.url), target)
    before = contents.of(target)
    assert expect_copied(copy(source.url, target.url), target).startswith("copied before")
    contents.of(target).assert_same(before)


def test_there_and_back_again(source, target, copy, tmp_path):
    before = contents.of(source)
    expect_copied(copy(source.url, target.url, SANITIZED), target)
    (tmp_path / "back").mkdir()
    back = SqliteStore(tmp_path / "back")
    expect_copied(copy(target.url, back.url, SANITIZED), back)
    contents.of(back).assert_same(before)
    assert back.is_sound()


def test_kill_9_at_any_moment_and_it_goes_on(source, target, copy, seed):
    chance = random.Random(seed)
    before = contents.of(source)
    kills = 0
    longest_s = 0.005
    while True:
        process = copy(source.url, target.url)
        try:
            process.wait(chance.random() * longest_s)
        except subprocess.TimeoutExpired:
            process.kill()
        code, _, err = outcome(process)
        if code == 0:
            break
        assert code == -9, err
        kills += 1
        longest_s *= 1.3  # how fast this machine is nobody knows before
    print(f"{kills} kills")
    assert kills >= 5
    contents.of(target).assert_same(before)


@pytest.mark.parametrize("target", stores_that("restart"), indirect=True)
def test_statistics_that_moved_between_two_attempts_are_caught_up_with(source, target, copy):
    kill_in_the_midst(copy(source.url, target.url), target)
    store_tool.fill(source.url, ROLLUPS)
    expect_copied(copy(source.url, target.url), target)
    contents.of(target).assert_same(contents.of(source))


def test_records_for_ever_stay_so(target, copy, tmp_path):
    source = SqliteStore(tmp_path)
    for key in ("site/default", "site/site-1"):
        store_tool.write_forever(source.url, key)
    expect_copied(copy(source.url, target.url), target)
    assert store_tool.lasting_records(target.url) == {"site/default", "site/site-1"}


@pytest.mark.parametrize("target", stores_that("cut"), indirect=True)
def test_lost_connections_and_replies_double_nothing(source, target, copy, seed):
    chance = random.Random(seed)
    before = contents.of(source)
    for _ in range(6):
        target.cutter.drop_reply(target.commit_marker)
    for _ in range(3):
        target.cutter.cut_request(chance.randrange(100))
        target.cutter.cut_reply(chance.randrange(60))
    expect_copied(copy(source.url, target.url), target)
    assert target.cutter.cuts + target.cutter.drops >= 8
    contents.of(target).assert_same(before)


@pytest.mark.parametrize("target", stores_that("restart"), indirect=True)
def test_a_store_that_is_restarted_meanwhile_is_waited_for(source, target, copy):
    before = contents.of(source)
    process = copy(source.url, target.url)
    wait_for_the_midst(process, target)
    target.restart()
    expect_copied(process, target)
    contents.of(target).assert_same(before)


def test_of_two_at_once_one_gives_way(source, target, copy):
    before = contents.of(source)
    results = [outcome(process) for process in [copy(source.url, target.url) for _ in range(2)]]
    codes = {code for code, _, _ in results}
    for code, _, err in results:
        # One that looks while the other one begins finds counts, and no copy yet.
        assert code == 0 or (code == 1 and ("another copy writes to" in err or
                                            "holds counts already" in err)), (code, err)
    if codes == {1}:  # each got in the way of the other: then one goes on alone
        expect_copied(copy(source.url, target.url), target)
    contents.of(target).assert_same(before)


def test_a_store_that_holds_counts_is_left_alone(source, target, copy, tmp_path):
    footfall = Footfall(tmp_path, store=target.url, name="other")
    footfall.start()
    footfall.hit("/mine")
    assert footfall.stop() == 0
    before = contents.of(target)
    code, out, err = outcome(copy(source.url, target.url))
    assert (code, out) == (1, "")
    assert "holds counts already" in err
    contents.of(target).assert_same(before)


@pytest.mark.parametrize("target", ["redis"], indirect=True)
def test_an_unfinished_copy_is_told_from_another_one(source, target, copy, tmp_path):
    kill_in_the_midst(copy(source.url, target.url), target)
    (tmp_path / "other").mkdir()
    other = SqliteStore(tmp_path / "other")
    footfall = Footfall(tmp_path, store=other.url, name="other")
    footfall.start()
    footfall.hit()
    assert footfall.stop() == 0
    code, _, err = outcome(copy(other.url, target.url))
    assert code == 1 and "an unfinished copy of another store" in err

    (tmp_path / "third").mkdir()
    third = SqliteStore(tmp_path / "third")
    code, _, err = outcome(copy(target.url, third.url))
    assert code == 1 and "is an unfinished copy itself" in err

    process = copy(source.url, target.url)
    code, _, err = outcome(process)
    assert code == 0 and "going on with the copy" in err
    contents.of(target).assert_same(contents.of(source))


@pytest.mark.parametrize("target", ["redis"], indirect=True)
def test_counts_that_came_to_the_destination_meanwhile_are_not_overwritten(source, target, copy):
    kill_in_the_midst(copy(source.url, target.url), target)
    target.redis.ask("HINCRBY", "footfall:page:default", "/hit/1", "1000000")
    code, _, err = outcome(copy(source.url, target.url))
    assert code == 1 and "was counted on since the copy began" in err
    assert int(target.redis.ask("HGET", "footfall:page:default", "/hit/1")) >= 1_000_000


def test_a_source_that_is_counted_on_meanwhile_is_found_out(source, copy, tmp_path, ending):
    (tmp_path / "target").mkdir()
    target = SqliteStore(tmp_path / "target")
    footfall = Footfall(tmp_path, store=source.url, name="counts-on")
    ending.append(footfall)
    footfall.start()
    stopped = threading.Event()

    def count():
        while not stopped.is_set():
            footfall.hit("/meanwhile")

    counting = threading.Thread(target=count, daemon=True)
    counting.start()
    code, out, err = outcome(copy(source.url, target.url))
    stopped.set()
    counting.join(10)
    assert (code, out) == (1, "")
    assert "was counted on while it was copied" in err
    assert footfall.stop() == 0
    expect_copied(copy(source.url, target.url), target)
    contents.of(target).assert_same(contents.of(source))


@pytest.mark.parametrize("target", ["redis"], indirect=True)
def test_the_number_of_another_program_is_the_total(source, target, copy, tmp_path):
    """FOOTFALL_REDIS_TOTAL_KEY holds for the copy as it does for serve, in both directions."""
    expect_copied(copy(source.url, target.url, FOOTFALL_REDIS_TOTAL_KEY="visitors"), target)
    assert target.redis.ask("GET", "visitors") == str(HITS)
    assert target.redis.ask("EXISTS", "footfall:total:default") == "0"
    (tmp_path / "back").mkdir()
    back = SqliteStore(tmp_path / "back")
    expect_copied(copy(target.url, back.url, FOOTFALL_REDIS_TOTAL_KEY="visitors"), back)
    contents.of(back).assert_same(contents.of(source))


@pytest.mark.parametrize("words, code, says", [
    ([], 2, "footfall db copy FROM TO"),
    (["sqlite:a.db"], 2, "footfall db copy FROM TO"),
    (["sqlite:footfall.db", "sqlite:footfall.db"], 2, "to itself"),
    (["sqlite:nothing.db", "sqlite:b.db"], 69, "is not there"),
    (["gopher://x", "sqlite:b.db"], 78, "a store is"),
    (["sqlite:footfall.db", "sqlite:"], 78, "names no file"),
    (["memory:", "sqlite:b.db"], 78, "memory"),
    (["sqlite:footfall.db", "memory:"], 78, "memory"),
], ids=str)
def test_what_cannot_be_copied_is_told(source, tmp_path, words, code, says):
    done = subprocess.run([RELEASE, "db", "copy", *words], cwd=tmp_path, env={}, text=True,
                          capture_output=True, timeout=20, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr and done.stderr.count("\n") == 1
    assert not os.path.exists(tmp_path / "b.db") and not os.path.exists(tmp_path / "nothing.db")


def test_a_server_that_is_not_there_ends_it_with_69_and_passwords_are_not_shown(source, copy):
    process = copy(source.url, f"redis://user:hunter2@127.0.0.1:{free_port()}/0",
                   FOOTFALL_STORE_TIMEOUT="300ms")
    code, out, err = outcome(process)
    assert (code, out) == (69, "")
    assert "cannot be used" in err and "***" in err and "hunter2" not in err


def test_a_redis_that_does_not_let_itself_be_read_out_is_told(source, tmp_path, ending, copy):
    redis = Redis(str(tmp_path), "always")
    ending.append(redis)
    redis.start()
    redis.ask("ACL", "SETUSER", "counter", "on", ">secret", "~footfall:*", "+select", "+eval",
              "+evalsha", "+mget", "+hmget", "+get", "+exists", "+hlen", "+zcard", "+incrby", "+hset",
              "+hincrby", "+set", "+expire", "+del", "+zadd", "+zrem", "+zremrangebyscore", "+info",
              "+config|get")
    url = f"redis://counter:secret@127.0.0.1:{redis.port}/"
    code, _, err = outcome(copy(source.url, url, FOOTFALL_STORE_TIMEOUT="200ms"))
    assert code == 69 and "+scan" in err, err


def test_on_a_terminal_a_bar_shows_how_far_it_is(source, tmp_path, ending):
    redis = Redis(str(tmp_path), "always")  # which takes its time
    ending.append(redis)
    redis.start()
    master, terminal = pty.openpty()
    with subprocess.Popen([RELEASE, "db", "copy", source.url, redis.url], stderr=terminal,
                          stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, env={}) as process:
        os.close(terminal)
        shown = b""
        while True:
            try:
                shown += os.read(master, 65536)
            except OSError:  # nobody has the other end any more
                break
        assert process.wait(60) == 0
    os.close(master)
    assert re.search(rb"\r\x1b\[Kcopying   \[#*\.*\] +\d+ %, \d+ of \d+", shown), shown
    assert shown.endswith(b"\r\x1b[K"), "the bar goes away at the end"
