"""What a loss is, and those that compare images: pixel by pixel, by structure, spectrum, and spectral angle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Callable, NamedTuple

import torch
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.core.types import LUMA
from srsat_qgis.training.data.degrade import degraded_by


class Compared(NamedTuple):
    """What a loss compares.

    Images ``(N, C, H, W)`` come in the network's values: each sample standardised (mean 0, spread 1), or each band
    mapped by fixed numbers.
    """

    prediction: torch.Tensor
    truth: torch.Tensor
    base: torch.Tensor
    """The bicubic image."""
    floor: torch.Tensor
    """Squared error below which nothing is to be gained (rounding), ``(N,)``."""


Loss = Callable[[Compared], torch.Tensor]
"""Returns one number per sample, ``(N,)``."""


@dataclass(frozen=True)
class Setting:
    """Facts of a run."""

    scale: int = 1
    """Output pixels per pixel of the input that the output must agree with."""
    gain: tuple[float, ...] = (1.0,)
    """Digital numbers of a band are ``gain * value + offset``: one number, or one a band."""
    offset: tuple[float, ...] = (0.0,)
    generator: torch.Generator = field(default_factory=lambda: torch.Generator().manual_seed(0))
    """Random state of losses that draw random numbers, on the CPU; it belongs to a run's checkpoint."""


def mean(values: torch.Tensor) -> torch.Tensor:
    """Return the mean of every sample ``(N, ...)`` as ``(N,)``."""
    return values.flatten(1).mean(dim=1)


def _mean(values: torch.Tensor) -> torch.Tensor:
    # Not `mean`: it rounds differently, and trained models are to stay reproducible to the bit.
    return values.mean(dim=(1, 2, 3))


def mse(images: Compared) -> torch.Tensor:
    """Return the mean squared error."""
    return _mean((images.prediction - images.truth) ** 2)


def l1(images: Compared) -> torch.Tensor:
    """Return the mean absolute error."""
    return _mean((images.prediction - images.truth).abs())


def charbonnier(images: Compared) -> torch.Tensor:
    """Return the mean of sqrt(error^2 + 1e-6), an absolute error that is smooth at zero."""
    return _mean(torch.sqrt((images.prediction - images.truth) ** 2 + 1e-6))


def relative_mse(images: Compared) -> torch.Tensor:
    """Return the squared error as a share of the bicubic image's: below 1 is better than bicubic.

    A smooth sample counts as much as a rich one, so that no kind of image pays for the others.
    """
    return mse(images) / (_mean((images.base - images.truth) ** 2) + images.floor)


def log_gain(images: Compared) -> torch.Tensor:
    """Return minus the gain in PSNR over bicubic, as a natural logarithm: -1 is a gain of 4.34 dB."""
    return torch.log((mse(images) + images.floor) / (_mean((images.base - images.truth) ** 2) + images.floor))


def on_luma(loss: Loss) -> Loss:
    """Return a loss that compares the luma (ITU-R BT.601) of red, green and blue.

    The loss raises ShapeMismatch for images of other than three bands.
    """

    def compare(images: Compared) -> torch.Tensor:
        if images.truth.shape[1] != len(LUMA):
            raise ShapeMismatch(f"images of {images.truth.shape[1]} bands, expected red, green and blue")
        weights = torch.tensor(LUMA, device=images.truth.device).view(1, -1, 1, 1)
        prediction, truth, base = (
            (image * weights).sum(dim=1, keepdim=True)
            for image in (images.prediction, images.truth, images.base)
        )
        return loss(Compared(prediction, truth, base, images.floor))

    return compare


K1, K2 = 0.01, 0.03
# A band's range in standard deviations, where the real one is not known.
SPREADS = 4.0


class Ssim:
    """One minus the structural similarity, the mean over bands and windows.

    Wang et al., Image quality assessment: from error visibility to structural similarity, IEEE TIP 13 (2004),
    doi:10.1109/TIP.2003.819861: Gaussian windows of 11 x 11 pixels with a standard deviation of 1.5, none beyond the
    image's edge.
    """

    def __init__(self, data_range: float | None = None, window: int = 11, sigma: float = 1.5) -> None:
        """Prepare.

        Parameters
        ----------
        data_range : float, optional
            Range of the values, which begin at 0. Left out, every band of every sample gets the range of four
            standard deviations of its truth, which begins two below its mean: standardised values have no
            range and no zero of their own.
        window : int
            Odd side of the windows in pixels.
        sigma : float
            Standard deviation of their Gaussian in pixels.

        Raises
        ------
        InvalidSetting
            If a number is out of its range.
        """
        if window < 3 or window % 2 == 0 or sigma <= 0 or (data_range is not None and data_range <= 0):
            raise InvalidSetting(
                f"ssim: window {window}, sigma {sigma}, data_range {data_range}; expected an odd window of "
                "at least 3, and the others above 0"
            )
        self._data_range, self._window = data_range, window
        taps = torch.arange(window) - window // 2
        line = torch.exp(-0.5 * (taps / sigma) ** 2)
        self._line = line / line.sum()

    def __call__(self, images: Compared) -> torch.Tensor:
        """Return 0 for equal images, at most 2.

        Raises
        ------
        ShapeMismatch
            If the images are smaller than a window.
        """
        prediction, truth, _, floor = images
        if min(truth.shape[-2:]) < self._window:
            raise ShapeMismatch(
                f"images of {tuple(truth.shape[-2:])} pixels, expected at least {self._window}"
            )
        if self._data_range is None:
            low, squared = self._own_range(truth, floor)
            prediction, truth = prediction - low, truth - low
        else:
            squared = torch.full_like(truth[:, :, :1, :1], self._data_range**2)
        return 1 - mean(self._similarity(prediction, truth, squared))

    @staticmethod
    def _own_range(truth: torch.Tensor, floor: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return where each band's range begins, and the square of its length, ``(N, C, 1, 1)``."""
        variance, level = torch.var_mean(truth, dim=(2, 3), keepdim=True, correction=0)
        variance = variance + floor.view(-1, 1, 1, 1) + 1e-12  # flat bands have no range
        return level - SPREADS / 2 * variance.sqrt(), SPREADS**2 * variance

    def _similarity(self, x: torch.Tensor, y: torch.Tensor, squared: torch.Tensor) -> torch.Tensor:
        mean_x, mean_y = self._blurred(x), self._blurred(y)
        var_x = self._blurred(x * x) - mean_x**2
        var_y = self._blurred(y * y) - mean_y**2
        covariance = self._blurred(x * y) - mean_x * mean_y
        c1, c2 = K1**2 * squared, K2**2 * squared
        luminance = (2 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
        return luminance * (2 * covariance + c2) / (var_x + var_y + c2)

    def _blurred(self, image: torch.Tensor) -> torch.Tensor:
        planes = image.flatten(0, 1)[:, None]
        line = self._line.to(image)
        planes = functional.conv2d(functional.conv2d(planes, line.view(1, 1, -1, 1)), line.view(1, 1, 1, -1))
        return planes.view(*image.shape[:2], *planes.shape[2:])


def gradient(images: Compared) -> torch.Tensor:
    """Return the mean absolute error of the differences between neighbours, along rows and along columns."""
    error = images.prediction - images.truth
    return 0.5 * (mean(error.diff(dim=2).abs()) + mean(error.diff(dim=3).abs()))


def fft(images: Compared) -> torch.Tensor:
    """Return the mean absolute error of the Fourier amplitudes, every frequency counting alike.

    Says how much detail of every wavelength there should be, not where; after the amplitude part of Fuoli et al.,
    Fourier Space Losses for Efficient Perceptual Image Super-Resolution, ICCV 2021, arXiv:2106.00783. The transform is
    orthonormal, so that amplitudes are of the size of the pixels' spread. Means are left out.
    """
    return mean((_amplitudes(images.prediction) - _amplitudes(images.truth)).abs())


def _amplitudes(image: torch.Tensor) -> torch.Tensor:
    detail = image - image.mean(dim=(2, 3), keepdim=True)
    spectrum = torch.fft.rfft2(detail, norm="ortho")
    # As sqrt, with a slope at 0; the absolute value of a complex number has none there.
    return torch.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-12)


# Directions of waves that `Power` tells apart: across, down and the two between.
_QUARTERS = 4


class Power:
    """The mean absolute difference of the logarithms of local power, in rings and directions of the Fourier plane.

    Windows overlap by half. In each, the power of prediction and truth is averaged over the frequencies of a ring and
    of a quarter of all directions. Ratios count alike whether detail is strong or faint, too little as much as too
    much, and detail that runs one way where the truth's runs another costs twice. Unlike `fft`, which compares
    amplitudes one by one and is least where detail is too weak, a mean over many frequencies is least at the
    truth's power. Where inside a window the detail lies is left to other losses.
    """

    def __init__(self, scale: int, window: int = 20, rings: int = 4, floor: float = 0.1) -> None:
        """Prepare.

        Parameters
        ----------
        scale : int
            Output pixels per coarse pixel: rings begin at half of the coarse pixels' Nyquist frequency.
        window : int
            Even side of the windows in pixels.
        rings : int
            Rings of equal width up to the Nyquist frequency; the last one holds all beyond.
        floor : float
            Standard deviation of white noise, as a share of the truth's in the crop, whose power is added to both:
            what is fainter does not count.

        Raises
        ------
        InvalidSetting
            If a number is out of its range, or a ring has no frequency in a direction.
        """
        if scale < 1 or window < 4 or window % 2 or rings < 1 or floor <= 0:
            raise InvalidSetting(
                f"power: scale {scale}, window {window}, rings {rings}, floor {floor}; expected a scale of at least 1, "
                "an even window of at least 4, at least 1 ring and a floor above 0"
            )
        self._window, self._floor = window, floor
        line = torch.hann_window(window, periodic=True)
        taper = line[:, None] * line
        self._taper = taper / taper.square().mean().sqrt()
        self._bins = self._parts(window, rings, 0.25 / scale)

    @staticmethod
    def _parts(window: int, rings: int, lowest: float) -> torch.Tensor:
        """Return the weights of the frequencies in each ring and direction, shape (frequencies, parts)."""
        rows, cols = torch.fft.fftfreq(window)[:, None], torch.fft.rfftfreq(window)[None]
        radius = torch.hypot(rows, cols)
        ring = ((radius - lowest) / ((0.5 - lowest) / rings)).floor().clamp(max=rings - 1)
        turn = torch.atan2(rows, cols.expand_as(radius)) * _QUARTERS / torch.pi
        direction = turn.round() % _QUARTERS
        place = torch.where(ring >= 0, ring * _QUARTERS + direction, -1).flatten().long()
        bins = (place[:, None] == torch.arange(rings * _QUARTERS)).float()
        if (bins.sum(dim=0) == 0).any():
            raise InvalidSetting(
                f"power: window {window}, rings {rings}; expected a larger window, or fewer rings: one has no frequency"
            )
        return bins / bins.sum(dim=0)

    def __call__(self, images: Compared) -> torch.Tensor:
        """Return 0 where every part of every window has the truth's power; 0.69 where it has twice or half as much.

        Raises
        ------
        ShapeMismatch
            If the images are smaller than a window.
        """
        if min(images.truth.shape[-2:]) < self._window:
            raise ShapeMismatch(
                f"images of {tuple(images.truth.shape[-2:])} pixels, expected at least {self._window}"
            )
        variance = images.truth.var(dim=(2, 3), correction=0).mean(dim=1)
        floor = (self._floor**2 * variance + images.floor + 1e-12).view(-1, 1, 1, 1, 1)
        found, goal = (torch.log(self._power(image) + floor) for image in images[:2])
        return mean((found - goal).abs())

    def _power(self, image: torch.Tensor) -> torch.Tensor:
        """Return ``(N, C, windows down, windows across, parts)``: that of white noise is its variance."""
        step = self._window // 2
        windows = image.unfold(2, self._window, step).unfold(3, self._window, step)
        windows = (windows - windows.mean(dim=(-2, -1), keepdim=True)) * self._taper.to(image)
        spectrum = torch.fft.rfft2(windows, norm="ortho")
        power = spectrum.real**2 + spectrum.imag**2
        return power.flatten(-2) @ self._bins.to(image)


# Share of a spectrum's typical length: darker pixels have no direction.
TINY = 1e-4


class Sam:
    """The mean angle between the spectra of prediction and truth, in radians.

    Kruse et al., The spectral image processing system (SIPS), RSE 44 (1993), doi:10.1016/0034-4257(93)90013-N. Angles
    are those of digital numbers where the setting knows the way back to them; angles between standardised
    spectra, which count from each band's mean, are larger.
    """

    def __init__(self, gain: Sequence[float] = (1.0,), offset: Sequence[float] = (0.0,)) -> None:
        """Prepare; digital numbers are ``gain * value + offset``, one number each or one a band."""
        self._gain, self._offset = torch.tensor(tuple(gain)), torch.tensor(tuple(offset))

    def __call__(self, images: Compared) -> torch.Tensor:
        """Return 0 for spectra of equal directions, pi for opposite ones.

        Raises
        ------
        ShapeMismatch
            If there is one band only.
        """
        if images.truth.shape[1] < 2:
            raise ShapeMismatch("the spectral angle takes at least 2 bands, the images have 1")
        a, b = self._spectra(images.prediction), self._spectra(images.truth)
        tiny = TINY * torch.sqrt(mean(b**2)).view(-1, 1, 1, 1) + 1e-12
        a, b = (x / torch.sqrt((x**2).sum(dim=1, keepdim=True) + tiny**2) for x in (a, b))
        # Kahan's formula; the arccosine of the product has an infinite slope where the spectra agree.
        apart, together = (self._length(x) for x in (a - b, a + b))
        return mean(2 * torch.atan2(apart, together))

    def _spectra(self, image: torch.Tensor) -> torch.Tensor:
        gain, offset = (values.to(image).view(1, -1, 1, 1) for values in (self._gain, self._offset))
        return gain * image + offset

    @staticmethod
    def _length(x: torch.Tensor) -> torch.Tensor:
        return torch.sqrt((x**2).sum(dim=1) + 1e-14)


class LrConsistency:
    """The mean absolute difference between prediction and truth, both degraded to coarse pixels.

    Compared with the degraded truth instead of the input, which is the same but for the noise and the rounding that
    the prediction shall not copy. Detail that a network adds costs nothing; brightness that it moves does.
    """

    def __init__(self, scale: int, sigma: float = 0.5) -> None:
        """Prepare.

        Parameters
        ----------
        scale : int
            Output pixels per coarse pixel.
        sigma : float
            Standard deviation, in coarse pixels, of the Gaussian that precedes the area mean.

        Raises
        ------
        InvalidSetting
            If the scale is below 2 or sigma below 0.
        """
        if scale < 2 or sigma < 0:
            raise InvalidSetting(
                f"lr-consistency: scale {scale}, sigma {sigma}; expected scale >= 2, sigma >= 0"
            )
        self._scale, self._sigma = scale, sigma

    def __call__(self, images: Compared) -> torch.Tensor:
        """Return 0 where both are the same in coarse pixels."""
        return mean(degraded_by(images.prediction - images.truth, self._sigma, self._scale).abs())
