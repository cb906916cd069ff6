"""footfall demo: a throw-away instance that leaves nothing, and made-up traffic in a site."""
import os
import re
import signal
import subprocess

import pytest

from support import contents, store_tool
from support.footfall import RELEASE, Footfall
from support.program import free_port, wait_for
from support.stores import SqliteStore

UNTIL = "--until=2026-10-31"


class Demo(Footfall):
    """`footfall demo` with flags of its own; temporary files are in `folder`/tmp."""

    def __init__(self, folder, *flags):
        super().__init__(folder, name="demo")
        self.tmp = os.path.join(str(folder), "tmp")
        os.makedirs(self.tmp)
        self.flags = flags

    def start(self, until=None, timeout_s=30):
        self.launch([RELEASE, "demo", *self.flags], {"PATH": os.environ["PATH"], "TMPDIR": self.tmp})
        if until is None:
            url = self.wait_until(lambda: re.search(r"served at http://localhost:(\d+)", self.log()),
                                  "its address", timeout_s)
            self.port = int(url.group(1))
        return self

    def folders(self):
        return os.listdir(self.tmp)

    def views(self, site):
        return int(re.search(rf"^  {site} +.* (\d+) views", self.log(), re.MULTILINE).group(1))


@pytest.fixture
def demo(tmp_path, ending):
    def start(*flags, **how):
        started = Demo(tmp_path / "demo", *flags)
        ending.append(started)
        return started.start(**how)

    (tmp_path / "demo").mkdir()
    return start


def run(store, *flags, timeout_s=120):
    """`footfall demo` into a site of a store, to its end."""
    return subprocess.run([RELEASE, "demo", f"--store={store.url}", *flags], text=True,
                          timeout=timeout_s, capture_output=True, check=False,
                          env={"PATH": os.environ["PATH"]})


def told(done):
    """(views, events, robots) that the command says it has written."""
    assert done.returncode == 0, done.stderr
    return tuple(int(number) for number in
                 re.search(r"(\d+) views, (\d+) events and (\d+) robots more", done.stdout).groups())


# The throw-away instance


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["int", "term"])
def test_a_demo_serves_counts_on_and_leaves_nothing(demo, number):
    server = demo("--days=30", "--hits-per-day=100")
    for site in ("default", "blog", "shop"):
        assert server.value(site) == server.views(site) > 0
    assert 2500 < server.views("default") < 3500
    token = re.search(r"Bearer ([\w-]{54})'", server.log()).group(1)
    assert server.get("/api/v1/stats?site=blog", authorization=f"Bearer {token}").status == 200
    before = server.value()
    server.get("/", user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0")
    assert server.value() == before + 1
    assert server.folders() != []
    server.signal(number)
    assert server.process.wait(10) == 0
    assert server.folders() == []


def test_a_demo_that_is_ended_while_it_writes_leaves_nothing(demo):
    server = demo("--days=3650", "--hits-per-day=10000", until="its folder")
    server.wait_until(server.folders, "its folder")
    server.signal(signal.SIGINT)
    assert server.process.wait(20) == 1
    assert server.folders() == []


def test_a_demo_listens_where_it_is_told_to(demo):
    port = free_port()
    server = demo("--days=2", "--hits-per-day=20", f"--listen=127.0.0.1:{port}")
    assert server.port == port
    wait_for(lambda: server.answers("/readyz"), "an answer")


# Into a site


def test_traffic_comes_into_a_site_of_any_store_and_leaves_no_visitor(store):
    views, events, robots = told(run(store, "--into=default", "--days=40", "--hits-per-day=60", UNTIL))
    assert store.total() == views
    assert events > 0 and robots > 0
    held = contents.of(store)
    assert [key for key in held.records if not key.startswith(b"site/")] == []
    totals = [row for (site, bucket, dimension, page, _), row in held.rollups.items()
              if (site, dimension, page) == ("default", "0", "0") and int(bucket) < 100000]
    assert sum(int(row[0]) for row in totals) == views
    if store.name.startswith("redis"):
        return  # minutes expire there
    minutes = [line for line in store_tool.run(store.url, "list")
               if line.startswith("rollup") and int(line.split("\t")[2]) >= store_tool.FIRST_MINUTE]
    assert len(minutes) <= 61


def test_a_site_that_has_statistics_is_refused_unless_it_is_forced(store):
    views, _, _ = told(run(store, "--into=default", "--days=3", "--hits-per-day=50", UNTIL))
    again = run(store, "--into=default", "--days=3", "--hits-per-day=50", UNTIL)
    assert again.returncode == 1
    assert "has statistics already" in again.stderr
    assert store.total() == views
    told(run(store, "--into=default", "--days=3", "--hits-per-day=50", UNTIL, "--force"))
    assert store.total() == 2 * views


def test_the_same_seed_gives_the_same_numbers_and_another_one_others(tmp_path):
    rollups = []
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        (tmp_path / name).mkdir()
        store = SqliteStore(tmp_path / name)
        told(run(store, "--into=default", "--days=20", "--hits-per-day=200", UNTIL, f"--seed={seed}"))
        rollups.append(store_tool.rollups(store.url))
    assert rollups[0] == rollups[1]
    assert rollups[0] != rollups[2]


def test_statistics_of_made_up_traffic_hang_together(tmp_path):
    store = SqliteStore(tmp_path)
    views, _, _ = told(run(store, "--into=default", "--days=60", "--hits-per-day=300", UNTIL))
    rows = store_tool.rollups(store.url)
    days = {bucket: [int(number) for number in row[:5]]
            for (_, bucket, dimension, _, _), row in rows.items()
            if dimension == "0" and int(bucket) < 100000}
    total = [sum(column) for column in zip(*days.values())]
    assert total[0] == views
    assert all(day[0] >= day[1] >= day[2] >= 0 and 0 <= day[3] <= day[1] and day[4] >= 0
               for day in days.values()), days
    assert 0.3 < total[3] / total[1] < 0.7  # bounce rate
    assert 1.3 < total[0] / total[1] < 4
    for dimension, share in (("9", 0.99), ("11", 0.99), ("13", 0.99), ("15", 0.9), ("4", 0.3)):
        found = sum(int(row[0]) for (_, bucket, name, page, _), row in rows.items()
                    if name == dimension and page == "0" and int(bucket) < 100000)
        assert share * views < found <= views, dimension


@pytest.mark.parametrize("flags, reason", [
    (["--days=0"], "--days=0 is not right"),
    (["--days=many"], "--days=many is not right"),
    (["--seed=-1"], "--seed=-1 is not right"),
    (["--hits-per-day=0"], "--hits-per-day=0 is not right"),
    (["--until=yesterday"], "--until=yesterday is not right"),
    (["--until=1970-01-05"], "before 1970"),
    (["--force"], "--force goes with --into"),
    (["--into=no/site"], "--into: "),
    (["--into"], "--into needs a value"),
])
def test_what_is_wrong_is_said(tmp_path, flags, reason):
    done = run(SqliteStore(tmp_path), *flags)
    assert done.returncode == 2
    assert reason in done.stderr
    assert os.listdir(tmp_path) == []


def test_a_site_that_is_not_there_is_not_made(tmp_path):
    done = run(SqliteStore(tmp_path), "--into=nowhere", "--days=2")
    assert done.returncode == 1
    assert 'there is no site "nowhere"' in done.stderr
