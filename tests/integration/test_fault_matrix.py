"""One fault at a time, on every store; test_exactly_once.py has them all at once.

The table of all of them is printed at the end of the run. docs/durability.md names these tests."""
import glob
import time
from datetime import datetime, timedelta

import pytest

from support import matrix
from support.clients import Clients
from support.deployment import Apart
from support.faults import Faults
from support.footfall import Footfall
from support.haproxy import HAProxy
from support.program import wait_for
from support.stores import stores_that
from test_exactly_once import check_answers, check_total, run_through_faults

CLIENTS = 16
PAUSE_S = 10
STORE_KILLS = 6
FAIL_OVERS = 3
MOVES = 8

FAKETIME = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")


def start(store, tmp_path, ending, **settings):
    footfall = Footfall(tmp_path, store=store.url, **settings)
    ending.append(footfall)
    return footfall.start()


def count_through(store, fault, actions, footfall, seed, hits, port=None):
    """Sends hits to `port`, else to the server's own, while `actions` happen, and adds a row: all
    that was answered is stored once."""
    footfall.set_site("public_counters=pages")  # its clients look at the numbers of pages, too
    clients = Clients(port or footfall.port, CLIENTS, seed)
    faults = Faults([(fault, action) for action in actions], lambda: len(clients.told), hits)

    run_through_faults(clients, faults, hits)
    check_answers(clients)
    check_total(clients, store.total)
    assert store.is_sound()
    matrix.add(store.name, fault, len(actions), len(clients.told), store.total())


@pytest.mark.parametrize("store", stores_that("restart"), indirect=True)
def test_the_store_is_killed_and_restarted(store, tmp_path, seed, ending):
    footfall = start(store, tmp_path, ending, workers=2)
    count_through(store, "store killed, restarted", STORE_KILLS * [store.restart], footfall,
                  seed, 6000)


@pytest.mark.parametrize("store", stores_that("fail over"), indirect=True)
def test_a_primary_is_killed_and_its_replica_takes_over(store, tmp_path, seed, ending):
    footfall = start(store, tmp_path, ending, workers=2)
    count_through(store, "fail-over", FAIL_OVERS * [store.fail_over], footfall, seed, 6000)


@pytest.mark.parametrize("store", stores_that("move"), indirect=True)
def test_what_the_store_holds_moves_to_another_node(store, tmp_path, seed, ending):
    footfall = start(store, tmp_path, ending, workers=2)
    count_through(store, "slot moved", MOVES * [store.move], footfall, seed, 6000)


@pytest.mark.parametrize("store", stores_that("pause"), indirect=True)
def test_the_store_is_silent_for_ten_seconds(store, tmp_path, seed, ending):
    """Stopped in the midst of its work, and then it goes on as if nothing had been."""
    def pause():
        store.pause()
        time.sleep(PAUSE_S)  # the fault itself, not a wait for a condition
        store.resume()

    footfall = start(store, tmp_path, ending, workers=2)
    count_through(store, "store paused 10 s", [pause], footfall, seed, 3000)


def cut_everywhere(cutter, order, footfall, expected):
    """Orders a cut after n bytes of the next commit's exchange, for every n; one hit each time."""
    n = 0
    while True:
        order(n)
        answer = wait_for(lambda: ask(footfall), "an answer", 30)
        expected += 1
        assert answer["site_count"] == expected, f"after a cut at {n}"
        cutter.wait()
        if n >= cutter.last_cut_of:
            return n + 1
        n += 1


def ask(footfall):
    """A hit without an id; 503 says that it is certainly not counted, so it is sent again."""
    answer = footfall.get("/count?p=/", accept="application/json")
    assert answer.status in (200, 503), (answer.status, answer.body)
    return answer.json() if answer.status == 200 else None


@pytest.mark.parametrize("store", stores_that("cut"), indirect=True)
def test_the_connection_is_cut_at_every_byte_of_a_commit(store, tmp_path, ending):
    """In both directions: before, in the midst of and after the request, and likewise the reply."""
    footfall = start(store, tmp_path, ending, FOOTFALL_STORE_TIMEOUT="5s", FOOTFALL_HIT_TIMEOUT="20s")
    assert ask(footfall)["site_count"] == 1
    trials = 0
    for order in (store.cutter.cut_request, store.cutter.cut_reply):
        trials += cut_everywhere(store.cutter, order, footfall, 1 + trials)
    assert trials > 100
    matrix.add(store.name, "cut at every byte of a commit", trials, 1 + trials, store.total())


@pytest.mark.parametrize("store", stores_that("cut"), indirect=True)
def test_a_batch_takes_two_round_trips(store, tmp_path, ending):
    """No fault at all: what the others are compared with. One reads visitors, ids and whether settings
    have changed; one commits."""
    footfall = start(store, tmp_path, ending)
    footfall.hit()
    for query in ("", "&id={}"):
        before = store.cutter.requests
        for i in range(50):
            footfall.hit(query=query.format(i))
        # The store looks after itself now and then.
        assert 100 <= store.cutter.requests - before <= 102
    matrix.add(store.name, "none", 1, 101, store.total())


def log_time(footfall):
    """When it wrote its last line, by its own clock."""
    return datetime.fromisoformat(footfall.log().splitlines()[-1].split()[0].removeprefix("time="))


def test_the_clock_of_one_process_is_an_hour_late(store, tmp_path, seed, ending):
    assert FAKETIME, "libfaketime is not installed: tools/install-packages check"
    late = {"LD_PRELOAD": FAKETIME[0], "FAKETIME": "-1h", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    deployment = Apart(tmp_path, 2, store=store.url)
    late_one = deployment.servers[1]
    late_one.settings.update(late)

    def restart():
        late_one.kill()
        late_one.start()

    ending.append(deployment)
    deployment.start()
    haproxy = HAProxy(tmp_path, deployment.ports)
    ending.append(haproxy)
    haproxy.start()
    count_through(store, "one clock an hour late", 3 * [restart], deployment.servers[0], seed,
                  4000, haproxy.port)
    assert deployment.value() == store.total()
    assert log_time(deployment.servers[0]) - log_time(late_one) > timedelta(minutes=55)
