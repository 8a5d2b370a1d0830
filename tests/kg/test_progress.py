"""Progress: one line redrawn on a terminal, a plain line a stage elsewhere, nothing when quiet."""

import io

import pytest

from kg import progress as module
from kg.progress import ProgressLine


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


def test_on_a_terminal_rate_and_time_left_are_shown(clock):
    stream = Terminal()
    with ProgressLine(stream=stream) as progress:
        progress("extract", 0, 1000)
        clock[0] = 10.0
        progress("extract", 500, 1000)
    assert "extract: 500 of 1,000, 50 a second, 10 s left" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_elsewhere_each_stage_is_a_line():
    stream = io.StringIO()
    with ProgressLine(stream=stream) as progress:
        list(progress.count("read", "abc"))
        progress("extract", 3, 3)
    assert stream.getvalue() == "read: 3\nextract: 3\n"


def test_quiet_is_quiet():
    stream = io.StringIO()
    with ProgressLine(stream=stream, quiet=True) as progress:
        progress("read", 3, 3)
    assert stream.getvalue() == ""
