"""A chain of the graphical modeler, run by qgis_process: degrade, prepare, train, super-resolve with the result."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingModelParameter,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
)

from srsat_qgis.core.trainer.running import OVERRIDE
from tests.processing.helpers import read_raster
from tests.processing.test_qgis_process import environment, program, qgis_process  # noqa: F401 - fixtures

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "resources" / "sample.tif"


def child(model, name: str, algorithm: str, *, outputs: dict[str, str] | None = None, **sources):
    """Add a step; values are (step, output) of an earlier step, ("model", parameter), or plain."""
    kind = QgsProcessingModelChildParameterSource
    step = QgsProcessingModelChildAlgorithm(algorithm)
    step.setChildId(name)
    for parameter, value in sources.items():
        if not isinstance(value, tuple):
            source = kind.fromStaticValue(value)
        elif value[0] == "model":
            source = kind.fromModelParameter(value[1])
        else:
            source = kind.fromChildOutput(*value)
        step.addParameterSources(parameter, [source])
    made = {}
    for output, label in (outputs or {}).items():
        made[label] = QgsProcessingModelOutput(label, label)
        made[label].setChildId(name)
        made[label].setChildOutputName(output)
    step.setModelOutputs(made)
    assert model.addChildAlgorithm(step) == name


@pytest.fixture
def chain(srsat, tmp_path) -> Path:
    """The chain as a .model3 file."""
    model = QgsProcessingModelAlgorithm("chain", "tests")
    model.addModelParameter(
        QgsProcessingParameterRasterLayer("scene", "Scene"), QgsProcessingModelParameter("scene")
    )
    model.addModelParameter(
        QgsProcessingParameterString("model_id", "Id"), QgsProcessingModelParameter("model_id")
    )
    child(
        model, "coarse", "srsat:degrade", INPUT=("model", "scene"), SCALE=2, METHOD="gaussian-area", SIGMA=0.5
    )
    child(
        model,
        "store",
        "srsat:preparetrainingdata",
        HR=("model", "scene"),
        LR=("coarse", "OUTPUT"),
        SCALE=2,
        PATCH_SIZE=48,
        VALIDATION_SHARE=0.25,
    )
    child(
        model,
        "train",
        "srsat:trainmodel",
        DATA=("store", "OUTPUT"),
        NETWORK="compact",
        SIZE="small",
        MINUTES=0.15,
        LEARNING_RATE=0.004,
        DEVICE="cpu",
        MODEL_ID=("model", "model_id"),
    )
    child(
        model,
        "sharp",
        "srsat:superresolve",
        INPUT=("model", "scene"),
        MODEL_FILE=("train", "MODEL_FILE"),
        DEVICE="cpu",
        outputs={"OUTPUT": "fine"},
    )
    path = tmp_path / "chain.model3"
    assert model.toFile(str(path))
    return path


def test_a_model_trains_on_the_sample_and_super_resolves_with_the_result(qgis_process, chain, tmp_path):  # noqa: F811
    if not os.environ.get(OVERRIDE):
        pytest.skip(f"{OVERRIDE} names no Python with PyTorch (make test TRAIN=1 makes one)")
    target = tmp_path / "fine.tif"
    loaded = QgsProcessingModelAlgorithm()
    assert loaded.fromFile(str(chain))
    loaded.initAlgorithm()
    output = next(one.name() for one in loaded.outputDefinitions() if one.type() == "outputRaster")
    done = qgis_process(
        "--json", "run", str(chain), "--", f"scene={SAMPLE}", "model_id=of-the-sample", f"{output}={target}"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["results"][output] == str(target)
    coarse, fine = gdal.Open(str(SAMPLE)), gdal.Open(str(target))
    assert (fine.RasterXSize, fine.RasterYSize) == (2 * coarse.RasterXSize, 2 * coarse.RasterYSize)
    assert fine.RasterCount == coarse.RasterCount
    means = [read_raster(path).mean(axis=(1, 2)) for path in (SAMPLE, target)]
    assert np.allclose(*means, rtol=0.01)
