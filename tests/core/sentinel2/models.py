"""Fusion models whose output is known exactly: each coarse band takes on the detail of the first finest band."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from srsat_qgis.core.fusion.sensor import Sensor, SensorBand
from srsat_qgis.core.models.card import BandSpec, InputSpec, ModelCard, OutputSpec, TileSpec
from srsat_qgis.core.sentinel2.msi import SENTINEL2
from tests.onnx_models import _save, helper


def specs(bands: tuple[SensorBand, ...]) -> tuple[BandSpec, ...]:
    return tuple(BandSpec(band.name, band.wavelength_nm) for band in bands)


def detail_card(folder: Path, gsd: int, *, equivariant: bool = True, sensor: Sensor = SENTINEL2) -> ModelCard:
    """Write a model for the bands of ``gsd`` metres and return its card.

    Output: nearest neighbours of the coarse bands, plus the first guide band minus its block means.
    """
    bands, guides = sensor.group(gsd), sensor.group(sensor.sizes_m[0])
    scale, count = round(gsd / sensor.sizes_m[0]), len(bands)
    path = folder / f"detail-{gsd}{'' if equivariant else '-plain'}.onnx"
    weights = {
        "repeat": np.ones((count, 1, scale, scale)),
        "first": np.eye(len(guides))[:1].reshape(1, -1, 1, 1),
        "mean": np.full((1, 1, scale, scale), 1 / scale**2),
        "spread": np.ones((1, 1, scale, scale)),
    }
    nodes = [
        helper.make_node("ConvTranspose", ["coarse", "repeat"], ["base"], strides=[scale] * 2, group=count),
        helper.make_node("Conv", ["fine", "first"], ["guide"]),
        helper.make_node("Conv", ["guide", "mean"], ["low"], strides=[scale] * 2),
        helper.make_node("ConvTranspose", ["low", "spread"], ["blocks"], strides=[scale] * 2),
        helper.make_node("Sub", ["guide", "blocks"], ["detail"]),
        helper.make_node("Add", ["base", "detail"], ["out"]),
    ]
    _save(
        path,
        nodes,
        weights,
        [("coarse", [None, count, "h", "w"]), ("fine", [None, len(guides), "H", "W"])],
        [("out", [None, count, None, None])],
    )
    return ModelCard(
        id=path.stem,
        name=path.stem,
        version="1",
        inputs=(
            InputSpec("coarse", scale, specs(bands)),
            InputSpec("fine", 1, specs(guides)),
        ),
        output=OutputSpec("out", specs(bands)),
        tile=TileSpec(halo=1, default=16),
        equivariant=equivariant,
        path=path,
        sha256="0" * 64,
    )


def expected(coarse: np.ndarray, guide: np.ndarray, scale: int) -> np.ndarray:
    """Return what the model makes of one coarse band (rows, cols) and the first finest band, as whole numbers."""
    rows, cols = coarse.shape
    blocks = guide.reshape(rows, scale, cols, scale).mean(axis=(1, 3))
    detail = guide - blocks.repeat(scale, axis=0).repeat(scale, axis=1)
    sharp = np.rint(coarse.repeat(scale, axis=0).repeat(scale, axis=1) + detail)
    return np.maximum(sharp, 1)  # 0 is no data
