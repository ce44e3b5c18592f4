# srsat_qgis: `make demo` and `make test` are all a newcomer needs; each does its own set-up.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

SYSTEM_PYTHON ?= /usr/bin/python3
export SYSTEM_PYTHON

MODEL ?= any-x2
INPUT ?=
TRAIN ?= 1
ROOTS ?= trixie sid
DATA ?= $(or $(SRSAT_SHARED),../shared)/data/train
# By the beginning of the model's id: the rasters that it is trained on, and the side of their patches.
LIST = $(firstword $(if $(filter landsat-style-% landsat-combined-%,$(MODEL)),landsat-style-sources) \
    $(foreach kind,s2 rgb landsat,$(if $(filter $(kind)-%,$(MODEL)),$(kind)-sources)) sources)
SOURCES = models/$(LIST).json
PATCH_s2-20m = 600
PATCH_s2-60m = 360
PATCH = $(or $(PATCH_$(MODEL)),$(if $(filter rgb-%,$(MODEL)),256,$(if $(filter landsat-%,$(MODEL)),120,128)))
# Thermal models learn from one archive, which has a reader of its own.
THERMAL = $(filter lst-%,$(MODEL))
STORE ?= build/patches/$(if $(THERMAL),lst,$(basename $(notdir $(SOURCES)))-$(PATCH))
TESTS ?=
SEEDS ?= 100
FIRST ?= 0
KILLS ?= 50
DISKS ?= 13
MODULE ?= srsat_qgis/core/tiling.py
COUNT ?= 20
PEER ?=
SEED ?= 0
PYTHON ?= python3

.PHONY: help
help:
	@sed -nE -e 's/^# --- ([a-z-]+) -+$$/\n\1:/p' -e 's/^([a-z-]+):.*## /  \1\t/p' $(MAKEFILE_LIST) | expand -t 18

# --- set-up --------------------------------------------------------------------------------------------------------

.PHONY: qgis venv venv-train venv-lint venv-qt6 cluster link setup
qgis: # QGIS, its Python and GDAL, by apt where they are missing
	@.ci/install-qgis

venv: qgis ## Make .venv: QGIS's Python with what its tests need
	@.ci/make-venv .venv .ci/requirements/test.txt --system-site-packages

venv-train: ## Make .venv-train: PyTorch, for training and the trainer's tests
	@.ci/make-training-venv .venv-train

cluster: qgis ## Make .venv-cluster: Dask, for runs on many machines and their tests
	@.ci/make-cluster-venv .venv-cluster

venv-qt6: qgis ## Make .venv-qt6: PyQt6 and the names of QGIS's Python interface, for the tests of QGIS 4
	@.ci/make-venv .venv-qt6 .ci/requirements/qt6.txt --system-site-packages

venv-lint: ## Make .venv-lint: ruff, mypy and the scanners of plugins.qgis.org
	@.ci/make-venv .venv-lint .ci/requirements/lint.txt

link: qgis ## Put this checkout, as links, and onnxruntime into your QGIS profile
	@.ci/install-runtime
	@.ci/link-plugin

setup: link venv ## Install what is missing, put the plugin into your QGIS profile and make .venv

# --- use -----------------------------------------------------------------------------------------------------------

.PHONY: demo cluster-demo train
demo: link ## Super-resolve the sample, or INPUT=/path/to.tif, with MODEL=any-x2
	@qgis="$$(.ci/qgis-process-command)"; $(SYSTEM_PYTHON) .ci/demo.py --qgis-process "$$qgis" \
	    --model '$(MODEL)' $(if $(INPUT),--input '$(INPUT)') --output-dir build/demo

cluster-demo: cluster ## Show a Dask cluster of two workers, one of which is killed, on scenes and a mosaic
	.venv-cluster/bin/python .ci/cluster_demo.py --output-dir build/cluster-demo

train: venv venv-train ## Train MODEL=any-x2 again by its recipe, on the rasters in DATA=FOLDER
	@test -f 'models/$(MODEL)/recipe.toml' || { echo 'error: there is no models/$(MODEL)/recipe.toml' >&2; exit 1; }
	@test -d '$(DATA)' || { echo 'error: no rasters to train on in $(DATA): make train DATA=FOLDER' >&2; exit 1; }
	test -f '$(STORE)/manifest.json' || .venv/bin/python -m $(if $(THERMAL),srsat_qgis.core.thermal.modis '$(DATA)/modis-h18v04-2020/modis.npz' '$(STORE)',srsat_qgis.core.patches '$(SOURCES)' '$(DATA)' '$(STORE)' --size $(PATCH))
	.venv-train/bin/python -m srsat_qgis.training 'models/$(MODEL)/recipe.toml' --store '$(STORE)' --out 'build/trained/$(MODEL)'

.PHONY: estimator
estimator: PATCH = 256
estimator: venv venv-train ## Train the estimator of blur and noise again, on the rasters in DATA=FOLDER
	@test -d '$(DATA)' || { echo 'error: no rasters to train on in $(DATA): make estimator DATA=FOLDER' >&2; exit 1; }
	test -f '$(STORE)/manifest.json' || .venv/bin/python -m srsat_qgis.core.patches '$(SOURCES)' '$(DATA)' '$(STORE)' --size $(PATCH)
	.venv-train/bin/python -m srsat_qgis.training.estimator '$(STORE)' build/trained/estimator.npz

.PHONY: translations
translations: venv ## Collect the texts to translate into resources/i18n/srsat_*.ts, and compile these to .qm
	@.ci/make-venv .venv-translations .ci/requirements/translations.txt
	@QT_QPA_PLATFORM=offscreen SRSAT_HOME=build/translations .venv/bin/python .ci/translations.py .venv-translations/bin/pyside6-lrelease

# --- checks --------------------------------------------------------------------------------------------------------

.PHONY: test test-qgis test-train test-cluster test-qgis4 fuzz interrupted mutants lint format types test-matrix fresh benchmark benchmark-gpu
# Paths under tests/training are the trainer's, test_dask.py is the cluster's, those under tests/qt6 are QGIS 4's; what
# is no path (-x, -k NAME) goes to all.
PATHS = $(strip $(foreach word,$(filter-out -%,$(TESTS)),$(if $(findstring tests/,$(word)),$(word))))
OPTIONS = $(filter-out $(PATHS) tests,$(TESTS))
CLUSTER_TESTS = $(filter tests/cluster/test_dask.py%,$(PATHS))
TRAINER_TESTS = $(strip $(foreach word,$(PATHS),$(if $(findstring tests/training,$(word)),$(word))))
QT6_TESTS = $(filter tests/qt6%,$(PATHS))
QGIS_TESTS = $(filter-out $(TRAINER_TESTS) $(CLUSTER_TESTS) $(QT6_TESTS),$(PATHS))
SUITES = $(if $(PATHS),$(if $(QGIS_TESTS),qgis) $(if $(TRAINER_TESTS),train) $(if $(CLUSTER_TESTS),cluster) $(if $(QT6_TESTS),qgis4),qgis train cluster qgis4)

test: $(addprefix test-,$(filter-out $(if $(filter 1,$(TRAIN)),,train cluster qgis4),$(SUITES))) ## Run all tests, or TESTS='FILE::TEST FILE -k NAME'; TRAIN=0: without those of the trainer, of Dask and of QGIS 4

test-qgis: venv $(if $(filter 1,$(TRAIN)),venv-train) ## Run the tests in QGIS's Python
	@rm -rf .qgis-settings # pytest-qgis keeps its profile there: each run starts from a clean one
	$(if $(filter 1,$(TRAIN)),SRSAT_TRAINING_PYTHON='$(CURDIR)/.venv-train/bin/python') QT_QPA_PLATFORM=offscreen .venv/bin/python -m pytest $(or $(QGIS_TESTS),tests --ignore=tests/training --ignore=tests/benchmarks --ignore=tests/qt6) $(OPTIONS)

test-train: venv-train ## Run the trainer's tests
	.venv-train/bin/python -m pytest $(or $(TRAINER_TESTS),tests/training) $(OPTIONS)

test-cluster: cluster ## Run the tests of Dask clusters
	.venv-cluster/bin/python -m pytest $(or $(CLUSTER_TESTS),tests/cluster/test_dask.py) $(OPTIONS)

test-qgis4: venv-qt6 ## Run the Processing face on Qt 6, with a stand-in of QGIS 4
	QT_QPA_PLATFORM=offscreen .venv-qt6/bin/python -m pytest $(or $(QT6_TESTS),tests/qt6) $(OPTIONS)

fuzz: venv ## Try SEEDS=100 random cases of each kind on the core, from seed FIRST=0 on
	.venv/bin/python -m tests.fuzz --seeds '$(SEEDS)' --first '$(FIRST)' --counts

interrupted: venv venv-train ## Kill runs (KILLS=50 of each of four) and fill their disks (DISKS=13, as root) at random moments
	PYTHONPATH=. .venv/bin/python tests/benchmarks/interrupted.py --kills '$(KILLS)' --disks '$(DISKS)'
	PYTHONPATH=. .venv-train/bin/python tests/benchmarks/interrupted.py trainer --kills '$(KILLS)' --disks '$(DISKS)'

mutants: venv ## Which errors in MODULE=srsat_qgis/core/tiling.py, COUNT=20 drawn by SEED=0, do its tests not notice?
	.venv/bin/python -m tests.mutants $(MODULE) --count '$(COUNT)' --seed '$(SEED)'

lint: types ## Run ruff and mypy, and over the packed plugin the checks of plugins.qgis.org
	.venv-lint/bin/ruff check .
	.venv-lint/bin/ruff format --check .
	@.venv-lint/bin/python .ci/assemble.py zip build/srsat_qgis.zip
	.venv-lint/bin/python .ci/gate.py build/srsat_qgis.zip
	.venv-lint/bin/python .ci/analysis.py build/srsat_qgis.zip

format: venv-lint ## Let ruff mend and format the code
	.venv-lint/bin/ruff check --fix .
	.venv-lint/bin/ruff format .

types: venv-lint ## Check the types of core and training
	.venv-lint/bin/mypy

test-matrix: ## Run the tests on other releases of Debian (ROOTS="trixie sid": QGIS 3.40, 3.44), as root
	@for suite in $(ROOTS); do \
	    .ci/root create "$$suite" "$$suite"; \
	    echo "== $$suite"; \
	    .ci/root run "$$suite" make test TRAIN=0 TESTS='$(TESTS)'; \
	done

fresh: ## Run demo and test as a newcomer would, on a new bare Debian 13, as root
	.ci/root remove fresh
	.ci/root create fresh trixie
	.ci/root run fresh make demo
	.ci/root run fresh make test

benchmark: venv ## Measure quality and speed, for BENCHMARKS.md
	PYTHONPATH=. .venv/bin/python tests/benchmarks/quality.py
	PYTHONPATH=. .venv/bin/python tests/benchmarks/pipeline.py

.PHONY: benchmark-lst
benchmark-lst: venv ## Compare the methods that sharpen temperatures, on held-out places and beside ASTER
	PYTHONPATH=. .venv/bin/python -m tests.benchmarks.lst

.PHONY: benchmark-harmonise
benchmark-harmonise: venv ## Compare the methods that harmonise Landsat: a real pair, simulated scenes, an earlier scene's detail
	PYTHONPATH=. .venv/bin/python -m tests.benchmarks.harmonise

.PHONY: benchmark-peers
benchmark-peers: venv ## Measure other programs on the same raster; PEER=/path/to/python has opensr-utils and onnx
	PYTHONPATH=. .venv/bin/python tests/benchmarks/peers.py $(if $(PEER),--python '$(PEER)')

benchmark-gpu: ## Measure on an NVIDIA GPU; needs numpy and onnxruntime-gpu, neither QGIS nor GDAL
	PYTHONPATH=. $(PYTHON) tests/benchmarks/gpu.py

# --- packing -------------------------------------------------------------------------------------------------------

.PHONY: help-pages help-pictures pages zip clean
help-pages: venv ## Write what the help says of algorithms and models again, from the algorithms themselves
	QT_QPA_PLATFORM=offscreen .venv/bin/python .ci/help_pages.py

help-pictures: venv ## Draw the help's pictures and the README's window again, and write the sample's project
	.venv/bin/python .ci/help_pictures.py

pages: venv-lint ## Make the help's HTML in resources/help, as the archive has it
	.venv-lint/bin/python .ci/assemble.py pages

zip: venv-lint ## Pack build/srsat_qgis.zip for plugins.qgis.org and check it
	@.venv-lint/bin/python .ci/assemble.py zip build/srsat_qgis.zip
	.venv-lint/bin/python .ci/gate.py build/srsat_qgis.zip
	.venv-lint/bin/python .ci/analysis.py build/srsat_qgis.zip

clean: ## Remove all that the other targets made in this folder, and the link in the QGIS profile
	@.ci/clean
