# make help says what there is.
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# What `check` runs already.
ELSEWHERE := --ignore=tests/architecture --ignore=tests/typing
# Calls and pages in a browser take as long as they take, and have the machine to themselves.
ALONE := $(addprefix tests/,service speech console privacy live phone)

.DEFAULT_GOAL := help
.PHONY: help run test test-llm test-unit check bench bench-console bench-ledger consent-report models clean

help: ## What can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

run: $(INSTALLED) .cache/speech-ready models ## Serve on http://127.0.0.1:8080 with everything embedded
	@$(BIN)/voice-agent serve

test: $(INSTALLED) .cache/test-ready models check ## Everything: checks, unit and integration tests
	@$(BIN)/pytest -n 2 --dist worksteal -m "not integration" $(ELSEWHERE)
	@$(BIN)/pytest -n 2 --dist loadfile -m integration $(ALONE:%=--ignore=%)
	@$(BIN)/pytest -m integration $(ALONE)

test-llm: $(INSTALLED) .cache/llm/.installed ## A real small language model on a real server, apart: it is built from source
	@$(BIN)/pytest tests/llm/real_model.py

test-unit: $(INSTALLED) ## Without models, servers and network, in seconds
	@$(BIN)/pytest -n 2 --dist worksteal -m "not integration" $(ELSEWHERE)

check: $(INSTALLED) ## Format, lint, types, architecture
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/pytest -q tests/architecture tests/typing

bench: $(INSTALLED) .cache/speech-ready models ## Measure speed on this machine, into docs/performance.md (12 min)
	@$(BIN)/python -m tests.bench

bench-console: $(INSTALLED) .cache/test-ready models ## Measure the operator console between two workers (8 min)
	@$(BIN)/python -m tests.bench console

consent-report: $(INSTALLED) .cache/test-ready models ## Run the consent rules' tests and write docs/consent.md
	@$(BIN)/python -m tests.report

bench-ledger: $(INSTALLED) ## Measure the consent ledger at 100,000 records
	@$(BIN)/python -m tests.bench ledger

models: $(INSTALLED) ## Get the model files that are missing
	@$(BIN)/voice-agent models pull

clean: ## Remove what was made, but keep models and data
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(INSTALLED): requirements-dev.txt pyproject.toml deploy/python.sh
	@sh deploy/python.sh "$(PYTHON)" $(VENV)
	@touch $@

# Debian packages and a browser, asked for once. What is missing and cannot be installed is named in one line.
.cache/speech-ready: deploy/debian.sh
	@sh deploy/debian.sh espeak-ng
	@mkdir -p .cache && touch $@

# PostgreSQL is only installed: the tests start a server of their own.
.cache/test-ready: deploy/debian.sh deploy/browser.sh deploy/axe.sh tests/axe/package-lock.json | $(INSTALLED)
	@sh deploy/debian.sh espeak-ng openssl postgresql redis-server
	@sh deploy/browser.sh $(VENV)
	@sh deploy/axe.sh .cache/axe
	@mkdir -p .cache && touch $@

.cache/llm/.installed: deploy/llm.sh requirements-llm.txt
	@mkdir -p .cache
	@sh deploy/llm.sh "$(PYTHON)" .cache/llm
	@touch $@
