# Two commands for a newcomer: `make run` and `make test`. Everything they need comes from PyPI into .uv/ and .venv/.

PYTHON ?= python3.11
UV_VERSION := 0.13.9
UV := .uv/bin/uv
export UV_PYTHON_DOWNLOADS := never
export UV_NO_PROGRESS := 1
# Compiled once: else, where Python may not write beside its modules, each process compiles TensorFlow and Rasa anew.
export UV_COMPILE_BYTECODE := 1

# Tests side by side, also on 2 cores: many of them wait for a browser, a clock or another process.
TESTERS ?= 3

.PHONY: help run test browser lint chromium model train clean

help:            ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

run: .venv/run.stamp  ## start everything on this machine; Ctrl-C stops it
	@exec .venv/bin/sawti up

test: .venv/dev.stamp  ## every check and test
	@$(MAKE) --no-print-directory -j 3 lint chromium model
	.venv/bin/python -m pytest -n $(TESTERS) --dist loadfile --no-loadscope-reorder

browser: .venv/dev.stamp chromium model  ## only what each role does in a real browser, and axe
	.venv/bin/python -m pytest -n $(TESTERS) --dist loadfile tests/browser

lint: .venv/dev.stamp  ## format, types, imports, Rasa's data
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	RASA_TELEMETRY_ENABLED=false TF_CPP_MIN_LOG_LEVEL=3 LOG_LEVEL=WARNING .venv/bin/python -W ignore -m rasa data validate

chromium:        ## the browser for the browser tests, where it may be installed
	@if command -v chromium || command -v chromium-browser || command -v google-chrome; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium for the browser tests."; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } \
			>/dev/null || echo "Chromium could not be installed: the browser tests are skipped."; \
	else echo "There is no Chromium here, and no right to install it: the browser tests are skipped."; fi

model: .venv/run.stamp  ## train the model if there is none for the present data
	.venv/bin/sawti train --missing

train: .venv/run.stamp  ## train the model on the present data
	.venv/bin/sawti train

clean:           ## remove what was built (not var/, which holds the data)
	rm -rf .venv .uv models .mypy_cache .ruff_cache

$(UV):
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed (PYTHON=/path/to/python3.11)"; exit 1; }
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/run.stamp: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --locked --no-dev --inexact --python $(PYTHON)
	@touch $@

.venv/dev.stamp: $(UV) pyproject.toml uv.lock
	$(UV) sync --quiet --locked --python $(PYTHON)
	@touch $@ .venv/run.stamp
