# Two commands do all the set-up: `make run` and `make test`. `make demo` asks a few questions in the terminal.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export FOOTNOTE_HOME ?= $(CURDIR)/.footnote
export FOOTNOTE_MODELS ?= $(CURDIR)/.footnote/models

DATA ?= ../shared/data

DEMO := "What was signed in Kuala Lumpur?" "Which foundational agreements do India and the US have?" \
	"How high are the US tariffs on Indian goods?" "Why does the agreement matter for supply chains?" \
	"Who won the football world cup in 1998?"

BROWSER_TESTS := tests/ui/test_browser.py,tests/ui/browsing.py,tests/ui/pictures.py,tests/ui/conftest.py

# The tensors of a training step stay with the process, in large pages: giving them back and faulting them in again took
# a fifth of a step. Other C libraries ignore it.
KEEP_MEMORY = glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=4294967296:glibc.malloc.trim_threshold=8589934592

.PHONY: run demo test fast format eval bench reader clean

run: $(VENV)/ready ## index the seed documents, then start the API and the chat
	@$(BIN)/footnote index seeds/documents
	@$(BIN)/footnote up

demo: $(VENV)/ready ## index the seed documents and ask a handful of questions in the terminal
	@$(BIN)/footnote index seeds/documents
	@for question in $(DEMO); do $(BIN)/footnote ask "$$question" || exit; done

test: $(VENV)/ready ## the whole suite: format, lint, types, layers, tests with coverage
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || echo "Chromium and its driver are not installed: the browser tests are skipped (Debian: apt install chromium chromium-driver)."
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 2
	$(BIN)/coverage combine -q
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then $(BIN)/coverage report; \
		else $(BIN)/coverage report --omit="$(BROWSER_TESTS)"; fi

fast: $(VENV)/ready ## the tests that need neither a browser nor a model's export
	$(BIN)/python -m pytest -n 2 -m "not browser and not slow"

format: $(VENV)/ready ## let ruff put the code in order
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

eval: $(VENV)/ready ## how well the seed questions are answered; V=-v prints each question
	@$(BIN)/python -m evaluation.seeds $(V)

reader: $(VENV)/ready ## train the reader anew from the data in DATA (hours on a CPU; goes on where it was interrupted)
	@GLIBC_TUNABLES=$(KEEP_MEMORY) $(BIN)/python -m training.reader $(DATA)

bench: $(VENV)/ready ## speed and memory, printed as a table
	@$(BIN)/python -m evaluation.bench

clean: ## remove the virtual environment; .footnote, with the library and what was trained, stays
	rm -rf $(VENV)

# Installed again whenever what is to be installed has changed.
$(VENV)/ready: pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Footnote needs Python 3.11 to 3.13; {sys.executable} is {v[0]}.{v[1]}. Name another with: make PYTHON=python3.12 run")'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing Footnote into $(VENV); the first time takes a few minutes."
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --editable . --group test
	@touch $@
