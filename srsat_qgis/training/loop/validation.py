"""Measures a network on the held-out patches of a store, in digital numbers, by group, beside bicubic upsampling."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Callable, NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from srsat_qgis.core.metrics.pointwise import spectral_angles
from srsat_qgis.core.metrics.structure import SIZE, ssim_map
from srsat_qgis.core.models.card import DoubtSpec
from srsat_qgis.core.superres.calibration import Calibration
from srsat_qgis.core.superres.disagreement import Images, eight_passes
from srsat_qgis.training.data.batches import Draw, make_inputs
from srsat_qgis.training.data.degrade import Degrader, degraded
from srsat_qgis.training.data.layout import View
from srsat_qgis.training.data.scaling import ScaledSample, Scaler, upsampled
from srsat_qgis.training.networks.interface import Network
from srsat_qgis.training.recipe import ValidationRecipe

MEASURES = ("psnr", "ssim", "sam", "ergas", "consistency")
"""PSNR in dB, SSIM, mean spectral angle in degrees, ERGAS, mean deviation from the input as a share of its spread."""
# Target pixels at the edge of a patch that are not scored: networks and blurs lack their neighbourhood.
CROP = 8
PATCHES_PER_SOURCE = 16
MEASURED_PER_SOURCE = 4


@dataclass(frozen=True)
class Example:
    """One held-out patch; arrays are (bands, rows, cols) in digital numbers."""

    name: str
    bands: tuple[str, ...]
    coarse: np.ndarray
    bicubic: np.ndarray
    super_resolved: np.ndarray
    truth: np.ndarray


def measured(
    test: np.ndarray, truth: np.ndarray, *, data_range: float | None, ratio: int
) -> dict[str, float]:
    """Return the measures of one patch for which its truth and bands suffice.

    Parameters
    ----------
    test, truth : ndarray, shape (bands, rows, cols)
        In digital numbers.
    data_range : float or None
        Largest minus smallest value that the data take; without it there is no PSNR and no SSIM.
    ratio : int
        Pixels of the test per pixel of the coarse image, for ERGAS.
    """
    test, truth = test.astype(np.float64), truth.astype(np.float64)
    errors = ((test - truth) ** 2).mean(axis=(1, 2))
    found = {}
    if data_range:
        least = 1e-12 * data_range**2  # 120 dB: where the images are equal
        found["psnr"] = 10 * math.log10(data_range**2 / max(float(errors.mean()), least))
        if min(truth.shape[1:]) >= SIZE:
            maps = [ssim_map(one, other, data_range=data_range).mean() for one, other in zip(truth, test)]
            found["ssim"] = float(np.mean(maps))
    if len(truth) > 1:
        angles = spectral_angles(truth.reshape(len(truth), -1), test.reshape(len(test), -1))
        if np.isfinite(angles).any():
            found["sam"] = float(np.nanmean(angles))
    means = truth.mean(axis=(1, 2))
    if (means > 0).all():
        found["ergas"] = 100 / ratio * math.sqrt(float((errors / means**2).mean()))
    return found


def consistency(
    image: torch.Tensor, coarse: torch.Tensor, degrade: Callable[[torch.Tensor], torch.Tensor]
) -> float:
    """Return the mean absolute difference between a degraded image and its input, as a share of the input's spread.

    Parameters
    ----------
    image, coarse : Tensor, shape (C, H, W)
        In the same values.
    degrade : callable
        Degrades ``(1, C, H, W)`` as the input was.
    """
    spread = float(coarse.std(dim=(1, 2)).mean())
    return float((degrade(image[None])[0] - coarse).abs().mean()) / max(spread, 1e-12)


def averaged(rows: Iterable[tuple[str, Mapping[str, float]]]) -> dict[str, float]:
    """Return the mean over groups of the means over patches, for every measure that any patch has."""
    table: dict[str, dict[str, list[float]]] = {}
    for group, values in rows:
        for name, value in values.items():
            table.setdefault(name, {}).setdefault(group, []).append(value)
    return {
        name: float(np.mean([np.mean(values) for values in groups.values()]))
        for name, groups in table.items()
    }


class Trial(NamedTuple):
    """One way to degrade the held-out patches."""

    sigma: float | None
    """Standard deviation of the blur in coarse pixels; None: what the recipe or the store says."""
    noise: float
    """Standard deviation of the noise as a share of a patch's own."""


@dataclass(frozen=True)
class ValidationScores:
    """Gains in dB."""

    mean: float
    """Mean over groups and trials."""
    lowest: float
    """Smallest gain of any patch."""
    by_group: dict[str, tuple[float, ...]]
    """One mean per trial."""
    trials: tuple[Trial, ...]
    measures: Mapping[str, float] = field(default_factory=dict)
    """Of the super-resolved patches, by the names in ``MEASURES``."""
    bicubic: Mapping[str, float] = field(default_factory=dict)
    """The same of the bicubic ones."""
    by_patch: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Gain of every patch, mean over the trials, by group; in the order of the patches, which never changes."""

    def rows(self) -> list[dict[str, Any]]:
        """Return the gains as a model card lists them: one row a group and trial."""
        return [
            {
                "dataset": f"validation: {group}",
                "measure": "PSNR gain over bicubic, dB",
                **({} if trial.sigma is None else {"sigma": trial.sigma}),
                **({"noise": trial.noise} if trial.noise else {}),
                "value": round(gain, 2),
            }
            for group, gains in self.by_group.items()
            for trial, gain in zip(self.trials, gains)
        ]


NOISE_ERRORS = 2.0
"""A difference of fewer standard errors than this may be chance."""


@dataclass(frozen=True)
class Difference:
    """By how much a model is better than the one that it was trained from, on the same held-out patches."""

    gain_db: float
    """Mean over groups of the mean difference of a patch's gains."""
    error_db: float | None
    """Standard error of it, from the spread of the differences within groups; None of too few patches."""
    patches: int

    @property
    def within_noise(self) -> bool:
        """True where the difference may be chance."""
        return self.error_db is None or abs(self.gain_db) < NOISE_ERRORS * self.error_db

    def describe(self) -> str:
        """Return the difference, how sure it is, and which of the two models to use."""
        noise = (
            f"too few patches to tell it from noise: {self.patches}"
            if self.error_db is None
            else f"standard error {self.error_db:.2g} dB over {self.patches} patches"
        )
        if self.within_noise:
            end = "within the noise: keep the old one"
        else:
            end = "use the new one" if self.gain_db > 0 else "keep the old one"
        return f"{self.gain_db:+.2f} dB on held-out ground ({noise}), {end}"


def difference(
    before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]]
) -> Difference | None:
    """Return how the gains of the same patches differ; None where the patches are others, or none.

    Parameters
    ----------
    before, after : mapping of str to sequence of float
        ``ValidationScores.by_patch``.
    """
    if not after or {key: len(row) for key, row in before.items()} != {
        key: len(row) for key, row in after.items()
    }:
        return None
    apart = [np.subtract(after[group], before[group]) for group in sorted(after)]
    count, groups = sum(map(len, apart)), len(apart)
    error = None
    if count > groups:
        # One variance for all groups: a group of a single patch tells nothing of its own.
        within = sum(float(((row - row.mean()) ** 2).sum()) for row in apart) / (count - groups)
        error = math.sqrt(within * sum(1 / len(row) for row in apart)) / groups
    return Difference(float(np.mean([row.mean() for row in apart])), error, count)


@dataclass(frozen=True)
class _Case:
    """The patches of one source in one trial."""

    view: View
    trial: int
    sample: ScaledSample
    conditions: tuple[torch.Tensor, ...]
    """What the network is told."""
    bicubic: torch.Tensor
    errors: torch.Tensor
    """Squared errors of bicubic upsampling, ``(N,)``."""
    degrade: Callable[[torch.Tensor], torch.Tensor] | None
    """Degrades the target as the lead input was made from it; None where it was not."""

    def back(self, image: torch.Tensor, number: int) -> np.ndarray:
        """Return one patch ``(C, H, W)`` of the network's values in digital numbers."""
        gain, offset = (
            values[number if len(values) > 1 else 0] for values in (self.sample.gain, self.sample.offset)
        )
        return (image * gain + offset).numpy()

    def few(self, count: int) -> list[int]:
        """Return the numbers of some patches, evenly spread."""
        return np.unique(np.linspace(0, len(self.errors) - 1, count).astype(int)).tolist()


def _inner(image: torch.Tensor) -> torch.Tensor:
    return image[..., CROP:-CROP, CROP:-CROP]


def _errors(image: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    return ((_inner(image) - _inner(truth)) ** 2).mean(dim=(1, 2, 3))


def run_padded(
    network: nn.Module,
    inputs: Sequence[torch.Tensor],
    ratios: Sequence[int],
    radius: int,
    multiple: int = 1,
    conditions: Sequence[torch.Tensor] = (),
) -> torch.Tensor:
    """Run a network on whole images with mirrored borders.

    Parameters
    ----------
    network : Module
    inputs : sequence of Tensor
        ``(N, C, H, W)`` each, of the same ground.
    ratios : sequence of int
        Output pixels per pixel of each input.
    radius : int
        Cells to mirror, the network's receptive radius; fewer where the images are smaller.
    multiple : int
        Width and height of what the network gets are multiples of this many cells.
    conditions : sequence of Tensor, optional
        What the network is told of its first input, ``(N, C)`` each.
    """
    cell = max(ratios)
    cells = [length * ratios[0] // cell for length in inputs[0].shape[-2:]]
    most = min(cells) - 1  # a mirror shows no more than the image
    before = min(-(-radius // multiple), most // multiple) * multiple
    after = [before + (-length) % multiple for length in cells]
    mode = "reflect" if max(after) <= most else "replicate"
    padded = [
        functional.pad(image, [side * cell // ratio for side in (before, after[1], before, after[0])], mode)
        for image, ratio in zip(inputs, ratios)
    ]
    edge = before * cell
    rows, cols = (length * cell for length in cells)
    return network(*padded, *conditions)[..., edge : edge + rows, edge : edge + cols]


def _fixed(degrade: Degrader, trial: Trial) -> Degrader:
    """Return the degradation with nothing random but the noise's pixels: one blur, one noise, always rounded."""
    width = degrade.sigma if trial.sigma is None else (trial.sigma, trial.sigma)
    return replace(
        degrade,
        sigma=width,
        anisotropy=0.0,
        noise_share=1.0 if trial.noise else 0.0,
        noise=trial.noise,
        noise_low=trial.noise or None,
        rounding_share=1.0,
        jpeg_share=0.0,
        second_order_share=0.0,
        signal_share=0.0,
        warp_share=0.0,
        coarse_steps_share=0.0,
        blur_error=0.0,
        noise_error=0.0,
        level_error=0.0,
    )


class Validation:
    """Degraded held-out patches and their bicubic errors, made once."""

    def __init__(
        self,
        views: Sequence[View],
        scaler: Scaler,
        degraders: Sequence[Degrader | None],
        recipe: ValidationRecipe,
        value_range: tuple[float, float] | None = None,
        conditions: Sequence[str] = (),
    ) -> None:
        """Degrade the patches by each blur and noise of a recipe; inputs of known MTF have a blur of their own.

        The network is told the ``conditions``, names of `Network.conditions`, as they are.

        PSNR and SSIM are measured against the ``value_range`` if it is given, else against the range that the type of
        the patches has by convention.
        """
        self._data_range = None if value_range is None else value_range[1] - value_range[0]
        self._scaler, self._layout, self._conditions = scaler, scaler.layout, conditions
        known = all(degrade is None or degrade.mtf is not None for degrade in degraders)
        sigmas: tuple[float | None, ...] = (None,) if known else recipe.sigmas
        untouched = all(degrade is None for degrade in degraders)
        self.trials = tuple(
            Trial(sigma, noise) for noise in ((0.0,) if untouched else recipe.noises) for sigma in sigmas
        )
        self._degraders = [
            [None if degrade is None else _fixed(degrade, trial) for degrade in degraders]
            for trial in self.trials
        ]
        self._cases = [case for view in views for case in self._view_cases(view)]
        # Measures and pictures are of the middle blur and the first noise.
        self._shown = len(sigmas) // 2
        self._middle = [case for case in self._cases if case.trial == self._shown]
        self._bicubic = averaged(row for case in self._middle for row in self._measured(case, case.bicubic))

    @torch.no_grad()
    def _view_cases(self, view: View) -> Iterable[_Case]:
        layout, cell = self._layout, self._layout.cell
        side = view.size // cell * cell
        if side < 2 * CROP + cell or not len(view.index):
            return
        numbers = np.unique(np.linspace(0, len(view.index) - 1, PATCHES_PER_SOURCE).astype(int))
        layers = {}
        for layer in view.layers:
            pixels = side * view.unit // layer.ratio
            stack = [view.sample(n, layer)[:, :pixels, :pixels] for n in numbers]
            layers[layer.name] = torch.from_numpy(np.stack(stack).astype(np.float32))
        quanta = {layer.name: torch.full((len(numbers),), layer.quantum) for layer in view.layers}
        for trial, degraders in enumerate(self._degraders):
            generator = torch.Generator().manual_seed(0)
            inputs, coarse = make_inputs(layout, Draw(layers, quanta), degraders, generator)
            sample = self._scaler(layers[layout.target], inputs, quanta[layout.target])
            lead = layout.inputs[self._scaler.lead]
            bicubic = upsampled(sample.inputs[self._scaler.lead], lead.ratio)
            degrade = degraders[self._scaler.lead] if lead.layer == layout.target else None
            again = None if degrade is None else _unrounded(degrade)
            told = sample.told(self._conditions, coarse)
            yield _Case(view, trial, sample, told, bicubic, _errors(bicubic, sample.truth), again)

    def __len__(self) -> int:
        """Return the number of patches, each trial counted."""
        return sum(len(case.sample.truth) for case in self._cases)

    @torch.no_grad()
    def score(self, network: Network, device: torch.device) -> ValidationScores:
        """Return what a network, on the device, does to the patches; it works on the values that it trains on."""
        network = network.fused().to(memory_format=torch.channels_last)
        gains: dict[tuple[str, int], list[torch.Tensor]] = {}
        rows: list[tuple[str, dict[str, float]]] = []
        for case in self._cases:
            image = self._run(network, case, device)
            tiny = 1e-12 + case.sample.rounding * 1e-3
            gain = 10 * torch.log10((case.errors + tiny) / (_errors(image, case.sample.truth) + tiny))
            gains.setdefault((case.view.group, case.trial), []).append(gain)
            if case.trial == self._shown:
                rows += self._measured(case, image)
        merged = {key: torch.cat(parts) for key, parts in gains.items()}
        table = {
            group: tuple(float(merged[group, trial].mean()) for trial in range(len(self.trials)))
            for group in sorted({group for group, _ in merged})
        }
        lowest = min((float(values.min()) for values in merged.values()), default=float("nan"))
        mean = float(np.mean([np.mean(row) for row in table.values()])) if table else float("nan")
        patches = {
            group: tuple(
                torch.stack([merged[group, trial] for trial in range(len(self.trials))]).mean(dim=0).tolist()
            )
            for group in table
        }
        return ValidationScores(mean, lowest, table, self.trials, averaged(rows), self._bicubic, patches)

    @torch.no_grad()
    def doubt(
        self, network: Network, device: torch.device, patches: int = MEASURED_PER_SOURCE
    ) -> DoubtSpec | None:
        """Return what the disagreement of eight passes tells of the error, on so many patches of each source at most.

        The network computes on its own: what back-projection adds in a run is not measured. None where there are too
        few patches, or the passes agree.
        """
        network = network.fused().to(memory_format=torch.channels_last)
        found = Calibration()
        for case in self._cases:
            few = case.few(patches)
            names = [item.name for item in self._layout.inputs]
            images = {name: image[few].numpy() for name, image in zip(names, case.sample.inputs)}
            told = [values[few] for values in case.conditions]

            def run(given: Images, told: Sequence[torch.Tensor] = told) -> np.ndarray:
                inputs = [torch.from_numpy(image) for image in given.values()]
                answer: np.ndarray = self._answer(network, inputs, told, device).numpy()
                return answer

            _, spread = eight_passes(run, images)
            error = np.abs(run(images) - case.sample.truth[few].numpy())
            edge = (slice(CROP, -CROP), slice(CROP, -CROP))
            for errors, spreads in zip(
                error.reshape(-1, *error.shape[2:]), spread.reshape(-1, *error.shape[2:])
            ):
                found.add(case.view.group, errors[edge], spreads[edge])
        return found.result()

    def _run(self, network: Network, case: _Case, device: torch.device) -> torch.Tensor:
        return self._answer(network, case.sample.inputs, case.conditions, device)

    def _answer(
        self,
        network: Network,
        images: Sequence[torch.Tensor],
        conditions: Sequence[torch.Tensor],
        device: torch.device,
    ) -> torch.Tensor:
        inputs, told = ([part.to(device) for part in parts] for parts in (images, conditions))
        image = run_padded(network, inputs, self._layout.ratios, network.radius, network.multiple, told)
        return image.float().cpu()

    def _measured(self, case: _Case, image: torch.Tensor) -> list[tuple[str, dict[str, float]]]:
        data_range = self._data_range or case.view.target.data_range
        ratio = self._layout.inputs[self._scaler.lead].ratio
        rows = []
        for number in case.few(MEASURED_PER_SOURCE):
            test, truth = (case.back(_inner(part[number]), number) for part in (image, case.sample.truth))
            values = measured(test, truth, data_range=data_range, ratio=ratio)
            if case.degrade is not None:
                coarse = case.sample.inputs[self._scaler.lead][number]
                values["consistency"] = consistency(image[number], coarse, case.degrade)
            rows.append((case.view.group, values))
        return rows

    @torch.no_grad()
    def examples(self, network: Network, device: torch.device, count: int) -> list[Example]:
        """Return one patch of each source, at most so many, under the middle blur."""
        network = network.fused().to(memory_format=torch.channels_last)
        examples = []
        for place in np.unique(np.linspace(0, len(self._middle) - 1, count).astype(int)):
            case = self._middle[place]
            number = len(case.errors) // 2
            image = self._run(network, case, device)
            pictures = [
                case.back(part[number], number)
                for part in (case.sample.inputs[self._scaler.lead], case.bicubic, image, case.sample.truth)
            ]
            bands = tuple(band.name for band in case.view.target.bands)
            examples.append(Example(case.view.name, bands[: len(pictures[-1])], *pictures))
        return examples


def _unrounded(degrade: Degrader) -> Callable[[torch.Tensor], torch.Tensor]:
    degrade = replace(degrade, rounding_share=0.0, noise_share=0.0)

    def again(image: torch.Tensor) -> torch.Tensor:
        return degraded(degrade, image, torch.zeros(1), torch.Generator().manual_seed(0)).image

    return again
