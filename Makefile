# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
DEV_STAMP := $(VENV)/.ready-dev

.PHONY: demo dev web analysis notify redis exporter test check lint types imports conformance planted-bugs kill-drill takeover-drill install-drill power-cuts \
	disturbed-replays paper-day mutants bench bench-full bench-gate bench-peers lock generated clean
.DEFAULT_GOAL := demo

demo: $(STAMP)
	$(BIN)/tporder demo

# The development packages: pytest, ruff, mypy, and the other people's clients (ccxt …).
dev: $(DEV_STAMP)

# The packages of `tporder web`, beside the engine's.
web: requirements-web.lock pyproject.toml scripts/setup
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup requirements-web.lock .ready

# Plots of reports and Parquet files, beside the engine's.
analysis: requirements-analysis.lock pyproject.toml scripts/setup
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup requirements-analysis.lock .ready

# The package of alert channels other than Discord, beside the engine's.
notify: requirements-notify.lock pyproject.toml scripts/setup
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup requirements-notify.lock .ready

# The client of Redis and Valkey, beside the engine's.
redis: requirements-redis.lock pyproject.toml scripts/setup
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup requirements-redis.lock .ready

# The client of PostgreSQL for `tporder exporter`, beside the engine's.
exporter: requirements-exporter.lock pyproject.toml scripts/setup
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup requirements-exporter.lock .ready

# Tests are spread over WORKERS processes, more than there are cores: half of their time they wait for clocks and for other
# processes. Those of one file that share a server or a store stay together (`xdist_group`).
WORKERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2) * 3 / 2 )))
test: $(DEV_STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

check: lint types imports

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV_STAMP)
	$(BIN)/mypy

imports: $(DEV_STAMP)
	$(BIN)/lint-imports

# The simulators against other people's clients, our requests against theirs; ends with a table.
conformance: $(DEV_STAMP)
	$(BIN)/python -m pytest tests/conformance

# Bugs planted on purpose; the simulation must find every one.
planted-bugs: $(DEV_STAMP)
	$(BIN)/python -m tests.planted_bugs.planting

# The real engine process killed at random moments: make kill-drill KILLS=20 for a short one.
KILLS ?= 200
FAULTS ?= 100
kill-drill: $(DEV_STAMP)
	$(BIN)/python -m tests.drills.kill_drill --kills $(KILLS)

# Two engines that take over from each other, killed and stopped: make takeover-drill FAULTS=8.
takeover-drill: $(DEV_STAMP)
	$(BIN)/python -m tests.drills.takeover_drill --faults $(FAULTS)

# The image's own steps as an ordinary user, then engine, page and backup on a read-only tree. Needs
# an interpreter that such a user may start: make install-drill SYSTEM_PYTHON=/path/to/python3.11
SYSTEM_PYTHON ?= /usr/bin/python3
install-drill: $(DEV_STAMP)
	$(BIN)/python -m tests.drills.installation --python $(SYSTEM_PYTHON)

# Every file of real candles, each run stopped and continued at random; one result for each file.
RUNS ?= 5
disturbed-replays: $(DEV_STAMP)
	$(BIN)/python -m tests.drills.disturbed_replays --runs $(RUNS)

# A day of real candles as a live feed, traded on paper by an engine that is killed on the way.
DAY ?= $(or $(SHARED_FOLDER),../shared)/data/joint_5m_BTC_20250901_20250914.csv.gz
paper-day: $(DEV_STAMP)
	$(BIN)/python -m tests.drills.paper_day $(DAY)

# Power that goes below SQLite, in every durability: make power-cuts CUTS=500 for a short one.
CUTS ?= 20000
power-cuts: $(DEV_STAMP)
	$(BIN)/python -m tests.power_cuts --cuts $(CUTS)

# Random mutants of the money path; an hour or two on one core (tests/mutation/SURVIVORS.md). mutmut
# brings many libraries, so it has a lock and a virtual environment of its own.
MUTANTS ?= 120
MUTATION_VENV := .venv-mutation
MUTATE := $(MUTATION_VENV)/bin/python -m tests.mutation.sampling
mutants: $(MUTATION_VENV)/.ready-mutation
	$(MUTATE) test --mutants $(MUTANTS)
	$(MUTATE) simulate
	$(MUTATE) report

$(MUTATION_VENV)/.ready-mutation: requirements-dev.lock requirements-mutation.lock scripts/setup
	PYTHON="$(PYTHON)" VENV="$(MUTATION_VENV)" sh scripts/setup requirements-dev.lock .ready-dev
	$(MUTATION_VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r requirements-mutation.lock
	touch $@

# How fast, in ratios to others of the same run; `bench` takes three minutes and ends with a JSON
# line (benchmarks/README.md).
BENCH := $(BIN)/python -m benchmarks
bench: $(DEV_STAMP)
	$(BENCH) latency

bench-full: $(DEV_STAMP)
	$(BENCH) latency --long
	$(BENCH) latency --long --tls
	$(BENCH) parts
	$(BENCH) growth
	$(BENCH) load
	$(BENCH) noise
	$(BENCH) late
	$(BENCH) recovery
	$(BENCH) disk

# Generous bounds on ratios to aiohttp and a floor by hand; what continuous integration runs.
bench-gate: $(DEV_STAMP)
	$(BENCH) gate

# NautilusTrader in an environment of its own; needs Python 3.12.
bench-peers: $(DEV_STAMP)
	$(BENCH) peers

# Documents that repeat code are written by the code.
generated: $(DEV_STAMP)
	$(BIN)/python -m tools.docs.generate
	$(BIN)/python -m trading_platform_order.cli.reference docs/CLI.md
	$(BIN)/python -m tests.conformance.page
	$(BIN)/python -m trading_platform_order.simulation.scenarios.docs_page docs/SCENARIOS.md

$(STAMP): requirements.lock pyproject.toml scripts/setup
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup requirements.lock .ready

$(DEV_STAMP): requirements.lock requirements-dev.lock pyproject.toml scripts/setup
	PYTHON="$(PYTHON)" VENV="$(VENV)" sh scripts/setup requirements-dev.lock .ready-dev

# Needs uv (pip install uv); resolves for every platform, with hashes, without index addresses.
# The runtime lock takes the development lock's versions, so that what is tested is what runs.
# Both hold the build backend, because the project itself is installed without build isolation.
COMPILE := uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11
BUILD_BACKEND := printf 'hatchling==1.33.0\neditables\n'
lock:
	$(BUILD_BACKEND) | $(COMPILE) --extra dev pyproject.toml - -o requirements-dev.lock
	$(BUILD_BACKEND) | $(COMPILE) --constraints requirements-dev.lock pyproject.toml - -o requirements.lock
	$(BUILD_BACKEND) | $(COMPILE) --constraints requirements-dev.lock --extra web pyproject.toml - -o requirements-web.lock
	$(BUILD_BACKEND) | $(COMPILE) --constraints requirements-dev.lock --extra analysis pyproject.toml - -o requirements-analysis.lock
	$(BUILD_BACKEND) | $(COMPILE) --constraints requirements-dev.lock --extra notify pyproject.toml - -o requirements-notify.lock
	$(BUILD_BACKEND) | $(COMPILE) --constraints requirements-dev.lock --extra redis pyproject.toml - -o requirements-redis.lock
	$(BUILD_BACKEND) | $(COMPILE) --constraints requirements-dev.lock --extra exporter pyproject.toml - -o requirements-exporter.lock
	printf 'nautilus_trader==1.231.0\nuvloop==0.22.1\n' | uv pip compile --universal --generate-hashes --no-header \
		--no-annotate --python-version 3.12 - -o requirements-nautilus.lock
	printf 'mutmut==3.8.1\n' | $(COMPILE) --constraints requirements-dev.lock - -o requirements-mutation.lock

clean:
	rm -rf $(VENV) $(MUTATION_VENV) .venv-nautilus .mypy_cache .ruff_cache .pytest_cache .hypothesis out
