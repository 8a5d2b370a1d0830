# make demo    builds the sample graph into ./demo and says what is in it
# make test    lint, types and tests, on a machine that has nothing but Python 3.11 or later
# make bench-page   the page in a browser, beside plain pyvis of the same graph
# make bench   speed, memory and growth of a build, beside limits of the same run:
#              make bench PAPERS=papers.jsonl.gz LIMIT=64000 OPTIONS="--fast --cache DIR"
# make faults  kills twenty builds, and does what else goes wrong on real machines

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint types bench bench-page faults setup chromium rdf-tools clean

demo: $(VENV)/.demo-ready
	$(BIN)/kg demo -o demo

test: $(VENV)/.test-ready chromium rdf-tools lint types
	$(BIN)/python -m pytest

lint: $(VENV)/.test-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.test-ready
	$(BIN)/mypy

setup: $(VENV)/.test-ready

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo-ready: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.test-ready: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ $(VENV)/.demo-ready

# The tests of the page need a browser: the system's, else Debian's where we may install it.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	else \
		echo "The tests of the page need Chromium: install it (Debian: sudo apt-get install chromium)." >&2; exit 1; \
	fi

bench-page: $(VENV)/.test-ready chromium
	$(BIN)/python tests/bench_page.py $(OPTIONS)

# Independent parsers of RDF and a triple store, Debian's where we may install them; without them their tests say so.
rdf-tools:
	@{ command -v rapper && command -v virtuoso-t; } >/dev/null || \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		apt-get update -qq && \
		apt-get install -y -qq --no-install-recommends raptor2-utils virtuoso-opensource-7-bin >/dev/null || \
		echo "raptor2-utils and virtuoso-opensource-7-bin could not be installed: tests against them do not run" >&2; \
	fi

bench: $(VENV)/.test-ready
	$(if $(PAPERS),,$(error say of which papers: make bench PAPERS=papers.jsonl.gz))
	$(BIN)/python tests/bench.py $(PAPERS) $(LIMIT) $(OPTIONS)

faults: $(VENV)/.test-ready
	KILLS=20 $(BIN)/python -m pytest tests/kg/test_faults.py

clean:
	rm -rf $(VENV) demo build dist
