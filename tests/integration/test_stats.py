"""Statistics: what is sent to /count comes out of the API and of `footfall stats`, number by number,
on every store."""
import csv
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import urllib.parse

import pytest

from support.footfall import MADE_UP_TOKEN, SANITIZED, Footfall
from support.program import wait_for
from support.stores import PostgresStore, RedisClusterStore, RedisStore, SqliteStore

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0"
CHROME = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
          "Chrome/120.0.0.0 Safari/537.36")

# Who, with which agent, and what: page, title, referrer; an event has no title.
HITS = [
    ("10.0.0.1", FIREFOX, {"p": "/", "t": "Home", "r": "https://www.google.com/"}),
    ("10.0.0.1", FIREFOX, {"p": "/about", "t": "=1+1", "r": ""}),
    ("10.0.0.1", FIREFOX, {"p": "/about", "t": "=1+1", "r": ""}),
    ("10.0.0.2", CHROME, {"p": "/about", "t": "=1+1", "q": "?utm_source=letter&utm_campaign=may"}),
    ("10.0.0.3", FIREFOX, {"p": "/", "t": "Home", "r": ""}),
    ("10.0.0.3", FIREFOX, {"p": "signup", "e": "true"}),
    ("10.0.0.4", "curl/7.88.1", {"p": "/"}),
    ("10.0.0.5", "", {"p": "/about"}),
]


def keep_off_midnight():
    """The tests count days of UTC; none of them takes longer than this."""
    left = 86400 - time.time() % 86400
    if left < 20:
        time.sleep(left + 1)


class Counted:
    """A server on a store, with HITS counted."""

    def __init__(self, folder, store):
        self.folder = folder
        self.store = store
        self.server = Footfall(folder, store=store.url, binary=SANITIZED)
        self.server.start()
        self.token = self.server.token("stats")
        for address, agent, keys in HITS:
            answer = self.server.request("GET", "/count?" + urllib.parse.urlencode(keys),
                                         {"X-Forwarded-For": address, "user-agent": agent})
            assert answer.status == 200, answer.body

    def get(self, address, accept=None, **keys):
        return self.get_with(self.token, address, accept, **keys)

    def get_with(self, token, address, accept=None, **keys):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if accept:
            headers["Accept"] = accept
        return self.server.request("GET", f"{address}?{urllib.parse.urlencode(keys)}", headers)

    def json(self, address, **keys):
        answer = self.get(address, **keys)
        assert answer.status == 200, (keys, answer.body)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()

    def stats(self, **keys):
        return self.json("/api/v1/stats", **{"period": "today", **keys})

    def top(self, dimension, **keys):
        return self.json("/api/v1/stats/top", dimension=dimension, **{"period": "today", **keys})

    def command(self, *arguments, **variables):
        """Runs `footfall stats ARGUMENTS` to its end."""
        return subprocess.run([SANITIZED, "stats", *arguments], cwd=self.folder, timeout=30,
                              env={"FOOTFALL_STORE": self.store.url, "LC_ALL": "C.UTF-8",
                                   **variables},
                              capture_output=True, text=True, check=False)


@pytest.fixture(scope="module", params=[SqliteStore, RedisStore, RedisClusterStore, PostgresStore],
                ids=["sqlite", "redis", "redis-cluster", "postgres"])
def counted(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stats")
    store = request.param(folder)
    store.start()
    keep_off_midnight()
    made = Counted(folder, store)
    yield made
    status = made.server.stop()
    store.kill()
    assert status == 0, made.server.log()


@pytest.fixture(autouse=True)
def not_at_midnight():
    keep_off_midnight()


def numbers(of, *names):
    return tuple(of[name] for name in names)


def rows(answer, metric="views"):
    return {row["value"]: row[metric] for row in answer["rows"]}


# Series


def test_the_totals_are_what_was_sent(counted):
    answer = counted.stats()
    assert numbers(answer, "site", "zone", "by") == ("default", "UTC", "hour")
    assert numbers(answer["totals"], "views", "visits", "visitors", "bounces") == (5, 3, 3, 1)
    assert answer["totals"]["bounce_rate"] == 0.3333
    assert answer["totals"]["views_per_visit"] == 1.67
    assert answer["from"] == answer["to"] == time.strftime("%Y-%m-%d", time.gmtime())


@pytest.mark.parametrize("by, points", [("hour", 168), ("day", 7), ("week", None), ("month", None),
                                        ("year", None)])
def test_every_series_sums_up_to_the_totals(counted, by, points):
    answer = counted.stats(period="7d", by=by)
    assert points is None or len(answer["series"]) == points
    for metric in ("views", "visits", "visitors", "bounces", "seconds"):
        assert sum(point[metric] for point in answer["series"]) == answer["totals"][metric]
    assert answer["totals"]["views"] == 5
    starts = [point["start"] for point in answer["series"]]
    assert starts == sorted(set(starts))


def test_a_series_of_a_page_or_of_a_value(counted):
    wanted = ("views", "visits", "visitors", "bounces")
    assert numbers(counted.stats(page="/about")["totals"], *wanted) == (3, 2, 2, 1)
    assert numbers(counted.stats(page="about/")["totals"], *wanted) == (3, 2, 2, 1)
    assert numbers(counted.stats(browser="Firefox")["totals"], *wanted) == (4, 2, 2, 0)
    assert numbers(counted.stats(source="Google", page="/about")["totals"], *wanted) == (2, 1, 1, 0)
    assert counted.stats(source="nobody")["totals"]["views"] == 0
    assert counted.stats(entry="/")["totals"] == {"visits": 2}
    answer = counted.stats(source="Google")
    assert answer["filter"] == {"dimension": "source", "value": "Google"}
    assert answer["by"] == "day"


def test_a_series_is_compared(counted):
    answer = counted.stats(period="7d", compare="previous")
    assert len(answer["previous_series"]) == 7
    assert answer["previous"]["totals"]["views"] == 0
    assert answer["previous"]["to"] < answer["from"]
    assert counted.stats(compare="year")["previous"]["from"][:4] == \
        str(int(answer["to"][:4]) - 1)


def test_all_begins_with_this_month(counted):
    answer = counted.stats(period="all")
    assert answer["from"] == time.strftime("%Y-%m-01", time.gmtime())
    assert answer["totals"]["views"] == 5


# Lists


@pytest.mark.parametrize("dimension, metric, expected", [
    ("page", "views", {"/about": 3, "/": 2}),
    ("page", "visits", {"/about": 2, "/": 2}),
    ("page", "visitors", {"/about": 2, "/": 2}),
    ("page", "bounces", {"/about": 1, "/": 0}),
    ("entry", "visits", {"/": 2, "/about": 1}),
    ("exit", "visits", {"/about": 2, "/": 1}),
    ("source", "views", {"Google": 3, "letter": 1}),
    ("campaign", "views", {"may": 1}),
    ("browser", "views", {"Firefox": 4, "Chrome": 1}),
    ("browser", "visits", {"Firefox": 2, "Chrome": 1}),
    ("browser_version", "views", {"Firefox 121": 4, "Chrome 120": 1}),
    ("system", "views", {"Linux": 4, "Windows": 1}),
    ("device", "visitors", {"desktop": 3}),
    ("event", "views", {"signup": 1}),
    ("country", "views", {}),
])
def test_lists_have_what_was_sent(counted, dimension, metric, expected):
    answer = counted.top(dimension)
    assert rows(answer, metric) == expected
    assert answer["count"] == len(expected)
    assert answer["total"][metric] == sum(expected.values())
    assert answer["other"][metric] == 0


def test_bots_are_listed_apart(counted):
    assert sum(rows(counted.top("bot")).values()) == 2


def test_a_list_is_cut_and_searched(counted):
    answer = counted.top("page", limit=1)
    assert [(row["value"], row["title"]) for row in answer["rows"]] == [("/about", "=1+1")]
    assert answer["other"]["views"] == 2 and answer["count"] == 2
    assert rows(counted.top("page", limit=1, offset=1)) == {"/": 2}
    assert rows(counted.top("page", search="ABOUT")) == {"/about": 3}
    assert rows(counted.top("page", search="home")) == {"/": 2}
    assert rows(counted.top("page", search="nothing")) == {}
    assert [row["value"] for row in counted.top("page", sort="bounces")["rows"]] == ["/about", "/"]


def test_values_within_a_page_and_pages_by_value(counted):
    assert rows(counted.top("browser", page="/about")) == {"Firefox": 2, "Chrome": 1}
    assert rows(counted.top("source", page="/")) == {"Google": 1}
    assert rows(counted.top("page", browser="Firefox")) == {"/": 2, "/about": 2}
    assert rows(counted.top("page", source="Google")) == {"/": 1, "/about": 2}
    assert rows(counted.top("page", campaign="may")) == {"/about": 1}


def test_a_list_is_compared(counted):
    answer = counted.top("page", compare="previous")
    assert [row["previous"]["views"] for row in answer["rows"]] == [0, 0]
    assert answer["previous"]["to"] < answer["from"]


def test_live_are_the_visitors_of_the_last_minutes(tmp_path):
    """On a server of its own: those of the other tests are gone in a few minutes."""
    made = Counted(tmp_path, SqliteStore(tmp_path))
    assert numbers(made.json("/api/v1/live"), "live", "minutes") == (3, 5)
    assert made.server.stop() == 0


# CSV


def test_csv_is_read_by_a_spreadsheet(counted):
    answer = counted.get("/api/v1/stats/top", accept="text/csv", dimension="page", period="today",
                         metrics="views,visits,bounce_rate")
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == 'attachment; filename="footfall.csv"'
    assert answer.body.endswith(b"\r\n")
    assert list(csv.reader(io.StringIO(answer.text(), newline=""), strict=True)) == [
        ["page", "title", "views", "visits", "bounce_rate"],
        ["/about", "'=1+1", "3", "2", "0.5000"],
        ["/", "Home", "2", "2", "0.0000"],
    ]
    answer = counted.get("/api/v1/stats", format="csv", period="7d", metrics="views")
    lines = list(csv.DictReader(io.StringIO(answer.text(), newline="")))
    assert len(lines) == 7 and sum(int(line["views"]) for line in lines) == 5


# Who may ask, and for what


@pytest.mark.parametrize("address", ["/api/v1/stats", "/api/v1/stats/top", "/api/v1/live"])
@pytest.mark.parametrize("token", [None, "wrong", MADE_UP_TOKEN])
def test_only_a_token_opens(counted, address, token):
    answer = counted.get_with(token, address)
    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["error"]["code"] == "unauthorized"


def test_a_token_opens_what_it_is_for(counted):
    assert counted.get_with(counted.server.token("count"), "/api/v1/stats").status == 403
    of_default = counted.server.token("stats,export", site="default")
    assert counted.get_with(of_default, "/api/v1/stats").status == 200
    of_blog = counted.server.token("stats", site="blog")
    for site, token in ("default", of_blog), ("nosuch", of_blog), ("nosuch", counted.token):
        answer = counted.get_with(token, "/api/v1/stats", site=site)
        assert answer.status == 404
        assert f'there is no site "{site}"' in answer.json()["error"]["message"]


def test_definitions_name_every_number_that_is_shown(counted):
    answer = counted.get_with(None, "/api/v1/definitions").json()
    defined = {entry["name"] for entry in answer["metrics"]}
    assert set(counted.stats()["totals"]) | {"live"} <= defined
    for entry in answer["dimensions"]:
        shown = counted.top(entry["name"])["total"]
        assert set(shown) == set(entry["metrics"])


@pytest.mark.parametrize("address, keys, status, reason", [
    ("/api/v1/stats", {"perod": "7d"}, 400, "there is no key"),
    ("/api/v1/stats", {"by": "hour", "source": "Google", "period": "today"}, 400, "hours are"),
    ("/api/v1/stats", {"by": "hour", "from": "2020-01-01"}, 400, "at most 92 days"),
    ("/api/v1/stats", {"from": "2026-02-30"}, 400, "date"),
    ("/api/v1/stats", {"from": "2026-02-03", "to": "2026-02-02"}, 400, "ends before"),
    ("/api/v1/stats", {"site": "nosuch"}, 404, "nosuch"),
    ("/api/v1/stats", {"source": "\x00"}, 400, "UTF-8"),
    ("/api/v1/stats", {"source": b"\xff"}, 400, "UTF-8"),
    ("/api/v1/stats", {"source": "x" * 3000}, 400, "2048 bytes"),
    ("/api/v1/stats/top", {"dimension": "browser", "source": "Google"}, 400, "not counted"),
    ("/api/v1/stats/top", {"dimension": "page", "limit": "1e3"}, 400, "1 to 1000"),
])
def test_what_cannot_be_answered_is_explained(counted, address, keys, status, reason):
    answer = counted.get(address, **keys)
    assert answer.status == status
    assert reason in answer.json()["error"]["message"]


def test_a_store_that_does_not_answer_is_unavailable(tmp_path, ending):
    store = RedisStore(tmp_path)
    store.start()
    ending.append(store)
    server = Footfall(tmp_path, store=store.url, binary=SANITIZED,
                      FOOTFALL_STORE_TIMEOUT="500ms").start()
    ending.append(server)
    token = server.token("stats")
    store.pause()
    answer = server.get("/api/v1/stats", authorization=f"Bearer {token}")
    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    store.resume()
    wait_for(lambda: server.get("/api/v1/stats", authorization=f"Bearer {token}").status == 200,
             "statistics again")
    assert server.stop() == 0


# The command


def test_the_command_says_what_the_api_says(counted):
    result = counted.command("--json", "--period=today")
    assert (result.returncode, result.stderr) == (0, "")
    shown = json.loads(result.stdout)
    expected = counted.stats(compare="previous")
    assert shown["stats"] == expected
    assert rows(shown["top"]["page"]) == {"/about": 3, "/": 2}
    assert rows(shown["top"]["browser"]) == {"Firefox": 4, "Chrome": 1}
    assert shown["live"]["site"] == "default"
    of_page = json.loads(counted.command("--json", "--period=today", "--page=/about").stdout)
    assert of_page["stats"]["totals"]["views"] == 3
    assert "page" not in of_page["top"] and rows(of_page["top"]["source"]) == {"Google": 2,
                                                                               "letter": 1}


def test_the_command_draws(counted):
    text = counted.command("--period=today", COLUMNS="100").stdout
    lines = text.splitlines()
    assert lines[0].startswith("default  20") and "(UTC)" in lines[0]
    assert re.search(r"^5 ", [line for line in lines if "33 %" in line][0][26:])
    assert re.search(r"/about +█+ +3  Google +█+ +3$", text, re.M)
    assert re.search(r"^/ +█+▋? +2  letter +█+▎?▍? +1$", text, re.M)
    assert all(len(line) <= 100 for line in lines)
    assert "\x1b" not in text
    plain = counted.command("--period=today", LC_ALL="C", COLUMNS="50").stdout
    assert plain.isascii() and re.search(r"^/about +#+ +3$", plain, re.M)
    assert all(len(line) <= 50 for line in plain.splitlines())


@pytest.mark.parametrize("arguments, code, reason", [
    (["nosuch"], 1, 'there is no site "nosuch"'),
    (["UPPER"], 2, "site is not right"),
    (["--period=1d"], 2, "period is not right"),
    (["--from=2020-01-01", "--by=hour"], 2, "at most 92 days"),
    (["--perio=1d"], 2, 'did you mean "--period"?'),
    (["--watch=3"], 2, "takes no flag"),
    (["a", "b"], 2, "does not take"),
    (["--store=sqlite:nothing.db"], 69, "nothing.db is not there"),
    (["--store=memory:"], 78, "in memory"),
    (["--store=redis://127.0.0.1:1/"], 69, "redis://127.0.0.1:1/"),
])
def test_the_command_explains_what_is_wrong(tmp_path, arguments, code, reason):
    made = Counted(tmp_path, SqliteStore(tmp_path))
    result = made.command(*arguments, FOOTFALL_STORE_TIMEOUT="200ms")
    assert (result.returncode, result.stdout) == (code, "")
    assert reason in result.stderr
    assert made.server.stop() == 0


class Screen:
    """A terminal in which a command runs."""

    def __init__(self, command, folder, env):
        self.shown = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(command[0], command, env)

    def wait_for(self, text, timeout_s=15):
        deadline = time.monotonic() + timeout_s
        while text not in self.shown:
            assert time.monotonic() < deadline, self.shown
            if select.select([self.terminal], [], [], 0.1)[0]:
                self.shown += os.read(self.terminal, 65536)

    def end(self):
        """Reads what is left; the exit status."""
        try:
            while more := os.read(self.terminal, 65536):
                self.shown += more
        except OSError:
            pass  # Linux says so that the other side is closed
        os.close(self.terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.mark.parametrize("colour", [True, False])
def test_a_watch_shows_new_numbers_and_ends_by_ctrl_c(tmp_path, colour):
    made = Counted(tmp_path, SqliteStore(tmp_path))
    env = {"FOOTFALL_STORE": made.store.url, "LC_ALL": "C.UTF-8", "TERM": "xterm", "COLUMNS": "100",
           "LINES": "40", **({} if colour else {"NO_COLOR": "1"})}
    screen = Screen([SANITIZED, "stats", "--watch", "--period=7d"], tmp_path, env)
    screen.wait_for(b"Ctrl-C ends")
    screen.wait_for(b"/about")
    assert made.server.request("GET", "/count?p=/new", {"user-agent": CHROME}).status == 200
    screen.wait_for(b"/new")
    os.write(screen.terminal, b"\x03")
    assert screen.end() == 0, screen.shown
    assert screen.shown.startswith(b"\x1b[?1049h") and screen.shown.endswith(b"\x1b[?1049l")
    assert (b"\x1b[36m" in screen.shown) == colour
    assert made.server.stop() == 0


def test_a_watch_goes_on_when_the_store_was_away(tmp_path, ending):
    store = RedisStore(tmp_path)
    store.start()
    ending.append(store)
    made = Counted(tmp_path, store)
    ending.append(made.server)
    watch = subprocess.Popen([SANITIZED, "stats", "--watch", "--json", "--period=today"],
                             cwd=tmp_path, stdout=subprocess.PIPE,
                             env={"FOOTFALL_STORE": store.url, "FOOTFALL_STORE_TIMEOUT": "500ms"})
    assert json.loads(watch.stdout.readline())["stats"]["totals"]["views"] == 5
    store.restart()
    assert json.loads(watch.stdout.readline())["stats"]["totals"]["views"] == 5
    watch.send_signal(signal.SIGTERM)
    assert watch.wait(10) == 0
    watch.stdout.close()
