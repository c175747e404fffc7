# pkyx: `make run` starts the site, `make test` checks everything; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet

.DEFAULT_GOAL := help
.PHONY: run test fuzz soak faults lint audit format types bench lock messages messages-update messages-extract hooks help
.DELETE_ON_ERROR:

# Each stamp says that its requirements are installed, so that a start without a network works.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "pkyx needs Python 3.11 or newer; name one with: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Creating $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing what pkyx runs on …"
	@$(PIP) --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what the tests need …"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

CATALOGUES := $(wildcard app/translations/*/LC_MESSAGES/messages.po)

%.mo: %.po $(VENV)/.installed
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

messages: $(CATALOGUES:.po=.mo) ## compile the translations that changed

run: $(VENV)/.installed messages ## start the site on http://127.0.0.1:5000 (HOST=, PORT= to change)
	@exec env PKYX_STOP_WITH_PARENT=1 $(BIN)/python manage.py run

test: lint types messages ## everything: style, types, layers, templates, tests
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

SEED ?= $(shell date +%s)
TIMES ?= 10

fuzz: $(VENV)/.installed-dev messages ## try the API with other data (SEED= for the same again, TIMES= as much)
	env PKYX_FUZZ_SEED=$(SEED) PKYX_FUZZ_TIMES=$(TIMES) $(BIN)/python -m pytest tests/api/test_schemathesis.py

soak: $(VENV)/.installed-dev messages ## a day of one worker in some minutes: does it stay as it was? (HOURS=24)
	env PKYX_SOAK_HOURS=$(or $(HOURS),24) $(BIN)/python -m pytest -rP tests/faults/test_soak.py

faults: $(VENV)/.installed-dev messages ## break all that can under load: is what was acknowledged kept? (PKYX_FAULT_SECONDS=, PKYX_FAULT_SEED= for the same faults again)
	env PKYX_FAULT_SECONDS=$(or $(PKYX_FAULT_SECONDS),300) $(BIN)/python -m pytest -s tests/faults/test_random_faults.py

lint: $(VENV)/.installed-dev ## ruff, import-linter, djlint, unused requirements; changes nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports --no-cache
	$(BIN)/djlint --quiet app/templates
	$(BIN)/python scripts/check_requirements.py

audit: $(BIN)/python ## look for known-vulnerable packages (needs a network; AUDIT= adds options of pip-audit)
	@$(PYTHON) -m venv $(VENV)/audit
	@$(VENV)/audit/bin/python -m pip --disable-pip-version-check install --quiet pip-audit \
	  || { echo "pip-audit cannot be had without a network, so nothing is known either way." >&2; exit 0; } \
	  && $(VENV)/audit/bin/python scripts/audit_requirements.py $(AUDIT)

format: $(VENV)/.installed-dev ## put the code into its form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

types: $(VENV)/.installed-dev ## mypy
	$(BIN)/mypy

bench: $(VENV)/.installed messages ## measure the hot paths against a bare Flask application
	$(BIN)/python -m benchmarks.run

messages-extract: $(VENV)/.installed ## collect the strings of code and templates
	$(BIN)/pybabel --quiet extract --project pkyx --add-location file -F babel.cfg -k N_ -k _l -k lazy_gettext -o app/translations/messages.pot .

messages-update: messages-extract ## bring the catalogues up to the code
	$(BIN)/pybabel --quiet update --ignore-obsolete --no-fuzzy-matching -i app/translations/messages.pot -d app/translations

hooks: $(VENV)/.installed-dev ## let git run the checks before each commit
	$(BIN)/pre-commit install

lock: $(BIN)/python ## resolve requirements*.in into pinned, hashed requirements*.txt
	$(PIP) pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-header -o requirements.txt requirements.in
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-find-links --no-header -o requirements-dev.txt requirements-dev.in

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
