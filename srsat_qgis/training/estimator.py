"""Train the estimator of blur and noise: ``python -m srsat_qgis.training.estimator STORE OUT --rasters N``.

Each sample is a small raster whose blur and noise are known: patches of a store degraded by a factor of 2 to 4, then
given what users' rasters have been through (noise, rounding, JPEG, a bicubic warp), or a synthetic scene of shapes,
fractal ground and flat areas. The perceptron of ``core.degradation.spectra`` learns mean and spread of both from their
features, by the Gaussian negative log likelihood.

Labels. The blur of a degraded patch is that of the degradation and of the patch itself, in quadrature: the patch's own
blur, in its own pixels, divided by the factor. Noise is the root mean square of what was added to the blurred scene,
rounding and compression included.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch

from srsat_qgis.core.degradation.kernels import area_kernel
from srsat_qgis.core.degradation.spectra import (
    LIMIT,
    SIDE,
    SPREADS,
    BlockStatistics,
    block_statistics,
    features,
)
from srsat_qgis.core.errors import InvalidStore
from srsat_qgis.core.temporary import workplace
from srsat_qgis.training.data.degrade import LARGEST, blur_and_average, compressed
from srsat_qgis.training.data.store import SPLITS, LayerPatches, PatchStore

SENTINEL2_BLUR = 0.42
"""Of Sentinel-2's 10 m bands, in their pixels: the Gaussian that with the pixel's area mean has the published MTF."""
OWN_BLUR: Mapping[str, float] = {"drone": 0.8, "ireland-60m": 0.15}
"""The truths' own blur in their own pixels, by source, where it is not like Sentinel-2's. The drone's is what an
estimator that never saw it finds at factors of 2, 3 and 4 alike; Level-2A's 60 m bands are means of finer ones."""
HARDLY_SEEN = 0.08
"""Share of a raster's finest detail in quiet blocks that noise is taken for at least."""
UNSEEN = (1.3, 1.15)
"""Factors of the spreads of blur and noise: by so much more than its spread says does an estimator err on sensors that
it was not trained on."""
EXCLUDED = ("india-landsat", "india-landsat-pan")
"""Sources that were resampled, so that their own blur is not known."""
SYNTHETIC = "synthetic"

_SYNTHETIC_SHARE, _FLAT_SHARE, _NATIVE_SHARE = 0.2, 0.08, 0.05
_SOFT_SHARE, _WARPED_SHARE, _JPEG_SHARE, _LAKE_SHARE = 0.2, 0.12, 0.5, 0.15
_FACTORS, _FACTOR_SHARES = (2, 3, 4), (0.6, 0.2, 0.2)
_SIGMAS = (0.2, 1.15)
_ZERO_NOISE_SHARE = 0.2
_SIDE = 128
"""Side of a synthetic raster."""
_SCENES = 200
_PART = 250
_SIDES = (32, 128)
"""Patches are joined until a sample has as many coarse pixels as a square of a side in between ..."""
_MOST_PATCHES = 25
"""... or is made of so many patches."""


@dataclass(frozen=True)
class Samples:
    """Training samples, row by row."""

    values: np.ndarray
    """Features, (samples, features)."""
    level: np.ndarray
    """What noise is relative to."""
    variance: np.ndarray
    """Of the added blur, in pixels squared."""
    factor: np.ndarray
    noise: np.ndarray
    """What was added, in the unit of the pixels."""
    own_noise: np.ndarray
    """At most what the truth's own noise makes."""
    coded: np.ndarray
    """Whether compression took part of the noise, so that its strength is a guess."""
    kind: np.ndarray
    """0: from a truth; 1: synthetic; 2: flat, without any blur to see."""
    source: np.ndarray
    """Name of the source."""

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.values)

    def columns(self) -> list[np.ndarray]:
        """Return all arrays, in their order."""
        return [getattr(self, field.name) for field in fields(self)]

    def take(self, chosen: np.ndarray) -> Samples:
        """Return some of the samples."""
        return Samples(*(column[chosen] for column in self.columns()))

    def blur(self, own: Mapping[str, float] = OWN_BLUR) -> np.ndarray:
        """Return the true blur of each sample in its pixels."""
        squares = np.array([own.get(name, SENTINEL2_BLUR) ** 2 for name in self.source])
        # Points of a grid spread less than the area around them.
        squares = np.where(self.kind == 0, squares, -1 / 12)
        return np.sqrt(np.maximum(self.variance + squares / self.factor**2, 1e-4))

    def noise_ratio(self) -> np.ndarray:
        """Return the logarithm of the true noise over the level; what is far below the level cannot be told apart."""
        least = HARDLY_SEEN * self.level
        return np.log(np.sqrt(self.noise**2 + (0.5 * self.own_noise) ** 2 + least**2) / self.level)


class SampleMaker:
    """Draws samples from a store.

    Parameters
    ----------
    store : PatchStore
    seed : int
        The same seed gives the same samples.
    """

    def __init__(self, store: PatchStore, seed: int) -> None:
        self._seed = seed
        self._random = np.random.RandomState([seed, 0])
        self._layers: list[tuple[str, LayerPatches]] = []
        groups: list[str] = []
        for split in SPLITS:
            for source in store.split(split):
                if source.name not in EXCLUDED and len(source.layers) == 1:
                    self._layers.append((source.name, next(iter(source.layers.values()))))
                    groups.append(source.group)
        if not self._layers:
            raise InvalidStore(f"{store.folder}: holds no source of one layer to train the estimator with")
        size = np.sqrt([layer.patches.size for _, layer in self._layers])
        self._shares = size / size.sum()
        self._native = [k for k, group in enumerate(groups) if group == "sentinel2-10m"]
        self._scenes: dict[int, np.ndarray] = {}
        self._levels: dict[tuple[int, int, int], float] = {}

    def draw(self, count: int) -> Samples:
        """Return so many samples; those of fewer are their first ones."""
        parts = [self.part(number) for number in range(-(-count // _PART))]
        whole = Samples(*(np.concatenate(columns) for columns in zip(*(part.columns() for part in parts))))
        return whole.take(np.arange(count))

    def part(self, number: int) -> Samples:
        """Return one part of the samples, which is drawn in whatever process, and in whatever order, the same."""
        self._random = np.random.RandomState([self._seed, number])
        rows: list[tuple] = []
        while len(rows) < _PART:
            row = self._one()
            if row is not None:
                rows.append(row)
        return Samples(*(np.array(column) for column in zip(*rows)))

    def _one(self) -> tuple | None:
        draws = self._random
        pick = draws.uniform()
        if pick < _FLAT_SHARE:
            clean = [_flat(draws, _SIDE) for _ in range(draws.randint(1, 3))]
            return self._finished(clean, draws.uniform(*_SIGMAS) ** 2, 4, 1.0, 0.0, 2, SYNTHETIC, eight=False)
        if pick < _FLAT_SHARE + _SYNTHETIC_SHARE:
            return self._synthetic()
        if pick > 1 - _NATIVE_SHARE and self._native:
            return self._degraded(self._native[draws.randint(len(self._native))], 1)
        factor = int(draws.choice(_FACTORS, p=_FACTOR_SHARES))
        return self._degraded(int(draws.choice(len(self._layers), p=self._shares)), factor)

    def _synthetic(self) -> tuple | None:
        draws, factor = self._random, 4
        # A scene takes as long as all the rest, and each is met with another blur and noise.
        chosen = draws.randint(_SCENES)
        if chosen not in self._scenes:
            own = np.random.RandomState([self._seed, chosen, _SCENES])
            self._scenes[chosen] = _scene(own, _SIDE * factor * 3 // 4)
        scene = self._scenes[chosen]
        sigma = draws.uniform(*_SIGMAS)
        clean, variance = self._blurred(scene[np.newaxis], sigma, factor)
        return self._finished(
            list(clean), variance, factor, float(clean.std()), 0.0, 1, SYNTHETIC, eight=False
        )

    def _degraded(self, number: int, factor: int) -> tuple | None:
        draws = self._random
        name, layer = self._layers[number]
        count, bands, side, _ = layer.patches.shape
        side -= side % factor
        if side // factor < SIDE:
            return None
        wanted = draws.uniform(*_SIDES) ** 2
        needed = min(_MOST_PATCHES, math.ceil(wanted / (side // factor) ** 2))
        chosen = draws.randint(count, size=int(needed * draws.choice((1, 1, 2, 3))))
        band = draws.randint(bands)
        fine = np.stack([layer.patches[k, band, :side, :side] for k in chosen]).astype(np.float64)
        own = self._own_level(number, chosen[0], band, fine[0])
        if not own > 0:
            return None
        sigma, soft = draws.uniform(*_SIGMAS), 0.0
        if factor > 1 and draws.uniform() < _SOFT_SHARE:
            soft = draws.uniform(0.5, 3.0) / factor
        if factor == 1:
            sigma = 0.0 if draws.uniform() < 0.4 else draws.uniform(0.5, 1.0)
        # Two Gaussians after each other are one.
        clean, variance = self._blurred(fine, math.hypot(sigma, soft), factor)
        kernel = area_kernel(math.sqrt(variance), factor)
        own *= float((kernel**2).sum())
        spread = float(layer.stats[:, band, 1].mean()) if draws.uniform() < 0.5 else float(clean.std())
        low, high = layer.extremes or (0.0, math.inf)
        eight = layer.quantum >= 1 and low >= 0 and high <= LARGEST
        return self._finished(
            list(clean), variance, factor, spread, own, 0, name, eight=eight, step=layer.quantum
        )

    def _own_level(self, number: int, patch: int, band: int, plane: np.ndarray) -> float:
        """Return the level of a truth's fine detail in quiet blocks: at most so much is its noise."""
        key = (number, int(patch), band)
        if key not in self._levels:
            found = features(block_statistics(plane[:128, :128]))
            self._levels[key] = plane.std() / 10 if found is None else found.level
        return self._levels[key]

    def _blurred(self, fine: np.ndarray, sigma: float, factor: int) -> tuple[np.ndarray, float]:
        """Return the coarse planes, and the variance of their blur; a little wider along one axis."""
        if sigma == 0 and factor == 1:
            return fine, 0.0
        skew = math.exp(self._random.uniform(-0.08, 0.08))
        widths = [torch.full((len(fine),), one, dtype=torch.float64) for one in (sigma * skew, sigma / skew)]
        level = fine.mean()
        planes = torch.from_numpy((fine - level)[:, np.newaxis]).float()
        coarse = blur_and_average(planes, widths[0].float(), widths[1].float(), factor)
        return coarse[:, 0].double().numpy() + level, sigma**2 * (skew**2 + skew**-2) / 2

    def _finished(
        self,
        clean: list[np.ndarray],
        variance: float,
        factor: int,
        spread: float,
        own: float,
        kind: int,
        source: str,
        *,
        eight: bool,
        step: float = 0.0,
    ) -> tuple | None:
        """Return a sample: noise, rounding, compression and warp added to clean planes."""
        draws = self._random
        if spread <= 0:
            return None
        if kind != 2 and draws.uniform() < _LAKE_SHARE:
            ground = clean[0].mean() + spread * draws.normal()
            clean = clean + [ground + 0.05 * spread * _flat(draws, 96) for _ in range(draws.randint(1, 3))]
        amount = spread * math.exp(draws.uniform(math.log(2e-3), math.log(0.3)))
        if kind == 2:
            amount = math.exp(draws.uniform(math.log(0.05), math.log(20)))
        elif draws.uniform() < _ZERO_NOISE_SHARE:
            amount = 0.0
        coded = draws.randint(60, 96) if eight and draws.uniform() < _JPEG_SHARE else 0
        step = self._step(step, spread, amount, kind)
        warp = _Warp(draws) if draws.uniform() < _WARPED_SHARE else None
        shot = draws.uniform() < 0.3
        parts: list[BlockStatistics] = []
        errors = []
        for plane in clean:
            ground = plane
            width = np.full(plane.shape, amount)
            if shot:
                signal = plane - plane.min() + 1e-9
                width = amount * np.sqrt(0.3 + 0.7 * signal / signal.mean())
            image = plane + width * draws.standard_normal(plane.shape)
            if step and warp is None:
                image = np.rint(image / step) * step
            if coded:
                image = compressed(torch.from_numpy(image).float(), coded).double().numpy()
            if warp is not None:
                image, ground = warp(image), warp(ground)
                if step:
                    image = np.rint(image / step) * step
            parts.append(block_statistics(image))
            errors.append(float(np.mean((image - ground) ** 2)))
        found = features(BlockStatistics.joined(parts))
        if found is None:
            return None
        noise = math.sqrt(float(np.mean(errors)))
        variance += 0.0 if warp is None else warp.variance
        return found.values, found.level, variance, factor, noise, own, bool(coded), kind, source

    def _step(self, step: float, spread: float, amount: float, kind: int) -> float:
        """Return the step that values are rounded to."""
        pick = self._random.uniform()
        if kind == 2:
            return 1.0 if pick < 0.6 else 0.0
        if pick < 0.25:
            return spread * math.exp(self._random.uniform(math.log(0.02), math.log(0.4)))
        return step if pick < 0.8 else 0.0


class _Warp:
    """Bicubic resampling onto a grid that is moved, and perhaps stretched a little (Keys, a = -0.5)."""

    def __init__(self, draws: np.random.RandomState) -> None:
        self._starts = draws.uniform(0, 1, 2)
        self._stretch = 1 + (draws.uniform(-0.05, 0.05) if draws.uniform() < 0.6 else 0.0)
        # The Gaussian that has the same response, on average, at half of the Nyquist frequency.
        response = [
            np.abs((weights * np.exp(-0.5j * np.pi * np.arange(4))).sum(axis=1)).mean()
            for weights in (self._weights(128, start)[1] for start in self._starts)
        ]
        self.variance = float(-np.log(response).mean() / (2 * np.pi**2 / 16))

    def _weights(self, size: int, start: float) -> tuple[np.ndarray, np.ndarray]:
        places = 2 + start + self._stretch * np.arange(int((size - 6) / self._stretch))
        first = np.floor(places).astype(int)
        away = np.abs((places - first)[:, np.newaxis] - np.arange(-1, 3))
        near = (1.5 * away - 2.5) * away**2 + 1
        far = ((-0.5 * away + 2.5) * away - 4) * away + 2
        return first, np.where(away <= 1, near, far)

    def __call__(self, plane: np.ndarray) -> np.ndarray:
        for start in self._starts:
            first, weights = self._weights(len(plane), start)
            plane = sum(weights[:, k, np.newaxis] * plane[first + k - 1] for k in range(4))
            plane = plane.T
        return np.ascontiguousarray(plane)


def _flat(draws: np.random.RandomState, side: int) -> np.ndarray:
    """Return quiet ground: a level, and a gentle slope in half of the cases."""
    rows, cols = np.mgrid[:side, :side] / side
    slope = draws.normal(size=2) * (draws.uniform() < 0.5)
    return draws.uniform(50, 200) + slope[0] * rows + slope[1] * cols


def _scene(draws: np.random.RandomState, side: int) -> np.ndarray:
    """Return shapes that cover each other, over and under fractal ground, sampled at points."""
    frequency = np.hypot(np.fft.fftfreq(side)[:, np.newaxis], np.fft.rfftfreq(side))
    frequency[0, 0] = 1.0

    def fractal() -> np.ndarray:
        amplitude = frequency ** -draws.uniform(1.0, 2.4)
        amplitude[0, 0] = 0.0
        phase = np.exp(2j * np.pi * draws.uniform(size=frequency.shape))
        field = np.fft.irfft2(amplitude * phase, s=(side, side))
        return field / field.std()

    scene = fractal() * draws.uniform(0.0, 1.0)
    smallest = draws.uniform(4, 16)
    for _ in range(int(draws.choice((30, 150, 500)))):
        size = smallest * (1 - draws.uniform(0, 0.97)) ** (-0.5 if draws.uniform() < 0.5 else -1.0)
        size = min(size, side / 3)
        centre = draws.uniform(0, side, 2)
        reach = int(1.5 * size) + 2
        rows = slice(max(0, int(centre[0]) - reach), int(centre[0]) + reach)
        cols = slice(max(0, int(centre[1]) - reach), int(centre[1]) + reach)
        y, x = np.ogrid[rows.start : min(rows.stop, side), cols.start : min(cols.stop, side)]
        y, x = y - centre[0], x - centre[1]
        turn = draws.uniform(0, np.pi)
        along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        if draws.uniform() < 0.4:
            inside = np.hypot(along, across) < size
        else:
            inside = (np.abs(along) < size) & (np.abs(across) < size * draws.uniform(0.1, 1.0))
        scene[rows, cols] = np.where(inside, draws.normal() + 0.2 * scene[rows, cols], scene[rows, cols])
    return scene + fractal() * draws.uniform(0.0, 0.3)


@dataclass(frozen=True)
class FitOptions:
    """How the perceptron is fitted."""

    members: int = 5
    width: int = 64
    epochs: int = 30
    batch: int = 256
    rate: float = 2e-3
    decay: float = 1e-4
    seed: int = 1


class Members(torch.nn.Module):
    """All members side by side: weights ``(members, in, out)``."""

    def __init__(self, members: int, sizes: Sequence[int], generator: torch.Generator) -> None:
        super().__init__()
        self.weights = torch.nn.ParameterList()
        self.biases = torch.nn.ParameterList()
        for inside, outside in zip(sizes[:-1], sizes[1:]):
            weight = torch.randn(members, inside, outside, generator=generator) * math.sqrt(1.6 / inside)
            self.weights.append(torch.nn.Parameter(weight))
            self.biases.append(torch.nn.Parameter(torch.zeros(members, 1, outside)))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return ``(members, samples, 4)`` of values ``(members, samples, features)``."""
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases)):
            values = torch.baddbmm(bias, values, weight)
            if number < len(self.weights) - 1:
                values = torch.nn.functional.silu(values)
        return values


def fitted(samples: Samples, how: FitOptions, own: Mapping[str, float] = OWN_BLUR) -> dict[str, np.ndarray]:
    """Return the arrays of ``estimator.npz``, fitted to samples.

    Each member sees every sample once an epoch, in an order of its own; the rate falls along a cosine.
    """
    generator = torch.Generator().manual_seed(how.seed)
    mean, scale = samples.values.mean(axis=0), samples.values.std(axis=0) + 1e-3
    values = torch.from_numpy(np.clip((samples.values - mean) / scale, -LIMIT, LIMIT)).float()
    labels = torch.from_numpy(np.stack([samples.blur(own), samples.noise_ratio()], axis=1)).float()
    # Where the truth's own noise may be as strong as what was added, the label is a guess.
    sure = np.where((samples.noise > samples.own_noise) & ~samples.coded, 1.0, 0.2)
    weights = torch.from_numpy(np.stack([np.ones(len(samples)), sure], axis=1)).float()
    members = Members(how.members, (values.shape[1], how.width, how.width, 4), generator)
    optimiser = torch.optim.AdamW(members.parameters(), lr=how.rate, weight_decay=how.decay)
    batch = min(how.batch, len(values))
    steps = how.epochs * (len(values) // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, how.rate, total_steps=max(steps, 1), pct_start=0.1
    )
    for _ in range(how.epochs):
        orders = torch.stack([torch.randperm(len(values), generator=generator) for _ in range(how.members)])
        for start in range(0, len(values) - batch + 1, batch):
            chosen = orders[:, start : start + batch]
            found = members(values[chosen])
            spread = found[..., 1::2].clamp(*SPREADS)
            error = (found[..., 0::2] - labels[chosen]) * torch.exp(-spread)
            # Beyond three spreads the loss grows linearly: a few odd samples do not rule.
            loss = spread + torch.where(error.abs() < 3, 0.5 * error**2, 3 * error.abs() - 4.5)
            loss = (loss * weights[chosen]).mean(dim=(1, 2)).sum()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(members.parameters(), 5.0)
            optimiser.step()
            schedule.step()
    arrays = {"mean": mean, "scale": scale}
    for number, (weight, bias) in enumerate(zip(members.weights, members.biases)):
        arrays[f"weight{number}"] = weight.detach().numpy()
        arrays[f"bias{number}"] = bias.detach().numpy()[:, 0]
    arrays[f"bias{len(members.biases) - 1}"][:, 1::2] += np.log(UNSEEN)
    return {name: array.astype(np.float32) for name, array in arrays.items()}


def write(arrays: Mapping[str, np.ndarray], path: Path) -> None:
    """Write the weights; the file appears whole."""
    with workplace(path) as folder:
        part = folder / "estimator.npz"
        np.savez_compressed(part, **dict(arrays))  # type: ignore[arg-type]
        part.replace(path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train the estimator of blur and noise on a patch store."""
    parser = argparse.ArgumentParser(prog="python -m srsat_qgis.training.estimator", description=main.__doc__)
    parser.add_argument("store", type=Path, help="folder of a patch store")
    parser.add_argument("output", type=Path, help="file of the weights (.npz)")
    parser.add_argument("--rasters", type=int, default=10000, help="number of samples")
    parser.add_argument("--epochs", type=int, default=FitOptions.epochs, help="passes over the samples")
    parser.add_argument("--seed", type=int, default=1, help="of samples and fit")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    samples = SampleMaker(PatchStore(options.store), options.seed).draw(options.rasters)
    write(fitted(samples, FitOptions(epochs=options.epochs, seed=options.seed)), options.output)
    sys.stdout.write(f"{options.output}: fitted to {len(samples)} rasters\n")


if __name__ == "__main__":
    main()
