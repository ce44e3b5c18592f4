"""Comparison in the frequency domain."""

from __future__ import annotations

import torch

from srsat_qgis.training.losses.interface import mean


def fft(
    prediction: torch.Tensor, truth: torch.Tensor, base: torch.Tensor, floor: torch.Tensor
) -> torch.Tensor:
    """Return the mean absolute error of the Fourier amplitudes, every frequency counting alike.

    Says how much detail of every wavelength there should be, not where; after the amplitude part of Fuoli et al.,
    Fourier Space Losses for Efficient Perceptual Image Super-Resolution, ICCV 2021, arXiv:2106.00783. The transform is
    orthonormal, so that amplitudes are of the size of the pixels' spread. Means are left out.
    """
    del base, floor
    return mean((_amplitudes(prediction) - _amplitudes(truth)).abs())


def _amplitudes(image: torch.Tensor) -> torch.Tensor:
    detail = image - image.mean(dim=(2, 3), keepdim=True)
    spectrum = torch.fft.rfft2(detail, norm="ortho")
    # As sqrt, with a slope at 0; the absolute value of a complex number has none there.
    return torch.sqrt(spectrum.real**2 + spectrum.imag**2 + 1e-12)
