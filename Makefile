# Everything runs in .venv, made from the hash-pinned locks; nothing else is needed but Python 3.11 or newer.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint types layers docs bench chaos lock clean help
.DEFAULT_GOAL := demo

demo: .venv/run.stamp  ## show a whole day of Paperboy, offline
	$(BIN)/paperboy demo

test: .venv/dev.stamp  ## run the whole suite in random order
	$(BIN)/pytest -n 3 --dist worksteal

lint: .venv/dev.stamp  ## style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/dev.stamp  ## mypy, strict
	$(BIN)/mypy

layers: .venv/dev.stamp  ## adapters -> bot <- storage
	$(BIN)/lint-imports

docs: .venv/dev.stamp  ## what README, docs/ and the container files say against the code
	$(BIN)/pytest tests/docs

bench: .venv/dev.stamp  ## speed and memory, as ratios against peers in the same run
	$(BIN)/python -m benchmarks.match
	$(BIN)/python -m benchmarks.ingest
	$(BIN)/python -m benchmarks.slack_ack
	$(BIN)/python -m benchmarks.discord_ack
	$(BIN)/python -m benchmarks.outbox
	$(BIN)/python -m benchmarks.receipts
	$(BIN)/python -m benchmarks.search_speed
	$(BIN)/python -m benchmarks.relevance
	$(BIN)/python -m benchmarks.alerts
	$(BIN)/python -m benchmarks.feedback

chaos: .venv/dev.stamp  ## kills, faults and crashes at full size: nothing lost, nothing twice
	$(BIN)/pytest -n 3 --dist worksteal -m full
	$(BIN)/python -m benchmarks.chaos

lock:  ## pin every dependency by hash, without addresses (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 pyproject.toml --extra meaning --group hatch -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-emit-find-links \
	  --python-version 3.11 pyproject.toml --extra meaning --group dev -c requirements.lock -o requirements-dev.lock

.venv/run.stamp: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Paperboy needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

.venv/dev.stamp: requirements-dev.lock .venv/run.stamp
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements-dev.lock
	touch $@

clean:  ## remove what the above made
	rm -rf .venv .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
