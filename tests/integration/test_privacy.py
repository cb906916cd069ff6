"""No address and no user agent of a visitor is kept, in whatever form: not in the files of a store,
not in what it writes out, and not in any log.

Hits are sent by visitors that can be told from all else, then everything that is on disk is searched
for them. So that the search is worth something, it is shown to find what is kept (paths), and each
form that it looks for."""
import base64
import glob
import hashlib
import ipaddress
import json
import os
import subprocess
from collections import Counter

import pytest

from support import store_tool
from support.footfall import Footfall
from support.postgres import Postgres
from support.redis import Redis


# Eight of each: four bytes may be in a large file by chance, but not those of half of them.
IPV4 = [f"203.0.113.{number}" for number in (7, 38, 77, 101, 149, 183, 214, 251)]
IPV6 = [f"2001:db8:5eed:{number:x}:1a2b:3c4d:5e6f:7a8b" for number in range(0x7a01, 0x7a09)]
ADDRESSES = [ipaddress.ip_address(text) for text in IPV4 + IPV6]
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 Zebrafinch/{}"
BOT = "Zebrafinchbot/{} (+https://zebrafinch.example/bot)"
SECRET = "quagga-at-the-river"  # in what a referrer has behind its host
TOTAL, BOT_DIMENSION = "0", "19"
KEPT = "/kept/kestrel"  # a path, which is stored


# What is looked for


def forms_of_address(address):
    """name -> bytes: the ways to write one."""
    packed = address.packed
    mapped = packed if address.version == 6 else b"\0" * 10 + b"\xff\xff" + packed
    forms = {"text": str(address).encode(), "hex": packed.hex().encode(),
             "upper hex": packed.hex().upper().encode(), "binary": packed,
             "reversed": packed[::-1], "mapped": mapped, "base64": base64.b64encode(packed)[:-2],
             "number": str(int(address)).encode(), "blake2b": blake2b(packed),
             "blake2b of 16 bytes": blake2b(mapped), "blake2b of the text": blake2b(str(address).encode())}
    if address.version == 6:
        network = packed[:8]
        forms |= {"exploded": address.exploded.encode(), "network": network,
                  "network in hex": network.hex().encode(),
                  "network as text": ":".join(str(address).split(":")[:4]).encode()}
    return forms


def blake2b(data):
    """As user agents are digested in memory."""
    return hashlib.blake2b(data, digest_size=16).digest()


def needles():
    """(what it is, which of them) -> bytes."""
    found = {(f"IPv{address.version}, {name}", number): form
             for number, address in enumerate(ADDRESSES)
             for name, form in forms_of_address(address).items()}
    for number in range(len(ADDRESSES)):
        found["the digest of an agent", number] = blake2b(AGENT.format(number).encode())
    found["an agent", 0] = b"Zebrafinch"
    found["an agent, in hex", 0] = b"Zebrafinch".hex().encode()
    found["the rest of a referrer", 0] = SECRET.encode()
    return found


NEEDLES = needles()


def is_by_chance(form, which):
    """Four or five bytes may be anywhere; but not those of three of eight addresses."""
    return len(form) < 7 and len(which) < 3


def find(haystack):
    """What of the visitors is in there."""
    found = {}
    for (what, number), form in NEEDLES.items():
        if form in haystack:
            found.setdefault(what, (form, set()))[1].add(number)
    return sorted(what for what, (form, which) in found.items() if not is_by_chance(form, which))


def test_the_search_finds_each_form():
    for what, number in NEEDLES:
        forms = [form for (of, _), form in NEEDLES.items() if of == what]
        assert what in find(os.urandom(5000) + b"".join(b"\1" + form for form in forms)), what
    assert find(os.urandom(1 << 20)) == []


# The stores


class SqliteFiles:
    def __init__(self, folder):
        self.folder = str(folder)
        self.url = f"sqlite:{self.folder}/footfall.db"

    def written_out(self):
        """Name -> bytes of all that it has on disk; the log of Footfall lies there, too."""
        return read_all(self.folder)

    def kill(self):
        pass


class RedisFiles:
    """Redis, which writes its commands down as they are, and the contents uncompressed."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.redis = Redis(folder, "always", "--rdbcompression", "no", "--loglevel", "debug").start()
        self.url = self.redis.url

    def written_out(self):
        self.redis.ask("SAVE")
        files = read_all(self.folder)
        assert any(name.endswith(".rdb") for name in files) and any(".aof" in name for name in files)
        return files

    def kill(self):
        self.redis.kill()


class PostgresFiles:
    """PostgreSQL, which writes all statements with their parameters into its log."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.postgres = Postgres("log_statement=all", "log_min_messages=debug1").start()
        self.url = self.postgres.url

    def written_out(self):
        self.postgres.psql("CHECKPOINT")
        dump = subprocess.run(["pg_dump", self.url], capture_output=True, timeout=60, check=True).stdout
        return {"pg_dump": dump, **read_all(self.folder), **read_all(self.postgres.folder)}

    def kill(self):
        self.postgres.remove()


def read_all(folder):
    files = {}
    for path in glob.glob(folder + "/**", recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                files[path] = file.read()
    return files


@pytest.fixture(params=[SqliteFiles, RedisFiles, PostgresFiles], ids=["sqlite", "redis", "postgres"])
def files(request, tmp_path):
    opened = request.param(tmp_path)
    yield opened
    opened.kill()


# The visitors


def requests_of(number, address, token):
    """All ways to be counted, shown or refused: method, target, fields, body."""
    fields = {"X-Forwarded-For": address, "User-Agent": AGENT.format(number)}
    json_fields = {**fields, "Accept": "application/json"}
    referrer = f"https://ref{number}.example/{SECRET}/a?{SECRET}=1%23{SECRET}"
    api = {"Content-Type": "application/json", "Authorization": "Bearer " + token}
    hit = {"path": f"{KEPT}/api", "ip": address, "user_agent": AGENT.format(number),
           "referrer": referrer}
    return [
        ("GET", "/", fields, None),
        ("GET", f"/count?p={KEPT}&r={referrer}&t=Title&id=id-{number}", json_fields, None),
        ("GET", f"/count?p={KEPT}/second&r={referrer}", {**fields, "Referer": referrer}, None),
        ("GET", "/count?p=signup&e=true", json_fields, None),
        ("GET", f"/count?p={KEPT}/bot", {**fields, "User-Agent": BOT.format(number)}, None),
        ("GET", f"/count?p={KEPT}/privacy", {**fields, "Sec-GPC": "1", "DNT": "1"}, None),
        ("GET", f"/count?p={KEPT}&site=nowhere", fields, None),
        ("GET", "/count", fields, None),
        ("GET", "/nothing-here", fields, None),
        ("GET", "/c/default.json", fields, None),
        ("POST", "/count", {**fields, "Content-Type": "application/x-www-form-urlencoded"},
         f"p={KEPT}/form&r={referrer}"),
        ("GET", "/count?p=/x", {"X-Forwarded-For": f"{address}, nonsense", "User-Agent": "\x01" + BOT}, None),
        ("POST", "/api/v1/hits", api, json.dumps({"hits": [hit, {**hit, "event": "buy"}]})),
        ("POST", "/api/v0/count", api, json.dumps({"hits": [hit]})),
        ("POST", "/api/v1/hits", {**fields, "Content-Type": "application/json"}, '{"hits": ['),
    ]


def send_all(footfall):
    statuses = set()
    token = footfall.token("count")
    for number, address in enumerate(IPV4 + IPV6):
        for method, target, fields, body in requests_of(number, address, token):
            statuses.add(footfall.request(method, target, fields, body).status)
    return statuses


def read_everything(footfall, files):
    """All that there is on disk of the store and of Footfall."""
    return {**files.written_out(), **read_all(footfall.folder)}


def assert_nothing_found(found_in):
    found = {name: find(content) for name, content in found_in.items()}
    assert {name: what for name, what in found.items() if what} == {}


def test_nothing_of_a_visitor_is_kept(files, tmp_path, ending):
    folder = tmp_path / "footfall"
    folder.mkdir()
    footfall = Footfall(folder, store=files.url, workers=2, FOOTFALL_LOG_LEVEL="debug")
    ending.append(footfall)
    footfall.start()
    assert {200, 400, 404} <= send_all(footfall)
    everything = read_everything(footfall, files)
    assert_nothing_found(everything)
    # It is the right place to look: what is kept is there. And they were told apart by their
    # addresses, and bots from them by their agents.
    kept = [name for name, content in everything.items() if KEPT.encode() in content]
    assert kept and footfall.log_path not in kept, kept
    views, visitors = Counter(), Counter()
    for (_, bucket, dimension, _, _), metrics in store_tool.rollups(files.url).items():
        if int(bucket) < 100_000:  # a day
            views[dimension] += int(metrics[0])
            visitors[dimension] += int(metrics[2])
    assert visitors[TOTAL] >= len(ADDRESSES)
    assert views[BOT_DIMENSION] >= len(ADDRESSES)
    assert footfall.stop() == 0
    assert b"level=" in read_all(footfall.folder)[footfall.log_path]
    assert_nothing_found(read_everything(footfall, files))


def test_what_is_kept_would_be_found(files, tmp_path, ending):
    """The control: an address, an agent and a referrer that are part of a path are kept, and found."""
    folder = tmp_path / "footfall"
    folder.mkdir()
    footfall = Footfall(folder, store=files.url, FOOTFALL_LOG_LEVEL="debug")
    ending.append(footfall)
    footfall.start()
    for number, address in enumerate(ADDRESSES):
        answer = footfall.get(f"/count?p=/{address}/{address.packed.hex()}/Zebrafinch/{number}/{SECRET}",
                              user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0")
        assert answer.status == 200
    found = set()
    for content in read_everything(footfall, files).values():
        found |= set(find(content))
    assert {"IPv4, text", "IPv4, hex", "IPv6, text", "IPv6, hex", "IPv6, network as text", "an agent",
            "the rest of a referrer"} <= found
    assert footfall.stop() == 0
