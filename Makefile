# Everything a newcomer needs: `make demo`, `make test`. Each sets up what it needs in .venv first.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
# Processes that share the tests; 0 runs them one after the other in one.
WORKERS ?= 2
export TZ := UTC
export DAGSTER_DISABLE_TELEMETRY := yes

.DEFAULT_GOAL := help
.PHONY: help setup demo ui browser java kafka broker test test-fast check format lock docs bench bench-large clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with every pinned dependency and the telecom-cdr command

$(STAMP): requirements.txt requirements-setup.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Python 3.11 to 3.13 is needed, not " + sys.version.split()[0] + ": set PYTHON=/path/to/python3.11")'
	@$(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing: install it (Debian: apt-get install python3-venv)" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.txt
	@$(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python --require-hashes --compile-bytecode -r requirements.txt
	@$(BIN)/uv pip install --quiet --system-certs --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q telecom_cdr
	@touch $(STAMP)

demo: $(STAMP) ## Generate, ingest, bill and report three months into ./lake
	@$(BIN)/telecom-cdr demo

ui: $(STAMP) ## The Dagster UI on loopback, with the demo's lake
	@$(BIN)/telecom-cdr ui

test: $(STAMP) browser java kafka ## Every test
	@$(BIN)/python -m pytest -n $(WORKERS)

# The tests of the UI use a real browser. Where it cannot be installed, they say so.
browser:
	@command -v chromium > /dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null; \
		else \
			echo "chromium is missing: install it to run the tests of the UI (Debian: apt-get install chromium)" >&2; \
		fi; }

# The tests of Spark need Java; Spark itself is a Python package, and fetches Delta's jars when it starts first.
java:
	@command -v java > /dev/null || [ -n "$$JAVA_HOME" ] || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
			apt-get update -qq && for package in openjdk-17-jre-headless openjdk-21-jre-headless; do \
				DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$package > /dev/null 2>&1 && break; \
			done; \
		else \
			echo "java is missing: install it to run the tests of Spark (Debian: apt-get install openjdk-17-jre-headless)" >&2; \
		fi; }

# The tests of Kafka run a real broker: its jars, 40 MB, are fetched once for this user.
kafka: $(STAMP) java
	@$(BIN)/python -m telecom_cdr_tests.kafka_jars

broker: kafka ## A Kafka broker on loopback for trials, until Ctrl-C
	@$(BIN)/python -m telecom_cdr_tests.kafka_trial

test-fast: $(STAMP) ## The tests that take no more than a few seconds each
	@$(BIN)/python -m pytest -n $(WORKERS) -m "not slow"

check: $(STAMP) ## Format, lint, types, import contracts, SQL
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/sqlfluff lint --disable-progress-bar sql/reports

format: $(STAMP) ## Format the code and mend what ruff can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(STAMP) ## Write the generated documents anew: data dictionary, DDL
	@$(BIN)/python -m telecom_cdr.tables.dictionary
	@$(BIN)/python -m telecom_cdr.reference.ddl

lock: $(STAMP) ## Pin every dependency anew in requirements.txt 
	@$(BIN)/uv pip compile --quiet --system-certs --generate-hashes --no-strip-extras --no-emit-index-url --no-emit-find-links --python-version 3.11 --extra dev pyproject.toml requirements.in -o requirements.txt

# The product against the same work written by hand; data and results stay in build/benchmarks.
bench: $(STAMP) ## Compare with hand-written DuckDB and Polars: 100,000 and 1,000,000 CDRs
	@$(BIN)/python -m benchmarks compare --cdrs 100000 1000000 $(BENCH)

bench-large: $(STAMP) ## The same with 5 and 20 million CDRs: needs about 35 GB of disk
	@$(BIN)/python -m benchmarks compare --cdrs 5000000 20000000 $(BENCH)

clean: ## Remove .venv, caches and the demo's lake
	@rm -rf $(VENV) lake .mypy_cache .ruff_cache .pytest_cache *.egg-info
