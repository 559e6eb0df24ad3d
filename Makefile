# The one command list. Every target works on a fresh machine with Python 3.11+ and make.
PYTHON ?= python3
BIN := .venv/bin
ROOMS := schemas producers detectors stream_processors registry retrain_service alerting dashboard cli
OWN := driftline $(addprefix driftline-,$(subst _,-,$(filter-out cli,$(ROOMS))))
LOCK := --quiet --no-header --universal --generate-hashes --python-version 3.11

# Some images set it: every process that starts would compile all its modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check bench bench-detection bench-retrain bench-reading calibrate chaos lock docs clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

.venv/.synced: requirements.lock $(addsuffix /pyproject.toml,$(ROOMS))
	@test -x $(BIN)/uv || { echo "Preparing .venv ..."; $(PYTHON) -m venv .venv && $(BIN)/pip install --quiet --disable-pip-version-check uv; }
	@VIRTUAL_ENV=.venv $(BIN)/uv pip sync --require-hashes requirements.lock
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps $(addprefix -e ./,$(ROOMS))
	@touch $@

demo: .venv/.synced ## Watch a real model go stale and recover
	@$(BIN)/driftline demo

test: .venv/.synced .venv-tools/.synced ## Everything CI runs: lint, types, tests
	@tests/tools/system-packages
	@$(MAKE) --no-print-directory check
	$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --durations=25

check: .venv/.synced ## Lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(ROOMS) examples tests benchmarks

bench: .venv/.synced .venv-peers/.synced ## Measure beside the peers; writes benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks --peers-python .venv-peers/bin/python

.venv-peers/.synced: .venv/.synced requirements-peers.lock
	@test -x .venv-peers/bin/python || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-peers
	@VIRTUAL_ENV=.venv-peers $(BIN)/uv pip sync --quiet --require-hashes requirements-peers.lock
	@touch $@

.venv-tools/.synced: .venv/.synced requirements-tools.lock
	@test -x .venv-tools/bin/python || $(BIN)/uv venv --quiet --python $(BIN)/python .venv-tools
	@VIRTUAL_ENV=.venv-tools $(BIN)/uv pip sync --quiet --require-hashes requirements-tools.lock
	@touch $@

bench-detection: .venv/.synced ## False alarms, delays and misses beside River's detectors; writes benchmarks/DETECTION.md
	@$(BIN)/python -m benchmarks.detection

bench-retrain: .venv/.synced ## What the closed loop keeps of a model's accuracy; writes benchmarks/RETRAINING.md
	@$(BIN)/python -m benchmarks.retraining

bench-reading: .venv/.synced ## How long people wait: each page's data, and comparisons in SQL, on 10 million predictions
	@$(BIN)/python -m benchmarks.pages
	@$(BIN)/python -m benchmarks.sql

calibrate: .venv/.synced ## Simulate what a budget of false alarms keeps; writes benchmarks/CALIBRATION.md
	@$(BIN)/python -m benchmarks.detection.calibration

chaos: .venv/.synced ## Disturb workers, broker and store 100 times, decode 1,000,000 odd records: nothing may differ
	$(BIN)/pytest -m long
	$(BIN)/python -m tests.chaos
	$(BIN)/python -m tests.chaos.fuzz

lock: ## Bring the lock files up to date with the pyproject files; what is pinned stays as it is
	$(BIN)/uv pip compile $(LOCK) --all-extras --group pyproject.toml:dev --group pyproject.toml:examples $(addsuffix /pyproject.toml,$(ROOMS)) $(addprefix --no-emit-package ,$(OWN)) --output-file requirements.lock
	$(BIN)/uv pip compile $(LOCK) --group benchmarks/peers/pyproject.toml:peers --output-file requirements-peers.lock
	$(BIN)/uv pip compile $(LOCK) --group tests/tools/pyproject.toml:tools --output-file requirements-tools.lock

docs: .venv/.synced ## Regenerate what is written from code: the contract's documents, the schema, the dashboards
	$(BIN)/python -m driftline_schemas.generate docs/contract
	$(BIN)/python -m driftline.schema_page docs/schema.md

clean: ## Remove the virtual environment and caches of this checkout
	rm -rf .venv .venv-peers .venv-tools .mypy_cache .pytest_cache .ruff_cache .hypothesis
