# The one entry point. `make` alone says what there is.
PYTHON ?= python3
PORT ?= 8000
JOBS ?= 2

BIN := .venv/bin
HTML := _build/html

# Each stage says how long it took; CI gathers these lines.
STAGE := sh tools/stage.sh
SLOWEST := --durations=12 --durations-min=5
TESTS = $(BIN)/pytest tests -n $(JOBS) --dist worksteal $(SLOWEST) -m
CHAPTERS = $(BIN)/pytest --nbval --nbval-current-env -p no:cacheprovider --dist loadfile \
	-n $(JOBS) $(shell $(BIN)/python tools/notebooks.py --list)

export OMP_NUM_THREADS ?= 1
export PYDEVD_DISABLE_FILE_VALIDATION := 1
export PYTHON

.PHONY: help book serve pdf lab class test test-unit test-machines test-colab newest audit-packages mutants notebooks bench libraries stamp clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' Makefile

book: .venv/.book ## build the book; needs Python 3.11+, sets up all else
	@$(BIN)/jupyter-book build . -W -n --keep-going -q >/dev/null || { rm -rf _build/.doctrees; exit 1; }
	@echo "The book: $(CURDIR)/$(HTML)/index.html"
	@echo "file://$(CURDIR)/$(HTML)/index.html  (or: make serve)"

serve: book ## build the book and serve it to this machine; Ctrl-C stops
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(HTML) $(PORT)

pdf: .venv/.all book ## print the book into one PDF; needs Chromium
	@$(BIN)/python tools/paper.py

lab: .venv/.all ## open the chapters in JupyterLab, as a copy in _work/
	@[ -d _work/book ] || $(BIN)/python tools/class_folders.py student _work
	@echo "Working in _work/; delete it to start from a fresh copy."
	@$(BIN)/jupyter lab _work/book

class: .venv/.book ## write _build/class/student and solution: the chapters to hand out
	@rm -rf _build/class
	@$(BIN)/python tools/class_folders.py student _build/class/student
	@$(BIN)/python tools/class_folders.py solution _build/class/solution
	@echo "Written: $(CURDIR)/_build/class/student and solution"

test: .browser test-unit ## run every test; needs Chromium
	@$(STAGE) browser env PGBOOK_SITE=$(HTML) $(TESTS) browser

test-unit: .venv/.all book ## run every test that needs no browser
	@$(STAGE) ruff sh -c '$(BIN)/ruff check . && $(BIN)/ruff format --check .'
	@$(STAGE) unit $(TESTS) "not build and not browser"
	@$(STAGE) chapters $(CHAPTERS)
	@$(STAGE) build $(BIN)/pytest tests $(SLOWEST) -m build

test-machines: .venv/.all ## unit tests and chapters as on other processors; ONLY=name for one
	@$(BIN)/python tools/machines.py $(ONLY:%=--only %) \
		sh -c '$(TESTS) "not build and not browser and not once" && $(CHAPTERS)'

test-colab: .venv/.all ## every chapter alone, beside Colab's packages; ONLY=05_... for one
	@$(BIN)/python tools/colab.py $(ONLY)

newest: .venv/.all ## run the chapters with the newest releases of what they stand on
	@$(BIN)/python tools/newest.py $(ONLY)

audit-packages: .venv/.audit ## ask the registries for known holes in what is pinned; needs a network
	@$(BIN)/python tools/audit_packages.py

mutants: .venv/.mutants ## plant small changes in what changed since BASE, or in FOLDER; see docs
	@$(BIN)/python tools/mutants.py $(FOLDER:%=--folder %) $(BASE:%=--base %) $(OPTIONS)

notebooks: .venv/.all ## execute every chapter and store the outputs
	@$(BIN)/python tools/notebooks.py --jobs $(JOBS)
	@$(BIN)/python tools/solutions.py

bench: .venv/.all book ## measure and record; SMALL=--small only tries the scripts
	@for file in $(filter-out %/libraries.py,$(wildcard benchmarks/*.py)); do echo "== $$file"; $(BIN)/python $$file $(SMALL) || exit 1; done

libraries: .venv/.all ## audit other libraries' losses, each in an environment of its own
	@$(BIN)/python benchmarks/libraries.py --setup $(SMALL)

stamp: .venv/.book ## write the repository's address where it is needed
	@$(BIN)/python tools/stamp.py

clean: ## remove what was built; .venv and _work stay
	rm -rf _build dist build .pytest_cache .ruff_cache .hypothesis

.browser:
	@sh tools/browser.sh >/dev/null

.venv/.book: requirements-book.txt constraints.txt tools/setup.sh
	@sh tools/setup.sh requirements-book.txt
	@touch $@

.venv/.audit: .venv/.book requirements-audit.txt
	@sh tools/setup.sh requirements-audit.txt
	@touch $@

.venv/.mutants: .venv/.all requirements-mutants.txt
	@sh tools/setup.sh requirements-mutants.txt
	@touch $@

.venv/.all: requirements.txt requirements-book.txt constraints.txt tools/setup.sh
	@sh tools/setup.sh requirements.txt
	@touch .venv/.book $@
