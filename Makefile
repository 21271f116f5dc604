# The commands of the project. Each works from a clean clone with Python 3.11 or later and make; uv is used where it is present.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := build/demo
UV     := $(shell command -v uv 2>/dev/null)
STAMP  := $(VENV)/installed

.PHONY: demo test check lint types contracts simulate bench abuse lock schema clean

## demo: install, migrate an embedded database, load the examples, assess, write the reports
demo: $(STAMP)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m examples.demo --out $(DEMO)

## test: every check and every test, a module at a time on each processor
test: check
	@$(BIN)/python -m pytest -q -n logical --maxprocesses 8 --dist loadscope

## check: formatting, lint, types and import contracts; seconds
check: lint types contracts

lint: $(STAMP)
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet . && echo "ruff: clean"

types: $(STAMP)
	@$(BIN)/mypy

contracts: $(STAMP)
	@$(BIN)/lint-imports --no-logo

## simulate: measured error rates of every decision against the acceptance bars, 10,000 replicates a cell; half an hour on two cores
simulate: $(STAMP)
	@$(BIN)/python -m tests.simulation

## bench: medians and ratios against a floor measured in the same run; not part of the tests, as machines are noisy
bench: $(STAMP)
	@$(BIN)/python -m benchmarks

## abuse: attacks on the running program, on this machine only: hostile files, kill -9, made-up requests; hours. `python -m tests.abuse NAME` runs one
abuse: $(STAMP)
	@$(BIN)/python -m tests.abuse

## lock: resolve the newest versions again and pin them with hashes (needs uv)
lock:
	@uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --python-version 3.11 --extra postgres --group dev pyproject.toml -o requirements.lock

clean:
	@rm -rf $(VENV) build

# pip refuses an editable install in one command with hashes, and the pip that comes with Python 3.11 knows no dependency groups:
# so first the pinned set, hashes required, and then the project alone, without looking anything up.
$(STAMP): requirements.lock pyproject.toml
ifdef UV
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
else
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade >/dev/null
	@echo "installing the pinned packages into $(VENV) (once; a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endif
	@touch $@
