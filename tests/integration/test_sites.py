"""Sites on the command line: what is changed there holds for the next request at every process."""
import json
import os
import pty
import random
import subprocess
import threading
import time
from collections import Counter

import pytest

from support import store_tool
from support.clients import Clients
from support.footfall import BROWSER, RELEASE, Footfall
from support.program import free_port
from support.sites import Fleet, site

TOTAL, PAGE, BROWSER_DIMENSION, COUNTRY, EVENT = "0", "1", "11", "9", "17"
OTHER = "1"  # the value of what a cap kept out


@pytest.fixture
def fleet(tmp_path, store, ending):
    """A master with two workers, and a second instance, on each store in turn."""
    started = Fleet(tmp_path, store)
    ending.append(started)
    yield started.start()
    started.stop()


def count(server, query, **headers):
    """A hit of a browser: its status, and what it is told."""
    answer = server.request("GET", "/count?" + query,
                            {"Accept": "application/json", "User-Agent": BROWSER,
                             **{name.replace("_", "-"): value for name, value in headers.items()}})
    return answer.status, answer.json()


def counted_for(server, query="p=/x", **headers):
    status, told = count(server, query, **headers)
    assert status == 200, told
    return told["site"]


def shown(server, name):
    answer = server.get(f"/c/{name}.json")
    return answer.json()["value"] if answer.status == 200 else answer.status


def metrics_of(store, site_id, dimension, bucket=None):
    """value -> [views, visits, visitors, bounces, seconds] of the days of a site."""
    sums = {}
    for (of, at, dim, page, value), numbers in store_tool.rollups(store.url).items():
        is_day = int(at) < 100_000 if bucket is None else at == bucket
        if (of, dim, page) == (site_id, dimension, "0") and is_day:
            row = sums.setdefault(value, [0] * 5)
            for i in range(5):
                row[i] += int(numbers[i])
    return sums


# Which site


def test_a_site_is_found_by_its_id_and_by_each_sign_of_its_host(fleet, store):
    hits = Counter()

    def expect(site_id, query, **headers):
        for found in fleet.everywhere(lambda server: counted_for(server, query, **headers)):
            assert found == site_id, (query, headers)
            hits[found] += 1

    def expect_hosts(site_id):
        expect(site_id, "p=https://blog.example/a")
        expect(site_id, "p=https://www.blog.example/a")
        expect(site_id, "p=/a", Referer="https://blog.example/from")
        expect(site_id, "p=/a", Origin="https://blog.example")
        expect(site_id, "p=/a", Referer="https://WWW.Blog.Example:8443/", Origin="https://x.example")

    assert fleet.everywhere(lambda server: count(server, "p=/a&site=blog")[0]) == [400] * 3
    assert fleet.everywhere(lambda server: shown(server, "blog")) == [404] * 3
    expect_hosts("default")
    site(store, "add", "blog", "domains=www.blog.example,blog.test")
    expect("blog", "p=/a&site=blog")
    expect_hosts("blog")
    expect("blog", "p=https://blog.test/a")
    expect("default", "p=/a")
    expect("default", "p=https://other.example/a")
    assert fleet.everywhere(lambda server: shown(server, "blog")) == [hits["blog"]] * 3
    site(store, "set", "blog", "domains=blog.test")
    expect_hosts("default")
    expect("blog", "p=https://blog.test/a")
    site(store, "set", "default", "domains=blog.example")
    expect_hosts("default")
    site(store, "remove", "blog", "--confirm=blog")
    expect("default", "p=https://blog.test/a")
    assert fleet.everywhere(lambda server: count(server, "p=/a&site=blog")[0]) == [400] * 3
    assert fleet.everywhere(lambda server: shown(server, "blog")) == [404] * 3
    assert fleet.everywhere(lambda server: shown(server, "default")) == [hits["default"]] * 3
    site(store, "add", "blog")
    assert fleet.everywhere(lambda server: shown(server, "blog")) == [0] * 3


# How it is counted


def test_settings_hold_with_the_next_request_at_every_process(fleet, store):
    site(store, "add", "blog")
    total = 0

    def expect(status, is_ignored=False, **headers):
        nonlocal total
        for got, told in fleet.everywhere(lambda server: count(server, "p=/a&site=blog", **headers)):
            assert (got, told.get("ignored", False)) == (status, is_ignored), (headers, told)
            total += 1 if status == 200 and not is_ignored else 0
            if got == 200:
                assert told["site_count"] == total

    def change(*settings):
        site(store, "set", "blog", *settings)

    expect(200)
    change("allowed_origins=https://good.example")
    expect(403, Origin="https://bad.example")
    expect(200, Origin="https://good.example")
    expect(200)
    change("allowed_origins=none")
    expect(200, Origin="https://bad.example")
    change("ignored_addresses=192.0.2.0/24, 2001:db8:7::/48")
    expect(200, is_ignored=True, X_Forwarded_For="192.0.2.77")
    expect(200, is_ignored=True, X_Forwarded_For="2001:db8:7::1")
    expect(200, X_Forwarded_For="192.0.3.77")
    change("ignored_addresses=none", "gpc=no-count")
    expect(200, X_Forwarded_For="192.0.2.77")
    expect(200, is_ignored=True, Sec_GPC="1")
    expect(200, DNT="1")
    change("gpc=no-visitor", "dnt=no-count")
    expect(200, Sec_GPC="1")
    expect(200, is_ignored=True, DNT="1")
    change("dnt=ignore")
    expect(200, DNT="1")
    assert fleet.everywhere(lambda server: shown(server, "blog")) == [total] * 3
    change("start_value=1000")
    total += 1000
    assert fleet.everywhere(lambda server: shown(server, "blog")) == [total] * 3
    expect(200)
    change("start_value=0")
    total -= 1000
    assert fleet.everywhere(lambda server: shown(server, "blog")) == [total] * 3


def test_what_is_not_to_be_collected_is_in_no_statistics(fleet, store):
    site(store, "add", "blog", "collect=none")
    site(store, "add", "shop", "collect=browser,event")

    def hit(server, site_id):
        assert count(server, f"p=/a&t=Title&site={site_id}", X_Forwarded_For="203.0.113.9")[0] == 200
        assert count(server, f"p=signup&e=true&site={site_id}", X_Forwarded_For="203.0.113.9")[0] == 200

    for site_id in ("blog", "shop"):
        fleet.everywhere(lambda server, of=site_id: hit(server, of))
    dimensions = {"blog": set(), "shop": set()}
    titles = set()
    for (of, _, dimension, _, _), numbers in store_tool.rollups(store.url).items():
        dimensions[of].add(dimension)
        titles |= set(numbers[6:])
    assert dimensions["blog"] == {TOTAL, PAGE, "2", "3"}
    assert dimensions["shop"] == {TOTAL, PAGE, "2", "3", BROWSER_DIMENSION, "12", EVENT}
    assert "Title" not in titles
    site(store, "set", "blog", "collect=event,title")
    fleet.everywhere(lambda server: hit(server, "blog"))
    assert sum(row[0] for row in metrics_of(store, "blog", EVENT).values()) == 3


def test_who_asks_for_privacy_is_no_visitor(fleet, store):
    site(store, "add", "blog", "gpc=no-visitor", "dnt=no-visitor")

    def hit(server, number, **headers):
        assert count(server, "p=/a&site=blog", X_Forwarded_For=f"203.0.113.{number}", **headers)[0] == 200

    fleet.everywhere(lambda server: hit(server, 1))
    fleet.everywhere(lambda server: hit(server, 2, Sec_GPC="1"))
    fleet.everywhere(lambda server: hit(server, 3, DNT="1"))
    views, visits, visitors, _, _ = metrics_of(store, "blog", TOTAL)["0"]
    assert (views, visits, visitors) == (9, 1, 1)
    site(store, "set", "blog", "gpc=ignore")
    fleet.everywhere(lambda server: hit(server, 2, Sec_GPC="1"))
    views, visits, visitors, _, _ = metrics_of(store, "blog", TOTAL)["0"]
    assert (views, visits, visitors) == (12, 2, 2)


# Caps


FLOOD = 300
CAP = 100


def test_a_flood_of_pages_leaves_as_many_rows_as_the_cap_and_an_exact_total(fleet, store):
    """Four clients at three processes, each with pages of its own."""
    site(store, "add", "blog", f"page_cap={CAP}")
    failures = []

    def flood(number):
        chance = random.Random(number)
        for i in range(FLOOD):
            server = fleet.servers[number % 2]
            status, told = count(server, f"p=/{number}/{chance.randrange(10**9)}/{i}&site=blog",
                                 X_Forwarded_For=f"198.51.100.{number}")
            if status != 200:
                failures.append((status, told))

    threads = [threading.Thread(target=flood, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    days = Counter(at for (of, at, dimension, page, _) in store_tool.rollups(store.url)
                   if (of, dimension, page) == ("blog", PAGE, "0") and int(at) < 100_000)
    for day, rows in days.items():
        # Each process may exceed it by the hits of the batch that it has in flight.
        assert rows <= CAP + 4 + 1, (day, rows)
    pages = metrics_of(store, "blog", PAGE)
    assert sum(row[0] for row in pages.values()) == 4 * FLOOD
    assert pages[OTHER][0] >= 4 * FLOOD - len(days) * (CAP + 4)
    assert metrics_of(store, "blog", TOTAL)["0"][0] == 4 * FLOOD
    assert fleet.everywhere(lambda server: shown(server, "blog")) == [4 * FLOOD] * 3


# Under load


CHANGES = 20


def test_nothing_is_refused_or_lost_while_settings_change_under_load(fleet, store, seed):
    """Clients at both instances count hits with ids all the while."""
    is_over = threading.Event()
    crowds = [Clients(server.port, 8, f"{seed}-{i}", leave=0, give_up=0)
              for i, server in enumerate(fleet.servers)]
    errors = []

    def run(clients):
        try:
            clients.run(lambda: not is_over.is_set(), 120)
        except AssertionError as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(clients,)) for clients in crowds]
    for thread in threads:
        thread.start()
    try:
        for number in range(CHANGES):
            site(store, "set", "default", f"page_cap={1000 + number}", f"zone={ZONES[number % 2]}",
                 f"domains=a{number}.example")
    finally:
        is_over.set()
        for thread in threads:
            thread.join()
    assert not errors
    told = sum(len(clients.told) for clients in crowds)
    assert told > 10 * CHANGES
    assert [dict(clients.failures) for clients in crowds] == [{}, {}]
    assert fleet.everywhere(lambda server: shown(server, "default")) == [told] * 3
    for clients in crowds:
        for first, again in clients.repeats:
            assert again.duplicate, (first.path, again.path)


ZONES = ("Asia/Tokyo", "UTC")


# Commands side by side


def test_of_many_commands_at_the_same_moment_each_is_done_whole_or_refused(store, tmp_path, ending):
    """Ten want sites of their own, and all of them the same domain."""
    site(store, "add", "first")
    done = []

    def add(number):
        done.append((number, site(store, "add", f"s{number}", f"domains=same.example,d{number}.example",
                                  check=False)))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [number for number, result in done if result.returncode == 0]
    assert len(winners) == 1, [(result.returncode, result.stderr) for _, result in done]
    for number, result in done:
        if number not in winners:
            assert result.returncode == 1
            assert result.stderr.startswith("footfall: domains: same.example belongs to the site s")
    there = json.loads(site(store, "list", "--json").stdout)["sites"]
    assert [each["id"] for each in there] == ["default", "first", f"s{winners[0]}"]
    footfall = Footfall(tmp_path, store=store.url)
    ending.append(footfall)
    footfall.start()
    assert counted_for(footfall, "p=https://same.example/") == f"s{winners[0]}"
    for number in range(10):
        expected = f"s{number}" if number in winners else "default"
        assert counted_for(footfall, f"p=https://d{number}.example/") == expected
    assert footfall.stop() == 0


# What it says


def test_sites_are_added_listed_shown_changed_and_removed(store):
    assert site(store, "add", "blog", "zone=Europe/Berlin", "--name=My blog",
                "domains=blog.example").stdout == "blog is added\n"
    lines = site(store, "list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["SITE", "blog", "default"]
    assert lines[1].split(maxsplit=4) == ["blog", "0", "Europe/Berlin", "blog.example", "My blog"]
    told = json.loads(site(store, "show", "blog", "--json").stdout)
    assert told == json.loads(site(store, "list", "--json").stdout)["sites"][0]
    assert (told["name"], told["zone"], told["views"]) == ("My blog", "Europe/Berlin", 0)
    assert abs(told["created_unix_s"] - time.time()) < 60
    shown_text = site(store, "show", "blog").stdout
    for key in told:
        assert f"\n{key} " in "\n" + shown_text
    assert site(store, "set", "blog", "zone=UTC", "page_cap=500").stdout == \
        "zone: Europe/Berlin -> UTC\npage_cap: 10000 -> 500\n"
    assert "nothing" in site(store, "set", "blog", "zone=UTC").stdout
    assert site(store, "remove", "blog", "--confirm=blog").stdout == \
        "blog is removed, with 0 views and all their statistics; domains: blog.example\n"
    assert json.loads(site(store, "list", "--json").stdout)["sites"][0]["id"] == "default"


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("arguments, code, says", [
    ([], 2, "footfall site list"),
    (["lits"], 2, 'did you mean "footfall site list"?'),
    (["frobnicate"], 2, '"footfall help site"'),
    (["show"], 2, '"footfall site show ID"'),
    (["list", "blog"], 2, '"footfall site list"'),
    (["set", "blog"], 2, '"footfall site set ID KEY=VALUE ..."'),
    (["add", "Blog"], 2, "1 to 64 of the characters"),
    (["add", "new", "zone"], 2, "zone=Europe/Berlin"),
    (["add", "new", "--zone"], 2, "--zone=Europe/Berlin"),
    (["add", "new", "--zoen=UTC"], 2, 'did you mean "--zone"?'),
    (["add", "new", "zone=Europe/Nowhere"], 2, "Europe/Nowhere"),
    (["add", "new", "colour=red"], 2, "it has name, domains"),
    (["add", "new", "id=old"], 2, "cannot be changed"),
    (["set", "blog", "page_cap=7", "zone=UTC"], 2, "100 to 100000"),
    (["remove", "blog"], 2, "--confirm=blog"),
    (["remove", "blog", "--confirm=glob"], 2, "--confirm=blog"),
    (["remove", "nobody", "--confirm=nobody"], 1, "there is no site nobody"),
    (["show", "nobody"], 1, "there is no site nobody"),
    (["set", "nobody", "zone=UTC"], 1, "there is no site nobody"),
    (["add", "blog", "zone=Asia/Tokyo"], 1, "is there already"),
    (["add", "default", "zone=Asia/Tokyo"], 1, "is there already"),
    (["add", "new", "domains=blog.example"], 1, "belongs to the site blog"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else None)
def test_what_cannot_be_done_is_told_in_a_line_and_changes_nothing(store, arguments, code, says):
    site(store, "add", "blog", "domains=blog.example")
    before = site(store, "list", "--json").stdout
    result = site(store, *arguments, check=False)
    assert (result.returncode, result.stdout) == (code, "")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("footfall: ")
    assert site(store, "list", "--json").stdout == before


@pytest.mark.parametrize("typed, code", [("blog", 0), ("default", 1), ("", 1)])
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_on_a_terminal_the_id_is_asked_for(store, typed, code):
    site(store, "add", "blog")
    master, terminal = pty.openpty()
    process = subprocess.Popen([RELEASE, "site", "remove", "blog"], stdin=terminal, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={"FOOTFALL_STORE": store.url})
    os.write(master, typed.encode() + b"\n")
    out, err = process.communicate(timeout=20)
    os.close(master)
    os.close(terminal)
    assert process.returncode == code, err
    assert "Type its id" in err
    assert ("blog is removed" in out) == (code == 0)
    assert site(store, "show", "blog", check=False).returncode == (1 if code == 0 else 0)


class Nowhere:
    """A store that is not there."""

    def __init__(self, url):
        self.url = url


def test_stores_that_cannot_be_used_are_told_by_the_exit_code(tmp_path):
    for url, code in [(f"redis://127.0.0.1:{free_port()}", 69), ("memory:", 78), ("gopher://x", 78),
                      (f"sqlite:{tmp_path}/nothing.db", 69)]:
        result = site(Nowhere(url), "list", check=False, FOOTFALL_STORE_TIMEOUT="300ms")
        assert result.returncode == code, (url, result.stderr)
        assert result.stderr.count("\n") == 1
    assert not os.listdir(tmp_path), "asking made a file"
    assert site(Nowhere(f"sqlite:{tmp_path}/new.db"), "add", "blog").returncode == 0


# What is removed


def test_a_removed_site_is_gone_from_the_store(fleet, store):
    site(store, "add", "blog", "domains=blog.example")
    for number in range(20):
        fleet.everywhere(lambda server, of=number: counted_for(server, f"p=https://blog.example/{of}"))
    assert counted_for(fleet.single, "p=/stays") == "default"
    removed = site(store, "remove", "blog", "--confirm=blog").stdout
    assert removed == "blog is removed, with 60 views and all their statistics; domains: blog.example\n"
    assert {key[0] for key in store_tool.rollups(store.url)} == {"default"}
    assert "site/blog" not in store_tool.lasting_records(store.url)
    assert "domain/blog.example" not in store_tool.lasting_records(store.url)
    assert site(store, "remove", "blog", "--confirm=blog", check=False).returncode == 1


def test_the_default_site_begins_anew_while_it_is_counted(fleet, store, seed):
    """It is removed under load: it goes on from 0, and is always there."""
    is_over = threading.Event()
    clients = Clients(fleet.single.port, 4, seed, leave=0, give_up=0, repeat=0)
    thread = threading.Thread(target=lambda: clients.run(lambda: not is_over.is_set(), 100))
    thread.start()
    try:
        fleet.single.wait_until(lambda: len(clients.told) > 100, "hits")
        assert "default is removed" in site(store, "remove", "default", "--confirm=default").stdout
    finally:
        is_over.set()
        thread.join()
    assert dict(clients.failures) == {}
    left = shown(fleet.single, "default")
    assert left < len(clients.told)
    assert fleet.everywhere(lambda server: count(server, "p=/a")[1]["site_count"]) == \
        [left + 1, left + 2, left + 3]
