"""Applies a card's model to padded tiles, and the back-projection that makes the result consistent with its input."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np

from srsat_qgis.core.degradation.blur import STEP, estimate_sigmas
from srsat_qgis.core.degradation.raster_state import BandState, measure_layer, relative_blur
from srsat_qgis.core.engine.fallback import Sample, TileRunner
from srsat_qgis.core.engine.int8 import int8_facts
from srsat_qgis.core.engine.session import Engine, share_processors, usable_processors
from srsat_qgis.core.errors import (
    CardMismatch,
    DeviceUnavailable,
    InvalidSetting,
    ModelNotFound,
    SrsatError,
    UnsupportedModel,
    UnsupportedRaster,
)
from srsat_qgis.core.models.card import BLUR, INT8, LEAST_NOISE, LEVELS, NOISE, REACH, Scaling
from srsat_qgis.core.raster.layer import layer_levels
from srsat_qgis.core.raster.resample import HALO as BICUBIC_HALO
from srsat_qgis.core.raster.resample import bicubic_upsample
from srsat_qgis.core.stages import in_lanes
from srsat_qgis.core.superres.backproject import STEPS_AREA, BackProjection
from srsat_qgis.core.superres.disagreement import eight_passes
from srsat_qgis.core.superres.job import Job, RasterFacts, listed, same_bands
from srsat_qgis.core.tiling import TilePlan, align_up
from srsat_qgis.core.types import Progress

# Samples per call: on a CPU several calls run at the same time instead, a GPU wants more work per call.
DEFAULT_BATCH = {"cpu": 1, "cuda": 16}

# Products of two such values still fit a float32.
_LARGEST_VALUE = 1e18
_OF_INTEGERS = "models of 8-bit integers run on the CPU"
# Side of the tile that tries a device out, in cells.
_TRIAL_SIDE = 64
# Side, in output pixels, of the tile that is timed, and the largest share of the run that timing it may cost.
_TIMED_PX, _TIMED_SHARE = 256, 0.15


class TileModel:
    """A model on a device, ready for tiles.

    Parameters
    ----------
    job : Job
    progress : Progress

    Attributes
    ----------
    facts : RasterFacts
        Blur and noise that the model and the back-projection work by: the job's, or else measured now.
    halo : int
        Cells around a core that the model and the back-projection need.
    device, reason : str
        Where it runs, and why.
    """

    def __init__(self, job: Job, progress: Progress) -> None:
        card, settings = job.card, job.settings
        self._card, self._settings, self._progress = card, settings, progress
        self._lanes = share_processors(settings.threads or usable_processors(), job.tiles_in_memory)
        path = card.path
        if path is None:
            raise ModelNotFound(f"the card of {card.id} belongs to no ONNX file")
        if card.precision == INT8:
            _check_integers(settings.device)
        self._runner = TileRunner(
            lambda device, lanes: Engine(
                path,
                device=device,
                threads=settings.threads,
                lanes=lanes,
                gpu_memory_mb=settings.gpu_memory_mb,
            ),
            # No graphics card has kernels for all of it.
            device="cpu" if card.precision == INT8 else settings.device,
            lanes=self._lanes,
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
        if card.precision == INT8 and settings.device != "cpu":
            self.reason = _OF_INTEGERS
        if not settings.batch and not card.tile.fixed_batch:
            self._runner.batch = DEFAULT_BATCH[engine.device]
        if engine.cpu_nodes:
            progress.warn(
                f"on CUDA, these operators of {card.id} run on the CPU: {', '.join(engine.cpu_nodes)}"
            )
        self._source = job.layers[0].path
        self._bands = [len(layer.numbers) for layer in job.layers]
        self._samples_per_tile = job.output.value_bands if card.bandwise else 1
        self.facts = job.facts if job.facts is not None else self._measured(job)
        self._projection = self._back_projection(job.output.value_bands) if self.facts.sigmas else None
        reach = card.tile.halo if settings.strength == 1 else max(card.tile.halo, BICUBIC_HALO)
        self.halo = reach + (self._projection.halo_cells if self._projection is not None else 0)

    @property
    def final_device(self) -> str:
        """Where the last tile ran: CUDA may have given up for want of memory."""
        return self._runner.engine.device

    @property
    def lanes(self) -> int:
        """Groups of tiles that are best computed at the same time."""
        return self._runner.lanes

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
        first, strength = self._card.inputs[0].name, self._settings.strength
        if strength == 0:
            # Of which the network has no share.
            results = [bicubic_upsample(images[first], scale=self._card.scale) for images in tiles]
        else:
            results = self._infer(tiles)
        if 0 < strength < 1:
            results = [self._weakened(images[first], image) for images, image in zip(tiles, results)]
        if self._projection is not None:
            # Whoever asks for the means gets the means, noise and all.
            explains = self.facts.noise if self._settings.consistency == "model" else ()
            for images, image in zip(tiles, results):
                self._projection.apply(images[first], image, np.broadcast_to(explains or 0.0, len(image)))
        return results

    def trial_s(self, plan: TilePlan, *, passes: int = 1) -> float | None:
        """Return about how many seconds a tile of the plan takes, by a small one; None if that costs much.

        Parameters
        ----------
        plan : TilePlan
        passes : int
            How often the network sees each tile.
        """
        tile, card = self._card.tile, self._card
        side = align_up(_TIMED_PX // card.cell, tile.align * tile.multiple)
        rows, cols = plan.shape_padded if tile.fixed else (min(side, size) for size in plan.shape_padded)
        share = rows * cols / (plan.shape_padded[0] * plan.shape_padded[1])
        if 2 * share * self.tiles_per_group > _TIMED_SHARE * len(plan) / self.lanes * passes:
            return None
        low, high = card.value_range or (0.0, 255.0)
        draws = np.random.default_rng(0)
        images = {}
        for spec, bands in zip(card.inputs, self._bands):
            shape = (bands, rows * card.cell // spec.ratio, cols * card.cell // spec.ratio)
            images[spec.name] = draws.uniform(low, high, shape).astype(np.float32)
        groups = [[images] * self.tiles_per_group] * self.lanes
        try:
            # The first call chooses algorithms and allocates.
            self.apply(groups[0])
            started = time.perf_counter()
            list(in_lanes(self.apply, groups, self.lanes))
        except SrsatError:
            # What is wrong shows with the raster's own tiles, whose message says more.
            return None
        return passes * (time.perf_counter() - started) / sum(map(len, groups)) / share

    def disagreement(self, images: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and disagreement of eight passes over a tile: of the network alone, as strong as the output's.

        Padded windows start and end on multiples of the card's ``align``, and so do they when they are turned.

        Returns
        -------
        mean, disagreement : ndarray of float32, shape (bands, rows, cols)
            Of the padded window, in digital numbers.

        Raises
        ------
        CardMismatch
            As ``apply``.
        """
        mean, spread = eight_passes(lambda turned: self._infer([turned])[0], images)
        # A bicubic enlargement turns with its input: only the detail beyond it differs.
        return mean, spread * np.float32(self._settings.strength)

    def _weakened(self, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """Return output bands with a share of the detail that they have beyond a bicubic enlargement."""
        base = bicubic_upsample(low, scale=self._card.scale)
        return (base + self._settings.strength * (high - base)).astype(np.float32)

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
        told = {spec.measure: (max(spec.default, LEAST_NOISE),) for spec in self._card.conditions}
        try:
            self._runner.run(self._samples(images, told))
        except UnsupportedModel as error:
            failure = f"CUDA starts but cannot run {self._card.id} ({error})"
            if self._settings.device == "cuda":
                raise DeviceUnavailable(failure) from error
            self._runner.restart("cpu")
            return f"CUDA is not used: {failure}"
        return ""

    def _infer(self, tiles: Sequence[Mapping[str, np.ndarray]]) -> list[np.ndarray]:
        """Return the model's own output in digital numbers for each tile's inputs."""
        samples = [sample for images in tiles for sample in self._samples(images, self.facts.told)]
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

    def _samples(
        self, images: Mapping[str, np.ndarray], told: Mapping[str, tuple[float, ...]]
    ) -> list[Sample]:
        feeds = {
            spec.name: _to_network(images[spec.name], spec.scaling, spec.dtype) for spec in self._card.inputs
        }
        count = len(images[self._card.inputs[0].name])
        for spec in self._card.conditions:
            feeds[spec.name] = np.broadcast_to(np.asarray(told[spec.measure], np.float32), count)
        if not self._card.bandwise:
            return [feeds]
        return [{name: part[band : band + 1] for name, part in feeds.items()} for band in range(count)]

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

    def _measured(self, job: Job) -> RasterFacts:
        """Return the raster's facts, as given or measured, as far as model and back-projection need them."""
        card, sigmas = self._card, self._fixed_sigmas()
        guided = sigmas is None and len(card.inputs) > 1
        known = self._levels(job)
        wanted = {spec.measure for spec in card.conditions} - set(known)
        states: Sequence[BandState] = ()
        if wanted or (sigmas is None and not guided):
            states = measure_layer(job.layers[0])
        if REACH in wanted:
            known = {**known, REACH: self._reach(states)}
        if wanted <= {REACH} and guided:
            # Of a model that is guided by other bands, its own result tells the blur best.
            self.facts = RasterFacts((), known)
            sigmas = estimate_sigmas(job.layers, card, lambda images: self._infer([images])[0], self.lanes)
            self._tell_sigmas(sigmas)
        if wanted <= {REACH} and sigmas is not None:
            return RasterFacts(sigmas, known)
        blur = self._blur(len(job.layers[0].numbers), states)
        noise, told = self._noise(states)
        self._tell(job, states, blur, noise, told)
        if sigmas is None:
            # Few values: each takes a graph of its own.
            sigmas = tuple(round(round(value / STEP) * STEP, 4) for value in blur)
        values = {BLUR: blur, NOISE: told, **known}
        return RasterFacts(sigmas, {spec.measure: values[spec.measure] for spec in card.conditions}, noise)

    def _levels(self, job: Job) -> dict[str, tuple[float, ...]]:
        """Return mean and spread of each band's valid pixels over the whole raster, where the model is told them."""
        wanted = [measure for measure in LEVELS if self._card.condition(measure) is not None]
        if not wanted:
            return {}
        measured = dict(zip(LEVELS, layer_levels(job.layers[0])))
        for measure in wanted:
            self._progress.info(f"{measure} of the whole raster: {listed(measured[measure])}")
        return {measure: measured[measure] for measure in wanted}

    def _fixed_sigmas(self) -> tuple[float, ...] | None:
        """Return the blur for the back-projection, one or one a band; none: the output stays as the model gives it.

        Returns
        -------
        tuple of float or None
            None: as measured.
        """
        card, mode = self._card, self._settings.consistency
        if mode == "off" or card.scale == 1:
            return ()
        if mode == "area":
            if not same_bands(card):
                raise InvalidSetting(
                    f"consistency 'area': {card.id} gives other bands than its first input has"
                )
            return (0.0,)
        if card.degradation is None or not same_bands(card):
            self._progress.info(
                f"the card of {card.id} names no degradation: the output is not made consistent with its input"
            )
            return ()
        if self._settings.blur:
            return self._settings.blur
        if card.degradation.sigma_range is None or card.cell != card.scale:
            return (card.degradation.sigma,)
        return None

    def _blur(self, bands: int, states: Sequence[BandState]) -> tuple[float, ...]:
        """Return the blur of each band by which a model of this scale has to sharpen it, in input pixels."""
        card, given = self._card, self._settings.blur
        spec, known = card.condition(BLUR), card.degradation
        if given:
            each = given if len(given) > 1 else given * bands
            return tuple(spec.within(value) for value in each) if spec else each
        found = [
            None if state.blur is None else relative_blur(state.blur.value, card.scale) for state in states
        ]
        told = [value for value in found if value is not None]
        # A band that does not tell is taken for one like the others.
        usual = float(np.median(told)) if told else spec.default if spec else known.sigma if known else 0.5
        low, high = (spec.range if spec else known.sigma_range if known else None) or (0.0, 2.0)
        return tuple(round(min(max(usual if one is None else one, low), high), 2) for one in found)

    def _noise(self, states: Sequence[BandState]) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Return the standard deviation of the noise of each band in digital numbers: as measured, and as told."""
        given, spec = self._settings.noise, self._card.condition(NOISE)
        if spec is None:
            return (), ()
        found, told = [], []
        for band, state in enumerate(states):
            # Of a constant band, any noise will do.
            contrast = state.contrast or 1.0
            share = spec.default if state.noise is None else state.noise.value / contrast
            wanted = spec.cautious(share)
            if given:
                share = wanted = given[band % len(given)] / contrast
            found.append(float(f"{share * contrast:.3g}"))
            told.append(float(f"{max(spec.within(wanted), LEAST_NOISE) * contrast:.3g}"))
        return tuple(found), tuple(told)

    def _reach(self, states: Sequence[BandState]) -> tuple[float, ...]:
        """Return the largest difference of neighbouring pixels of each band, in digital numbers; the log says it."""
        spec = self._card.condition(REACH)
        usual = 1.0 if spec is None else spec.default
        # A band without any difference may be told any.
        found = [state.reach or usual * state.contrast or 1.0 for state in states]
        reach = tuple(float(f"{value:.3g}") for value in found)
        self._progress.info(
            f"reach measured in this raster: {listed(reach)} (largest difference of neighbouring pixels, by which the "
            "8-bit integers are scaled)"
        )
        return reach

    def _tell(
        self,
        job: Job,
        states: Sequence[BandState],
        blur: tuple[float, ...],
        noise: tuple[float, ...],
        told: tuple[float, ...],
    ) -> None:
        """Log blur and noise in plain words."""
        settings = self._settings
        blurred = "as given" if settings.blur else "measured in this raster"
        self._progress.info(
            f"blur {blurred}: {listed(blur)} input pixels (Gaussian sigma by which {self._card.id} sharpens)"
        )
        if noise:
            how = "as given" if settings.noise else "measured in this raster"
            self._progress.info(
                f"noise {how}: {listed(noise)} (standard deviation, in the raster's unit); told as {listed(told)}"
            )
        numbers = job.layers[0].numbers
        for measure, given in ((BLUR, settings.blur), (NOISE, settings.noise)):
            lost = [n for n, state in zip(numbers, states) if getattr(state, measure) is None]
            if lost and not given and (measure == BLUR or noise):
                bands = ", ".join(map(str, lost))
                self._progress.info(
                    f"the {measure} of band {bands} could not be determined: taken from the other bands or the card; "
                    f"give {measure.upper()} if you know it"
                )

    def _tell_sigmas(self, sigmas: tuple[float, ...]) -> None:
        self._progress.info(
            f"blur measured in this raster: {listed(sigmas)} px (Gaussian sigma, in input pixels); the output is made "
            "consistent with the input by this blur"
        )

    def _back_projection(self, bands: int) -> BackProjection:
        # Not through self: a reference cycle would keep the sessions alive until the cyclic collector runs.
        settings, runner = self._settings, self._runner

        def build(content: bytes, lanes: int) -> Engine:
            return Engine(
                content,
                device=runner.engine.device,
                threads=settings.threads,
                lanes=lanes,
                gpu_memory_mb=settings.gpu_memory_mb,
            )

        known, sigmas = self._card.degradation, self.facts.sigmas
        return BackProjection(
            scale=self._card.scale,
            sigmas=[sigmas[band % len(sigmas)] for band in range(bands)],
            steps=lambda sigma: known.steps if sigma and known is not None else STEPS_AREA,
            cells=self._card.cell // self._card.scale,
            build=build,
            lanes=self._lanes,
            progress=self._progress,
        )


def _check_integers(device: str) -> None:
    """Refuse an 8-bit model on a graphics card, and on a processor that does not compute it exactly."""
    if device == "cuda":
        raise DeviceUnavailable(f"the device cuda was asked for, and {_OF_INTEGERS}; expected auto or cpu")
    facts = int8_facts()
    if not facts.exact:
        raise DeviceUnavailable(
            f"the model is one of 8-bit integers, and {facts.reason()}; expected one in float32"
        )


def _to_network(image: np.ndarray, scaling: Scaling, dtype: str) -> np.ndarray:
    if scaling != Scaling():
        image = image * _per_band(scaling.gain) + _per_band(scaling.offset)
    if dtype == "uint8":
        image = np.clip(np.rint(image), 0, 255)
    return image.astype(dtype, copy=False)


def _per_band(values: Sequence[float]) -> np.ndarray:
    return np.asarray(values, np.float32)[:, np.newaxis, np.newaxis]
