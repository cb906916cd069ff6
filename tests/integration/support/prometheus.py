"""Reads Prometheus' text format, strictly: what a scraper would refuse is an AssertionError."""
import re

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)')
TYPES = {"counter", "gauge", "histogram"}
SUFFIXES = re.compile(r"_(bucket|sum|count)$")


def labels_of(text):
    labels, at = {}, 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"bad labels: {text}"
        labels[match[1]] = match[2]
        at = match.end()
    return labels


def parse(text):
    """{(name, labels as sorted pairs): value}, after checking names, types and histograms."""
    assert text.endswith("\n")
    types, helped, samples = {}, set(), {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in TYPES and name not in types, line
            types[name] = kind
        elif line.startswith("# HELP "):
            helped.add(line.split(" ", 3)[2])
        else:
            match = SAMPLE.fullmatch(line)
            assert match, f"not a sample: {line}"
            key = (match[1], tuple(sorted(labels_of(match[2] or "").items())))
            assert key not in samples, f"twice: {line}"
            samples[key] = float(match[3])
            family = match[1] if match[1] in types else SUFFIXES.sub("", match[1])
            assert family in types and family in helped, f"no TYPE or HELP: {line}"
            assert types[family] != "counter" or family.endswith("_total"), line
    for name, kind in types.items():
        if kind == "histogram":
            check_histogram(name, samples)
    return samples


def check_histogram(name, samples):
    """Buckets grow with their bound, and the last one is the count."""
    series = {}
    for (sample, labels), value in samples.items():
        if sample == name + "_bucket":
            rest = tuple(label for label in labels if label[0] != "le")
            series.setdefault(rest, []).append((float(dict(labels)["le"]), value))
    assert series, f"no buckets of {name}"
    for labels, buckets in series.items():
        values = [value for _, value in sorted(buckets)]
        assert values == sorted(values), (name, buckets)
        assert max(buckets)[0] == float("inf")
        assert values[-1] == samples[(name + "_count", labels)]
        assert (name + "_sum", labels) in samples


def total(samples, name):
    """The sum over all labels."""
    found = [value for (sample, _), value in samples.items() if sample == name]
    assert found, f"no {name}"
    return sum(found)
