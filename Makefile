# Everything runs in .venv, which each target sets up by itself: once, and
# again when requirements.txt or pyproject.toml has changed.

PYTHON ?= python3
PROFILE ?= quick
WORKERS ?= 2
OUT ?= results
REPORTS ?= reports
PROCESSES ?= 2

VENV := .venv
VENV_PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
INSTALLED_BACKENDS := $(VENV)/.installed-backends
INSTALLED_CONVERTERS := $(VENV)/.installed-converters
# The same for the lowest versions that pyproject.toml names, which need Python 3.11 or 3.12.
VENV_LOWEST := .venv-lowest
LOWEST_PYTHON := $(VENV_LOWEST)/bin/python
INSTALLED_LOWEST := $(VENV_LOWEST)/.installed
# Every layer in each mode of training; they take minutes.
DEVICE_TESTS := tests/layers/devices_by_backend.py
# What a backend can change: the arithmetic, what layers compute, and what is done with nets of them.
KERNEL_TESTS := tests/kernels tests/test_functions.py
LAYER_TESTS := tests/layers tests/layers/against_torch.py tests/test_function_arguments.py \
	tests/test_noise.py tests/test_parameters.py tests/exports_by_backend.py
# Not the texts, figures and choices made of what nets compute: they are the same on all.
NET_TESTS := tests/test_keras_internals.py tests/test_weight_decay.py tests/theory/test_initializers.py \
	tests/theory/test_gain.py tests/theory/test_mean_field.py \
	$(addprefix tests/surgery/test_,copy_model.py nesting.py occurrences.py replace.py shared_activations.py) \
	$(addprefix tests/inspection/test_,probe.py batch.py call_trace.py compiled_probe.py fresh_values.py \
	gradients.py patching.py batch_statistics.py) \
	$(addprefix tests/diagnosis/test_,diagnose.py monitor.py monitor_logs.py refused_monitoring.py \
	rehearsal.py fixes.py data_cures.py layer_cures.py output_cures.py) \
	$(addprefix tests/diagnosis/checks/test_,numbers.py rates.py normalisation.py)
# On TensorFlow `make test` and `make test-slow` run them.
ENGINE_TESTS := tests/comparison/training/engine_by_backend.py \
	tests/comparison/training/test_recorded_draws.py tests/comparison/training/test_noise_draws.py \
	tests/comparison/training/test_stacked_optimizer.py
# What a dependency can change: all but the studies, notebooks and the command line.
LOWEST_TESTS := tests/layers tests/surgery tests/inspection tests/diagnosis tests/theory \
	tests/comparison tests/kernels tests/test_functions.py tests/test_function_arguments.py \
	tests/test_noise.py tests/test_parameters.py tests/test_keras_internals.py \
	tests/test_weight_decay.py tests/test_activations.py
# A file's tests stay in one process, which makes its fixtures once.
IN_PROCESSES := --numprocesses=$(PROCESSES) --dist=loadfile
PYTEST := $(VENV_PYTHON) -m pytest $(IN_PROCESSES)
WITHOUT_DOCTESTS := --override-ini addopts=--import-mode=importlib -q -m 'not slow'
# Files run in this order, the longest first: one that starts last would run alone.
BACKEND_PYTEST := $(PYTEST) $(WITHOUT_DOCTESTS) --no-loadscope-reorder
# Without the emitters of fusions XLA takes two thirds of the time for small programs.
QUICK_COMPILING := --xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false
INSTALL := -m pip install --quiet --no-input --disable-pip-version-check
PIP_INSTALL := $(VENV_PYTHON) $(INSTALL)

.DEFAULT_GOAL := help
.PHONY: help report test test-slow test-backends test-lowest benchmark lint clean distclean

help:
	@echo "make report     train what is missing, write the report to $(REPORTS)/, a folder for each data set if there are several; OPEN=1 opens it in the browser"
	@echo "make test       run the tests that a change can break by accident, and the examples in the docstrings"
	@echo "make test-slow  run the others: notebooks, benchmarks, the wheel, pages in Chromium, killed runs"
	@echo "make test-backends  the tests of the layers and the probe on TensorFlow, JAX and PyTorch, which it installs, and populations on the first two"
	@echo "make test-lowest  the tests of all but studies and notebooks on the lowest versions that are supported, in $(VENV_LOWEST)"
	@echo "make benchmark  the time and memory of each layer beside its peers, on TensorFlow, JAX and PyTorch, in benchmarks/layers.csv and .png"
	@echo "make lint       check style, format and types"
	@echo "make clean      remove $(VENV), $(VENV_LOWEST), caches and $(REPORTS); the trained trials in $(OUT) stay"
	@echo "make distclean  the same, and remove $(OUT)"
	@echo
	@echo "Variables: PYTHON=$(PYTHON) PROFILE=$(PROFILE) WORKERS=$(WORKERS) OUT=$(OUT) REPORTS=$(REPORTS) PROCESSES=$(PROCESSES)"

report: $(INSTALLED)
	@# Some trainings may fail (1): the report shows the others, and make fails too.
	@$(VENV_PYTHON) -m studies run --all --profile $(PROFILE) --workers $(WORKERS) --out $(OUT); \
	status=$$?; [ $$status -le 1 ] || exit $$status; \
	$(VENV_PYTHON) -m studies report --profile $(PROFILE) --workers $(WORKERS) --out $(OUT) --reports $(REPORTS) $(if $(OPEN),--open) && exit $$status

test: $(INSTALLED)
	$(PYTEST)

test-slow: $(INSTALLED_CONVERTERS)
	$(PYTEST) -m slow

# Each backend in processes of its own: Keras chooses it when it is imported. On
# TensorFlow `make test` runs the others. Most of JAX's time goes into compiling each
# operation for each shape: as users have it for the arithmetic, else without optimising.
test-backends: $(INSTALLED_BACKENDS) $(INSTALLED_CONVERTERS)
	KERAS_BACKEND=jax $(BACKEND_PYTEST) $(KERNEL_TESTS)
	KERAS_BACKEND=jax XLA_FLAGS="$(QUICK_COMPILING)" $(BACKEND_PYTEST) \
		$(ENGINE_TESTS) $(DEVICE_TESTS) $(LAYER_TESTS) $(NET_TESTS)
	KERAS_BACKEND=torch $(BACKEND_PYTEST) $(DEVICE_TESTS) $(LAYER_TESTS) $(KERNEL_TESTS) $(NET_TESTS)
	KERAS_BACKEND=tensorflow $(BACKEND_PYTEST) tests/comparison/training/across_backends.py \
		$(DEVICE_TESTS) tests/layers/across_backends.py tests/layers/against_torch.py

test-lowest: $(INSTALLED_LOWEST)
	$(LOWEST_PYTHON) -m pytest $(IN_PROCESSES) $(WITHOUT_DOCTESTS) $(LOWEST_TESTS)

benchmark: $(INSTALLED_BACKENDS)
	$(VENV_PYTHON) benchmarks/layers.py --table benchmarks/layers.csv --figure benchmarks/layers.png

lint: $(INSTALLED)
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m ruff format --check .
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(VENV_PYTHON) -m pyright

clean:
	rm -rf $(VENV) $(VENV_LOWEST) $(REPORTS) build dist .pytest_cache .ruff_cache .hypothesis .jax_cache .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(OUT)

# The stamp is removed first and written last: an environment without it was
# left half-made and is made anew; one with it is brought up to date.
$(INSTALLED): requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || \
		{ echo "Python is missing: '$(PYTHON)' is not a command; name one, 3.11 or newer: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, '$(PYTHON)' is $$($(PYTHON) -V 2>&1); name another: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "'$(PYTHON)' has no venv module; install it (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 1; }
	@echo "Setting up $(VENV) (under 3 GB; some minutes the first time)"
	@if [ -f $@ ] && $(VENV_PYTHON) -c 'import pip' 2>/dev/null; then rm $@; else $(PYTHON) -m venv --clear $(VENV); fi
	$(PIP_INSTALL) -r requirements.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

$(INSTALLED_BACKENDS): $(INSTALLED) requirements-backends.txt
	$(PIP_INSTALL) -r requirements-backends.txt
	@touch $@

$(INSTALLED_CONVERTERS): $(INSTALLED) requirements-converters.txt
	$(PIP_INSTALL) -r requirements-converters.txt
	@touch $@

$(INSTALLED_LOWEST): tests/lowest_versions.py requirements.txt pyproject.toml
	@echo "Setting up $(VENV_LOWEST) (under 2 GB; some minutes)"
	@$(PYTHON) -m venv --clear $(VENV_LOWEST)
	@$(LOWEST_PYTHON) tests/lowest_versions.py > $(VENV_LOWEST)/requirements.txt
	$(LOWEST_PYTHON) $(INSTALL) -r $(VENV_LOWEST)/requirements.txt
	@touch $@
