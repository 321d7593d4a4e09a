# Two commands matter: `make up` and `make test`. `make help` lists the rest.

PYTHON ?= python3
NPM := $(if $(shell command -v npm),npm,.venv/bin/npm)
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet

# What is tested a second time, on a Redis Cluster of three masters: all that spells keys or writes to several rooms. What
# is left out (pytest tests/realtime --cluster has it all) is about processes and bytes, whatever Redis there is.
ON_A_CLUSTER := $(addprefix tests/,$(addsuffix .py,$(addprefix realtime/test_,log both_logs twins any_writes hub node faults \
	viewers inbox strangers announcements moderation questions_live questions_of_many full_rooms publish revocation both_bounds \
	dropped waiting both_waiting) workers/test_archive web/test_throttle))

.DEFAULT_GOAL := help
.PHONY: help up test drill bench lint format seed migrate status lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

up: .venv/run.stamp node_modules/.stamp ## run everything here: embedded Postgres and Valkey, the demo, all processes
	@exec .venv/bin/python -m config up

test: .venv/check.stamp node_modules/.check.stamp ## check everything: format, lint, types, and every test (nothing of var/ is touched)
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/python -m pytest -n 2
	.venv/bin/python -m pytest -n 2 --cluster $(ON_A_CLUSTER)

drill: .venv/check.stamp ## break things under load, 20 rounds of each fault, then fuzzing and leaks in length (an hour)
	VECHE_ROUNDS=20 .venv/bin/python -m pytest tests/drills

bench: .venv/check.stamp ## measure the socket server from outside, beside its targets (some ten minutes, both cores)
	.venv/bin/python -m bench all

lint: .venv/check.stamp ## check format, lint and types only
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

format: .venv/check.stamp ## put the code into its format
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

migrate: .venv/run.stamp ## bring the database at DATABASE_URL up to date (`make up` does it by itself)
	@.venv/bin/python -m sql migrate

status: .venv/run.stamp ## list the migrations of the database at DATABASE_URL
	@.venv/bin/python -m sql status

seed: .venv/run.stamp ## put the demo conference into the empty database at DATABASE_URL (`make up` does it by itself)
	@.venv/bin/python -m sql seed

# What other packages are needed is said in requirements*.in; this writes down exactly which, without addresses.
LOCK := .venv/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links
lock: .venv/made.stamp ## choose the versions of all packages anew (LOCK_FLAGS=--upgrade for the newest)
	$(PYTHON) -m venv .venv/lock
	.venv/lock/bin/python -m pip --quiet --disable-pip-version-check install uv
	$(LOCK) $(LOCK_FLAGS) config/requirements.in -o config/requirements.txt
	$(LOCK) $(LOCK_FLAGS) config/requirements-dev.in -c config/requirements.txt -o config/requirements-dev.txt
	$(LOCK) $(LOCK_FLAGS) config/requirements-node.in -o config/requirements-node.txt
	$(NPM) install --package-lock-only

clean: ## remove what was installed and cached; the data in var/ stay
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: each says "done, with this lock file", so that nothing is done twice.

.venv/made.stamp:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Veche needs Python 3.11 or newer and $(PYTHON) is older; name another one: make PYTHON=python3.11." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python cannot make a virtual environment here; on Debian and Ubuntu: apt-get install python3-venv." >&2; exit 1; }
	@$(PYTHON) -m venv .venv
	@touch $@

.venv/run.stamp: .venv/made.stamp config/requirements.txt
	@echo "Installing what the program needs (once) ..."
	@$(PIP) install --require-hashes -r config/requirements.txt
	@touch $@

.venv/check.stamp: .venv/run.stamp config/requirements-dev.txt
	@echo "Installing what the checks need (once) ..."
	@$(PIP) install --require-hashes -r config/requirements-dev.txt
	@touch $@

NPM_CI := PATH="$(if $(filter npm,$(NPM)),,$(CURDIR)/.venv/bin:)$$PATH" $(NPM) ci --silent
NPM_FAILED := echo "npm could not install what package-lock.json lists; \`$(NPM) ci\` says more." >&2; exit 1

node_modules/.stamp: package-lock.json .npmrc $(if $(filter npm,$(NPM)),,.venv/npm.stamp)
	@echo "Installing the typeface and the player (once) ..."
	@$(NPM_CI) --omit=dev || { $(NPM_FAILED); }
	@touch $@

# npm empties the folder before it fills it, so this has all of the above, too.
node_modules/.check.stamp: package-lock.json .npmrc $(if $(filter npm,$(NPM)),,.venv/npm.stamp)
	@echo "Installing axe and Lighthouse (once) ..."
	@$(NPM_CI) || { $(NPM_FAILED); }
	@touch node_modules/.stamp $@

.venv/npm.stamp: .venv/made.stamp config/requirements-node.txt
	@echo "Installing npm (once; this machine has none) ..."
	@$(PIP) install --require-hashes -r config/requirements-node.txt
	@touch $@
