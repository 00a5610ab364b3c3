# Both commands set up all they need: Python 3.11 or later, make and git are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Hundreds of tests start the command: each would compile all of its modules where bytecode is not to be kept.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: feeds test man reference test-thorough bench bench-validate profile fuzz clean

feeds: $(VENV)/.installed
	$(BIN)/feedmill build --verbose

test: $(VENV)/.installed-for-tests
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/pytest -n 2 --dist worksteal

# The man page, from the parser of the command line. The date is of no use to a reader, so it is always the same.
man: docs/feedmill.1
docs/feedmill.1: $(VENV)/.installed-for-tests src/feedmill/cli.py $(wildcard src/feedmill/commands/*.py)
	COLUMNS=100 SOURCE_DATE_EPOCH=1704067200 $(BIN)/argparse-manpage --module feedmill.cli --function command_parser \
	    --prog feedmill --project-name feedmill --manual-section 1 --manual-title "Feedmill" \
	    --description "turn a directory of stories into Atom, RSS and JSON feeds" --output $@

# The list of problems, from the catalogue of them.
reference: $(VENV)/.installed
	$(BIN)/python -c 'from feedmill.problem_catalogue import reference; print(reference(), end="")' \
	    > docs/reference/problems.md

# Every test that has a larger number at that number: about ten minutes.
test-thorough: $(VENV)/.installed-for-tests
	FEEDMILL_THOROUGH=1 $(BIN)/pytest -n 2 --dist worksteal --durations=25 \
	    $$(grep -rlE --include='test_*.py' '^from tests.parts import .*\b(count|thorough)\b' tests)

# Feedmill beside its peers, each in a virtual environment of .bench/: make bench SIZES="1000 10000 100000"
# PEERS="Feedmill Feedmill-archives Hugo" leaves the others out; so is a peer that would take longer than PATIENCE
# seconds.
SIZES ?= 1000 10000
bench: .bench/feedmill/.installed .bench/peers/.installed
	.bench/peers/bin/python -m benchmarks.versus .bench $(SIZES)

bench-validate: $(VENV)/.installed
	$(BIN)/python -m benchmarks.validating

# Where the time goes, cold and after one edit: make profile COUNT=1000
profile: $(VENV)/.installed
	$(BIN)/python -m benchmarks.profiling

# A bounded time of coverage-guided fuzzing for each of its targets: make fuzz SECONDS=600
SECONDS ?= 60
FUZZ := validate front_matter bodies captures configuration
fuzz: $(VENV)/.installed-for-tests
	$(BIN)/pip install --quiet 'atheris>=2.3'
	for target in $(FUZZ); do \
	    mkdir -p .fuzz/$$target && echo "fuzzing $$target" && \
	    PYTHONPATH=. $(BIN)/python tests/fuzzing/fuzz_$$target.py .fuzz/$$target -max_total_time=$(SECONDS) \
	        -max_len=20000 -rss_limit_mb=3000 -timeout=20 -artifact_prefix=.fuzz/ -verbosity=0 || exit 1; \
	done

clean:
	rm -rf $(VENV) .bench .feedmill build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Feedmill needs Python 3.11 or later: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/.installed-for-tests: pyproject.toml $(VENV)/bin/python
	$(BIN)/pip install --quiet --editable '.[test]'
	touch $@ $(VENV)/.installed

# Not editable: as users install it, with a pip of today, whose scripts begin without imports. Made anew whenever a
# source changes.
.bench/feedmill/.installed: pyproject.toml $(shell find src -type f -not -name '*.pyc')
	$(PYTHON) -m venv .bench/feedmill
	.bench/feedmill/bin/pip install --quiet --upgrade pip
	.bench/feedmill/bin/pip install --quiet .
	touch $@

.bench/peers/.installed: benchmarks/peers.txt
	$(PYTHON) -m venv .bench/peers
	.bench/peers/bin/pip install --quiet --requirement benchmarks/peers.txt
	touch $@
