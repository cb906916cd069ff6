"""User agents, compared with what uap-core's own rules say.

Runs agent_tool of the build in FOOTFALL_BUILD (default build/asan). The rules are those it was
built with; the fixtures and more agents come with Debian's uap-core, and Debian's ua_parser, made
independently of ours, says what the rules give for them."""
import functools
import json
import os
import pathlib
import re
import subprocess

import pytest
import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / os.environ.get("FOOTFALL_BUILD", "build/asan")
MODULES = BUILD / "npm" / "node_modules"
UAP_CORE = pathlib.Path("/usr/share/uap-core")
AGENT_FILES = [UAP_CORE / "tests" / f"test_{name}.yaml" for name in ("ua", "os", "device")] + [
    UAP_CORE / "test_resources" / f"{name}.yaml"
    for name in ("additional_os_tests", "firefox_user_agent_strings",
                 "opera_mini_user_agent_strings", "pgts_browser_list",
                 "podcasting_user_agent_strings")]

BROWSER, SYSTEM, DEVICE, BOT = slice(0, 2), slice(2, 4), 4, 5


def ask(agents):
    """What the tool says of each agent: browser, browser with version, system, system with version,
    device, reason to take it for a bot."""
    done = subprocess.run([BUILD / "tests" / "support" / "agent_tool"], check=True,
                          input="".join(agent + "\n" for agent in agents).encode(),
                          stdout=subprocess.PIPE, timeout=300)
    lines = done.stdout.decode().splitlines()
    assert len(lines) == len(agents)
    return [line.split("\t") for line in lines]


def named(family, version):
    """As the tool names them. uap-core calls "Other" what it does not know."""
    family = (family or "").strip()
    if family in ("", "Other"):
        return ["", ""]
    return [family, f"{family} {version.strip()}" if version else family]


@functools.cache
def cases(path):
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["test_cases"]


@functools.cache
def crawlers():
    path = MODULES / "crawler-user-agents" / "crawler-user-agents.json"
    return [agent for entry in json.loads(path.read_text(encoding="utf-8"))
            for agent in entry["instances"]]


@functools.cache
def people():
    path = MODULES / "top-user-agents" / "src" / "index.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reference():
    """Debian's ua_parser, with the rules of the build: it reads them when it is imported."""
    os.environ["UA_PARSER_YAML"] = str(MODULES / "uap-core" / "regexes.yaml")
    from ua_parser import user_agent_parser
    assert len(user_agent_parser.USER_AGENT_PARSERS) > 300
    return user_agent_parser


@pytest.mark.parametrize("name, part", [("ua", BROWSER), ("os", SYSTEM)])
def test_the_fixtures_of_uap_core(name, part):
    fixtures = cases(UAP_CORE / "tests" / f"test_{name}.yaml")
    assert len(fixtures) > 400
    answers = ask([case["user_agent_string"] for case in fixtures])
    wrong = [(case["user_agent_string"], answer[part])
             for case, answer in zip(fixtures, answers)
             if answer[part] != named(case["family"], case["major"])]
    assert wrong == []


def test_browsers_and_systems_are_what_the_rules_say(reference):
    agents = {case["user_agent_string"] for path in AGENT_FILES for case in cases(path)}
    agents = sorted(agents.union(crawlers(), people()))
    assert len(agents) > 30_000
    wrong = []
    for agent, answer in zip(agents, ask(agents)):
        browser = reference.ParseUserAgent(agent)
        system = reference.ParseOS(agent)
        expected = (named(browser["family"], browser["major"])
                    + named(system["family"], system["major"]))
        if answer[:4] != expected:
            wrong.append((agent, answer[:4], expected))
    assert wrong == []


def test_crawlers_are_taken_for_bots():
    agents = crawlers()
    assert len(agents) > 2000
    missed = [agent for agent, answer in zip(agents, ask(agents)) if answer[BOT] == "none"]
    print(missed)
    assert len(missed) <= len(agents) * 0.005


def test_people_are_not_taken_for_bots():
    agents = people()
    assert len(agents) >= 50
    answers = ask(agents)
    assert [(agent, answer) for agent, answer in zip(agents, answers)
            if answer[BOT] != "none"] == []
    assert {answer[DEVICE] for answer in answers} <= {"desktop", "phone", "tablet"}


def test_few_phones_are_taken_for_bots():
    """Phones of all makers, some of which have names that crawlers have too."""
    agents = [case["user_agent_string"] for case in cases(UAP_CORE / "tests" / "test_device.yaml")
              if re.match(r"Mozilla/5.0 \((Linux|iPhone|iPad)", case["user_agent_string"])
              and case["family"] != "Spider"]
    assert len(agents) > 5000
    wrong = [agent for agent, answer in zip(agents, ask(agents)) if answer[BOT] != "none"]
    assert wrong == []
