"""The proof: a login that was made through one process holds in every other, outlives any of them, and
ends everywhere at once."""
import os
import random
import threading
import time

import pytest

from support.accounts import (EMAIL, PASSWORD, Gate, add_user, log_in, log_out, set_up, setup_code,
                              user_of)
from support.browser import at_once, insist
from support.faults import Faults
from support.program import wait_for
from support.stores import can

PROCESSES = 4
REQUESTS = int(os.environ.get("FOOTFALL_TEST_LOGIN_REQUESTS", "4000"))
USERS = 40
CLIENTS = 200
THREADS = 8
KILLS = 16


def test_a_login_outlives_the_process_that_made_it(store, tmp_path, ending):
    """It holds in all processes; then the one that made it is killed, then all of them."""
    gate = Gate(store, tmp_path, ending, PROCESSES)
    gate.set_up()
    browser = gate.browser()
    made_by = log_in(browser).process
    pages = [browser.get("/dashboard") for _ in range(2 * PROCESSES)]
    assert {page.user for page in pages} == {EMAIL}
    assert len({page.process for page in pages}) == PROCESSES

    gate.servers[int(made_by.removeprefix("process"))].kill()
    pages = [insist(lambda: browser.get("/dashboard")) for _ in range(2 * PROCESSES)]
    assert {page.user for page in pages} == {EMAIL}
    assert len({page.process for page in pages}) == PROCESSES - 1

    gate.deployment.kill_all_and_start()
    assert user_of(browser) == EMAIL


def test_a_logout_holds_everywhere_at_once(store, tmp_path, ending):
    """S08: 1,000 requests with the cookie, while its owner logs out through another process: who began
    after that was answered is refused."""
    gate = Gate(store, tmp_path, ending, PROCESSES)
    owner = gate.set_up(process=0)
    bystander = gate.logged_in()
    answered = []  # when the logout was
    asked = []     # (when it began, who the page says it is)

    def ask(process):
        thief = owner.copy(gate.servers[process].port)
        for i in range(100):
            began = time.monotonic()
            asked.append((began, user_of(thief)))
            if not answered:
                wait_for(lambda: answered or i < 20, "the logout")

    def leave():
        wait_for(lambda: len(asked) > 100, "some requests", 30)
        page = log_out(owner)
        answered.append(time.monotonic())
        assert "storage" in page.headers["clear-site-data"]

    at_once([leave] + [lambda process=process: ask(process) for process in (1, 2, 3, 1, 2, 3) + (1, 2, 3, 1)])
    after = [user for began, user in asked if began > answered[0]]
    assert len(asked) == 1000 and len(after) >= 500
    assert set(after) == {None}
    assert EMAIL in {user for began, user in asked if began < answered[0]}
    assert user_of(bystander) == EMAIL  # another login of the same user goes on


def test_a_logout_outlives_the_processes_and_the_store(store, tmp_path, ending):
    """S08: nothing brings a login back that has ended."""
    gate = Gate(store, tmp_path, ending, 2)
    owner = gate.set_up()
    thief = owner.copy()
    assert user_of(thief) == EMAIL
    log_out(owner)
    gate.deployment.kill_all_and_start()
    if can(store, "restart"):
        store.restart()
    assert [user_of(thief) for _ in range(4)] == 4 * [None]


@pytest.mark.parametrize("store", ["redis", "sqlite"], indirect=True)
def test_a_login_has_a_cookie_of_its_own(store, tmp_path, ending):
    """S03, S05: what the browser had before never becomes a login, also not the login before."""
    gate = Gate(store, tmp_path, ending, 2)
    first = gate.set_up()
    planted = first.cookies["footfall"][:11] + "A" * 43  # of the right form, and of this user
    for victim in (gate.browser(), gate.browser(is_secure=True)):
        victim.cookies[victim.login_cookie] = planted
        assert user_of(victim) is None
        attacker = victim.copy()
        page = log_in(victim)
        assert page.status == 303
        assert victim.cookies[victim.login_cookie] != planted
        assert user_of(victim) == EMAIL and user_of(attacker) is None
        line = next(line for line in page.set_cookies if line.startswith(victim.login_cookie + "="))
        attributes = {part.strip().lower() for part in line.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= attributes, line
        assert ("secure" in attributes) == victim.is_secure, line
        assert not [part for part in attributes if part.startswith("domain")], line

        before = victim.copy()
        insist(lambda: victim.get("/login?again=1"))
        page = insist(lambda: victim.post("/login", email=EMAIL, password=PASSWORD))
        assert page.status == 303
        assert user_of(victim) == EMAIL and user_of(before) is None


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_visitors_get_no_cookie(store, tmp_path, ending):
    """S06: only who logs in gets one."""
    gate = Gate(store, tmp_path, ending, 1)
    visitor = gate.browser()
    for path in ("/", "/count?p=/a", "/count?p=/a&id=7", "/c/default.json", "/c/default.svg", "/login",
                 "/setup", "/dashboard", "/nothing-here", "/healthz", "/version"):
        page = insist(lambda: visitor.get(path))
        assert page.set_cookies == [], path
    code = setup_code(gate.servers[0])
    for page in (set_up(visitor, "wrong-code-here"), log_in(visitor), set_up(visitor, code, password="x")):
        assert page.status in (400, 403) and page.set_cookies == []
    assert visitor.cookies == {}


class Crowd:
    """Browsers that are logged in, each as one of many users, and ask again and again who they are."""

    def __init__(self, gate, seed):
        self.chance = random.Random(seed)
        self.emails = [f"user{i}@example.org" for i in range(USERS)]
        self.clients = []   # (browser, e-mail)
        self.answered = 0
        self.wrong = []     # (e-mail, what the page said instead)
        self.lock = threading.Lock()
        self._add_users(gate)
        self._log_in(gate)

    def _add_users(self, gate):
        rest = iter(self.emails)
        at_once([lambda: [add_user(gate.servers[0], email) for email in rest_of(rest, self.lock)]
                 for _ in range(3)])

    def _log_in(self, gate):
        wanted = iter([self.emails[i % USERS] for i in range(CLIENTS)])

        def log_some_in(thread):
            for i, email in enumerate(rest_of(wanted, self.lock)):
                browser = gate.logged_in(email, address=f"2001:db8:{thread:x}:{i:x}::1")
                self.clients.append((browser, email))

        at_once([lambda thread=thread: log_some_in(thread) for thread in range(4)])

    def ask(self, requests, check):
        """Each thread has some of the browsers, so that no browser asks twice at once."""
        def run(clients, chance):
            while self.answered < requests:
                check()
                browser, email = chance.choice(clients)
                user = user_of(browser)
                with self.lock:
                    self.answered += 1
                    if user != email:
                        self.wrong.append((email, user))

        at_once([lambda i=i: run(self.clients[i::THREADS], random.Random(self.chance.random()))
                 for i in range(THREADS)])


def rest_of(iterator, lock):
    """What is left of it, when several threads take of it."""
    while True:
        with lock:
            taken = next(iterator, None)
        if taken is None:
            return
        yield taken


def test_no_login_is_lost_or_mixed_up_whatever_dies(store, seed, tmp_path, ending):
    """200 browsers of 40 users, while processes are killed and the store is restarted: every answer is
    for the one who asked."""
    chance = random.Random(seed)
    gate = Gate(store, tmp_path, ending, PROCESSES)
    gate.set_up()
    crowd = Crowd(gate, seed)
    plan = KILLS * [("kill", lambda: gate.deployment.kill_one(chance))]
    if can(store, "restart"):
        plan.insert(KILLS // 2, ("restart store", store.restart))
    faults = Faults(plan, lambda: crowd.answered, REQUESTS)

    faults.start()
    try:
        crowd.ask(REQUESTS, faults.check)
    finally:
        faults.stop()
    faults.check()

    assert sum(faults.done.values()) >= KILLS - 1, faults.done
    assert crowd.answered >= REQUESTS and crowd.wrong == []
    assert [user_of(browser) for browser, _ in crowd.clients] == [email for _, email in crowd.clients]
