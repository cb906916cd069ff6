"""Drives both versions as 20 people would: each logs in, looks at the page 10 times, and moves
twice at the same moment in between."""
import http.client
import re
import threading
import urllib.parse

from stack import Stack

CLIENTS = 20
VIEWS_EACH = 10
VISITS = CLIENTS * VIEWS_EACH
VISITS_PER_KILL = 40
TIMEOUT_S = 30
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Crowd:
    """The clients, and what they saw. They look at the page when they are let to."""

    def __init__(self, port):
        self.port = port
        self.permits = threading.Semaphore(0)
        self.changed = threading.Condition()
        self.numbers = []      # that were shown
        self.again = []        # that were shown when the visit had been counted before: whoever did
                               # it died, another one asked again, and was told the number of now
        self.ended = 0         # visits that have an answer, or none
        self.torn = 0          # pages that were cut off: counted, but not seen
        self.lost_logins = 0   # clients who were not logged in any more at some time
        self.lost_moves = 0    # places that are not in the session at the end
        self.errors = []
        self.threads = [threading.Thread(target=Client(self, i).run) for i in range(CLIENTS)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def let_visit(self, visits):
        for _ in range(visits):
            self.permits.release()

    def wait_for(self, visits):
        with self.changed:
            if not self.changed.wait_for(lambda: self.ended >= visits, TIMEOUT_S):
                self.errors.append(f"{self.ended} of {visits} visits after {TIMEOUT_S} s")

    def join(self):
        self.wait_for(VISITS)
        for thread in self.threads:
            thread.join()


class Client:
    def __init__(self, crowd, number):
        self.crowd = crowd
        self.name = f"client{number}"
        self.cookie = ""
        self.has_lost_login = False
        self.last_page = ""

    def run(self):
        self.post("/login", user=self.name, place="Berlin")
        for view in range(VIEWS_EACH):
            if view == VIEWS_EACH // 2:
                self.move_twice("Oslo", "Rome")
            if not self.crowd.permits.acquire(timeout=TIMEOUT_S):
                break
            self.view()
        with self.crowd.changed:
            self.crowd.lost_logins += self.has_lost_login
            self.crowd.lost_moves += sum(place not in self.last_page for place in ("Oslo", "Rome"))

    def move_twice(self, *places):
        moves = [threading.Thread(target=self.post, args=("/place",), kwargs={"place": place})
                 for place in places]
        for move in moves:
            move.start()
        for move in moves:
            move.join()

    def view(self):
        """One visit. It is not made again: that would be another one."""
        answer, page = self.ask("GET", "/")
        shown = re.search(r"Visitor Count: (\d+)", page)
        with self.crowd.changed:
            self.crowd.ended += 1
            if shown:
                is_repeated = answer.getheader("X-Hit") == "duplicate"
                seen = self.crowd.again if is_repeated else self.crowd.numbers
                seen.append(int(shown.group(1)))
                self.has_lost_login |= f"<b>{self.name}</b>" not in page
                self.last_page = page
            self.crowd.changed.notify_all()

    def post(self, path, **fields):
        answer, _ = self.ask("POST", path, urllib.parse.urlencode(fields))
        cookie = answer and answer.getheader("Set-Cookie")
        if cookie:
            self.cookie = cookie.split(";")[0]

    def note_torn(self, method):
        """Killed between head and body: what was asked for is done, the page was not seen."""
        with self.crowd.changed:
            self.crowd.torn += method == "GET"

    def ask(self, method, path, body=None):
        """(answer, its text); what went wrong is noted."""
        connection = http.client.HTTPConnection("127.0.0.1", self.crowd.port, timeout=TIMEOUT_S)
        try:
            headers = {"Cookie": self.cookie, **(FORM if body else {})}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except http.client.IncompleteRead:
            self.note_torn(method)
            return None, ""
        except (OSError, http.client.HTTPException) as error:
            self.crowd.errors.append(f"{method} {path}: {error!r}")
            return None, ""
        finally:
            connection.close()
        if answer.status >= 400:
            self.crowd.errors.append(f"{method} {path}: {answer.status}")
        return answer, text


def kill_something(stack, turn):
    """Each application process in turn; each second time a worker of Footfall as well."""
    stack.kill_app(turn % len(stack.apps))
    if turn % 2:
        stack.kill_footfall_worker()
    return 1 + turn % 2


def drive(application, processes, with_kills=False):
    """(is right, row of the table, what went wrong)"""
    killed = 0
    with Stack(application, processes) as stack:
        crowd = Crowd(stack.port)
        crowd.start()
        if with_kills:
            for turn in range(VISITS // VISITS_PER_KILL):
                crowd.let_visit(VISITS_PER_KILL)
                crowd.wait_for(turn * VISITS_PER_KILL + VISITS_PER_KILL // 4)  # some are under way
                killed += kill_something(stack, turn)
        else:
            crowd.let_visit(VISITS)
        crowd.join()
        stored = stack.stored_count() if stack.needs_footfall else None
        logs = stack.logs() if crowd.errors else ""
    return judge(crowd, stored), row(application, processes, killed, crowd), [*crowd.errors, logs]


def judge(crowd, stored):
    """Right: each visit was answered, by a number of its own unless it was asked again; the last
    one is the number of visits; nobody was logged out, and no move was lost."""
    shown = crowd.numbers + crowd.again
    return (len(shown) + crowd.torn == VISITS and not crowd.errors
            and given_twice(crowd) == 0
            and (max(shown) == VISITS or crowd.torn > 0) and stored in (None, VISITS)
            and crowd.lost_logins == 0 and crowd.lost_moves == 0)


def given_twice(crowd):
    return len(crowd.numbers) - len(set(crowd.numbers))


HEAD = (f"{'application':<20}{'processes':>10}{'kill -9':>9}{'visits':>8}{'last number':>13}"
        f"{'given twice':>13}{'asked again':>13}{'lost logins':>13}{'lost moves':>12}")


def row(application, processes, killed, crowd):
    last = max(crowd.numbers + crowd.again, default=0)
    lost_logins, lost_moves = f"{crowd.lost_logins}/{CLIENTS}", f"{crowd.lost_moves}/{2 * CLIENTS}"
    return (f"{application + '.py':<20}{processes:>10}{killed:>9}{crowd.ended:>8}{last:>13}"
            f"{given_twice(crowd):>13}{len(crowd.again):>13}{lost_logins:>13}{lost_moves:>12}")


def main():
    """The wrong version is to be right in one process, or it would not be wrong for our reason."""
    plan = [("app_in_process", 1, False, True), ("app_in_process", 4, False, False),
            ("app_with_footfall", 4, True, True)]
    is_as_expected = True
    print(HEAD, flush=True)
    for application, processes, with_kills, expected in plan:
        is_right, line, problems = drive(application, processes, with_kills)
        print(f"{line}   {'right' if is_right else 'WRONG'}", flush=True)
        if is_right != expected:
            is_as_expected = False
            print("not expected:", *problems[-20:], sep="\n")
    print("As expected." if is_as_expected else "Not as expected.")
    return 0 if is_as_expected else 1
