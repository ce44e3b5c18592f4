"""Plans on small rasters with small models, which stand among the user's own."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from srsat_qgis.cluster.manifest import read_units, result_path
from srsat_qgis.cluster.planning import PlanRequest, plan
from srsat_qgis.cluster.work import run_unit
from srsat_qgis.core.models.card import card_to_json
from srsat_qgis.core.paths import user_models_dir
from tests.rasters import texture, write_raster


@pytest.fixture(scope="session", autouse=True)
def small_models():
    """Put three models among the user's: conv-x2, fade-x2 with blended tiles, told-x2 with back-projection."""
    from srsat_qgis.core.models.card import Degradation
    from tests.onnx_models import card_for, conv_model

    for name in ("conv-x2", "fade-x2", "told-x2"):
        folder = user_models_dir() / name
        folder.mkdir(parents=True, exist_ok=True)
        card = card_for(conv_model(folder / "model.onnx", radius=4), halo=4)
        tile = replace(card.tile, default=32)
        if name == "fade-x2":
            tile = replace(tile, halo=8, blend="linear")
        degradation = Degradation(sigma=0.4, sigma_range=(0.2, 0.8)) if name == "told-x2" else None
        card = replace(card, id=name, tile=tile, degradation=degradation, path=None)
        (folder / "card.json").write_text(json.dumps(card_to_json(card)), "utf-8")


@pytest.fixture
def raster(tmp_path) -> str:
    """A raster of two bands that is cut into several units."""
    return write_raster(tmp_path / "in.tif", texture(2, 150, 170).astype(np.uint16), nodata=0)


@pytest.fixture
def planned(tmp_path, raster) -> Path:
    """A plan of a dozen units."""
    folder = tmp_path / "plan"
    plan(PlanRequest("superresolve", [raster], {"MODEL": "conv-x2"}, unit=100), folder)
    return folder


@pytest.fixture
def scenes(tmp_path) -> Path:
    """A folder of four scenes, of which one is broken."""
    folder = tmp_path / "scenes"
    folder.mkdir()
    for number in range(3):
        write_raster(folder / f"scene{number}.tif", texture(1, 40, 50, seed=number).astype(np.uint8))
    (folder / "broken.tif").write_bytes(b"II*\0 no more than that")
    return folder


def do_all(folder: Path) -> list[dict]:
    """Do all units in this process."""
    return [run_unit(str(folder), unit.to_json(), 1) for unit in read_units(folder)]


def results(folder: Path) -> dict[str, bytes]:
    """Return the bytes of all results by name."""
    return {unit.name: result_path(folder, unit).read_bytes() for unit in read_units(folder)}


def leftovers(folder: Path) -> list[str]:
    """Return what no run should leave."""
    return [str(path) for path in folder.rglob(".*")]
