# Two commands for a newcomer: `make demo` and `make test`. Both keep their environment in .venv/.
PYTHON ?= python3
BIN := .venv/bin
# Where a machine forbids Python to keep what it compiled, every process would compile trialkit anew: seconds each.
export PYTHONDONTWRITEBYTECODE :=
# Every pin has its hashes after `make hashes`; from then on a package that was replaced on its way is refused.
HASHED := $(if $(shell grep -L -- --hash=sha256 requirements/run.txt requirements/extras.txt requirements/test.txt),,--require-hashes)

.PHONY: hashes words help demo test test-long check format benchmarks clean
help:            ## what can be made
	@grep -E '^[a-z-]+: .*##|^[a-z-]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: .venv/.extras  ## the reference trial end to end, into demo/
	$(BIN)/python -m trialkit demo --into demo/

serve: .venv/.extras  ## the reference trial in mid-course, served to your browser
	$(BIN)/python -m trialkit demo --serve --into demo-served/

test: .venv/.test  ## the whole suite (about 12 minutes on 2 quiet cores)
	$(BIN)/python -m pytest -m "not long"

test-long: .venv/.test  ## the large simulations, fuzz and kill tests
	$(BIN)/python -m pytest -m long

check: .venv/.test  ## lint, types, import floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/.test  ## rewrite in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmarks: .venv/.test  ## what each method costs beside its peers; writes docs/benchmarks.md (about 6 minutes)
	$(BIN)/python -m benchmarks --write docs/benchmarks.md

words: .venv/.test  ## gather the words of the pages into the catalogues of trialkit/wording/
	$(BIN)/python -m tests.wording.gather

hashes: .venv/bin/python  ## after a change of a pin: the sha256 of every pinned package, beside its pin
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv
	$(BIN)/python requirements/write_hashes.py

clean:           ## forget the environment and the demo
	rm -rf .venv demo demo-served

# The venv module is missing on some systems (Debian without python3-venv): virtualenv does the same job.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "trialkit needs Python 3.11 or newer; found $$($(PYTHON) --version). Name another: make PYTHON=python3.12 demo" >&2; exit 2; }
	@$(PYTHON) -m venv .venv 2>/dev/null || { rm -rf .venv; $(PYTHON) -m virtualenv -q .venv 2>/dev/null; } || \
	  { rm -rf .venv; $(PYTHON) -m pip install -q --user virtualenv 2>/dev/null && $(PYTHON) -m virtualenv -q .venv; } || \
	  { rm -rf .venv; echo "Python's venv module is missing. Install it (Debian, Ubuntu: apt install python3-venv) and try again." >&2; exit 2; }

.venv/.run: .venv/bin/python requirements/run.txt pyproject.toml
	@echo "Installing trialkit into .venv (once, about a minute) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check $(HASHED) -r requirements/run.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/.extras: .venv/.run requirements/extras.txt
	@echo "Installing what web, imaging, prediction and documents need into .venv ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check $(HASHED) --no-deps -r requirements/extras.txt
	@touch $@

.venv/.test: .venv/.extras requirements/test.txt
	@echo "Installing the test tools into .venv ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check $(HASHED) -r requirements/test.txt
	@touch $@
