# Everything a user runs. A new machine needs Python >= 3.11, make and a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-bench
# On a slow network pip prints nothing for minutes: print a dot every two seconds until pip, or this shell, has ended
INSTALL = @{ while kill -0 $$$$ 2>/dev/null; do sleep 2; printf . >&2; done; } & dots=$$!; \
	$(1) -m pip install --quiet --disable-pip-version-check $(2); status=$$?; kill $$dots; echo >&2; exit $$status

.PHONY: help install demo test test-slow check format bench chaos lock clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

install: $(VENV)/.runtime ## Make .venv with the locked dependencies and the touchline command

demo: $(VENV)/.runtime ## Run a realistic day through the whole stack and look at what it found
	@$(BIN)/touchline demo $(DEMO)

test: $(VENV)/.dev ## Run the tests, two files at a time (under 10 minutes)
	@echo "running the tests: unit, property and end-to-end on an embedded broker and ClickHouse engine"
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile --no-loadscope-reorder $(TEST)

test-slow: $(VENV)/.dev ## Run the tests that take longer, two files at a time: full data sets, crashes, a million garbled inputs
	@$(BIN)/python -m pytest -m slow -n 2 --dist loadfile --no-loadscope-reorder $(TEST)

check: $(VENV)/.dev ## Format, lint, types, architecture
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(VENV)/.dev ## Format, and fix what can be fixed automatically
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(VENV)/.dev $(PEERS)/.done ## Measure everything beside the peers and write the report; BENCH=--quick for a first look
	@$(BIN)/python -m tests.benchmarks $(BENCH)

chaos: $(VENV)/.dev ## Kill, hang and cut off the parts of a cluster under load, and compare every row (needs Java and Maven)
	@$(BIN)/python -m tests.chaos $(CHAOS)

lock: ## Resolve the newest versions and write the lock files (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
		--no-annotate --no-header tests/benchmarks/requirements.in -o tests/benchmarks/requirements.lock

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) $(PEERS) *-data .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Touchline needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 ..."; exit 1; }
	@echo "making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; } # a half-made one would be taken for complete the next time

$(VENV)/.runtime: $(VENV)/bin/python requirements.lock pyproject.toml
	@echo "installing Touchline and its locked dependencies (about a minute the first time)"
	$(call INSTALL,$(BIN)/python,--no-compile --require-hashes -r requirements.lock)
	$(call INSTALL,$(BIN)/python,--no-deps --no-build-isolation -e .)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.lock
	@echo "installing the test and lint tools"
	$(call INSTALL,$(BIN)/python,--no-compile --require-hashes -r requirements-dev.lock)
	@touch $@

$(PEERS)/.done: tests/benchmarks/requirements.lock
	@echo "installing the peers into $(PEERS) (a minute or two the first time)"
	@$(PYTHON) -m venv $(PEERS)
	$(call INSTALL,$(PEERS)/bin/python,--no-compile --require-hashes -r $<)
	@touch $@
