"""What happens once, or a few times only, however many processes are asked at the same moment."""
import itertools
import time

from support.accounts import (EMAIL, PASSWORD, Gate, accounts_in, is_let_in, log_in, set_up, setup_code,
                              totp, turn_second_factor_on, user_of)
from support.browser import at_once, insist
from support.stores import can

PROCESSES = 4
GUESSERS = 16
GUESSES = 20  # of each
MOST = 10     # that are evaluated


def test_a_setup_code_is_claimed_once(store, tmp_path, ending):
    """A06: the codes of all processes are good, until one of them was used; of eight who claim them at
    the same moment one gets the account."""
    gate = Gate(store, tmp_path, ending, PROCESSES)
    codes = [setup_code(server) for server in gate.servers]
    assert len(set(codes)) == PROCESSES
    emails = [f"claimer{i}@example.org" for i in range(8)]
    browsers = [gate.browser(process=i % PROCESSES) for i in range(8)]
    for browser in browsers:
        insist(lambda: browser.get("/setup"))

    pages = at_once([
        lambda i=i: insist(lambda: browsers[i].post("/setup", code=codes[(i // 2) % PROCESSES],
                                                    email=emails[i], password=PASSWORD))
        for i in range(8)])

    winners = [i for i, page in enumerate(pages) if is_let_in(page)]
    assert len(winners) == 1, [(page.status, page.location) for page in pages]
    assert len(accounts_in(store)) == 1
    assert [user_of(browser) for browser in browsers] == [
        email if i in winners else None for i, email in enumerate(emails)]
    late = [set_up(gate.browser(), code, "late@example.org") for code in codes]
    assert not [page for page in late if is_let_in(page)]
    loser = emails[1 - winners[0]]
    assert log_in(gate.browser(), loser).status == 403
    assert len(accounts_in(store)) == 1


class Guessers:
    """They guess at one account, each from an address of its own, through all processes."""

    def __init__(self, gate):
        self.browsers = [gate.browser(address=f"2001:db8:0:{i:x}::1") for i in range(GUESSERS)]
        self.numbers = itertools.count()
        self.evaluated = 0

    def guess(self, browser):
        page = insist(lambda: browser.post("/login", email=EMAIL, password=f"guess {next(self.numbers)}"))
        assert page.status in (403, 429), (page.status, page.text())
        return page.status

    def guess_at_once(self, guesses):
        """The number of those that were evaluated."""
        answers = at_once([lambda browser=browser: [self.guess(browser) for _ in range(guesses)]
                           for browser in self.browsers])
        evaluated = sum(statuses.count(403) for statuses in answers)
        self.evaluated += evaluated
        return evaluated


def test_processes_give_no_more_guesses_than_one(store, tmp_path, ending):
    """A05: of many parallel guesses at an account at most ten are evaluated; who logged in there before
    gets in all the same, at once; and processes that are started anew have not forgotten."""
    gate = Gate(store, tmp_path, ending, PROCESSES)
    owner = gate.set_up()
    guessers = Guessers(gate)

    began = time.monotonic()
    assert guessers.guess_at_once(GUESSES) >= 5  # those who mistype are not kept waiting
    # Who has the right password but has never been here waits too, else that would be a guess.
    page = insist(lambda: gate.browser().post("/login", email=EMAIL, password=PASSWORD))
    assert page.status == 429, page.text()
    # The owner's browser.
    assert is_let_in(insist(lambda: owner.post("/login", email=EMAIL, password=PASSWORD)))
    assert user_of(owner) == EMAIL

    before = guessers.evaluated
    gate.deployment.kill_all_and_start()
    if can(store, "restart"):
        store.restart()
    assert guessers.guess_at_once(1) <= 2  # one each 1, 2, 4, 8 ... s
    took_s = time.monotonic() - began
    due = 5 + next(k for k in itertools.count() if 2 ** (k + 1) - 1 > took_s)
    assert guessers.evaluated <= max(MOST, due), (before, guessers.evaluated, took_s)


def waits_for_code(gate, process):
    """A browser that has given the password, and is asked for the code."""
    browser = gate.browser(process)
    page = log_in(browser)
    assert page.status == 303 and page.location == "/dashboard", (page.status, page.location)
    assert user_of(browser) is None
    page = insist(lambda: browser.get("/login/code"))
    assert page.status == 200, (page.status, page.location)
    return browser


def enter_at_once(browsers, code):
    """Those that got in."""
    pages = at_once([lambda browser=browser: insist(lambda: browser.post("/login/code", code=code))
                     for browser in browsers])
    assert {page.status for page in pages} <= {303, 403}, [page.status for page in pages]
    return [browser for browser, page in zip(browsers, pages) if is_let_in(page)]


def test_a_code_is_used_once(store, tmp_path, ending):
    """A09: of two who use the same code at the same moment, through two processes, one gets in. The codes
    are those of oathtool."""
    gate = Gate(store, tmp_path, ending, 2)
    owner = gate.set_up()
    secret, _ = turn_second_factor_on(owner)
    rivals = [waits_for_code(gate, process) for process in (0, 1)]
    code = totp(secret)
    winners = enter_at_once(rivals, code)
    assert len(winners) == 1
    assert [user_of(rival) for rival in rivals] == [
        EMAIL if rival in winners else None for rival in rivals]

    loser = next(rival for rival in rivals if rival not in winners)
    assert enter_at_once([loser], code) == []


def test_a_recovery_code_is_used_once(store, tmp_path, ending):  # A09
    gate = Gate(store, tmp_path, ending, 2)
    _, recovery = turn_second_factor_on(gate.set_up())
    assert len(recovery) == 10
    rivals = [waits_for_code(gate, process) for process in (0, 1)]
    assert len(enter_at_once(rivals, recovery[0])) == 1
