# `make map` and `make test` need Python 3.11 or newer, make and git; everything else they install.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
OUT    ?= out

.PHONY: help map test lint format bench clean

help:
	@echo "make map     write the sample region, map it, compare the maps with the truth"
	@echo "make test    run every test (real observations and live Earth Engine where present)"
	@echo "make lint    ruff and codespell"
	@echo "make bench   run the benchmarks and write benchmarks/results/"
	@echo "make clean   remove the environment and the outputs"

$(VENV)/core: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/dev: $(VENV)/core
	$(BIN)/python -m pip install --quiet --editable . --group test --group lint
	touch $@

map: $(VENV)/core
	$(BIN)/gee-sm sample $(OUT)/sample --only scenes
	$(BIN)/gee-sm map --emulator $(OUT)/sample --orbit both --out $(OUT)/maps

test: $(VENV)/dev
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

format: $(VENV)/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --group bench
	for script in benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf $(VENV) $(OUT)
