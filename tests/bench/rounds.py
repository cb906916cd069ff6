"""The interleaved rounds: every server under every shape of load once a round, in random order."""
import collections
import random
import statistics
import sys
import time

import load
import machine
from processes import LOAD_CPU, SERVER_CPU
from servers import stand

QUIET_LIMIT_S = 120  # of waiting for other programs to be done, in all
FOREIGN_LIMIT = 0.10  # a measurement from which others took more of a CPU is taken again, if any may be


class Rounds:
    """All results: one per server, shape and round, so that two servers can be compared round by round."""

    def __init__(self):
        self._results = collections.defaultdict(list)

    def add(self, server, shape, result):
        self._results[server.name, shape.name].append(result)

    def of(self, server, shape=load.SHAPES[0].name):
        return self._results.get((server, shape), [])

    def rows(self):
        return self._results.items()

    def median(self, figure, server, shape=load.SHAPES[0].name):
        """Median of `figure(result)`; None when it was not measured."""
        results = self.of(server, shape)
        return statistics.median(map(figure, results)) if results else None

    def ratio(self, figure, one, other):
        """Median of the rounds' own ratios, and the ratio of the medians; None when one was not measured.

        `one` and `other` are what of() takes: a server, or a server and a shape.
        """
        pairs = list(zip(map(figure, self.of(*one)), map(figure, self.of(*other))))
        if not pairs:
            return None
        return statistics.median(a / b for a, b in pairs), self.median(figure, *one) / self.median(figure, *other)


def _shapes(server):
    """All for one process of Footfall; of several, of its peers, and of the runs that only compare durability, the
    first one."""
    if not server.is_footfall or server.durability != "none" or server.workers > 1:
        return load.SHAPES[:1]
    return load.SHAPES + (load.TRACKED_SHAPES if server.store != "memory" else [])


def cases(servers):
    return [(server, shape) for server in servers for shape in _shapes(server)]


class _Bench:
    """Measures, and spends a bounded time on waiting for others and on measuring again what they disturbed."""

    def __init__(self, binary, seconds, repeats):
        self._binary, self._seconds = binary, seconds
        self._waiting_s, self._repeats = QUIET_LIMIT_S, repeats

    def _once(self, server, shape):
        start = time.monotonic()
        machine.wait_until_quiet((SERVER_CPU, LOAD_CPU), min(5, self._waiting_s))
        self._waiting_s = max(0, self._waiting_s - (time.monotonic() - start))
        with stand(server, self._binary) as running:
            return load.measure(running, shape, self._seconds)

    def measure(self, server, shape):
        """The less disturbed of at most two measurements. The second is final, whatever becomes of it."""
        first = None
        try:
            first = self._once(server, shape)
        except load.NoAnswers as error:
            print(error, file=sys.stderr)
        if first and (first.foreign <= FOREIGN_LIMIT or self._repeats == 0):
            return first
        self._repeats = max(0, self._repeats - 1)
        second = self._once(server, shape)
        return min(first or second, second, key=lambda r: r.foreign)


def run(servers, binary, rounds, seconds):
    todo, results = cases(servers), Rounds()
    bench = _Bench(binary, seconds, len(todo) * rounds // 5)
    for number in range(1, rounds + 1):
        for place, (server, shape) in enumerate(random.sample(todo, len(todo)), 1):
            result = bench.measure(server, shape)
            results.add(server, shape, result)
            print(f"round {number}/{rounds}, {place}/{len(todo)}: {server.name}, {shape.name}: "
                  f"{result.server_us:.1f} + {result.store_us:.1f} µs, {result.rate:,.0f}/s", file=sys.stderr)
    return results
