# The verbs of the project; `make help` lists them.
# BLAS threads beside torch's only get in each other's way (implicit warns of it, too).
export OPENBLAS_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM ?= false

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 7860
CONFIG ?= ml-100k
SIZE ?= cpu

.PHONY: help setup setup-dev chat present test test-slow lint train reproduce

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

.venv/.installed-dev: .venv/.installed requirements-dev.txt requirements-agent.txt requirements-mcp.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

chat: setup  ## Open the chat at http://127.0.0.1:7860 (another port: make chat PORT=7861)
	@$(BIN)/python -m data fetch all
	@$(BIN)/python -m app chat --port $(PORT)

present: setup  ## The chat for an audience: what is behind each answer stands beside it
	@$(BIN)/python -m data fetch all
	@$(BIN)/python -m app chat --present --port $(PORT)

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

reproduce: setup  ## Train what is missing, evaluate, write the README's table (SIZE=full: on a GPU)
	$(BIN)/python -m eval openp5 --dataset ml-100k --size $(SIZE) --method all
	$(BIN)/python -m eval openp5 --dataset ml-100k --size $(SIZE) --method all --decoding generate-id
	$(BIN)/python -m eval openp5 --dataset ml-100k --size $(SIZE) --method all --task straightforward
	$(BIN)/python -m eval report --dataset ml-100k --write README.md
