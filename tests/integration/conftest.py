"""What the integration tests share."""
import os
import random

import pytest

from support import matrix
from support.stores import STORES


@pytest.fixture
def seed():
    """A new number for each run; FOOTFALL_TEST_SEED repeats one."""
    value = int(os.environ.get("FOOTFALL_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"FOOTFALL_TEST_SEED={value}")
    return value


@pytest.fixture(params=sorted(STORES))
def store(request, tmp_path):
    """Each store in turn, running, empty."""
    opened = STORES[request.param](tmp_path)
    opened.start()
    yield opened
    opened.kill()


@pytest.fixture
def ending():
    """A list; what a test appends is killed after it, the last one first."""
    programs = []
    yield programs
    for program in reversed(programs):
        program.kill()


def pytest_terminal_summary(terminalreporter):
    lines = matrix.lines()
    if lines:
        terminalreporter.section("fault matrix")
        for line in lines:
            terminalreporter.line(line)
