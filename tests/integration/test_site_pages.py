"""Sites on their pages: what somebody changes at one process holds for the next request at every other."""
import re

import pytest

from support.accounts import EMAIL, PASSWORD, WELCOME, Gate, add_user
from support.browser import insist
from support.chromium import Scenario
from support.footfall import BROWSER

PROCESSES = 4


@pytest.fixture
def gate(tmp_path, store, ending):
    """Four processes behind round robin, on each store in turn."""
    return Gate(store, tmp_path, ending, PROCESSES)


def add(browser, **fields):
    insist(lambda: browser.get("/sites"))
    page = insist(lambda: browser.post("/sites/add", **fields))
    assert page.status == 303, page.text()
    return re.fullmatch(r"/sites/start\?site=([a-z0-9_-]+)&done=added", page.location).group(1)


def change(browser, site, **fields):
    """Sends the form as the page has it, but for these fields."""
    page = insist(lambda: browser.get(f"/sites/site?site={site}"))
    assert page.status == 200, page.text()
    mark = re.search(r'name="mark" value="([^"]+)"', page.text()).group(1)
    page = insist(lambda: browser.post("/sites/settings", site=site, mark=mark, **fields))
    assert page.status == 303, page.text()
    return page


def hits(gate, query, **headers):
    """A view at each process: what it is told."""
    fields = {"Accept": "application/json", "User-Agent": BROWSER,
              **{name.replace("_", "-"): value for name, value in headers.items()}}
    return [server.request("GET", "/count?" + query, fields) for server in gate.servers]


def test_what_is_changed_at_one_process_holds_in_all(gate):
    browser = gate.set_up()
    site = add(browser, domain="https://www.blog.example/about", name="Blog")
    assert site == "blog-example"
    told = [answer.json() for answer in hits(gate, "p=/a", Referer="https://blog.example/a")]
    assert [(hit["site"], hit["site_count"]) for hit in told] == [(site, i + 1) for i in range(PROCESSES)]
    change(browser, site, ignored_addresses="192.0.2.0/24\r\n2001:db8::/32")
    told = hits(gate, f"p=/a&site={site}", X_Forwarded_For="192.0.2.7")
    assert [hit.json().get("ignored") for hit in told] == [True] * PROCESSES
    change(browser, site, allowed_origins="https://blog.example")
    told = hits(gate, f"p=/a&site={site}", Origin="https://other.example")
    assert [hit.status for hit in told] == [403] * PROCESSES
    change(browser, site, start_value="1000", domains="blog.test")
    told = [answer.json() for answer in hits(gate, "p=https://blog.test/b")]
    assert [hit["site"] for hit in told] == [site] * PROCESSES
    shown = [server.get(f"/c/{site}.json").json()["value"] for server in gate.servers]
    assert shown == [1000 + 2 * PROCESSES] * PROCESSES
    for server in gate.servers:
        assert server.get(f"/sites/site?site={site}").status == 303


def test_a_removed_site_is_gone_everywhere(gate):
    browser = gate.set_up()
    site = add(browser, domain="blog.example")
    assert [hit.status for hit in hits(gate, f"p=/a&site={site}")] == [200] * PROCESSES
    insist(lambda: browser.get(f"/sites/remove?site={site}"))
    assert insist(lambda: browser.post("/sites/remove", site=site, confirm="blog")).status == 400
    assert [hit.status for hit in hits(gate, f"p=/a&site={site}")] == [200] * PROCESSES
    page = insist(lambda: browser.post("/sites/remove", site=site, confirm=site))
    assert page.location == "/sites?done=removed", page.text()
    assert [hit.status for hit in hits(gate, f"p=/a&site={site}")] == [400] * PROCESSES
    for _ in range(PROCESSES):
        assert site not in insist(lambda: browser.get("/sites?done=removed")).text().split("Add a site")[0]


def test_the_way_from_setup_to_the_first_view(gate):
    browser = gate.set_up()
    for _ in range(PROCESSES):
        page = insist(lambda: browser.get(WELCOME))
        assert "Waiting for the first view" in page.text() and 'http-equiv="refresh"' in page.text()
    gate.servers[2].request("GET", "/count?p=/hello", {"User-Agent": BROWSER})
    for _ in range(PROCESSES):
        page = insist(lambda: browser.get(WELCOME))
        assert "It counts: 1 view so far." in page.text() and "<code>/hello</code>" in page.text()
        assert "http-equiv" not in page.text()


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scenario", ["waits", "waitsWithoutScript"])
def test_the_first_view_is_seen_as_soon_as_it_comes(gate, ending, scenario):
    gate.set_up()
    browser = Scenario("start.mjs", scenario, f"http://127.0.0.1:{gate.haproxy.port}", FOOTFALL_TEST_EMAIL=EMAIL,
                       FOOTFALL_TEST_PASSWORD=PASSWORD)
    ending.append(browser)
    browser.wait_until_it_waits()
    assert gate.servers[1].request("GET", "/count?p=/hello", {"User-Agent": BROWSER}).status == 200
    browser.end()


def test_everybody_does_only_what_his_role_lets_him(gate):
    """Each page and form of sites, as nobody and by each role, at each process."""
    owner = gate.set_up()
    add(owner, domain="mine.example", id="mine")
    add(owner, domain="other.example", id="other")
    for role in ("viewer", "editor", "owner"):
        add_user(gate.servers[0], f"{role}@example.org", role, site="mine")
    # GET /sites/start, GET /sites/site, POST settings, POST add, POST remove; of mine, then of other
    expected = {"nobody": ([303] * 5, [303] * 5),
                "viewer": ([200, 403, 403, 403, 403], [404, 404, 404, 403, 403]),
                "editor": ([200, 200, 303, 403, 403], [404, 404, 404, 403, 403]),
                "owner": ([200, 200, 303, 403, 403], [404, 404, 404, 403, 403])}
    for process in range(PROCESSES):
        for role, statuses in expected.items():
            browser = (gate.browser(process) if role == "nobody" else
                       gate.logged_in(f"{role}@example.org", process=process))
            browser.get("/sites")
            for site, wanted in zip(("mine", "other"), statuses):
                pages = [browser.get(f"/sites/start?site={site}"), browser.get(f"/sites/site?site={site}")]
                mark = re.search(r'name="mark" value="([^"]+)"', pages[1].text())
                got = [page.status for page in pages]
                got += [browser.post("/sites/settings", site=site, name=f"By {role} at {process}",
                                     mark=mark.group(1) if mark else "").status,
                        browser.post("/sites/add", domain="third.example").status,
                        browser.post("/sites/remove", site=site, confirm=site).status]
                assert got == wanted, (process, role, site)
            browser.close()
    text = insist(lambda: owner.get("/sites")).text()
    assert "other.example" in text and "third.example" not in text
