"""Users and API tokens on the command line: what is changed there holds for the next request. The ids
in the comments are of the list of requirements of accounts and sessions."""
import json
import os
import pty
import re
import select
import signal
import termios
import time
import urllib.parse

import pytest

from support.accounts import is_let_in, log_in, set_up, user_of
from support.browser import Browser, Issued, insist
from support.commands import add_user, footfall
from support.footfall import SANITIZED, Footfall
from support.program import free_port

ANN, BOB = "ann@example.com", "bob@example.org"
PASSWORD, OTHER = "seven grey herons wade", "eight red lamps glow"


@pytest.fixture
def server(tmp_path, store, ending):
    """A master with two workers, on each store in turn."""
    started = Footfall(tmp_path, store=store.url, workers=2, binary=SANITIZED)
    ending.append(started)
    yield started.start()
    assert started.stop() == 0, started.log()
    assert PASSWORD not in started.log() and OTHER not in started.log()


def browser_at(server):
    return Browser(server.port, Issued())


def gets_in(browser, email, password):
    return is_let_in(log_in(browser, email, password)) and user_of(browser) is not None


def users(store):
    listed = json.loads(footfall(store.url, "user", "list", "--json").stdout)["users"]
    return {user["email"]: user for user in listed}


def tokens(store):
    listed = json.loads(footfall(store.url, "token", "list", "--json").stdout)["tokens"]
    return {token["id"]: token for token in listed}


# The first user


def test_a_setup_code_makes_the_first_user_and_no_other(store, server):  # A06
    told = footfall(store.url, "setup-code", FOOTFALL_URL=f"http://127.0.0.1:{server.port}")
    code, link = told.stdout.split()
    assert re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){2}", code)
    assert link == f"http://127.0.0.1:{server.port}/setup?code={code}"
    browser = browser_at(server)
    assert is_let_in(set_up(browser, code, ANN, PASSWORD)) and user_of(browser)
    refused = footfall(store.url, "setup-code", check=False)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "there is a user already" in refused.stderr


def test_the_first_user_is_an_owner_and_the_next_one_a_viewer(store):  # A06
    add_user(store.url, ANN.upper(), PASSWORD, "--name=Ann")
    assert "there is a user already" in footfall(store.url, "setup-code", check=False).stderr
    add_user(store.url, BOB, PASSWORD)
    footfall(store.url, "user", "role", BOB, "editor", "--site=blog")
    again = footfall(store.url, "user", "add", BOB, check=False)
    assert again.returncode == 1 and "already" in again.stderr
    assert {email: user["grants"] for email, user in users(store).items()} == {
        ANN: [{"site": "*", "role": "owner"}],
        BOB: [{"site": "*", "role": "viewer"}, {"site": "blog", "role": "editor"}]}
    footfall(store.url, "user", "role", BOB, "none")
    assert users(store)[BOB]["grants"] == [{"site": "blog", "role": "editor"}]
    for command in (["disable", ANN], ["role", ANN, "viewer"], ["remove", ANN, f"--confirm={ANN}"]):
        last = footfall(store.url, "user", *command, check=False)
        assert last.returncode == 1 and "last owner" in last.stderr, command
    lines = footfall(store.url, "user", "list").stdout.splitlines()
    assert lines[0].split() == ["EMAIL", "STATE", "FACTOR", "CREATED", "ROLES", "NAME"]
    assert lines[1].split()[:3] == [ANN, "active", "no"] and lines[1].endswith("owner           "
                                                                              "Ann")
    assert [line.index(word) for line, word in zip(lines, ("ROLES", "owner", "editor"))] == \
        [lines[0].index("ROLES")] * 3


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("line, is_made", [
    (PASSWORD + "\r\nand a second line\n", True), ("é" * 512, True), (PASSWORD + "\n" + "x" * 3000, True),
    ("x" * 3000, False), ("x" * 1025, False), ("", False), ("\n" + PASSWORD, False),
    (PASSWORD + "\rmore\n", False), (PASSWORD + "\0more", False)],
    ids=["a line", "1,024 bytes", "a long second line", "3,000 bytes", "1,025 bytes", "empty", "an empty line",
         "CR", "NUL"])
def test_the_first_user_comes_from_the_settings(store, tmp_path, ending, line, is_made):  # A06
    path = tmp_path / "password"
    path.write_bytes(line.encode())
    path.chmod(0o640)
    server = Footfall(tmp_path, store=store.url, workers=2, FOOTFALL_ADMIN_EMAIL=ANN,
                      FOOTFALL_ADMIN_PASSWORD_FILE=str(path))
    ending.append(server)
    server.start()
    server.wait_until(lambda: "the first user" in server.log(), "a word about the first user")
    if is_made:
        assert gets_in(browser_at(server), ANN, line.splitlines()[0])
        assert users(store)[ANN]["grants"] == [{"site": "*", "role": "owner"}]
    else:
        assert "the first user cannot be made" in server.log() and not users(store)
    assert "others can read" not in server.log()


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_password_that_others_can_read_is_warned_of(store, tmp_path, ending):
    path = tmp_path / "password"
    path.write_text(PASSWORD)
    path.chmod(0o644)
    server = Footfall(tmp_path, store=store.url, FOOTFALL_ADMIN_EMAIL=ANN, FOOTFALL_ADMIN_PASSWORD_FILE=str(path))
    ending.append(server)
    server.start()
    server.wait_until(lambda: "made the first user" in server.log(), "the first user")
    assert "others can read FOOTFALL_ADMIN_PASSWORD_FILE" in server.log()


# Out at once


def test_who_is_disabled_or_removed_is_out_at_once(store, server):  # S08
    add_user(store.url, ANN, PASSWORD)
    add_user(store.url, BOB, OTHER)
    browser, other = browser_at(server), browser_at(server)
    assert gets_in(browser, BOB, OTHER) and gets_in(other, ANN, PASSWORD)
    assert not gets_in(browser_at(server), BOB, PASSWORD)
    footfall(store.url, "user", "disable", BOB)
    assert not any(user_of(browser) for _ in range(4))
    assert not gets_in(browser, BOB, OTHER)
    footfall(store.url, "user", "enable", BOB)
    assert not user_of(browser)  # what was ended stays so
    assert gets_in(browser, BOB, OTHER)
    footfall(store.url, "user", "remove", BOB, f"--confirm={BOB}")
    assert not any(user_of(browser) for _ in range(4))
    assert not gets_in(browser, BOB, OTHER)
    assert list(users(store)) == [ANN] and user_of(other)


def test_a_new_password_and_a_reset_of_the_factor_end_all_sessions(store, server):  # A07, S09
    add_user(store.url, ANN, PASSWORD)
    browsers = [browser_at(server), browser_at(server)]

    def sessions():
        return json.loads(footfall(store.url, "user", "sessions", ANN, "--json").stdout)["sessions"]

    for command in (["passwd", ANN, "--password-file=-"], ["reset-factor", ANN],
                    ["sessions", ANN, "--end"]):
        password = PASSWORD if command[0] == "passwd" else OTHER
        assert all(gets_in(browser, ANN, password) for browser in browsers)
        assert [session["strength"] for session in sessions()] == ["password"] * 2
        text = footfall(store.url, "user", "sessions", ANN).stdout
        assert [line.split("-  ")[-1].strip() for line in text.splitlines()[1:]] == ["Firefox on Linux"] * 2
        footfall(store.url, "user", *command, typed=OTHER + "\n")
        assert not any(user_of(browser) for browser in browsers * 2)
        assert sessions() == []
    assert not gets_in(browsers[0], ANN, PASSWORD)


def test_without_a_terminal_a_link_to_choose_a_password_is_printed(store):  # A07
    add_user(store.url, ANN, PASSWORD)
    told = footfall(store.url, "user", "add", BOB, "--site=blog", FOOTFALL_LISTEN="[::1]:8123")
    link = urllib.parse.urlsplit(told.stdout.splitlines()[-1])
    assert (link.scheme, link.netloc, link.path) == ("http", "[::1]:8123", "/reset")
    assert re.fullmatch(r"code=[A-Za-z0-9_-]{54}", link.query)
    assert users(store)[BOB]["has_password"] is False


# Tokens


def test_a_token_is_alone_on_standard_output_and_shown_once(store):  # S14
    added = [footfall(store.url, "token", "add", "importer", "--scopes=count,stats", "--days=90"),
             footfall(store.url, "token", "add", "reader", "--scopes", "stats", "--site", "blog")]
    for told in added:
        assert re.fullmatch(r"[A-Za-z0-9_-]{54}\n", told.stdout) and told.stderr == ""
    listed = tokens(store)
    assert [(token["name"], token["scopes"], token["site"]) for token in listed.values()] == [
        ("importer", ["count", "stats"], "*"), ("reader", ["stats"], "blog")]
    lives = [token["expires_unix_s"] and token["expires_unix_s"] - token["created_unix_s"]
             for token in listed.values()]
    assert lives[1] is None and abs(lives[0] - 90 * 86400) < 100
    text = footfall(store.url, "token", "list").stdout
    assert all(told.stdout.strip() not in text for told in added)
    first, second = listed
    assert "importer" in footfall(store.url, "token", "revoke", first).stdout
    assert list(tokens(store)) == [second]
    assert footfall(store.url, "token", "revoke", first, check=False).returncode == 1


def token_made_in(browser, name):
    """The text of a new token."""
    page = insist(lambda: browser.post("/tokens/add", name=name, site="*", scope_stats="1"))
    assert page.status == 200, (page.status, page.text())
    return re.search(r'<code class="code">([A-Za-z0-9_-]{54})</code>', page.text()).group(1)


def test_a_token_is_worth_as_much_as_who_made_it(store, server):  # S14
    add_user(store.url, ANN, PASSWORD)
    add_user(store.url, BOB, OTHER, "--role=owner")
    browser = browser_at(server)
    assert gets_in(browser, BOB, OTHER)
    insist(lambda: browser.get("/tokens"))
    made = token_made_in(browser, "bob's")
    own = footfall(store.url, "token", "add", "the terminal's", "--scopes=stats").stdout.strip()

    def statuses(token):  # each on a connection of its own, so by either worker
        return {server.get("/api/v1/stats", Authorization=f"Bearer {token}").status for _ in range(8)}

    assert statuses(made) == statuses(own) == {200}
    footfall(store.url, "user", "disable", BOB)
    assert (statuses(made), statuses(own)) == ({401}, {200})
    footfall(store.url, "user", "enable", BOB)
    assert statuses(made) == {200}
    assert [token["user_email"] for token in tokens(store).values()] == [BOB, None]
    assert BOB in footfall(store.url, "token", "list").stdout
    footfall(store.url, "user", "remove", BOB, f"--confirm={BOB}")
    assert (statuses(made), statuses(own)) == ({401}, {200})
    lines = footfall(store.url, "token", "list").stdout.splitlines()
    assert "MADE BY" in lines[0] and "nobody any more" in lines[1] and "command line" in lines[2]


# A terminal


class Typist:
    """Somebody at a terminal who runs a command."""

    def __init__(self, folder, *arguments):
        self.shown = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # who runs the tests may ignore it
            os.execve(SANITIZED, [SANITIZED, *arguments], {"FOOTFALL_STORE": "sqlite:footfall.db"})

    def wait_for(self, text, timeout_s=30):
        deadline = time.monotonic() + timeout_s
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            if select.select([self.terminal], [], [], 0.1)[0]:
                self.shown += os.read(self.terminal, 65536)

    def echoes(self):
        return bool(termios.tcgetattr(self.terminal)[3] & termios.ECHO)

    def type(self, text):
        os.write(self.terminal, text.encode() + b"\n")

    def end(self):
        """The exit status, and whether the terminal shows again what is typed."""
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        echoes = self.echoes()
        try:
            while more := os.read(self.terminal, 65536):
                self.shown += more
        except OSError:
            pass  # Linux says so that the other side is closed
        os.close(self.terminal)
        return status, echoes


@pytest.mark.parametrize("typed,code", [((PASSWORD, PASSWORD), 0), ((PASSWORD, OTHER), 1),
                                        (("short", "short"), 1), ((ANN, ANN), 1)])
def test_on_a_terminal_a_password_is_asked_for_twice_and_not_shown(tmp_path, typed, code):
    typist = Typist(tmp_path, "user", "add", ANN)
    for prompt, text in zip((b"Password: ", b"Once more: "), typed):
        typist.wait_for(prompt)
        assert not typist.echoes()
        typist.type(text)
    assert typist.end() == (code, True), typist.shown
    assert not any(text.encode() in typist.shown for text in {PASSWORD, OTHER})
    assert (b"is added: owner of all sites" in typist.shown) == (code == 0)


def test_ctrl_c_at_the_prompt_leaves_the_terminal_as_it_was(tmp_path):
    typist = Typist(tmp_path, "user", "add", ANN)
    typist.wait_for(b"Password: ")
    os.write(typist.terminal, b"\x03")
    assert typist.end() == (-signal.SIGINT, True)
    assert not os.path.exists(tmp_path / "footfall.db")


def test_on_a_terminal_the_address_is_asked_for_before_a_user_is_removed(tmp_path):
    url = f"sqlite:{tmp_path}/footfall.db"
    add_user(url, ANN, PASSWORD)
    add_user(url, BOB, PASSWORD)
    for typed, code in (("bob", 1), (BOB, 0)):
        typist = Typist(tmp_path, "user", "remove", BOB)
        typist.wait_for(b"Type the e-mail address to go on: ")
        typist.type(typed)
        assert typist.end()[0] == code, typist.shown


# What is wrong


WRONG = [
    (["user"], 2, "user wants a word"),
    (["user", "lst"], 2, 'did you mean "footfall user list"?'),
    (["user", "add"], 2, "user add EMAIL"),
    (["user", "add", "nobody"], 2, "e-mail"),
    (["user", "add", BOB, "--role=king"], 2, '"king" is no role'),
    (["user", "add", BOB, "--role=none"], 2, "--role"),
    (["user", "add", BOB, "--site=no such"], 2, "--site"),
    (["user", "add", BOB, "--password=x"], 2, "no flag"),  # others see the arguments
    (["user", "add", BOB, "--password-file=/nothing/here"], 1, "/nothing/here cannot be read"),
    (["user", "passwd", ANN], 2, "--password-file"),
    (["user", "passwd", BOB, "--password-file=-"], 1, "there is no user"),
    (["user", "passwd", ANN, "--password-file=-"], 1, "8 bytes"),
    (["user", "disable", BOB], 1, "there is no user"),
    (["user", "role", ANN, "king"], 2, "no role"),
    (["user", "role", ANN], 2, "user role EMAIL ROLE"),
    (["user", "remove", ANN], 2, f"--confirm={ANN}"),
    (["user", "remove", ANN, f"--confirm={BOB}"], 2, f"--confirm={ANN}"),
    (["user", "sessions", BOB], 1, "there is no user"),
    (["token", "add", "x"], 2, "--scopes"),
    (["token", "add", "x", "--scopes=all"], 2, "--scopes"),
    (["token", "add", "x", "--scopes=count", "--days=401"], 2, "--days"),
    (["token", "add", "x", "--scopes=count", "--days=0"], 2, "--days"),
    (["token", "add", "x" * 101, "--scopes=count"], 2, "100 bytes"),
    (["token", "add", "", "--scopes=count"], 1, "needs a name"),
    (["token", "add", "x", "--scopes=count", "--site=no such"], 1, "site"),
    (["token", "revoke", "0badc0de"], 1, "there is no token"),
    (["setup-code", "now"], 2, "does not take"),
]


def test_what_is_wrong_is_told_and_nothing_is_changed(tmp_path):
    url = f"sqlite:{tmp_path}/footfall.db"
    add_user(url, ANN, PASSWORD)
    before = footfall(url, "user", "list", "--json").stdout
    for arguments, code, told in WRONG:
        wrong = footfall(url, *arguments, typed="short\n", check=False)
        assert (wrong.returncode, wrong.stdout) == (code, ""), (arguments, wrong.stderr)
        assert told in wrong.stderr and wrong.stderr.count("\n") == 1, (arguments, wrong.stderr)
    assert footfall(url, "user", "list", "--json").stdout == before
    assert footfall(url, "token", "list", "--json").stdout == '{"tokens":[]}\n'


@pytest.mark.parametrize("command", [["user", "list"], ["token", "list"], ["setup-code"]])
def test_stores_that_cannot_be_used_are_told_by_the_exit_code(tmp_path, command):
    for url, code in [(f"redis://127.0.0.1:{free_port()}", 69), ("memory:", 78), ("gopher://x", 78)]:
        result = footfall(url, *command, check=False, FOOTFALL_STORE_TIMEOUT="300ms")
        assert (result.returncode, result.stdout) == (code, ""), (url, result.stderr)
    missing = footfall(f"sqlite:{tmp_path}/nothing.db", *command, check=False)
    assert missing.returncode == (0 if command == ["setup-code"] else 69)
