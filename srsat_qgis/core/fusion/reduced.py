"""Wald's protocol on a window of the scene itself: all bands made coarser, the model run, the originals as the truth.

Two degradations, as in the project's benchmarks: ``gaussian``, a Gaussian of 1/s fine pixels and the ``s x s`` mean
(the protocol of the DSen2 family), and ``mtf``, each band's own MTF at the coarse Nyquist frequency, decimated. The
coarse bands are rounded to whole digital numbers and go through the run that the scene went through.

References
----------
Wald, Ranchin and Mangolini 1997, Fusion of satellite images of different spatial resolutions, PE&RS 63(6).
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from srsat_qgis.core.degradation.blur import Blur
from srsat_qgis.core.degradation.kernels import area_valid, as_type, preset_mtf
from srsat_qgis.core.fusion.layers import Layer
from srsat_qgis.core.fusion.merge import digital_numbers
from srsat_qgis.core.fusion.plan import Part, Step
from srsat_qgis.core.fusion.steps import run_step
from srsat_qgis.core.raster.grid import Grid
from srsat_qgis.core.raster.reader import BandTemplate, Raster
from srsat_qgis.core.raster.resample import HALO, bicubic_upsample, fill_invalid
from srsat_qgis.core.raster.writer import RasterWriter
from srsat_qgis.core.sentinel2.offsets import NODATA, SATURATED, Offsets
from srsat_qgis.core.superres.job import Settings
from srsat_qgis.core.types import Progress, Window

DEGRADATIONS = ("gaussian", "mtf")
_AREA = Blur("gaussian-area", (0.0,), "the mean that the model's stack takes")


@dataclass(frozen=True)
class Restored:
    """A window that was made coarser and brought back. Images are uint16; 0 is no data, 65535 saturated."""

    coarse: np.ndarray
    """What the model was given of the bands, shape (bands, rows / s, cols / s)."""
    bicubic: np.ndarray
    """Shape (bands, rows, cols)."""
    model: np.ndarray
    truth: np.ndarray
    """The original bands."""
    valid: np.ndarray
    """Bool, shape (rows, cols): pixels that hold a value in every band of all of these."""


def blur_of(kind: str, band: str, scale: int) -> Blur:
    """Return how a band is made coarser by ``gaussian`` or ``mtf``."""
    if kind == "mtf":
        return Blur("mtf", preset_mtf("sentinel-2", [band]), "the band's MTF")
    return Blur("gaussian-area", (1 / scale**2,), "the protocol of the DSen2 family")


def read_part(part: Part, window: Window) -> np.ndarray:
    """Return digital numbers of a model's input, (rows, cols) float64, with 0 and 65535 where nothing is known.

    Parameters
    ----------
    part : Part
    window : Window
        In pixels of the model's input, from the plan's first one; within it.
    """
    native = window.scaled(part.average)
    moved = native._replace(row=native.row + part.window.row, col=native.col + part.window.col)
    values = Raster(part.layer.path).read_raw(part.layer.number, moved).astype(np.float64)
    return values if part.average == 1 else made_coarse(values, _AREA, part.average)


def known(values: np.ndarray) -> np.ndarray:
    """Return where digital numbers are measurements."""
    return (values != NODATA) & (values < SATURATED)


def made_coarse(values: np.ndarray, blur: Blur, scale: int) -> np.ndarray:
    """Return a band (rows, cols) on a coarser grid, rounded; what is not known has no influence on the rest.

    A coarse pixel is 0 where a fine one of it is, else 65535 where one is saturated.
    """
    coarse = blur.apply(values[np.newaxis], scale=scale, valid=known(values))[0]
    empty = ~area_valid(values != NODATA, scale=scale)
    saturated = ~area_valid(values < SATURATED, scale=scale)
    return np.where(empty, NODATA, np.where(saturated, SATURATED, np.rint(coarse)))


def upsampled(values: np.ndarray, scale: int) -> np.ndarray:
    """Return a band (rows, cols) enlarged bicubically, float64; what is not known is filled from around it first."""
    ok = known(values)
    if not ok.all():
        values = fill_invalid(values.astype(np.float32), ok, reach=HALO).astype(np.float64)
    return bicubic_upsample(values, scale=scale)


def restore(
    step: Step,
    window: Window,
    kind: str,
    *,
    shown: np.ndarray,
    offsets: Offsets | None,
    settings: Settings,
    progress: Progress,
) -> Restored:
    """Make a window of the scene coarser and bring it back, by the model and by bicubic enlargement.

    Parameters
    ----------
    step : Step
    window : Window
        In pixels of the bands that are made finer; its sides are multiples of the scale times what the model's
        coarsest input has of them.
    kind : {"gaussian", "mtf"}
    shown : ndarray of bool, shape (rows, cols)
        Pixels that the scene's own result holds: what it leaves out, such as clouds, is left out here too.
    offsets : Offsets, optional
    settings : Settings
        Of the scene's run.
    progress : Progress
    """
    card, scale = step.card, step.card.scale
    first = card.inputs[0].name
    with tempfile.TemporaryDirectory(prefix="srsat-") as name:
        folder = Path(name)
        inputs: dict[str, tuple[Part, ...]] = {}
        for spec in card.inputs:
            inner = window.scaled(scale).divided(spec.ratio)
            planes = [
                made_coarse(read_part(part, inner), blur_of(kind, part.layer.band, scale), scale)
                for part in step.inputs[spec.name]
            ]
            bands = [part.layer.band for part in step.inputs[spec.name]]
            image = np.stack(planes).astype(np.uint16)
            if spec.name == first:
                coarse = image
            inputs[spec.name] = _written(folder / f"{spec.name}.tif", image, bands)
        made = run_step(Step(card, inputs, step.makes), folder, offsets, settings, progress)
        whole = Window(0, 0, window.rows, window.cols)
        results = [made.bands[band] for band in step.makes]
        model = np.stack(
            [digital_numbers(Raster(one.path).read_raw(one.number, whole), one.shift) for one in results]
        )
    truth = np.stack([read_part(part, window) for part in step.inputs[first]]).astype(np.uint16)
    seen = known(coarse).all(axis=0).repeat(scale, axis=0).repeat(scale, axis=1)
    plain = as_type(np.stack([upsampled(band.astype(np.float64), scale) for band in coarse]), np.uint16)
    valid = known(truth).all(axis=0) & seen & (model != NODATA).all(axis=0) & shown
    return Restored(coarse, plain, model, truth, valid)


def _written(path: Path, image: np.ndarray, bands: Sequence[str]) -> tuple[Part, ...]:
    """Write an image without a georeference and return its bands as parts."""
    grid = Grid(image.shape[1], image.shape[2], None)
    whole = Window(0, 0, grid.rows, grid.cols)
    writer = RasterWriter(
        str(path),
        grid=grid,
        data_type="UInt16",
        bands=[BandTemplate(description=band) for band in bands],
        nodata=NODATA,
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
        Part(Layer(band, str(path), number, grid, "UInt16"), whole) for number, band in enumerate(bands, 1)
    )
