"""The one place where tiles meet the pipeline of rasters: a part of a level in, its finer pixels out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from srsat_qgis.core.errors import Cancelled, InvalidSetting
from srsat_qgis.core.models.card import ModelCard
from srsat_qgis.core.raster.picture_codec import in_memory
from srsat_qgis.core.superres.job import Settings, Source, decide
from srsat_qgis.core.superres.model import TileModel
from srsat_qgis.core.superres.run import computed_chunks
from srsat_qgis.core.types import Progress, Window

SCALES = (2, 4)
"""Factors of whole zoom levels."""
COLOURS = 3
_SMALLEST_TILE = 256
# Side of what a network computes at a time, at most: pictures fill the memory beside it, and 512 takes half a GB more
# for a twentieth of the time.
_LARGEST_TILE = 320


def fits(card: ModelCard) -> bool:
    """Return True for a model that makes colours finer by one zoom level or two, in tiles that are exact."""
    (first, *others) = card.inputs
    bands = {None if spec.bands is None else len(spec.bands) for spec in (first, card.output)}
    return (
        not others
        and card.scale in SCALES
        and first.ratio == card.scale
        and bands <= {None, COLOURS}
        and card.tile.blend == "crop"
        and _SMALLEST_TILE % card.tile.align == 0
    )


def check_fits(card: ModelCard, called: str) -> None:
    """Refuse a model that does not fit.

    Parameters
    ----------
    card : ModelCard
    called : str
        The parameter and what it says, such as ``MODEL s2-20m``.

    Raises
    ------
    InvalidSetting
        If it does not; the message says what the model is.
    """
    if fits(card):
        return
    first, given, tile = card.inputs[0], card.output.bands, card.tile
    found = [f"x{card.scale}", "single bands" if first.bands is None else f"{len(first.bands)} bands"]
    if given is not None and len(given) != len(first.bands or ()):
        found.append(f"{len(given)} bands of output")
    if len(card.inputs) > 1:
        found.append(f"{len(card.inputs)} inputs")
    if tile.blend != "crop" or _SMALLEST_TILE % tile.align:
        found.append("tiles that are blended" if tile.blend != "crop" else f"squares of {tile.align} pixels")
    raise InvalidSetting(
        f"{called}: expected a model of x2 or x4, of single bands or of three, whose tiles are exact; "
        f"found {', '.join(found)}"
    )


class Upscaler:
    """A model that is loaded and settled once, and then applied to one part of a level after the other.

    Parameters
    ----------
    card : ModelCard
        One that ``fits``.
    settings : Settings
        Device, tile, threads and consistency count.
    sample : ndarray of uint8, shape (4, rows, cols)
        Red, green, blue, alpha of what is typical of the tiles: what a run measures in its raster, it measures here.
    folder : Path
        Where files may be made.
    progress : Progress

    Attributes
    ----------
    scale : int
    ring : int
        Pixels around a part on which its result depends; more change nothing.
    device, reason : str
        Where it runs, and why.
    provenance : mapping of str to str
        What made the result, for its metadata; equal for equal runs.
    """

    def __init__(
        self, card: ModelCard, settings: Settings, sample: np.ndarray, folder: Path, progress: Progress
    ) -> None:
        if settings.tile is None and card.tile.fixed is None:
            largest = _LARGEST_TILE // card.tile.align * card.tile.align
            settings = replace(settings, tile=min(card.tile.default, largest))
        with in_memory(sample) as path:
            # Nothing is written there: what the tiles need, their own writer finds out.
            job = decide(Source(path), card, str(folder / "tiles.tif"), settings)
            self._model = TileModel(job, progress)
            job = job.settled(self._model.facts, self._model.halo)
        progress.info(f"{card.id} {card.version} runs on {self._model.device}: {self._model.reason}")
        if job.plan is None:
            raise ValueError("a settled job has a plan")
        self._job, self.scale, self._progress = job, card.scale, progress
        self.device, self.reason = self._model.device, self._model.reason
        # Filled pixels depend on valid ones one halo farther away.
        self.ring = 2 * job.plan.halo
        self.provenance: Mapping[str, str] = {
            key: value for key, value in job.provenance.items() if key != "SRSAT_PARAMETERS"
        }

    @property
    def final_device(self) -> str:
        """Where the last part ran: CUDA may have given up for want of memory."""
        return self._model.final_device

    def apply(self, image: np.ndarray, core: Window) -> np.ndarray:
        """Return the finer pixels of a part.

        Parameters
        ----------
        image : ndarray of uint8, shape (4, rows, cols)
            Red, green, blue, alpha; alpha 0 where nothing is known, which is filled from around before the model gets
            it. Beyond its edges it is mirrored.
        core : Window
            The part of it that is wanted.

        Returns
        -------
        ndarray of uint8, shape (4, core.rows * scale, core.cols * scale)
            Each pixel's alpha is that of the pixel that it lies in; where that is 0, the colour is black.

        Raises
        ------
        SrsatError
            As ``super_resolve`` of the pipeline.
        """
        job = self._job
        result = np.empty((len(image), core.rows * self.scale, core.cols * self.scale), np.uint8)
        with in_memory(image) as path:
            part = replace(
                job,
                layers=tuple(replace(layer, path=path) for layer in job.layers),
                origin=core,
            ).settled(self._model.facts, self._model.halo)
            for chunk in computed_chunks(part, self._model):
                if self._progress.cancelled:
                    raise Cancelled("the run was cancelled")
                result[(slice(None), *chunk.window.slices)] = chunk.image
        result[:COLOURS] *= result[COLOURS] > 0
        return result
