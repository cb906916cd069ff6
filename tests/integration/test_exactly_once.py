"""The proof: every visit is counted once, whatever dies.

Clients send 20,000 hits and more through HAProxy, which gives each request to another process than
the one before. Meanwhile processes are killed and replaced, the store's connections are cut, its
replies dropped, the store itself killed. A client that was not answered sends the same hit again.
At the end the store holds exactly the hits that were sent."""
import os
import random
import socket
import threading
from collections import Counter

import pytest

from support import matrix
from support.clients import Clients
from support.deployment import Apart, UnderMaster
from support.faults import Faults
from support.footfall import RELEASE, SANITIZED
from support.haproxy import HAProxy
from support.naive import NaiveCounter
from support.stores import can

HITS = 20_000
CLIENTS = 64
TIMEOUT_S = 120

# What a client may meet on the way; anything else is wrong. The proxy in front answers 502 when
# the process it had chosen died.
EXPECTED_FAILURES = {"closed", "refused", "silent", "left", 502, 503, 504}

# One more of each kind with the sanitizers watching.
DEPLOYMENTS = [
    (Apart, 1, RELEASE), (Apart, 2, RELEASE), (Apart, 4, RELEASE),
    (UnderMaster, 2, RELEASE), (UnderMaster, 4, RELEASE),
    (Apart, 2, SANITIZED), (UnderMaster, 2, SANITIZED),
]


def cuts(store, chance):
    """Ways to lose the connection to the store; each is over when it has really happened."""
    cutter = store.cutter

    def then_wait(command, *arguments):
        command(*arguments)
        cutter.wait()

    return (6 * [("cut", lambda: then_wait(cutter.cut))]
            + 8 * [("drop reply", lambda: then_wait(cutter.drop_reply, store.commit_marker))]
            + 4 * [("cut request", lambda: then_wait(cutter.cut_request, chance.randrange(200)))]
            + 4 * [("cut reply", lambda: then_wait(cutter.cut_reply, chance.randrange(50)))])


def fault_plan(store, deployment, chance):
    """What goes wrong during one run, in random order."""
    plan = 20 * [("kill", lambda: deployment.kill_one(chance))]
    plan += 2 * [("replace", deployment.replace)]
    if can(store, "restart"):
        plan += 2 * [("restart store", store.restart)]
    else:
        plan += 4 * [("kill all", deployment.kill_all_and_start)]
    if can(store, "fail over"):
        plan += 2 * [("fail over", store.fail_over)]
    if can(store, "move"):
        plan += 4 * [("move slot", store.move)]
    if can(store, "cut"):
        plan += cuts(store, chance)
    chance.shuffle(plan)
    return plan


def check_shown(clients, deployment):
    """Every process shows the same: the site's total, and each page's."""
    assert deployment.value() == len(clients.told)
    for path, hits in Counter(told.path for told in clients.told.values()).items():
        assert deployment.value("default" + path) == hits, path


def run_through_faults(clients, faults, hits=HITS):
    """Sends so many hits, and more until the last fault is over."""
    faults.start()
    try:
        clients.run(lambda: len(clients.told) < hits or not faults.are_over(), TIMEOUT_S,
                    faults.check)
    finally:
        faults.stop()
    faults.check()


def check_answers(clients):
    """No number was given twice, and nobody ever saw the count go back."""
    assert set(clients.failures) <= EXPECTED_FAILURES, clients.failures
    counted = [told for told in clients.told.values() if not told.duplicate]
    numbers = Counter(told.site_count for told in counted)
    assert not [n for n, times in numbers.items() if times > 1], "two visitors got the same number"
    pages = Counter((told.path, told.count) for told in counted)
    assert not [page for page, times in pages.items() if times > 1], "the same for a page"
    for answers in clients.order:
        for before, after in zip(answers, answers[1:]):
            grows = after.site_count > before.site_count
            stays = after.duplicate and after.site_count == before.site_count
            assert grows or stays, (before.site_count, after.site_count, after.duplicate)


def check_duplicates(clients):
    """An id is a duplicate when it was sent before, and then always."""
    for told in clients.told.values():
        assert told.attempts > 1 or not told.duplicate, "a duplicate at the first try"
    for first, again in clients.repeats:
        assert again.duplicate, (first.site_count, again.site_count)
        assert again.site_count >= first.site_count and again.count >= first.count


def check_total(clients, stored):
    """Stored is what was answered, plus those of whom nobody was told anything."""
    answered = len(clients.told)
    assert answered <= stored() <= answered + len(clients.unknown)
    # Asked again, the unknown ones tell which they were, and then every id is counted once.
    for id_, path in clients.unknown.items():
        clients.told[id_] = clients.ask_again(id_, path)
    assert stored() == len(clients.told)


def evidence(clients, deployment):
    """Where a wrong total comes from: pages that show more than was sent, and what the logs say."""
    sent = Counter(told.path for told in clients.told.values())
    sent.update(clients.unknown.values())
    shown = {path: deployment.value("default" + path) for path in sent}
    too_much = {path: (value, sent[path]) for path, value in shown.items() if value > sent[path]}
    lines = [f"total {deployment.value()}, of pages {sum(shown.values())}; too much: {too_much}"]
    for server in deployment.servers:
        lines += [line for line in server.log().splitlines()
                  if "level=info" not in line and "unresolved" not in line][-20:]
    return "\n".join(lines)


def name_of(parameter):
    if parameter in (RELEASE, SANITIZED):
        return os.path.basename(os.path.dirname(parameter))
    return getattr(parameter, "__name__", str(parameter))


@pytest.mark.parametrize("kind, processes, binary", DEPLOYMENTS, ids=name_of)
def test_every_hit_is_counted_once(store, kind, processes, binary, seed, tmp_path, ending):
    chance = random.Random(seed)
    deployment = kind(tmp_path, processes, store=store.url, binary=binary)
    ending.append(deployment)
    deployment.start()
    deployment.servers[0].set_site("public_counters=pages")
    haproxy = HAProxy(tmp_path, deployment.ports)
    ending.append(haproxy)
    haproxy.start()
    clients = Clients(haproxy.port, CLIENTS, seed)
    faults = Faults(fault_plan(store, deployment, chance), lambda: len(clients.told), HITS)

    run_through_faults(clients, faults)

    print(f"{len(clients.told)} hits answered, {len(clients.unknown)} unknown; "
          f"failed attempts {dict(clients.failures)}; faults {dict(faults.done)}")
    check_answers(clients)
    if can(store, "cut"):
        assert store.cutter.cuts + store.cutter.drops >= 20
    try:
        check_total(clients, store.total)
    except AssertionError:
        print(evidence(clients, deployment))
        raise
    check_shown(clients, deployment)
    check_duplicates(clients)
    assert store.is_sound()
    deployment.stop()
    matrix.add(store.name, "all at once", sum(faults.done.values()), len(clients.told),
               store.total())


def test_the_proof_notices_a_counter_that_counts_retries_twice(seed, ending):
    """A negative control: the same clients and checks on a counter that makes no promise."""
    naive = NaiveCounter()
    ending.append(naive)
    clients = Clients(naive.port, CLIENTS, seed)
    clients.run(lambda: len(clients.told) < 1000, TIMEOUT_S)
    with pytest.raises(AssertionError):
        check_total(clients, naive.total)
    with pytest.raises(AssertionError):
        check_duplicates(clients)


class OtherProgram(threading.Thread):
    """A program that knows nothing of Footfall and does INCR on the same Redis."""

    def __init__(self, port, key):
        super().__init__(daemon=True)
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.request = f"*2\r\n$4\r\nINCR\r\n${len(key)}\r\n{key}\r\n".encode()
        self.numbers = []
        self.stopped = threading.Event()

    def run(self):
        with self.connection, self.connection.makefile("rb") as replies:
            while not self.stopped.is_set():
                self.connection.sendall(self.request)
                self.numbers.append(int(replies.readline()[1:]))

    def stop(self):
        self.stopped.set()
        self.join(10)


@pytest.mark.parametrize("store", ["redis"], indirect=True)
def test_counts_on_in_the_number_of_another_program(store, seed, tmp_path, ending):
    """FOOTFALL_REDIS_TOTAL_KEY: both count in one number, at the same time, and none is given twice."""
    store.redis.ask("SET", "visitorCounter", "41")
    deployment = Apart(tmp_path, 2, store=store.url, FOOTFALL_REDIS_TOTAL_KEY="visitorCounter")
    ending.append(deployment)
    deployment.start()
    deployment.servers[0].set_site("public_counters=pages")
    assert deployment.value() == 41
    haproxy = HAProxy(tmp_path, deployment.ports)
    ending.append(haproxy)
    haproxy.start()
    clients = Clients(haproxy.port, CLIENTS, seed, give_up=0)
    other = OtherProgram(store.redis.port, "visitorCounter")

    other.start()
    clients.run(lambda: len(clients.told) < 5000 or len(other.numbers) < 1000, TIMEOUT_S)
    other.stop()

    check_answers(clients)
    total = int(store.redis.ask("GET", "visitorCounter"))
    assert total == deployment.value() == 41 + len(clients.told) + len(other.numbers)
    counted = [told.site_count for told in clients.told.values() if not told.duplicate]
    numbers = counted + other.numbers
    assert len(numbers) == len(set(numbers)), "a number was given to both"
