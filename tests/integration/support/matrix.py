"""The fault matrix: what every store went through, and whether a hit was lost or counted twice.

Tests add rows; conftest.py prints them when all tests are over."""
from dataclasses import dataclass

ROWS = []


@dataclass
class Row:
    store: str
    fault: str
    trials: int    # how often the fault happened
    answered: int  # different hits that were told a number
    unknown: int   # hits of whom nobody was told anything
    stored: int

    @property
    def lost(self):
        return max(0, self.answered - self.stored)

    @property
    def doubled(self):
        return max(0, self.stored - self.answered - self.unknown)


def add(store, fault, trials, answered, stored, unknown=0):
    """Adds a row, and fails when a hit was lost or doubled."""
    row = Row(store, fault, trials, answered, unknown, stored)
    ROWS.append(row)
    assert row.lost == 0 and row.doubled == 0, row


def lines():
    """The rows as a table; tests that ran with several processes or binaries are added up."""
    sums = {}
    for row in ROWS:
        total = sums.setdefault((row.store, row.fault), [0] * 6)
        values = (row.trials, row.answered, row.unknown, row.stored, row.lost, row.doubled)
        for i, value in enumerate(values):
            total[i] += value
    if not sums:
        return []
    head = ("store", "fault", "trials", "answered", "unknown", "stored", "lost", "doubled")
    rows = [head] + [(*key, *map(str, total)) for key, total in sorted(sums.items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    return ["  ".join(cell.ljust(width) if i < 2 else cell.rjust(width)
                      for i, (cell, width) in enumerate(zip(row, widths))) for row in rows]
