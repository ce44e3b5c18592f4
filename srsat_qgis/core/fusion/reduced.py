"""Wald's protocol on windows of the scene itself: all bands degraded, the model run, the originals as the truth.

Two degradations, as in the project's benchmarks: ``gaussian``, a Gaussian of 1/s fine pixels and the ``s x s`` mean
(the protocol of the DSen2 family), and ``mtf``, each band's own MTF at the coarse Nyquist frequency, decimated, where
the sensor's MTF is known. Degraded bands are digital numbers and go through the run that the scene went through.

References
----------
Wald, Ranchin and Mangolini 1997, Fusion of satellite images of different spatial resolutions, PE&RS 63(6).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from srsat_qgis.core.degradation.blur import Blur
from srsat_qgis.core.degradation.kernels import area_valid, as_type
from srsat_qgis.core.evaluation.passes import pooled_scores
from srsat_qgis.core.fusion.fuse import run_step
from srsat_qgis.core.fusion.plan import Step
from srsat_qgis.core.fusion.sensor import Part, SceneBand, Sensor, SensorBand
from srsat_qgis.core.metrics.score import Block, Context
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import BandTemplate
from srsat_qgis.core.raster.resample import HALO, bicubic_upsample, fill_invalid
from srsat_qgis.core.raster.writer import RasterWriter
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.types import Progress, Window

KEYS = ("rmse", "sre", "bias", "sam", "uiq")
_AREA = Blur("gaussian-area", (0.0,), "the mean that the model's stack takes")


@dataclass(frozen=True)
class Restored:
    """A window that was degraded and brought back. Images are the sensor's digital numbers, no data and all."""

    coarse: np.ndarray
    """What the model was given of the bands, shape (bands, rows / s, cols / s)."""
    bicubic: np.ndarray
    """Shape (bands, rows, cols)."""
    model: np.ndarray
    truth: np.ndarray
    """The original bands."""
    valid: np.ndarray
    """Bool, shape (rows, cols): pixels that hold a value in every band of all of these."""


def degradations(step: Step) -> tuple[str, ...]:
    """Return the degradations that can be applied to all bands of a step."""
    bands = [step.sensor[part.layer.band] for parts in step.inputs.values() for part in parts]
    return ("gaussian",) if any(band.mtf is None for band in bands) else ("gaussian", "mtf")


def blur_of(kind: str, band: SensorBand, scale: int) -> Blur:
    """Return how a band is degraded by ``gaussian`` or ``mtf``."""
    if kind == "mtf" and band.mtf is not None:
        return Blur("mtf", (band.mtf,), "the band's MTF")
    return Blur("gaussian-area", (1 / scale**2,), "the protocol of the DSen2 family")


def degraded(values: np.ndarray, blur: Blur, scale: int, sensor: Sensor) -> np.ndarray:
    """Return a band's digital numbers (rows, cols) on a coarser grid; what is not measured has no influence.

    A coarse pixel is no data where a fine one of it is, else saturated where one is.
    """
    known = sensor.is_measured(values)
    coarse = blur.apply(values[np.newaxis].astype(np.float64), scale=scale, valid=known)[0]
    valid, clear = area_valid(sensor.has_data(values), scale=scale), area_valid(known, scale=scale)
    image = sensor.digital_numbers(np.where(clear, coarse, 0.0), valid)
    if sensor.saturated is not None:
        image[valid & ~clear] = sensor.saturated
    return image


def upsampled(values: np.ndarray, scale: int, sensor: Sensor) -> np.ndarray:
    """Return a band (rows, cols) enlarged bicubically, float64; what is not measured is filled from around it first."""
    known = sensor.is_measured(values)
    plane = values.astype(np.float64)
    if not known.all():
        plane = fill_invalid(plane.astype(np.float32), known, reach=HALO).astype(np.float64)
    return bicubic_upsample(plane, scale=scale)


def read_input(part: Part, window: Window, sensor: Sensor) -> np.ndarray:
    """Return a window of a model's input, (rows, cols), counted in its pixels from the plan's first."""
    values = sensor.digital_numbers(part.read(window.scaled(part.average)))
    return values if part.average == 1 else degraded(values, _AREA, part.average, sensor)


def restore(
    step: Step, window: Window, kind: str, *, shown: np.ndarray, settings: Settings, progress: Progress
) -> Restored:
    """Degrade a window of the scene and bring it back, by the model and by bicubic enlargement.

    Parameters
    ----------
    step : Step
    window : Window
        In pixels of the bands that are made finer; its sides are multiples of the scale times what the model's
        coarsest input has of them.
    kind : str
        One of ``degradations``.
    shown : ndarray of bool, shape (rows, cols)
        Pixels that the scene's own result holds: what it leaves out, such as clouds, is left out here too.
    settings : Settings
        Of the scene's run.
    progress : Progress
    """
    card, scale, sensor = step.card, step.card.scale, step.sensor
    with tempfile.TemporaryDirectory(prefix="srsat-") as name:
        folder, inputs, images = Path(name), {}, {}
        for spec in card.inputs:
            inner = window.scaled(scale).divided(spec.ratio)
            parts = step.inputs[spec.name]
            planes = [
                degraded(
                    read_input(part, inner, sensor),
                    blur_of(kind, sensor[part.layer.band], scale),
                    scale,
                    sensor,
                )
                for part in parts
            ]
            images[spec.name] = np.stack(planes)
            bands = [part.layer.band for part in parts]
            inputs[spec.name] = _written(folder / f"{spec.name}.tif", images[spec.name], bands, sensor)
        run = run_step(replace(step, inputs=inputs), folder, settings, progress)
        model = np.stack([run.read(band, Window(0, 0, window.rows, window.cols)) for band in step.makes])
    coarse = images[card.inputs[0].name]
    truth = np.stack([read_input(part, window, sensor) for part in step.originals])
    plain = as_type(np.stack([upsampled(band, scale, sensor) for band in coarse]), sensor.dtype)
    seen = sensor.is_measured(coarse).all(axis=0).repeat(scale, axis=0).repeat(scale, axis=1)
    valid = sensor.is_measured(truth).all(axis=0) & seen & sensor.has_data(model).all(axis=0) & shown
    return Restored(coarse, plain, model, truth, valid)


def _written(path: Path, image: np.ndarray, bands: Sequence[str], sensor: Sensor) -> tuple[Part, ...]:
    """Write an image without a georeference and return its bands as parts."""
    grid = Grid(image.shape[1], image.shape[2], None)
    whole = Window(0, 0, grid.rows, grid.cols)
    writer = RasterWriter(
        str(path),
        grid=grid,
        data_type=sensor.data_type,
        bands=[BandTemplate(description=band) for band in bands],
        nodata=sensor.nodata,
        mask=False,
        metadata={},
        creation_options=("COMPRESS=NONE",),
    )
    try:
        writer.write(whole, image, None, statistics=0)
        writer.finish()
    except BaseException:
        writer.abort()
        raise
    return tuple(
        Part(SceneBand(band, str(path), number, grid, sensor.data_type), whole)
        for number, band in enumerate(bands, 1)
    )


def scored(windows: Sequence[Restored], *, threads: int) -> dict[str, Any]:
    """Return the scores of the model and of bicubic enlargement against the originals, as JSON types.

    Returns
    -------
    dict
        ``pixels``; ``mean_dn`` by band; ``model`` and ``bicubic`` with ``rmse``, ``sre``, ``bias``, ``sam``, ``uiq``
        (each ``value``, ``per_band`` and ``reason``) and ``bias_percent`` by band; ``share``, the mean RMSE of the
        bands over bicubic's, and ``band_shares``. A share is null where bicubic has no error,
        and ``bias_percent`` where the mean is 0.
    """
    pixels = sum(int(np.count_nonzero(one.valid)) for one in windows)
    facts: dict[str, Any] = {"pixels": pixels}
    if not pixels:
        return facts
    sums = sum(one.truth[:, one.valid].sum(axis=1, dtype=np.float64) for one in windows)
    means = facts["mean_dn"] = [float(total) / pixels for total in np.atleast_1d(sums)]
    truth = windows[0].truth
    context = Context(len(truth), 0, 0, integer=truth.dtype.kind in "iu" and truth.dtype.itemsize <= 2)
    for name in ("model", "bicubic"):
        blocks = [_block(one, getattr(one, name)) for one in windows]
        found = pooled_scores(blocks, context, KEYS, threads=threads)
        scores = {key: score.as_json() for key, score in found.items()}
        facts[name] = {
            key: {part: score[part] for part in ("value", "per_band", "reason")}
            for key, score in scores.items()
        }
        biases = scores["bias"]["per_band"]
        facts[name]["bias_percent"] = [
            100 * value / mean if mean else None for value, mean in zip(biases, means)
        ]
    ours, plain = (facts[name]["rmse"]["per_band"] for name in ("model", "bicubic"))
    facts["band_shares"] = [_share(one, other) for one, other in zip(ours, plain)]
    facts["share"] = _share(sum(ours), sum(plain))
    return facts


def _block(one: Restored, image: np.ndarray) -> Block:
    window = Window(0, 0, *one.valid.shape)
    return Block(window, window, image, one.valid, one.truth)


def _share(value: float, of: float) -> float | None:
    return value / of if of else None
