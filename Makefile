# make demo    builds the sample graph into ./demo and says what is in it
# make test    lint, types and tests, on a machine that has nothing but Python 3.11 or later
# make docs    the documentation site, into build/docs
# make gallery the pictures of that site, made anew
# make bench-page   the page in a browser, beside plain pyvis of the same graph
# make bench-serve GRAPH=DIR   the cookbook asked of a running server by eight at once
# make fuzz    every target of the fuzzer for some seconds: make fuzz SECONDS=600
# make test-lowest   the tests with the lowest versions of what the project stands on (needs uv)
# make audit   known vulnerabilities in what is installed (needs pypi.org); fails where one cannot be asked for
# make bench   speed, memory and growth of a build, beside limits of the same run:
#              make bench PAPERS=papers.jsonl.gz LIMIT=64000 OPTIONS="--fast --cache DIR"
# make faults  kills twenty builds, and does what else goes wrong on real machines

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: audit demo docs faults fuzz gallery test test-lowest lint types bench bench-page bench-serve setup chromium \
	rdf-tools clean

demo: $(VENV)/.demo-ready
	$(BIN)/kg demo -o demo

test: $(VENV)/.test-ready chromium rdf-tools lint types
	$(BIN)/python -m pytest -n auto --dist loadfile

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

bench-serve: $(VENV)/.test-ready
	$(if $(GRAPH),,$(error say of which graph: make bench-serve GRAPH=my-graph))
	$(BIN)/python tests/bench_serve.py $(GRAPH)

bench: $(VENV)/.test-ready
	$(if $(PAPERS),,$(error say of which papers: make bench PAPERS=papers.jsonl.gz))
	$(BIN)/python tests/bench.py $(PAPERS) $(LIMIT) $(OPTIONS)

faults: $(VENV)/.test-ready
	KILLS=20 $(BIN)/python -m pytest tests/kg/test_faults.py

# The site, into build/docs; every warning is an error.
docs: $(VENV)/.test-ready
	$(BIN)/python -m sphinx -W --keep-going -q -b html notebooks/docs build/docs
	@echo "build/docs/index.html"

# Its pictures, from the bundled sample.
gallery: $(VENV)/.test-ready chromium
	$(BIN)/python notebooks/docs/gallery.py

SECONDS ?= 60
TARGETS ?= $(shell $(BIN)/python tests/fuzz/fuzz.py --list)

fuzz: $(VENV)/.test-ready
	@mkdir -p build/fuzz
	@for target in $(TARGETS); do \
		echo "$$target"; \
		(cd build/fuzz && ../../$(BIN)/python ../../tests/fuzz/fuzz.py $$target -max_total_time=$(SECONDS) 2>$$target.log) || \
		{ tail -40 build/fuzz/$$target.log; exit 1; }; \
	done

# The lowest versions of the direct dependencies, the newest of all that these leave open, and of the tools of the tests.
# Old versions may use what newer ones of what they stand on are about to take away.
OUTDATED := DeprecationWarning PendingDeprecationWarning FutureWarning SyntaxWarning

test-lowest:
	@command -v uv >/dev/null || { echo "uv is needed: pip install uv" >&2; exit 1; }
	uv venv --quiet --python 3.11 .venv-lowest
	uv pip compile --quiet pyproject.toml --resolution lowest-direct --python-version 3.11 -o .venv-lowest/lowest.txt
	uv pip install --quiet --python .venv-lowest/bin/python --constraint .venv-lowest/lowest.txt --editable '.[dev]'
	.venv-lowest/bin/python -m pytest -n auto --dist loadfile $(addprefix -W default::,$(OUTDATED)) $(OPTIONS)

audit: $(VENV)/.test-ready
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/python -m pip freeze --exclude-editable >$(VENV)/audited.txt
	$(BIN)/pip-audit --strict --no-deps --disable-pip --requirement $(VENV)/audited.txt

clean:
	rm -rf $(VENV) .venv-lowest demo build dist
