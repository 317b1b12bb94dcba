# Two commands matter: `make demo` and `make test`. Both start from nothing but Python >= 3.11 and make.
# Whatever installs speaks on standard error, so that `make demo ARGS="--json"` prints JSON alone.

MAKEFLAGS += --no-print-directory
# The tests start a thousand processes: each would compile the program again, for half a second.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help demo test cases check bench soak fuzz known-wrong coverage lint types contracts format servers lock sbom audit docs clean

# The first Python on the path that is new enough; PYTHON=/path/to/python overrides it.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$p" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
# Processes that share the tests: most of a test is waiting for servers.
JOBS ?= 3
# Shows what pip says only when it fails.
PIP = > .venv/pip.log 2>&1 $(BIN)/python -m pip --no-input --disable-pip-version-check
PIP_FAILED = { cat .venv/pip.log >&2; exit 1; }
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate $(ARGS) pyproject.toml --group build
FAST := tests/unit tests/properties devices gateway

help: ## Says what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name text; do \
		printf '%-18s%s\n' "$$name" "$$text"; done

demo: .venv/.web ## Runs broker, gateway, a simulated plant and its board, for instance ARGS="--for 20 --json"
	@exec $(BIN)/backflush demo $(ARGS)

test: servers lint types contracts ## Installs what the tests need, real servers included, and runs the whole suite
	@exec $(BIN)/python -m pytest --numprocesses=$(JOBS) --dist=loadfile $(ARGS)

cases: servers .venv/.dev ## Runs the cases: what happens in a plant, from outside, against a real broker
	@exec $(BIN)/python -m pytest --numprocesses=$(JOBS) tests/cases $(ARGS)

check: .venv/.dev .venv/.scanned ## Format, lint, types, import contracts, known vulnerabilities and the fast tests
	@$(BIN)/ruff format --check .
	@$(MAKE) lint types contracts
	@exec $(BIN)/python -m pytest --quiet $(wildcard $(FAST)) $(ARGS)

bench: .venv/.dev servers ## Runs the benchmark that docs/performance.md quotes, for instance ARGS=--quick
	@exec $(BIN)/backflush bench $(ARGS)

soak: .venv/.dev servers ## Runs the long tests: hours of outages and load
	@SIMULATION_SEEDS=$${SIMULATION_SEEDS:-2000} POWER_CUTS=$${POWER_CUTS:-500} exec $(BIN)/python -m pytest --timeout=0 \
		tests/soak tests/simulation/test_core.py tests/simulation/test_power.py $(ARGS)

known-wrong: .venv/.dev servers ## Makes known-wrong changes in a copy: each has to fail a test; for instance ARGS="-k floats"
	@KNOWN_WRONG=all exec $(BIN)/python -m pytest tests/known_wrong $(ARGS)

fuzz: .venv/.dev ## Searches for inputs that break a law, for FUZZ_S seconds, and keeps them in tests/fuzz/corpus
	@exec $(BIN)/python -m tests.fuzz $(ARGS)

coverage: .venv/.dev servers ## Runs the whole suite and shows the lines that no test reached
	@$(BIN)/coverage run -m pytest --quiet $(ARGS)
	@$(BIN)/coverage combine --quiet; $(BIN)/coverage report

lint: .venv/.dev ## Checks the style
	@$(BIN)/ruff check --quiet .

types: .venv/.dev ## Checks the types
	@$(BIN)/mypy --no-error-summary

contracts: .venv/.dev ## Checks the direction of imports
	@$(BIN)/lint-imports > .venv/contracts.log 2>&1 || { cat .venv/contracts.log; exit 1; }

format: .venv/.dev ## Formats the code
	@$(BIN)/ruff check --quiet --fix-only .; $(BIN)/ruff format .

servers: ## Installs Mosquitto, PostgreSQL and Chromium for the tests, where they are missing
	@sh scripts/install-servers 1>&2

lock: .venv/.python ## Pins the requirements by hash; ARGS=--upgrade takes the newest
	@test -x $(BIN)/uv || $(PIP) install uv || $(PIP_FAILED)
	@$(LOCK) --output-file requirements/runtime.txt
	@$(LOCK) --constraint requirements/runtime.txt --extra web --output-file requirements/web.txt
	@$(LOCK) --constraint requirements/web.txt --extra agents --extra web --group dev --output-file requirements/dev.txt
	@$(MAKE) sbom

sbom: .venv/.dev ## Writes the bill of materials of what is pinned (CycloneDX)
	@$(BIN)/python scripts/sbom.py > .venv/sbom && mv .venv/sbom requirements/sbom.cdx.json

audit: .venv/.dev ## Looks the pinned requirements up in the database of known vulnerabilities
	@exec $(BIN)/pip-audit --requirement requirements/web.txt --require-hashes --disable-pip $(ARGS)

docs: .venv/.dev ## Writes the documentation that is made from the program: master-data.md, asyncapi.yaml
	@$(BIN)/python -m gateway.masterdata.files.page > .venv/page && mv .venv/page docs/master-data.md
	@$(BIN)/python scripts/asyncapi.py > .venv/asyncapi && mv .venv/asyncapi docs/asyncapi.yaml

clean: ## Removes the environment and every cache, but no data
	rm -rf .venv .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist *.egg-info
	find devices gateway tests -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.python:
	@test -n "$(PYTHON)" || { echo "make: expected Python >= 3.11 with the modules venv and ensurepip on the path," \
		"found $$(python3 --version 2>&1 || true). On Debian and Ubuntu: apt-get install python3 python3-venv;" \
		"on macOS: brew install python. Another one: make PYTHON=/path/to/python" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' || { \
		echo "make: expected Python >= 3.11 with venv, got $(PYTHON)" >&2; exit 1; }
	@echo "Creating the environment in .venv ..." >&2
	@"$(PYTHON)" -m venv .venv 1>&2
	@touch $@

.venv/.runtime: .venv/.python requirements/runtime.txt pyproject.toml
	@echo "Installing what the gateway needs ..." >&2
	@$(PIP) install --require-hashes --requirement requirements/runtime.txt || $(PIP_FAILED)
	@$(PIP) install --no-deps --no-build-isolation --editable . || $(PIP_FAILED)
	@touch $@

.venv/.web: .venv/.runtime requirements/web.txt
	@echo "Installing what the web pages need ..." >&2
	@$(PIP) install --require-hashes --requirement requirements/web.txt || $(PIP_FAILED)
	@touch $@

# Once for each lock; `make audit` looks again, and insists.
.venv/.scanned: .venv/.dev requirements/web.txt
	@$(BIN)/python scripts/scan.py
	@touch $@

.venv/.dev: .venv/.runtime requirements/dev.txt
	@echo "Installing what the tests need ..." >&2
	@$(PIP) install --require-hashes --requirement requirements/dev.txt || $(PIP_FAILED)
	@touch $@
