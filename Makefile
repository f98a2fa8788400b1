# What one does with this project; `make help` lists it. Needs python3 >= 3.11, make and a package index.

VENV := .venv
BIN := $(VENV)/bin/python
READY := $(VENV)/.ready
SPARK := $(VENV)/.spark
DB := build/valuation.duckdb

# The newest Python that can make a virtual environment and that the locked libraries are built for.
# Looked for only when one must be made.
PYTHON ?= $(shell for p in python3.14 python3.13 python3.12 python3.11 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo $$p && break; done)

.DEFAULT_GOAL := help
.PHONY: help run test test-long bench lint format lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

run: $(READY) ## value the sample inventories into build/valuation.duckdb
	@mkdir -p build
	@$(BIN) -m valuation value data/samples/* --db $(DB)

# Two workers keep two processors busy: threads of polars beside them would wait for each other.
test: lint ## lint, types, quick tests, reference data
	@$(BIN) -m valuation data check
	@POLARS_MAX_THREADS=1 $(BIN) -m pytest -n 2 --dist worksteal -m 'not long'

test-long: $(SPARK) ## the slow tests and the full sizes; installs Spark for its own (460 MB)
	@$(BIN) -m pytest -n 2 --dist worksteal -m long || [ $$? -eq 5 ]

# ROWS=1000000 takes a few minutes; ten million rows take half an hour and 6 GB beside the checkout.
bench: $(READY) ## how long exports and draws take, as a ratio to the least they could
	@mkdir -p build
	@$(BIN) -m tests.benchmarks.bench_value --folder build $(if $(ROWS),--rows $(ROWS))
	@$(BIN) -m tests.benchmarks.bench_identify
	@$(BIN) -m tests.benchmarks.bench_draws

lint: $(READY) ## style and types
	@$(BIN) -m ruff check
	@$(BIN) -m ruff format --check
	@$(BIN) -m mypy

format: $(READY) ## put the code into shape
	@$(BIN) -m ruff check --fix-only --quiet
	@$(BIN) -m ruff format

lock: $(READY) ## resolve requirements.lock again, at the newest versions
	@$(BIN) -m uv pip compile --quiet --universal --generate-hashes --upgrade \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--group dev pyproject.toml --output-file requirements.lock
	@$(BIN) -c "import tomllib; project = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
		print(*project['optional-dependencies']['spark'], sep='\n')" \
		| $(BIN) -m uv pip compile - --quiet --universal --generate-hashes --upgrade \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--python-version 3.11 --constraint requirements.lock --output-file tests/spark/requirements.lock

clean: ## remove everything make made
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Set-up. uv is fast and removes what the lock no longer names; pip alone is the way without it.
$(READY): requirements.lock pyproject.toml
	@$(BIN) -c '' 2>/dev/null || { \
		[ -n "$(PYTHON)" ] || { \
			echo "No Python of version 3.11 or newer with venv was found: install one (Debian: python3 and" \
				"python3-venv), or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; }; \
		echo "Setting up $(VENV) with $(PYTHON) ..."; \
		"$(PYTHON)" -m venv --clear $(VENV); }
	@if $(BIN) -m pip install --quiet --disable-pip-version-check "$$(grep -o '^uv==[0-9.]*' requirements.lock)" \
		&& $(BIN) -m uv pip sync --quiet --compile-bytecode --python $(BIN) requirements.lock; \
	then install="$(BIN) -m uv pip install --python $(BIN)"; \
	else echo "uv cannot be had; installing with pip, which takes longer." >&2; \
		install="$(BIN) -m pip install --disable-pip-version-check"; \
		$$install --quiet -r requirements.lock || exit 1; \
	fi; $$install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN) -m compileall -q valuation  # else each start compiles anew where Python may not keep it
	@touch $(READY)

# What Spark's tests need beside: nothing else asks for it, so it is installed with them only.
$(SPARK): tests/spark/requirements.lock $(READY)
	@echo "Installing Spark for its tests ..."
	@$(BIN) -m uv pip install --quiet --compile-bytecode --require-hashes --python $(BIN) \
		-r tests/spark/requirements.lock 2>/dev/null \
		|| $(BIN) -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r tests/spark/requirements.lock
	@touch $(SPARK)
