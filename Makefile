# The verbs of the project; `make help` lists them.
# BLAS threads beside torch's only get in each other's way (implicit warns of it, too).
export OPENBLAS_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM ?= false

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 7860
CONFIG ?= ml-100k

.PHONY: help setup setup-dev chat test test-slow lint train baselines eval

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: .venv/.installed  ## Make .venv with what the chat needs
setup-dev: .venv/.installed-dev  ## ... and with what the tests need

.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12" >&2; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

chat: setup  ## Open the chat at http://127.0.0.1:7860 (another port: make chat PORT=7861)
	@$(BIN)/python -m data fetch all
	@$(BIN)/python -m app chat --port $(PORT)

test: setup-dev lint  ## Lint, types and all fast tests
	$(BIN)/python -m pytest -q -m "not slow and not browser"

test-slow: setup-dev  ## The tests that need the fetched models, a browser or patience
	$(BIN)/python -m pytest -q -m "slow or browser"

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy app cf data eval ilm prompts

train: setup  ## Train the shipped model anew on a CPU (about 30 minutes; goes on where it stopped)
	$(BIN)/python -m ilm train --config $(CONFIG)

baselines: setup  ## Train the table's MLP and ILM-rand at the same budget
	$(BIN)/python -m ilm train --config mlp
	$(BIN)/python -m ilm train --config ilm-rand

eval: setup  ## Evaluate every method whose model is there and print the table
	$(BIN)/python -m eval all
