"""srsat:compare through ``processing.run``: rasters and models against one reference."""

from __future__ import annotations

import json

import numpy as np
import pytest
from qgis.core import QgsApplication, QgsProcessingException

from tests.processing.helpers import GEOTRANSFORM, REPEAT, repeated, write_raster

ALGORITHM = "srsat:compare"


@pytest.fixture
def images() -> dict[str, np.ndarray]:
    random = np.random.default_rng(5)
    coarse = random.integers(300, 3000, (3, 20, 25)).astype(np.uint16)
    truth = repeated(coarse)
    return {"coarse": coarse, "truth": truth, "near": truth + np.uint16(3), "far": truth + np.uint16(40)}


@pytest.fixture
def paths(images, tmp_path) -> dict[str, str]:
    x0, xc, _, y0, _, yr = GEOTRANSFORM
    return {
        name: str(
            write_raster(
                tmp_path / f"{name}.tif",
                image,
                geotransform=(x0, 2 * xc, 0.0, y0, 0.0, 2 * yr) if name == "coarse" else GEOTRANSFORM,
            )
        )
        for name, image in images.items()
    }


@pytest.fixture
def run(srsat, paths):
    from qgis import processing

    def _run(**parameters):
        values = {"REFERENCE": paths["truth"], "METRICS": ["rmse", "psnr", "mae"], **parameters}
        return processing.run(ALGORITHM, values)

    return _run


def test_the_nearer_raster_is_best(run, paths, tmp_path):
    targets = {f"OUTPUT_{kind}": str(tmp_path / f"out.{kind.lower()}") for kind in ("HTML", "JSON", "CSV")}
    results = run(INPUTS=[paths["far"], paths["near"]], LOWRES=paths["coarse"], **targets)
    assert (results["BEST"], results["CANDIDATES"]) == ("near", 2)
    assert results["VERDICT"] == "near is best in 3 of 3 measures, all against the reference."
    facts = json.loads((tmp_path / "out.json").read_text("utf-8"))
    assert facts["measures"][0]["values"]["far"] == pytest.approx(40)
    assert (tmp_path / "out.csv").read_text("utf-8").splitlines()[0] == "measure,unit,Bicubic,far,near,best"
    assert "★" in (tmp_path / "out.html").read_text("utf-8")


def test_models_run_on_the_coarse_input_and_leave_nothing(run, paths, tmp_path):
    before = sorted(tmp_path.glob("*.tif"))
    results = run(INPUTS=[paths["near"]], MODELS=[REPEAT], LOWRES=paths["coarse"], DEVICE="cpu")
    assert results["BEST"] == REPEAT  # it repeats pixels, as the truth does
    assert sorted(tmp_path.glob("*.tif")) == before


def test_it_needs_candidates_and_models_their_input(run, paths):
    with pytest.raises(QgsProcessingException, match="rasters, models or both"):
        run()
    with pytest.raises(QgsProcessingException, match="low-resolution input to run on"):
        run(MODELS=[REPEAT])


def test_every_output_is_declared(srsat):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById(ALGORITHM)
    declared = {output.name() for output in algorithm.outputDefinitions()}
    assert declared == {"OUTPUT_HTML", "OUTPUT_JSON", "OUTPUT_CSV", "BEST", "VERDICT", "CANDIDATES"}
    assert all(p.help() for p in algorithm.parameterDefinitions())


def test_a_raster_that_cannot_be_opened_is_not_left_out_silently(run, paths, tmp_path):
    with pytest.raises(QgsProcessingException, match="INPUTS"):
        run(INPUTS=[paths["near"], str(tmp_path / "missing.tif")])
