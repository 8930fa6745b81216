"""Quantiles that we work out of buckets are those of the real Prometheus, bit for bit, on thousands of random histograms."""
import math
import random
import subprocess

import demo_world as world
import pytest

AT = world.FIXTURE_START_MICROS // 1_000_000
MINUTES = 5
BOUNDS = [-5, -1, 0, 0.005, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000]
QUANTILES = ["-0.1", "0", "0.01", "0.3333", "0.5", "0.75", "0.9", "0.95", "0.99", "0.999", "1", "1.1"]


class Ours:
    """The program that answers for us; `flatten` as the server at hand repairs its buckets."""

    def __init__(self, build_dir, prometheus):
        self.program = build_dir / "tests" / "support" / "quantile_answers"
        version = world.ask(prometheus.port, "/api/v1/status/buildinfo").json()["data"]["version"]
        newer = tuple(int(part) for part in version.split(".")[:2]) >= (2, 49)
        self.repair = "flatten" if newer else "envelope"

    def ask(self, questions):
        """[(quantiles, {le: count text})] -> a list of the texts of the answers for each."""
        lines = [
            f"{self.repair} {','.join(quantiles)} {' '.join(f'{le}:{count}' for le, count in buckets.items())}"
            for quantiles, buckets in questions
        ]
        done = subprocess.run([self.program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
        answers = [line.split(" ") for line in done.stdout.splitlines()]
        assert len(answers) == len(questions)
        return answers


def bounds(rng):
    some = sorted(rng.sample(BOUNDS, rng.randint(1, 12)))
    texts = [rng.choice([repr(float(bound)), str(bound)]) for bound in some]
    if rng.random() < 0.1:  # the same bound, written in two ways
        texts.append(f"{some[-1]:.3e}")
    if rng.random() < 0.95:
        texts.append("+Inf")
    if rng.random() < 0.05:
        texts.append("nonsense")
    return texts


def counts(rng, size):
    """Mostly growing; with plateaus, falls, tiny steps, fractions, zeros, NaN."""
    style = rng.choice(["whole", "whole", "fraction", "plateaus", "falls", "zeros", "tiny", "nan"])
    count = 0.0
    out = []
    for _ in range(size):
        step = rng.randint(0, 1000) if style != "fraction" else rng.random() * 3
        if style == "plateaus" and rng.random() < 0.7 or style == "zeros":
            step = 0
        if style == "falls" and rng.random() < 0.3:
            step = -rng.randint(0, 500)
        if style == "tiny":
            step = rng.choice([0, 1e-15, -1e-15, 1e-11, 1])
        count += step
        out.append(math.nan if style == "nan" and rng.random() < 0.2 else count)
    return out


def same(a, b):
    a, b = float(a), float(b)
    return a == b or math.isnan(a) and math.isnan(b)


def by_set(result):
    """An answer of Prometheus: {set: {le or "": value as it stands in the answer}}."""
    sets = {}
    for row in result:
        labels = row["metric"]
        sets.setdefault(labels["set"], {})[labels.get("le", "")] = row["value"][1]
    return sets


def compare(ours, prometheus, vector):
    """How many values were compared, and how many of them lie on the edge of a plateau."""
    sets = by_set(prometheus.query(vector, AT))
    names = sorted(sets)
    answers = dict(zip(names, ours.ask([(QUANTILES, sets[name]) for name in names])))
    compared = 0
    doubtful = []
    for i, quantile in enumerate(QUANTILES):
        theirs = by_set(prometheus.query(f"histogram_quantile({quantile}, {vector})", AT))
        for name in names:
            if name not in theirs:  # no row of it is a bucket
                assert answers[name][i] == "none", (name, sets[name])
                continue
            compared += 1
            if not same(answers[name][i], theirs[name][""]):
                doubtful.append((name, quantile, theirs[name][""]))
    return compared, sum(on_an_edge(ours, sets[name], quantile, value) for name, quantile, value in doubtful)


def on_an_edge(ours, buckets, quantile, value):
    """The rank is within rounding of a count that empty buckets follow: a bit more or less of the whole decides."""
    neighbours = [{**buckets, "+Inf": repr(float(buckets["+Inf"]) * factor)} for factor in (1 - 1e-12, 1 + 1e-12)]
    for (answer,) in ours.ask([([quantile], one) for one in neighbours]):
        if same(answer, value) or math.isclose(float(answer), float(value), rel_tol=4e-15):
            return True
    raise AssertionError(f"quantile {quantile} of {buckets} is {value}, not {ours.ask([([quantile], buckets)])}")


@pytest.fixture
def histograms(static_block):
    """1 800 sets of buckets as they stand; 1 400 as counters of two pods that grow unevenly."""
    rng = random.Random(20261121)
    lines = ["# TYPE plain gauge"]
    for number in range(1800):
        texts = bounds(rng)
        values = counts(rng, len(texts))
        lines += [f'plain{{set="{number}",le="{le}"}} {value!r} {AT}' for le, value in zip(texts, values)]
    lines.append("# TYPE grown unknown")
    for number in range(1400):
        texts = bounds(rng)
        for pod in "ab":
            ends = [abs(value) if value == value else 0 for value in counts(rng, len(texts))]
            for le, end in zip(texts, ends):
                for minute in range(MINUTES + 1):
                    grown = end * (minute / MINUTES) ** 1.5
                    at = AT - 60 * (MINUTES - minute)
                    lines.append(f'grown{{set="{number}",pod="{pod}",le="{le}"}} {grown!r} {at}')
    return static_block("\n".join(lines))


def test_quantiles_are_those_of_prometheus(build_dir, histograms):
    ours = Ours(build_dir, histograms)
    compared, edges = compare(ours, histograms, "plain")
    assert compared > 1700 * len(QUANTILES)
    assert edges == 0  # the same numbers go in on both sides: nothing is left to rounding

    compared, edges = compare(ours, histograms, "sum by (le, set) (rate(grown[5m]))")
    assert compared > 1300 * len(QUANTILES)
    # Sums of rates may come out differently when they are worked out again.
    assert edges <= compared // 1000
