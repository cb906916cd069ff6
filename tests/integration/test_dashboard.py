"""The dashboard in a real browser, on the real binary with made-up traffic: looks, keys, filters, numbers
that move, processes that are killed."""
import os
import random
import re
import subprocess

import pytest

from support.accounts import EMAIL, PASSWORD, Gate
from support.chromium import Scenario
from support.demo import TRAFFIC, Demo
from support.footfall import RELEASE, ROOT
from support.stores import SqliteStore

SCRIPT = "dashboard.mjs"


@pytest.fixture(scope="module", name="demo")
def demo_fixture(tmp_path_factory):
    server = Demo(tmp_path_factory.mktemp("demo"), name="demo")
    yield server.start()
    server.kill()


@pytest.mark.parametrize("scenario", ["filters", "lists", "keyboard", "rest", "weight", "faults"])
def test_people_find_their_way(demo, scenario):
    Scenario(SCRIPT, scenario, demo.url).end()


def test_the_parts_that_need_no_browser():
    done = subprocess.run(["node", "--test", os.path.join(ROOT, "tests", "browser", "modules.mjs")],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_page_is_fine_on_phones_and_desks_in_light_and_dark(demo):
    """Nothing found by axe, nothing on the console, nothing wider than the window."""
    Scenario(SCRIPT, "looks", demo.url).end()


def test_a_demo_says_where_its_dashboard_is(demo):
    address = re.search(r"http://\S+/dashboard\?site=default", demo.log()).group(0)
    assert demo.get(address.split(str(demo.port), 1)[1], accept="text/html").status == 200
    for path in ("/account", "/users", "/tokens", "/sessions"):
        assert demo.get(path, accept="text/html").status == 303, path


def filled_store(folder):
    store = SqliteStore(folder)
    done = subprocess.run([RELEASE, "demo", f"--store={store.url}", "--into=default", *TRAFFIC],
                          capture_output=True, text=True, timeout=60, check=False,
                          env={"PATH": os.environ["PATH"]})
    assert done.returncode == 0, done.stderr
    return store


@pytest.fixture(name="gate")
def gate_fixture(tmp_path, ending):
    """Four processes behind HAProxy, and an account."""
    gate = Gate(filled_store(tmp_path), tmp_path, ending)
    gate.set_up()
    return gate


def scenario_behind(gate, name, ending):
    scenario = Scenario(SCRIPT, name, f"http://127.0.0.1:{gate.haproxy.port}",
                        FOOTFALL_TEST_EMAIL=EMAIL, FOOTFALL_TEST_PASSWORD=PASSWORD)
    ending.append(scenario)
    return scenario


def test_the_number_of_now_moves_when_another_process_counts(gate, ending):
    scenario = scenario_behind(gate, "live", ending)
    scenario.wait_until_it_waits()
    for i, server in enumerate(gate.servers):
        assert server.request("GET", "/count?p=/", {"User-Agent": f"Mozilla/5.0 Firefox/{i}"}).status == 200
    scenario.end()


def test_the_dashboard_goes_on_while_processes_are_killed(gate, ending, seed):
    scenario = scenario_behind(gate, "kills", ending)
    scenario.wait_until_it_waits()
    chance = random.Random(seed)
    kills = 0
    while scenario.is_running() and kills < 200:
        gate.deployment.kill_one(chance)
        kills += 1
    scenario.end()
    assert kills >= 4
