"""Losses that compare what surrounds a pixel: SSIM and gradients."""

from __future__ import annotations

import torch
from torch.nn import functional

from srsat_qgis.core.errors import InvalidSetting, ShapeMismatch
from srsat_qgis.training.losses.interface import mean

K1, K2 = 0.01, 0.03
SPREADS = 4.0  # a band's range in standard deviations, where nobody knows its real one


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

    def __call__(
        self, prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
    ) -> torch.Tensor:
        """Return 0 for equal images, at most 2.

        Raises
        ------
        ShapeMismatch
            If the images are smaller than a window.
        """
        del base
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


def gradient(
    prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """Return the mean absolute error of the differences between neighbours, along rows and along columns."""
    del base, floor
    error = prediction - truth
    return 0.5 * (mean(error.diff(dim=2).abs()) + mean(error.diff(dim=3).abs()))
