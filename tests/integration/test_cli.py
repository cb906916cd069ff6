"""The command line: what it says, and with which exit code it ends."""
import json
import os
import re
import shutil
import subprocess
import tempfile

import pytest

from support.footfall import RELEASE, ROOT, Footfall
from support.postgres import Postgres
from support.program import free_port

PASSWORD = "hunter2-do-not-tell"
VARIABLES = [
    "FOOTFALL_LISTEN", "PORT", "FOOTFALL_STORE", "FOOTFALL_STORE_FILE", "DATABASE_URL", "REDIS_URL",
    "FOOTFALL_REDIS_TOTAL_KEY", "FOOTFALL_NAME", "WEB_CONCURRENCY", "FOOTFALL_TRUSTED_PROXIES",
    "FOOTFALL_PROXY_PROTOCOL", "FOOTFALL_HIT_TIMEOUT", "FOOTFALL_STORE_TIMEOUT",
    "FOOTFALL_DRAIN_TIMEOUT", "FOOTFALL_LOG_FORMAT", "FOOTFALL_LOG_LEVEL",
]


@pytest.fixture
def run(tmp_path):
    """Runs `footfall ARGUMENTS` to its end, with no environment but VARIABLES."""
    def run_footfall(*arguments, **variables):
        return subprocess.run([RELEASE, *arguments], cwd=tmp_path, env=variables, timeout=20,
                              capture_output=True, text=True, check=False)
    return run_footfall


def flag_of(variable):
    return "--" + variable.removeprefix("FOOTFALL_").lower().replace("_", "-")


# Help


def test_alone_it_explains_itself_and_ends_with_2(run):
    result = run()
    assert (result.returncode, result.stdout) == (2, "")
    assert "usage: footfall" in result.stderr and "serve" in result.stderr


@pytest.mark.parametrize("arguments", [["help"], ["--help"], ["-h"]])
def test_help_lists_the_commands(run, arguments):
    result = run(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    for command in ("serve", "doctor", "db", "site", "version", "help"):
        assert re.search(rf"^  {command} ", result.stdout, re.M)


@pytest.mark.parametrize("arguments", [["help", "serve"], ["serve", "--help"], ["serve", "-h"],
                                       ["serve", "--name=x", "--help"]])
def test_help_of_a_command_lists_every_setting(run, arguments):
    result = run(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    for variable in VARIABLES:
        assert re.search(rf"^  {flag_of(variable)}=\S+ +{variable}$", result.stdout, re.M), variable


def test_version_is_text_or_json(run):
    assert re.fullmatch(r"footfall \d+\.\d+\.\d+\n", run("version").stdout)
    assert run("--version").stdout == run("version").stdout
    told = json.loads(run("version", "--json").stdout)
    assert f"footfall {told['version']}\n" == run("version").stdout
    assert told["name"] == "footfall" and told["libuv"]


# Wrong usage: 2


@pytest.mark.parametrize("arguments, says", [
    (["serv"], 'did you mean "footfall serve"?'),
    (["docter"], 'did you mean "footfall doctor"?'),
    (["count"], '"footfall help" lists them'),
    (["help", "nothing"], "nothing"),
    (["serve", "--listne=localhost:1"], 'did you mean "--listen"?'),
    (["serve", "--json"], '"--json"'),
    (["version", "--store=x"], '"--store"'),
    (["version", "--jsn"], 'did you mean "--json"?'),
    (["serve", "--hit-timeout"], "--hit-timeout=5s"),
    (["serve", "now"], '"now"'),
    (["serve", "-x"], '"-x"'),
    (["serve", "--", "--help"], '"--help"'),
    (["help", "serve", "doctor"], '"doctor"'),
    (["db"], "footfall db status"),
    (["db", "stauts"], 'did you mean "footfall db status"?'),
    (["db", "frobnicate"], '"footfall help db"'),
    (["db", "status", "now"], '"footfall db status"'),
    (["db", "status", "--jsn"], 'did you mean "--json"?'),
], ids=" ".join)
def test_wrong_usage_is_explained_in_a_line(run, arguments, says):
    result = run(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert says in result.stderr
    assert result.stderr.count("\n") == 1 and result.stderr.startswith("footfall: ")


# Wrong settings: 78, and one sentence with the name, the value and an example

WRONG = [
    ("FOOTFALL_LISTEN", "localhost", None),
    ("FOOTFALL_LISTEN", "::1:8080", None),
    ("PORT", "eighty", None),
    ("FOOTFALL_STORE", "gopher://host", None),
    ("FOOTFALL_STORE", f"redis://:{PASSWORD}@host:port/0", "***"),
    ("FOOTFALL_STORE", f"mysql://user:{PASSWORD}@host/db", "***"),
    ("DATABASE_URL", f"postgres://user:{PASSWORD}@host/db?sslmode=perhaps", "***"),
    ("DATABASE_URL", f"postgresql://user:{PASSWORD}%@host/db", "***"),
    ("REDIS_URL", f"redis://user:{PASSWORD}@host/notanumber", "***"),
    ("REDIS_URL", f"redis://:{PASSWORD}/with?all@of@it/0", "***@it/0"),
    ("REDIS_URL", f"redis://{PASSWORD}@host:port", "***@host:port"),
    ("REDIS_URL", f"redis://user:{PASSWORD}@host?password={PASSWORD}", "***@host?password=***"),
    ("FOOTFALL_STORE_FILE", "/nowhere/at/all", None),
    ("FOOTFALL_NAME", "x" * 101, "xxx"),
    ("FOOTFALL_NAME", "two\nlines", "two?lines"),
    ("WEB_CONCURRENCY", "0", None),
    ("WEB_CONCURRENCY", "1e3", None),
    ("FOOTFALL_TRUSTED_PROXIES", "10.0.0.0/33", None),
    ("FOOTFALL_PROXY_PROTOCOL", "v2", None),
    ("FOOTFALL_HIT_TIMEOUT", "5 seconds", None),
    ("FOOTFALL_STORE_TIMEOUT", "0s", None),
    ("FOOTFALL_DRAIN_TIMEOUT", "1h", None),
    ("FOOTFALL_LOG_FORMAT", "xml", None),
    ("FOOTFALL_LOG_LEVEL", "loud", None),
]


@pytest.mark.parametrize("by_flag", [False, True], ids=["variable", "flag"])
@pytest.mark.parametrize("variable, value, shown", WRONG, ids=[f"{w[0]}={w[1][:12]}" for w in WRONG])
def test_a_wrong_setting_is_told_in_a_sentence(run, variable, value, shown, by_flag):
    if by_flag:
        result = run("serve", flag_of(variable), value)
    else:
        result = run("serve", **{variable: value})
    name = flag_of(variable) if by_flag else variable
    assert (result.returncode, result.stdout) == (78, "")
    assert result.stderr.startswith(f"footfall: {name}=") and result.stderr.count("\n") == 1
    assert (shown or value) in result.stderr
    assert re.search(r"for example|right are|such as|, as ", result.stderr)
    assert PASSWORD not in result.stderr


def test_the_flag_goes_before_the_variable(run):
    assert run("serve", "--log-level=loud", FOOTFALL_LOG_LEVEL="info").returncode == 78
    result = run("doctor", "--log-level", "warn", FOOTFALL_LOG_LEVEL="loud")
    assert "FOOTFALL_LOG_LEVEL: warn (flag)" in result.stdout


# Unknown variables


def test_an_unknown_variable_is_warned_of_with_a_suggestion(tmp_path, ending):
    footfall = Footfall(tmp_path, FOOTFALL_HITTIMEOUT="5s", FOOTFALL_QQQQQQQQQQQQQ="1")
    ending.append(footfall)
    footfall.start()
    warnings = [line for line in footfall.log().splitlines() if "unknown variable" in line]
    assert len(warnings) == 2 and all("level=warn" in line for line in warnings)
    assert any("variable=FOOTFALL_HITTIMEOUT did_you_mean=FOOTFALL_HIT_TIMEOUT" in line
               for line in warnings)
    assert any(line.endswith("variable=FOOTFALL_QQQQQQQQQQQQQ") for line in warnings)
    assert footfall.stop() == 0


# The log


def test_the_log_is_json_on_demand(tmp_path, ending):
    footfall = Footfall(tmp_path, FOOTFALL_LOG_FORMAT="json", workers=2)
    ending.append(footfall)
    footfall.start()
    footfall.wait_until(lambda: '"serving"' in footfall.log(), "both workers")
    assert footfall.stop() == 0
    lines = [json.loads(line) for line in footfall.log().splitlines()]
    assert {"listening", "serving", "draining", "ended"} <= {line["msg"] for line in lines}


# Secrets


@pytest.mark.parametrize("way", ["variable", "file", "flag"])
def test_a_password_is_never_shown(tmp_path, ending, run, way):
    url = f"redis://user:{PASSWORD}@127.0.0.1:{free_port()}/0"
    secret = tmp_path / "secret"
    secret.write_text(url + "\n")
    settings = {"variable": {"FOOTFALL_STORE": url}, "file": {"FOOTFALL_STORE_FILE": str(secret)},
                "flag": {}}[way]
    flags = ["--store", url] if way == "flag" else []
    for arguments in (["doctor", *flags], ["doctor", "--json", *flags]):
        result = run(*arguments, FOOTFALL_STORE_TIMEOUT="200ms", FOOTFALL_LISTEN="localhost:0",
                     **settings)
        assert result.returncode == 69, result.stdout
        assert PASSWORD not in result.stdout + result.stderr

    footfall = Footfall(tmp_path, FOOTFALL_LOG_LEVEL="debug", **settings)
    ending.append(footfall)
    if way != "variable":
        del footfall.settings["FOOTFALL_STORE"]
    footfall.launch([RELEASE, "serve", *flags], footfall.settings)
    footfall.wait_until(lambda: footfall.answers("/healthz"), "an answer")
    for target in ("/readyz", "/metrics", "/", "/count?p=/x"):
        assert PASSWORD not in footfall.get(target).text()
    assert footfall.stop() == 0
    assert PASSWORD not in footfall.log()
    assert "user" in footfall.log() and "***" in footfall.log()


# The schema of the store


def status(run, store):
    """What `db status` says: its exit code, and its JSON."""
    text = run("db", "status", FOOTFALL_STORE=store)
    told = run("db", "status", "--json", FOOTFALL_STORE=store)
    assert text.returncode == told.returncode
    state = json.loads(told.stdout)
    assert f"state     {state['state']}: " in text.stdout
    return told.returncode, state


def test_db_status_and_migrate_of_a_file(run, tmp_path):
    url = f"sqlite:{tmp_path}/counts.db"
    assert status(run, url) == (0, {"store": url, "state": "empty", "schema": 0, "needed": 2})
    assert os.listdir(tmp_path) == [], "asking made a file"
    for _ in range(2):
        assert run("db", "migrate", FOOTFALL_STORE=url).returncode == 0
        assert status(run, url) == (0, {"store": url, "state": "current", "schema": 2, "needed": 2})
    subprocess.run(["sqlite3", f"{tmp_path}/counts.db", "PRAGMA user_version = 7"], check=True)
    assert status(run, url) == (78, {"store": url, "state": "newer", "schema": 7, "needed": 2})
    assert run("db", "migrate", FOOTFALL_STORE=url).returncode == 78
    served = run("serve", FOOTFALL_STORE=url, FOOTFALL_LISTEN="localhost:0", WEB_CONCURRENCY="1")
    assert served.returncode == 78 and "newer Footfall" in served.stderr


@pytest.mark.parametrize("store", ["redis://127.0.0.1:1", "memory:"])
def test_db_of_a_store_without_a_schema(run, store):
    assert status(run, store) == (0, {"store": store, "state": "none"})
    assert run("db", "migrate", FOOTFALL_STORE=store).returncode == 0


def test_db_tells_why_a_store_cannot_be_asked(run):
    url = f"postgres://user:{PASSWORD}@127.0.0.1:{free_port()}/db"
    for arguments in (["db", "status"], ["db", "migrate"]):
        result = run(*arguments, FOOTFALL_STORE=url)
        assert (result.returncode, result.stdout) == (69, "")
        assert "refused" in result.stderr and PASSWORD not in result.stderr
    assert run("db", "status", FOOTFALL_STORE="gopher://x").returncode == 78


@pytest.fixture
def postgres():
    server = Postgres("fsync=off")
    server.start()
    yield server
    server.remove()


def test_a_postgres_of_another_schema_is_not_served(run, postgres):
    settings = {"FOOTFALL_STORE": postgres.url, "FOOTFALL_LISTEN": "localhost:0",
                "FOOTFALL_STORE_TIMEOUT": "20s"}
    assert status(run, postgres.url)[1]["state"] == "empty"
    assert run("db", "migrate", **settings).returncode == 0
    assert status(run, postgres.url)[1]["state"] == "current"
    for change, version, state, advice in [
            ("DELETE FROM footfall_schema WHERE version = 2", 1, "older", "footfall db migrate"),
            ("INSERT INTO footfall_schema VALUES (3)", 3, "newer", "newer Footfall")]:
        postgres.psql(change)
        code, told = status(run, postgres.url)
        assert (code, told["state"], told["schema"]) == (78, state, version)
        for workers in ("1", "2"):
            served = run("serve", WEB_CONCURRENCY=workers, **settings)
            assert served.returncode == 78 and advice in served.stderr
        doctor = run("doctor", **settings)
        assert doctor.returncode == 78 and advice in about(doctor, "store")[0][2]


# The doctor

LINE = re.compile(r"(ok|warn|fail) +([^:]+): (.+?)(?: — (.+))?")


def findings(result):
    """What the doctor said: (verdict, what, text, remedy) for each line."""
    matches = [LINE.fullmatch(line) for line in result.stdout.splitlines()]
    assert all(matches), result.stdout
    return [match.groups() for match in matches]


def about(result, what):
    return [finding for finding in findings(result) if finding[1] == what]


def test_the_doctor_finds_a_fresh_machine_well_and_leaves_it_as_it_was(run, tmp_path):
    result = run("doctor", FOOTFALL_LISTEN=f"localhost:{free_port()}", WEB_CONCURRENCY="2")
    assert result.returncode == 0, result.stdout
    assert about(result, "FOOTFALL_STORE") == [("ok", "FOOTFALL_STORE", "sqlite:footfall.db (default)",
                                                None)]
    assert about(result, "WEB_CONCURRENCY")[0][2] == "2 (environment)"
    for what in ("store", "listen", "workers", "open files", "clock"):
        assert about(result, what), what
    assert os.listdir(tmp_path) == []


@pytest.fixture
def disk_path():
    """A new folder on a disk; tmp_path may be in memory, which keeps nothing."""
    with tempfile.TemporaryDirectory(dir=os.path.join(ROOT, "build")) as path:
        yield path


def test_the_doctor_looks_into_the_store_and_knows_a_running_footfall(run, disk_path, tmp_path, ending):
    footfall = Footfall(tmp_path, store=f"sqlite:{disk_path}/footfall.db")
    ending.append(footfall)
    footfall.start()
    result = run("doctor", **footfall.settings)
    assert result.returncode == 0, result.stdout
    assert "durability strict" in about(result, "store")[0][2]
    assert about(result, "listen")[0][2] == f"a Footfall answers on 127.0.0.1:{footfall.port} already"
    assert footfall.hit()["site_count"] == 1
    assert footfall.stop() == 0


def test_the_doctor_knows_a_running_footfall_behind_a_proxy_header_and_on_a_unix_socket(
        run, tmp_path, ending):
    for number, settings in enumerate(({"FOOTFALL_PROXY_PROTOCOL": "on"},
                                       {"FOOTFALL_LISTEN": f"unix:{tmp_path}/web.sock"})):
        footfall = Footfall(tmp_path, name=f"footfall{number}", **settings)
        ending.append(footfall)
        footfall.launch([RELEASE, "serve"], footfall.settings)
        footfall.wait_until(lambda: "msg=serving" in footfall.log(), "readiness")
        assert about(run("doctor", **footfall.settings), "listen")[0][2].startswith("a Footfall answers")
        assert footfall.stop() == 0


def test_the_doctor_fails_on_an_address_that_another_program_has(run):
    import socket
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        result = run("doctor", "--listen", address)
    assert result.returncode == 1
    verdict, _, text, remedy = about(result, "listen")[0]
    assert verdict == "fail" and address in text and "FOOTFALL_LISTEN=" in remedy


def test_the_doctor_ends_with_69_when_the_store_is_not_there(run):
    result = run("doctor", "--store-timeout=300ms", "--listen=localhost:0",
                 FOOTFALL_STORE=f"redis://127.0.0.1:{free_port()}")
    assert result.returncode == 69
    assert about(result, "store")[0][0] == "fail" and "cannot be reached" in about(result, "store")[0][2]


@pytest.mark.parametrize("settings, says", [
    ({"FOOTFALL_STORE": "memory:", "WEB_CONCURRENCY": "2"}, "WEB_CONCURRENCY=1"),
    ({"FOOTFALL_HIT_TIMEOUT": "never"}, "FOOTFALL_HIT_TIMEOUT=5s"),
])
def test_the_doctor_ends_with_78_on_wrong_settings(run, settings, says):
    result = run("doctor", "--listen=localhost:0", **settings)
    assert result.returncode == 78
    verdict, _, text, _ = about(result, "settings")[0]
    assert verdict == "fail" and says in text


def test_the_doctor_warns_of_variables_that_do_not_exist(run):
    result = run("doctor", FOOTFALL_LISTN="x", FOOTFALL_LISTEN="localhost:0")
    assert result.returncode == 0
    assert about(result, "environment") == [("warn", "environment",
                                             "FOOTFALL_LISTN is no setting of Footfall",
                                             "did you mean FOOTFALL_LISTEN?")]


def test_the_doctor_says_the_same_in_json(run):
    settings = {"FOOTFALL_LISTEN": "localhost:0", "FOOTFALL_NAME": "Caf\u00e9", "FOOTFALL_X": "1"}
    text = findings(run("doctor", **settings))
    told = json.loads(run("doctor", "--json", **settings).stdout)
    assert told["verdict"] == "warn"
    same = [(each["verdict"], each["check"], each["text"], each.get("remedy"))
            for each in told["findings"]]
    assert [each for each in same if each[1] != "clock"] == [each for each in text
                                                             if each[1] != "clock"]


def test_the_doctor_survives_values_that_are_not_text(run):
    result = subprocess.run([RELEASE, "doctor", "--json"], env={b"FOOTFALL_\xff": b"1", b"PORT": b"0"},
                            capture_output=True, timeout=20, check=False)
    assert json.loads(result.stdout)["verdict"] == "warn"


# The manual page


def test_the_manual_names_every_variable_and_flag(run):
    page = run("help", "--man").stdout
    for variable in VARIABLES:
        assert f".It Ev {variable}\n" in page
        assert f".It Fl -{flag_of(variable)[2:]} Ns = Ns Ar " in page


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not installed")
def test_the_manual_is_well_formed(run, tmp_path):
    page = tmp_path / "footfall.1"
    page.write_text(run("help", "--man").stdout)
    lint = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", str(page)], capture_output=True,
                          text=True, check=False)
    assert (lint.returncode, lint.stdout) == (0, "")
    shown = subprocess.run(["mandoc", "-T", "ascii", str(page)], capture_output=True, text=True,
                           check=True).stdout
    assert re.sub(r".\x08", "", shown).count("--hit-timeout=DURATION") == 1


# The units of the service manager


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_the_systemd_units_are_right(tmp_path):
    folder = os.path.join(os.path.dirname(__file__), "..", "..", "deploy", "systemd")
    for name in ("footfall.service", "footfall.socket"):
        with open(os.path.join(folder, name), encoding="utf-8") as unit:
            text = unit.read().replace("/usr/local/bin/footfall", RELEASE)
        (tmp_path / name).write_text(text)
    units = [str(tmp_path / "footfall.service"), str(tmp_path / "footfall.socket")]
    result = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True,
                            text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
