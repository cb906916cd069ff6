"""What statistics take on disk: made-up traffic of `footfall demo`, in an SQLite file."""
import contextlib
import dataclasses
import os
import re
import sqlite3
import subprocess
import tempfile

from processes import BOTH_CPUS, pinned

UNTIL = "2026-11-20"  # always the same days
SMALL, LARGE = 1_000, 1_000_000  # hits a day


@dataclasses.dataclass(frozen=True)
class Disk:
    days: int
    hits_per_day: int
    hits: int  # views, events and robots
    rows: int
    used_bytes: int
    file_bytes: int  # with the room that visitors had, who are dropped after two days

    @property
    def hit_bytes(self):
        return self.used_bytes / self.hits


def sizes(binary):
    """A year of a small site, and a day of a large one, which pays for the rows of its month alone."""
    return [_size(binary, days, hits_per_day) for days, hits_per_day in ((365, SMALL), (1, LARGE))]


def _size(binary, days, hits_per_day):
    with tempfile.TemporaryDirectory(prefix="footfall-bench-") as directory:
        path = os.path.join(directory, "footfall.db")
        done = subprocess.run(pinned(BOTH_CPUS, [binary, "demo", "--into=default", f"--days={days}", f"--until={UNTIL}",
                                                 f"--hits-per-day={hits_per_day}", f"--store=sqlite:{path}"]),
                              check=True, capture_output=True, text=True, timeout=600)
        hits = sum(map(int, re.findall(r"(\d+) (?:views|events|robots)", done.stdout)))
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("pragma wal_checkpoint(truncate)")
            rows = db.execute("select count(*) from rollup").fetchone()[0]
            pages, free, size = (db.execute(f"pragma {name}").fetchone()[0]
                                 for name in ("page_count", "freelist_count", "page_size"))
        return Disk(days, hits_per_day, hits, rows, (pages - free) * size, os.path.getsize(path))
