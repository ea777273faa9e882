# Every target sets up what it needs; a fresh machine wants only Python >= 3.11 (with venv and pip) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# Tests and benches start hundreds of processes: each would compile every module anew, as no user's does.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test lint format bench soak gallery walkthrough keys clean

demo: $(READY)
	@$(BIN)/meterdeck --demo

test: $(READY)
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@$(BIN)/python -m benches

soak: $(READY)
	@$(BIN)/python -m pytest -q -m soak

walkthrough: $(READY)
	@$(BIN)/python docs/make_walkthrough.py

gallery: $(READY)
	@$(BIN)/python docs/make_gallery.py

keys: $(READY)
	@$(BIN)/python docs/write_keys.py

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "meterdeck needs Python 3.11 or newer; set PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) dist build
