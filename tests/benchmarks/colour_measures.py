"""Measures of colour images, bytes of red, green and blue: what the benchmarks with and without PyTorch share."""

from __future__ import annotations

import numpy as np

from srsat_qgis.core.types import LUMA

BYTE = 255.0


def luma(image: np.ndarray) -> np.ndarray:
    """Return Y of red, green and blue."""
    return np.tensordot(np.asarray(LUMA), image.astype(np.float64), axes=1)


def chroma(image: np.ndarray) -> np.ndarray:
    """Return Cb and Cr in grey levels, without their offset."""
    y = luma(image)
    return np.stack([(image[2] - y) / 1.772, (image[0] - y) / 1.402])


def lab(image: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* (D65) of sRGB bytes (3, ...)."""
    share = image.astype(np.float64) / BYTE
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    white = matrix.sum(axis=1)
    xyz = np.tensordot(matrix, linear, axes=1) / white.reshape(-1, *[1] * (image.ndim - 1))
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return the colour difference of L*a*b* (3, ...); Sharma, Wu and Dalal 2005, doi:10.1002/col.20070."""
    c_mean = (np.hypot(one[1], one[2]) + np.hypot(two[1], two[2])) / 2
    g = 0.5 * (1 - np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7)))
    a1, a2 = (1 + g) * one[1], (1 + g) * two[1]
    c1, c2 = np.hypot(a1, one[2]), np.hypot(a2, two[2])
    h1, h2 = np.degrees(np.arctan2(one[2], a1)) % 360, np.degrees(np.arctan2(two[2], a2)) % 360
    grey = c1 * c2 == 0
    turn = (h2 - h1 + 180) % 360 - 180
    # Opposite hues: the standard takes the positive turn.
    turn = np.where(grey, 0.0, np.where(turn == -180, 180.0, turn))
    apart = np.abs(h1 - h2) > 180
    total = h1 + h2
    h_mean = np.where(
        grey, total, np.where(~apart, total / 2, np.where(total < 360, total / 2 + 180, total / 2 - 180))
    )
    l_mean, cc = (one[0] + two[0]) / 2, (c1 + c2) / 2

    def cosine(factor: float, offset: float) -> np.ndarray:
        return np.cos(np.radians(factor * h_mean + offset))

    t = 1 - 0.17 * cosine(1, -30) + 0.24 * cosine(2, 0) + 0.32 * cosine(3, 6) - 0.20 * cosine(4, -63)
    s_l = 1 + 0.015 * (l_mean - 50) ** 2 / np.sqrt(20 + (l_mean - 50) ** 2)
    s_c, s_h = 1 + 0.045 * cc, 1 + 0.015 * cc * t
    rotation = (
        -np.sin(np.radians(60 * np.exp(-(((h_mean - 275) / 25) ** 2))))
        * 2
        * np.sqrt(cc**7 / (cc**7 + 25.0**7))
    )
    dl, dc = (two[0] - one[0]) / s_l, (c2 - c1) / s_c
    dh = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2)) / s_h
    return np.sqrt(np.maximum(dl**2 + dc**2 + dh**2 + rotation * dc * dh, 0))


def power(plane: np.ndarray) -> tuple[float, float]:
    """Return the power between 0.125 and 0.25, and between 0.25 and 0.5 cycles a pixel."""
    window = np.outer(np.hanning(plane.shape[0]), np.hanning(plane.shape[1]))
    spectrum = np.abs(np.fft.rfft2((plane - plane.mean()) * window)) ** 2
    radius = np.hypot(np.fft.fftfreq(plane.shape[0])[:, None], np.fft.rfftfreq(plane.shape[1])[None])
    return tuple(
        float(spectrum[(radius >= low) & (radius < high)].sum()) for low, high in ((0.125, 0.25), (0.25, 0.5))
    )


def psnr(image: np.ndarray, truth: np.ndarray) -> float:
    return 10 * float(np.log10(BYTE**2 / max(((image - truth) ** 2).mean(), 1e-9)))
