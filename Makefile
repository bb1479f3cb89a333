# The commands of this project. `make` alone lists them.
# Everything is set up in .venv on first use; nothing needs root, Docker or an installed database.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
MOCK ?=
NAME ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench new-system docs format clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Topstitch needs Python 3.11 or later; this is $$($(PYTHON) --version). Name another with PYTHON=..."; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || { rm -rf $(VENV); $(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; } || { rm -rf $(VENV); echo "Python cannot make virtual environments here. On Debian and Ubuntu: sudo apt install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[demo,dev]'
	@touch $(STAMP)

setup: $(STAMP) ## make .venv with everything in it

demo: $(STAMP) ## a running product with finished runs to look at
	$(BIN)/topstitch demo

test: $(STAMP) ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(STAMP) ## format, lint, types, import contracts, migrations
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m topstitch.checks

bench: $(STAMP) ## the product beside hand-written code (MOCK=http://127.0.0.1:8900 for a mock of yours)
	$(BIN)/python -m bench $(if $(MOCK),--mock $(MOCK))

new-system: $(STAMP) ## a folder for a new system: make new-system NAME=acme
	@test -n "$(NAME)" || { echo "Which? make new-system NAME=acme"; exit 1; }
	$(BIN)/topstitch systems new $(NAME)

docs: $(STAMP) ## write the generated pages of docs/ anew
	$(BIN)/topstitch docs

format: $(STAMP) ## format the code
	$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --quiet --fix .

clean: ## remove .venv and what the tools left
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
