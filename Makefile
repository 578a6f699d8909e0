# Everything a person or a machine does with LoaXã. Set-up is part of each target and is done once (stamp files).
# The address of a package registry comes from pip's and npm's own configuration, never from here.

PY := .venv/bin/python
PIP := $(PY) -m pip install --quiet --no-input --require-hashes
SOURCES := $(wildcard controller edge_agent protocol schedules audio deploy tests) $(if $(wildcard bench/*.py),bench)
export TEXT AUDIO REPORT KEEP
# Programs are started many times over here; without kept bytecode each start compiles everything again.
unexport PYTHONDONTWRITEBYTECODE

# GNU make ends with 2 whatever a recipe's status was. Only when asked a question (-q) can it end with 1, and lines
# that begin with + are run all the same: so `make demo-once` hands on the 0, 1 or 2 of the demonstration itself.
ifneq ($(filter demo-once,$(MAKECMDGOALS)),)
MAKEFLAGS += -q
endif
DEMO_STATUS = $(shell cat build/demo-once.status)

.PHONY: help
help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

# --- set-up -----------------------------------------------------------------------------------------------------

.PHONY: setup setup-demo setup-controller setup-piper setup-edge setup-bench assets
setup: ## Everything that `make test` and `make check` need
	@deploy/setup/packages.sh test
	@$(MAKE) --no-print-directory .venv/.dev assets

setup-demo:
	@deploy/setup/packages.sh $(if $(SOUND),sound,demo)
	@$(MAKE) --no-print-directory setup-controller setup-edge assets

setup-bench: setup
	@deploy/setup/packages.sh bench

setup-controller: .venv/.controller

setup-piper: setup-controller
	$(PIP) -r requirements/piper.txt

setup-edge: .venv/.edge

assets: controller/web/static/vendor/.stamp

.venv/bin/python:
	python=$$(deploy/setup/python.sh) && "$$python" -m venv .venv

# dev.txt contains the other two locks: where it is installed they are.
.venv/.controller: requirements/controller.txt .venv/bin/python
	$(PIP) -r requirements/controller.txt
	@touch $@

.venv/.edge: requirements/edge.txt .venv/bin/python
	$(PIP) -r requirements/edge.txt
	@touch $@

.venv/.dev: requirements/dev.txt .venv/bin/python
	$(PIP) -r requirements/dev.txt
	@touch $@ .venv/.controller .venv/.edge

node_modules/.stamp: package.json package-lock.json | .venv/bin/python
	deploy/setup/assets.sh $(PY)
	@touch $@

controller/web/static/vendor/.stamp: node_modules/.stamp controller/web/assets.py
	$(PY) -m controller.web.assets
	@touch $@

# --- see it -----------------------------------------------------------------------------------------------------

.PHONY: demo demo-once demo-once-run
demo: setup-demo ## Controller and nine speakers; stays up, prints the address and a one-time password (SOUND=1: hear one)
	@$(PY) -m deploy.demo up $(if $(SOUND),--sound)

demo-once: demo-once-run ## One bulletin to nine speakers, with proof (TEXT=file or AUDIO=file, REPORT=file, KEEP=folder)
	$(if $(filter 1,$(DEMO_STATUS)),not all nine played)
	+$(if $(filter-out 0 1,$(DEMO_STATUS)),@exit 2)

demo-once-run:
	+@MAKEFLAGS= $(MAKE) --no-print-directory setup-demo >&2
	+@exec $(PY) -m deploy.demo once --text "$$TEXT" --audio "$$AUDIO" --report "$$REPORT" --data "$$KEEP" \
		--status build/demo-once.status

# --- prove it ---------------------------------------------------------------------------------------------------

.PHONY: test check bench soak
test: setup ## Checks, then all tests
	@$(MAKE) --no-print-directory check
	$(PY) -m pytest --numprocesses=4 --dist=loadfile --no-loadscope-reorder --durations=15

check: setup ## Lint, format, types and import contracts only
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy $(SOURCES)
	.venv/bin/lint-imports --no-logo

bench: setup-bench ## Speed and memory against a peer in the same run; writes build/bench.json
	$(PY) -m bench

soak: setup ## 2,000 power cuts, 2,000 damaged sound files and two months of a box, then kills and storms again and again for SOAK_MINUTES (30)
	LOAXA_CUTS=2000 $(PY) -m pytest -x -q tests/edge_agent/test_power.py
	LOAXA_MUTANTS=2000 $(PY) -m pytest -x -q tests/audio/test_mutants.py
	LOAXA_DAYS=61 LOAXA_APART=1 LOAXA_DAILY=60 $(PY) -m pytest -x -q tests/edge_agent/test_month.py
	LOAXA_EXAMPLES=400 $(PY) -m pytest -x -q --timeout=3600 tests/edge_agent/test_stateful.py
	@end=$$(( $$(date +%s) + 60 * $(or $(SOAK_MINUTES),30) )); \
	while [ "$$(date +%s)" -lt "$$end" ]; do \
		LOAXA_SEED=$$(date +%s) $(PY) -m pytest -x -q tests/system tests/edge_agent/test_faults.py || exit 1; done

# --- keep it ----------------------------------------------------------------------------------------------------

.PHONY: clean lock
clean: ## Remove everything that the targets above made, .demo/ and the environment included
	rm -rf .venv node_modules controller/web/static/vendor build dist .demo *.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

UV = build/lock/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--python-version 3.11 --custom-compile-command "make lock"
lock: ## Renew requirements/*.txt from pyproject.toml
	python=$$(deploy/setup/python.sh) && "$$python" -m venv build/lock
	build/lock/bin/python -m pip install --no-input --require-hashes -r requirements/lock.txt
	$(UV) pyproject.toml --extra edge -o requirements/edge.txt
	$(UV) pyproject.toml --extra controller -o requirements/controller.txt
	$(UV) pyproject.toml --extra controller --extra piper -o requirements/piper.txt
	$(UV) pyproject.toml --extra edge --extra controller --extra piper --extra dev -o requirements/dev.txt
	$(UV) requirements/node.in -o requirements/node.txt
	$(UV) requirements/lock.in -o requirements/lock.txt
