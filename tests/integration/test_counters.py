"""Counters on the real binary: every style in every format, on every store; and what browsers make
of the pictures."""
import gzip
import html
import json
import os
import re
import subprocess
import urllib.parse
import xml.etree.ElementTree

import pytest

from support.chromium import Scenario
from support.demo import Demo
from support.footfall import RELEASE, ROOT, SANITIZED, Footfall
from support.stores import PostgresStore, RedisStore, SqliteStore

STYLES = ["flat", "square", "big", "text", "digits", "led", "ghost", "spark"]
THEMES = ["light", "dark", "auto"]
LARGEST = 999_999_999_999  # of 12 digits
SVG = "{http://www.w3.org/2000/svg}"

HOSTILE_LABELS = [
    "<script>alert(1)</script>", "</text></svg><a>", "&amp;&#0;&lt;", "\"' onload=\"x",
    "]]><![CDATA[", "<?xml version='1.0'?>", "<!DOCTYPE svg>", "&xxe;", "%s%n%%", "\u202eabc", "\U0001f440 a\u0301",
    "訪問者", "a  b\u00a0 c", "-->", "{{label}}", "é" * 32, "W" * 32, "i" * 32, "\ufffd",
]

# In the place of these the default is shown.
UNREADABLE_LABELS = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"a\x00b", b"a\x1bb", b"\x7f",
                     b"\xc2\x85", b"\xef\xbf\xbe", b"\xef\xbf\xbf", b"x" * 33, b"\xf4\x90\x80\x80"]

KINDS = [(SqliteStore, RELEASE), (SqliteStore, SANITIZED), (RedisStore, RELEASE),
         (PostgresStore, RELEASE)]


@pytest.fixture(scope="module", params=KINDS, ids=["sqlite", "sqlite-asan", "redis", "postgres"])
def server(request, tmp_path_factory):
    """One server for all tests of this file, with a number of some digits."""
    folder = tmp_path_factory.mktemp("counters")
    kind, binary = request.param
    store = kind(folder)
    store.start()
    footfall = Footfall(folder, store=store.url, binary=binary, workers=2).start()
    footfall.set_site("public_counters=pages", "start_value=41230")
    footfall.hit("/a")
    yield footfall
    status = footfall.stop()
    store.kill()
    assert status == 0, footfall.log()


def address(name, extension, **options):
    return f"/c/{name}{extension}?" + urllib.parse.urlencode(options)


def picture(server, target):
    """An answer that is a picture: its root, parsed."""
    answer = server.get(target)
    assert answer.status == 200 and answer.headers["content-type"] == "image/svg+xml", target
    root = xml.etree.ElementTree.fromstring(answer.body)
    assert root.tag == SVG + "svg" and root[0].tag == SVG + "title", target
    return answer, root


@pytest.mark.parametrize("style", STYLES)
def test_every_style_in_every_format(server, style):
    number = server.value()
    for theme in THEMES:
        answer, root = picture(server, address("default", ".svg", style=style, theme=theme))
        assert root[0].text == root.get("aria-label") == f"views: {number:,}"
        assert root.get("role") == "img"
        assert not [tag for tag in root.iter() if tag.get("id") or tag.get("style")]
        assert ("unsafe-inline" in answer.headers["content-security-policy"]) == (theme == "auto")
    assert server.get(address("default", ".txt", style=style)).text() == f"{number}\n"
    assert server.get(address("default", ".html", style=style)).text() == \
        f'<span class="footfall-counter">{number:,}</span>\n'
    assert server.get(address("default", ".json", style=style)).json() == {
        "site": "default", "path": None, "metric": "views", "period": "all", "value": number,
        "text": f"{number:,}"}
    assert server.value() == number, "looking counts nothing"


@pytest.mark.parametrize("style", STYLES)
def test_every_picture_is_small(server, style):
    for theme in THEMES:
        target = address("default", ".svg", style=style, theme=theme, color="red", labelColor="124",
                         digits=12, start=LARGEST - server.value())
        answer, _ = picture(server, target)
        assert len(gzip.compress(answer.body)) <= 2048, (style, theme)


@pytest.mark.parametrize("style", STYLES)
def test_hostile_labels_stay_text(server, style):
    for label in HOSTILE_LABELS:
        _, root = picture(server, address("default", ".svg", style=style, label=label))
        shown = " ".join(label.replace("\u00a0", "\x01").split(" ")).split()
        assert " ".join(shown).replace("\x01", "\u00a0") in root[0].text
        assert {tag.tag for tag in root.iter()} <= {
            SVG + name for name in ("svg", "title", "path", "text", "rect", "g", "circle", "style")}
    for label in UNREADABLE_LABELS:
        target = f"/c/default.svg?style={style}&label=" + urllib.parse.quote(label)
        answer, root = picture(server, target)
        assert root[0].text.startswith("views: ")
        assert answer.headers["x-footfall-warning"] == "the default is taken for label"


def test_a_hit_is_counted_and_shown_at_once(server):
    for target in ("/c/default.txt", "/c/default/counted.txt"):
        before = int(server.get(target).text())
        for number in (before + 1, before + 2):
            answer = server.get(target + "?hit=1")
            assert int(answer.text()) == number
            assert answer.headers["cache-control"] == \
                "max-age=0, no-cache, no-store, must-revalidate"
            assert "etag" not in answer.headers
    before = server.value()
    assert server.get("/c/default/counted.gif").body[:6] == b"GIF89a"
    assert server.value() == before + 1
    assert server.request("HEAD", "/c/default.svg?hit=1").status == 200
    assert server.value() == before + 1


def test_what_is_shown_is_known_by_its_mark(server):
    answer = server.get("/c/default.svg?style=spark")
    assert answer.headers["cache-control"] == \
        "public, max-age=60, s-maxage=60, stale-while-revalidate=300"
    again = server.get("/c/default.svg?style=spark", if_none_match='"x", ' + answer.headers["etag"])
    assert again.status == 304 and again.body == b""
    assert again.headers["etag"] == answer.headers["etag"]
    assert server.get("/c/default.svg", if_none_match=answer.headers["etag"]).status == 200


def test_what_is_not_there_is_shown_so(server):
    _, root = picture(server, "/c/nowhere.svg?hit=1")
    assert root[0].text == "counter: no such site"
    assert picture(server, "/c/default/never/seen.svg")[1][0].text == "views: 0"
    assert server.get("/c/nowhere.txt").status == server.get("/c/nowhere.json").status == 404


@pytest.mark.parametrize("metric", ["views", "visitors", "visits"])
@pytest.mark.parametrize("period", ["today", "7d", "30d", "month", "year", "all"])
def test_periods_are_those_of_the_statistics(server, metric, period):
    shown = server.get(address("default", ".json", metric=metric, period=period)).json()
    answer = server.request("GET", f"/api/v1/stats?site=default&period={period}",
                            {"Authorization": "Bearer " + token_of(server)})
    start = 41230 if period == "all" else 0
    assert shown["value"] == answer.json()["totals"][metric] + start


def token_of(server):
    if not hasattr(server, "stats_token"):
        server.stats_token = server.token("stats")
    return server.stats_token


def test_what_is_public_holds_at_once(server):
    server.set_site("public_counters=off")
    assert picture(server, "/c/default.svg")[1][0].text == "counter: not public"
    assert server.get("/c/default.json").status == 403
    server.set_site("public_counters=total")
    assert server.get("/c/default.json").status == 200
    assert server.get("/c/default/a.json").status == 403
    server.set_site("public_counters=pages")
    assert server.get("/c/default/a.json").status == 200


# What a browser makes of it. One page with all of them in it, drawn once.


def run_chromium(folder, page, *flags):
    path = os.path.join(str(folder), "page.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(page)
    return subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
         f"--user-data-dir={folder}/chromium", "--virtual-time-budget=5000", *flags, "--dump-dom",
         "file://" + path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=True,
        env={**os.environ, "HOME": str(folder)}).stdout.decode()


MEASURE = """
const found = [];
for (const svg of document.querySelectorAll('body > div > svg')) {
  const box = svg.getBoundingClientRect();
  for (const text of svg.querySelectorAll('text')) {
    const at = text.getBoundingClientRect();
    const said = Number(text.getAttribute('textLength'));
    const copy = text.cloneNode(true);
    copy.removeAttribute('textLength');
    svg.append(copy);
    const drawn = copy.getComputedTextLength();
    copy.remove();
    found.push({style: svg.parentNode.title, text: text.textContent, said, drawn,
                left: at.left - box.left, right: box.right - at.right,
                top: at.top - box.top, bottom: box.bottom - at.bottom});
  }
}
document.body.textContent = JSON.stringify(found);
"""


def test_text_is_as_wide_as_it_is_said(server, tmp_path):
    """The font is the one that the widths are of: what is said and what is drawn are the same."""
    if server.binary == SANITIZED:
        return  # the pictures are the same
    page = ["<!doctype html><meta charset=utf-8><body>"]
    labels = ["views", "Besucher heute", "The quick brown fox (2.0)", "WMwmil.,:;!?#%&@", "~^_{}[]|\\/"]
    for style in STYLES:
        for label in labels:
            for start in (0, LARGEST - server.value()):
                answer, _ = picture(server, address("default", ".svg", style=style, label=label,
                                                    start=start))
                page.append(f'<div title="{style}">{answer.text()}</div>')
    page.append(f"<script>{MEASURE}</script>")
    dom = run_chromium(tmp_path, "\n".join(page))
    measured = json.loads(html.unescape(re.search(r"<body>(\[.*\])</body>", dom, re.DOTALL)[1]))
    assert len(measured) > 100
    for text in measured:
        assert abs(text["said"] - text["drawn"]) <= 0.02 * text["drawn"] + 0.5, text
        edge = 0 if text["style"] == "text" else 4
        assert min(text["left"], text["right"]) >= edge - 1, text
        assert min(text["top"], text["bottom"]) >= -1, text


def test_pictures_of_the_manual_are_those_that_are_drawn(server):
    """README shows them."""
    for style, options in {"flat": {}, "ghost": {"label": "visitors"}, "big": {"color": "green"},
                           "digits": {}, "led": {"digits": 8, "color": "amber"}}.items():
        target = address("default", ".svg", style=style, start=1_234_567 - server.value(), **options)
        answer, _ = picture(server, target)
        with open(os.path.join(ROOT, "docs", "img", f"counter-{style}.svg"), "rb") as file:
            assert file.read() == answer.body, style


@pytest.fixture(scope="module", name="demo")
def demo_fixture(tmp_path_factory):
    demo = Demo(tmp_path_factory.mktemp("demo"), name="demo")
    yield demo.start()
    demo.kill()


@pytest.mark.parametrize("scenario", ["looks", "builder", "alone", "together"])
def test_people_and_pages_find_counters_fine(demo, scenario):
    Scenario("counters.mjs", scenario, demo.url).end()
