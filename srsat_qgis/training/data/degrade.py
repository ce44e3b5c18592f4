"""Degrades fine images to coarse ones on the fly: blur, decimation, noise, JPEG, rounding."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from srsat_qgis.core.degradation.kernels import mtf_sigma
from srsat_qgis.core.errors import InvalidSetting, TrainingError
from srsat_qgis.training.networks.layers import cubic_weight

LARGEST = 255
RGB = 3


def looks_8_bit(planes: torch.Tensor, quantum: torch.Tensor) -> torch.Tensor:
    """Return which planes can be what an 8-bit image holds: whole steps, and values of 0 to 255.

    Parameters
    ----------
    planes : Tensor, shape (N, 1, H, W)
        Before any blur or noise.
    quantum : Tensor, shape (N,)
        Step of each plane's values; 0: continuous.

    Returns
    -------
    Tensor of bool, shape (N,)
    """
    return (quantum >= 1) & (planes.amin(dim=(1, 2, 3)) >= 0) & (planes.amax(dim=(1, 2, 3)) <= LARGEST)


def compressed(image: torch.Tensor, quality: int) -> torch.Tensor:
    """Return an image rounded to 8 bits, written as JPEG of a quality of 1 to 95, and read again.

    A plane ``(H, W)`` is written as grey; red, green and blue ``(3, H, W)`` as colour, whose chroma JPEG halves.

    Raises
    ------
    TrainingError
        If Pillow, which does the compression, is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise TrainingError("degradation by JPEG takes the package pillow, which is not installed") from error
    pixels = image.detach().round().clamp(0, LARGEST).to(torch.uint8).cpu().numpy()
    colour = pixels.ndim > 2
    if colour:
        pixels = np.ascontiguousarray(pixels.transpose(1, 2, 0))
    with io.BytesIO() as stream:
        Image.fromarray(pixels).save(stream, format="JPEG", quality=quality)
        stream.seek(0)
        with Image.open(stream) as read:
            values = np.array(read, np.float32)
    if colour:
        values = np.ascontiguousarray(values.transpose(2, 0, 1))
    return torch.from_numpy(values).to(image.device)


TRUNCATE = 4.0
"""Kernels of a known MTF end at this many standard deviations."""

# Steps that the spread of a coarsely quantised image holds: 8-bit rasters of a dark or hazy scene.
_STEPS = (3.0, 40.0)


@dataclass(frozen=True)
class Coarse:
    """Coarse images, and what a network is told of them."""

    image: torch.Tensor
    """Shape (N, C, H, W)."""
    blur: torch.Tensor
    """Standard deviation of each band's Gaussian in coarse pixels, (N, C); where the MTF is known, 0."""
    noise: torch.Tensor
    """Standard deviation of each band's noise, that of rounding included, in digital numbers, (N, C)."""
    mean: torch.Tensor
    """Of each band, in digital numbers, (N, C)."""
    spread: torch.Tensor
    """Standard deviation of each band's pixels, above 0, likewise."""


@dataclass(frozen=True)
class Degrader:
    """How coarse images arise; lengths in coarse pixels."""

    scale: int
    sigma: tuple[float, float] = (0.30, 0.85)
    """Range of the Gaussian's standard deviation."""
    spread: float | None = None
    """Bands and inputs of one sample share a blur, from which each one differs by up to this; None: none is shared."""
    anisotropy: float = 0.15
    """Standard deviations along rows and columns differ by up to this share."""
    noise_share: float = 0.3
    """Share of samples that get noise."""
    noise: float = 0.01
    """Largest standard deviation of the noise, as a share of the image's own."""
    rounding_share: float = 0.8
    """Share of samples that are rounded to the step of their source."""
    mtf: tuple[float, ...] | None = None
    """Response at the coarse Nyquist frequency, one number for all planes or one a band; instead of ``sigma`` and
    the area mean. Planes come band by band: plane ``k`` is of band ``k`` modulo the number of bands. The sensors'
    values are in ``core.degradation.kernels.preset_mtf``."""
    jpeg_share: float = 0.0
    """Share of samples of 8-bit images that are compressed as JPEG; others never are."""
    jpeg_quality: tuple[int, int] = (40, 95)
    """Range of its quality."""
    colour: bool = False
    """Three bands that come together are one picture in red, green and blue: JPEG takes them together, and they are
    noisy together, each to the same share of its own spread."""
    second_order_share: float = 0.0
    """Share of samples that go through blur, noise and JPEG once more, at the coarse pixels, as images that were
    processed before their publication."""
    noise_low: float | None = None
    """Smallest standard deviation of the noise: from here to ``noise`` its logarithm is uniform; None: it is uniform
    from 0."""
    signal_share: float = 0.0
    """Share of the samples with noise whose noise grows with the root of the signal, as photons' does."""
    warp_share: float = 0.0
    """Share of samples that are resampled once by cubic convolution, as warped products are."""
    coarse_steps_share: float = 0.0
    """Share of samples that are rounded to a step of 1/40 to 1/3 of their own spread."""
    blur_error: float = 0.0
    """Standard deviation of the error of the blur that a network is told, in coarse pixels."""
    noise_error: float = 0.0
    """The same of the logarithm of the noise."""
    level_error: float = 0.0
    """The same of the logarithm of the spread, and, in spreads, of the mean: a crop is not the whole raster."""

    def __post_init__(self) -> None:
        """Refuse values without meaning."""
        low, high = self.sigma
        if self.scale < 2 or not 0 <= low <= high:
            raise InvalidSetting(
                f"degradation: scale {self.scale}, sigma {self.sigma}; expected scale >= 2 and 0 <= low <= high"
            )
        if self.mtf is not None and not self.mtf:
            raise InvalidSetting("degradation: mtf is empty; expected numbers above 0 and below 1")
        for value in self.mtf or ():
            mtf_sigma(value, scale=self.scale)
        if self.noise_low is not None and not 0 < self.noise_low <= self.noise:
            raise InvalidSetting(
                f"degradation: noise_low is {self.noise_low}, expected a number above 0 and at most noise, {self.noise}"
            )
        worst, best = self.jpeg_quality
        if not 1 <= worst <= best <= 95:
            raise InvalidSetting(
                f"degradation: jpeg_quality is {self.jpeg_quality}; expected 1 <= low <= high <= 95"
            )

    def __call__(
        self,
        fine: torch.Tensor,
        quantum: torch.Tensor,
        generator: torch.Generator,
        shared: torch.Tensor | None = None,
        bands: int = 1,
    ) -> Coarse:
        """Return coarse images.

        Parameters
        ----------
        fine : Tensor, shape (N, 1, H, W)
            In digital numbers; H and W are multiples of the scale.
        quantum : Tensor, shape (N,)
            Step of each sample's values; 0: continuous.
        generator : torch.Generator
            The random state, on the device of the images.
        shared : Tensor, optional, shape (N,)
            The blur that each image shares with others; see ``spread``.
        bands : int
            Images that follow each other and are the bands of one sample; N is a multiple of it.

        Returns
        -------
        Coarse
            With images of shape (N, 1, H / scale, W / scale).
        """
        # Where a share is 0 nothing is drawn for it, so that recipes without it keep their random numbers.
        joint = bands if self.colour and bands == RGB else 1
        coarse, blur = self._sampled(fine, generator, shared)
        coarse, noise = self._noisy(coarse, generator, joint)
        if self.warp_share:
            coarse, blur, noise = self._warped(coarse, blur, noise, generator)
        if self.jpeg_share or self.second_order_share:
            eligible = looks_8_bit(fine, quantum)
            coarse = self._coded(coarse, eligible, self.jpeg_share, generator, joint)
            coarse, blur, noise = self._again(coarse, blur, noise, eligible, generator, joint)
        step = torch.where(
            _uniform(len(fine), generator) < self.rounding_share, quantum, torch.zeros_like(quantum)
        )
        if self.coarse_steps_share:
            step = self._coarse_steps(coarse, step, generator)
        noise = (noise**2 + step**2 / 12).sqrt()
        if self.blur_error:
            blur = (blur + self.blur_error * _normal(len(fine), generator)).clamp(min=0)
        if self.noise_error:
            noise = noise * (self.noise_error * _normal(len(fine), generator)).exp()
        coarse = rounded(coarse, step)
        mean, spread = self._levels(coarse, step, generator)
        return Coarse(coarse, *(fact.view(-1, 1) for fact in (blur, noise, mean, spread)))

    def _levels(
        self, coarse: torch.Tensor, step: torch.Tensor, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean and spread that a network is told, ``(N,)``."""
        mean = coarse.mean(dim=(1, 2, 3))
        # Of a constant image, any spread will do.
        least = torch.maximum(0.25 * step, 1e-6 * mean.abs() + 1e-12)
        spread = torch.maximum(coarse.std(dim=(1, 2, 3)), least)
        if self.level_error:
            mean = mean + self.level_error * _normal(len(coarse), generator) * spread
            spread = spread * (self.level_error * _normal(len(coarse), generator)).exp()
        return mean, spread

    def _sampled(
        self, fine: torch.Tensor, generator: torch.Generator, shared: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the blurred images, and the standard deviations of their blur ``(N,)``."""
        if self.mtf is not None:
            sigmas = [mtf_sigma(value, scale=self.scale) for value in self.mtf]
            if len(fine) % len(sigmas):
                raise InvalidSetting(
                    f"degradation: {len(sigmas)} values of mtf do not fit {len(fine)} planes"
                )
            return blur_and_decimate(fine, sigmas, self.scale), torch.zeros(len(fine), device=fine.device)
        rows, cols = self._widths(len(fine), generator, shared)
        return blur_and_average(fine, rows, cols, self.scale), (rows * cols).sqrt()

    def common(self, count: int, generator: torch.Generator) -> torch.Tensor:
        """Return a blur for each of so many samples, ``(count,)``, for their bands and inputs to share."""
        low, high = self.sigma
        return low + (high - low) * _uniform(count, generator)

    def _widths(
        self, count: int, generator: torch.Generator, shared: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return standard deviations along rows and columns, ``(N,)``."""
        low, high = self.sigma
        if shared is None:
            sigma = low + (high - low) * _uniform(count, generator)
        else:
            sigma = (shared + (self.spread or 0.0) * (2 * _uniform(count, generator) - 1)).clamp(min=0.0)
        skew = 1 + self.anisotropy * (_uniform(count, generator) - 0.5)
        return sigma * skew, sigma / skew

    def _noisy(
        self, coarse: torch.Tensor, generator: torch.Generator, joint: int = 1
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the images with noise, and its standard deviations ``(N,)``."""
        count, spread = len(coarse), coarse.std(dim=(1, 2, 3))
        samples = count // joint
        share = _uniform(samples, generator)
        if self.noise_low is None:
            share = self.noise * share
        else:
            share = self.noise_low * (self.noise / self.noise_low) ** share
        share = share * (_uniform(samples, generator) < self.noise_share)
        level = share.repeat_interleave(joint) * spread
        noise = torch.randn(tuple(coarse.shape), generator=generator, device=generator.device)
        if self.signal_share:
            low = coarse.amin(dim=(2, 3), keepdim=True)
            signal = (coarse - low) / (coarse - low).mean(dim=(2, 3), keepdim=True).clamp(min=1e-12)
            grows = (_uniform(count, generator) < self.signal_share).view(-1, 1, 1, 1)
            noise = torch.where(grows, noise * signal.sqrt(), noise)
        return coarse + level.view(-1, 1, 1, 1) * noise, level

    def _warped(
        self, coarse: torch.Tensor, blur: torch.Tensor, noise: torch.Tensor, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return images moved by a part of a pixel and back, and what their blur and noise have become."""
        count = len(coarse)
        wanted = _uniform(count, generator) < self.warp_share
        lines = [there_and_back(0.5 * _uniform(count, generator)) for _ in range(2)]
        padded = functional.pad(coarse.transpose(0, 1), (3, 3, 3, 3), mode="reflect")
        moved = functional.conv2d(padded, lines[0].view(count, 1, -1, 1), groups=count)
        moved = functional.conv2d(moved, lines[1].view(count, 1, 1, -1), groups=count).transpose(0, 1)
        added = sum(equivalent_variance(line) for line in lines) / 2
        passed = (lines[0].square().sum(dim=1) * lines[1].square().sum(dim=1)).sqrt()
        return (
            torch.where(wanted.view(-1, 1, 1, 1), moved, coarse),
            torch.where(wanted, (blur**2 + added).sqrt(), blur),
            torch.where(wanted, noise * passed, noise),
        )

    def _coarse_steps(
        self, coarse: torch.Tensor, step: torch.Tensor, generator: torch.Generator
    ) -> torch.Tensor:
        wanted = _uniform(len(coarse), generator) < self.coarse_steps_share
        low, high = _STEPS
        steps = low * (high / low) ** _uniform(len(coarse), generator)
        own = coarse.std(dim=(1, 2, 3)) / steps
        return torch.where(wanted & (own > step), own, step)

    def _coded(
        self,
        coarse: torch.Tensor,
        eligible: torch.Tensor,
        share: float,
        generator: torch.Generator,
        joint: int = 1,
    ) -> torch.Tensor:
        samples = len(coarse) // joint
        wanted = (_uniform(samples, generator) < share) & eligible.view(samples, joint).all(dim=1)
        low, high = self.jpeg_quality
        quality = (low + (high - low) * _uniform(samples, generator)).round().int().tolist()
        coarse = coarse.clone()
        for number in wanted.nonzero().flatten().tolist():
            place = slice(number * joint, (number + 1) * joint)
            plain = coarse[place, 0] if joint > 1 else coarse[number, 0]
            coarse[place, 0] = compressed(plain, quality[number])
        return coarse

    def _again(
        self,
        coarse: torch.Tensor,
        blur: torch.Tensor,
        noise: torch.Tensor,
        eligible: torch.Tensor,
        generator: torch.Generator,
        joint: int = 1,
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        samples = len(coarse) // joint
        wanted = (_uniform(samples, generator) < self.second_order_share).repeat_interleave(joint)
        rows, cols = (width.repeat_interleave(joint) for width in self._widths(samples, generator))
        again, added = self._noisy(blur_and_average(coarse, rows, cols, 1), generator, joint)
        again = self._coded(again, eligible & wanted, float(self.jpeg_share > 0), generator, joint)
        # What a Gaussian leaves of white noise, along both axes.
        passed = (
            gaussian_line(rows, 8).square().sum(dim=1) * gaussian_line(cols, 8).square().sum(dim=1)
        ).sqrt()
        return (
            torch.where(wanted.view(-1, 1, 1, 1), again, coarse),
            torch.where(wanted, (blur**2 + rows * cols).sqrt(), blur),
            torch.where(wanted, ((noise * passed) ** 2 + added**2).sqrt(), noise),
        )


def degraded(
    degrade: Degrader,
    image: torch.Tensor,
    quantum: torch.Tensor,
    generator: torch.Generator,
    shared: torch.Tensor | None = None,
) -> Coarse:
    """Return ``(N, C, H, W)`` degraded; each band has noise of its own, and a blur, unless one is shared."""
    count, bands = image.shape[:2]
    planes = image.reshape(count * bands, 1, *image.shape[2:])
    each = None if shared is None else shared.repeat_interleave(bands)
    coarse = degrade(planes, quantum.repeat_interleave(bands), generator, each, bands)
    return Coarse(
        coarse.image.reshape(count, bands, *coarse.image.shape[2:]),
        *(fact.reshape(count, bands) for fact in (coarse.blur, coarse.noise, coarse.mean, coarse.spread)),
    )


def _uniform(count: int, generator: torch.Generator) -> torch.Tensor:
    """Return numbers of 0 to 1, one a sample."""
    return torch.rand(count, generator=generator, device=generator.device)


def _normal(count: int, generator: torch.Generator) -> torch.Tensor:
    """Return normally distributed numbers, one a sample."""
    return torch.randn(count, generator=generator, device=generator.device)


def there_and_back(phase: torch.Tensor) -> torch.Tensor:
    """Return the kernels ``(N, 7)`` of cubic convolution to a part of a pixel ``(N,)`` away, and back again.

    The image does not move: the kernels are symmetric.
    """
    there = torch.tensor([[cubic_weight(tap - part) for tap in range(-1, 3)] for part in phase.tolist()])
    there = there.to(phase.device)
    count = len(there)
    # A correlation with the same taps leads back.
    padded = functional.pad(there.view(1, count, 4), (3, 3))
    return functional.conv1d(padded, there.view(count, 1, 4), groups=count).view(count, 7)


def equivalent_variance(lines: torch.Tensor) -> torch.Tensor:
    """Return the variance ``(N,)`` of the Gaussian with a kernel's response at a quarter cycle a pixel.

    There, half-way to Nyquist, an image still has signal, and its blur shows.
    """
    taps = torch.arange(lines.shape[1], device=lines.device) - lines.shape[1] // 2
    response = (lines * torch.cos(0.5 * math.pi * taps)).sum(dim=1).clamp(min=1e-3, max=1.0)
    return -2 * response.log() / (0.5 * math.pi) ** 2


def gaussian_line(sigma: torch.Tensor, radius: int) -> torch.Tensor:
    """Return normalised kernels ``(N, 2 * radius + 1)`` of standard deviations ``(N,)`` in pixels."""
    taps = torch.arange(-radius, radius + 1, dtype=torch.float32, device=sigma.device)
    line = torch.exp(-0.5 * (taps / sigma.clamp(min=1e-3)[:, None]) ** 2)
    return line / line.sum(dim=1, keepdim=True)


def blur_and_average(
    fine: torch.Tensor, sigma_rows: torch.Tensor, sigma_cols: torch.Tensor, scale: int
) -> torch.Tensor:
    """Blur each sample by its own Gaussian and average ``scale x scale`` pixels.

    Parameters
    ----------
    fine : Tensor, shape (N, 1, H, W)
        Mirrored at the border.
    sigma_rows, sigma_cols : Tensor, shape (N,)
        Standard deviations in coarse pixels, along the two axes.
    scale : int
        Fine pixels per coarse pixel.

    Returns
    -------
    Tensor, shape (N, 1, H / scale, W / scale)
        Pixel edges coincide: the image does not move.
    """
    largest = float(torch.maximum(sigma_rows, sigma_cols).max()) * scale
    radius = min(max(1, math.ceil(3.5 * largest)), min(fine.shape[-2:]) - 1)
    stack = fine.transpose(0, 1)  # (1, N, H, W): one group a sample
    count = stack.shape[1]
    level = stack.mean(dim=(2, 3), keepdim=True)  # keeps float32 exact for offsets such as kelvins
    stack = functional.pad(stack - level, (radius, radius, radius, radius), mode="reflect")
    rows = gaussian_line(sigma_rows * scale, radius).view(count, 1, -1, 1)
    cols = gaussian_line(sigma_cols * scale, radius).view(count, 1, 1, -1)
    stack = functional.conv2d(functional.conv2d(stack, rows, groups=count), cols, groups=count)
    return functional.avg_pool2d(stack + level, scale).transpose(0, 1)


def degraded_by(image: torch.Tensor, sigma: float, scale: int) -> torch.Tensor:
    """Return ``(N, C, H, W)`` after one Gaussian, in coarse pixels, and the mean over ``scale x scale`` pixels."""
    planes = image.flatten(0, 1)[:, None]
    width = torch.full((len(planes),), float(sigma), device=image.device)
    coarse = blur_and_average(planes, width, width, scale)
    return coarse.reshape(*image.shape[:2], *coarse.shape[2:])


def blur_and_decimate(fine: torch.Tensor, sigmas: Sequence[float], scale: int) -> torch.Tensor:
    """Blur by Gaussians and take the values at the centres of blocks of ``scale x scale`` pixels.

    Parameters
    ----------
    fine : Tensor, shape (N, 1, H, W)
        Mirrored at the border, the edge pixel repeated.
    sigmas : sequence of float
        Standard deviations in fine pixels; plane ``k`` takes that of ``k`` modulo their number.
    scale : int
        Fine pixels per coarse pixel.

    Returns
    -------
    Tensor, shape (N, 1, H / scale, W / scale)
        Pixel edges coincide: kernels are as even or odd in length as the scale, so that the image does not move.
    """
    margin = max(0, math.ceil(TRUNCATE * max(sigmas) - scale / 2))
    taps = torch.arange(scale + 2 * margin, dtype=torch.float32, device=fine.device)
    offsets = taps - (len(taps) - 1) / 2
    lines = torch.stack([torch.exp(-0.5 * (offsets / sigma) ** 2) for sigma in sigmas])
    lines = (lines / lines.sum(dim=1, keepdim=True)).repeat(len(fine) // len(sigmas), 1)
    stack = fine.transpose(0, 1)  # (1, N, H, W): one group a sample
    count = stack.shape[1]
    level = stack.mean(dim=(2, 3), keepdim=True)
    stack = _mirrored(stack - level, margin)
    rows, cols = lines.view(count, 1, -1, 1), lines.view(count, 1, 1, -1)
    stack = functional.conv2d(stack, rows, groups=count, stride=(scale, 1))
    stack = functional.conv2d(stack, cols, groups=count, stride=(1, scale))
    return (stack + level).transpose(0, 1)


def _mirrored(stack: torch.Tensor, margin: int) -> torch.Tensor:
    """Return the images with ``margin`` mirrored pixels on every side, the edge pixel repeated."""
    for axis in (2, 3):
        size = stack.shape[axis]
        index = torch.arange(-margin, size + margin, device=stack.device) % (2 * size)
        stack = stack.index_select(axis, torch.minimum(index, 2 * size - 1 - index))
    return stack


def rounded(image: torch.Tensor, step: torch.Tensor) -> torch.Tensor:
    """Round each sample ``(N, ...)`` to multiples of its step ``(N,)``; a step of 0 leaves it as it is."""
    wide = step.view(-1, *[1] * (image.dim() - 1))
    safe = torch.where(wide > 0, wide, torch.ones_like(wide))
    return torch.where(wide > 0, torch.round(image / safe) * safe, image)
