# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: demo test check lint types imports lock generated clean
.DEFAULT_GOAL := demo

demo: $(STAMP)
	$(BIN)/tporder demo

test: $(STAMP)
	$(BIN)/python -m pytest

check: lint types imports

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

imports: $(STAMP)
	$(BIN)/lint-imports

# Documents that repeat code are written by the code.
generated: $(STAMP)
	$(BIN)/python -m trading_platform_order.runtime.generated
	$(BIN)/python -m trading_platform_order.cli.reference docs/CLI.md

$(STAMP): requirements.lock requirements-dev.lock pyproject.toml scripts/setup
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup

# Needs uv (pip install uv); resolves for every platform, with hashes, without index addresses.
# The runtime lock takes the development lock's versions, so that what is tested is what runs.
COMPILE := uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11
lock:
	printf 'hatchling==1.33.0\neditables\n' | $(COMPILE) --extra dev pyproject.toml - -o requirements-dev.lock
	$(COMPILE) --constraints requirements-dev.lock pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis out
