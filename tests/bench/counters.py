"""What a counter costs as a picture, beside the number alone."""
import dataclasses
import statistics

import load
from servers import Server, stand

SECONDS, ROUNDS = 1, 3
STORE = "sqlite"
TEXT = "/c/default.txt"
# Not spark, which asks for statistics: of these a process answers few at a time.
STYLES = ("flat", "square", "big", "text", "digits", "led", "ghost")


@dataclasses.dataclass(frozen=True)
class Counter:
    name: str  # of the style; "number alone"
    us: float  # CPU of the server per request, median of the rounds
    ratio: float  # to that of the number alone, median of the rounds' own


def _measure(binary, path):
    with stand(Server("counters", "footfall", 1, store=STORE, path="/"), binary) as running:
        result = load.measure(running, load.Shape(path, 0, 0, path=path), SECONDS)
    if result.errors:
        raise RuntimeError(f"{path}: {result.errors} requests were not answered with 2xx")
    return result.server_us


def counters(binary):
    paths = {"number alone": TEXT, **{style: f"/c/default.svg?style={style}" for style in STYLES}}
    rounds = [{name: _measure(binary, path) for name, path in paths.items()} for _ in range(ROUNDS)]
    return [Counter(name, statistics.median(us[name] for us in rounds),
                    statistics.median(us[name] / us["number alone"] for us in rounds)) for name in paths]
