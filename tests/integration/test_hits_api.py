"""Hits by API, on the real binary and on every store."""
import json
import time

import pytest

from support import store_tool
from support.footfall import MADE_UP_TOKEN, RELEASE, SANITIZED, Footfall
from support.stores import PostgresStore, RedisStore, SqliteStore

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
DAY_S = 86400
KINDS = [(SqliteStore, RELEASE), (SqliteStore, SANITIZED), (RedisStore, RELEASE),
         (RedisStore, SANITIZED), (PostgresStore, RELEASE), (PostgresStore, SANITIZED)]
TOTAL, PAGE, EVENT, BOT = "0", "1", "17", "19"  # dimensions


@pytest.fixture(params=KINDS, ids=["sqlite", "sqlite-asan", "redis", "redis-asan", "postgres",
                                   "postgres-asan"])
def server(request, tmp_path, ending):
    kind, binary = request.param
    store = kind(tmp_path)
    ending.append(store)
    store.start()
    footfall = Footfall(tmp_path, store=store.url, binary=binary)
    ending.append(footfall)
    footfall.store = store
    footfall.start()
    footfall.set_site("public_counters=pages")
    yield footfall
    assert footfall.stop() == 0, footfall.log()


def post(server, hits, token=None, target="/api/v1/hits", **headers):
    """Sends hits; the answer."""
    fields = {"Content-Type": "application/json", "User-Agent": AGENT,
              **{key.replace("_", "-"): value for key, value in headers.items()}}
    if token:
        fields["Authorization"] = "Bearer " + token
    body = hits if isinstance(hits, (bytes, str)) else json.dumps(hits)
    return server.request("POST", target, fields, body)


def results(answer):
    """The results of an answer, each as its status."""
    assert answer.status == 200, (answer.status, answer.body)
    return [result["status"] for result in answer.json()["results"]]


def views(server, dimension, bucket, text=None):
    """Of the default site, as the store has them; with `text`, of this value only."""
    return sum(int(metrics[0])
               for (site, at, of, page, _), metrics in store_tool.rollups(server.store.url).items()
               if (site, at, of, page) == ("default", str(bucket), dimension, "0")
               and text in (None, metrics[5]))


def today():
    """The day bucket of UTC, with some seconds left of it."""
    while time.time() % DAY_S > DAY_S - 10:
        time.sleep(1)
    return int(time.time() // DAY_S)


def test_each_hit_is_answered_in_its_place(server):
    day = today()
    answer = post(server, {"hits": [
        {"path": "/a", "title": "A", "referrer": "https://b.example/"},
        {"path": "/b", "id": "b-1"},
        {"path": "/a"},
        {"event": "buy", "path": "/a", "value": 59.9, "properties": {"plan": "year"}},
        {"path": ""},
        {"path": "/b", "id": "b-1"},
        {"path": "/a", "bot": 150},
        {"path": "/a", "site": "nowhere"},
        {"path": "/a", "surprise": 1},
    ]})
    assert results(answer) == ["counted", "counted", "counted", "event", "refused", "duplicate",
                               "bot", "refused", "refused"]
    told = answer.json()
    assert told["counted"] == 4
    assert [told["results"][at].get("count") for at in (0, 1, 2, 5)] == [1, 1, 2, 1]
    assert [told["results"][at].get("site_count") for at in (0, 1, 2, 5)] == [1, 2, 3, 3]
    assert told["results"][6]["bot"] == "headless"
    assert "nowhere" not in told["results"][7]["error"]["message"]
    assert "surprise" in told["results"][8]["error"]["message"]
    assert server.value() == 3 and server.value("default/a") == 2
    assert views(server, TOTAL, day) == 3
    assert views(server, PAGE, day, "/a") == 2
    assert views(server, EVENT, day, "buy") == 1
    assert views(server, BOT, day, "headless") == 1


def test_500_hits_count_and_501_do_not(server):
    hits = [{"path": f"/{number % 9}"} for number in range(501)]
    answer = post(server, hits)
    assert answer.status == 400 and "501" in answer.json()["error"]["message"]
    assert server.value() == 0
    told = post(server, hits[:500]).json()
    assert told["counted"] == 500
    assert [result["site_count"] for result in told["results"]] == list(range(1, 501))
    assert server.value() == 500


def test_only_who_has_a_token_tells_of_others(server):
    of_others = [{"path": "/a", "ip": "192.0.2.1"}, {"path": "/a", "user_agent": "Other/1"},
                 {"path": "/a", "time": int(time.time()) - 301}]
    answer = post(server, [{"path": "/a"}, *of_others])
    assert results(answer) == ["counted", "refused", "refused", "refused"]
    assert answer.json()["results"][1]["error"]["code"] == "unauthorized"
    for token in "wrong", MADE_UP_TOKEN:
        assert post(server, of_others, token=token).status == 401
        assert post(server, {"path": "/a"}, token=token).status == 401
    assert post(server, of_others, token=server.token("stats")).status == 403
    assert results(post(server, of_others, token=server.token("count,stats"))) == ["counted"] * 3
    assert server.value() == 4


def test_a_token_of_one_site_counts_for_no_other(server):
    hits = [{"path": "/a", "site": "default", "ip": "192.0.2.1"},
            {"path": "/a", "site": "blog", "ip": "192.0.2.1"}]
    answer = post(server, hits, token=server.token("count", site="default"))
    assert results(answer) == ["counted", "refused"]
    answer = post(server, hits, token=server.token("count", site="blog"))
    assert results(answer) == ["refused", "refused"]
    assert answer.json()["results"][0]["error"]["code"] == "forbidden"
    assert server.value() == 1


def test_pages_of_others_may_send_hits_of_who_is_logged_in(server):
    for cookie in f"footfall={MADE_UP_TOKEN}", "footfall=x", f"__Host-footfall={MADE_UP_TOKEN}":
        answer = post(server, {"path": "/a"}, Cookie=cookie, Origin="https://blog.example",
                      Sec_Fetch_Site="cross-site")
        assert results(answer) == ["counted"]
    assert server.value() == 3


def test_hits_of_the_past_land_on_their_day(server):
    day = today()
    at = (day - 40) * DAY_S + 1
    written = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime((day - 1) * DAY_S + 7200)) + "+02:00"
    answer = post(server, [{"path": "/a", "time": at, "ip": "192.0.2.1"},
                           {"path": "/a", "time": written},
                           {"path": "/a", "time": day * DAY_S, "ip": "192.0.2.1"},
                           {"path": "/a", "time": int(time.time()) - 3660 * DAY_S},
                           {"path": "/a", "time": int(time.time()) + 3600}],
                  token=server.token("count"))
    assert results(answer) == ["counted"] * 3 + ["refused"] * 2
    assert [views(server, TOTAL, of) for of in (day - 40, day - 1, day)] == [1, 1, 1]
    visitors = {key[1]: int(metrics[2]) for key, metrics in store_tool.rollups(server.store.url).items()
                if key[2] == TOTAL and int(key[1]) < 100_000}
    assert visitors == {str(day - 40): 0, str(day - 1): 0, str(day): 1}


def test_visits_follow_the_order_of_the_hits(server):
    day = today()
    hits = [{"path": path, "ip": ip, "user_agent": AGENT}
            for path in ("/in", "/on", "/out") for ip in ("192.0.2.1", "2001:db8::1")]
    assert results(post(server, hits, token=server.token("count"))) == ["counted"] * 6
    visits = {(dimension, metrics[5]): int(metrics[1])
              for (_, bucket, dimension, _, _), metrics in store_tool.rollups(server.store.url).items()
              if bucket == str(day) and dimension in ("2", "3") and metrics[1] != "0"}
    assert visits == {("2", "/in"): 2, ("3", "/out"): 2}


BAD_BODIES = [
    ("a text", '{"path":"/a"}', "text/plain", 415),
    ("a form", '{"path":"/a"}', "application/x-www-form-urlencoded", 415),
    ("cut short", '{"path":"/a"', "application/json", 400),
    ("empty", "", "application/json", 400),
    ("a key twice", '{"path":"/a","path":"/b"}', "application/json", 400),
    ("no hits", '{"hits":[]}', "application/json", 400),
    ("not UTF-8", b'{"path":"/\xff"}', "application/json", 400),
    ("deep", "[" * 100_000, "application/json", 400),
    ("many lists", "[" + "[]," * 340_000 + "[]]", "application/json", 400),
    ("too large", b"x" * ((1 << 20) + 1), "application/json", 413),
]


@pytest.mark.parametrize("body, kind, status", [bad[1:] for bad in BAD_BODIES],
                         ids=[bad[0] for bad in BAD_BODIES])
def test_a_bad_body_is_refused_as_a_whole(server, body, kind, status):
    answer = post(server, body, Content_Type=kind)
    assert answer.status == status
    assert set(answer.json()["error"]) == {"code", "message", "hint"}
    assert server.value() == 0


def test_a_browser_may_ask_before_it_sends(server):
    answer = server.request("OPTIONS", "/api/v1/hits",
                            {"Origin": "https://blog.example", "Access-Control-Request-Method": "POST",
                             "Access-Control-Request-Headers": "content-type"})
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "content-type" in answer.headers["access-control-allow-headers"].lower()
    assert post(server, {"path": "/a"}, Origin="https://blog.example").headers[
        "access-control-allow-origin"] == "*"


def test_what_was_sent_before_a_kill_counts_once_when_sent_again(server):
    """The client is never answered, or was; either way it sends all of it once more."""
    day = today()
    for round_ in range(5):
        hits = [{"path": f"/{number}", "id": f"{round_}-{number}"} for number in range(100)]
        before = post(server, hits[:50])
        assert set(results(before)) == {"counted"}
        server.kill()
        server.start()
        again = results(post(server, hits))
        assert again == ["duplicate"] * 50 + ["counted"] * 50
        assert server.value() == 100 * (round_ + 1)
    assert views(server, TOTAL, day) == 500


# The store is not there


@pytest.mark.parametrize("kind", [RedisStore, PostgresStore])
def test_without_its_store_nothing_is_counted_and_said_so(tmp_path, ending, kind):
    store = kind(tmp_path)
    ending.append(store)
    footfall = Footfall(tmp_path, store=store.url)
    ending.append(footfall)
    footfall.start(until="/healthz")
    hits = [{"path": "/a", "id": str(number)} for number in range(3)]

    answer = post(footfall, hits)
    assert answer.status == 503 and int(answer.headers["retry-after"]) > 0
    told = answer.json()
    assert told["counted"] == 0 and told["error"]["code"] == "unavailable"
    assert [result["status"] for result in told["results"]] == ["unavailable"] * 3
    assert post(footfall, {"no_sessions": True, "hits": [{"path": "/a"}]}, token=MADE_UP_TOKEN,
                target="/api/v0/count").status == 503

    store.start()
    footfall.wait_until(lambda: footfall.answers("/readyz"), "a store that came up")
    assert results(post(footfall, hits)) == ["counted"] * 3
    assert footfall.value() == 3
    assert footfall.stop() == 0


# GoatCounter's address


def test_goatcounters_clients_are_served(server):
    day = today()
    token = server.token("count")
    answer = post(server, {"hits": [
        {"path": "/a", "title": "A", "event": False, "ref": "https://b.example/", "query": "",
         "size": [1920, 1080, 1], "bot": 0, "user_agent": AGENT, "ip": "192.0.2.1",
         "location": "NL", "created_at": "0001-01-01T00:00:00Z"},
        {"path": "buy", "event": True, "session": "s1", "created_at": None},
        {"path": "/a", "session": "s1"}]}, token=token, target="/api/v0/count")
    assert (answer.status, answer.json()) == (202, {"status": "ok"})
    assert views(server, TOTAL, day) == 2 and views(server, EVENT, day, "buy") == 1
    assert views(server, "9", day, "NL") == 1

    answer = post(server, {"hits": [{"path": "/a"}]}, token=token, target="/api/v0/count")
    assert answer.status == 400 and "no_sessions" in answer.json()["errors"]["0"]
    answer = post(server, {"hits": []}, token=token, target="/api/v0/count")
    assert (answer.status, answer.json()) == (400, {"error": "no hits"})
    answer = post(server, {"hits": [{"path": "/a", "session": "s1"}]}, target="/api/v0/count")
    assert answer.status == 401 and isinstance(answer.json()["error"], str)
    assert server.value() == 2
