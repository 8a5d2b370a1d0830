"""No regular expression takes more than its share of time, whatever the text: by the growth of its time, not by a clock."""

import re
import time

import pytest
from expressions import attacks, expressions

FOUND = expressions()
SHORT = range(8, 36, 2)  # rounds: of exponential growth there is no need of more
LONG = (1_000, 2_000, 4_000)  # rounds
NOTHING = 0.02  # CPU seconds that are too few to be measured
STEEP = 3.0  # times longer for a text twice as long: it is 2 for linear growth, 4 for quadratic


def seconds(use, text, repeats):
    best = float("inf")
    for _ in range(repeats):
        started = time.process_time()
        use(text)
        best = min(best, time.process_time() - started)
    return best


def is_steep(use, prefix, pump, suffix):
    """Whether the time grows faster than the text."""
    for rounds in SHORT:
        if seconds(use, prefix + pump * rounds + suffix, 1) > NOTHING and (
            seconds(use, prefix + pump * rounds + suffix, 3) > NOTHING
        ):
            return True
    before = None
    for rounds in LONG:
        text = prefix + pump * rounds + suffix
        spent = seconds(use, text, 1)
        if before is not None and spent > max(NOTHING, STEEP * before):
            short = seconds(use, prefix + pump * (rounds // 2) + suffix, 5)
            if seconds(use, text, 5) > max(NOTHING, STEEP * short):
                return True
        before = spent
    return False


@pytest.mark.parametrize("name", sorted(FOUND))
def test_time_grows_no_faster_than_the_text(name):
    pattern = FOUND[name]
    steep = [
        (use.__name__, attack)
        for attack in attacks(pattern)
        for use in (pattern.fullmatch, pattern.search)
        if is_steep(use, *attack)
    ]
    assert steep == [], f"{pattern.pattern} backtracks"


@pytest.mark.parametrize("careless", [r"(a+)+b", r"(a|aa)+$", r"\s+$", r"(?:x*y*)*z"])
def test_a_careless_one_would_be_found(careless):
    pattern = re.compile(careless)
    assert any(is_steep(use, *attack) for attack in attacks(pattern) for use in (pattern.fullmatch, pattern.search))


def test_there_are_expressions():
    assert len(FOUND) > 50
