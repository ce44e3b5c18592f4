"""Measures of held-out patches in digital numbers: PSNR, SSIM, spectral angle, ERGAS, consistency with the input.

The definitions are those of ``srsat_qgis.core.metrics``, taken over patches: each patch is scored, the scores of a
group are averaged, and so are the groups.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Callable

import numpy as np
import torch

from srsat_qgis.core.metrics.spectral_angle import spectral_angles
from srsat_qgis.core.metrics.ssim import SIZE, ssim_map

MEASURES = ("psnr", "ssim", "sam", "ergas", "consistency")
"""PSNR in dB, SSIM, mean spectral angle in degrees, ERGAS, mean deviation from the input as a share of its spread."""


def measured(
    test: np.ndarray, truth: np.ndarray, *, data_range: float | None, ratio: int
) -> dict[str, float]:
    """Return the measures of one patch that its truth and bands allow.

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
    """Return the mean absolute difference between an image made coarse again and its input, as a share of the spread.

    Parameters
    ----------
    image, coarse : Tensor, shape (C, H, W)
        In the same values.
    degrade : callable
        Makes ``(1, C, H, W)`` coarse.
    """
    again = degrade(image[None])[0]
    spread = float(coarse.std(dim=(1, 2)).mean())
    return float((again - coarse).abs().mean()) / max(spread, 1e-12)


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
