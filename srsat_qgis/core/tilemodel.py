"""Applies a card's model, and the back-projection that keeps it true to its input, to padded tiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from srsat_qgis.core.backproject import BackProjection
from srsat_qgis.core.cards import ModelCard, Scaling
from srsat_qgis.core.engine import Engine
from srsat_qgis.core.errors import CardMismatch, InvalidSetting
from srsat_qgis.core.job import Settings
from srsat_qgis.core.ladder import Sample, TileRunner
from srsat_qgis.core.tilesource import TileInput
from srsat_qgis.core.types import Progress

# Samples per call: on a CPU one already fills all cores, a GPU wants more work per call.
_BATCH = {"cpu": 1, "cuda": 16}


class TileModel:
    """A model on a device, ready for tiles.

    Parameters
    ----------
    card : ModelCard
    settings : Settings
    progress : Progress

    Attributes
    ----------
    halo : int
        Cells around a core that the model and the back-projection need.
    device, reason : str
        Where it runs, and why.
    """

    def __init__(self, card: ModelCard, settings: Settings, progress: Progress) -> None:
        self._card = card
        self._engines = lambda device: Engine(
            card.path, device=device, threads=settings.threads, gpu_memory_mb=settings.gpu_memory_mb
        )
        self._runner = TileRunner(
            self._engines,
            device=settings.device,
            ratios={spec.name: spec.ratio for spec in card.inputs},
            halo=card.tile.halo,
            multiple=card.tile.multiple,
            batch=settings.batch or 1,
            splittable=card.tile.blend == "crop" and card.tile.fixed is None and card.tile.align == 1,
            fixed_batch=card.tile.fixed_batch,
            progress=progress,
        )
        engine = self._runner.engine
        self.device, self.reason = engine.device, engine.reason
        if not settings.batch and not card.tile.fixed_batch:
            self._runner.batch = _BATCH[engine.device]
        if engine.cpu_nodes:
            progress.warn(
                f"on CUDA, these operators of {card.id} run on the CPU: {', '.join(engine.cpu_nodes)}"
            )
        self._projection = self._back_projection(settings, progress)
        self.halo = card.tile.halo + (self._projection.halo_cells if self._projection else 0)

    @property
    def final_device(self) -> str:
        """Where the last tile ran: CUDA may have given up for want of memory."""
        return self._runner.engine.device

    @property
    def tiles_per_group(self) -> int:
        """Tiles that together fill a batch."""
        return max(1, self._runner.batch // 16) if self._card.bandwise else max(1, self._runner.batch)

    def apply(self, tiles: Sequence[TileInput]) -> list[np.ndarray]:
        """Return the super-resolved padded windows, (bands, rows, cols) float32, of tiles that hold valid pixels.

        Raises
        ------
        CardMismatch
            If the output's shape is not what the card says, or not finite.
        """
        samples = [sample for tile in tiles for sample in self._samples(tile)]
        outputs = self._runner.run(samples)
        per_tile = len(outputs) // len(tiles)
        results = []
        for position, tile in enumerate(tiles):
            part = outputs[position * per_tile : (position + 1) * per_tile]
            image = np.concatenate(part) if len(part) > 1 else part[0]
            image = self._to_digital_numbers(image)
            self._check(tile, image)
            if self._projection is not None:
                image = self._projection.apply(tile.images[self._card.inputs[0].name], image)
            results.append(image)
        return results

    def _samples(self, tile: TileInput) -> list[Sample]:
        if self._card.bandwise:
            spec = self._card.inputs[0]
            image = tile.images[spec.name]
            return [
                {spec.name: _to_network(image[band : band + 1], spec.scaling, spec.dtype)}
                for band in range(len(image))
            ]
        return [
            {
                spec.name: _to_network(tile.images[spec.name], spec.scaling, spec.dtype)
                for spec in self._card.inputs
            }
        ]

    def _to_digital_numbers(self, image: np.ndarray) -> np.ndarray:
        scaling = self._card.output.scaling
        image = image.astype(np.float32, copy=False)
        if scaling == Scaling():
            return image
        return image * _per_band(scaling.gain) + _per_band(scaling.offset)

    def _check(self, tile: TileInput, image: np.ndarray) -> None:
        first = self._card.inputs[0]
        rows, cols = (side * first.ratio for side in tile.images[first.name].shape[1:])
        if image.shape[1:] != (rows, cols):
            raise CardMismatch(
                f"{self._card.id}: expected tiles of {rows} x {cols} from the model, got {image.shape[1:]}"
            )
        if not np.isfinite(image.sum(dtype=np.float64)):
            raise CardMismatch(f"{self._card.id}: the model gave values that are not finite for finite input")

    def _back_projection(self, settings: Settings, progress: Progress) -> BackProjection | None:
        mode, card = settings.consistency, self._card
        same_bands = card.output.bands is None or (
            not card.bandwise and len(card.output.bands) == len(card.inputs[0].bands)
        )
        if mode == "off" or card.scale == 1:
            return None
        if mode == "area" and not same_bands:
            raise InvalidSetting(f"consistency 'area': {card.id} gives other bands than its first input has")
        if mode == "model" and (card.degradation is None or not same_bands):
            progress.info(f"the card of {card.id} names no degradation: the output is not tied to its input")
            return None
        sigma = card.degradation.sigma if mode == "model" else 0.0
        return BackProjection(
            scale=card.scale,
            sigma=sigma,
            cells=card.cell // card.scale,
            build=lambda content: Engine(
                content,
                device=self._runner.engine.device,
                threads=settings.threads,
                gpu_memory_mb=settings.gpu_memory_mb,
            ),
            progress=progress,
        )


def _to_network(image: np.ndarray, scaling: Scaling, dtype: str) -> np.ndarray:
    if scaling != Scaling():
        image = image * _per_band(scaling.gain) + _per_band(scaling.offset)
    if dtype == "uint8":
        image = np.clip(np.rint(image), 0, 255)
    return image.astype(dtype, copy=False)


def _per_band(values: Sequence[float]) -> np.ndarray:
    return np.asarray(values, np.float32)[:, np.newaxis, np.newaxis]
