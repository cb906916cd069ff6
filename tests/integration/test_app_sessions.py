"""Sessions of other applications, on the real binary and on every store: several processes, one
truth. The ids in the comments are of the list of requirements of sessions."""
import threading
import time

import pytest

from support.deployment import Apart
from support.footfall import SANITIZED
from support.haproxy import HAProxy
from support.nginx import Nginx
from support.program import wait_for
from support.sessions import Application, add_token
from support.stores import stores_that

PROCESSES = 3
READERS = 20
READS = 1000


class Keeper:
    """Footfall in three processes behind HAProxy, and an application."""

    def __init__(self, folder, store):
        self.store = store
        self.folder = folder
        self.processes = Apart(folder, PROCESSES, store=store.url, binary=SANITIZED)
        self.proxy = HAProxy(folder, self.processes.ports)
        self.api_token = None
        self.applications = []
        self.tokens = []  # all that may not be found in any log

    def start(self):
        self.processes.start()
        self.proxy.start()
        self.api_token = self.new_api_token()
        return self

    def new_api_token(self, *flags):
        self.tokens.append(add_token(self.store.url, "sessions", *flags))
        return self.tokens[-1]

    def application(self, port=None, api_token=None):
        """One that asks all processes in turn, or the one at `port`."""
        made = Application(port or self.proxy.port, api_token or self.api_token)
        self.applications.append(made)
        return made

    def each(self):
        """An application at each process."""
        return [self.application(port) for port in self.processes.ports]

    def begin(self, application, **members):
        session = application.begin(**members)
        self.tokens.append(session["token"])
        return session

    def stop(self):
        for application in self.applications:
            application.close()
        self.processes.stop()  # leaks would be found here
        for server in self.processes.servers:
            for token in self.tokens:
                assert token not in server.log()  # S04

    def kill(self):
        self.proxy.kill()
        self.processes.kill()


@pytest.fixture
def keeper(store, tmp_path, ending):
    made = Keeper(tmp_path, store)
    ending.append(made)
    yield made.start()
    made.stop()


def without_token(session):
    return {key: value for key, value in session.items() if key != "token"}


def test_every_process_knows_every_session(keeper):
    session = keeper.begin(keeper.application(), user="ada", data={"cart": [17]}, country="DE")
    for application in keeper.each():
        answer = application.read(session)
        assert answer.status == 200
        assert answer.json() == without_token(session)
        assert application.auth(session).headers["x-user"] == "ada"
        listed = application.call("list", user="ada")
        assert listed.json() == {"sessions": [without_token(session)]}


def test_of_two_who_change_it_one_is_told_so(keeper):
    first, second, third = keeper.each()
    session = keeper.begin(first, user="ada", data={"n": 0})
    change = {"token": session["token"], "version": 1}
    done = first.call("update", data={"n": 1}, **change)
    assert (done.status, done.json()["version"]) == (200, 2)
    late = second.call("update", data={"n": 2}, **change)
    assert late.status == 409
    assert late.json()["error"]["code"] == "conflict"
    assert late.json()["session"] == third.read(session).json()
    assert late.json()["session"]["data"] == {"n": 1}


def test_no_change_is_lost(keeper):
    """Each adds to what it has read, and begins anew when somebody was faster."""
    times = 10
    session = keeper.begin(keeper.application(), user="ada", data={"n": 0})

    def add(application):
        for _ in range(times):
            now = application.read(session).json()
            while True:
                answer = application.call("update", token=session["token"], version=now["version"],
                                          data={"n": now["data"]["n"] + 1})
                if answer.status == 200:
                    break
                assert answer.status == 409, (answer.status, answer.body)
                now = answer.json()["session"]

    run_all([lambda app=app: add(app) for app in keeper.each()])
    last = keeper.application().read(session).json()
    assert last["data"] == {"n": times * PROCESSES}
    assert last["version"] == 1 + times * PROCESSES


def run_all(calls):
    """Runs them at once; fails when one does."""
    failures = []

    def guarded(call):
        try:
            call()
        except BaseException as failure:  # pylint: disable=broad-except
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures


@pytest.mark.parametrize("how", ["revoke", "revoke-all"])
def test_after_a_revocation_nobody_gets_in(keeper, how):
    """S08: reads in all processes, at the same time; none that begins after the revocation was
    answered finds the session."""
    revoker, *_ = keeper.each()
    session = keeper.begin(revoker, user="ada")
    reads = []  # (when it began, status)
    end = {}

    def read_on(application, ask):
        while sum(began > end.get("at", float("inf")) for began, _ in list(reads)) < READS:
            began = time.monotonic()
            reads.append((began, ask(application)))

    def read(application):
        return application.read(session).status

    def auth(application):
        return {401: 404}.get(application.auth(session).status, 200)

    def revoke():
        wait_for(lambda: len(reads) > READS // 4, "reads before the revocation", 60)
        named = {"token": session["token"]} if how == "revoke" else {"user": "ada"}
        assert revoker.call(how, **named).status == 200
        end["at"] = time.monotonic()

    run_all([revoke] + [lambda app=keeper.application(), ask=ask: read_on(app, ask)
                        for ask in [read, auth] * (READERS // 2)])
    before = [status for began, status in reads if began < end["at"]]
    after = [status for began, status in reads if began > end["at"]]
    assert 200 in before and set(before) <= {200, 404}
    assert len(after) >= READS and set(after) == {404}
    assert revoker.call("revoke", token=session["token"]).status == 404
    assert revoker.call("list", user="ada").json() == {"sessions": []}


def test_all_of_a_user_but_one(keeper):
    applications = keeper.each()
    sessions = [keeper.begin(app, user="ada") for app in applications]
    other = keeper.begin(applications[0], user="eve")
    assert [s["id"] for s in applications[1].call("list", user="ada").json()["sessions"]] == \
        [s["id"] for s in reversed(sessions)]
    assert applications[2].call("revoke-all", user="ada",
                                **{"except": sessions[1]["id"]}).status == 200
    for app in applications:
        assert [app.read(session).status for session in sessions] == [404, 200, 404]
        assert app.read(other).status == 200


def test_what_was_answered_survives_who_answered(keeper):
    first, second, third = keeper.each()
    for i in range(5):
        session = keeper.begin(first, user="ada", data={"n": i})
        answer = first.call("update", token=session["token"], version=1, data={"n": -i})
        assert answer.status == 200
        keeper.processes.servers[0].kill()
        for app in (second, third):
            assert app.read(session).json()["data"] == {"n": -i}
        keeper.processes.servers[0].start()
        first.close()  # its next call connects anew
        assert first.call("revoke", token=session["token"]).status == 200
        keeper.processes.servers[0].kill()
        assert second.read(session).status == 404
        keeper.processes.servers[0].start()
        first.close()


def test_an_application_has_its_own_sessions(keeper):
    shop = keeper.application(api_token=keeper.new_api_token("--site=shop"))
    everywhere = keeper.application()
    session = keeper.begin(shop, user="ada")
    assert everywhere.read(session).status == 404
    assert everywhere.call("revoke", token=session["token"]).status == 404
    assert everywhere.call("list", user="ada").json() == {"sessions": []}
    assert everywhere.auth(session).status == 401
    assert everywhere.auth(session, target="/auth?site=shop").status == 200
    assert shop.read(session).status == 200


@pytest.mark.parametrize("store", stores_that("cut"), indirect=True)  # of a cluster one node pauses
def test_without_the_store_nobody_is_let_in(keeper):
    application = keeper.each()[0]
    session = keeper.begin(application, user="ada")
    keeper.store.pause()
    try:
        assert application.auth(session).status == 503
        assert application.read(session).status == 503
    finally:
        keeper.store.resume()
    wait_for(lambda: application.auth(session).status == 200, "the store", 30)
    assert application.read(session).status == 200


def test_behind_nginx(keeper, tmp_path, ending):
    nginx = Nginx(tmp_path, keeper.processes.ports)
    ending.append(nginx)
    nginx.start()
    keeping = keeper.application()
    visiting = keeper.application(nginx.port)

    def visit(session, method="GET"):
        visiting.connection.request(method, "/page?a=b", b"body" if method == "POST" else None, {
            "Cookie": "theme=dark; __Host-session=" + session["token"],
            "X-User": "root", "X-Session-Data": '{"role":"root"}'})  # what no visitor may say
        answer = visiting.connection.getresponse()
        return answer.status, answer.read().decode()

    session = keeper.begin(keeping, user="Ada Lovelace", data={"role": "reader"})
    unsaid = keeper.begin(keeping, user="eve", data={"name": "\u00e9" * 10})
    for _ in range(2 * PROCESSES):
        assert visit(session) == (200, 'user=Ada%20Lovelace data={"role":"reader"}')
        assert visit(unsaid) == (200, "user=eve data={\"name\":\"" + "\\u00e9" * 10 + "\"}")
    assert visit(session, "POST")[0] == 200
    assert visit(session, "DELETE")[0] == 200
    assert keeping.call("revoke", token=session["token"]).status == 200
    for _ in range(2 * PROCESSES):
        assert visit(session)[0] == 401
    assert visit(unsaid)[0] == 200
    assert visit({"token": "x"})[0] == 401
    visiting.connection.request("GET", "/auth")  # nobody asks it from outside
    answer = visiting.connection.getresponse()
    assert (answer.status, answer.read() is not None) == (404, True)
