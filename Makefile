# Everything runs in .venv, made from uv.lock; only python3 and make are needed beforehand.
PYTHON ?= python3
UV := .venv/bin/uv
RUN := .venv/bin/python -m
BIN := .venv/bin
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: help browser install demo test check format lint types imports protos proto-lint soak bench clean

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.venv/.installed: pyproject.toml uv.lock hatch_build.py $(shell find protos third_party -name '*.proto')
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
	@test -x $(UV) || .venv/bin/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@$(UV) sync --quiet --locked --inexact --reinstall-package localresponse
	@touch $@

browser: # The browser journey drives the system's own Chromium.
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	  as_root=; [ "$$(id -u)" -eq 0 ] || as_root=sudo; \
	  $$as_root apt-get update -qq && $$as_root env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends chromium; }

install: .venv/.installed ## Make .venv with everything that is pinned

demo: install ## Run the main job on the embedded default and leave its web address on the screen
	@$(BIN)/localresponse demo

test: install browser ## Run every test against real servers
	@$(RUN) pytest -q -n 2 --dist worksteal

check: install lint types imports proto-lint test ## Format, lint, types, import contracts, proto lint, tests

format: install ## Rewrite the sources as the formatter wants them
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: install
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: install
	@$(RUN) mypy

imports: install
	@$(BIN)/lint-imports

protos: install ## Generate protos/gen by hand; installing does it too
	@.venv/bin/python hatch_build.py

proto-lint: install
	@.venv/bin/python tools/proto_check.py

soak: install ## Run the fund's state machine and its storm at full length; it takes an hour
	@LOCALRESPONSE_TEST_EXAMPLES_SQLITE=2000 LOCALRESPONSE_TEST_EXAMPLES_POSTGRESQL=500 \
	 LOCALRESPONSE_TEST_STORM=10000 \
	 $(RUN) pytest -q -s tests/fund/test_state_machine.py tests/fund/test_storm.py

bench: install ## Print our rates as ratios to references measured in the same run
	@.venv/bin/python -m bench

clean: ## Remove what was generated, and the environment
	@rm -rf .venv protos/gen dist .mypy_cache .ruff_cache .pytest_cache
