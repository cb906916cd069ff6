"""What tests/support/store_tool.c does: rollups and lasting records of any store, through the driver."""
import os
import subprocess

from support.footfall import ROOT

TOOL = os.path.join(ROOT, os.environ.get("FOOTFALL_BUILD", "build/asan"), "tests", "support", "store_tool")

# Rollups from this bucket on are of minutes: they come and go, and are not copied.
FIRST_MINUTE = 40_000_000


def run(url, *words):
    done = subprocess.run([TOOL, url, *words], text=True, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def fill(url, rows):
    """Adds to so many rollups, of some sites; the same ones each time."""
    run(url, "fill", str(rows))


def write_forever(url, key, value="{}"):
    """Writes a record that does not expire."""
    run(url, "forever", key, value)


def rollups(url):
    """(site, bucket, dimension, page, value) -> (five metrics, text and title), but for minutes."""
    rows = [line.split("\t")[1:] for line in run(url, "list") if line.startswith("rollup")]
    return {tuple(row[:5]): tuple(row[5:]) for row in rows if int(row[1]) < FIRST_MINUTE}


def lasting_records(url):
    """The keys of those that do not expire."""
    return {line.split("\t")[1] for line in run(url, "list") if line.startswith("record")}
