# graphnet: every job of the project in one place. `make` lists them.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
RUN    := $(BIN)/python -m

.DEFAULT_GOAL := help
.PHONY: help demo install dev test oracle check format golden reference coverage bench pictures data clean

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /|/' | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --disable-pip-version-check --upgrade pip setuptools wheel

$(VENV)/.demo: setup.cfg | $(BIN)/python
	$(RUN) pip install --quiet --disable-pip-version-check -e ".[plot,dot]"
	@touch $@

$(VENV)/.dev: setup.cfg | $(BIN)/python
	$(RUN) pip install --quiet --disable-pip-version-check -e ".[dev]"
	@touch $@ $(VENV)/.demo

$(VENV)/.torch: $(VENV)/.dev
	$(RUN) pip install --quiet --disable-pip-version-check "torch==2.13.0" expecttest
	@touch $@

install: $(VENV)/.demo ## install graphnet with plots and drawing into .venv
dev: $(VENV)/.dev ## install everything the jobs below need

demo: $(VENV)/.demo ## compile, train and draw specs/mlp.yaml
	$(BIN)/graphnet compile specs/mlp.yaml
	$(BIN)/graphnet train --run-dir runs/demo/$$(date +%Y%m%d-%H%M%S)
	$(BIN)/graphnet draw specs/mlp.yaml -o runs/demo/mlp.png
	@echo
	@echo "The pictures:"
	@echo "  runs/demo/mlp.png"
	@ls -d runs/demo/*/ | tail -1 | xargs -I{} sh -c 'ls {}plots/*.png' | sed 's/^/  /'

test: $(VENV)/.dev ## all tests that need no PyTorch
	$(RUN) pytest -q -n auto -m "not oracle"

oracle: $(VENV)/.torch ## the tests that hold graphnet against PyTorch
	$(RUN) pytest -q -n auto -m oracle tests

check: $(VENV)/.dev ## format, lint, types, import layers, documentation
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(RUN) pytest -q tests/contracts

format: $(VENV)/.dev ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

golden: $(VENV)/.dev ## write the golden texts of tests/golden anew; look at the difference
	$(RUN) pytest -q tests/golden --update-golden
	git diff --stat -- tests/golden

reference: $(VENV)/.dev ## write the reference at the end of docs/language.md from the tables
	$(RUN) pytest -q tests/contracts/test_reference.py --update-golden

coverage: $(VENV)/.torch ## compare with PyTorch's database of modules and write docs/coverage.md
	$(RUN) pytest -q tests/oracles/test_module_database.py --update-golden

bench: $(VENV)/.torch ## measure against PyTorch and write benchmarks/RESULTS.md
	$(RUN) benchmarks.run

pictures: $(VENV)/.demo ## make the pictures of the README again
	$(BIN)/graphnet draw specs/mlp.yaml -o docs/pictures/mlp.svg
	for level in ops program memory; do \
	  $(BIN)/graphnet draw specs/mlp.yaml --level $$level -o docs/pictures/mlp-$$level.svg || exit 1; done
	rm -rf runs/pictures
	$(BIN)/graphnet train specs/mlp.yaml --run-dir runs/pictures
	cp runs/pictures/plots/decision.png runs/pictures/plots/loss.png docs/pictures/

data: $(VENV)/.dev ## make the data sets in data/ again
	$(BIN)/python data/make.py

clean: ## remove what the jobs made, but for runs/
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
