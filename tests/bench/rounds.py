"""The interleaved rounds: every server under every shape of load once a round, in random order."""
import collections
import random
import statistics
import sys

import load
import machine
from processes import LOAD_CPU, SERVER_CPU
from servers import stand

QUIET_LIMIT_S = 5
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

    def ratio(self, figure, server, other):
        """Median of the rounds' own ratios, and the ratio of the medians; None when one was not measured."""
        pairs = list(zip(map(figure, self.of(server)), map(figure, self.of(other))))
        if not pairs:
            return None
        return statistics.median(a / b for a, b in pairs), self.median(figure, server) / self.median(figure, other)


def cases(servers):
    """Footfall under every shape, the others under the first one."""
    return [(server, shape) for server in servers
            for shape in (load.SHAPES if server.is_footfall else load.SHAPES[:1])]


def _measure(server, shape, binary, seconds):
    machine.wait_until_quiet((SERVER_CPU, LOAD_CPU), QUIET_LIMIT_S)
    with stand(server, binary) as running:
        return load.measure(running, shape, seconds)


def run(servers, binary, rounds, seconds):
    todo, results = cases(servers), Rounds()
    spare = len(todo) * rounds // 5
    for number in range(1, rounds + 1):
        for place, (server, shape) in enumerate(random.sample(todo, len(todo)), 1):
            result = _measure(server, shape, binary, seconds)
            if result.foreign > FOREIGN_LIMIT and spare > 0:
                spare -= 1
                again = _measure(server, shape, binary, seconds)
                result = min(result, again, key=lambda r: r.foreign)
            results.add(server, shape, result)
            print(f"round {number}/{rounds}, {place}/{len(todo)}: {server.name}, {shape.name}: "
                  f"{result.server_us:.1f} + {result.redis_us:.1f} µs, {result.rate:,.0f}/s", file=sys.stderr)
    return results
