"""The targets of the fuzzer under hypothesis, with all that was ever found; the fuzzer itself for a bounded run."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seeds import SEEDS
from targets import OF_BYTES, OF_TEXT

FUZZ = Path(__file__).parent / "fuzz.py"
EXAMPLES = 40  # of each target; `make fuzz` for more
RUNS = 400
BOUNDED = (
    "read-any",
    "read-bibtex",
    "read-xml",
    "text",
    "lines",
    "iris",
)  # by the fuzzer itself: it takes long to start

# target: inputs on which it once failed
FINDS: dict[str, list[bytes]] = {}

# What formats are made of, so that not all examples end at the first character.
PIECES = st.sampled_from(
    [
        '{"title": ', '"abstract": "', "}", "\n", "[", "]", ",", '"', "title", "@article{", "author = {", "TY  - JOUR\n",
        "TI  - ", "ER  - \n", "<feed>", "<entry>", "<title>", "</title>", "</entry>", "&amp;", "<!DOCTYPE a [", "$", "\\",
        "{", "\\frac", "^", "_", "10.1000/", "arXiv:1810.04805", "93.2%", "(LSTM)", "F1", " of ", "\r", "\u2028", "\x00",
        "\ud800", "\ufeff", "</script>", "<!--", "same:", "- ", ": ", "Cited by 3",
    ]
)  # fmt: skip
TEXT = st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join)
BYTES = st.binary(max_size=300) | TEXT.map(lambda text: text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("name", OF_BYTES)
@settings(max_examples=EXAMPLES)
@given(data=BYTES)
def test_any_bytes(name, data):
    OF_BYTES[name](data)


@pytest.mark.parametrize("name", OF_TEXT)
@settings(max_examples=EXAMPLES)
@given(source=TEXT)
def test_any_text(name, source):
    OF_TEXT[name](source)


@pytest.mark.parametrize("name", [*OF_BYTES, *OF_TEXT])
def test_seeds_and_finds(name):
    for data in [*SEEDS.get(name, SEEDS["text"]), *FINDS.get(name, [])]:
        if name in OF_BYTES:
            OF_BYTES[name](data)
        else:
            OF_TEXT[name](data.decode("utf-8", "surrogateescape"))


@pytest.mark.skipif(find_spec("atheris") is None, reason="the fuzzer atheris is not installed (it is there on Linux)")
@pytest.mark.parametrize("name", BOUNDED)
def test_a_short_run_of_the_fuzzer_finds_nothing(name, tmp_path):
    found = subprocess.run(
        [sys.executable, FUZZ, name, f"-runs={RUNS}", "-seed=1"],
        check=False, capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    assert found.returncode == 0, (found.stdout + found.stderr)[-3000:]
