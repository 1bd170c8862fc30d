# Every target works on a machine that has only git, make and Python 3.11.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
# Every process of a test run would compile all the modules anew.
export PYTHONDONTWRITEBYTECODE :=
COMPILE := CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	--build-deps-for editable --build-deps-for wheel
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: setup demo run test check audit licences fuzz faults bench evaluate pictures docs lock format \
	clean

# What the program needs; the stamps make this instant the second time.
setup: .venv/.run

.venv/.run: requirements.lock pyproject.toml
	@test -x $(BIN)/python || { echo "Making .venv with $(PYTHON)"; $(PYTHON) -m venv .venv; }
	@echo "Installing what the program needs (once)"
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-build-isolation --no-deps -e .
	@touch $@

# What its tests and checks need on top.
.venv/.dev: requirements-dev.lock .venv/.run
	@echo "Installing what the tests need (once)"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

demo: .venv/.run
	@$(BIN)/aftershock demo

run: .venv/.run
	@$(BIN)/aftershock run

test: .venv/.dev
	$(BIN)/pytest -q

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -q
	$(BIN)/python -m tests.audit

# Known holes in what is pinned; says so where the index cannot be asked.
audit: .venv/.dev
	$(BIN)/python -m tests.audit

# The page of licences, anew; fails where one is not allowed.
licences: .venv/.dev
	$(BIN)/python -m tests.audit licences

# Every reader of other people's input under a fuzzer that learns, a minute each.
fuzz: .venv/.dev
	$(BIN)/pytest -q -n 0 -m faults --timeout=3000 tests/faults/test_fuzz.py

# Long fault runs, kept out of check.
faults: .venv/.dev
	$(BIN)/pytest -q -m faults --timeout=3000

# What its speed is compared with, out of the way of everything else.
.venv/.peers: requirements-bench.lock .venv/.dev
	@test -x .venv/peers/bin/python || $(PYTHON) -m venv .venv/peers
	@echo "Installing what its speed is compared with (once)"
	@.venv/peers/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

# One table; make bench groups="rules charts" measures some of it.
bench: .venv/.dev .venv/.peers
	READER_PYTHON=.venv/peers/bin/python $(BIN)/python -m tests.bench $(groups)

# How well releases are told from other news, and told once; needs the labelled headlines.
evaluate: .venv/.dev
	$(BIN)/python -m tests.evaluate
	$(BIN)/python -m tests.evaluate_clusters

# Draw the README's pictures again, by the program itself.
pictures: .venv/.dev
	$(BIN)/python -m tests.pictures

# Write the pages of docs/ that come from the program's own tables.
docs: .venv/.dev
	$(BIN)/python -m tests.documents

# Renew every pinned version.
lock: .venv/.dev
	$(COMPILE) --upgrade -o requirements.lock pyproject.toml
	$(COMPILE) --extra dev -c requirements.lock -o requirements-dev.lock pyproject.toml
	$(COMPILE) --upgrade -o requirements-bench.lock requirements-bench.in

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
