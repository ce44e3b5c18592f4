"""Small rasters and a model whose answer is known, for the tests of the Processing face."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal, gdal_array, osr

REPEAT = "test-repeat-x2"
"""Id of a model that repeats every pixel twice along both axes: its output is known to the last bit."""
GEOTRANSFORM = (500000.0, 10.0, 0.0, 5000000.0, 0.0, -10.0)
EPSG = 32633


def write_repeat_model(folder: Path, *, model_id: str = REPEAT) -> Path:
    """Write a model folder whose graph repeats every pixel, and return it."""
    onnx = pytest.importorskip("onnx", reason="the package onnx makes the tests' models")
    helper = onnx.helper
    node = helper.make_node(
        "Resize",
        ["image", "", "scales"],
        ["super_resolved"],
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )
    scales = onnx.numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")
    graph = helper.make_graph(
        [node],
        "repeat",
        [helper.make_tensor_value_info("image", 1, ["n", 1, "h", "w"])],
        [helper.make_tensor_value_info("super_resolved", 1, ["n", 1, "h2", "w2"])],
        [scales],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    card = {
        "schema_version": 1,
        "id": model_id,
        "name": "Repeat x2",
        "version": "1.2.3",
        "family": "single-image",
        "description": "Repeats every pixel; for tests.",
        "licence": "CC0-1.0",
        "inputs": [{"name": "image", "ratio": 2, "bands": "each"}],
        "output": {"name": "super_resolved", "bands": "as-input"},
        "tile": {"halo": 1, "default": 64},
        "value_range": None,
        "equivariant": True,
        "nodata": "any",
    }
    helper.set_model_props(model, {"srsat": json.dumps(card)})
    content = model.SerializeToString()
    target = folder / model_id
    target.mkdir(parents=True, exist_ok=True)
    (target / "model.onnx").write_bytes(content)
    card["sha256"] = hashlib.sha256(content).hexdigest()
    (target / "card.json").write_text(json.dumps(card), "utf-8")
    return target


def write_unit_model(path: Path, *, channels: int = 1, scale: int = 2) -> Path:
    """Write an ONNX file that repeats pixels and clips them to 0 to 1, and says nothing of itself; return its path."""
    onnx = pytest.importorskip("onnx", reason="the package onnx makes the tests' models")
    helper = onnx.helper
    nodes = [
        helper.make_node(
            "Resize",
            ["image", "", "scales"],
            ["large"],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        ),
        helper.make_node("Clip", ["large", "low", "high"], ["out"]),
    ]
    constants = {"scales": np.array([1, 1, scale, scale]), "low": np.array(0), "high": np.array(1)}
    graph = helper.make_graph(
        nodes,
        "unit",
        [helper.make_tensor_value_info("image", 1, ["n", channels, "h", "w"])],
        [helper.make_tensor_value_info("out", 1, ["n", channels, "h2", "w2"])],
        [onnx.numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.write_bytes(model.SerializeToString())
    return path


def write_raster(
    path: Path,
    values: np.ndarray,
    *,
    geotransform: tuple = GEOTRANSFORM,
    epsg: int | None = EPSG,
    nodata: float | None = None,
    names: tuple[str, ...] = (),
) -> Path:
    """Write ``values`` (bands, rows, cols) as a GeoTIFF in their own type, and return its path."""
    code = gdal_array.NumericTypeCodeToGDALTypeCode(values.dtype)
    dataset = gdal.GetDriverByName("GTiff").Create(
        str(path), values.shape[2], values.shape[1], values.shape[0], code
    )
    dataset.SetGeoTransform(geotransform)
    if epsg is not None:
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(epsg)
        dataset.SetProjection(reference.ExportToWkt())
    for index, plane in enumerate(values):
        band = dataset.GetRasterBand(index + 1)
        band.WriteArray(plane)
        if nodata is not None:
            band.SetNoDataValue(nodata)
        if index < len(names):
            band.SetDescription(names[index])
    dataset.FlushCache()
    return path


def read_raster(path: str | Path) -> np.ndarray:
    """Return all bands, (bands, rows, cols)."""
    dataset = gdal.Open(str(path))
    assert dataset is not None, f"{path} is no raster"
    values = dataset.ReadAsArray()
    return values if values.ndim == 3 else values[np.newaxis]


def repeated(values: np.ndarray) -> np.ndarray:
    """Return what the repeating model makes of ``values``."""
    return values.repeat(2, axis=-2).repeat(2, axis=-1)
