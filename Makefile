# Every target works on a machine that has only git, make and Python 3.11.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
COMPILE := CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	--build-deps-for editable --build-deps-for wheel
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: setup demo run test check faults bench evaluate pictures lock format clean

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

# Long fault runs, kept out of check.
faults: .venv/.dev
	$(BIN)/pytest -q -m faults --timeout=3000

# What its speed is compared with, out of the way of everything else.
.venv/.peers: requirements-bench.lock .venv/.dev
	@test -x .venv/peers/bin/python || $(PYTHON) -m venv .venv/peers
	@echo "Installing what its speed is compared with (once)"
	@.venv/peers/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	@touch $@

bench: .venv/.dev .venv/.peers
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench_fanout
	AFTERSHOCK_READER_PYTHON=.venv/peers/bin/python $(BIN)/python -m tests.bench_feeds

# How well releases are told from other news, and told once; needs the labelled headlines.
evaluate: .venv/.dev
	$(BIN)/python -m tests.evaluate
	$(BIN)/python -m tests.evaluate_clusters

# Draw the README's pictures again, by the program itself.
pictures: .venv/.dev
	$(BIN)/python -m tests.pictures

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
