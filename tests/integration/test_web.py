"""Every address, on the real binary and on every store."""
import base64
import hashlib
import html
import re
import urllib.parse

import pytest

from support import prometheus
from support.footfall import RELEASE, SANITIZED, Footfall
from support.stores import PostgresStore, RedisStore, SqliteStore

NAME = 'Tea & "Biscuits" <1>'
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.fixture(scope="module", params=[(SqliteStore, RELEASE), (SqliteStore, SANITIZED),
                                        (RedisStore, RELEASE), (RedisStore, SANITIZED),
                                        (PostgresStore, RELEASE), (PostgresStore, SANITIZED)],
                ids=["sqlite", "sqlite-asan", "redis", "redis-asan", "postgres", "postgres-asan"])
def server(request, tmp_path_factory):
    """One server for all tests of this file; they compare counts before and after."""
    folder = tmp_path_factory.mktemp("web")
    kind, binary = request.param
    store = kind(folder)
    store.start()
    footfall = Footfall(folder, store=store.url, binary=binary, FOOTFALL_NAME=NAME).start()
    footfall.set_site("public_counters=pages")
    yield footfall
    status = footfall.stop()
    store.kill()
    assert status == 0, footfall.log()


def visible_text(page):
    """What a browser shows of a page, with single spaces."""
    body = re.sub(r"(?s)<(style|head|title)\b.*?</\1>", " ", page)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def unchanged(server, act):
    """Runs act() and returns its result; fails when that counted anything."""
    before = server.value()
    result = act()
    assert server.value() == before
    return result


# The welcome page


def test_welcome_is_one_line_for_curl(server):
    before = server.value()
    for number in (before + 1, before + 2):
        answer = server.get("/", accept="*/*", user_agent="curl/7.88.1")
        assert answer.status == 200
        assert answer.text() == f"Welcome to {NAME}! Visitor Count: {number}\n"
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert "no-store" in answer.headers["cache-control"]


def test_welcome_is_a_page_for_browsers(server):
    before = server.value()
    answer = server.get("/", accept=BROWSER)
    page = answer.text()
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "accept" in answer.headers["vary"].lower()
    assert "<1>" not in page, "the name is not escaped"
    shown = visible_text(page)
    assert NAME in shown and str(before + 1) in shown
    assert "<script" not in page and "prefers-color-scheme" in page
    assert server.value() == before + 1


def test_the_page_allows_its_own_style_and_nothing_else(server):
    answer = server.get("/", accept=BROWSER)
    style = re.search(r"(?s)<style>(.*?)</style>", answer.text())[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["content-security-policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")


def test_welcome_is_text_without_any_accept_field(server):
    assert server.get("/").text().startswith(f"Welcome to {NAME}! Visitor Count: ")


# /count


def test_count_answers_a_gif(server):
    before = server.value("default/gif")
    answer = server.get("/count?p=/gif", accept="image/avif,image/webp,*/*")
    assert answer.status == 200
    assert answer.headers["content-type"] == "image/gif"
    assert "no-store" in answer.headers["cache-control"]
    assert len(answer.body) == 43 and answer.body.startswith(b"GIF89a") and answer.body[-1:] == b";"
    assert server.value("default/gif") == before + 1


def test_count_answers_json_to_those_who_ask(server):
    site = server.value()
    page = server.value("default/json")
    assert server.hit("/json") == {"site": "default", "path": "/json", "count": page + 1,
                                   "site_count": site + 1, "duplicate": False}
    assert server.hit("/json", "&site=default")["count"] == page + 2


@pytest.mark.parametrize("target, body, kind", [
    ("/count?p=/post", None, None),
    ("/count?p=/post", b"", None),
    ("/count?p=/post", b"p=/ignored", "text/plain"),
    ("/count", b"p=%2Fpost&id=", "application/x-www-form-urlencoded"),
])
def test_count_takes_a_post(server, target, body, kind):
    before = server.value("default/post")
    headers = {"Accept": "application/json", **({"Content-Type": kind} if kind else {})}
    answer = server.request("POST", target, headers, body)
    assert answer.status == 200 and answer.json()["count"] == before + 1


def test_an_id_counts_once(server):
    first = server.hit("/id", "&id=abc")
    again = server.hit("/id", "&id=abc")
    other = server.hit("/id", "&id=abd")
    assert (first["duplicate"], again["duplicate"], other["duplicate"]) == (False, True, False)
    assert again["site_count"] == first["site_count"]
    assert other["site_count"] == first["site_count"] + 1


def test_the_path_is_decoded_once(server):
    path = "/käse/100%/a+b c"
    before = server.hit(urllib.parse.quote(path, safe=""))
    assert before["path"] == path
    assert server.value("default" + urllib.parse.quote(path)) == before["count"]


@pytest.mark.parametrize("header, value", [
    ("Sec-Purpose", "prefetch"), ("Sec-Purpose", "prefetch;prerender"), ("Purpose", "prefetch"),
    ("X-Moz", "prefetch")])
@pytest.mark.parametrize("target", ["/", "/count?p=/prefetched"])
def test_prefetching_counts_nothing(server, target, header, value):
    answer = unchanged(server, lambda: server.request("GET", target, {header: value}))
    assert answer.status < 500


@pytest.mark.parametrize("target", ["/", "/count?p=/head", "/c/default.txt", "/healthz", "/readyz",
                                    "/metrics", "/version"])
def test_head_counts_nothing_and_has_no_body(server, target):
    answer = unchanged(server, lambda: server.request("HEAD", target))
    assert answer.status == 200 and answer.body == b""


# Showing without counting


@pytest.mark.parametrize("page", ["", "/shown", "/shown/deep/er"])
def test_a_number_is_shown_without_counting(server, page):
    number = server.hit(page or "/")["count" if page else "site_count"]
    text = unchanged(server, lambda: server.get(f"/c/default{page}.txt"))
    assert text.status == 200 and text.text().strip() == str(number)
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    answer = unchanged(server, lambda: server.get(f"/c/default{page}.json"))
    assert answer.headers["content-type"].startswith("application/json")
    shown = answer.json()
    assert (shown["site"], shown["metric"], shown["value"]) == ("default", "views", number)
    assert shown["path"] == (page or None)


@pytest.mark.parametrize("target", ["/c/default", "/c/default.png", "/c/", "/c/nowhere.txt",
                                    "/c/nowhere/page.json"])
def test_a_number_that_does_not_exist_is_not_found(server, target):
    assert unchanged(server, lambda: server.get(target)).status == 404


# Bad input: 400, what was wrong, and nothing stored

BAD_HITS = [
    ("no path", "/count", "p"),
    ("empty path", "/count?p=", "p"),
    ("path of 2,049 bytes", "/count?p=/" + 2048 * "x", "2,?048"),
    ("not UTF-8", "/count?p=/%ff%fe", "UTF-8"),
    ("overlong UTF-8", "/count?p=/%c0%af", "UTF-8"),
    ("a surrogate", "/count?p=/%ed%a0%80", "UTF-8"),
    ("a control character", "/count?p=/a%0ab", "control"),
    ("NUL", "/count?p=/a%00b", "control"),
    ("a broken escape", "/count?p=/%zz", "%|percent|escape"),
    ("an unknown site", "/count?p=/x&site=nowhere", "site"),
    ("an id with a space", "/count?p=/x&id=a%20b", "id"),
    ("an id of 129 bytes", "/count?p=/x&id=" + 129 * "x", "id"),
]


@pytest.mark.parametrize("target, says", [bad[1:] for bad in BAD_HITS], ids=[bad[0] for bad in BAD_HITS])
def test_a_bad_hit_is_refused_with_the_reason(server, target, says):
    answer = unchanged(server, lambda: server.get(target, accept="application/json"))
    assert answer.status == 400
    assert set(answer.json()["error"]) == {"code", "message", "hint"}
    assert re.search(says, answer.json()["error"]["message"])


def test_a_path_of_2048_bytes_is_counted(server):
    assert server.hit("/" + 2047 * "y")["count"] == 1


# Operations


def test_health_and_readiness(server):
    assert server.get("/healthz").status == 200
    assert server.get("/readyz").status == 200


def test_version(server):
    answer = server.get("/version")
    assert answer.status == 200 and re.search(r"\d+\.\d+\.\d+", answer.text())


def test_metrics_are_prometheus_text_and_count_the_hits(server):
    before = prometheus.parse(server.get("/metrics").text())
    server.hit("/metrics")
    answer = server.get("/metrics")
    after = prometheus.parse(answer.text())
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert (prometheus.total(after, "footfall_hits_total")
            == prometheus.total(before, "footfall_hits_total") + 1)
    assert (prometheus.total(after, "footfall_batches_total")
            == prometheus.total(before, "footfall_batches_total") + 1)


def test_an_unknown_address_is_not_found(server):
    assert unchanged(server, lambda: server.get("/nothing/here")).status == 404


@pytest.mark.parametrize("method, target, allow", [
    ("DELETE", "/", "GET, HEAD"), ("POST", "/", "GET, HEAD"), ("PUT", "/count?p=/x", "GET, HEAD, POST"),
    ("POST", "/c/default.txt", "GET, HEAD"), ("POST", "/metrics", "GET, HEAD")])
def test_a_wrong_method_is_told_the_right_ones(server, method, target, allow):
    answer = unchanged(server, lambda: server.request(method, target))
    assert answer.status == 405
    assert sorted(answer.headers["allow"].split(", ")) == allow.split(", ")


# A store that is not there yet


@pytest.mark.parametrize("kind", [RedisStore, PostgresStore])
def test_waits_for_a_store_that_is_down(tmp_path, ending, kind):
    store = kind(tmp_path)
    ending.append(store)
    footfall = Footfall(tmp_path, store=store.url)
    ending.append(footfall)
    footfall.start(until="/healthz")

    ready = footfall.get("/readyz")
    assert ready.status == 503 and store.name in ready.text().lower()
    hit = footfall.get("/count?p=/x")
    assert hit.status == 503 and int(hit.headers["retry-after"]) > 0
    assert footfall.get("/").status == 503

    store.start()
    footfall.wait_until(lambda: footfall.answers("/readyz"), "a store that came up")
    assert footfall.hit("/x")["site_count"] == 1, "a refused hit was counted"
    assert footfall.stop() == 0
