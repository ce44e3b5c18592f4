"""Applies a card's model to padded tiles, and the back-projection that makes the result consistent with its input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from srsat_qgis.core.degradation.blur import estimate_sigmas
from srsat_qgis.core.engine.fallback import Sample, TileRunner
from srsat_qgis.core.engine.session import Engine
from srsat_qgis.core.errors import (
    CardMismatch,
    DeviceUnavailable,
    InvalidSetting,
    ModelNotFound,
    UnsupportedModel,
    UnsupportedRaster,
)
from srsat_qgis.core.models.card import Scaling
from srsat_qgis.core.superres.backproject import BATCH, STEPS_AREA, BackProjection
from srsat_qgis.core.superres.job import Job
from srsat_qgis.core.tiling import align_up
from srsat_qgis.core.types import Progress

# Samples per call: on a CPU one already fills all cores, a GPU wants more work per call.
DEFAULT_BATCH = {"cpu": 1, "cuda": 16}

# Products of two such values still fit a float32.
_LARGEST_VALUE = 1e18
# Side of the tile that tries a device out, in cells.
_TRIAL_SIDE = 64


class TileModel:
    """A model on a device, ready for tiles.

    Parameters
    ----------
    job : Job
    progress : Progress

    Attributes
    ----------
    sigmas : tuple of float
        Blur by which the output is made consistent with its input, in pixels of the first input: one for all bands, or
        one a band; none where it is not. The job's, or else measured now.
    halo : int
        Cells around a core that the model and the back-projection need.
    device, reason : str
        Where it runs, and why.
    """

    def __init__(self, job: Job, progress: Progress) -> None:
        card, settings = job.card, job.settings
        self._card, self._settings, self._progress = card, settings, progress
        path = card.path
        if path is None:
            raise ModelNotFound(f"the card of {card.id} belongs to no ONNX file")
        self._runner = TileRunner(
            lambda device: Engine(
                path, device=device, threads=settings.threads, gpu_memory_mb=settings.gpu_memory_mb
            ),
            device=settings.device,
            ratios={spec.name: spec.ratio for spec in card.inputs},
            halo=card.tile.halo,
            multiple=card.tile.multiple,
            batch=settings.batch or 1,
            splittable=card.tile.blend == "crop" and card.tile.fixed is None and card.tile.align == 1,
            fixed_batch=card.tile.fixed_batch,
            progress=progress,
        )
        failure = self._try_cuda() if self._runner.engine.device == "cuda" else ""
        engine = self._runner.engine
        self.device, self.reason = engine.device, failure or engine.reason
        if not settings.batch and not card.tile.fixed_batch:
            self._runner.batch = DEFAULT_BATCH[engine.device]
        if engine.cpu_nodes:
            progress.warn(
                f"on CUDA, these operators of {card.id} run on the CPU: {', '.join(engine.cpu_nodes)}"
            )
        self._source = job.layers[0].path
        self._samples_per_tile = job.output.value_bands if card.bandwise else 1
        self.sigmas = job.sigmas if job.sigmas is not None else self._sigmas(job)
        self._projections = {sigma: self._back_projection(sigma) for sigma in dict.fromkeys(self.sigmas)}
        halos = [projection.halo_cells for projection in self._projections.values()]
        self.halo = card.tile.halo + max(halos, default=0)

    @property
    def final_device(self) -> str:
        """Where the last tile ran: CUDA may have given up for want of memory."""
        return self._runner.engine.device

    @property
    def tiles_per_group(self) -> int:
        """Tiles that together fill a batch."""
        return max(1, self._runner.batch // self._samples_per_tile)

    def apply(self, tiles: Sequence[Mapping[str, np.ndarray]]) -> list[np.ndarray]:
        """Return the super-resolved padded windows, (bands, rows, cols) float32, of the inputs of each tile.

        Raises
        ------
        CardMismatch
            If the output's shape is not what the card says, or not finite.
        """
        results = self._infer(tiles)
        if not self.sigmas:
            return results
        first = self._card.inputs[0].name
        return [self._consistent(images[first], image) for images, image in zip(tiles, results)]

    def _consistent(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Return output bands made consistent with their input bands, each by its own blur; ``high`` is changed."""
        for sigma, projection in self._projections.items():
            own = [band for band in range(len(high)) if self.sigmas[band % len(self.sigmas)] == sigma]
            # One batch at a time: of many bands, each copy of a tile is large.
            for start in range(0, len(own), BATCH):
                bands: Any = own[start : start + BATCH]
                if bands[-1] - bands[0] == len(bands) - 1:
                    # A view instead of a copy.
                    bands = slice(bands[0], bands[-1] + 1)
                high[bands] = projection.apply(low[bands], high[bands])
        return high

    def _try_cuda(self) -> str:
        """Run one small tile: a CUDA session may start and miss a library only when it computes.

        Returns
        -------
        str
            Why the CPU took over; empty when CUDA works.

        Raises
        ------
        DeviceUnavailable
            If CUDA cannot run the model, and nothing else was asked for.
        """
        tile = self._card.tile
        side = tile.fixed or align_up(_TRIAL_SIDE, tile.align * tile.multiple)
        images = {}
        for spec in self._card.inputs:
            pixels = side * self._card.cell // spec.ratio
            images[spec.name] = np.zeros(
                (1 if spec.bands is None else len(spec.bands), pixels, pixels), np.float32
            )
        try:
            self._runner.run(self._samples(images))
        except UnsupportedModel as error:
            failure = f"CUDA starts but cannot run {self._card.id} ({error})"
            if self._settings.device == "cuda":
                raise DeviceUnavailable(failure) from error
            self._runner.restart("cpu")
            return f"CUDA is not used: {failure}"
        return ""

    def _infer(self, tiles: Sequence[Mapping[str, np.ndarray]]) -> list[np.ndarray]:
        """Return the model's own output in digital numbers for each tile's inputs."""
        samples = [sample for images in tiles for sample in self._samples(images)]
        results: list[np.ndarray] = []
        step = max(1, self._runner.batch)
        # Each batch goes into its place at once: of many bands, a second copy of a tile is large.
        for start in range(0, len(samples), step):
            for index, output in enumerate(self._runner.run(samples[start : start + step]), start):
                tile, band = divmod(index, self._samples_per_tile)
                if self._samples_per_tile == 1:
                    results.append(output)
                    continue
                if not band:
                    results.append(np.empty((self._samples_per_tile, *output.shape[1:]), output.dtype))
                results[tile][band] = output[0]
        for tile, images in enumerate(tiles):
            results[tile] = self._to_digital_numbers(results[tile])
            self._check(images, results[tile])
        return results

    def _samples(self, images: Mapping[str, np.ndarray]) -> list[Sample]:
        feeds = {
            spec.name: _to_network(images[spec.name], spec.scaling, spec.dtype) for spec in self._card.inputs
        }
        if not self._card.bandwise:
            return [feeds]
        ((name, bands),) = feeds.items()
        return [{name: bands[index : index + 1]} for index in range(len(bands))]

    def _to_digital_numbers(self, image: np.ndarray) -> np.ndarray:
        scaling = self._card.output.scaling
        image = image.astype(np.float32, copy=False)
        if scaling == Scaling():
            return image
        return image * _per_band(scaling.gain) + _per_band(scaling.offset)

    def _check(self, images: Mapping[str, np.ndarray], output: np.ndarray) -> None:
        first = self._card.inputs[0]
        expected = tuple(side * first.ratio for side in images[first.name].shape[1:])
        if output.shape[1:] != expected:
            raise CardMismatch(
                f"{self._card.id}: expected {expected} pixels from the model, got {output.shape[1:]}"
            )
        if not np.isfinite(output.sum(dtype=np.float64)):
            # Infinite beyond float32, and no number where that was filled from.
            largest = max(float(np.nanmax(np.abs(image))) for image in images.values())
            if largest > _LARGEST_VALUE:
                raise UnsupportedRaster(
                    f"{self._source}: holds values as large as {largest:.3g}, which no model can compute with; "
                    f"expected values below {_LARGEST_VALUE:g}. If this is the value of pixels without data, "
                    "give NODATA"
                )
            raise CardMismatch(f"{self._card.id}: the model gave values that are not finite for finite input")

    def _sigmas(self, job: Job) -> tuple[float, ...]:
        """Return the blur for the back-projection, one or one a band; none: the output stays as the model gives it."""
        card, mode = self._card, self._settings.consistency
        if mode == "off" or card.scale == 1:
            return ()
        first = card.inputs[0]
        same_bands = card.output.bands is None or len(card.output.bands) == len(first.bands or ())
        if mode == "area":
            if not same_bands:
                raise InvalidSetting(
                    f"consistency 'area': {card.id} gives other bands than its first input has"
                )
            return (0.0,)
        if card.degradation is None or not same_bands:
            self._progress.info(
                f"the card of {card.id} names no degradation: the output is not made consistent with its input"
            )
            return ()
        if self._settings.blur:
            return self._settings.blur
        if card.degradation.sigma_range is None or card.cell != card.scale:
            return (card.degradation.sigma,)
        sigmas = estimate_sigmas(job.layers, card, lambda images: self._infer([images])[0])
        listed = ", ".join(f"{sigma:g}" for sigma in sigmas)
        self._progress.info(
            f"blur measured in this raster: {listed} px (Gaussian sigma, in input pixels); the output is made "
            "consistent with the input by this blur"
        )
        return sigmas

    def _back_projection(self, sigma: float) -> BackProjection:
        # Not through self: a reference cycle would keep the sessions alive until the cyclic collector runs.
        settings, runner = self._settings, self._runner

        def build(content: bytes) -> Engine:
            device = runner.engine.device
            return Engine(
                content, device=device, threads=settings.threads, gpu_memory_mb=settings.gpu_memory_mb
            )

        known = self._card.degradation
        return BackProjection(
            scale=self._card.scale,
            sigma=sigma,
            steps=known.steps if sigma and known is not None else STEPS_AREA,
            cells=self._card.cell // self._card.scale,
            build=build,
            progress=self._progress,
        )


def _to_network(image: np.ndarray, scaling: Scaling, dtype: str) -> np.ndarray:
    if scaling != Scaling():
        image = image * _per_band(scaling.gain) + _per_band(scaling.offset)
    if dtype == "uint8":
        image = np.clip(np.rint(image), 0, 255)
    return image.astype(dtype, copy=False)


def _per_band(values: Sequence[float]) -> np.ndarray:
    return np.asarray(values, np.float32)[:, np.newaxis, np.newaxis]
