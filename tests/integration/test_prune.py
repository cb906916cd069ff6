"""Old statistics are dropped, once, by one of all processes, whichever dies."""
import datetime
import json
import os
import re
import signal
import subprocess

import pytest

from support import store_tool
from support.footfall import RELEASE, Footfall
from support.program import wait_for

DAYS = 90
KEPT = 30


def footfall(*words, timeout_s=120):
    return subprocess.run([RELEASE, *words], text=True, timeout=timeout_s, capture_output=True,
                          check=False, env={"PATH": os.environ["PATH"]})


def fill(store, hits_per_day=30, days=DAYS):
    """Traffic up to now in the default site."""
    done = footfall("demo", "--into=default", f"--days={days}", f"--hits-per-day={hits_per_day}",
                    f"--store={store.url}")
    assert done.returncode == 0, done.stderr


def keep(store, days):
    """Has the default site keep so many days."""
    store_tool.write_forever(store.url, "site/default",
                             json.dumps({"id": "default", "retention_days": days}))


def today():
    return int(datetime.datetime.now(datetime.timezone.utc).timestamp()) // 86400


def buckets(store):
    """(days, months, hours) of the default site."""
    found = sorted({int(bucket) for _, bucket, _, _, _ in store_tool.rollups(store.url)})
    return ([b for b in found if b < 100000], [b for b in found if 100000 <= b < 1000000],
            [b for b in found if b >= 1000000])


def is_pruned(store):
    days, _, hours = buckets(store)
    return min(days) >= today() - KEPT - 1 and min(hours) >= 1000000 + 24 * (today() - KEPT - 1)


def assert_pruned(store):
    days, months, hours = buckets(store)
    assert today() - KEPT - 1 <= min(days) <= today() - KEPT
    assert max(days) >= today() - 1
    assert len(months) in (2, 3)
    assert min(hours) >= 1000000 + 24 * (today() - KEPT - 1)


def prunes(server):
    return server.log().count("msg=pruned ")


# By command


def test_a_dry_run_says_what_a_run_then_drops(store):
    fill(store)
    keep(store, KEPT)
    before = store_tool.rollups(store.url)
    total = store.total()
    dry = footfall("db", "prune", "--dry-run", f"--store={store.url}")
    assert dry.returncode == 0, dry.stderr
    days, months, views = re.search(r"default: (\d+) days and (\d+) months from before \S+, with (\d+) views",
                                    dry.stdout).groups()
    assert store_tool.rollups(store.url) == before
    done = footfall("db", "prune", f"--store={store.url}")
    assert done.returncode == 0, done.stderr
    assert_pruned(store)
    after = store_tool.rollups(store.url)
    assert all(before[key] == row for key, row in after.items())
    gone = {key: row for key, row in before.items() if key not in after}
    totals = {key[1]: row for key, row in gone.items() if key[2] == "0" and int(key[1]) < 1000000}
    assert len([bucket for bucket in totals if int(bucket) < 100000]) == int(days)
    assert len([bucket for bucket in totals if int(bucket) >= 100000]) == int(months)
    assert sum(int(row[0]) for bucket, row in totals.items() if int(bucket) < 100000) == int(views)
    assert store.total() == total  # the number that is shown goes on
    again = footfall("db", "prune", "--dry-run", f"--store={store.url}")
    assert "default: 0 days and 0 months" in again.stdout


def test_a_site_without_retention_keeps_its_days(store):
    fill(store)
    before = buckets(store)
    done = footfall("db", "prune", "--site=default", f"--store={store.url}")
    assert done.returncode == 0, done.stderr
    assert "default: keeps all days and months; 0 hours" in done.stdout
    assert buckets(store) == before


@pytest.mark.parametrize("site, code", [("nowhere", 1), ("no/site", 2)])
def test_a_site_that_is_not_there_is_said(tmp_path, site, code):
    done = footfall("db", "prune", f"--site={site}", f"--store=sqlite:{tmp_path}/footfall.db")
    assert done.returncode == code
    assert site in done.stderr or code == 2


def rows_held(store):
    return int(store.postgres.psql("SELECT count(*) FROM footfall_rollup"))


def rows_read(store):
    """By all connections, which tell it at their end."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    wait_for(lambda: store.postgres.psql(others) == "1", "the end of all connections")
    return int(store.postgres.psql("SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables"
                                   " WHERE relname = 'footfall_rollup'"))


@pytest.mark.parametrize("store", ["postgres"], indirect=True)
def test_little_more_is_read_than_is_dropped(store):
    """Whatever the planner thinks of a table that was never analyzed."""
    fill(store, hits_per_day=200)
    keep(store, KEPT)
    held, read = rows_held(store), rows_read(store)
    done = footfall("db", "prune", f"--store={store.url}")
    assert done.returncode == 0, done.stderr
    read = rows_read(store) - read
    dropped = held - rows_held(store)
    assert dropped > held / 2
    assert read < 5 * dropped, f"{read} rows read to drop {dropped}"


# By the workers


def servers(tmp_path, ending, store, count, **settings):
    started = []
    for number in range(count):
        folder = tmp_path / f"server{number}"
        folder.mkdir()
        server = Footfall(folder, store=store.url, name=f"footfall{number}", **settings)
        ending.append(server)
        started.append(server.start())
    return started


def test_of_several_processes_one_prunes(store, tmp_path, ending):
    fill(store)
    keep(store, KEPT)
    # Every ten minutes: so the first time comes within two seconds, and there is no second one.
    all_servers = servers(tmp_path, ending, store, 2, workers=2, FOOTFALL_PRUNE_EVERY="600s")
    wait_for(lambda: sum(map(prunes, all_servers)) > 0, "a prune", 60)
    assert_pruned(store)
    for server in all_servers:
        assert server.stop() == 0
    assert sum(map(prunes, all_servers)) == 1


def start_and_catch(folder, ending, store, name):
    """A server that has just begun to prune."""
    server = Footfall(folder, store=store.url, name=name, FOOTFALL_PRUNE_EVERY="4s",
                      FOOTFALL_LOG_LEVEL="debug")
    ending.append(server)
    server.launch([RELEASE, "serve"], {"PATH": os.environ["PATH"], **server.settings})
    server.wait_until(lambda: "msg=pruning" in server.log(), "the beginning of a prune", 30)
    return server


def test_when_the_one_that_prunes_is_killed_another_one_goes_on(store, tmp_path, ending):
    fill(store, hits_per_day=400)
    keep(store, KEPT)
    first = start_and_catch(tmp_path, ending, store, "first")
    first.kill()
    assert prunes(first) == 0, "it was done too fast to be killed"
    assert not is_pruned(store)
    second, = servers(tmp_path, ending, store, 1, FOOTFALL_PRUNE_EVERY="4s")
    second.wait_until(lambda: prunes(second), "a prune", 60)
    assert_pruned(store)


def test_hits_are_counted_meanwhile(store, tmp_path, ending):
    fill(store, hits_per_day=200)
    keep(store, KEPT)
    before = store.total()
    server, = servers(tmp_path, ending, store, 1, FOOTFALL_PRUNE_EVERY="600s")
    hits = 0
    while not prunes(server) and hits < 20000:
        server.hit(f"/now?n={hits}")
        hits += 1
    assert prunes(server) == 1
    assert store.total() == before + hits
    assert_pruned(store)


def test_a_worker_that_prunes_ends_when_it_is_told_to(store, tmp_path, ending):
    fill(store, hits_per_day=200)
    keep(store, KEPT)
    server = start_and_catch(tmp_path, ending, store, "footfall")
    server.signal(signal.SIGTERM)
    assert server.process.wait(5) == 0
