# Everything a newcomer and CI need. `make run` and `make test` install what they need into .venv.
PYTHON ?= python3
BIN := .venv/bin
DEMO := .conduct-demo
# Pure rooms: their tests are fast, and the branches these do not reach are worth inspecting.
PURE := config core events plan reading

.PHONY: install run test test-pythons check format diagram catalogue bench soak clean

install: .venv/installed ## create .venv with .venv/bin/conduct

.venv/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

run: .venv/installed ## build the bundled example, from specification to finished repository, with scripted agents
	$(BIN)/python -m conductor.demo $(DEMO)

test: check ## what CI runs: the checks, then all tests they have not run
	$(BIN)/pytest -n auto -m 'not soak' $(PURE:%=--ignore=tests/%)

test-pythons: ## the tests on every supported version of Python that is installed; TESTS: options for pytest
	$(PYTHON) -m tests.pythons $(TESTS)

check: .venv/installed-dev ## lint, format, types, and the tests of the pure rooms with their branch coverage
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest -n auto -m 'not soak' $(PURE:%=tests/%) $(PURE:%=--cov=conductor.%) --cov-report=term:skip-covered

format: .venv/installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

diagram: .venv/installed ## draw the lifecycles into README.md
	$(BIN)/python -m conductor.generated.diagram README.md

catalogue: .venv/installed ## write docs/events.md from the vocabulary
	$(BIN)/python -m conductor.generated.catalogue docs/events.md

bench: .venv/installed-dev ## figures beside bare baselines from the same run
	$(BIN)/python -m tests.bench

soak: .venv/installed-dev ## the long tests: every kill point of the example, 1,000 lying agents
	$(BIN)/pytest -n auto -m soak --timeout 7200

clean:
	rm -rf .venv .venvs $(DEMO) .coverage .mypy_cache .ruff_cache .pytest_cache
