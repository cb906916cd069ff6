"""Dashboards that are shown without a login: what is shared at one process is there at every other, and
what is taken back is gone at every other at once."""
import base64
import hashlib
import json
import os
import re
import time

import pytest

from support import contents, store_tool
from support.accounts import EMAIL, PASSWORD, Gate, add_user
from support.browser import insist
from support.chromium import Scenario
from support.footfall import BROWSER, MADE_UP_TOKEN
from support.program import free_port
from test_dashboard import filled_store

PROCESSES = 3
SCRIPT = "shared.mjs"
# What the dashboard asks of a site.
QUESTIONS = ("stats?site={}", "stats/top?site={}&dimension=page", "live?site={}")


@pytest.fixture
def gate(tmp_path, store, ending):
    return Gate(store, tmp_path, ending, PROCESSES)


def set_up(gate):
    """An owner, and the sites mine and other, each with a view."""
    owner = gate.set_up()
    for site in ("mine", "other"):
        insist(lambda: owner.get("/sites"))
        page = insist(lambda: owner.post("/sites/add", domain=f"{site}.example", id=site))
        assert page.status == 303, page.text()
        hit = gate.servers[0].get(f"/count?p=/{site}-page&site={site}", accept="application/json")
        assert hit.status == 200, hit.text()
    return owner


def make_link(browser, site="mine", name="a client", days="7"):
    """Its token."""
    insist(lambda: browser.get(f"/sites/share?site={site}"))
    page = insist(lambda: browser.post("/sites/share/add", site=site, name=name, days=days))
    assert page.status == 200, page.text()
    token = re.search(rf"/shared\?site={site}#([A-Za-z0-9_-]+)<", page.text()).group(1)
    assert len(token) == 54
    browser.issued.api_tokens.add(token)
    return token


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def hash_of(secret):
    """What the store knows of a token: BLAKE2b, keyed with what the secret is for."""
    return base64url(hashlib.blake2b(secret, key=b"footfall api token".ljust(32, b"\0"), digest_size=32).digest())


def revoke_first(browser, site="mine"):
    page = insist(lambda: browser.get(f"/sites/share?site={site}"))
    link = re.search(r'name="id" value="([0-9a-f]{8})"', page.text()).group(1)
    page = insist(lambda: browser.post("/sites/share/revoke", site=site, id=link))
    assert page.location == f"/sites/share?site={site}&done=revoked", page.text()


def ask(server, path, token=None, method="GET", body=None, **more):
    headers = {"User-Agent": BROWSER, **more}
    if token:
        headers["Authorization"] = "Bearer " + token
    return server.request(method, path, headers, body)


def statuses(gate, site, token=None):
    """What is answered to what the dashboard asks of a site, by every process."""
    return {ask(server, "/api/v1/" + question.format(site), token).status
            for server in gate.servers for question in QUESTIONS}


def sites_told(server, token=None, query=""):
    return [site["id"] for site in ask(server, "/api/v1/sites" + query, token).json()["sites"]]


def test_a_link_is_good_at_every_process_until_it_is_revoked_at_one(gate):
    owner = set_up(gate)
    tokens = [make_link(gate.logged_in(process=process)) for process in range(PROCESSES)]
    for token in tokens:
        assert statuses(gate, "mine", token) == {200}
        assert statuses(gate, "other", token) == {404}
        for server in gate.servers:
            assert sites_told(server, token) == ["mine"]
            pages = ask(server, "/api/v1/stats/top?site=mine&dimension=page", token).json()
            assert [row["value"] for row in pages["rows"]] == ["/mine-page"]
    text = insist(lambda: owner.get("/sites/share?site=mine")).text()
    assert text.count(f"a client<small>by {EMAIL}</small>") == PROCESSES
    assert 'data-label="Last used">Never' not in text
    for process, token in enumerate(tokens):
        revoke_first(gate.logged_in(process=process))
        assert statuses(gate, "mine", token) == {401}
        for left in tokens[process + 1:]:
            assert statuses(gate, "mine", left) == {200}
    assert statuses(gate, "mine", MADE_UP_TOKEN) == {401}


def test_a_link_writes_nothing_and_opens_no_other_page(gate):
    owner = set_up(gate)
    token = make_link(owner)
    before = insist(lambda: owner.get("/sites/site?site=mine")).text()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for server in gate.servers:
        for path in ("/dashboard", "/sites", "/sites/site?site=mine", "/sites/share?site=mine",
                     "/sites/start?site=mine", "/counters", "/tokens", "/users", "/account", "/sessions"):
            assert ask(server, path, token).status == 303, path
        for path in ("/sites/settings", "/sites/share/add", "/sites/share/revoke", "/sites/remove",
                     "/tokens/add"):
            answer = ask(server, path, token, "POST", "site=mine&name=Theirs&days=1", **form)
            assert answer.status == 303 and answer.headers["location"].startswith("/login"), path
        for path in ("/api/v1/hits", "/api/v0/count"):
            assert ask(server, path, token, "POST", '{"path":"/x"}',
                       **{"Content-Type": "application/json"}).status == 403, path
        assert ask(server, "/api/v1/sessions", token, "POST", '{"user":"x"}',
                   **{"Content-Type": "application/json"}).status == 403
        assert ask(server, "/api/v1/stats?site=mine", token, "POST").status == 405
    # A token is no cookie, and is looked for in no address.
    for server in gate.servers:
        assert ask(server, "/dashboard", Cookie=f"footfall={token}").status == 303
        assert ask(server, f"/api/v1/stats?site=mine&token={token}").status == 401
    after = insist(lambda: owner.get("/sites/site?site=mine")).text()
    assert re.search(r'name="mark" value="([^"]+)"', before).group(1) in after


def test_a_link_that_has_ended_is_refused(gate, store):
    owner = set_up(gate)
    token = make_link(owner, days="1")
    assert statuses(gate, "mine", token) == {200}
    (value, left_s), = [record for key, record in contents.without_rollups(store).records.items()
                        if key == b"token/accounts/" + hash_of(base64.urlsafe_b64decode(token + "==")).encode()]
    assert 86000 < left_s <= 86400, "the store itself ends it"
    # One that a clock that is behind has written, so that the store still has it.
    for end_s, status in ((time.time() - 1, 401), (time.time() + 1000, 200)):
        secret = os.urandom(40)
        late = {**json.loads(value), "expires": int(end_s)}
        store_tool.write_forever(store.url, "token/accounts/" + hash_of(secret), json.dumps(late, separators=(",", ":")))
        assert statuses(gate, "mine", base64url(secret)) == {status}
    for days in ("0", "90"):
        assert statuses(gate, "mine", make_link(owner, days=days)) == {200}


def test_a_public_dashboard_is_that_of_its_site_only(gate):
    set_up(gate)
    assert statuses(gate, "mine") == {401}
    for i, server in enumerate(gate.servers):
        server.set_site("public_dashboard=on", site="mine")
        assert statuses(gate, "mine") == {200}
        assert statuses(gate, "other") == statuses(gate, "nosuch") == statuses(gate, "default") == {401}
        for other in gate.servers:
            assert ask(other, "/api/v1/sites").status == 401
            assert sites_told(other, query="?site=mine") == ["mine"]
            assert ask(other, "/dashboard?site=mine").status == 303
        gate.servers[i - 1].set_site("public_dashboard=off", site="mine")
        assert statuses(gate, "mine") == {401}


def test_no_token_of_a_link_is_in_a_log_or_in_the_store(gate, store):
    owner = set_up(gate)
    tokens = [make_link(owner, name=f"client {i}") for i in range(3)]
    for token in tokens:
        for server in gate.servers:
            page = ask(server, "/shared?site=mine&embed=1", Accept="text/html")
            assert page.status == 200 and token not in page.text()
            assert page.headers["referrer-policy"] == "same-origin" and "set-cookie" not in page.headers
        assert statuses(gate, "mine", token) == {200}
    revoke_first(owner)
    logs = [server.log() for server in gate.servers] + [gate.haproxy.log()]
    assert any('result="link added"' in log for log in logs)
    records = contents.without_rollups(store).records
    for token in tokens:
        assert not [log for log in logs if token in log or token[11:] in log]
        secret = token[11:].encode()
        assert not [key for key, (value, _) in records.items() if secret in key or secret in value]


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_everybody_shares_only_what_his_role_lets_him(gate):
    set_up(gate)
    for role in ("viewer", "editor", "owner"):
        add_user(gate.servers[0], f"{role}@example.org", role, site="mine")
    # GET, add, revoke; of mine, then of other
    expected = {"nobody": ([303] * 3, [303] * 3), "viewer": ([403] * 3, [404] * 3),
                "editor": ([200, 200, 303], [404] * 3), "owner": ([200, 200, 303], [404] * 3)}
    for role, wanted in expected.items():
        browser = gate.browser() if role == "nobody" else gate.logged_in(f"{role}@example.org")
        browser.get("/sites")
        got = []
        for site in ("mine", "other"):
            page = browser.get(f"/sites/share?site={site}")
            got.append([page.status,
                        browser.post("/sites/share/add", site=site, name=role, days="1").status,
                        browser.post("/sites/share/revoke", site=site, id="00000000").status])
        assert tuple(got) == wanted, role


# ---- in a real browser ----------------------------------------------------------------------------------


@pytest.fixture(name="shown")
def shown_fixture(tmp_path, ending):
    """Four processes, traffic, an owner, and where a page of another site is to be served."""
    gate = Gate(filled_store(tmp_path), tmp_path, ending)
    gate.owner = gate.set_up()
    gate.other_port = free_port()
    gate.servers[0].set_site(f"allowed_origins=http://footfall.test:{gate.other_port}", "name=My blog")
    return gate


def run_scenario(gate, name, *words):
    Scenario(SCRIPT, name, f"http://127.0.0.1:{gate.haproxy.port}", *words, FOOTFALL_TEST_EMAIL=EMAIL,
             FOOTFALL_TEST_PASSWORD=PASSWORD, FOOTFALL_TEST_OTHER_PORT=str(gate.other_port)).end()


@pytest.mark.parametrize("scenario", ["looks", "looksInFrame"])
def test_what_is_shared_is_fine_on_phones_and_desks_in_light_and_dark(shown, scenario):
    """Public, by a link, and in a frame of another site: nothing found by axe, nothing on the console."""
    token = make_link(shown.owner, site="default")
    shown.servers[1].set_site("public_dashboard=on")
    run_scenario(shown, scenario, token)


def test_a_frame_is_shown_where_the_site_lets_it(shown):
    token = make_link(shown.owner, site="default")
    run_scenario(shown, "frames", token)


def test_a_link_is_made_sent_and_taken_back_by_keys_alone(shown):
    run_scenario(shown, "link")


def test_visitors_find_their_way_and_nothing_else(shown):
    token = make_link(shown.owner, site="default")
    run_scenario(shown, "visitor", token)
