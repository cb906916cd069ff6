"""The example for application developers does what its page says: with its state in the process it
is right in one process and wrong in four; with Footfall it is right while all kinds of processes
are killed."""
import os
import re

from support.footfall import RELEASE, ROOT
from support.program import Program

EXAMPLE = os.path.join(ROOT, "examples", "stateless-flask")
TIMEOUT_S = 120  # it takes some 5, on a machine that does nothing else
VISITS, CLIENTS, MOVES = "200", "20", "40"


def rows(table):
    """The rows of the table that it prints, without its head, as lists of words."""
    return [line.split() for line in table.splitlines() if line.startswith("app_")]


def test_state_in_the_process_is_wrong_and_in_footfall_right(tmp_path, ending):
    check = Program("check", str(tmp_path))
    ending.append(check)
    check.launch(["/usr/bin/python3", os.path.join(EXAMPLE, "run"), "check"],
                 {"PATH": os.environ["PATH"], "FOOTFALL": RELEASE})
    status = check.process.wait(TIMEOUT_S)
    assert status == 0, check.log()
    alone, wrong, right = rows(check.log())
    nothing_lost = [f"0/{CLIENTS}", f"0/{MOVES}", "right"]

    assert alone == ["app_in_process.py", "1", "0", VISITS, VISITS, "0", "0", *nothing_lost]

    assert wrong[:4] == ["app_in_process.py", "4", "0", VISITS] and wrong[-1] == "WRONG"
    last, given_twice = int(wrong[4]), int(wrong[5])
    assert last < 150 and given_twice > 50
    lost_logins, lost_moves = (int(re.match(r"\d+", text)[0]) for text in wrong[7:9])
    assert lost_logins > 10 and lost_moves > 10

    assert right[:2] == ["app_with_footfall.py", "4"] and int(right[2]) >= 5
    assert right[3:6] == [VISITS, VISITS, "0"] and right[7:] == nothing_lost
